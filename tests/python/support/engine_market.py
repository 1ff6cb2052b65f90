"""Scripted and drawn contract-days for the tests of the level engines: prices in ticks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from naive.levels_model import LEVEL_IDS, clock_s
from naive.surfaces import Row, timestamp_of

DAY = date(2025, 10, 1)
SYMBOL = "ESZ5"
TICK_INT = 250_000_000
NS_PER_S = 1_000_000_000
START_S = clock_s(DAY, "10:00")
EXPIRATION_NS = clock_s(DAY, "16:00") * NS_PER_S

CONSTANTS: dict[str, Any] = {
    "monitor_band_ticks": 1,
    "touch_band_ticks": 0,
    "w_barrier_s": 240,
    "w_tape_s": 60,
    "w_fuel_s": 60,
    "w_velocity_s": 3,
    "w_wall_s": 300,
    "barrier_zone_ticks": 8,
    "r_vacuum": 0.3,
    "r_wall": 1.5,
    "f_thresh_contracts": 100,
    "weak_depth_contracts": 50,
    "absorb_min_contracts": 50,
    "absorb_filled_share_min": 0.25,
    "churn_min": 100,
    "churn_flat": 50,
    "activity_full": 500,
    "tape_band_ticks": 2,
    "sweep_notional_usd": 500_000,
    "sweep_gap_ms": 100,
    "fuel_strike_steps": 3,
    "fuel_effect_gamma": 10_000,
    "gamma_wall_min": 50_000,
    "velocity_ref_ticks_s": 2,
    "w_l": 0.45,
    "w_h": 0.35,
    "w_t": 0.20,
    "hold_s": 3,
    "break_score_min": 80,
    "reject_score_max": 20,
    "contested_low": 30,
    "contested_high": 70,
    "contested_activity": 2_000,
    "tau_score": 2.0,
    "tau_velocity": 1.5,
    "tau_delta_liq": 3.0,
    "tau_replenish": 3.0,
    "tau_gamma": 5.0,
    "confluence_band_ticks": 20,
    # beside the table of the specification
    "engine_max_k_ticks": 40,
    "valid_share_min": 0.9,
    "velocity_min_trades": 3,
    "s_l_weak": 75,
    "s_l_consumed": 60,
    "s_t_part": 25,
    "confidence_high": 0.7,
    "confidence_medium": 0.4,
    "runway_reach_ticks": 20,
    "runway_wall_ratio": 3,
    "threshold_1_ticks": 3,
    "threshold_2_ticks": 8,
    "kinematics_valid_share_min": 0.8,
    "velocity_lag_s": 30,
    "accel_beta": 1.0,
    # of the product and the book
    "tick_int": TICK_INT,
    "point_value": 50,
    "strike_step_int": 5_000_000_000,
    "wall_max_ticks": 400,
    "surface_window_s": None,
    "gex_max_dte": 0,
    # vars of the project
    "approach_over_s": 60,
    "cluster_drift_ticks": 4,
}
WEIGHTS = {
    "pm_high": 1.0,
    "pm_low": 1.0,
    "or_high": 0.9,
    "or_low": 0.9,
    "sma_400": 0.8,
    "sma_200": 0.8,
    "sma_90": 0.8,
}
QUANTITIES = (
    "depth_qty_start",
    "depth_qty_end",
    "add_qty",
    "pull_qty_total",
    "pull_qty_rest",
    "fill_qty",
    "reprice_in_qty",
    "reprice_out_qty",
    "reset_qty",
    "depth_qty_rest",
    "order_count_end",
)


def keys_of(end_s: int) -> Row:
    """Keys that every relation of one second has."""
    return {
        "symbol": SYMBOL,
        "dt": DAY,
        "window_start_ts": timestamp_of(end_s - 1),
        "window_end_ts": timestamp_of(end_s),
    }


def snapshot_row(
    end_s: int,
    spot: int | None,
    *,
    flags: int = 0,
    bid: tuple[int, int] | None = None,
    ask: tuple[int, int] | None = None,
) -> Row:
    """A row of `book_snapshot_1s`: spot, and (ticks, contracts) of the best quotes.

    By default the best bid lies at spot and the best ask a tick above, with 10 contracts each.
    """
    known = spot is not None
    bid_ticks, bid_qty = bid or ((spot, 10) if known else (None, None))
    ask_ticks, ask_qty = ask or ((spot + 1, 10) if known else (None, None))
    mid_int = (bid_ticks + ask_ticks) * TICK_INT // 2 if known else None
    return keys_of(end_s) | {
        "best_bid_price_int": None if bid_ticks is None else bid_ticks * TICK_INT,
        "best_ask_price_int": None if ask_ticks is None else ask_ticks * TICK_INT,
        "best_bid_price": None if bid_ticks is None else bid_ticks * TICK_INT / NS_PER_S,
        "best_ask_price": None if ask_ticks is None else ask_ticks * TICK_INT / NS_PER_S,
        "best_bid_qty": bid_qty,
        "best_ask_qty": ask_qty,
        "mid_price_int": mid_int,
        "mid_price": None if mid_int is None else mid_int / NS_PER_S,
        "spot_ref_price_int": spot * TICK_INT if known else None,
        "spot_ref_price": spot * TICK_INT / NS_PER_S if known else None,
        "invalid_flags": flags,
        "book_valid": not flags & 7,
        "window_valid": flags == 0,
    }


def wall_row(end_s: int, spot: int, side: str, ticks: int, flags: int = 0, **counts: int) -> Row:
    """A row of `wall_surface_1s`; quantities that are not given are 0."""
    return (
        keys_of(end_s)
        | {
            "side": side,
            "price_int": ticks * TICK_INT,
            "spot_ref_price_int": spot * TICK_INT,
            "rel_ticks": ticks - spot,
            "window_valid": flags == 0,
        }
        | dict.fromkeys(QUANTITIES, 0)
        | counts
    )


def level_rows(
    ticks: Mapping[int, Mapping[str, int]],
    *,
    not_primary: Iterable[str] = (),
    not_active: Iterable[str] = (),
) -> list[Row]:
    """Rows of `levels_1s` by window end and level; a level without ticks has no value."""
    rows = []
    for end_s, of_second in ticks.items():
        for level in LEVEL_IDS:
            tick = of_second.get(level)
            is_active = tick is not None and level not in not_active
            rows.append(
                {name: keys_of(end_s)[name] for name in ("symbol", "dt", "window_end_ts")}
                | {
                    "level_id": level,
                    "level_price": None if tick is None else tick * TICK_INT / NS_PER_S,
                    "level_price_int": None if tick is None else tick * TICK_INT,
                    "level_tick": tick,
                    "is_active": is_active,
                    "is_primary": is_active and level not in not_primary,
                }
            )
    return rows


def offset_rows(snapshot: Iterable[Row], levels: Iterable[Row], **fields: Any) -> list[Row]:
    """Rows of `level_offset_1s` with the offset alone; the other columns are those given."""
    spots = {row["window_end_ts"]: row["spot_ref_price_int"] for row in snapshot}
    rows = []
    for level in levels:
        spot_int = spots[level["window_end_ts"]]
        is_known = spot_int is not None and level["level_tick"] is not None
        rows.append(
            {name: level[name] for name in ("symbol", "dt", "window_end_ts", "level_id")}
            | dict.fromkeys(
                ("k_vol", "sigma_1s_ticks", "speed_15s", "closing_speed_15s", "approach_move_ticks")
            )
            | {"k_ticks": level["level_tick"] - spot_int // TICK_INT if is_known else None}
            | fields
        )
    return rows


def trade_row(
    number: int,
    second_s: int,
    ticks: int | None,
    *,
    size: int = 1,
    side: str = "B",
    offset_ns: int = NS_PER_S // 2,
) -> Row:
    """A row of `contract_trades` in the second that starts at an instant."""
    return {
        "symbol": SYMBOL,
        "dt": DAY,
        "trade_no": number,
        "rec_ordinal": number,
        "ts_event": second_s * NS_PER_S + offset_ns,
        "window_start_ts": timestamp_of(second_s),
        "price_int": None if ticks is None else ticks * TICK_INT,
        "size": size,
        "side": side,
    }


def quiet_seconds(
    n: int, spot: int, level: int, *, direction_of: str = "pm_high", spots: Sequence[int] = ()
) -> tuple[list[Row], list[Row], list[Row]]:
    """Snapshots, levels and offsets of n seconds with one level."""
    places = spots or [spot] * n
    ends = range(START_S + 1, START_S + n + 1)
    snapshot = [snapshot_row(end_s, place) for end_s, place in zip(ends, places, strict=True)]
    levels = level_rows({end_s: {direction_of: level} for end_s in ends})
    return snapshot, levels, offset_rows(snapshot, levels)


def option_row(strike: int, right: str, **fields: Any) -> Row:
    """A row of `option_contracts` of an option that expires on the day, strike in ticks."""
    return {
        "symbol": SYMBOL,
        "dt": DAY,
        "option_symbol": f"{right}{strike}",
        "right": right,
        "strike_price_int": strike * TICK_INT,
        "expiration": EXPIRATION_NS,
        "days_to_expiry": 0,
        "multiplier": 50.0,
    } | fields


def option_trade_row(ts_event: int, strike: int, right: str, size: int, aggressor: int) -> Row:
    """An option trade."""
    return {
        "symbol": SYMBOL,
        "dt": DAY,
        "option_symbol": f"{right}{strike}",
        "ts_event": ts_event,
        "size": size,
        "aggressor": aggressor,
    }


def iv_row(end_s: int, strike: int, gamma: float | None) -> Row:
    """A row of `option_iv_1s`."""
    return keys_of(end_s) | {
        "expiration": EXPIRATION_NS,
        "strike_price_int": strike * TICK_INT,
        "gamma": gamma,
    }


def gex_row(
    end_s: int,
    spot: int,
    strike: int,
    *,
    gex: float | None,
    call: float | None = None,
    put: float | None = None,
) -> Row:
    """A row of `gex_surface_1s`."""
    return keys_of(end_s) | {
        "strike_price_int": strike * TICK_INT,
        "spot_ref_price_int": spot * TICK_INT,
        "rel_ticks": strike - spot,
        "gex_call_abs": call,
        "gex_put_abs": put,
        "gex": gex,
    }


def gex_summary_row(end_s: int, *, gex: float | None = None, flip: float | None = None) -> Row:
    """A row of `gex_summary_1s`."""
    return keys_of(end_s) | {"gex": gex, "gamma_flip_price": flip}
