"""The course of an approach: cases by hand and drawn days on the twin, the kernel and the SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import duckdb
import pytest
from naive.approach_course import CourseRow, CourseSecond, courses, published
from naive.approach_course_decisions import decisions
from support.approach_course_days import (
    Case,
    DecisionCase,
    mirrored,
    mirrored_rows,
    translated,
)
from support.approach_course_decision_cases import DECISION_CASES
from support.approach_course_endings import ENDING_CASES
from support.approach_course_resolutions import RESOLUTION_CASES
from support.approach_course_transitions import TRANSITIONS, covered
from support.course_tables import RULES, CourseTables, kernel_rows
from support.drawn_course_days import Day, drawn_day, windows_of, with_eligible
from support.selection_tables import Compiler

CASES = [*RESOLUTION_CASES, *ENDING_CASES]
SEEDS = range(10)
SQL_SEEDS = range(4)
MIDDLE_TICK = 27_000
OTHER_LEVEL = "pm_low"


@cache
def drawn(seed: int) -> tuple[Day, list[CourseRow]]:
    """Return a drawn day and the twin's rows of it."""
    day = drawn_day(seed)
    return day, courses(*day)


def named(case: Case | DecisionCase) -> str:
    """Name a case in reports."""
    return case.name


@pytest.mark.parametrize("case", CASES, ids=named)
@pytest.mark.parametrize("rows_of", [courses, kernel_rows], ids=["twin", "kernel"])
def test_courses_by_hand(rows_of: Callable[..., list[CourseRow]], case: Case) -> None:
    assert rows_of(case.seconds, case.trades, case.gaps, case.rules) == case.rows


@pytest.mark.parametrize("case", CASES, ids=named)
def test_mirrored_and_moved_courses_by_hand(case: Case) -> None:
    other_way = mirrored(case.seconds, case.trades)
    assert kernel_rows(*other_way, case.gaps, case.rules) == mirrored_rows(case.rows)
    moved = translated(case.seconds, case.trades, 7)
    assert kernel_rows(*moved, case.gaps, case.rules) == at_level_moved_by(case.rows, 7)


def at_level_moved_by(rows: list[CourseRow], ticks: int) -> list[CourseRow]:
    """Return rows of a market whose prices are so many ticks higher."""
    return [replace(row, level_tick_frozen=row.level_tick_frozen + ticks) for row in rows]


@pytest.mark.parametrize("case", DECISION_CASES, ids=named)
def test_decisions_by_hand(case: DecisionCase) -> None:
    assert decisions(case.rows, case.windows) == case.decisions


@pytest.mark.parametrize("seed", SEEDS)
def test_kernel_agrees_with_the_twin_on_drawn_days(seed: int) -> None:
    day, rows = drawn(seed)
    assert kernel_rows(*day) == rows


def test_drawn_days_show_every_transition() -> None:
    found: set[str] = set()
    for seed in SEEDS:
        day, rows = drawn(seed)
        found |= covered(rows, *day)
    assert found == TRANSITIONS


@pytest.mark.parametrize("seed", SEEDS)
def test_a_reflected_day_swaps_directions_and_nothing_else(seed: int) -> None:
    (seconds, trades, gaps), rows = drawn(seed)
    found = kernel_rows(*mirrored(seconds, trades, MIDDLE_TICK), gaps)
    assert found == mirrored_rows(rows, MIDDLE_TICK)


@pytest.mark.parametrize("ticks", [-40_000, 1, 13])
def test_a_moved_day_moves_the_level_and_nothing_else(ticks: int) -> None:
    (seconds, trades, gaps), rows = drawn(SEEDS[0])
    found = kernel_rows(*translated(seconds, trades, ticks), gaps)
    assert found == at_level_moved_by(rows, ticks)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_row_depends_on_what_follows(seed: int) -> None:
    (seconds, trades, gaps), rows = drawn(seed)
    for n_seconds in range(1, len(seconds), 41):
        end_s = seconds[n_seconds - 1].end_s
        past = [trade for trade in trades if trade.start_s < end_s]
        found = kernel_rows(seconds[:n_seconds], past, gaps)
        assert found == [row for row in rows if row.window_end_s <= end_s]


def test_each_level_of_a_day_has_courses_of_its_own() -> None:
    """The kernel begins anew with every level, also where a course is open at the day's end."""
    (seconds, trades, gaps), rows = drawn(SEEDS[0])
    assert not rows[-1].is_last
    twice = kernel_rows([*seconds, *seconds], trades, gaps, n_levels=2)
    assert twice == [*rows, *rows]


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the compiled SQL of both models by name."""
    compiler = Compiler(tmp_path_factory.mktemp("courses"))
    return {
        model: compiler.compile("--select", model)
        for model in ("approach_course_1s", "level_decisions")
    }


def second_level(seconds: list[CourseSecond]) -> list[CourseSecond]:
    """Return the same seconds of a level seven ticks higher."""
    return with_eligible(
        [
            second._replace(level_tick=None if second.level_tick is None else second.level_tick + 7)
            for second in seconds
        ]
    )


@pytest.mark.parametrize("seed", SQL_SEEDS)
def test_sql_agrees_with_the_twin_on_drawn_days(queries: dict[str, str], seed: int) -> None:
    (seconds, trades, gaps), _ = drawn(seed)
    levels = {RULES.level_id: seconds, OTHER_LEVEL: second_level(seconds)}
    rules = {level_id: replace(RULES, level_id=level_id) for level_id in levels}
    expected = {
        level_id: courses(of_level, trades, gaps, rules[level_id])
        for level_id, of_level in levels.items()
    }
    with duckdb.connect() as connection:
        tables = CourseTables(connection)
        tables.insert_day(levels, trades, gaps)
        found = tables.courses(queries["approach_course_1s"])
        assert all(expected.values())
        assert found == [
            row
            for level_id in sorted(levels)
            for row in published_rows(expected[level_id], level_id)
        ]
        for level_id, of_level in levels.items():
            wanted = decisions(expected[level_id], windows_of(of_level))
            assert tables.decisions(queries["level_decisions"], level_id) == wanted


def published_rows(rows: list[CourseRow], level_id: str) -> list[dict]:
    """Return rows of the twin with the columns of the model, in any order."""
    return published(rows, replace(RULES, level_id=level_id))


def test_drawn_decisions_show_every_phase() -> None:
    phases = {
        window.decision_phase
        for seed in SQL_SEEDS
        for window in decisions(drawn(seed)[1], windows_of(drawn(seed)[0][0]))
    }
    assert phases == {"approaching", "at", "through", "back", None}


def test_sql_without_an_eligible_window_has_no_row(queries: dict[str, str]) -> None:
    (seconds, trades, gaps), _ = drawn(SEEDS[0])
    nowhere = [second._replace(approach=None, eligible=None) for second in seconds]
    with duckdb.connect() as connection:
        tables = CourseTables(connection)
        tables.insert_day({RULES.level_id: nowhere}, trades, gaps)
        assert tables.courses(queries["approach_course_1s"]) == []
        found = tables.decisions(queries["level_decisions"], RULES.level_id)
        assert found == windows_of(nowhere)
        assert found
