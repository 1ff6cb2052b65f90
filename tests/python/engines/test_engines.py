"""The level engines against the plain ones, value by value, on random days."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from itertools import product
from pathlib import Path

import duckdb
import jsonschema
import numpy as np
import pytest
from naive.surfaces import second_of
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from support import engine_lakes, lakes, surface_lakes
from support.engine_lakes import RELATIONS
from support.level_days import (
    LIVELY,
    LIVELY_DAY,
    ROUGH,
    ROUGH_DAY,
    SYMBOL,
    TICK_INT,
    WALL_TICKS,
    at,
    booked,
    moving_levels,
)

VARIABLES = {"wall_max_ticks": WALL_TICKS, "level_max_k_ticks": 45}
# windows that a few minutes fill, and limits that random books reach
CONSTANTS = {
    "w_barrier_s": 12,
    "w_wall_s": 20,
    "w_tape_s": 10,
    "w_fuel_s": 15,
    "f_thresh_contracts": 20,
    "absorb_min_contracts": 6,
    "churn_flat": 15,
    "contested_activity": 60,
    "fuel_effect_gamma": 120,
    "activity_full": 60,
    "sweep_gap_ms": 700,
    "sweep_notional_usd": 100_000,
    "tau_score": 0.7,
    "break_score_min": 70,
    "hold_s": 1,
    "monitor_band_ticks": 3,
}
SCHEMA = PROJECT_ROOT / "models" / "gold" / "engines" / "level_signals.schema.json"
WITHOUT_OPTIONS = ROUGH_DAY


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = Lake(tmp_path_factory.mktemp("engines") / "lake")
    days = [
        booked(at(ROUGH_DAY, "13:27"), 150, seed=4, shape=ROUGH),
        booked(at(LIVELY_DAY, "13:27"), 400, seed=12, shape=LIVELY),
    ]
    levels = {day.dt: moving_levels(day, seed=n) for n, day in enumerate(days)}
    engine_lakes.write_days(lake, days, levels, **CONSTANTS)
    for number, day in enumerate(days):
        rows = levels[day.dt].values()
        engine_lakes.write_courses(lake.warehouse, day, rows, seed=number)
    [day] = [day for day in days if day.dt != WITHOUT_OPTIONS]
    engine_lakes.write_options(lake, day, seed=1)
    engine_lakes.write_answers(lake.warehouse, day, ["pm_high", "sma_90"], seed=2)
    # the last seconds are outside of the surface window
    start, end = day.snapshot[0]["window_start_ts"], day.snapshot[-20]["window_start_ts"]
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(
            "update silver.contract_days set surface_windows = $windows, "
            "option_windows = $windows where dt = $dt",
            {"windows": [{"start_ts": start, "end_ts": end}], "dt": day.dt},
        )
    with lakes.threads(lake.root.with_name("profile"), 1) as arguments:
        models = (*engine_lakes.MODELS, *arguments)
        return surface_lakes.run_models(lake, models, **VARIABLES)


@pytest.fixture(scope="module")
def plain(database: Path) -> dict[date, dict[str, list]]:
    found = {}
    for dt in (ROUGH_DAY, LIVELY_DAY):
        constants = engine_lakes.constants_of(database, SYMBOL, dt, wall_max_ticks=WALL_TICKS)
        found[dt] = engine_lakes.plain_engines(database, SYMBOL, dt, constants)
    return found


@pytest.mark.parametrize("dt", [ROUGH_DAY, LIVELY_DAY])
def test_engines(database: Path, plain: dict[date, dict[str, list]], dt: date) -> None:
    engine_lakes.assert_engines(database, SYMBOL, dt, plain[dt])


def test_days_meet_every_case(plain: dict[date, dict[str, list]]) -> None:
    """Otherwise the comparison would miss cases."""

    def met(name: str, column: str) -> Counter:
        return Counter(row[column] for rows in plain.values() for row in rows[name])

    states = met("barrier_engine_1s", "state")
    assert min(states[state] for state in ("VACUUM", "WALL", "CONSUMED", "ABSORPTION")) > 3, states
    assert min(states[state] for state in ("WEAK", "NEUTRAL", None)) > 3, states
    assert set(met("barrier_engine_1s", "direction")) == {"RESISTANCE", "SUPPORT", None}
    assert set(met("tape_engine_1s", "sweep_direction")) == {"UP", "DOWN", None}
    assert None in met("tape_engine_1s", "velocity_ticks_s")
    assert set(met("fuel_engine_1s", "effect")) == {"AMPLIFY", "NEUTRAL", "DAMPEN", None}
    assert len(met("fuel_engine_1s", "call_wall_price_int")) > 2
    assert len(met("fuel_engine_1s", "put_wall_price_int")) > 2
    signals = met("break_score_1s", "signal")
    assert set(signals) == {"BREAK", "REJECT", "CONTESTED", "NEUTRAL", None}, signals
    words = {
        (row["signal"], row["break_direction"])
        for rows in plain.values()
        for row in rows["break_score_1s"]
        if row["implied_dir"]
    }
    assert words == set(product(("BREAK", "REJECT"), ("UP", "DOWN")))
    sides = Counter(
        (row["direction"], row["k_ticks"] > 0)
        for rows in plain.values()
        for row in rows["break_score_1s"]
        if row["k_ticks"]
    )
    # levels that price has passed in an approach, on both sides
    assert min(sides["RESISTANCE", False], sides["SUPPORT", True]) > 10, sides
    assert set(met("break_score_1s", "confidence")) == {"HIGH", "MEDIUM", "LOW", None}
    assert set(met("break_score_1s", "runway_quality")) == {"CLEAR", "OBSTRUCTED", None}
    sizes = Counter(len(row["payload"]["levels"]) for row in plain[LIVELY_DAY]["level_signals"])
    assert {0, 1, 2} <= set(sizes), sizes


def test_payloads_follow_the_schema(database: Path) -> None:
    """Names, order and types of the keys, and finite numbers."""
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    payloads = [
        json.loads(payload, parse_constant=pytest.fail)
        for (payload,) in surface_lakes.ask(database, "select payload from gold.level_signals")
    ]
    assert sum(len(payload["levels"]) for payload in payloads) > 50
    for payload in payloads:
        validator.validate(payload)
        _assert_order(payload, schema)
    assert any(level["retrieval"]["p_break"] for one in payloads for level in one["levels"])


def _assert_order(value: object, schema: dict) -> None:
    if isinstance(value, dict):
        assert list(value) == [x for x in schema["properties"] if x in schema["required"]]
        for name, part in value.items():
            _assert_order(part, schema["properties"][name])
    elif isinstance(value, list):
        for part in value:
            _assert_order(part, schema["items"])


def test_a_payload_with_a_fault_breaks_the_schema(database: Path) -> None:
    [(text,)] = surface_lakes.ask(
        database,
        "select payload from gold.level_signals where json_array_length(payload, '$.levels') > 0 "
        "order by all limit 1",
    )
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for change in (
        lambda payload: payload.pop("viewport"),
        lambda payload: payload["levels"][0].update(signal="MAYBE"),
        lambda payload: payload["levels"][0]["barrier"].update(added="12"),
        lambda payload: payload["levels"][0]["tape"]["sweep"].pop("detected"),
        lambda payload: payload.update(other=1),
    ):
        payload = json.loads(text)
        assert validator.is_valid(payload)
        change(payload)
        assert not validator.is_valid(payload)


def test_velocity_is_the_slope_of_numpy(database: Path) -> None:
    trades = [
        (second_of(row["window_start_ts"]), row["ts_event"], row["price_int"] // TICK_INT)
        for row in engine_lakes.rows_of(
            database,
            "steps.contract_trades",
            SYMBOL,
            LIVELY_DAY,
            "* replace (epoch_ns(ts_event) as ts_event)",
        )
    ]
    compared = 0
    for end, velocity in surface_lakes.ask(
        database,
        "select distinct window_end_ts, velocity_ticks_s from silver.tape_engine_1s "
        f"where dt = '{LIVELY_DAY}' and velocity_ticks_s is not null",
    ):
        end_s = second_of(end)
        points = [(ns / 1e9 - end_s, tick) for s, ns, tick in trades if end_s - 3 <= s < end_s]
        slope = np.polyfit(*zip(*points, strict=True), 1)[0]
        assert velocity == pytest.approx(slope, rel=1e-5, abs=1e-6)
        compared += 1
    assert compared > 50


def contents(database: Path) -> dict[str, tuple]:
    """Return row count and content hash of each relation."""
    return {
        name: surface_lakes.ask(
            database, f"select count(*), bit_xor(hash(rows)) from {relation} as rows"
        )[0]
        for name, relation in RELATIONS.items()
    }


def files_of(database: Path) -> set[tuple[str, str, str, int]]:
    """Return relation, date, name and write time, ns, of every partition's files."""
    return {
        (path.parts[-4], path.parts[-2].removeprefix("dt="), path.name, path.stat().st_mtime_ns)
        for path in lakes.partition_files(Lake(database.parent))
    }


def run_again(database: Path, *arguments: str) -> set[tuple[str, str]]:
    """Run the models again and return the partitions that were written."""
    before = files_of(database)
    surface_lakes.run_models(Lake(database.parent), (*engine_lakes.MODELS, *arguments), **VARIABLES)
    return {file[:2] for file in files_of(database) - before}


def test_a_changed_constant_changes_its_relations_alone(database: Path, tmp_path: Path) -> None:
    """A row of the seed is an input: its readers are rebuilt, and again on the way back.

    The way back goes with 8 threads, another version of a wall, and a file that a killed build did
    not live to record; the lake itself comes from one thread.
    """
    before = contents(database)
    engine_lakes.change_constants(database, w_barrier_s=9, tape_band_ticks=4, fuel_strike_steps=1)
    assert {name for name, _ in run_again(database)} == set(RELATIONS)
    other = contents(database)
    assert {name for name in RELATIONS if other[name] != before[name]} == set(RELATIONS)

    of_score = {"break_score_1s", "level_signals"}
    engine_lakes.change_constants(
        database, w_barrier_s=12, tape_band_ticks=2, fuel_strike_steps=3, tau_score=2
    )
    run_again(database)
    smoothed = contents(database)
    assert {name for name in RELATIONS if smoothed[name] != before[name]} == of_score

    engine_lakes.change_constants(database, tau_score=CONSTANTS["tau_score"])
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "update meta.partition_state set input_fingerprint = 'again' "
            "where relation = 'wall_surface_1s' and dt = ?",
            [LIVELY_DAY],
        )
        connection.execute(
            "delete from meta.partition_state where relation = 'tape_engine_1s' and dt = ?",
            [ROUGH_DAY],
        )
    with lakes.threads(tmp_path, 8) as arguments:
        written = run_again(database, *arguments)
    assert {key for key in written if key[0] in RELATIONS} == {
        *product(of_score, (str(ROUGH_DAY), str(LIVELY_DAY))),
        ("barrier_engine_1s", str(LIVELY_DAY)),
        ("tape_engine_1s", str(ROUGH_DAY)),
    }
    assert contents(database) == before
