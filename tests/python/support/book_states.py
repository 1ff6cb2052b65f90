"""Top ten levels of a book after every event, in plain Python, and what their flow explains.

A state is known without any kernel: from LOBSTER's rows (``support.lobster``) or by replaying
orders in dictionaries. Prices are whole ticks.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

LEVELS = 10
_LAST = 128

Level = tuple[int, int]


@dataclass(frozen=True)
class State:
    """A book after an event.

    Attributes:
        time_ns: time of the event.
        bids, asks: (price in ticks, quantity) of at most ten occupied prices, the best first.
    """

    time_ns: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]

    @property
    def is_two_sided(self) -> bool:
        return bool(self.bids and self.asks)

    @property
    def mid_ticks(self) -> float:
        return (self.bids[0][0] + self.asks[0][0]) / 2

    @property
    def best_qty(self) -> float:
        """Mean of both best quantities."""
        return (self.bids[0][1] + self.asks[0][1]) / 2


@dataclass(frozen=True)
class FlowWindow:
    """Sums of the pairs of states whose second falls into a window.

    Attributes:
        start_ns: start of the window.
        ofi: order flow imbalance at the best quotes.
        mid_change: change of mid, ticks.
        best_qty: mean of the best quantities over the states.
        n_pairs: pairs of states.
    """

    start_ns: int
    ofi: int
    mid_change: float
    best_qty: float
    n_pairs: int


@dataclass(frozen=True)
class Relation:
    """A line by least squares: change of mid = intercept + slope * order flow imbalance."""

    slope: float
    intercept: float
    r2: float
    n: int


def replayed(records: np.ndarray, tick_int: int) -> Iterator[State]:
    """Yield the state at the end of every event group of market-by-order records.

    The day begins with an empty book and has additions and cancellations alone.
    """
    orders: dict[int, tuple[bytes, int]] = {}
    depth: dict[bytes, dict[int, int]] = {b"B": {}, b"A": {}}
    # prices with depth, the best first; a bid's price is negated
    prices: dict[bytes, list[int]] = {b"B": [], b"A": []}
    sign = {b"B": -1, b"A": 1}

    def change(side: bytes, tick: int, qty: int) -> None:
        own, key = depth[side], sign[side] * tick
        if tick not in own:
            insort(prices[side], key)
        own[tick] = own.get(tick, 0) + qty
        assert own[tick] >= 0
        if not own[tick]:
            del own[tick], prices[side][bisect_left(prices[side], key)]

    def best(side: bytes) -> tuple[Level, ...]:
        ticks = (sign[side] * key for key in prices[side][:LEVELS])
        return tuple((tick, depth[side][tick]) for tick in ticks)

    columns = ("ts_event", "action", "side", "order_id", "price", "size", "flags")
    for time_ns, action, side, order_id, price, size, flags in zip(
        *(records[name].tolist() for name in columns), strict=True
    ):
        if action == b"A":
            orders[order_id] = side, price // tick_int
            change(side, price // tick_int, size)
        elif action == b"C":
            change(*orders[order_id], -size)
        else:
            assert action in (b"T", b"F", b"R"), action
        if flags & _LAST:
            yield State(time_ns, best(b"B"), best(b"A"))


def event_flow(before: State, after: State) -> int:
    """Return e_n of Cont, Kukanov and Stoikov (2014), The price impact of order book events.

    A one-sided state contributes nothing.
    """
    if not (before.is_two_sided and after.is_two_sided):
        return 0
    (old_bid, old_bid_qty), (bid, bid_qty) = before.bids[0], after.bids[0]
    (old_ask, old_ask_qty), (ask, ask_qty) = before.asks[0], after.asks[0]
    return (
        (bid >= old_bid) * bid_qty
        - (bid <= old_bid) * old_bid_qty
        - (ask <= old_ask) * ask_qty
        + (ask >= old_ask) * old_ask_qty
    )


def flow_windows(
    states: Iterable[State], start_ns: int, end_ns: int, window_ns: int
) -> list[FlowWindow]:
    """Sum the pairs of consecutive two-sided states by the window of the second state.

    Only whole windows of ``[start_ns, end_ns)`` count, and of them those with a pair.
    """
    sums: dict[int, list[float]] = {}
    n_windows = (end_ns - start_ns) // window_ns
    for before, after in pairwise(states):
        number = (after.time_ns - start_ns) // window_ns
        if not (0 <= number < n_windows and before.is_two_sided and after.is_two_sided):
            continue
        own = sums.setdefault(number, [0, 0, 0, 0])
        own[0] += event_flow(before, after)
        own[1] += after.mid_ticks - before.mid_ticks
        own[2] += after.best_qty
        own[3] += 1
    return [
        FlowWindow(start_ns + number * window_ns, int(ofi), mid_change, qty / n, int(n))
        for number, (ofi, mid_change, qty, n) in sorted(sums.items())
    ]


def relation_of(ofi: Sequence[float], mid_change: Sequence[float]) -> Relation:
    """Return the line of the change of mid on order flow imbalance."""
    x, y = np.asarray(ofi, np.float64), np.asarray(mid_change, np.float64)
    assert len(x) == len(y) > 2
    design = np.column_stack([np.ones(len(x)), x])
    (intercept, slope), *_ = np.linalg.lstsq(design, y, rcond=None)
    left = y - design @ (intercept, slope)
    spread = y - y.mean()
    return Relation(
        float(slope), float(intercept), 1 - float(left @ left / (spread @ spread)), len(x)
    )
