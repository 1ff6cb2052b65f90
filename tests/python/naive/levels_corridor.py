"""`level_corridor_1s` and `level_features_wide_1s`.

Rules chosen where the specification leaves room:
- Rows exist where the level has a surface (see `levels_book`); corridor rows only if k != 0.
- In invalid seconds only corridor_len_ticks is known.
- The 20 ticks behind spot are 1 ... 20 ticks from it on the opposite side, without spot itself.
- Without depth beyond the level, beyond_max_depth is 0 at beyond_max_rho 0, the nearest of equals.
- Corridor flows and every corridor ratio are None when the corridor is empty; beyond_rel_depth is
  not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import log

from naive.levels_book import near_levels
from naive.levels_model import LevelKey, LevelRules
from naive.surfaces import NOTHING, ZONE_TICKS, Row, SurfaceDay

FLOWS = {"add": "add_qty", "pull": "pull_qty_total", "fill": "fill_qty"}
STRETCHES = ("corridor", "beyond")
OPPOSITE = {"A": "B", "B": "A"}
CORRIDOR_COLUMNS = (
    *(f"{stretch}_{part}_per_tick" for stretch in STRETCHES for part in ("depth", *FLOWS)),
    "spot_depth_per_tick",
    "corridor_rel_depth",
    "beyond_rel_depth",
    "beyond_corridor_log",
    "beyond_max_depth",
    "beyond_max_rho",
    "behind_depth_per_tick",
    "behind_pull_add_log",
    "behind_add_qty",
    "behind_pull_qty",
)
Cells = list[Mapping[str, int]]


def level_corridor_1s(
    day: SurfaceDay,
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    rules: LevelRules,
) -> dict[LevelKey, Row]:
    """Rows of `silver.level_corridor_1s` by (window end in seconds, level_id).

    Args:
        day: Rows of `book_snapshot_1s`, `wall_surface_1s` and `reprice_flow_1s`.
        levels: Rows of `levels_1s`.
        offsets: Rows of `level_offset_1s` for the same keys.
        rules: Symbol, date and settings.
    """
    rows = {}
    for end_s, level in near_levels(day, levels, offsets, rules):
        k = offsets[end_s, level]["k_ticks"]
        if k == 0:
            continue
        measures = dict.fromkeys(CORRIDOR_COLUMNS)
        if day.is_valid(end_s - 1):
            measures = corridor(day, end_s - 1, k)
        rows[end_s, level] = {
            **_keys(day, end_s, level, levels, k),
            "corridor_len_ticks": max(abs(k) - 1, 0),
            **measures,
        }
    return rows


def _keys(
    day: SurfaceDay, end_s: int, level: str, levels: Mapping[LevelKey, Row], k_ticks: int
) -> Row:
    return {
        **day.keys(end_s - 1),
        "level_id": level,
        "level_price_int": levels[end_s, level]["level_price_int"],
        "k_ticks": k_ticks,
        "window_valid": day.is_valid(end_s - 1),
    }


def corridor(day: SurfaceDay, second: int, k_ticks: int) -> Row:
    """Liquidity before and beyond a level `k_ticks` from spot, not 0."""
    side, sense = ("A", 1) if k_ticks > 0 else ("B", -1)
    distance = abs(k_ticks)

    def cells(of_side: str, distances: Iterable[int]) -> Cells:
        """Wall at distances from spot toward the level; negative distances lie behind spot."""
        spot, tick_int = day.spot(second), day.config.tick_int
        wall = day.wall.get(second, {})
        prices = [spot + sense * ticks * tick_int for ticks in distances]
        return [wall.get((of_side, price_int), NOTHING) for price_int in prices]

    row: Row = {}
    before = cells(side, range(1, distance))
    beyond = cells(side, range(distance, distance + ZONE_TICKS + 1))
    behind = cells(OPPOSITE[side], range(-1, -ZONE_TICKS - 1, -1))
    for stretch, inside in zip(STRETCHES, (before, beyond), strict=True):
        for part, name in {"depth": "depth_qty_end", **FLOWS}.items():
            row[f"{stretch}_{part}_per_tick"] = (
                _total(inside, name) / len(inside) if inside else None
            )
    at_spot = _total(cells(side, range(1, ZONE_TICKS + 1)), "depth_qty_end") / ZONE_TICKS
    depth_before, depth_beyond = row["corridor_depth_per_tick"], row["beyond_depth_per_tick"]
    depths = [cell["depth_qty_end"] for cell in beyond]
    pulled, added = _total(behind, "pull_qty_total"), _total(behind, "add_qty")
    row |= {
        "spot_depth_per_tick": at_spot,
        "corridor_rel_depth": None if depth_before is None else depth_before / (at_spot + 1),
        "beyond_rel_depth": depth_beyond / (at_spot + 1),
        "beyond_corridor_log": (
            None if depth_before is None else log((depth_beyond + 1) / (depth_before + 1))
        ),
        "beyond_max_depth": max(depths),
        # index finds the first maximum, which is the nearest
        "beyond_max_rho": depths.index(max(depths)),
        "behind_depth_per_tick": _total(behind, "depth_qty_end") / ZONE_TICKS,
        "behind_pull_add_log": log((pulled + 1) / (added + 1)),
        "behind_add_qty": added,
        "behind_pull_qty": pulled,
    }
    return row


def _total(cells: Cells, name: str) -> int:
    return sum(cell[name] for cell in cells)


def wide_row(by_level: Mapping[str, Row], market: Row) -> Row:
    """A row of `silver.level_features_wide_1s`: level features prefixed, market features not.

    Args:
        by_level: Features (without keys) of each level at one second.
        market: Market features of the second.

    Raises:
        ValueError: A name is both a level's and the market's.
    """
    twice = {name for features in by_level.values() for name in features} & set(market)
    if twice:
        raise ValueError(f"both level and market features: {sorted(twice)}")
    prefixed = {
        f"{level}_{name}": value
        for level, features in by_level.items()
        for name, value in features.items()
    }
    return {**market, **prefixed}
