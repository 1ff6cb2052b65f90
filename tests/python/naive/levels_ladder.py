"""`level_ladder_1s`: depth, adds and removals at every point around a level.

Rules chosen where the specification leaves room:
- Rows exist where the level has a surface (see `levels_book`).
- Flows cover the five seconds that end with the row's second (not aligned to 5 s), at the level of
  the row; they are None unless all five are valid seconds of the surface window. The depth at the
  start belongs to the first of the five.
- Values outside the wall are unknown: the depth of a rung that the wall does not reach now, and the
  flows of a rung that it missed in any of the five seconds, are None. So are the flows of a level
  whose zone [20 ticks either way] was not fully in the wall then.
- Flow of a side is add + pull + fill. `long_physics` needs `ladder_min_contracts` of both sides'
  flow together, `net_flow_share` as many of its own side's flow.
- The usual depth at a price of a side is its mean end depth over the valid seconds of the last
sixty
  whose wall reaches it, if there are thirty. The median skips prices without a usual depth; if none
  has it, the ratio is None.
- The rung that holds spot uses the ratio of asks if both sides have the same depth.
- A side with unknown depth, flow or ratio has an unknown state. A share without enough flow meets
  no condition.
- A side can stand in a rung whose best tick lies before the best quote of the other side: bids
  below the best ask, asks above the best bid. Best quotes come from the row's wall.
- A reduction is a pull if the rung had more cancelled than filled, else it is eaten.
- The wall past a level is the largest among rungs counted from the level in the direction of the
  approach, the level's own price first, as many as a ladder has from its level up: rungs of asks
  for a level above spot, of bids for a level below. Of equal ratios the nearer to the level wins.
- Columns from options are None: these markets have no options.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from statistics import median

from naive.levels_book import Wall, is_surface_second, is_window_valid, near_levels, window_book
from naive.levels_model import PRICE_UNITS, LevelKey, LevelRules
from naive.surfaces import NOTHING, ZONE_TICKS, Row, SurfaceDay

FLOWS = {"add": "add_qty", "pull": "pull_qty_total", "fill": "fill_qty"}
POINT_OFFSETS = range(-4, 5)
SIDE_NAMES = {"bid": "B", "ask": "A"}
AHEAD = {"bid": -1, "ask": 1}
OPTION_COLUMNS = (
    "strike_points",
    "strike_distance_ticks",
    "call_physics",
    "put_physics",
    "gex_call_abs",
    "gex_put_abs",
    "call_net_aggressive_qty",
    "put_net_aggressive_qty",
    "call_net_resting_qty",
    "put_net_resting_qty",
    "strike_rungs",
)
BEYOND_WALL = (
    "beyond_wall_ratio",
    "beyond_wall_offset",
    "beyond_wall_depth",
    "beyond_wall_from_ticks",
    "beyond_wall_to_ticks",
)

RungKey = tuple[int, str, int]


@dataclass(frozen=True)
class LadderRules:
    """Settings of the ladder.

    Attributes:
        min_contracts: Fewest contracts of flow that a share or the physics needs.
        usual_ticks: Prices ahead of spot that define the usual depth.
        usual_s, usual_min_s: Seconds that define the usual depth, and how many of them must be
            known.
        wall_ratio, thin_ratio: Least ratio of a wall, largest ratio of a thin rung.
        flow_share: Least share at which a rung builds; its negative is the largest share of a
            reduction.
    """

    min_contracts: int = 20
    usual_ticks: int = 40
    usual_s: int = 60
    usual_min_s: int = 30
    wall_ratio: float = 3.0
    thin_ratio: float = 0.33
    flow_share: float = 0.25


@dataclass(frozen=True)
class RungSide:
    """Depth and flow of a side in a rung, contracts; None where unknown.

    Attributes:
        depth: At the end of the second.
        depth_start: Five seconds before.
        add, pull, fill: Flows of those five seconds.
        can_stand: Whether an order of the side could rest there.
    """

    depth: int | None
    depth_start: int | None
    add: int | None
    pull: int | None
    fill: int | None
    can_stand: bool

    @property
    def flow(self) -> int | None:
        """Contracts added, pulled or filled."""
        return None if self.add is None else self.add + self.pull + self.fill

    def net_flow_share(self, rules: LadderRules) -> float | None:
        """Net flow as a share of the starting depth plus adds."""
        if self.flow is None or self.flow < rules.min_contracts:
            return None
        return (self.add - self.pull - self.fill) / (self.depth_start + self.add)

    def state(
        self, ratio: float | None, ratio_start: float | None, rules: LadderRules
    ) -> str | None:
        """State of the side, by its ratio to the usual depth, now and before."""
        if self.depth is None or self.flow is None or ratio is None or ratio_start is None:
            return None
        if not self.can_stand and self.depth == 0 and self.flow == 0:
            return None
        share = self.net_flow_share(rules)
        is_building = share is not None and share >= rules.flow_share
        is_reduced = share is not None and share <= -rules.flow_share
        is_pulled = self.pull > self.fill
        was_wall = ratio_start >= rules.wall_ratio
        cases = (
            ("wall_pulled", was_wall and is_reduced and is_pulled),
            ("wall_eaten", was_wall and is_reduced),
            ("wall_holds", ratio >= rules.wall_ratio),
            ("thin", ratio <= rules.thin_ratio),
            ("building", is_building),
            ("pulled", is_reduced and is_pulled),
            ("eaten", is_reduced),
        )
        return next((state for state, holds in cases if holds), "quiet")


def level_ladder_1s(
    day: SurfaceDay,
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    rules: LevelRules,
    moments: Moments | None = None,
) -> dict[RungKey, Row]:
    """Rows of `silver.level_ladder_1s` by (window end, level_id, point_offset).

    Args:
        day: Rows of `book_snapshot_1s` and `wall_surface_1s`.
        levels: Rows of `levels_1s`.
        offsets: Rows of `level_offset_1s` for the same keys.
        rules: Symbol, date and settings of levels.
        moments: Of the same day, from an earlier relation.
    """
    moments = Moments(day) if moments is None else moments
    rung_ticks = PRICE_UNITS // rules.tick_int
    rows = {}
    for end_s, level in near_levels(day, levels, offsets, rules):
        anchor = levels[end_s, level]["level_price_int"]
        for offset in POINT_OFFSETS:
            first = anchor + rung_ticks * offset * rules.tick_int
            prices = [first + n * rules.tick_int for n in range(rung_ticks)]
            rows[end_s, level, offset] = {
                **day.keys(end_s - 1),
                "level_id": level,
                "level_price_int": anchor,
                "k_ticks": offsets[end_s, level]["k_ticks"],
                "window_valid": day.is_valid(end_s - 1),
                "point_offset": offset,
                **_rung(moments[end_s], anchor, prices, moments.rules),
                **dict.fromkeys(OPTION_COLUMNS),
            }
    return rows


def beyond_walls(
    day: SurfaceDay,
    levels: Mapping[LevelKey, Row],
    corridors: Mapping[LevelKey, Row],
    moments: Moments | None = None,
) -> dict[LevelKey, Row]:
    """The wall past each level with a corridor, by key: `beyond_wall_` columns of the corridor.

    Rungs count from the level in the direction of approach, its own price first: the rungs of a
    level below spot mirror the rungs of a level above.
    """
    moments = Moments(day) if moments is None else moments
    found = {}
    for end_s, level in corridors:
        anchor, k_ticks = (
            levels[end_s, level]["level_price_int"],
            corridors[end_s, level]["k_ticks"],
        )
        found[end_s, level] = _beyond_wall(moments[end_s], anchor, 1 if k_ticks > 0 else -1)
    return found


def _beyond_wall(moment: _Moment, anchor: int, sense: int) -> Row:
    """The rung with the largest ratio, the nearest of equals; None if no ratio is known."""
    day, second = moment.day, moment.end_s - 1
    tick_int = day.config.tick_int
    rung_ticks = PRICE_UNITS // tick_int
    name = "ask" if sense > 0 else "bid"
    best: Row = dict.fromkeys(BEYOND_WALL)
    if not day.is_valid(second):
        return best
    for rung in range(max(POINT_OFFSETS) + 1):
        distances = range(rung * rung_ticks, (rung + 1) * rung_ticks)
        prices = [anchor + sense * distance * tick_int for distance in distances]
        usual = moment.usual_depth(name, prices)
        if usual is None or not all(day.is_in_wall(second, price) for price in prices):
            continue
        depth = sum(
            moment.now.get((SIDE_NAMES[name], price), NOTHING)["depth_qty_end"] for price in prices
        )
        ratio = depth / rung_ticks / (usual + 1)
        if best["beyond_wall_ratio"] is None or ratio > best["beyond_wall_ratio"]:
            values = (ratio, sense * rung, depth, distances[0], distances[-1])
            best = dict(zip(BEYOND_WALL, values, strict=True))
    return best


class _Moment:
    """The book at the end of a second: now, over five seconds, and over the minute before."""

    def __init__(self, day: SurfaceDay, end_s: int, rules: LadderRules) -> None:
        self.day, self.end_s = day, end_s
        self.now: Wall = day.wall.get(end_s - 1, {})
        self.recent: Wall = window_book(day, end_s)[0]
        self.spot = day.spot(end_s - 1)
        self.usual = {name: self._usual_depths(name, rules) for name in SIDE_NAMES}

    def best(self, name: str) -> int | None:
        """Best price of a side; None without depth in the wall."""
        prices = [
            price_int
            for (side, price_int), row in self.now.items()
            if side == SIDE_NAMES[name] and row["depth_qty_end"] > 0
        ]
        if not prices:
            return None
        return max(prices) if name == "bid" else min(prices)

    def usual_depth(self, name: str, left_out: Iterable[int]) -> float | None:
        """Usual depth per tick ahead of spot, without some prices."""
        left_out = set(left_out)
        depths = [
            depth
            for price_int, depth in self.usual[name].items()
            if price_int not in left_out and depth is not None
        ]
        return median(depths) if depths else None

    def _usual_depths(self, name: str, rules: LadderRules) -> dict[int, float | None]:
        """Mean end depth of the last minute by price strictly ahead of spot."""
        seconds = [
            second
            for second in range(self.end_s - rules.usual_s, self.end_s)
            if is_surface_second(self.day, second)
            and self.day.is_valid(second)
            and self.day.spot(second) is not None
        ]
        step = AHEAD[name] * self.day.config.tick_int
        prices = [self.spot + step * n for n in range(1, rules.usual_ticks + 1)]
        return {
            price_int: self._mean_depth(name, price_int, seconds, rules) for price_int in prices
        }

    def _mean_depth(
        self, name: str, price_int: int, seconds: list[int], rules: LadderRules
    ) -> float | None:
        rows = [
            self.day.wall.get(second, {}).get((SIDE_NAMES[name], price_int), NOTHING)
            for second in seconds
            if self.day.is_in_wall(second, price_int)
        ]
        if len(rows) < rules.usual_min_s:
            return None
        return sum(row["depth_qty_end"] for row in rows) / len(rows)


class Moments(dict[int, _Moment]):
    """The moments of a day by window end, each made when first asked for."""

    def __init__(self, day: SurfaceDay) -> None:
        super().__init__()
        self.day, self.rules = day, LadderRules()

    def __missing__(self, end_s: int) -> _Moment:
        self[end_s] = _Moment(self.day, end_s, self.rules)
        return self[end_s]


def _rung(moment: _Moment, anchor: int, prices: list[int], rules: LadderRules) -> Row:
    row: Row = {}
    sides = {name: _rung_side(moment, name, anchor, prices) for name in SIDE_NAMES}
    for name, side in sides.items():
        row[f"{name}_depth"] = side.depth
        row |= {f"{name}_{flow}": getattr(side, flow) for flow in FLOWS}
    for name, side in sides.items():
        usual = moment.usual_depth(name, prices)
        ratio, ratio_start = (
            None if depth is None or usual is None else depth / len(prices) / (usual + 1)
            for depth in (side.depth, side.depth_start)
        )
        row[f"{name}_wall_ratio"] = ratio
        row[f"{name}_usual_depth"] = None if usual is None else usual * len(prices)
        row[f"{name}_net_flow_share"] = side.net_flow_share(rules)
        row[f"{name}_state"] = side.state(ratio, ratio_start, rules)
    row["wall_ratio"] = _own_ratio(row, prices, moment.spot)
    row["long_physics"] = _long_physics(sides["bid"], sides["ask"], rules)
    row["short_physics"] = None if row["long_physics"] is None else -row["long_physics"]
    return row


def _rung_side(moment: _Moment, name: str, anchor: int, prices: list[int]) -> RungSide:
    day, end_s, side = moment.day, moment.end_s, SIDE_NAMES[name]
    depth = depth_start = None
    flows: dict[str, int | None] = dict.fromkeys(FLOWS)
    if day.is_valid(end_s - 1) and all(day.is_in_wall(end_s - 1, price) for price in prices):
        depth = sum(moment.now.get((side, p), NOTHING)["depth_qty_end"] for p in prices)
    zone = ZONE_TICKS * day.config.tick_int
    if is_window_valid(day, end_s, (prices[0], prices[-1], anchor - zone, anchor + zone)):
        cells = [moment.recent.get((side, price), NOTHING) for price in prices]
        depth_start = sum(cell["depth_qty_start"] for cell in cells)
        flows = {flow: sum(cell[column] for cell in cells) for flow, column in FLOWS.items()}
    if name == "bid":
        best = moment.best("ask")
        can_stand = best is None or prices[0] < best
    else:
        best = moment.best("bid")
        can_stand = best is None or prices[-1] > best
    return RungSide(depth, depth_start, **flows, can_stand=can_stand)


def _own_ratio(row: Row, prices: list[int], spot: int) -> float | None:
    """Ratio of the side that owns a rung."""
    if prices[0] > spot:
        return row["ask_wall_ratio"]
    if prices[-1] < spot:
        return row["bid_wall_ratio"]
    if row["ask_depth"] is None or row["bid_depth"] is None:
        return None
    name = "ask" if row["ask_depth"] >= row["bid_depth"] else "bid"
    return row[f"{name}_wall_ratio"]


def _long_physics(bid: RungSide, ask: RungSide, rules: LadderRules) -> float | None:
    """Flow that eases a rise against flow that resists it."""
    if bid.flow is None or ask.flow is None or bid.flow + ask.flow < rules.min_contracts:
        return None
    lifts = bid.add + ask.pull + ask.fill
    holds = ask.add + bid.pull + bid.fill
    return log((lifts + 1) / (holds + 1))
