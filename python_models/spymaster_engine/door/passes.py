"""Passes of kernels over the records of a day: as a whole, or advanced by chunks as they come.

A build and a live session drive the same pass and get the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import pyarrow as pa

from spymaster_engine.errors import KernelError

# columns of an output by name, with the name of the output
Columns: TypeAlias = tuple[str, dict[str, Any]]
# a pass over a stream, from the name of the stream and the settings
Begin: TypeAlias = Callable[[str, dict[str, Any]], "Pass"]


class Pass(Protocol):
    """One pass over a stream. Its rows do not depend on how the records are cut into chunks.

    A *part* holds rows of seconds that have ended, in the form that the kernel writes them.
    """

    def decode(self, batch: pa.RecordBatch) -> Any:
        """Return a batch as the records that the kernel takes."""

    def feed(self, records: Any) -> Iterator[Any]:
        """Apply records, yielding parts that are full."""

    def close(self, second_s: int) -> Iterator[Any]:
        """End the seconds up to one (s UTC) by the clock, yielding parts that are full."""

    def ended(self) -> Iterator[Any]:
        """Yield the rows of ended seconds that were not yielded before, as parts."""

    def finish(self) -> Iterator[Any]:
        """End the last group and second; yield the parts that are left."""

    def saved(self) -> dict[str, np.ndarray]:
        """Return the state as arrays, once the rows of ended seconds were yielded."""

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Go on from the state of another pass with the same settings."""

    def columns(self, part: Any) -> Iterator[Columns]:
        """Yield the columns of a part by output. They hold until the pass is advanced."""

    def summary(self) -> Iterator[Columns]:
        """Yield what is known of the day at its end; a pass that is not sound raises."""


@runtime_checkable
class QuotingPass(Protocol):
    """A pass that knows the best prices at any moment."""

    def quotes(self) -> dict[str, int | None]:
        """Return best prices and spot after the last record, by their columns; None for none."""


@runtime_checkable
class Changing(Protocol):
    """A pass some of whose settings are known only as the day goes on."""

    def change(self, **settings: Any) -> None:
        """Take other values of settings from the open second on."""


def whole_day(begin: Begin) -> Callable[..., Iterator[Columns]]:
    """Return the function that runs a kernel over each of its streams that is given."""

    def run(settings: dict[str, Any], **streams: Iterable[pa.RecordBatch] | None) -> Iterator:
        for name, batches in streams.items():
            if batches is not None:
                yield from _columns_of(begin(name, settings), batches)

    return run


def _columns_of(one: Pass, batches: Iterable[pa.RecordBatch]) -> Iterator[Columns]:
    from spymaster_engine.kernels.prefetched import prefetched

    def parts() -> Iterator[Any]:
        for records in prefetched(map(one.decode, batches)):
            yield from one.feed(records)
        yield from one.finish()

    # reading, replay and writing overlap in three threads
    for part in prefetched(parts()):
        yield from one.columns(part)
    yield from one.summary()


class RunningPass:
    """A pass of a kernel that is advanced by chunks of records, with its tables checked.

    Each step returns the rows of the seconds that it ended, as pairs of an output's name and a
    batch with memory of its own. Seconds end when a group of a later second begins, or by
    :meth:`close`. A record that comes later belongs to the second that is open.
    """

    def __init__(
        self,
        one: Pass,
        check_records: Callable[[pa.RecordBatch], pa.RecordBatch],
        check_rows: Callable[[str, Mapping[str, Any]], pa.RecordBatch],
    ) -> None:
        """Begin; see :meth:`Kernel.begun`.

        Args:
            one: the pass.
            check_records: returns the columns that the stream takes.
            check_rows: returns the columns of an output, by its name, as a batch.
        """
        self._pass = one
        self._check_records = check_records
        self._check_rows = check_rows

    def feed(self, batch: pa.RecordBatch) -> list[tuple[str, pa.RecordBatch]]:
        """Apply a chunk of records and return the rows of the seconds that it ended.

        Raises:
            KernelError: A column is missing, of another type or NULL, or the records cannot be
                turned into rows.
        """
        if not batch.num_rows:
            return []
        records = self._pass.decode(self._check_records(batch))
        return [*self._rows(self._pass.feed(records)), *self._rows(self._pass.ended())]

    def close(self, second_s: int) -> list[tuple[str, pa.RecordBatch]]:
        """End the seconds up to one by the clock and return their rows.

        A book in the middle of a group keeps its second open. Seconds before the first record and
        after the end of the day do not exist.

        Args:
            second_s: the last second to end, s UTC.
        """
        return [*self._rows(self._pass.close(second_s)), *self._rows(self._pass.ended())]

    def change(self, **settings: Any) -> None:
        """Take other values of settings from the open second on.

        Raises:
            KernelError: Its settings are those of the whole day.
        """
        if not isinstance(self._pass, Changing):
            raise KernelError(f"no setting changes during a day: {', '.join(settings)}")
        self._pass.change(**settings)

    def finish(self) -> list[tuple[str, pa.RecordBatch]]:
        """End the last group and second; return their rows and the summary of the day.

        Raises:
            KernelError: What holds over a whole day does not hold.
        """
        rows = [*self._rows(self._pass.finish())]
        return rows + [_owned(*self._checked(found)) for found in self._pass.summary()]

    def quotes(self) -> dict[str, int | None] | None:
        """Return best prices and spot after the last record, 1e-9 units, by their columns.

        They are those of the row of a second that ends now. None from a pass without a book.
        """
        return self._pass.quotes() if isinstance(self._pass, QuotingPass) else None

    def saved(self) -> dict[str, np.ndarray]:
        """Return the state as arrays by name, from which another pass can go on."""
        return self._pass.saved()

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Go on from the state of a pass of the same kernel, version and settings.

        The rows that follow are those of a pass that never stopped; the summary has no hash of
        the output.
        """
        self._pass.restore(saved)

    def _rows(self, parts: Iterator[Any]) -> Iterator[tuple[str, pa.RecordBatch]]:
        for part in parts:
            for found in self._pass.columns(part):
                name, batch = self._checked(found)
                if batch.num_rows:
                    yield _owned(name, batch)

    def _checked(self, found: Columns) -> tuple[str, pa.RecordBatch]:
        name, columns = found
        return name, self._check_rows(name, columns)


def _owned(name: str, batch: pa.RecordBatch) -> tuple[str, pa.RecordBatch]:
    """Return a batch with memory of its own: that of a pass is written anew."""
    return name, batch.take(pa.array(np.arange(batch.num_rows)))
