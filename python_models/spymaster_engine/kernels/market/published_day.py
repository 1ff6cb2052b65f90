"""Driver of the published book: one pass over the landed market by price of a contract-day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

from spymaster_engine.door.passes import Columns
from spymaster_engine.errors import KernelError
from spymaster_engine.kernels.book.bronze_records import letters
from spymaster_engine.kernels.book.kernel_state import DONE, TRADE
from spymaster_engine.kernels.compiled import read_only
from spymaster_engine.kernels.market.level_rows import LevelRows, level_rows_in, no_level_rows
from spymaster_engine.kernels.market.published_book import (
    NO_ASK,
    NO_BID,
    NOT_KNOWN,
    end_second,
    ended_seconds,
    go_to,
    new_published,
    new_seconds,
    observe_published,
    take_published,
)
from spymaster_engine.kernels.saved_state import restore_state, saved_state
from spymaster_engine.market_columns import LEVEL_NAMES
from spymaster_engine.published_book_columns import EXECUTIONS, NULLABLE, SECONDS

_COUNTS = [f"{side}_ct_{level}" for level in LEVEL_NAMES for side in ("bid", "ask")]
# executions that are kept before a pass over a whole day hands them out
_MOST_EXECUTIONS = 1 << 16


@dataclass(frozen=True)
class TradedRows:
    """A chunk of n rows with their trades; see ``observe_published`` for shapes and units."""

    levels: LevelRows
    aggressor: np.ndarray
    trade_price: np.ndarray
    trade_size: np.ndarray
    has_count: np.ndarray


class PublishedDay:
    """One pass over the rows of a contract-day.

    Feed chunks in file order, then call :meth:`finish`. Results do not depend on how the rows are
    cut into chunks.
    """

    SAVED: ClassVar = ("_state", "_executions", "_last_row", "_is_idle")
    FIRST_ROWS: ClassVar = ("_seconds",)

    def __init__(self, tick_int: int, day_start_s: int) -> None:
        """Begin a pass.

        Args:
            tick_int: Minimum price increment, 1e-9 units.
            day_start_s: 00:00 UTC of the day, seconds since the epoch.
        """
        self._tick_int = tick_int
        self._day_start_s = day_start_s
        self._state, self._seconds = new_published(), new_seconds()
        # by second, of seconds that have not been handed out
        self._executions = np.empty((0, len(EXECUTIONS)), np.int64)
        self._last_row = no_level_rows()
        # whether a clock began the current second, and no row has come since
        self._is_idle = False

    def decode(self, batch: pa.RecordBatch) -> TradedRows:
        """Return a batch of landed market by price with the trades as rows."""
        return TradedRows(
            level_rows_in(batch),
            read_only(letters(batch["side"])),
            read_only(batch["price_int"].fill_null(0).to_numpy()),
            read_only(batch["size"].fill_null(0).to_numpy()),
            read_only(_has_count(batch)),
        )

    def feed(self, rows: TradedRows) -> Iterator[Columns]:
        """Apply a chunk of rows, yielding executions of ended seconds once they are many.

        Raises:
            KernelError: A row is dated more than a minute after the end of the day.
        """
        chunk = rows.levels
        if not len(chunk):
            return
        found = np.zeros((int((chunk.action == TRADE).sum()), len(EXECUTIONS)), np.int64)
        s = self._state.scalars[0]
        s["n_executions"] = 0
        status = observe_published(
            self._state,
            self._seconds,
            found,
            self._tick_int,
            self._day_start_s * NS_PER_S,
            chunk.ts_event,
            chunk.ts_recv,
            chunk.flags,
            chunk.action,
            rows.aggressor,
            rows.trade_price,
            rows.trade_size,
            rows.has_count,
            chunk.price,
            chunk.qty,
        )
        if status != DONE:
            day = np.datetime64(self._day_start_s, "s")
            raise KernelError(f"a row is dated more than a minute after the end of {day!s:.10}")
        self._executions = np.concatenate([self._executions, found[: int(s["n_executions"])]])
        self._last_row = chunk.last()
        self._is_idle = False
        if len(self._executions) > _MOST_EXECUTIONS:
            yield from self._ended_executions()

    def close(self, second_s: int) -> Iterator[Columns]:
        """End the seconds up to one by the clock; see ``BookEngine.close``."""
        s = self._state.scalars[0]
        last_s = min(second_s, self._day_start_s + S_PER_DAY - 1)
        if s["started"] and not s["in_group"] and s["second"] <= last_s:
            go_to(self._state, self._seconds, (last_s + 1) * NS_PER_S)
            self._is_idle = True
        return iter(())

    def ended(self) -> Iterator[Columns]:
        """Yield the executions and rows of seconds that have ended, by output and column."""
        yield from self._ended_executions()
        rows = ended_seconds(self._state, self._seconds)
        if len(rows):
            yield "seconds", _seconds(rows)

    def finish(self) -> Iterator[Columns]:
        """End the last group and second; yield the executions and seconds that are left."""
        s, row = self._state.scalars[0], self._last_row
        if s["in_group"]:
            take_published(self._state, self._seconds, self._tick_int, row.price, row.qty, 0)
        n_rows = int(s["row"])
        if s["started"] and not self._is_idle:
            end_second(self._state, self._seconds)
            n_rows += 1
        yield "executions", _executions(self._executions)
        yield "seconds", _seconds(self._seconds[:n_rows])

    def saved(self) -> dict[str, np.ndarray]:
        """Return the state of the pass."""
        return saved_state(self)

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Go on from a state."""
        restore_state(self, saved)

    def columns(self, part: Columns) -> Iterator[Columns]:
        """Yield the columns of a part, which is one output's."""
        yield part

    def summary(self) -> Iterator[Columns]:
        """Yield nothing: the seconds are all that is known of the day."""
        return iter(())

    def _ended_executions(self) -> Iterator[Columns]:
        second = self._state.scalars[0]["second"]
        n = int(np.searchsorted(self._executions[:, 0], second))
        if n:
            yield "executions", _executions(self._executions[:n])
            self._executions = self._executions[n:].copy()


def _executions(rows: np.ndarray) -> dict[str, Any]:
    return {name: pa.array(rows[:, i].copy()) for i, name in enumerate(EXECUTIONS)}


def _seconds(rows: np.ndarray) -> dict[str, Any]:
    return {name: _column(name, rows[name]) for name in SECONDS}


def _has_count(batch: pa.RecordBatch) -> np.ndarray:
    """Return whether each row publishes a number of orders."""
    known = [pc.greater(batch[name], 0).fill_null(False) for name in _COUNTS]
    return reduce(pc.or_, known).to_numpy(zero_copy_only=False)


def _column(name: str, values: np.ndarray) -> pa.Array:
    column = np.ascontiguousarray(values)
    if name not in NULLABLE:
        return pa.array(column)
    is_missing = (column == NO_ASK) | (column == NO_BID)
    if name == "resolution_ms":
        is_missing |= column == NOT_KNOWN
    return pa.array(column, mask=is_missing)
