"""Features of a level event beside the readings of the engines.

Rules chosen where the specification leaves room are those of `level_events`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import copysign, log1p, sqrt
from typing import Any

from naive.engine_rows import DEFENDING_SIDES, Constants, Wall, Zone, last_seconds
from naive.least_squares import cubic_derivatives, slope
from naive.level_event_columns import (
    DEPTH_MINUTES,
    KINEMATIC_MINUTES,
    OFI_SECONDS,
    STACKING_TICKS,
    STRIKES,
    TREND_MINUTES,
)
from naive.levels_model import LEVEL_IDS
from naive.surfaces import Row

MINUTE_S = 60
FORCE_S = 60
EPSILON = 1e-6

LevelRow = Mapping[tuple[int, str], Row]


def barrier_features(book: Wall, end_s: int, score: Row, barrier: Row, constants: Constants) -> Row:
    """Changes of the depth in the zone, and scaled readings."""
    found: Row = {}
    depth, zone = barrier["depth_in_zone"], zone_of(score, constants)
    for minutes in DEPTH_MINUTES:
        then_s = end_s - minutes * MINUTE_S
        delta = percent = None
        if depth is not None and zone is not None and book.counts(then_s, zone):
            before = book.sums(then_s, zone)["depth"]
            delta = depth - before
            percent = 100 * delta / before if before else None
        found[f"barrier_depth_delta_{minutes}min"] = delta
        found[f"barrier_depth_pct_change_{minutes}min"] = percent
    delta_liq, ratio = barrier["delta_liq"], barrier["wall_ratio"]
    return found | {
        "barrier_delta_liq_log": None
        if delta_liq is None
        else copysign(log1p(abs(delta_liq)), delta_liq),
        "wall_ratio_log": None if ratio is None else log1p(ratio),
        "barrier_delta_liq_nonzero": None if delta_liq is None else delta_liq != 0,
        "wall_ratio_nonzero": None if ratio is None else ratio != 0,
    }


def zone_of(score: Row, constants: Constants) -> Zone | None:
    """Zone that a row's barrier is read from; None without a direction."""
    side = DEFENDING_SIDES[score["direction"]]
    if side is None:
        return None
    half, tick_int = constants["barrier_zone_ticks"], constants["tick_int"]
    return Zone.around(side, score["level_price_int"], half, tick_int)


def gamma_features(strikes: Iterable[Row], summary: Row | None, level_price_int: int) -> Row:
    """Gamma exposure of the grid, and of the nearest strikes on either side of the level."""
    ordered = sorted(strikes, key=lambda row: row["strike_price_int"])
    above = [row for row in ordered if row["strike_price_int"] > level_price_int]
    below = [row for row in reversed(ordered) if row["strike_price_int"] < level_price_int]
    found: Row = {"gamma_exposure": None if summary is None else summary["gex"]}
    for n in STRIKES:
        found[f"gex_above_{n}strike"] = sum_of(above, n, "gex")
        found[f"gex_below_{n}strike"] = sum_of(below, n, "gex")
        found[f"call_gex_above_{n}strike"] = sum_of(above, n, "gex_call_abs")
        found[f"put_gex_below_{n}strike"] = sum_of(below, n, "gex_put_abs")
    up, down = found["gex_above_3strike"], found["gex_below_3strike"]
    calls, puts = found["call_gex_above_3strike"], found["put_gex_below_3strike"]
    up_2, down_2 = found["gex_above_2strike"], found["gex_below_2strike"]
    is_known = up is not None and down is not None
    return found | {
        "gex_asymmetry": (up - down) / (abs(up) + abs(down) + EPSILON) if is_known else None,
        "gex_ratio": calls / puts if calls is not None and puts else None,
        "net_gex_2strike": up_2 + down_2 if up_2 is not None and down_2 is not None else None,
    }


def sum_of(strikes: list[Row], n: int, name: str) -> float | None:
    """Sum over the first n strikes; None if one of them is missing or unknown."""
    values = [row[name] for row in strikes[:n]]
    return None if len(values) < n or None in values else sum(values)


def kinematic_features(
    seconds: Mapping[int, Row], end_s: int, sign: int, level_price_int: int, constants: Constants
) -> Row:
    """Derivatives of the path of the mid, and the trend of its velocity."""

    def place(second: int) -> float | None:
        row = seconds.get(second)
        if row is None or not row["window_valid"] or row["mid_price_int"] is None:
            return None
        return sign * (row["mid_price_int"] - level_price_int) / constants["tick_int"]

    def is_enough(n_known: int, minutes: int) -> bool:
        return n_known / (minutes * MINUTE_S) >= constants["kinematics_valid_share_min"]

    found: Row = {}
    for minutes in KINEMATIC_MINUTES:
        path = [
            ((second - end_s) / MINUTE_S, place(second))
            for second in last_seconds(end_s, minutes * MINUTE_S)
        ]
        known = [(minute, x) for minute, x in path if x is not None]
        derivatives: tuple[float | None, ...] = (None,) * 3
        if is_enough(len(known), minutes):
            derivatives = cubic_derivatives(known)
        names = ("velocity", "acceleration", "jerk")
        for name, value in zip(names, derivatives, strict=True):
            found[f"{name}_{minutes}min"] = value
    lag_s = constants["velocity_lag_s"]
    for minutes in TREND_MINUTES:
        speeds = []
        for second in last_seconds(end_s, minutes * MINUTE_S):
            now, before = place(second), place(second - lag_s)
            if now is not None and before is not None:
                speeds.append(((second - end_s) / MINUTE_S, (now - before) * MINUTE_S / lag_s))
        trend = slope(speeds) if is_enough(len(speeds), minutes) else None
        found[f"momentum_trend_{minutes}min"] = trend
    return found


def order_flow_features(
    seconds: Mapping[int, Row], book: Wall, end_s: int, level_price_int: int, constants: Constants
) -> Row:
    """Order flow imbalance of the best quotes, and of every price of the zone."""
    half, tick_int = constants["barrier_zone_ticks"], constants["tick_int"]
    asks, bids = (Zone.around(side, level_price_int, half, tick_int) for side in ("A", "B"))
    found: Row = {}
    for n in OFI_SECONDS:
        best = [
            quote_flow(seconds.get(second - 1), seconds.get(second))
            for second in last_seconds(end_s, n)
        ]
        known = [value for value in best if value is not None]
        is_known = len(known) / n >= constants["valid_share_min"]
        found[f"ofi_{n}s"] = float(sum(known)) if is_known else None
        near = book.known(end_s, n, asks)
        found[f"ofi_near_level_{n}s"] = None
        if near is not None:
            found[f"ofi_near_level_{n}s"] = float(
                sum(net_flow(book, second, bids) - net_flow(book, second, asks) for second in near)
            )
    short, long = found["ofi_30s"], found["ofi_60s"]
    is_known = short is not None and long is not None
    return found | {"ofi_acceleration": short - long / 2 if is_known else None}


def quote_flow(before: Row | None, now: Row | None) -> int | None:
    """Order flow between two states of the best quotes [Cont, Kukanov, Stoikov]."""
    names = ("best_bid_price_int", "best_ask_price_int", "best_bid_qty", "best_ask_qty")
    for row in (before, now):
        if row is None or not row["window_valid"] or any(row[name] is None for name in names):
            return None
    bid, ask, bid_qty, ask_qty = (now[name] for name in names)
    bid_before, ask_before, bid_qty_before, ask_qty_before = (before[name] for name in names)
    flow = 0
    if bid >= bid_before:
        flow += bid_qty
    if bid <= bid_before:
        flow -= bid_qty_before
    if ask <= ask_before:
        flow -= ask_qty
    if ask >= ask_before:
        flow += ask_qty_before
    return flow


def net_flow(book: Wall, end_s: int, zone: Zone) -> int:
    """Arrivals less cancellations and executions of a second."""
    sums = book.sums(end_s, zone)
    return sums["added"] - sums["canceled"] - sums["filled"]


def distance_features(
    levels: LevelRow, offsets: LevelRow, end_s: int, score: Row, constants: Constants
) -> Row:
    """Offsets of all levels, and how many stand near the tested one."""
    active = [
        level
        for level in LEVEL_IDS
        if (end_s, level) in levels and levels[end_s, level]["is_active"]
    ]
    found: Row = {"dist_to_tested_level_ticks": score["k_ticks"]}
    for level in LEVEL_IDS:
        offset = offsets[end_s, level] if level in active else {}
        found[f"dist_to_{level}_ticks"] = offset.get("k_ticks")
        found[f"dist_to_{level}_vol"] = offset.get("k_vol")
    for ticks in STACKING_TICKS:
        found[f"level_stacking_{ticks}ticks"] = sum(
            level != score["level_id"]
            and abs(levels[end_s, level]["level_price_int"] - score["level_price_int"])
            <= ticks * constants["tick_int"]
            for level in active
        )
    return found


def proxy_features(
    book: Wall,
    trades: Iterable[Row],
    end_s: int,
    sign: int,
    score: Row,
    acceleration: float | None,
    constants: Constants,
) -> Row:
    """Force of the trades of a minute against the mass of the zone."""
    zone = zone_of(score, constants)
    seconds = None if zone is None else book.known(end_s, FORCE_S, zone)
    found: dict[str, Any] = dict.fromkeys(("force_mass_ratio", "predicted_accel", "accel_residual"))
    if seconds is None:
        return found
    signs = {"B": 1, "A": -1, "N": 0}
    force = sign * sum(signs[trade["side"]] * trade["size"] for trade in trades) / FORCE_S
    mass = sum(book.sums(second, zone)["depth"] for second in seconds) / len(seconds)
    ratio = force / (mass + 1)
    predicted = constants["accel_beta"] * ratio
    return found | {
        "force_mass_ratio": ratio,
        "predicted_accel": predicted,
        "accel_residual": None if acceleration is None else acceleration - predicted,
    }


def approach_features(
    offset: Row, bars: Iterable[Row], sign: int, approach_over_s: int
) -> dict[str, Any]:
    """How price came: speed and distance of the mid, and bars that closed nearer the level.

    Args:
        offset: The row of `level_offset_1s`.
        bars: Rows of `bars` of 120 s that ended by the event.
        sign: +1 for price coming up.
        approach_over_s: Var of the same name.
    """
    speed, move, sigma = (
        offset[name] for name in ("speed_15s", "approach_move_ticks", "sigma_1s_ticks")
    )
    distance = None if move is None else sign * move
    closes = [row["close_price_int"] for row in sorted(bars, key=lambda row: row["bar_end_ts"])]
    n_bars = 0
    while n_bars + 1 < len(closes) and sign * (closes[-1 - n_bars] - closes[-2 - n_bars]) > 0:
        n_bars += 1
    return {
        "approach_velocity": None if speed is None else sign * speed,
        "approach_bars": n_bars,
        "approach_distance_ticks": distance,
        "approach_distance_vol": distance / (sigma * sqrt(approach_over_s))
        if distance is not None and sigma
        else None,
    }
