"""The plain engines of a whole contract-day."""

from __future__ import annotations

import pytest
from naive.barrier_engine_1s import barrier_engine_1s
from naive.break_score_1s import break_score_1s
from naive.fuel_engine_1s import fuel_engine_1s
from naive.level_events import level_events
from naive.level_signals import level_signals
from naive.surfaces import Row
from naive.tape_engine_1s import tape_engine_1s

from support.engine_days import COMPARED_S, COMPARED_SEEDS, EngineDay, random_day
from support.engine_market import WEIGHTS
from support.made_once import made_once

ComparedDays = tuple[tuple[EngineDay, dict[str, list[Row]]], ...]


def plain_engines(day: EngineDay) -> dict[str, list[Row]]:
    """Rows of the three engines and of the score by relation."""
    snapshot, levels, offsets = day.book_snapshot_1s, day.levels_1s, day.level_offset_1s
    courses = day.approach_course_1s
    barrier = barrier_engine_1s(
        snapshot, day.wall_surface_1s, levels, offsets, day.constants, courses
    )
    tape = tape_engine_1s(snapshot, day.contract_trades, levels, offsets, day.constants, courses)
    fuel = fuel_engine_1s(
        snapshot,
        levels,
        offsets,
        day.option_trades,
        day.option_contracts,
        day.option_iv_1s,
        day.gex_surface_1s,
        day.gex_summary_1s,
        day.constants,
        courses,
    )
    scores = break_score_1s(
        snapshot, day.wall_surface_1s, levels, barrier, tape, fuel, WEIGHTS, day.constants
    )
    return {
        "barrier_engine_1s": barrier,
        "tape_engine_1s": tape,
        "fuel_engine_1s": fuel,
        "break_score_1s": scores,
    }


@pytest.fixture(scope="session")
def engine_days(tmp_path_factory: pytest.TempPathFactory) -> ComparedDays:
    """The days of COMPARED_SEEDS with their engines, which tests must not change."""
    return made_once(tmp_path_factory, "engine_days", lambda _: compared_days())


def compared_days() -> ComparedDays:
    """Draw the days and run the plain engines on them."""
    days = [random_day(seed, COMPARED_S) for seed in COMPARED_SEEDS]
    return tuple((day, plain_engines(day)) for day in days)


def plain_signals(day: EngineDay, engines: dict[str, list[Row]]) -> list[Row]:
    """Rows of `level_signals`."""
    return level_signals(
        day.book_snapshot_1s,
        engines["break_score_1s"],
        engines["barrier_engine_1s"],
        engines["tape_engine_1s"],
        engines["fuel_engine_1s"],
        day.retrieval_outcomes,
        day.constants,
    )


def plain_events(day: EngineDay, engines: dict[str, list[Row]]) -> list[Row]:
    """Rows of `level_events`."""
    return level_events(day.event_inputs(engines), day.constants)
