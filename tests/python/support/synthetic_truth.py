"""Levels, approaches and labels from the records alone, by their definitions.

Tests compare them with the truth. This module follows the specification and reads no state of the
generator.
"""

from __future__ import annotations

import heapq
import statistics
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

SECOND_NS = 1_000_000_000
BARRIER_TICKS = 8
HORIZON_S = 240
REACH_TICKS = 2
APPROACH_OVER_S, APPROACH_PAUSE_S = 60, 15
APPROACH_MIN_TICKS, APPROACH_SIGMA = 3, 0.5
APPROACH_MAX_TICKS = 20
SIGMA_OVER_S, SIGMA_LEAST_S = 300, 120
_SNAPSHOT = 32


@dataclass(frozen=True)
class Prints:
    """Trades of a day: second of their event since midnight, time in ns, price in ticks."""

    midnight_ns: int
    second: np.ndarray
    time_ns: np.ndarray
    tick: np.ndarray


@dataclass(frozen=True)
class Quotes:
    """The book at the end of each second of the day, index by window end; None where unknown.

    ``mid`` is the sum of best bid and best ask: half ticks. ``spot`` is the last trade, moved
    into the quotes, in ticks.
    """

    mid: list[int | None]
    spot: list[int | None]


@dataclass(frozen=True)
class Label:
    """Label of a decision: the outcome, and when price reached the level and the barrier."""

    outcome: str
    reached_ns: int | None
    hit_ns: int | None


def prints_of(records: np.ndarray, midnight_ns: int, tick_int: int) -> Prints:
    trades = records[(records["action"] == b"T") & (records["size"] > 0)]
    time_ns = trades["ts_event"].astype(np.int64)
    second = (time_ns - midnight_ns) // SECOND_NS
    return Prints(midnight_ns, second, time_ns, trades["price"] // tick_int)


def quotes_of(records: np.ndarray, midnight_ns: int, tick_int: int) -> Quotes:
    """Replay a day's orders in dictionaries and note mid and spot at the end of each second."""
    second = (records["ts_event"].astype(np.int64) - midnight_ns) // SECOND_NS
    second[(records["flags"] & _SNAPSHOT) != 0] = 0
    columns = (
        second.tolist(),
        records["action"].tolist(),
        records["side"].tolist(),
        records["order_id"].tolist(),
        (records["price"] // tick_int).tolist(),
        records["size"].tolist(),
    )
    orders: dict[int, tuple[bytes, int, int]] = {}
    depth: dict[bytes, dict[int, int]] = {b"B": {}, b"A": {}}
    # prices that may have depth, the best first; a bid's price is negated
    heaps: dict[bytes, list[int]] = {b"B": [], b"A": []}
    mid: list[int | None] = [None]
    spot: list[int | None] = [None]
    last_trade: int | None = None

    def change(side: bytes, tick: int, size: int) -> None:
        own = depth[side]
        if size > 0 and not own.get(tick):
            heapq.heappush(heaps[side], -tick if side == b"B" else tick)
        own[tick] = own.get(tick, 0) + size

    def best(side: bytes) -> int | None:
        sign = -1 if side == b"B" else 1
        heap = heaps[side]
        while heap and not depth[side].get(sign * heap[0]):
            heapq.heappop(heap)
        return sign * heap[0] if heap else None

    def end_seconds(until: int) -> None:
        bid, ask = best(b"B"), best(b"A")
        is_quoted = bid is not None and ask is not None and bid < ask
        now_mid = bid + ask if is_quoted else None
        now_spot = None
        if is_quoted and last_trade is not None:
            now_spot = min(max(last_trade, bid), ask)
        while len(mid) <= until:
            mid.append(now_mid)
            spot.append(now_spot)

    for at, action, side, order_id, tick, size in zip(*columns, strict=True):
        if at >= len(mid):
            end_seconds(at)
        if action == b"R":
            orders.clear()
            for own in depth.values():
                own.clear()
        elif action == b"T":
            last_trade = tick
        elif action == b"A":
            orders[order_id] = side, tick, size
            change(side, tick, size)
        elif action == b"C":
            side, tick, held = orders.pop(order_id)
            change(side, tick, -size)
            if held > size:
                orders[order_id] = side, tick, held - size
        elif action == b"M":
            side, old, held = orders[order_id]
            change(side, old, -held)
            change(side, tick, size)
            orders[order_id] = side, tick, size
    end_seconds(len(mid))
    return Quotes(mid, spot)


def extreme(prints: Prints, start_s: int, end_s: int, *, high: bool) -> int:
    inside = prints.tick[(prints.second >= start_s) & (prints.second < end_s)]
    return int(inside.max() if high else inside.min())


def moving_average_tick(prints: Prints, bars: int, second: int) -> int | None:
    """Mean close of the last completed two-minute bars at a second, rounded half even."""
    closes = {}
    for bar, tick in zip(prints.second // 120, prints.tick, strict=True):
        if (bar + 1) * 120 <= second:
            closes[bar] = int(tick)
    last = [closes[bar] for bar in sorted(closes)][-bars:]
    return round(sum(last) / bars) if len(last) == bars else None


def sigma_ticks(quotes: Quotes, second: int) -> float | None:
    """Standard deviation of the mid's changes over the 300 seconds up to a second, in ticks."""
    mids = quotes.mid[second - SIGMA_OVER_S : second + 1]
    changes = [(now - last) / 2 for last, now in pairwise(mids) if None not in (last, now)]
    return statistics.stdev(changes) if len(changes) >= SIGMA_LEAST_S else None


def approach_sign(quotes: Quotes, second: int, level_tick: int) -> int:
    """Return 1 for approach_up, -1 for approach_down, 0 for none."""
    ends = (second, second - APPROACH_PAUSE_S, second - APPROACH_OVER_S)
    now, pause, long = (quotes.mid[end] for end in ends)
    if None in (now, pause, long) or quotes.spot[second] is None:
        return 0
    distance = level_tick - quotes.spot[second]
    sigma = sigma_ticks(quotes, second)
    least = APPROACH_MIN_TICKS
    if sigma is not None:
        least = max(least, APPROACH_SIGMA * sigma * APPROACH_OVER_S**0.5)
    sign = 1 if distance > 0 else -1
    if not 0 < abs(distance) <= APPROACH_MAX_TICKS:
        return 0
    is_approach = sign * (now - long) / 2 >= least and sign * (now - pause) >= 0
    return sign if is_approach else 0


def is_eligible(quotes: Quotes, second: int, level_tick: int, direction: int) -> bool:
    """Return whether a decision lies inside the barriers and approaches its level."""
    is_approach = approach_sign(quotes, second, level_tick) == direction
    return is_approach and abs(level_tick - quotes.spot[second]) < BARRIER_TICKS


def label_reached(
    prints: Prints, decision_s: int, level_tick: int, direction: int, x0_ticks: int
) -> Label:
    """Return outcome_reached of the fixed barrier over 240 s."""
    first = int(np.searchsorted(prints.second, decision_s))
    x = direction * (prints.tick[first:] - level_tick)
    second, time_ns = prints.second[first:], prints.time_ns[first:]
    if x0_ticks >= -REACH_TICKS:
        start, start_s = 0, decision_s
        reached_ns = prints.midnight_ns + decision_s * SECOND_NS
    else:
        reaching = np.flatnonzero((x >= -REACH_TICKS) & (second < decision_s + HORIZON_S))
        if not reaching.size:
            return Label("NOT_REACHED", None, None)
        start = int(reaching[0])
        start_s, reached_ns = int(second[start]), int(time_ns[start])
    for at in range(start, x.size):
        if second[at] >= start_s + HORIZON_S:
            break
        if abs(x[at]) >= BARRIER_TICKS:
            return Label("BREAK" if x[at] > 0 else "REJECT", reached_ns, int(time_ns[at]))
    return Label("CHOP", reached_ns, None)
