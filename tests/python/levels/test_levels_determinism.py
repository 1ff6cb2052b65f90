"""Levels, labels, setups, vectors and courses do not depend on the number of threads."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import lakes
from support.engine_lakes import change_constants
from support.level_copies import (
    BASE,
    BASE_SEED,
    ENGINE_CONSTANTS,
    MODELS,
    VARIABLES,
    day_of,
    shorten_averages,
)
from support.small_days import DAYS, SmallLake

FILLED = (
    "silver.level_ladder_1s",
    "steps.approach_windows_5s",
    "silver.approach_course_1s",
    "silver.level_decisions",
    "gold.approach_episodes",
    "gold.level_outcomes",
    "gold.setup_events",
    "gold.mbo_trigger_vectors",
    "silver.barrier_engine_1s",
    "silver.tape_engine_1s",
    "silver.fuel_engine_1s",
    "gold.break_score_1s",
    "gold.level_signals",
    "gold.level_events",
    "gold.course_odds_1s",
    "gold.approaches",
)
# answers at the one horizon that ends within the minutes of a day, from what one day can hold
RETRIEVAL = {
    "retrieval_space": "robust_z",
    "min_neighbors": 1,
    "min_neighbor_days": 1,
    "min_neighbor_episodes": 1,
    "min_band_episodes": 1,
    "similarity_floor_rows": 5,
    "retrieval_horizons": ["s60"],
    "evaluation_horizons": ["s60"],
    "learned_horizon": "s60",
    "signal_horizon": "s60",
    "tune_trigger_thresholds": False,
    "signals_need_verdict": False,
}


def built_by(folder: Path, threads: int) -> SmallLake:
    """Build two small days in a new lake."""
    lake = SmallLake(folder, [BASE])
    shorten_averages(lake)
    change_constants(lake.lake.warehouse, **ENGINE_CONSTANTS)
    lake.land({(BASE, day): day_of(day, BASE_SEED + n) for n, day in enumerate(DAYS[:2])})
    with lakes.threads(folder, threads) as arguments:
        lake.run("--select", *MODELS, "+approaches", *arguments, **VARIABLES, **RETRIEVAL)
    return lake


@pytest.mark.long
def test_1_and_4_threads_build_the_same_levels(tmp_path: Path) -> None:
    single, many = (built_by(tmp_path / str(threads), threads) for threads in (1, 4))
    for relation in FILLED:
        [(rows,)] = single.ask(f"select count(*) from {relation}")
        assert rows > 0, relation
    # the second day knows the base rates of the first; one earlier day has no odds
    [(rates,)] = single.ask("select count(base_break) from gold.course_odds_1s")
    assert rates > 0
    assert lakes.content_hashes(single.lake, published=False) == lakes.content_hashes(
        many.lake, published=False
    )
