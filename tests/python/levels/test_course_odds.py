"""Each second of a course has the answer that holds: cases by hand, and drawn days on the twin."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from naive.course_odds import course_odds_1s
from support.course_records import (
    LEVEL,
    ODDS_RULES,
    OTHER_LEVEL,
    Row,
    answer_at,
    at_second,
    course_of,
    reflected,
    rows_of,
)
from support.drawn_course_records import drawn_answers, drawn_courses
from support.selection_tables import Compiler

SEEDS = range(4)
NOON_THIRTY = datetime(2025, 10, 9, 16, 30)
HALF_PAST_NINE = datetime(2025, 10, 9, 13, 30)


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the compiled SQL of the model."""
    return Compiler(tmp_path_factory.mktemp("odds")).compile("--select", "course_odds_1s")


def odds_of(query: str, courses: list[Row], answers: list[Row]) -> list[Row]:
    """Return the rows of the SQL in the order of `courses`, which the twin agrees with."""
    tables = {"silver.approach_course_1s": courses, "gold.retrieval_outcomes": answers}
    found = {
        (row["course_id"], row["window_end_ts"]): row
        for row in rows_of("course_odds_1s", query, tables)
    }
    rows = [found.pop((row["course_id"], row["window_end_ts"])) for row in courses]
    assert found == {}
    assert rows == course_odds_1s(courses, answers, ODDS_RULES)
    return rows


def held(rows: list[Row]) -> list[str | None]:
    """Return the vector of each second."""
    return [row["vector_id"] for row in rows]


def test_an_answer_holds_until_the_next_of_its_course(query: str) -> None:
    first, second = course_of([-6] * 12, start=5), course_of([-6] * 4, start=20)
    answers = [answer_at(7), answer_at(12), answer_at(20)]
    rows = odds_of(query, [*first, *second], answers)
    assert held(rows) == [None] * 2 + ["vector_7"] * 5 + ["vector_12"] * 5 + ["vector_20"] * 4
    assert [row["odds_ts"] for row in rows[2:8]] == [at_second(7)] * 5 + [at_second(12)]


def test_an_answer_keeps_its_numbers_while_the_course_goes_on(query: str) -> None:
    courses = course_of([-6, -3, 0, 4])
    answer = answer_at(1, 0.625, k_ticks=5, decision_phase="approaching")
    *_, last = odds_of(query, courses, [answer])
    assert (last["x"], last["phase"], last["odds_x"], last["odds_phase"]) == (
        4,
        "through",
        -5,
        "approaching",
    )
    assert (last["p_break"], last["p_reject"], last["base_break"]) == (0.625, 0.125, 0.4)
    assert (last["distance_band"], last["odds_horizon_s"], last["n_eff"]) == ("2_4", 240, 67.25)
    assert (last["verdict"], last["level_price_int"]) == ("useful", 27_000 * 250_000_000)


def test_spot_of_a_decision_is_seen_in_the_sense_of_the_approach(query: str) -> None:
    courses = course_of([-3, 2], direction="down")
    answers = [answer_at(0, k_ticks=-3, approach_dir="approach_down")]
    answers.append(answers[0] | {"window_end_ts": at_second(1), "k_ticks": 2})
    assert [row["odds_x"] for row in odds_of(query, courses, answers)] == [-3, 2]


@pytest.mark.parametrize(
    "other",
    [
        {"approach_dir": "approach_down"},
        {"level_id": OTHER_LEVEL},
        {"window_end_ts": at_second(9)},
        {"horizon_id": "s120"},
        {"is_judged": False, "p_break": None, "neighbors_ok": False, "is_similar": False},
    ],
    ids=["direction", "level", "before the start", "horizon", "outside the barriers"],
)
def test_what_is_no_answer_of_the_course_never_shows(query: str, other: Row) -> None:
    courses = course_of([-6] * 8, start=10)
    assert held(odds_of(query, courses, [answer_at(12) | other])) == [None] * 8
    # nor does it end the answer that holds
    rows = odds_of(query, courses, [answer_at(11), answer_at(13, vector_id="other") | other])
    assert held(rows) == [None] + ["vector_11"] * 7


def test_courses_of_two_levels_have_answers_of_their_own(query: str) -> None:
    courses = [*course_of([-6] * 3), *course_of([-6] * 3, level_id=OTHER_LEVEL)]
    answers = [answer_at(1), answer_at(2, level_id=OTHER_LEVEL)]
    assert held(odds_of(query, courses, answers)) == [
        *(None, "vector_1", "vector_1"),
        *(None, None, "vector_2"),
    ]


def test_each_reason_why_there_are_no_odds(query: str) -> None:
    courses = course_of([-6] * 5)
    answers = [
        answer_at(1, None),
        answer_at(2, None, neighbors_ok=True),
        answer_at(3),
        answer_at(4, None, base_break=None, base_reject=None),
    ]
    rows = odds_of(query, courses, answers)
    assert [row["no_odds_reason"] for row in rows] == [
        *("short_history", "too_few", "nothing_like_it", None, "too_few"),
    ]
    assert [row["p_break"] for row in rows] == [None, None, None, 0.5, None]
    assert rows[1]["n_distinct_days"] == 12


@pytest.mark.parametrize("edge", [HALF_PAST_NINE, NOON_THIRTY])
def test_hours_end_with_the_second_that_ends_them(query: str, edge: datetime) -> None:
    start = int((edge - at_second(0)) / timedelta(seconds=1))
    rows = odds_of(query, course_of([-6] * 3, start=start - 1), [])
    reasons = ["outside_study_hours"] * 2 + ["short_history"]
    if edge == NOON_THIRTY:
        reasons = ["short_history"] * 2 + ["outside_study_hours"]
    assert [row["no_odds_reason"] for row in rows] == reasons
    # an answer that holds does so past the hours
    rows = odds_of(query, course_of([-6] * 3, start=start - 1), [answer_at(start - 1)])
    assert [row["no_odds_reason"] for row in rows] == [None] * 3


@pytest.mark.parametrize("seed", SEEDS)
def test_sql_agrees_with_the_twin_on_drawn_days(query: str, seed: int) -> None:
    courses = drawn_courses(seed)
    rows = odds_of(query, courses, drawn_answers(seed))
    assert {row["level_id"] for row in rows} == {LEVEL, OTHER_LEVEL}
    assert {row["odds_phase"] for row in rows} == {"approaching", "at", "through", "back", None}


def test_drawn_days_show_every_reason() -> None:
    reasons = set()
    for seed in SEEDS:
        courses = drawn_courses(seed)
        rows = course_odds_1s(courses, drawn_answers(seed), ODDS_RULES)
        reasons |= {row["no_odds_reason"] for row in rows}
    assert reasons == {
        *("outside_study_hours", "short_history", "too_few", "nothing_like_it", None),
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_a_reflected_day_swaps_directions_and_nothing_else(query: str, seed: int) -> None:
    courses = drawn_courses(seed)
    answers = drawn_answers(seed)
    rows = odds_of(query, courses, answers)
    assert odds_of(query, reflected(courses), reflected(answers)) == reflected(rows)
