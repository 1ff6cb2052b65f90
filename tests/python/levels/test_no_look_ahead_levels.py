"""Events at or after a moment change no earlier level, feature, vector or finished label."""

from __future__ import annotations

import pytest
from naive.level_event_columns import GROUPS
from spymaster.training.read_sequences import CHANNELS
from support.known_values import (
    Known,
    assert_a_session_changes_no_earlier_one,
    assert_the_future_changes_nothing_known,
    compared_kinds,
)
from support.level_copies import SESSIONS, SESSIONS_BASE, Built
from support.small_days import symbol_of

# of level_events; its labels look as far as eight minutes ahead, see test_level_events
FEATURES = tuple(
    name
    for group, names in GROUPS.items()
    for name in names
    if group != "labels" and name not in ("symbol", "dt")
)
AT_END_OF_WINDOW = (
    "silver.levels_1s",
    "silver.level_offset_1s",
    "steps.approach_windows_5s",
    "silver.approach_course_1s",
    "silver.level_decisions",
    "steps.level_anchors_1s",
    "silver.level_surface_1s",
    "silver.level_vacuum_1s",
    "silver.mbo_level_vacuum_5s",
    "silver.level_corridor_1s",
    "silver.level_ladder_1s",
    "silver.walls_1s",
    "silver.wall_fates_1s",
    "silver.level_features_wide_1s",
    "steps.turn_flows_1s",
    "steps.turn_measures_1s",
    "steps.turn_states_1s",
    "gold.turn_conditions_1s",
    "gold.mbo_trigger_vectors",
    "steps.engine_levels_1s",
    "silver.barrier_engine_1s",
    "silver.tape_engine_1s",
    "silver.fuel_engine_1s",
    "gold.break_score_1s",
    "gold.level_signals",
    "steps.market_book_1s",
    "silver.top10_1s",
    "silver.market_features_1s",
    "gold.market_feature_vectors",
    "gold.setup_feature_vectors",
)

KNOWN = {
    **{relation: Known(relation) for relation in AT_END_OF_WINDOW},
    "steps.contract_trades": Known("steps.contract_trades", "window_start_ts + interval 1 second"),
    "silver.bars": Known("silver.bars", "bar_end_ts"),
    "silver.market_by_price_10_bar5s": Known("silver.market_by_price_10_bar5s", "bar_end_ts"),
    "gold.setup_vectors": Known("gold.setup_vectors", "infer_ts"),
    "value of a level": Known(
        "(select distinct symbol, dt, level_id, level_tick, level_price, available_from_ts "
        "from silver.levels_1s where is_active)",
        "available_from_ts",
        ("level_id", "level_tick", "level_price"),
    ),
    "begin of an episode": Known(
        "gold.approach_episodes",
        "first_window_end_ts",
        ("episode_id", "level_id", "approach_dir", "attempt_index", "level_tick_first"),
    ),
    "course of an episode": Known("gold.approach_episodes", "available_from_ts"),
    "decision of a label": Known(
        "gold.level_outcomes",
        columns=(
            "level_id",
            "window_end_ts",
            "barrier_kind",
            "horizon_id",
            "decision_phase",
            "label_reason",
            "barrier_ticks",
            "horizon_s",
            "x0_ticks",
            "episode_id",
        ),
    ),
    "label": Known("gold.level_outcomes", "label_end_ts", where="outcome is not null"),
    "wall": Known(
        "gold.wall_outcomes",
        columns=(
            "side",
            "price_int",
            "started_ts",
            "age_s",
            "distance_ticks",
            "depth_qty",
            "wall_ratio",
        ),
    ),
    "fate of a wall": Known("gold.wall_outcomes", "label_end_ts", where="outcome != 'censored'"),
    "features of an event": Known("gold.level_events", "event_ts", FEATURES),
    "sequence of a decision": Known(
        "gold.sequence_dataset",
        columns=(
            "level_id",
            "window_end_ts",
            "episode_id",
            "approach_dir",
            "decision_phase",
            "k_ticks",
            "k_vol",
            "closing_speed_15s",
            "sigma_1s_ticks",
            "candle_id",
            "is_known",
            *CHANNELS,
        ),
    ),
    "inference of a setup": Known(
        "gold.setup_events",
        "infer_ts",
        (
            "level_id",
            "direction",
            "trigger_candle_id",
            "confirm_candle_id",
            "lookback_start_candle_id",
            "level_price_int",
            "trigger_high_ticks",
            "trigger_close_ticks",
            "confirm_open_ticks",
            "confirm_close_ticks",
        ),
    ),
    "label of a setup": Known("gold.setup_events", "label_end_ts"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_future_changes_no_known_value(level_copies: Built, name: str) -> None:
    assert_the_future_changes_nothing_known(level_copies, KNOWN[name])


def test_the_compared_past_has_rows_of_every_kind(level_copies: Built) -> None:
    """Episodes and vectors of both directions, second attempts, labels and levels of every kind."""
    kinds = {
        "gold.approach_episodes": (
            "available_from_ts",
            "approach_dir || if(attempt_index > 1, ' again', '')",
        ),
        "silver.approach_course_1s": ("window_end_ts", "phase"),
        "silver.level_decisions": ("window_end_ts", "coalesce(decision_phase, 'none')"),
        "gold.mbo_trigger_vectors": ("window_end_ts", "approach_dir"),
        "gold.sequence_dataset": ("window_end_ts", "if(list_count(k_vols) > 3, 'known', 'short')"),
        "gold.level_outcomes": ("label_end_ts", "outcome"),
        "gold.setup_events": ("label_end_ts", "direction"),
        "silver.levels_1s": ("window_end_ts", "if(is_primary, level_id[:3], 'none')"),
        "gold.break_score_1s": ("window_end_ts", "if(score_smooth is null, 'none', signal)"),
    }
    found = {
        relation: compared_kinds(level_copies, at, kind, relation)
        for relation, (at, kind) in kinds.items()
    }
    assert found == {
        "gold.approach_episodes": {
            "approach_down",
            "approach_down again",
            "approach_up",
            "approach_up again",
        },
        "silver.approach_course_1s": {"approaching", "at", "through", "back"},
        "silver.level_decisions": {"approaching", "at", "through", "back", "none"},
        "gold.mbo_trigger_vectors": {"approach_down", "approach_up"},
        "gold.sequence_dataset": {"known"},
        "gold.level_outcomes": {"BREAK", "CHOP", "REJECT"},
        "gold.setup_events": {"up"},
        "silver.levels_1s": {"none", "pm_", "or_", "sma"},
        "gold.break_score_1s": {"none", "NEUTRAL", "REJECT"},
    }


@pytest.mark.parametrize("name", KNOWN)
def test_a_changed_session_changes_no_earlier_session(level_copies: Built, name: str) -> None:
    assert_a_session_changes_no_earlier_one(level_copies, KNOWN[name])


def test_averages_continue_from_the_session_before(level_copies: Built) -> None:
    """Otherwise a changed session could not even affect later sessions."""
    [(n_seconds, n_averages)] = level_copies.lake.ask(
        "select count(distinct window_end_ts), count(*) filter (is_active) from silver.levels_1s "
        f"where symbol = '{symbol_of(SESSIONS_BASE)}' and dt = '{SESSIONS[1]}' "
        "and level_id like 'sma_%'"
    )
    assert n_averages == 3 * n_seconds > 0
