"""Driver of the option books: owns their memory, feeds records, hands out rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
import pyarrow as pa
from spymaster_ingest.units import S_PER_DAY

from spymaster_engine.door.passes import Columns
from spymaster_engine.kernels.book.bronze_records import records_in
from spymaster_engine.kernels.book.engine import Records
from spymaster_engine.kernels.book.kernel_state import DONE, GROW_ORDERS, NULL, OUTPUT_FULL
from spymaster_engine.kernels.book.order_store import grown_order_arrays, order_arrays
from spymaster_engine.kernels.options.kernel_state import (
    BOOK,
    OPTION_ORDER,
    ROW,
    SCALARS,
    SIDE,
    State,
)
from spymaster_engine.kernels.options.option_books import end_day, end_second, replay_options
from spymaster_engine.kernels.saved_state import restore_state, saved_state
from spymaster_engine.option_columns import BOOK_ROW, NULLABLE

_ORDERS = 1 << 14
_BOOKS = 1 << 9
_LEVELS = 1 << 6
_ROWS = 1 << 16


def _new_books(count: int) -> np.ndarray:
    books = np.zeros(count, BOOK)
    for name in ("last_change_ns", "clear_ts"):
        books[name] = NULL
    return books


def _new_sides(count: int) -> np.ndarray:
    sides = np.zeros((count, 2), SIDE)
    sides["price_int"] = NULL
    return sides


class OptionBooks:
    """One pass over the option records of an underlying and day.

    Feed chunks in file order, then call :meth:`finish`. Rows (``ROW``) go to ``write``, those of
    an instrument in the order of time; memory does not grow with the number of records.
    """

    SAVED: ClassVar[tuple[str, ...]] = ("_state", "_numbers")

    def __init__(self, day_start_s: int, write: Callable[[np.ndarray], None]) -> None:
        self._day_start_s = day_start_s
        self._write = write
        self._numbers: dict[int, int] = {}
        self._rows = np.zeros(_ROWS, ROW)
        self._state = State(
            scalars=np.zeros(1, SCALARS),
            **order_arrays(_ORDERS, OPTION_ORDER),
            books=_new_books(_BOOKS),
            sides=_new_sides(_BOOKS),
            keys=np.zeros((_BOOKS, 2, _LEVELS), np.int64),
            quantities=np.zeros((_BOOKS, 2, _LEVELS), np.int64),
            touched=np.zeros(_BOOKS, np.int64),
        )
        self._state.scalars["n_free"] = _ORDERS

    def feed(self, records: Records) -> None:
        """Apply a chunk of records of any options."""
        number = self._numbers_of(records.instrument_id)
        position = 0
        while True:
            position, status = replay_options(
                self._state,
                self._rows,
                number,
                records.ts_event,
                records.ts_recv,
                records.order_id,
                records.price,
                records.size,
                records.flags,
                records.action,
                records.side,
                self._day_start_s,
                position,
            )
            if status == DONE:
                return
            if status == OUTPUT_FULL:
                self._make_room()
            elif status == GROW_ORDERS:
                arrays, n_free = grown_order_arrays(self._state.orders)
                self._state = self._state._replace(**arrays)
                self._state.scalars["n_free"] = n_free
            else:
                self._grow_levels()

    def close(self, second_s: int) -> None:
        """End the seconds up to one by the clock, as a group of the next second would.

        Seconds before the first record and after the end of the day do not exist.

        Args:
            second_s: the last second to end, s UTC.
        """
        s = self._state.scalars
        last_s = min(second_s, self._day_start_s + S_PER_DAY - 1)
        if s["started"][0] and s["second"][0] <= last_s:
            self._make_room()
            end_second(self._state, self._rows)
            s["second"] = last_s + 1

    def hand_out(self) -> None:
        """Hand out the rows of the seconds that have ended."""
        n_rows = int(self._state.scalars["n_rows"][0])
        if n_rows:
            self._write(self._rows[:n_rows])
        self._state.scalars["n_rows"] = 0

    def finish(self) -> None:
        """End the last second of every book and hand out the rows that are left."""
        self._make_room()
        end_day(self._state, self._rows)
        self.hand_out()

    def _make_room(self) -> None:
        """Hand out the rows; the books of the open second and one more have room after that."""
        self.hand_out()
        needed = int(self._state.scalars["n_touched"][0]) + 1
        if needed > self._rows.size:
            self._rows = np.zeros(2 * needed, ROW)

    def _numbers_of(self, instrument_id: np.ndarray) -> np.ndarray:
        """Return the book of each record, with room made for new ones."""
        ids, places = np.unique(instrument_id, return_inverse=True)
        numbers = []
        for one in ids.tolist():
            number = self._numbers.setdefault(one, len(self._numbers))
            if number == self._state.books.shape[0]:
                self._grow_books()
            self._state.books[number]["instrument_id"] = one
            numbers.append(number)
        return np.array(numbers, np.int64)[places]

    def _grow_books(self) -> None:
        state = self._state
        self._state = state._replace(
            books=np.concatenate([state.books, _new_books(state.books.size)]),
            sides=np.concatenate([state.sides, _new_sides(state.books.size)]),
            touched=np.concatenate([state.touched, np.zeros_like(state.touched)]),
            **{
                name: np.concatenate([array, np.zeros_like(array)])
                for name in ("keys", "quantities")
                for array in (getattr(state, name),)
            },
        )

    def _grow_levels(self) -> None:
        state = self._state
        self._state = state._replace(
            **{
                name: np.concatenate([array, np.zeros_like(array)], axis=2)
                for name in ("keys", "quantities")
                for array in (getattr(state, name),)
            }
        )


class OptionPass:
    """A pass of kernel ``option_books``."""

    def __init__(self, day_start_s: int) -> None:
        """Begin a pass; ``day_start_s`` is the first second of the day."""
        self._written: list[Columns] = []
        self._books = OptionBooks(day_start_s, self._write)

    def decode(self, batch: pa.RecordBatch) -> Records:
        """Return a batch of landed orders as records."""
        return records_in(batch)

    def feed(self, records: Records) -> Iterator[Columns]:
        """Apply a chunk."""
        self._books.feed(records)
        return self._taken()

    def close(self, second_s: int) -> Iterator[Columns]:
        """End seconds by the clock."""
        self._books.close(second_s)
        return self._taken()

    def ended(self) -> Iterator[Columns]:
        """Yield the rows of ended seconds."""
        self._books.hand_out()
        return self._taken()

    def finish(self) -> Iterator[Columns]:
        """End the day."""
        self._books.finish()
        return self._taken()

    def saved(self) -> dict[str, np.ndarray]:
        """Return the state of the books."""
        return saved_state(self._books)

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Go on from a state."""
        restore_state(self._books, saved)

    def columns(self, part: Columns) -> Iterator[Columns]:
        """Yield the columns of a part, which is one output's."""
        yield part

    def summary(self) -> Iterator[Columns]:
        """Yield nothing: the rows are all that is known of the day."""
        return iter(())

    def _write(self, rows: np.ndarray) -> None:
        self._written.append(("rows", _columns(rows)))

    def _taken(self) -> Iterator[Columns]:
        written, self._written = self._written, []
        return iter(written)


def _columns(rows: np.ndarray) -> dict[str, pa.Array]:
    return {
        name: pa.array(
            np.ascontiguousarray(rows[name]),
            mask=rows[name] == NULL if name in NULLABLE else None,
        )
        for name in BOOK_ROW
    }
