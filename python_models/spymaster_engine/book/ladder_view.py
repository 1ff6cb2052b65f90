"""The book at a moment: price levels with resting quantity and order count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from spymaster_engine.book.engine import BookEngine, Records
from spymaster_engine.book.layout import LAST, SNAPSHOT


@dataclass(frozen=True)
class Level:
    """One price of one side: ``side`` A or B, price in 1e-9 units, contracts, orders."""

    side: str
    price_int: int
    qty: int
    orders: int


def book_at(engine: BookEngine, chunks: Iterable[Records], at_ns: int) -> None:
    """Replay records up to a moment: every event group that starts at or before ``at_ns``.

    The engine must be fresh; its output rows are thrown away. A group counts whole, even when
    later records of it carry a later time, because state may be read only between groups.
    """
    is_last_seen = True
    for records in chunks:
        is_snapshot = (records.flags & SNAPSHOT) != 0
        dated_ns = np.where(is_snapshot, records.ts_recv, records.ts_event)
        is_late = dated_ns > at_ns
        ends_before = np.concatenate([[is_last_seen], (records.flags[:-1] & LAST) != 0])
        # a snapshot may end without LAST; the first live record after it starts a group anyway
        ends_before[1:] |= is_snapshot[1:] != is_snapshot[:-1]
        stop = np.flatnonzero(is_late & ends_before)
        end = int(stop[0]) if len(stop) else len(records)
        for output in engine.feed(_head(records, end)):
            engine.recycle(output)
        if len(stop):
            return
        is_last_seen = bool(records.flags[-1] & LAST) if len(records) else is_last_seen


def top_levels(engine: BookEngine, depth: int) -> list[Level]:
    """Return the best ``depth`` levels per side, asks from the highest down, then bids."""
    levels = engine.levels()
    asks = sorted((level for level in levels if level[0] == "A"), key=lambda level: level[1])
    bids = sorted((level for level in levels if level[0] == "B"), key=lambda level: -level[1])
    return [Level(*level) for level in (*reversed(asks[:depth]), *bids[:depth])]


def _head(records: Records, end: int) -> Records:
    return Records(*(getattr(records, column.name)[:end] for column in fields(records)))
