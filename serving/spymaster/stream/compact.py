"""The compact layout: what the page draws, with seconds and prices as int32."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from spymaster.card.sentences import card_odds_sentence, place_sentence, support_sentence
from spymaster.clock import LocalClock
from spymaster.levels.conditions import conditions_sentence, short_signature
from spymaster.levels.engines import NOT_KNOWN, barrier_words, score_words
from spymaster.levels.settings import WordSettings
from spymaster.setups.odds_sentences import odds_sentences

_FLAG, _SIGN, _COUNT = pa.bool_(), pa.int8(), pa.int32()
_SHARE, _PRICE, _WORDS = pa.float32(), pa.float64(), pa.utf8()
_NAME = pa.dictionary(pa.int32(), pa.utf8())


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema({"second": _COUNT, **columns})


def _columns(names: str, kind: pa.DataType) -> dict[str, pa.DataType]:
    return dict.fromkeys(names.split(), kind)


_BY_TICK = {"is_bid": _SIGN, "tick": _COUNT}
SCHEMAS = {
    "snap": _schema(
        **_columns("spot_tick bid_tick ask_tick bid_qty ask_qty buy_qty sell_qty", _COUNT),
        window_valid=_FLAG,
    ),
    "wall": _schema(**_BY_TICK, **_columns("depth_qty_end add_qty pull_qty fill_qty", _COUNT)),
    "vacuum": _schema(**_BY_TICK, vacuum_score=_SHARE),
    "physics": _schema(
        **_columns("above_score below_score vacuum_total_score", _SHARE), calibration_mode=_NAME
    ),
    "physics_surface": _schema(**_BY_TICK, ease_signed=_SHARE),
    "gex": _schema(
        strike_tick=_COUNT,
        strike_points=_PRICE,
        **_columns("gex_abs gex_call_abs gex_put_abs", _SHARE),
    ),
    "levels": _schema(
        level_id=_NAME,
        **_columns("level_tick k_ticks", _COUNT),
        is_provisional=_FLAG,
        approach_dir=_NAME,
        **_columns("closing_speed_15s secs_to_touch", _SHARE),
        stacked_with=_WORDS,
    ),
    "pressure": _schema(
        level_id=_NAME,
        **_columns("pressure_above_score pressure_below_score vacuum_score", _SHARE),
        signal_state=_NAME,
    ),
    "trades": _schema(**_columns("tick qty", _COUNT), aggressor=_SIGN),
    "turns": _schema(
        level_id=_NAME,
        level_side=_SIGN,
        **_columns("state recent_state", _NAME),
        held_s=_COUNT,
        **_columns("c1 c2 c3 c4", _FLAG),
        **_columns("asks_retreat_z asks_pull_z bids_recede_z bids_pull_z", _SHARE),
        **_columns("asks_retreat_qty asks_pull_qty bids_recede_qty bids_pull_qty", _COUNT),
        words=_WORDS,
        **_columns("up_signature_words down_signature_words", _NAME),
    ),
    "odds": _schema(
        **_columns("level_id horizon_id decision_phase", _NAME),
        **_columns("p_break p_reject p_chop base_break base_reject base_chop", _SHARE),
        **_columns("p_reached base_reached n_eff", _SHARE),
        **_columns("n_distinct_episodes n_distinct_days", _COUNT),
        **_columns("neighbors_ok is_similar is_judged", _FLAG),
        mean_similarity=_SHARE,
        verdict=_NAME,
        **_columns("horizon_s barrier_ticks k_ticks reach_ticks", _COUNT),
        words=_WORDS,
    ),
    "courses": _schema(
        level_id=_NAME,
        level_tick=_COUNT,
        direction=_NAME,
        x=_COUNT,
        phase=_NAME,
        **_columns("elapsed_s since_reached_s", _COUNT),
        resolved=_NAME,
        **_columns("p_break p_reject p_chop base_break base_reject base_chop", _SHARE),
        **_columns("n_distinct_episodes n_distinct_days", _COUNT),
        n_eff=_SHARE,
        **_columns("verdict no_odds_reason ended_by", _NAME),
        **_columns("place_words odds_words support_words", _WORDS),
    ),
    "signals": _schema(
        **_columns("level_id signal", _NAME),
        fire_flag=_FLAG,
        **_columns("block_reason verdict", _NAME),
    ),
    "strikes": _schema(
        strike_tick=_COUNT,
        strike_points=_PRICE,
        **_columns("call_physics put_physics", _SHARE),
        **_columns("call_net_aggressive_qty put_net_aggressive_qty", _COUNT),
        **_columns("call_net_resting_qty put_net_resting_qty", _COUNT),
    ),
    "gex_summary": _schema(
        gamma_flip_price=_PRICE, **_columns("call_wall_tick put_wall_tick", _COUNT)
    ),
    "usual": _schema(**_columns("ask_usual_qty bid_usual_qty", _SHARE)),
    "gaps": _schema(),
    "ladder": _schema(
        level_id=_NAME,
        **_columns("level_tick k_ticks point_offset rung_ticks bid_depth ask_depth", _COUNT),
        **_columns("bid_usual_depth ask_usual_depth", _SHARE),
        **_columns("bid_state ask_state", _NAME),
        strike_points=_PRICE,
        **_columns("call_physics put_physics gex_call_abs gex_put_abs", _SHARE),
    ),
    "scores": _schema(
        level_id=_NAME,
        **_columns("level_tick k_ticks", _COUNT),
        direction=_NAME,
        **_columns("s_l s_h s_t score_raw score_smooth", _SHARE),
        **_columns("signal confidence barrier_state", _NAME),
        **_columns("barrier_delta_liq barrier_added barrier_canceled barrier_filled", _COUNT),
        **_columns("barrier_depth_in_zone tape_buy_vol tape_sell_vol", _COUNT),
        tape_velocity_ticks_s=_SHARE,
        tape_sweep_direction=_NAME,
        tape_sweep_num_prints=_COUNT,
        tape_sweep_age_s=_SHARE,
        fuel_available=_FLAG,
        fuel_effect=_NAME,
        fuel_net_dealer_gamma=_SHARE,
        runway_next_level_id=_NAME,
        runway_ticks=_COUNT,
        runway_quality=_NAME,
        confluence_levels=_WORDS,
        **_columns("break_score_min reject_score_max", _SHARE),
        **_columns("barrier_words score_words", _NAME),
    ),
}

_OF_COURSES: dict[str, Callable[[Mapping[str, Any], LocalClock], str]] = {
    "place_words": place_sentence,
    "odds_words": card_odds_sentence,
    "support_words": lambda course, _: support_sentence(course),
}
_READ_BY_WORDS = {
    *("direction", "score_smooth", "signal", "signal_since_ts"),
    *("break_score_min", "reject_score_max"),
    *("barrier_state", "barrier_delta_liq", "barrier_added", "barrier_canceled"),
    *("barrier_filled", "barrier_churn", "barrier_depth_in_zone"),
}


def to_compact(
    surface: str,
    rows: pa.Table,
    clock: LocalClock,
    word_settings: Callable[[], WordSettings],
    claims: Callable[[], Mapping[str, str]],
) -> pa.Table:
    """Return rows of a compact query with the columns and types of the layout.

    Args:
        surface: name of the surface.
        rows: rows of its query, which may hold more columns than the layout.
        clock: the lake's clock.
        word_settings: reads the settings of the build for words.
        claims: reads the verdicts on the sentences of the hypothesis, by state.

    Raises:
        pyarrow.ArrowInvalid: a number does not fit its type.
    """
    if surface == "turns":
        settings, verdicts, read = word_settings(), claims(), rows.to_pylist()
        rows = _with_words(rows, "words", [conditions_sentence(row, settings) for row in read])
        for direction in ("up", "down"):
            words = [short_signature(row, direction, verdicts) for row in read]
            rows = _with_words(rows, f"{direction}_signature_words", words)
    elif surface == "odds":
        words = ["\n".join(odds_sentences(row)) for row in rows.to_pylist()]
        rows = _with_words(rows, "words", words)
    elif surface == "courses":
        read = _to_rows(rows)
        for name, sentence in _OF_COURSES.items():
            rows = _with_words(rows, name, [sentence(row, clock) for row in read])
    elif surface == "scores":
        rows = _with_score_words(rows, clock, word_settings())
    schema = SCHEMAS[surface]
    return rows.select(schema.names).cast(schema)


def _with_score_words(rows: pa.Table, clock: LocalClock, settings: WordSettings) -> pa.Table:
    read = rows.select([name for name in rows.column_names if name in _READ_BY_WORDS]).to_pylist()
    barriers = [
        NOT_KNOWN if row["barrier_state"] is None else barrier_words(row, settings) for row in read
    ]
    # the limits of signals are constants of the engines
    scores = [score_words(row, row, clock) for row in read]
    return _with_words(_with_words(rows, "barrier_words", barriers), "score_words", scores)


def _to_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of a table; Arrow's own way takes long for timestamps."""
    columns = [
        column.to_numpy().astype("datetime64[us]").astype(object).tolist()
        if pa.types.is_timestamp(column.type)
        else column.to_pylist()
        for column in table.columns
    ]
    names = table.column_names
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _with_words(rows: pa.Table, name: str, words: list[str]) -> pa.Table:
    return rows.append_column(name, pa.array(words, pa.utf8()))
