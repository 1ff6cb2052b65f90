"""Published vectors and outcomes around spot against the plain ones, on random days."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import numpy as np
import pytest
from naive.levels_model import LevelRules, Second, timestamp_of
from naive.levels_outcomes import horizon_ends_s
from naive.levels_paths import Future
from naive.spot_vectors import (
    radar_5s,
    spot_decisions,
    spot_outcome,
    spot_vector,
    spot_vector_names,
)
from naive.surfaces import second_of
from naive.surfaces_radar import FEATURES
from spymaster_ingest.lake import Lake
from support import lakes, level_lakes, surface_lakes
from support.level_days import (
    BUSY_DAY,
    LIVELY,
    LIVELY_DAY,
    TICK_INT,
    WALL_TICKS,
    Day,
    at,
    booked,
    walk,
    with_gaps,
)

MODELS = (
    "bars",
    *lakes.LEVEL_MODELS,
    "vacuum_cells_1s",
    "spot_moments",
    "spot_vacuum_5s",
    "spot_vectors",
    "spot_vector_features",
    "spot_outcomes",
)
LEAST_MOVE = {"approach_min_ticks": 1, "approach_sigma": 0.2}
HORIZONS = ("s120", "s240", "s480", "h1")
DIRECTIONS = {1: "spot_up", -1: "spot_down", 0: "spot_none"}
ORDERS = ("", "d1_", "d2_", "d3_")

Row = dict[str, object]


@pytest.fixture(scope="module")
def days() -> list[Day]:
    """A day of books, and one of trades alone with every flag; both have gaps."""
    lively = booked(at(LIVELY_DAY, "13:27"), 600, seed=23, shape=LIVELY)
    busy = walk(at(BUSY_DAY, "13:20"), 3_000, seed=22)
    return [with_gaps(lively, ((451.5, 455.0),)), with_gaps(busy, ((1_500.25, 1_530.0),))]


@pytest.fixture(scope="module")
def database(days: list[Day], tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = Lake(tmp_path_factory.mktemp("spot") / "lake")
    level_lakes.write_days(lake, days)
    return surface_lakes.run_models(lake, MODELS, wall_max_ticks=WALL_TICKS, **LEAST_MOVE)


def rules_of(day: Day) -> LevelRules:
    return LevelRules(day.symbol, day.dt, TICK_INT, **LEAST_MOVE)


def seconds_of(day: Day) -> list[Second]:
    return [Second.of_row(row) for row in day.snapshot]


def rows_of(database: Path, relation: str, day: Day) -> list[Row]:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            f"select * from {relation} where symbol = ? and dt = ?", [day.symbol, day.dt]
        ).to_arrow_table()
    return level_lakes.comparable(rows, [])[0].to_pylist()


def test_moments(database: Path, days: list[Day]) -> None:
    directions: Counter[str] = Counter()
    for day in days:
        plain = spot_decisions(seconds_of(day), rules_of(day))
        found = {
            second_of(row["window_end_ts"]): row
            for row in rows_of(database, "silver.spot_moments", day)
        }
        assert found.keys() == plain.keys()
        for end_s, decision in plain.items():
            row = found[end_s]
            own = DIRECTIONS[decision.sign if decision.is_window_valid else 0]
            place = row["approach_dir"], row["spot_tick"], row["window_valid"]
            assert place == (own, decision.level_tick, decision.is_window_valid), end_s
            sigma = decision.sigma_ticks
            assert row["sigma_1s_ticks"] == (None if sigma is None else pytest.approx(sigma, 1e-9))
            directions[own] += 1
    assert min(directions.values()) > 30
    assert len(directions) == 3


def test_features_and_vectors(database: Path, days: list[Day]) -> None:
    [day, _] = days
    surface = surface_lakes.inputs_of(database, WALL_TICKS).days[day.symbol, day.dt]
    plain = radar_5s(surface, rules_of(day))
    found = {
        second_of(row["window_end_ts"]): row
        for row in rows_of(database, "steps.spot_vacuum_5s", day)
    }
    assert found.keys() == plain.keys()
    for end_s, row in plain.items():
        assert found[end_s]["window_valid"] == row["window_valid"], end_s
        for name in (f"{order}{feature}" for order in ORDERS for feature in FEATURES):
            value = row[name]
            same = None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)
            assert found[end_s][name] == same, (end_s, name)

    decisions = spot_decisions(seconds_of(day), rules_of(day))
    vectors = {
        end_s: vector
        for end_s, decision in decisions.items()
        if decision.sign and (vector := spot_vector(plain, end_s, day.gaps)) is not None
    }
    published = {
        second_of(row["window_end_ts"]): row for row in rows_of(database, "gold.spot_vectors", day)
    }
    assert published.keys() == vectors.keys()
    for end_s, vector in vectors.items():
        row = published[end_s]
        own = list(vector.values())
        np.testing.assert_allclose(row["vector"], own, rtol=1e-6, atol=1e-7)
        keys = row["level_id"], row["k_ticks"], row["vector_dim"], row["level_price_int"]
        spot = decisions[end_s].level_tick
        assert keys == ("spot", 0, 1372, spot * TICK_INT)
    assert len(vectors) > 15
    [names] = surface_lakes.ask(
        database,
        "select list(feature_name order by feature_index) from gold.spot_vector_features "
        "where set = 'vector'",
    )
    assert names[0] == spot_vector_names()


def test_outcomes(database: Path, days: list[Day]) -> None:
    outcomes: Counter[tuple] = Counter()
    for day in days:
        rules, seconds = rules_of(day), seconds_of(day)
        future = Future(seconds, day.trades, rules, day.gaps)
        found = {
            (second_of(row["window_end_ts"]), row["barrier_kind"], row["horizon_id"]): row
            for row in rows_of(database, "gold.spot_outcomes", day)
        }
        plain = {}
        for end_s, decision in spot_decisions(seconds, rules).items():
            ends_s = horizon_ends_s(end_s, rules)
            for kind in ("fixed", "vol"):
                for horizon_id in HORIZONS:
                    row = spot_outcome(decision, kind, ends_s[horizon_id], future, rules)
                    if row.pop("label_reason") is None:
                        plain[end_s, kind, horizon_id] = row | {
                            "approach_dir": DIRECTIONS[decision.sign],
                            "spot_tick": decision.level_tick,
                        }
        assert found.keys() == plain.keys()
        for key, row in plain.items():
            differing = {
                name: (found[key][name], value)
                for name, value in row.items()
                if found[key][name]
                != (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value)
            }
            assert differing == {}, (key, timestamp_of(key[0]))
            outcomes[key[1], row["outcome"]] += 1
    for kind in ("fixed", "vol"):
        for outcome in ("BREAK", "REJECT", "CHOP", "CENSORED"):
            assert outcomes[kind, outcome] > 10, (kind, outcome)
