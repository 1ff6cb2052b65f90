"""Driver of the published book: one pass over the landed market by price of a contract-day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.errors import KernelError
from spymaster_engine.kernels.book.bronze_records import letters
from spymaster_engine.kernels.book.kernel_state import DONE, TRADE
from spymaster_engine.kernels.compiled import read_only
from spymaster_engine.kernels.market.level_rows import level_rows_of
from spymaster_engine.kernels.market.published_book import (
    NO_ASK,
    NO_BID,
    NOT_KNOWN,
    new_published,
    new_seconds,
    observe_published,
)
from spymaster_engine.market_columns import LEVEL_NAMES
from spymaster_engine.published_book_columns import EXECUTIONS, NULLABLE, SECONDS

_COUNTS = [f"{side}_ct_{level}" for level in LEVEL_NAMES for side in ("bid", "ask")]


def published_day(
    batches: Iterable[pa.RecordBatch], tick_int: int, day_start_s: int
) -> Iterator[tuple[str, dict[str, pa.Array]]]:
    """Yield the executions and then the seconds of a contract-day, by output and column.

    Args:
        batches: landed rows in file order, with the columns of ``TRADED_LEVELS``.
        tick_int: Minimum price increment, 1e-9 units.
        day_start_s: 00:00 UTC of the day, seconds since the epoch.

    Raises:
        KernelError: A row is dated more than a minute after the end of the day.
    """
    state, seconds = new_published(), new_seconds()
    s = state.scalars[0]
    given: list[pa.RecordBatch] = []
    for chunk in level_rows_of(_remembered(batches, given)):
        batch = given.pop(0)
        executions = np.zeros((int((chunk.action == TRADE).sum()), len(EXECUTIONS)), np.int64)
        s["n_executions"] = 0
        status = observe_published(
            state,
            seconds,
            executions,
            tick_int,
            day_start_s * NS_PER_S,
            chunk.ts_event,
            chunk.ts_recv,
            chunk.flags,
            chunk.action,
            read_only(letters(batch["side"])),
            read_only(batch["price_int"].fill_null(0).to_numpy()),
            read_only(batch["size"].fill_null(0).to_numpy()),
            read_only(_has_count(batch)),
            chunk.price,
            chunk.qty,
            chunk.is_end,
        )
        if status != DONE:
            day = np.datetime64(day_start_s, "s")
            raise KernelError(f"a row is dated more than a minute after the end of {day!s:.10}")
        found = executions[: int(s["n_executions"])]
        yield "executions", {name: pa.array(found[:, i]) for i, name in enumerate(EXECUTIONS)}
    n_rows = int(s["row"]) + 1 if s["started"] else 0
    yield "seconds", {name: _column(name, seconds[name][:n_rows]) for name in SECONDS}


def _remembered(
    batches: Iterable[pa.RecordBatch], given: list[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield batches and keep those whose rows of levels are still to come."""
    for batch in batches:
        given.append(batch)
        yield batch


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
