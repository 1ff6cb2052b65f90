"""Input, configuration and result of the plain book engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

NS_PER_S = 1_000_000_000
UNDEFINED_PRICE = 2**63 - 1

FLAG_LAST = 128
FLAG_SNAPSHOT = 32
FLAG_MAYBE_BAD_BOOK = 4

INVALID_NO_BOOK = 1
INVALID_RESET = 2
INVALID_MAYBE_BAD = 4
INVALID_QUOTES = 8
INVALID_NOT_TRADING = 16
INVALID_UNKNOWN_CANCELS = 32
INVALID_SILENT = 64

SIDES = {"bid": "B", "ask": "A"}


@dataclass(frozen=True)
class BookConfig:
    """All inputs of the engine besides the records.

    Attributes:
        tick_int: Minimum price increment in 1e-9 points.
        day_start_ns: 00:00 UTC of the partition's date.
        trading_intervals: (open_ns, close_ns, is_open_at_start), half-open.
        wall_max_ticks: Largest distance from spot, in ticks, that a wall row may have.
        rest_ns: Age from which an order counts as rested.
        surface_window_ns: Half-open range of window starts that get wall and re-price rows;
            None means every window.
        unknown_cancel_rate_max: Highest acceptable share of unknown cancels.
        unknown_cancel_min_cancels: Fewest cancels that give a share.
        unknown_cancel_lookback_s: Windows that the share covers, including the current window.
        stale_after_s: Longest time without a record in continuous trading that is not silence;
            None turns the check off.
    """

    tick_int: int
    day_start_ns: int
    trading_intervals: tuple[tuple[int, int, bool], ...] | list[tuple[int, int, bool]]
    wall_max_ticks: int = 400
    rest_ns: int = 500_000_000
    surface_window_ns: tuple[int, int] | None = None
    unknown_cancel_rate_max: float = 0.01
    unknown_cancel_min_cancels: int = 100
    unknown_cancel_lookback_s: int = 60
    stale_after_s: int | None = None


@dataclass
class NaiveResult:
    """Rows of the four outputs, as plain dictionaries without the DOUBLE columns.

    `moved_qty` (contracts re-priced) and `refill_qty` (contracts that modifications at the same
    price put back after a fill) are day totals for checks; no output has them.
    """

    snapshot: list[dict[str, Any]] = field(default_factory=list)
    wall: list[dict[str, Any]] = field(default_factory=list)
    reprice: list[dict[str, Any]] = field(default_factory=list)
    qa: dict[str, int | None] = field(default_factory=dict)
    moved_qty: int = 0
    refill_qty: int = 0


class Record(NamedTuple):
    """One market-by-order record; `price_int` is None where the vendor left it undefined."""

    ts_event: int
    ts_recv: int
    order_id: int
    price_int: int | None
    size: int
    flags: int
    action: str
    side: str

    @property
    def is_last(self) -> bool:
        """Whether the record closes its event group."""
        return self.flags & FLAG_LAST != 0

    @property
    def is_snapshot(self) -> bool:
        """Whether the record belongs to a book snapshot."""
        return self.flags & FLAG_SNAPSHOT != 0

    @property
    def is_maybe_bad_book(self) -> bool:
        """Whether the vendor doubts the book from here on."""
        return self.flags & FLAG_MAYBE_BAD_BOOK != 0


def plain_records(records: np.ndarray) -> list[Record]:
    """Turn the vendor's structured array, shape (n,), into records of Python ints."""
    columns = [records[name].tolist() for name in Record._fields if name != "price_int"]
    prices = [None if p == UNDEFINED_PRICE else p for p in records["price"].tolist()]
    ts_event, ts_recv, order_id, size, flags, action, side = columns
    actions = [a.decode() for a in action]
    sides = [s.decode() for s in side]
    return [
        Record(*values)
        for values in zip(
            ts_event, ts_recv, order_id, prices, size, flags, actions, sides, strict=True
        )
    ]


def order_statistic(values: list[int], quantile: float) -> int | None:
    """Value at index floor(quantile * (n - 1)) of the sorted values; None without values."""
    if not values:
        return None
    return sorted(values)[int(quantile * (len(values) - 1))]
