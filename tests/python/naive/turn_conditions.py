"""Measures of each side of a level over a window, and their usual sizes; see `turn_states`.

The zone of asks runs from the level up, the zone of bids from it down, on whichever side of the
level price is. A retreat is measured from re-priced orders.

Rules chosen where the specification leaves room:
- A window of W seconds needs W + 1 consecutive valid seconds of the surface window, each with a
spot
  and a wall that reaches the zones of both sides. The depth at the start is the depth at the end of
  the second before the first.
- A price is open to a side that could rest there at the end of all W + 1 seconds:
  asks above the highest of their best bids, bids below the lowest of their best asks.
- Cancellations of rested orders are their pulls minus their re-prices.
- A re-price counts if it leaves or enters the zone of its side, at open prices or not. Its
  prices count as at most one tick outside of the zone.
- Fewer contracts at the start than `min_contracts` leave the measure unknown, not its quantity.
- Levels at the same price in the same second give a single row to the usual size.
- Spot's own move over the window explains re-priced ticks in its direction: as many ticks per
  re-priced contract as spot moved, at most their sum.
- Where the median is 0 the standard deviation about 0 is the usual size.
- The usual size of a second uses windows that ended at or before the second began. The day so far
is
  updated each minute, and from 09:30 on leaves out earlier windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from statistics import median

from naive.levels_book import is_surface_second
from naive.levels_model import RTH_OPEN, LevelKey, Row, new_york_date
from naive.levels_model import clock_s as clock_on
from naive.surfaces import NOTHING, SurfaceDay

SIDES = {"ask": ("A", 1), "bid": ("B", -1)}
QUANTITIES = {"retreat_ticks": "retreat_qty", "pull_share": "pull_qty"}
HALF_HOUR_S, MINUTE_S = 1800, 60
NORMAL_SHARE = 1.4826
PRIOR_SESSIONS, INTRADAY = "prior_sessions", "intraday_expanding"


@dataclass(frozen=True)
class TurnRules:
    """Settings of the conditions.

    Attributes:
        window_s: Length of the window, W.
        zone_ticks: Width of a side's zone from the level.
        max_k_ticks: Farthest level that has rows.
        z: How many times its usual size a measure must have.
        min_contracts: Least contracts that rest at the start, and that move.
        distances_ticks: Far ends of the distance bands, each with its own usual size.
        min_seconds: Fewest rows of a usual size.
        lookback, min_sessions: Most earlier sessions used, and fewest needed.
        recent_s: Seconds within which conditions count together.
    """

    window_s: int = 5
    zone_ticks: int = 20
    max_k_ticks: int = 20
    z: float = 1.0
    min_contracts: int = 20
    distances_ticks: tuple[int, ...] = (2, 4, 6, 10, 20)
    min_seconds: int = 300
    lookback: int = 20
    min_sessions: int = 5
    recent_s: int = 10


@dataclass(frozen=True)
class Measured:
    """Measures of both sides of a level over a window.

    Attributes:
        end_s: End of the window.
        level_id: Level.
        level_tick: Its price at the end of the window.
        k_ticks: Its offset from spot.
        by_side: retreat_ticks, retreat_qty, pull_share and pull_qty of `ask` and `bid`.
    """

    end_s: int
    level_id: str
    level_tick: int
    k_ticks: int
    by_side: Mapping[str, Mapping[str, float | None]]


# (role, far end of the band, measure) of a population
Population = tuple[str, int, str]


def measured_levels(
    day: SurfaceDay,
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    rules: TurnRules,
) -> list[Measured]:
    """Measures around every active level near spot, in time order.

    Args:
        day: Rows of `book_snapshot_1s` (with best quotes), `wall_surface_1s`, `reprice_flow_1s`.
        levels: Rows of `levels_1s`.
        offsets: Rows of `level_offset_1s` for the same keys.
        rules: Settings.
    """
    found = []
    for (end_s, level), row in sorted(levels.items()):
        k = offsets[end_s, level]["k_ticks"]
        is_near = k is not None and abs(k) <= rules.max_k_ticks
        if not (row["is_active"] and is_near and is_surface_second(day, end_s - 1)):
            continue
        anchor = row["level_price_int"]
        by_side = {side: side_measures(day, end_s, anchor, side, rules) for side in SIDES}
        found.append(Measured(end_s, level, row["level_tick"], k, by_side))
    return found


def side_measures(
    day: SurfaceDay, end_s: int, anchor_int: int, side: str, rules: TurnRules
) -> dict[str, float | None]:
    """Retreat of a side from a price, and the pulled share of its depth."""
    sums = side_flows(day, end_s, anchor_int, side, rules)
    if sums is None:
        return dict.fromkeys(("retreat_ticks", "retreat_qty", "pull_share", "pull_qty"))
    spots = [day.spot(second) for second in (end_s - rules.window_s - 1, end_s - 1)]
    before, after = (spot // day.config.tick_int for spot in spots)
    return measures_of(sums, side, after - before, rules)


def measures_of(
    sums: Mapping[str, int], side: str, spot_move_ticks: int, rules: TurnRules
) -> dict[str, float | None]:
    """Measures of a side from its sums and the move of spot."""
    has_rest = sums["rest_start"] >= rules.min_contracts
    has_depth = sums["depth_start"] >= rules.min_contracts
    own_ticks = sums["repriced_ticks"] - explained_ticks(sums, side, spot_move_ticks)
    return {
        "retreat_ticks": own_ticks / sums["rest_start"] if has_rest else None,
        "retreat_qty": sums["repriced"],
        "pull_share": (sums["pull"] - sums["add"]) / sums["depth_start"] if has_depth else None,
        "pull_qty": sums["pull"] + sums["add"],
    }


def explained_ticks(sums: Mapping[str, int], side: str, spot_move_ticks: int) -> int:
    """Re-priced ticks explained by spot's move; away from the other side is positive."""
    away = SIDES[side][1] * spot_move_ticks
    if away * sums["repriced_ticks"] <= 0:
        return 0
    explained = min(abs(away) * sums["repriced"], abs(sums["repriced_ticks"]))
    return explained if away > 0 else -explained


def side_flows(
    day: SurfaceDay, end_s: int, anchor_int: int, side: str, rules: TurnRules
) -> dict[str, int] | None:
    """Sums of one side over a window; None if any of its seconds is unknown."""
    letter, sense = SIDES[side]
    tick_int = day.config.tick_int
    seconds = range(end_s - rules.window_s, end_s)
    with_start = [seconds[0] - 1, *seconds]
    if not is_valid(day, end_s, rules) or not is_reached(day, end_s, anchor_int, rules):
        return None
    zone = [anchor_int + sense * n * tick_int for n in range(rules.zone_ticks + 1)]
    snapshots = [day.snapshot[second] for second in with_start]
    if side == "ask":
        border = max(row["best_bid_price_int"] for row in snapshots)
        open_prices = {price for price in zone if price > border}
    else:
        border = min(row["best_ask_price_int"] for row in snapshots)
        open_prices = {price for price in zone if price < border}

    def row_at(second: int, price: int) -> Mapping[str, int]:
        return day.wall.get(second, {}).get((letter, price), NOTHING | NO_REPRICES)

    def height(price: int) -> int:
        """Ticks from the level, away from the other side; at most one tick outside of the zone."""
        ticks = sense * (price - anchor_int) // tick_int
        return min(max(ticks, -1), rules.zone_ticks + 1)

    moves = [
        move
        for second in seconds
        for move in day.reprice.get(second, [])
        if move["side"] == letter
        and (move["price_from_int"] in zone or move["price_to_int"] in zone)
    ]
    flows = [row_at(second, price) for second in seconds for price in open_prices]
    left = sum(move["qty_rest"] for move in moves if move["price_from_int"] in open_prices)
    return {
        "rest_start": sum(row_at(with_start[0], price)["depth_qty_rest"] for price in zone),
        "depth_start": sum(row_at(with_start[0], p)["depth_qty_end"] for p in open_prices),
        "add": sum(row["add_qty"] - row["reprice_in_qty"] for row in flows),
        "pull": sum(row["pull_qty_rest"] for row in flows) - left,
        "repriced": sum(move["qty_rest"] for move in moves),
        "repriced_ticks": sum(
            move["qty_rest"] * (height(move["price_to_int"]) - height(move["price_from_int"]))
            for move in moves
        ),
    }


def is_valid(day: SurfaceDay, end_s: int, rules: TurnRules) -> bool:
    """Whether all seconds of a window and the second before it are valid and have a spot."""
    return all(
        is_surface_second(day, second) and day.is_valid(second) and day.spot(second) is not None
        for second in range(end_s - rules.window_s - 1, end_s)
    )


def is_reached(day: SurfaceDay, end_s: int, anchor_int: int, rules: TurnRules) -> bool:
    """Whether all existing walls of those seconds reach both zones."""
    reach_int = rules.zone_ticks * day.config.tick_int
    return all(
        day.is_in_wall(second, anchor_int + reach)
        for second in range(end_s - rules.window_s - 1, end_s)
        if second in day.snapshot and day.spot(second) is not None
        for reach in (-reach_int, reach_int)
    )


NO_REPRICES = {"reprice_in_qty": 0, "reprice_out_qty": 0}


def distance_end(k_ticks: int, rules: TurnRules) -> int:
    """Far end of the distance band of a level."""
    return min(end for end in rules.distances_ticks if abs(k_ticks) <= end)


def role_of(side: str, level_side: int) -> str:
    """Whether a side of the book lies ahead of price or behind it, by price's side of the level."""
    return "ahead" if SIDES[side][1] == level_side else "behind"


def usual_sizes(rows: Iterable[Measured], rules: TurnRules) -> dict[Population, float | None]:
    """Usual size of each measure by role and distance, about a median of 0."""
    values: dict[Population, list[float]] = {}
    seen = set()
    for row in rows:
        if row.k_ticks == 0 or (row.end_s, row.level_tick) in seen:
            continue
        seen.add((row.end_s, row.level_tick))
        for side, measures in row.by_side.items():
            role = role_of(side, 1 if row.k_ticks > 0 else -1)
            for kind in QUANTITIES:
                key = role, distance_end(row.k_ticks, rules), kind
                if measures[kind] is not None:
                    values.setdefault(key, []).append(abs(measures[kind]))
    return {
        key: spread_of(sizes) if len(sizes) >= rules.min_seconds else None
        for key, sizes in values.items()
    }


def spread_of(sizes: Sequence[float]) -> float | None:
    """Spread about 0 of values without their signs; None if all are 0."""
    if median(sizes) > 0:
        return NORMAL_SHARE * median(sizes)
    return sqrt(fsum(size * size for size in sizes) / len(sizes)) or None


class Calibration:
    """Usual sizes at each second of a day."""

    def __init__(
        self, earlier: Sequence[Sequence[Measured]], own: Sequence[Measured], rules: TurnRules
    ) -> None:
        """Store the measures of earlier sessions, oldest first, and of the day itself."""
        self._rules = rules
        self.mode = PRIOR_SESSIONS if len(earlier) >= rules.min_sessions else INTRADAY
        self._earlier = [row for session in earlier[-rules.lookback :] for row in session]
        self._own = own
        self._known: dict[tuple[str, int], dict[Population, float | None]] = {}

    def at(self, end_s: int) -> Mapping[Population, float | None]:
        """Usual sizes known at a second."""
        start_s = end_s - 1
        key = (self.mode, half_hour_of(start_s))
        if self.mode == INTRADAY:
            key = (self.mode, start_s // MINUTE_S)
        if key not in self._known:
            self._known[key] = usual_sizes(self._rows_at(start_s), self._rules)
        return self._known[key]

    def _rows_at(self, start_s: int) -> list[Measured]:
        if self.mode == PRIOR_SESSIONS:
            wanted = half_hour_of(start_s)
            return [row for row in self._earlier if half_hour_of(row.end_s - 1) == wanted]
        minute_s = start_s // MINUTE_S * MINUTE_S
        open_s = clock_on(new_york_date(start_s), RTH_OPEN)
        since_s = open_s if minute_s >= open_s else 0
        return [row for row in self._own if since_s < row.end_s <= minute_s]


def half_hour_of(instant_s: int) -> int:
    """Half-hour of the New York day."""
    return (instant_s - clock_on(new_york_date(instant_s), "00:00")) // HALF_HOUR_S
