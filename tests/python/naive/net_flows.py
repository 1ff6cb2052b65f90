"""The net form of the four conditions, from records of market by price, in plain Python.

For a window of W seconds the states are those in force from the end of the second before its first
to its end; all of them are looked at again for each window.

Rules chosen where the specification leaves room:
- A side is published up to its worst level; with fewer levels than the most that either side has
  shown so far on the day, the whole side is known.
- A price counts if every state publishes it, if it is at most 20 ticks from spot at the start, and
  if the side could stand there all the time. `reach_ticks` is how far both sides are read.
- A trade executes asks when a buyer is the aggressor, bids when a seller is; without an aggressor
  the side that publishes its price in the state before it.
- A window is unknown with a snapshot or a clear after its start, with an invalid state that is in
  force for more than 0 ns, or with
  fewer than two updates at the median pace so far (the lower middle, whole milliseconds).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from naive.market_states import State, levels_of_record, price_groups
from naive.model import FLAG_LAST, FLAG_MAYBE_BAD_BOOK, FLAG_SNAPSHOT, NS_PER_S

ZONE_TICKS = 20
NS_PER_MS = 1_000_000
LONGEST_GAP_MS = 600_000
SIDES = {"ask": 1, "bid": -1}
AGGRESSORS = {"B": "ask", "A": "bid"}
SUMS = (
    "depth_start",
    "depth_start_ticks",
    "kept_end",
    "kept_end_ticks",
    "kept_change",
    "net_pull",
    "net_change",
)


class Executed(NamedTuple):
    """A trade with the side of the book that it executed, None if unknown."""

    second: int
    side: str | None
    tick: int
    qty: int


class Published:
    """The states of a contract-day of market by price, and its trades.

    Attributes:
        states: In their order.
        levels_so_far: Most levels of a side up to each state.
        of_second: Places of the states that each second published.
        executed: Trades by second.
    """

    def __init__(
        self, records: Iterable[Mapping[str, Any]], day_start_ns: int, tick_int: int
    ) -> None:
        """Read records of `bronze.market_by_price_10` in file order, times in ns."""
        self.tick_int = tick_int
        self.states: list[State] = []
        self.levels_so_far: list[int] = []
        self.of_second: dict[int, list[int]] = {}
        self.executed: dict[int, list[Executed]] = {}
        is_reset = False
        for time_ns, group in price_groups(records, day_start_ns):
            for record in group:
                is_reset |= record["action"] == "R" or record["flags"] & FLAG_SNAPSHOT != 0
                if record["action"] == "T" and record["size"] > 0:
                    self._execute(time_ns // NS_PER_S, record)
            last = group[-1]
            if last["flags"] & FLAG_LAST:
                sides = (levels_of_record(last, side) for side in ("bid", "ask"))
                is_bad = last["flags"] & FLAG_MAYBE_BAD_BOOK != 0
                self._publish(State(time_ns, *sides, is_bad=is_bad, is_reset=is_reset))
                is_reset = False
        self._times = [state.time_ns for state in self.states]

    def _publish(self, state: State) -> None:
        self.of_second.setdefault(state.time_ns // NS_PER_S, []).append(len(self.states))
        before = self.levels_so_far[-1] if self.levels_so_far else 0
        self.levels_so_far.append(max(before, len(state.asks), len(state.bids)))
        self.states.append(state)

    def _execute(self, second: int, record: Mapping[str, Any]) -> None:
        side = AGGRESSORS.get(record["side"])
        if side is None and self.states:
            showing = [
                name
                for name in SIDES
                if any(x.price_int == record["price_int"] for x in self.states[-1].side(name))
            ]
            side = showing[0] if showing else None
        tick = record["price_int"] // self.tick_int
        self.executed.setdefault(second, []).append(Executed(second, side, tick, record["size"]))

    def edge(self, place: int, side: str) -> int | None:
        """Worst published price of a side, ticks; None if the whole side is known."""
        levels = self.states[place].side(side)
        if not levels or len(levels) < self.levels_so_far[place]:
            return None
        return levels[-1].price_int // self.tick_int

    def in_force(self, second: int) -> list[int]:
        """States in force during a second, the one that it begins with among them."""
        first = bisect_left(self._times, second * NS_PER_S)
        return [*range(max(first - 1, 0), first), *self.of_second.get(second, [])]

    def resolution_s(self, second: int) -> float | None:
        """Median time between states up to the end of a second."""
        n = bisect_left(self._times, (second + 1) * NS_PER_S)
        lengths = (later - sooner for sooner, later in pairwise(self._times[:n]))
        gaps = sorted(min(ns // NS_PER_MS, LONGEST_GAP_MS) for ns in lengths)
        return gaps[(len(gaps) - 1) // 2] / 1000 if gaps else None

    def is_over(self, place: int) -> bool:
        """Whether a state gave way to another at the same time."""
        return place + 1 < len(self._times) and self._times[place] == self._times[place + 1]

    def scrolled_qty(self, second: int) -> int:
        """Contracts that scrolled into or out of the published levels during a second."""
        total = 0
        for place in self.of_second.get(second, []):
            if place == 0 or self.states[place].is_reset:
                continue
            for side, sense in SIDES.items():
                for of, other in ((place, place - 1), (place - 1, place)):
                    edge = self.edge(other, side)
                    total += sum(
                        level.size
                        for level in self.states[of].side(side)
                        if edge is not None
                        and sense * (level.price_int // self.tick_int - edge) > 0
                    )
        return total

    def trades(self, seconds: Iterable[int], side: str | None) -> list[Executed]:
        """Trades of some seconds that executed a side, or whose side is unknown."""
        found = (trade for second in seconds for trade in self.executed.get(second, []))
        return [trade for trade in found if trade.side == side]


def net_window(
    day: Published, end_s: int, window_s: int, spot: Mapping[int, int], valid: Mapping[int, bool]
) -> dict[str, Any] | None:
    """Sums of a window that ends with the second before `end_s`; None if it is unknown.

    Args:
        day: States and trades.
        end_s: End of the window.
        window_s: Its length.
        spot: Spot at the end of each second looked at, ticks.
        valid: Whether each of these seconds is valid by `book_snapshot_1s`.
    """
    seconds = range(end_s - window_s, end_s)
    with_start = [seconds[0] - 1, *seconds]
    if not all(valid.get(second, False) for second in with_start):
        return None
    at_start = day.in_force(with_start[0])[-1:]
    places = sorted({place for second in seconds for place in day.in_force(second)} | {*at_start})
    if not at_start or not all(
        day.states[place].is_valid or day.is_over(place) for place in places
    ):
        return None
    if any(day.states[place].is_reset for place in places[1:]):
        return None
    resolution_s = day.resolution_s(end_s - 1)
    if resolution_s is None or window_s < 2 * resolution_s:
        return None
    spot_tick = spot[with_start[0]]
    reach = {}
    for side, sense in SIDES.items():
        edges = [edge for place in places if (edge := day.edge(place, side)) is not None]
        reach[side] = min([ZONE_TICKS, *(sense * (edge - spot_tick) for edge in edges)])
    sums: dict[str, Any] = {
        "reach_ticks": max(min(reach.values()), 0),
        "spot_move_ticks": spot[end_s - 1] - spot_tick,
        "scrolled_qty": sum(day.scrolled_qty(second) for second in seconds),
        "unknown_side_qty": sum(trade.qty for trade in day.trades(seconds, None)),
        "resolution_s": resolution_s,
    }
    first, last = day.states[places[0]], day.states[places[-1]]
    for side, sense in SIDES.items():
        other = "bid" if side == "ask" else "ask"
        best = [
            levels[0].price_int // day.tick_int
            for place in places
            if (levels := day.states[place].side(other))
        ]
        # asks stand above every bid of the window, bids below every ask
        border = max(best) if side == "ask" else min(best)
        own = dict.fromkeys(SUMS, 0)
        for distance in range(reach[side] + 1):
            tick = spot_tick + sense * distance
            if sense * (tick - border) <= 0:
                continue
            start, end = (_depth(state, side, tick, day.tick_int) for state in (first, last))
            executed = sum(trade.qty for trade in day.trades(seconds, side) if trade.tick == tick)
            net_pull = start - end - executed
            kept = end + min(executed, max(start - end, 0))
            own["depth_start"] += start
            own["depth_start_ticks"] += start * distance
            own["kept_end"] += kept
            own["kept_end_ticks"] += kept * distance
            own["kept_change"] += abs(kept - start)
            own["net_pull"] += net_pull
            own["net_change"] += abs(net_pull)
        sums |= {f"{side}_{name}": value for name, value in own.items()}
    return sums


def net_measures(sums: Mapping[str, Any] | None, side: str, least: int) -> dict[str, float | None]:
    """Retreat and pulled share of a side from the sums of a window."""
    if sums is None:
        return dict.fromkeys(("retreat_ticks", "retreat_qty", "pull_share", "pull_qty"))
    own = {name: sums[f"{side}_{name}"] for name in SUMS}
    has_depth = own["depth_start"] >= least
    retreat = None
    if has_depth and own["kept_end"]:
        retreat = (
            own["kept_end_ticks"] / own["kept_end"] - own["depth_start_ticks"] / own["depth_start"]
        )
    return {
        "retreat_ticks": retreat,
        "retreat_qty": own["kept_change"],
        "pull_share": own["net_pull"] / own["depth_start"] if has_depth else None,
        "pull_qty": own["net_change"],
    }


def _depth(state: State, side: str, tick: int, tick_int: int) -> int:
    return sum(x.size for x in state.side(side) if x.price_int == tick * tick_int)
