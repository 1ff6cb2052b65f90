"""`walls_1s` and `wall_outcomes`: prices at which far more rests than usual, and their fate.

Rules chosen where the specification leaves room:
- A wall is one price of one side. It begins at `wall_ratio` times (usual depth + 1) with at least
  `min_contracts`, and stands while it has `gone_share` of that ratio, in consecutive valid seconds
  in which it lies on its side of spot and at most `near_ticks` away.
- It counts once in each combination of bands, at the first second in which it has it while price
  is farther away than `reach_ticks`.
- What follows is counted against the depth of that second: the wall is gone with less than
  `gone_share` of it. It was pulled if price had not come by then, a trade within `reach_ticks`.
  Otherwise it was eaten if the seconds from the coming on filled at least as much as they pulled,
  else pulled late.
- It held if a trade of a later second than that of the coming lies `turn_ticks` before it.
- A path ends with the first second that is invalid, missing, or too far from the wall to show it,
  and where a recording gap begins (see `gaps`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from naive.gaps import Gap, cut_known_s, followed_until_s
from naive.levels_model import Row, timestamp_of

Price = tuple[str, int]


@dataclass(frozen=True)
class Cell:
    """Depth and flows of a side at a price in a second, contracts."""

    depth: int
    filled: int = 0
    pulled: int = 0


@dataclass(frozen=True)
class MarketSecond:
    """A second of the book; prices are ticks.

    Attributes:
        spot: Spot at its end.
        is_valid: `window_valid`.
        cells: By side and price.
        trades: Prices of trades.
        usual: Usual depth by side and distance from spot; None where it is not known.
    """

    spot: int
    is_valid: bool
    cells: Mapping[Price, Cell]
    trades: Sequence[int]
    usual: Mapping[tuple[str, int], float | None]


@dataclass(frozen=True)
class WallRules:
    """What a wall is, and when it is gone."""

    wall_ratio: float = 3
    min_contracts: int = 20
    gone_share: float = 0.5
    near_ticks: int = 40
    shown_ticks: int = 400
    reach_ticks: int = 2
    turn_ticks: int = 8
    ratio_bands: Sequence[float] = (3, 5)
    age_bands_s: Sequence[int] = (0, 10, 60)
    distance_bands_ticks: Sequence[int] = (3, 11, 21)


def walls_1s(seconds: Mapping[int, MarketSecond], rules: WallRules) -> list[Row]:
    """Rows of `walls_1s`, times in seconds and prices in ticks."""
    rows = []
    standing: dict[Price, int] = {}
    for now in sorted(seconds):
        before = standing if now - 1 in seconds else {}
        standing = {}
        second = seconds[now]
        if not second.is_valid:
            continue
        for (side, price), cell in second.cells.items():
            distance = price - second.spot if side == "A" else second.spot - price
            usual = second.usual.get((side, distance))
            if not 1 <= distance <= rules.near_ticks or usual is None:
                continue
            ratio = cell.depth / (usual + 1)
            if ratio < rules.wall_ratio * rules.gone_share:
                continue
            if (side, price) in before:
                standing[side, price] = before[side, price]
            elif ratio >= rules.wall_ratio and cell.depth >= rules.min_contracts:
                standing[side, price] = now + 1
            else:
                continue
            started = standing[side, price]
            rows.append(
                {
                    "end_s": now + 1,
                    "side": side,
                    "price": price,
                    "started_s": started,
                    "age_s": now + 1 - started,
                    "distance_ticks": distance,
                    "depth_qty": cell.depth,
                    "wall_ratio": ratio,
                }
            )
    return rows


def wall_outcomes(
    seconds: Mapping[int, MarketSecond], rules: WallRules, gaps: Iterable[Gap] = ()
) -> list[Row]:
    """Rows of `wall_outcomes`, prices in ticks."""
    gaps = tuple(gaps)
    found: dict[tuple[object, ...], Row] = {}
    for wall in walls_1s(seconds, rules):
        bands = {
            "ratio_from": _edge(wall["wall_ratio"], rules.ratio_bands),
            "age_from_s": _edge(wall["age_s"], rules.age_bands_s),
            "distance_from_ticks": _edge(wall["distance_ticks"], rules.distance_bands_ticks),
        }
        key = (wall["side"], wall["price"], wall["started_s"], *bands.values())
        is_near = wall["distance_ticks"] <= rules.reach_ticks
        if is_near or None in bands.values() or key in found:
            continue
        found[key] = wall | bands | _fate(wall, seconds, rules, gaps)
    return [
        {
            "window_end_ts": timestamp_of(row.pop("end_s")),
            "started_ts": timestamp_of(row.pop("started_s")),
            **row,
        }
        for row in found.values()
    ]


def _fate(
    wall: Row, seconds: Mapping[int, MarketSecond], rules: WallRules, gaps: Sequence[Gap]
) -> Row:
    """Return what followed a wall: when price came, the outcome, and when it is known."""
    key, start = (wall["side"], wall["price"]), wall["end_s"]
    sign = 1 if wall["side"] == "A" else -1
    came = None
    taken = {"filled": 0, "pulled": 0}
    now = start
    gap_s = followed_until_s(gaps, start)

    def known(outcome: str, known_s: int) -> Row:
        return {
            "reached_ts": None if came is None else timestamp_of(came),
            "outcome": outcome,
            "label_end_ts": timestamp_of(known_s),
        }

    while True:
        if now == gap_s and now in seconds and seconds[now].is_valid:
            return known("censored", cut_known_s(gaps, start))
        if now not in seconds or not seconds[now].is_valid:
            return known("censored", now)
        second = seconds[now]
        if abs(second.spot - wall["price"]) > rules.shown_ticks:
            return known("censored", now + 1)
        # ticks by which trades stay before the wall
        before = [sign * (wall["price"] - price) for price in second.trades]
        has_turned = came is not None and any(ticks >= rules.turn_ticks for ticks in before)
        if came is None and any(ticks <= rules.reach_ticks for ticks in before):
            came = now
        cell = second.cells.get(key, Cell(0))
        if came is not None:
            taken["filled"] += cell.filled
            taken["pulled"] += cell.pulled
        if cell.depth < rules.gone_share * wall["depth_qty"]:
            if came is None:
                return known("pulled", now + 1)
            is_eaten = taken["filled"] >= taken["pulled"]
            return known("eaten" if is_eaten else "pulled_late", now + 1)
        if has_turned:
            return known("held", now + 1)
        now += 1


def _edge(value: float, edges: Sequence[float]) -> float | None:
    """Lower edge of the band of a value."""
    return max((edge for edge in edges if edge <= value), default=None)
