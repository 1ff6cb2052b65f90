"""`barrier_engine_1s`: how the side that defends a level refills, withdraws or is eaten.

Rules chosen where the specification leaves room:
- The zone is every price within `barrier_zone_ticks` of the level, wherever spot is; side and level
  are those at t for the whole window back.
- Without a direction every reading is None.
- Sums are over the seconds of the window that count; with fewer than `valid_share_min` of them
  they, the state and the confidence are None. They need not count at t.
- Depth, and with it the state and `wall_ratio`, are None where the second at t does not count.
- `wall_ratio` is None when too few of the `w_wall_s` seconds count or their mean depth is 0; the
  second at t is one of them.
- The defending quote is the best quote of the defending side, wherever it is; None in an invalid
  second.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from naive.engine_rows import (
    DEFENDING_SIDES,
    Constants,
    Wall,
    Zone,
    by_end,
    end_of,
    engine_keys,
)
from naive.surfaces import Row

COLUMNS = (
    "state",
    "delta_liq",
    "replenishment_ratio",
    "added",
    "canceled",
    "filled",
    "churn",
    "depth_in_zone",
    "wall_ratio",
    "defending_quote_price_int",
    "defending_quote_size",
    "confidence",
)
EPSILON = 1e-6
QUOTE_COLUMNS = ("defending_quote_price_int", "defending_quote_size")
QUOTES = {"A": ("best_ask_price_int", "best_ask_qty"), "B": ("best_bid_price_int", "best_bid_qty")}


def barrier_engine_1s(
    snapshot: Iterable[Row],
    wall: Iterable[Row],
    levels: Iterable[Row],
    offsets: Iterable[Row],
    constants: Constants,
    courses: Iterable[Row] = (),
) -> list[Row]:
    """Rows of `silver.barrier_engine_1s` of one contract-day, by second and priority.

    Args:
        snapshot: Rows of `book_snapshot_1s`.
        wall: Rows of `wall_surface_1s`.
        levels: Rows of `levels_1s`.
        offsets: Rows of `level_offset_1s`.
        constants: See `engine_rows`.
        courses: Rows of `approach_course_1s`.
    """
    snapshot = list(snapshot)
    book, seconds = Wall(snapshot, wall, constants), by_end(snapshot)
    rows = []
    for key in engine_keys(snapshot, levels, offsets, constants, courses):
        end_s = end_of(key)
        side = DEFENDING_SIDES[key["direction"]]
        readings = dict.fromkeys(COLUMNS)
        if side is not None:
            zone = Zone.around(
                side, key["level_price_int"], constants["barrier_zone_ticks"], constants["tick_int"]
            )
            readings |= barrier_readings(book, end_s, zone, constants)
            if seconds[end_s]["window_valid"]:
                for name, column in zip(QUOTE_COLUMNS, QUOTES[side], strict=True):
                    readings[name] = seconds[end_s][column]
        rows.append(key | readings)
    return rows


def barrier_readings(book: Wall, end_s: int, zone: Zone, constants: Constants) -> dict[str, Any]:
    """Readings of a zone at an instant, without the quote."""
    found: dict[str, Any] = {}
    depth = book.sums(end_s, zone)["depth"] if book.counts(end_s, zone) else None
    found["depth_in_zone"] = depth
    wall_seconds = book.known(end_s, constants["w_wall_s"], zone)
    if wall_seconds is not None and depth is not None:
        mean = sum(book.sums(second, zone)["depth"] for second in wall_seconds) / len(wall_seconds)
        found["wall_ratio"] = depth / mean if mean else None
    seconds = book.known(end_s, constants["w_barrier_s"], zone)
    if seconds is None:
        return found
    added, canceled, filled = (
        sum(book.sums(second, zone)[name] for second in seconds)
        for name in ("added", "canceled", "filled")
    )
    delta_liq = added - canceled - filled
    ratio = added / (canceled + filled + EPSILON)
    churn = added + canceled + filled
    if depth is not None:
        found["state"] = barrier_state(delta_liq, ratio, canceled, filled, churn, depth, constants)
    return found | {
        "delta_liq": delta_liq,
        "replenishment_ratio": ratio,
        "added": added,
        "canceled": canceled,
        "filled": filled,
        "churn": churn,
        "confidence": min(1.0, churn / constants["activity_full"]),
    }


def barrier_state(
    delta_liq: int,
    ratio: float,
    canceled: int,
    filled: int,
    churn: int,
    depth_in_zone: int,
    constants: Constants,
) -> str:
    """First state whose condition holds."""
    threshold = constants["f_thresh_contracts"]
    if ratio < constants["r_vacuum"] and delta_liq < -threshold:
        return "VACUUM"
    if ratio > constants["r_wall"] and delta_liq > threshold:
        return "WALL"
    if delta_liq < -threshold and filled > canceled:
        return "CONSUMED"
    if (
        delta_liq > 0
        and ratio > 1
        and filled >= constants["absorb_min_contracts"]
        and filled >= constants["absorb_filled_share_min"] * (canceled + filled)
    ):
        return "ABSORPTION"
    if depth_in_zone < constants["weak_depth_contracts"]:
        return "WEAK"
    if abs(delta_liq) < constants["churn_flat"] and churn > constants["churn_min"]:
        return "ABSORPTION"
    return "NEUTRAL"
