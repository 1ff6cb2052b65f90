"""Levels, labels, setups and vectors do not depend on the number of threads."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import lakes
from support.engine_lakes import change_constants, write_no_answers
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
)


def built_by(folder: Path, threads: int) -> SmallLake:
    """Build the small day in a new lake."""
    lake = SmallLake(folder, [BASE])
    shorten_averages(lake)
    change_constants(lake.lake.warehouse, **ENGINE_CONSTANTS)
    write_no_answers(lake.lake.warehouse)
    lake.land({(BASE, DAYS[0]): day_of(DAYS[0], BASE_SEED)})
    with lakes.threads(folder, threads) as arguments:
        lake.run("--select", *MODELS, *arguments, **VARIABLES)
    return lake


@pytest.mark.long
def test_1_and_8_threads_build_the_same_levels(tmp_path: Path) -> None:
    single, many = (built_by(tmp_path / str(threads), threads) for threads in (1, 8))
    for relation in FILLED:
        [(rows,)] = single.ask(f"select count(*) from {relation}")
        assert rows > 0, relation
    assert lakes.content_hashes(single.lake, published=False) == lakes.content_hashes(
        many.lake, published=False
    )
