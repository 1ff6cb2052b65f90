"""The rule of every var of dbt_project.yml, where each is described.

A var reaches SQL as text, so a value that no rule accepts must not get there. A new var needs an
entry here.
"""

from __future__ import annotations

import csv

from spymaster_ingest.lake import PROJECT_ROOT
from spymaster_ingest.products import are_product_rows

from spymaster_warehouse.var_kinds import (
    DATE_OR_NOTHING,
    FLAG,
    NOTHING,
    TIME,
    ZONE,
    Fields,
    Rule,
    choice,
    either,
    list_of,
    mapping,
    number,
    pair,
    pair_without_end,
    text,
    whole,
)

_SIGN_SEED = PROJECT_ROOT / "seeds" / "dealer_sign.csv"
_LEVEL_SEED = PROJECT_ROOT / "seeds" / "level_weights.csv"
_DAY_S = 86_400

_TICKS, _TICKS_OR_NONE = whole(1, 10_000), whole(0, 10_000)
_SECONDS, _SECONDS_OR_NONE = whole(1, _DAY_S), whole(0, _DAY_S)
_MILLISECONDS = number(0, 60_000, above=True)
_WINDOWS = whole(1, 10_000)
_DAYS, _DAYS_OR_NONE = whole(1, 3_650), whole(0, 3_650)
_COUNT, _COUNT_OR_NONE = whole(1, 10_000_000), whole(0, 10_000_000)
_BARS, _BARS_OR_NONE = whole(1, 1_000), whole(0, 1_000)
_SHARE, _SHARE_ABOVE_NONE = number(0, 1), number(0, 1, above=True)
_FACTOR, _FACTOR_OR_NONE = number(0, 1_000, above=True), number(0, 1_000)
_SIGMAS = _FACTOR_OR_NONE
_NAME = text(r"[a-z][a-z0-9_]{0,30}", "name of small letters, digits and _")
_HORIZON = text(r"[a-z][a-z0-9_]{0,30}", "horizon such as s240")
SYMBOL = text(r"[A-Za-z0-9][A-Za-z0-9_.: -]{0,40}", "symbol such as ESZ5")
_HORIZONS = list_of(_HORIZON, 20)
_BANDS = mapping(
    text(r"\d{1,5}(-\d{1,5}|\+)", "band such as 1-2 or 7+"), pair_without_end(_TICKS_OR_NONE), 20
)


def sign_conventions() -> list[str]:
    """Return the names in seed dealer_sign."""
    with _SIGN_SEED.open(encoding="utf-8", newline="") as stream:
        return [row["sign_convention"] for row in csv.DictReader(stream)]


def named_levels() -> list[str]:
    """Return the levels of seed level_weights; `round` and `own` stand for levels of any name."""
    with _LEVEL_SEED.open(encoding="utf-8", newline="") as stream:
        names = [row["level_id"] for row in csv.DictReader(stream)]
    return [name for name in names if name not in ("round", "own")]


ROUND_LEVEL = r"round_(?=[\d.]*[1-9])(0|[1-9]\d{0,6})(\.\d{0,8}[1-9])?"
_LEVELS = f"{', '.join(named_levels())}, or round_N such as round_10"

RULES: dict[str, Rule | Fields] = {
    "products": Rule("list of rows of seed instruments", are_product_rows),
    "start_date": DATE_OR_NOTHING,
    "end_date": DATE_OR_NOTHING,
    "symbols": either(list_of(SYMBOL, 10_000, least=0), either(SYMBOL, NOTHING)),
    "surface_window": either(pair(TIME, is_range=False), choice("all")),
    "local_tz": ZONE,
    "trade_date_tz": ZONE,
    "trade_date_roll": TIME,
    "premarket": pair(TIME, is_range=False),
    "rth_start": TIME,
    "rth_end": TIME,
    "opening_range": pair(TIME, is_range=False),
    "contract_override": mapping(SYMBOL, SYMBOL, 1_000, least=0),
    "dominance_min": _SHARE,
    "run_trim": _DAYS_OR_NONE,
    "liquidity_min": number(0, 100),
    "wall_max_ticks": _TICKS,
    "rest_ns": whole(1, _DAY_S * 1_000_000_000),
    "unknown_cancel_rate_max": _SHARE,
    "unknown_cancel_min_cancels": _COUNT,
    "unknown_cancel_lookback_s": _SECONDS,
    "exact_fill_match_min": _SHARE,
    "unknown_cancel_warn": _SHARE,
    "option_max_dte": _DAYS_OR_NONE,
    "distance_buckets": mapping(_NAME, pair(_TICKS_OR_NONE), 20),
    "vacuum_max_ticks": whole(1, 1_000),
    "approach_lookback_s": _SECONDS,
    "calibration_mode": choice("auto", "prior_sessions", "intraday_expanding"),
    "calibration_lookback": whole(1, 1_000),
    "calibration_min_sessions": whole(1, 1_000),
    "calibration_warm_up_s": _SECONDS,
    "calibration_quantiles": mapping(_NAME, _SHARE, 20),
    "calibration_bin_width": number(0, 1, above=True),
    "bar_lengths_s": list_of(_SECONDS, 20),
    "sma_bar_s": _SECONDS,
    "sma_max_age_days": _DAYS,
    "levels_in_use": list_of(
        text(rf"{'|'.join(named_levels())}|{ROUND_LEVEL}", f"level of {_LEVELS}"), 60
    ),
    "prior_session_max_days": _DAYS,
    "session_close_grace_s": _SECONDS_OR_NONE,
    "value_area_share": _SHARE_ABOVE_NONE,
    "swing_bars": _BARS,
    "stack_max_ticks": _TICKS_OR_NONE,
    "sigma_lookback_s": _SECONDS,
    "sigma_min_changes": whole(2, _DAY_S),
    "level_approach_max_ticks": _TICKS,
    "approach_over_s": _SECONDS,
    "approach_pause_s": _SECONDS_OR_NONE,
    "approach_min_ticks": number(0, 10_000),
    "approach_sigma": _SIGMAS,
    "level_max_k_ticks": _TICKS,
    "ladder_rung_points": _FACTOR,
    "ladder_rungs": whole(1, 100),
    "ladder_flow_s": _SECONDS,
    "market_bands": mapping(text(r"\d{1,5}_\d{1,5}", "band such as 4_8"), pair(_TICKS_OR_NONE), 20),
    "ofi_windows_s": list_of(_SECONDS, 20),
    "realised_volatility_windows_s": list_of(_SECONDS, 20),
    "ofi_price_reach_ticks": _TICKS,
    "market_wall_z": _SIGMAS,
    "condition_window_s": _SECONDS,
    "condition_windows_s": list_of(_SECONDS, 20),
    "condition_z": _SIGMAS,
    "condition_min_contracts": _COUNT_OR_NONE,
    "ease_difference_ratio": _FACTOR_OR_NONE,
    "condition_recent_s": _SECONDS,
    "condition_retreat_by": choice("orders", "depth"),
    "condition_distances_ticks": list_of(_TICKS, 20, is_rising=True),
    "condition_min_seconds": _SECONDS,
    "condition_min_episodes": _COUNT,
    "condition_hold_s": _SECONDS_OR_NONE,
    "key_move_min_ticks": number(0, 10_000, above=True),
    "key_move_sigmas": _SIGMAS,
    "key_move_within_s": _SECONDS,
    "key_move_against_divisor": _FACTOR,
    "key_move_before_s": _SECONDS,
    "key_move_matches": whole(1, 1_000),
    "key_move_clear_s": _SECONDS_OR_NONE,
    "key_move_min_movements": _COUNT,
    "key_move_placebo_draws": whole(1, 100_000),
    "placebo_shifts_ticks": list_of(_TICKS_OR_NONE, 20),
    "placebo_min_distance_ticks": _TICKS_OR_NONE,
    "placebo_round_points": _FACTOR_OR_NONE,
    "gamma_wall_max_ticks": _TICKS,
    "break_ticks": _TICKS,
    "broken_hold_s": _SECONDS_OR_NONE,
    "retest_ticks": _TICKS_OR_NONE,
    "retest_through_ticks": _TICKS_OR_NONE,
    "retest_outcome_ticks": _TICKS,
    "retest_horizon_s": _SECONDS,
    "fingerprints": Fields(
        {
            "max_ticks": _TICKS,
            "requote_ms": _MILLISECONDS,
            "requote_max_ticks": _TICKS_OR_NONE,
            "chase_ms": _MILLISECONDS,
            "withdraw_ms": _MILLISECONDS,
            "withdraw_max_ticks": _TICKS_OR_NONE,
            "refill_ms": _MILLISECONDS,
            "periodicity_min_arrivals": _COUNT,
            "periodicity_sizes": whole(1, 1_000),
            "periodicity_fundamental_share": _SHARE,
            "periodicity_fundamental_min": _FACTOR_OR_NONE,
        }
    ),
    "fingerprint_p_max": _SHARE,
    "fingerprint_min_count": _COUNT,
    "algorithms": Fields(
        {
            "over_s": _SECONDS,
            "min_windows": _WINDOWS,
            "requote_pairs": _COUNT,
            "requote_spread_ms": _FACTOR_OR_NONE,
            "requote_spread_share": _SHARE,
            "requote_share": _SHARE,
            "withdraw_excess": _SHARE,
            "react_share": _SHARE,
        }
    ),
    "ladder_usual_ticks": _TICKS,
    "ladder_usual_s": _SECONDS,
    "ladder_usual_min_s": _SECONDS,
    "ladder_wall_ratio": _FACTOR,
    "ladder_thin_ratio": _FACTOR_OR_NONE,
    "ladder_min_contracts": _COUNT_OR_NONE,
    "ladder_net_flow_share": _SHARE,
    "wall_gone_share": _SHARE_ABOVE_NONE,
    "wall_turn_ticks": _TICKS,
    "wall_ratio_bands": list_of(_FACTOR, 20, is_rising=True),
    "wall_age_bands_s": list_of(_SECONDS_OR_NONE, 20, is_rising=True),
    "wall_distance_bands_ticks": list_of(_TICKS, 20, is_rising=True),
    "vector_block_windows": list_of(whole(2, 1_000), 20, least=0, is_rising=True),
    "market_lookback_s": _SECONDS,
    "context_option_ticks": _FACTOR,
    "vector_window_s": whole(1, 3_600),
    "barrier_ticks": _TICKS,
    "barrier_mode": choice("instrument", "fixed", "vol"),
    "barrier_horizon": _HORIZON,
    "reach_ticks": _TICKS_OR_NONE,
    "distance_bands": _BANDS,
    "phase_distance_bands": Fields({"at": _BANDS, "through": _BANDS, "back": _BANDS}),
    "barrier_sigmas": _FACTOR,
    "barrier_ticks_range": pair(_TICKS),
    "horizons_s": mapping(_HORIZON, _SECONDS, 20),
    "horizon_bars": whole(0, 100),
    "path_invalid_flags": whole(0, 2**31 - 1),
    "episode_max_gap_windows": whole(0, 10_000),
    "episode_max_drift_ticks": _TICKS_OR_NONE,
    "course_faded_barriers": whole(1, 1_000),
    "course_faded_s": _SECONDS,
    "course_unresolved_s": _SECONDS,
    "course_after_touch_s": _SECONDS,
    "setup_side_bars": _BARS_OR_NONE,
    "setup_cross_ticks": _TICKS_OR_NONE,
    "setup_lookback_bars": _BARS,
    "setup_lookforward_bars": _BARS,
    "setup_rearm_bars": _BARS_OR_NONE,
    "setup_rearm_ticks": _TICKS_OR_NONE,
    "setup_max_per_level": _COUNT,
    "setup_zone_ticks": _TICKS_OR_NONE,
    "setup_burst_share": _SHARE_ABOVE_NONE,
    "setup_pressure": Fields(
        {
            "imbalance_factor": _SHARE_ABOVE_NONE,
            "imbalance_divisor": _FACTOR,
            "wall_z_divisor": _FACTOR,
            "spread_divisor_ticks": _FACTOR,
        }
    ),
    "evaluation_horizons": _HORIZONS,
    "embargo_days": _DAYS_OR_NONE,
    "evaluation_warm_up_days": _DAYS_OR_NONE,
    "evaluation_windows_per_episode": _WINDOWS,
    "evaluation_seed": whole(0, 2**32 - 1),
    "sequence_rows": _WINDOWS,
    "spot_every_s": _SECONDS,
    "pool_levels": choice("all", "own", "kind", "auto"),
    "pool_min_episodes": _COUNT_OR_NONE,
    "retrieval_family": choice("level", "market", "auto"),
    "retrieval_horizons": _HORIZONS,
    "signal_horizon": _HORIZON,
    "signal_max_ticks": _TICKS_OR_NONE,
    "signals_need_verdict": FLAG,
    "signal_verdict_days": _DAYS,
    "signal_resamples": whole(1, 100_000),
    "retrieval_space": choice("robust_z", "learned", "auto"),
    "learned_min_episodes": _COUNT,
    "learned_horizon": _HORIZON,
    "learned_refit_days": _DAYS,
    "learned_max_distance_ticks": _TICKS,
    "learned_windows_per_episode": _WINDOWS,
    "learned_blocks": list_of(text(r"w\d{1,4}(_mean|_delta)?", "block such as w3_mean"), 50),
    "learned_every_block_episodes": _COUNT_OR_NONE,
    "learned_mirrored": FLAG,
    "learned_episodes_per_neighbor": _FACTOR,
    "learned_min_k": _COUNT,
    "retrieval_k_raw": _COUNT,
    "retrieval_k": _COUNT,
    "neighbors_per_episode": _COUNT,
    "similarity_power": number(0, 100),
    "base_rate_weight": number(0, 1_000_000),
    "similarity_floor_quantile": _SHARE,
    "similarity_floor_rows": _COUNT,
    "min_neighbors": _COUNT,
    "min_neighbor_days": _DAYS,
    "min_neighbor_episodes": _COUNT,
    "min_band_episodes": _COUNT,
    "retrieval_queries": list_of(
        text(r"[A-Za-z0-9_.:+| -]{1,200}", "vector_id of a decision"), 10_000, least=0
    ),
    "hnsw_min_vectors": _COUNT,
    "hnsw": Fields(
        {
            "m": whole(2, 1_000),
            "ef_construction": whole(1, 100_000),
            "ef_search": whole(1, 100_000),
            "min_recall": _SHARE,
            "recall_k": whole(1, 100_000),
            "recall_queries": whole(1, 100_000),
        }
    ),
    "index_quality": Fields(
        {
            "min_episodes": _COUNT,
            "max_exact_duplicate_rate": _SHARE,
            "max_near_duplicate_rate": _SHARE,
            "near_duplicate_similarity": _SHARE,
            "max_label_share": _SHARE,
            "max_day_count_ratio": _FACTOR,
        }
    ),
    "tune_trigger_thresholds": FLAG,
    "trigger_threshold_grid": Fields(
        {
            "p_top1_min": list_of(_SHARE, 100),
            "margin_min": list_of(_SHARE, 100),
        }
    ),
    "trigger_search_limits": Fields(
        {
            "min_fires": _COUNT_OR_NONE,
            "min_fire_days": _DAYS_OR_NONE,
            "min_precision": _SHARE,
            "max_chop_rate": _SHARE,
            "max_stop_rate": _SHARE,
            "fire_rate": pair(_SHARE),
        }
    ),
    "option_quote_max_age_s": _SECONDS,
    "option_quote_max_ticks": _FACTOR_OR_NONE,
    "option_quote_max_share": number(0, 10),
    "option_mid_max_age_s": _SECONDS,
    "option_iv_carry_s": _SECONDS_OR_NONE,
    "option_min_life_s": _SECONDS,
    "time_basis": choice("calendar", "trading"),
    "trading_sessions_per_year": whole(1, 366),
    "open_interest_max_age_days": _DAYS_OR_NONE,
    "risk_free_rate_max_age_days": _DAYS_OR_NONE,
    "gex_strikes": whole(1, 1_000),
    "gex_max_dte": _DAYS_OR_NONE,
    "option_flow_s": _SECONDS,
    "sign_convention": choice(*sign_conventions()),
    "test_all": FLAG,
}
# vars that name horizons, which vars horizons_s and horizon_bars make
OF_HORIZONS = (
    "barrier_horizon",
    "evaluation_horizons",
    "retrieval_horizons",
    "signal_horizon",
    "learned_horizon",
)
