"""The book at a moment: price levels with resting quantity and order count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spymaster_engine.kernels.book.engine import BookEngine, Records


@dataclass(frozen=True)
class LadderLevel:
    """One price of one side: ``side`` A or B, price in 1e-9 units, contracts, orders."""

    side: str
    price_int: int
    qty: int
    orders: int


def replay_for_view(engine: BookEngine, chunks: Iterable[Records]) -> None:
    """Replay records up to the engine's ``stop_ns``; its output rows are thrown away."""
    for records in chunks:
        for output in engine.feed(records):
            engine.recycle(output)
        if engine.is_stopped:
            return


def top_levels(engine: BookEngine, depth: int) -> list[LadderLevel]:
    """Return the best ``depth`` levels per side, asks from the highest down, then bids."""
    levels = engine.levels()
    asks = sorted((level for level in levels if level[0] == "A"), key=lambda level: level[1])
    bids = sorted((level for level in levels if level[0] == "B"), key=lambda level: -level[1])
    return [LadderLevel(*level) for level in (*reversed(asks[:depth]), *bids[:depth])]
