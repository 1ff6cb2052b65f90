"""`level_surface_1s`, `level_vacuum_1s` and `mbo_level_vacuum_5s`, anchored at the level itself.

Wall and re-price rows are bucketed by their price against the level's price; spot enters only where
the specification requires it.

Rules chosen where the specification leaves room:
- A level has a surface and features in the seconds of the surface window in which it is active and
  spot is known and at most `level_max_k_ticks` away. Invalid seconds also have rows; their features
  are None.
- The surface keeps rows of both sides on both sides of the level.
- Differences compare published features, each anchored at the level of its own row, also when a
  moving average moved in between.
- A 5 s row exists where the level has a 1 s row at the window's last second, even if the level
  became active, or came near, within the window; its k_ticks and approach_dir belong to that
  second.
- A 5 s row is anchored at the level of its last second; its depth at start comes from its first
  second. A price without a wall row is zero.
- A 5 s window is not valid if a second lies outside the surface window, or if spot was so far away
  that the wall did not hold the whole zone around the level.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any

from naive.levels_model import WINDOW_S, LevelKey, LevelRules
from naive.surfaces import (
    QUANTITIES,
    ZONE_TICKS,
    Row,
    SurfaceDay,
    differences,
    distance_bucket,
    timestamp_of,
)
from naive.surfaces_radar import (
    DERIVATIVE_ORDERS,
    FEATURES,
    radar_features,
    side_state,
)

FLOWS = ("add_qty", "pull_qty_total", "pull_qty_rest", "fill_qty")
UNKNOWN = dict.fromkeys(FEATURES)

SurfaceKey = tuple[int, str, str, int]
Wall = Mapping[tuple[str, int], Mapping[str, Any]]


def near_levels(
    day: SurfaceDay,
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    rules: LevelRules,
) -> list[LevelKey]:
    """Keys (window end in seconds, level_id) of the levels that have a surface and features."""
    keys = []
    for (end_s, level), row in levels.items():
        k = offsets[end_s, level]["k_ticks"]
        is_near = k is not None and abs(k) <= rules.level_max_k_ticks
        if is_surface_second(day, end_s - 1) and row["is_active"] and is_near:
            keys.append((end_s, level))
    return keys


def level_surface_1s(
    day: SurfaceDay,
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    rules: LevelRules,
) -> dict[SurfaceKey, Row]:
    """Rows of `silver.level_surface_1s` by (window end, level_id, side, price_int).

    Args:
        day: Rows of `book_snapshot_1s`, `wall_surface_1s` and `reprice_flow_1s`.
        levels: Rows of `levels_1s`.
        offsets: Rows of `level_offset_1s` for the same keys.
        rules: Symbol, date and settings.
    """
    rows = {}
    for end_s, level in near_levels(day, levels, offsets, rules):
        anchor = levels[end_s, level]["level_price_int"]
        for (side, price_int), wall in day.wall.get(end_s - 1, {}).items():
            rho = (price_int - anchor) // rules.tick_int
            if abs(rho) <= ZONE_TICKS:
                rows[end_s, level, side, price_int] = {
                    **wall,
                    "level_id": level,
                    "rho_ticks": rho,
                    "bucket": distance_bucket(abs(rho)),
                }
    return rows


def level_vacuum_1s(
    day: SurfaceDay,
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    rules: LevelRules,
) -> dict[LevelKey, Row]:
    """Rows of `silver.level_vacuum_1s` by (window end in seconds, level_id).

    Arguments as for `level_surface_1s`.
    """
    features = {}
    for end_s, level in near_levels(day, levels, offsets, rules):
        second = end_s - 1
        anchor = levels[end_s, level]["level_price_int"]
        features[end_s, level] = (
            anchored_features(
                anchor, day.wall.get(second, {}), day.reprice.get(second, []), rules.tick_int
            )
            if day.is_valid(second)
            else UNKNOWN
        )
    return {
        (end_s, level): {
            **_keys(end_s, 1, level, levels, offsets, rules),
            "window_valid": day.is_valid(end_s - 1),
            **_with_differences(features, end_s, level, step_s=1),
        }
        for end_s, level in features
    }


def mbo_level_vacuum_5s(
    day: SurfaceDay,
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    rules: LevelRules,
) -> dict[LevelKey, Row]:
    """Rows of `silver.mbo_level_vacuum_5s` by (window end in seconds, level_id).

    Arguments as for `level_surface_1s`.
    """
    features, is_valid = {}, {}
    for end_s, level in near_levels(day, levels, offsets, rules):
        if end_s % WINDOW_S:
            continue
        wall, reprice = window_book(day, end_s)
        anchor = levels[end_s, level]["level_price_int"]
        is_valid[end_s, level] = is_window_valid(day, end_s, zone_of(anchor, rules))
        features[end_s, level] = (
            anchored_features(anchor, wall, reprice, rules.tick_int)
            if is_valid[end_s, level]
            else UNKNOWN
        )
    return {
        (end_s, level): {
            **_keys(end_s, WINDOW_S, level, levels, offsets, rules),
            "window_valid": is_valid[end_s, level],
            **_with_differences(features, end_s, level, step_s=WINDOW_S),
        }
        for end_s, level in features
    }


def anchored_features(
    anchor_int: int, wall: Wall, reprice: Iterable[Mapping[str, Any]], tick_int: int
) -> dict[str, float]:
    """The 49 features around any price."""
    reprice = list(reprice)
    ask, bid = (side_state(side, anchor_int, tick_int, wall.values(), reprice) for side in "AB")
    values = radar_features(ask, bid)
    return {name: values[name] for name in FEATURES}


def zone_of(anchor_int: int, rules: LevelRules) -> tuple[int, int]:
    """Lowest and highest price of the zone around a level."""
    reach_int = ZONE_TICKS * rules.tick_int
    return anchor_int - reach_int, anchor_int + reach_int


def is_window_valid(day: SurfaceDay, end_s: int, prices: Iterable[int]) -> bool:
    """Whether all five seconds of a window are valid and their walls reach the given prices."""
    prices = list(prices)
    return all(
        is_surface_second(day, second)
        and day.is_valid(second)
        and day.spot(second) is not None
        and all(day.is_in_wall(second, price_int) for price_int in prices)
        for second in range(end_s - WINDOW_S, end_s)
    )


def is_surface_second(day: SurfaceDay, second: int) -> bool:
    """Whether a second exists and lies inside the surface window."""
    index = bisect_left(day.seconds, second)
    return index < len(day.seconds) and day.seconds[index] == second


def window_book(day: SurfaceDay, end_s: int) -> tuple[Wall, list[Mapping[str, Any]]]:
    """Wall and re-price rows of a 5 s window: flows summed, state of its first and last second."""
    first, last = end_s - WINDOW_S, end_s - 1
    cells: dict[tuple[str, int], dict[str, Any]] = {}
    reprice: list[Mapping[str, Any]] = []
    for second in range(first, end_s):
        reprice += day.reprice.get(second, [])
        for (side, price_int), row in day.wall.get(second, {}).items():
            cell = cells.setdefault(
                (side, price_int),
                {"side": side, "price_int": price_int, **dict.fromkeys(QUANTITIES, 0)},
            )
            for name in FLOWS:
                cell[name] += row[name]
            if second == first:
                cell["depth_qty_start"] = row["depth_qty_start"]
            if second == last:
                cell["depth_qty_end"] = row["depth_qty_end"]
                cell["depth_qty_rest"] = row["depth_qty_rest"]
    return cells, reprice


def _keys(
    end_s: int,
    length_s: int,
    level: str,
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    rules: LevelRules,
) -> Row:
    return {
        "symbol": rules.symbol,
        "dt": rules.dt,
        "window_start_ts": timestamp_of(end_s - length_s),
        "window_end_ts": timestamp_of(end_s),
        "level_id": level,
        "level_price_int": levels[end_s, level]["level_price_int"],
        "k_ticks": offsets[end_s, level]["k_ticks"],
        "approach_dir": offsets[end_s, level]["approach_dir"],
    }


def _with_differences(
    features: Mapping[LevelKey, Mapping[str, float | None]], end_s: int, level: str, *, step_s: int
) -> Row:
    past = [
        features.get((end_s - n * step_s, level), UNKNOWN)
        for n in range(len(DERIVATIVE_ORDERS) + 1)
    ]
    row: Row = dict(past[0])
    for name in FEATURES:
        changes = differences([values[name] for values in past])
        for order, change in zip(DERIVATIVE_ORDERS, changes, strict=True):
            row[f"d{order}_{name}"] = change
    return row
