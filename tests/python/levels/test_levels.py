"""The published level relations against the plain ones, value by value."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import duckdb
import numpy as np
import pytest
from naive.levels_model import LEVEL_IDS, LevelRules, Row
from naive.levels_outcomes import BARRIER_KINDS
from naive.levels_vectors import mbo_trigger_vector_features, vector_elements, vector_history
from naive.surfaces import second_of
from spymaster_ingest.lake import Lake
from support import lakes, level_lakes, surface_lakes, turn_days
from support.level_days import (
    BUSY_DAY,
    LONG_DAY,
    OLD_DAY,
    SYMBOL,
    TICK_INT,
    WALL_TICKS,
    Day,
    compared_days,
    moving_days,
    moving_levels,
)
from support.level_lakes import Sample
from support.small_days import (
    DAYS,
)
from support.surface_lakes import ask

MAX_K_TICKS, MAX_SETUPS = 45, 10
OPENING_RANGE = ("09:30", "09:32")
# averages move slowly: any tick starts a new episode
MAX_DRIFT_TICKS = 0
SHORT_APPROACH = {"approach_min_ticks": 1, "approach_sigma": 0.1}
USUAL_APPROACH = {"approach_min_ticks": 3, "approach_sigma": 0.5}
HORIZONS = ["s120", "s240", "s480", *(f"h{bars}" for bars in range(7))]
ENGINE_DAY = DAYS[0]
VARIABLES = {
    "wall_max_ticks": WALL_TICKS,
    "level_max_k_ticks": MAX_K_TICKS,
    "opening_range": OPENING_RANGE,
    "episode_max_drift_ticks": MAX_DRIFT_TICKS,
    "calibration_warm_up_s": 60,
    "condition_min_seconds": turn_days.RULES.min_seconds,
    # books of a few minutes seldom move far; moving levels keep the usual least move
    **SHORT_APPROACH,
}
MODELS = (
    *lakes.LEVEL_MODELS,
    "bars+",
    "vacuum_cells_1s",
    "vacuum_metrics_1s+1",
    "norm_quantiles",
    "physics_calibration_modes",
    "vacuum_surface_1s",
    "physics_bands_1s",
    "mbo_trigger_vector_features",
    *lakes.WITHOUT_RETRIEVAL,
    # no market by price is landed, and no day says whether it has strikes
    "level_anchors_mbp_1s+",
    "placebo_outcomes",
    "strike_outcomes",
)
MODELS_OF_LEVELS = (
    "bars",
    *lakes.LEVEL_MODELS,
    "vacuum_cells_1s",
    "level_offset_1s",
    "approach_windows_5s",
    "approach_course_1s",
    "level_decisions",
    "approach_episodes",
    "level_labels",
    "level_outcomes",
    "level_anchors_1s",
    "usual_depth_1s",
    "level_book_1s",
    "level_surface_1s",
    "level_vacuum_1s",
    "mbo_level_vacuum_5s",
    "level_corridor_1s",
    "level_ladder_1s",
)
# of days without books, which have little but the clock and trades
SAMPLES = {
    OLD_DAY: Sample(window_s=60, has_decisions=False),
    LONG_DAY: Sample(window_s=60, has_decisions=False),
    BUSY_DAY: Sample(window_s=5, decision_s=305),
}

# least number of compared values, so that no comparison is empty
LEAST_VALUES = {
    "silver.bars": 150_000,
    "silver.levels_1s": 300_000,
    "silver.level_offset_1s": 300_000,
    "silver.level_surface_1s": 1_500_000,
    "silver.level_vacuum_1s": 500_000,
    "silver.mbo_level_vacuum_5s": 100_000,
    "silver.level_corridor_1s": 60_000,
    "silver.level_ladder_1s": 600_000,
    "silver.level_features_wide_1s": 1_000_000,
    "gold.approach_episodes": 2_000,
    "gold.level_outcomes": 500_000,
    "gold.setup_events": 1_000,
    "gold.mbo_trigger_vectors": 7_000,
}

Plain = dict[tuple[str, date], level_lakes.Relations]


@pytest.fixture(scope="module")
def days() -> list[Day]:
    return compared_days()


@pytest.fixture(scope="module")
def database(days: list[Day], tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = Lake(tmp_path_factory.mktemp("levels") / "lake")
    level_lakes.write_days(lake, days)
    return surface_lakes.run_models(lake, MODELS, **VARIABLES)


def sample_of(dt: date) -> Sample:
    return SAMPLES.get(dt, Sample())


def rules_of(symbol: str, dt: date) -> LevelRules:
    return LevelRules(
        symbol,
        dt,
        TICK_INT,
        opening_range=OPENING_RANGE,
        level_max_k_ticks=MAX_K_TICKS,
        level_jump_ticks=MAX_DRIFT_TICKS,
        **SHORT_APPROACH,
    )


@pytest.fixture(scope="module")
def plain(days: list[Day], database: Path) -> Plain:
    inputs = surface_lakes.inputs_of(database, WALL_TICKS)
    trades = [trade for day in days for trade in day.trades]
    gaps = {(day.symbol, day.dt): day.gaps for day in days}
    return {
        (symbol, dt): level_lakes.plain_levels(
            day,
            trades,
            level_lakes.published_bands(database, symbol, dt),
            rules_of(symbol, dt),
            sample_of(dt),
            gaps[symbol, dt],
        )
        for (symbol, dt), day in inputs.days.items()
    }


@pytest.mark.parametrize("relation", level_lakes.RELATIONS)
def test_relation(relation: str, database: Path, plain: Plain) -> None:
    compared = sum(
        level_lakes.assert_relation(
            database, relation, relations, rules_of(symbol, dt), sample_of(dt)
        )
        for (symbol, dt), relations in plain.items()
        if relation in relations
    )
    assert compared > LEAST_VALUES[relation]


def test_rows_outside_the_sample_exist(database: Path, days: list[Day]) -> None:
    """Every level in every second; every barrier and horizon of decisions that can have a label."""
    expected = [(day.symbol, day.dt, len(LEVEL_IDS) * len(day.snapshot)) for day in days]
    for relation in ("silver.levels_1s", "silver.level_offset_1s"):
        found = ask(
            database,
            "select symbol, dt, count(distinct (window_end_ts, level_id)) "
            f"from {relation} group by all",
        )
        assert sorted(found) == sorted(expected)
    keys, recent = "symbol, dt, window_end_ts, level_id", f"dt > date '{LONG_DAY}'"
    [(decisions, more, fewer)] = ask(
        database,
        f"""
        with decisions as (
            select {keys} from silver.levels_1s
            where epoch(window_end_ts) % 5 = 0 and (is_primary or not is_active) and {recent}
            union
            -- a course decides whatever place its level has in a stack by now
            select {keys} from silver.level_decisions
            where decision_phase in ('at', 'through', 'back') and {recent}
        ),
        expected as (
            select * from decisions
            cross join (select unnest({list(BARRIER_KINDS)})) as kinds (barrier_kind)
            cross join (select unnest({HORIZONS})) as horizons (horizon_id)
        ),
        found as (
            select {keys}, barrier_kind, horizon_id from gold.level_outcomes where {recent}
        )
        select
            (select count(*) from decisions),
            (select count(*) from (from found except all from expected)),
            (select count(*) from (from expected except all from found))
        """,
    )
    assert decisions > 10_000
    assert (more, fewer) == (0, 0)


def test_conditions_of_a_turn(database: Path, plain: Plain) -> None:
    inputs = surface_lakes.inputs_of(database, WALL_TICKS)
    n_known = sum(
        turn_days.compared(database, inputs.days[key], rules_of(*key))
        for key, relations in plain.items()
        if relations.get("silver.level_vacuum_1s")
    )
    assert n_known > 1_000


def test_names_of_vector_elements(database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        table = connection.execute(
            "from gold.mbo_trigger_vector_features order by set, direction, feature_index"
        ).to_arrow_table()
    rows = mbo_trigger_vector_features()
    key = ("set", "direction", "feature_index")
    surface_lakes.assert_same("mbo_trigger_vector_features", table, rows, key)
    assert table.num_rows == 700 + 672 + 616 + 588 + 2 * 16


def test_vector_elements_by_name(database: Path, plain: Plain) -> None:
    names: dict[str, list[str]] = {}
    for direction, name in ask(
        database,
        "select direction, feature_name from gold.mbo_trigger_vector_features "
        "where set = 'vector' order by direction, feature_index",
    ):
        names.setdefault(direction, []).append(name)
    compared = 0
    for (symbol, dt), relations in plain.items():
        windows = {
            (second_of(row["window_end_ts"]), row["level_id"]): row
            for row in relations.get("silver.mbo_level_vacuum_5s", ())
        }
        for direction in names:
            for window_end_ts, level_id, vector in ask(
                database,
                f"select window_end_ts, level_id, vector_{direction} "
                f"from gold.mbo_trigger_vectors where symbol = '{symbol}' and dt = '{dt}' "
                f"and vector_{direction} is not null",
            ):
                history = vector_history(windows, second_of(window_end_ts), level_id)
                elements = vector_elements(direction, history)
                found = dict(zip(names[direction], vector, strict=True))
                assert found.keys() == elements.keys()
                np.testing.assert_allclose(
                    [found[name] for name in elements],
                    list(elements.values()),
                    **level_lakes.FLOAT32,
                )
                compared += len(found)
    assert compared > 7_000


def test_days_meet_every_case(plain: Plain) -> None:
    """Otherwise the tests above would miss cases."""

    def met(relation: str, *names: str) -> Counter[tuple]:
        rows = (row for relations in plain.values() for row in relations.get(relation, ()))
        return Counter(tuple(row[name] for name in names) for row in rows)

    both = ("approach_up", "approach_down")
    levels = met("silver.levels_1s", "level_id", "is_active", "is_provisional")
    assert {(level, True, False) for level in LEVEL_IDS} <= set(levels)
    assert {("pm_low", False, True), ("sma_400", False, False)} <= set(levels)
    vacuum = met("silver.mbo_level_vacuum_5s", "window_valid")
    assert min(vacuum[True,], vacuum[False,]) > 50
    outcomes = met("gold.level_outcomes", "barrier_kind", "outcome_dir")
    kinds = {"BREAK_UP", "BREAK_DOWN", "REJECT_UP", "REJECT_DOWN", "CHOP", "CENSORED"}
    assert min(outcomes[pair] for pair in product(BARRIER_KINDS, kinds)) > 100
    reasons = met("gold.level_outcomes", "barrier_kind", "label_reason")
    # the volatility is seldom unknown after a minute's move: unit tests cover such labels
    assert set(reasons) - {("vol", "no_sigma")} == {
        *product(BARRIER_KINDS, (None, "no_approach", "beyond_barrier", "inactive_level")),
        *product(BARRIER_KINDS, ("invalid_window",)),
    }
    reached = met("gold.level_outcomes", "outcome", "reached", "outcome_reached")
    assert {
        ("REJECT", True, "BREAK"),
        ("REJECT", False, "NOT_REACHED"),
        ("CHOP", True, "REJECT"),
        ("CHOP", False, "NOT_REACHED"),
        ("CENSORED", None, "CENSORED"),
        ("CHOP", True, "CENSORED"),
    } <= set(reached)
    touches = met("gold.level_outcomes", "outcome", "outcome_after_touch", "whipsaw_flag")
    assert {("REJECT", "BREAK", True), ("BREAK", "BREAK", True)} <= set(touches)
    phases = met("gold.level_outcomes", "decision_phase", "outcome_reached")
    assert {*product(("at", "through", "back"), ("BREAK", "REJECT", "CHOP"))} < set(phases)
    assert not set(phases) & {*product(("at", "through", "back"), ("NOT_REACHED",))}
    setups = met("gold.setup_events", "direction", "outcome")
    assert {*product(("up", "down"), ("BREAK", "REJECT", "CHOP"))} < set(setups)
    assert "CENSORED" in {outcome for _, outcome in setups}
    assert max(met("gold.setup_events", "symbol", "dt", "level_id").values()) == MAX_SETUPS
    vectors = met("gold.mbo_trigger_vectors", "approach_dir")
    assert min(vectors[one,] for one in both) > 3
    assert {("at",), ("through",), ("back",)} < set(
        met("gold.mbo_trigger_vectors", "decision_phase")
    )
    assert any(level.startswith("sma") for (level,) in met("gold.mbo_trigger_vectors", "level_id"))


def test_stacks_and_average_of_the_busy_day(plain: Plain) -> None:
    rows = plain[SYMBOL, BUSY_DAY]["silver.levels_1s"]
    stacks = Counter((len(row["stacked_with"]), row["is_primary"]) for row in rows)
    assert {(1, True), (2, True), (2, False), (3, True), (3, False)} <= set(stacks)
    longest = {
        f"{row['window_end_ts']:%H:%M:%S}"
        for row in rows
        if row["level_price"] is not None and row["level_id"] == "sma_400"
    }
    assert {"13:10:00", "13:12:00", "13:46:00", "13:48:00", "13:48:01"} <= longest
    assert not longest & {"13:08:00", "13:10:01", "13:11:00", "13:46:01", "13:47:00"}


def test_episodes_of_the_busy_day(plain: Plain) -> None:
    rows = plain[SYMBOL, BUSY_DAY]["gold.approach_episodes"]
    found = Counter((row["approach_dir"], row["touched"]) for row in rows)
    assert (
        min(found[pair] for pair in product(("approach_up", "approach_down"), (True, False))) > 20
    )
    lengths = [(r["last_window_end_ts"] - r["first_window_end_ts"]).seconds // 5 + 1 for r in rows]
    assert sum(n > row["n_windows"] for n, row in zip(lengths, rows, strict=True)) > 20
    assert max(row["attempt_index"] for row in rows) > 5


@pytest.mark.long
def test_levels_that_move(tmp_path: Path) -> None:
    """Relations after levels, for levels that walk and jump while price approaches."""
    days = moving_days()
    levels = {day.dt: moving_levels(day, seed=n) for n, day in enumerate(days)}
    lake = Lake(tmp_path / "lake")
    level_lakes.write_days(lake, days, levels)
    variables = {**VARIABLES, **USUAL_APPROACH, "episode_max_drift_ticks": 2}
    database = surface_lakes.run_models(lake, MODELS_OF_LEVELS, **variables)
    inputs = surface_lakes.inputs_of(database, WALL_TICKS)
    splits = 0
    for day in days:
        rules = replace(rules_of(day.symbol, day.dt), level_jump_ticks=2, **USUAL_APPROACH)
        surface_day = inputs.days[day.symbol, day.dt]
        plain = level_lakes.plain_from_levels(
            surface_day, day.trades, levels[day.dt], rules, day.gaps
        )
        for relation in plain:
            level_lakes.assert_relation(database, relation, plain, rules, Sample())
        last: dict[tuple, Row] = {}
        for row in plain["gold.approach_episodes"]:
            key = row["level_id"], row["approach_dir"]
            # the level moved on, not the clock
            splits += key in last and last[key]["available_from_ts"] >= row["first_window_end_ts"]
            last[key] = row
    assert splits > 5, splits


def test_states_follow_another_reading_of_retreat(database: Path) -> None:
    """Every relation between the setting and the states is rebuilt, and again on the way back."""
    models = (
        *("turn_measures_1s", "turn_sizes"),
        *("turn_calibration_sessions", "turn_calibration", "turn_states_1s"),
    )

    def states(**variables: str) -> list[tuple]:
        surface_lakes.run_models(Lake(database.parent), models, **VARIABLES, **variables)
        return ask(
            database,
            "select count(asks_retreat_z), bit_xor(hash(states)) from steps.turn_states_1s states",
        )

    by_depth = states(condition_retreat_by="depth")
    by_orders = states()
    assert by_depth != by_orders
    assert min(by_depth[0][0], by_orders[0][0]) > 0
