"""Landed rows of market by price, read back as the arrays the market kernel takes."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from spymaster_engine.kernels.book.bronze_records import letters, nanoseconds
from spymaster_engine.kernels.compiled import read_only
from spymaster_engine.kernels.market.kernel_state import LEVELS
from spymaster_engine.market_columns import SIDES

_LEVELS = range(LEVELS)


@dataclass(frozen=True)
class LevelRows:
    """A chunk of n rows, which become read-only; see ``observe_levels`` for shapes and units."""

    ts_event: np.ndarray
    ts_recv: np.ndarray
    flags: np.ndarray
    action: np.ndarray
    price: np.ndarray
    qty: np.ndarray
    count: np.ndarray

    def __post_init__(self) -> None:
        for column in fields(self):
            object.__setattr__(self, column.name, read_only(getattr(self, column.name)))

    def __len__(self) -> int:
        return len(self.ts_event)

    def last(self) -> LevelRows:
        """Return a copy of the last row, which keeps no memory of the others."""
        return LevelRows(*(getattr(self, x.name)[..., -1:].copy() for x in fields(self)))


def no_level_rows() -> LevelRows:
    """Return no rows."""
    times, letters_ = np.empty(0, np.int64), np.empty(0, np.uint8)
    shape = (len(SIDES), LEVELS, 0)
    counts = np.empty(shape, np.uint32)
    return LevelRows(times, times, letters_, letters_, np.empty(shape, np.int64), counts, counts)


def level_rows_in(batch: pa.RecordBatch) -> LevelRows:
    """Return a batch of landed market by price as rows of levels."""
    return LevelRows(
        ts_event=nanoseconds(batch["ts_event"]),
        ts_recv=nanoseconds(batch["ts_recv"]),
        flags=batch["flags"].to_numpy(),
        action=letters(batch["action"]),
        price=_levels(batch, "px", np.int64),
        qty=_levels(batch, "sz", np.uint32),
        count=_levels(batch, "ct", np.uint32),
    )


def _name(side: str, part: str, level: int) -> str:
    return f"{side}_{part}_{level:02d}{'_int' if part == 'px' else ''}"


def _levels(batch: pa.RecordBatch, part: str, dtype: type[np.generic]) -> np.ndarray:
    """Return (2, LEVELS, n) numbers; an empty level has no price and any number in its place."""
    values = np.empty((len(SIDES), LEVELS, batch.num_rows), dtype)
    for number, side in enumerate(SIDES):
        for level in _LEVELS:
            column = batch[_name(side, part, level)]
            stored = np.frombuffer(column.buffers()[1], dtype)
            values[number, level] = stored[column.offset : column.offset + batch.num_rows]
    return values
