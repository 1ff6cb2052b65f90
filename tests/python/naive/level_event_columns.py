"""The 182 columns of `level_events` by group, in their order."""

from __future__ import annotations

from naive.levels_model import LEVEL_IDS

KINEMATIC_MINUTES = (1, 3, 5, 10, 20)
TREND_MINUTES = (3, 5, 10, 20)
DEPTH_MINUTES = (1, 3, 5)
STRIKES = (1, 2, 3)
OFI_SECONDS = (30, 60, 120, 300)
STACKING_TICKS = (8, 20, 40)
HORIZON_MINUTES = (2, 4, 8)
PRIMARY_MINUTES = 4

IDENTITY = (
    "event_id",
    "symbol",
    "dt",
    "session_date",
    "event_ts",
    "level_id",
    "level_kind",
    "level_price",
    "level_price_int",
    "direction",
    "entry_price",
    "zone_width_ticks",
    "episode_id",
)
# column of the event by column of the engine
BARRIER_READINGS = {
    "barrier_state": "state",
    "barrier_delta_liq": "delta_liq",
    "barrier_replenishment_ratio": "replenishment_ratio",
    "barrier_added": "added",
    "barrier_canceled": "canceled",
    "barrier_filled": "filled",
    "barrier_churn": "churn",
    "barrier_depth_current": "depth_in_zone",
    "wall_ratio": "wall_ratio",
    "barrier_confidence": "confidence",
}
BARRIER = (
    *BARRIER_READINGS,
    *(f"barrier_depth_delta_{m}min" for m in DEPTH_MINUTES),
    *(f"barrier_depth_pct_change_{m}min" for m in DEPTH_MINUTES),
    "barrier_delta_liq_log",
    "wall_ratio_log",
    "barrier_delta_liq_nonzero",
    "wall_ratio_nonzero",
)
TAPE_READINGS = {
    "tape_imbalance": "imbalance",
    "tape_buy_vol": "buy_vol",
    "tape_sell_vol": "sell_vol",
    "tape_velocity": "velocity_ticks_s",
    "sweep_detected": "sweep_detected",
    "sweep_direction": "sweep_direction",
    "sweep_notional": "sweep_notional",
}
FUEL = (
    "fuel_effect",
    "net_dealer_gamma",
    "gamma_exposure",
    *(f"gex_above_{n}strike" for n in STRIKES),
    *(f"gex_below_{n}strike" for n in STRIKES),
    *(f"call_gex_above_{n}strike" for n in STRIKES),
    *(f"put_gex_below_{n}strike" for n in STRIKES),
    "gex_asymmetry",
    "gex_ratio",
    "net_gex_2strike",
)
KINEMATICS = (
    *(f"velocity_{m}min" for m in KINEMATIC_MINUTES),
    *(f"acceleration_{m}min" for m in KINEMATIC_MINUTES),
    *(f"jerk_{m}min" for m in KINEMATIC_MINUTES),
    *(f"momentum_trend_{m}min" for m in TREND_MINUTES),
)
ORDER_FLOW = (
    *(f"ofi_{n}s" for n in OFI_SECONDS),
    *(f"ofi_near_level_{n}s" for n in OFI_SECONDS),
    "ofi_acceleration",
)
DISTANCES = (
    *(f"dist_to_{level}_ticks" for level in LEVEL_IDS),
    *(f"dist_to_{level}_vol" for level in LEVEL_IDS),
    "dist_to_tested_level_ticks",
    *(f"level_stacking_{n}ticks" for n in STACKING_TICKS),
)
PROXIES = ("force_mass_ratio", "predicted_accel", "accel_residual")
# trend by the column whose slope it is
TRENDS = {
    "barrier_replenishment_trend": "barrier_replenishment_ratio",
    "barrier_delta_liq_trend": "barrier_delta_liq",
    "tape_velocity_trend": "tape_velocity",
    "tape_imbalance_trend": "tape_imbalance",
}
APPROACH = (
    "approach_velocity",
    "approach_bars",
    "approach_distance_ticks",
    "approach_distance_vol",
    "prior_touches",
    "minutes_since_open",
    "bars_since_open",
    "attempt_index",
    "attempt_cluster_id",
    *TRENDS,
)
SCORE_READINGS = {
    "break_score_raw": "score_raw",
    "break_score_smooth": "score_smooth",
    "signal": "signal",
    "confidence": "confidence",
}
LABEL_NAMES = (
    "outcome",
    "excursion_max_ticks",
    "excursion_min_ticks",
    "strength_signed",
    "strength_abs",
    "time_to_threshold_1",
    "time_to_threshold_2",
    "time_to_break_1",
    "time_to_break_2",
    "time_to_bounce_1",
    "time_to_bounce_2",
    "tradeable_1",
    "tradeable_2",
    "future_price",
)
LABELS = (
    *(f"{name}_{m}min" for m in HORIZON_MINUTES for name in LABEL_NAMES),
    *LABEL_NAMES,
    "confirm_ts",
    "anchor_spot",
)
GROUPS = {
    "identity": IDENTITY,
    "barrier": BARRIER,
    "tape": tuple(TAPE_READINGS),
    "fuel": FUEL,
    "kinematics": KINEMATICS,
    "order flow": ORDER_FLOW,
    "distances": DISTANCES,
    "proxies": PROXIES,
    "approach": APPROACH,
    "score": tuple(SCORE_READINGS),
    "labels": LABELS,
}
COLUMNS = tuple(name for names in GROUPS.values() for name in names)
LEVEL_KINDS = {
    "pm_high": 0,
    "pm_low": 1,
    "or_high": 2,
    "or_low": 3,
    "sma_200": 6,
    "sma_400": 12,
    "sma_90": 14,
}
