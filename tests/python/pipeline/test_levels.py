"""The published level relations against the plain ones, value by value."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from naive.levels_model import LevelRules
from spymaster.lake import Lake

from pipeline import level_lakes, surface_lakes
from pipeline.level_days import (
    BUSY_DAY,
    LIVELY_DAY,
    LONG_DAY,
    OLD_DAY,
    ROUGH_DAY,
    SYMBOL,
    TICK_INT,
    WALL_TICKS,
    Day,
    compared_days,
)
from pipeline.level_lakes import Sample

MAX_K_TICKS = 45
OPENING_RANGE = ("09:30", "09:32")
VARIABLES = {
    "wall_max_ticks": WALL_TICKS,
    "level_max_k_ticks": MAX_K_TICKS,
    "opening_range": OPENING_RANGE,
    "calibration_warm_up_s": 60,
}
MODELS = (
    "bars+",
    "vacuum_cells_1s",
    "vacuum_metrics_1s+1",
    "norm_quantiles",
    "physics_input",
    "vacuum_surface_1s",
    "physics_bands_1s",
    "mbo_trigger_vector_features",
)
# of days without books, on which little but the clock and trades happens
SAMPLES = {
    OLD_DAY: Sample(window_s=60, has_decisions=False),
    LONG_DAY: Sample(window_s=60, has_decisions=False),
    BUSY_DAY: Sample(window_s=5, decision_s=305, eligible_s=15),
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
        symbol, dt, TICK_INT, opening_range=OPENING_RANGE, level_max_k_ticks=MAX_K_TICKS
    )


@pytest.fixture(scope="module")
def plain(days: list[Day], database: Path) -> Plain:
    inputs = surface_lakes.inputs_of(database, WALL_TICKS)
    trades = [trade for day in days for trade in day.trades]
    return {
        (symbol, dt): level_lakes.plain_levels(
            day,
            trades,
            level_lakes.published_bands(database, symbol, dt),
            rules_of(symbol, dt),
            sample_of(dt),
        )
        for (symbol, dt), day in inputs.days.items()
    }


@pytest.mark.parametrize("relation", level_lakes.RELATIONS)
def test_relation(relation: str, database: Path, plain: Plain) -> None:
    compared = {
        (symbol, dt): level_lakes.assert_relation(
            database, relation, relations, rules_of(symbol, dt), sample_of(dt)
        )
        for (symbol, dt), relations in plain.items()
        if relation in relations
    }
    assert sum(compared.values()) > 1
