"""The pass of fingerprints over the orders of a contract-day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from spymaster_engine.kernels.book.bronze_records import records_in
from spymaster_engine.kernels.book.engine import Records
from spymaster_engine.kernels.patterns.fingerprint_day import (
    FingerprintedBook,
    FingerprintSettings,
    Portion,
    iceberg_arrays,
    window_arrays,
)
from spymaster_engine.kernels.patterns.period_finder import PeriodFinder
from spymaster_engine.kernels.saved_state import restore_state, saved_state


class FingerprintPass:
    """A pass of kernel ``fingerprints``.

    Icebergs are rows once their second has ended, windows once their last one has.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        """Begin a pass.

        Args:
            settings: of the kernel.
        """
        shaped = FingerprintSettings(**settings)
        self._tick_int = shaped.tick_int
        self._book = FingerprintedBook(shaped)
        self._finder = PeriodFinder(shaped.limits())

    def decode(self, batch: pa.RecordBatch) -> Records:
        """Return a batch as records by order."""
        return records_in(batch)

    def feed(self, records: Records) -> Iterator[Portion]:
        """Apply a chunk, yielding the rows of seconds and windows that it ended."""
        self._book.observe(records)
        return self.ended()

    def close(self, second_s: int) -> Iterator[Portion]:
        """End seconds by the clock."""
        self._book.end_until(second_s)
        return iter(())

    def ended(self) -> Iterator[Portion]:
        """Yield the rows of ended seconds and windows."""
        if self._book.has_rows:
            yield self._book.portion()

    def finish(self) -> Iterator[Portion]:
        """End the day."""
        self._book.end()
        yield self._book.portion()

    def saved(self) -> dict[str, np.ndarray]:
        """Return the state of the book and of what finds periods."""
        # the finder takes the arrivals of the window that is open
        self._finder.fill(*self._book.portion()[:2])
        return {
            f"{owner}.{name}": array
            for owner, one in self._owners().items()
            for name, array in saved_state(one).items()
        }

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Go on from a state."""
        for owner, one in self._owners().items():
            prefix = f"{owner}."
            restore_state(
                one, {n.removeprefix(prefix): x for n, x in saved.items() if n.startswith(prefix)}
            )

    def columns(self, portion: Portion) -> Iterator[tuple[str, dict[str, pa.Array]]]:
        """Yield rows as columns, with the periods of windows."""
        self._finder.fill(portion.arrivals, portion.rows)
        yield "windows", window_arrays(portion.rows)
        yield "iceberg_1s", iceberg_arrays(portion.icebergs, self._tick_int)

    def summary(self) -> Iterator[tuple[str, dict[str, pa.Array]]]:
        """Yield nothing: windows and icebergs are all that is known of the day."""
        return iter(())

    def _owners(self) -> dict[str, Any]:
        return {"book": self._book, "finder": self._finder}
