"""`course_odds_1s`: each second of a course with the answer that holds.

Every second looks through all answers of the day for its own.

Rules chosen where the specification leaves room:
- An answer belongs to a course if it has its level and its direction and was made between the start
  of the course and the second, both ends included. Its horizon is the signal's.
- An answer holds until the next, also past the end of the study hours and also if the next has no
  odds.
- A vector outside its barriers was not judged; it is no decision, so the answer before it holds on.
- Without an answer the reason is the hours if the second begins outside them, else the history.
- `odds_x` is spot seen from the level that the decision had; it may differ by ticks from the level
  of the course.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

SENSES = {"up": 1, "down": -1}
NEW_YORK = ZoneInfo("America/New_York")
UTC = ZoneInfo("UTC")
# columns of the course and of the answer that are published as they are
OF_COURSE = (
    *("symbol", "dt", "window_end_ts", "level_id", "course_id", "direction", "barrier_ticks"),
    *("started_ts", "x", "phase", "reached_ts", "max_x", "min_x_since_reached", "elapsed_s"),
    *("since_reached_s", "resolved", "resolved_ts", "ended_by"),
)
OF_ANSWER = (
    *("vector_id", "distance_band", "p_break", "p_reject", "p_chop", "p_reached"),
    *("base_break", "base_reject", "base_chop", "base_reached"),
    *("n_distinct_days", "n_distinct_episodes", "n_eff", "verdict"),
)


@dataclass(frozen=True)
class OddsRules:
    """Settings: the horizon of signals, the study hours in New York and the tick in 1e-9 units."""

    horizon_id: str = "s240"
    study_from: time = time(9, 30)
    study_to: time = time(12, 30)
    tick_int: int = 250_000_000


def course_odds_1s(
    courses: Sequence[Row], answers: Sequence[Row], rules: OddsRules | None = None
) -> list[Row]:
    """Rows of `course_odds_1s` of one contract-day, in the order of `courses`.

    Args:
        courses: Rows of `approach_course_1s`.
        answers: Rows of `retrieval_outcomes`.
        rules: Settings.
    """
    rules = rules or OddsRules()
    return [odds_of(course, held_answer(course, answers, rules), rules) for course in courses]


def held_answer(course: Row, answers: Sequence[Row], rules: OddsRules) -> Row | None:
    """The latest answer of the course at a second of it; None before the first."""
    found = None
    for answer in answers:
        is_of_course = (
            answer["level_id"] == course["level_id"]
            and answer["approach_dir"] == f"approach_{course['direction']}"
            and course["started_ts"] <= answer["window_end_ts"] <= course["window_end_ts"]
            and answer["horizon_id"] == rules.horizon_id
            and answer["is_judged"]
        )
        if is_of_course and (found is None or answer["window_end_ts"] > found["window_end_ts"]):
            found = answer
    return found


def odds_of(course: Row, answer: Row | None, rules: OddsRules) -> Row:
    """One published row."""
    row = {name: course[name] for name in OF_COURSE}
    row["level_price_int"] = course["level_tick_frozen"] * rules.tick_int
    row |= {name: None if answer is None else answer[name] for name in OF_ANSWER}
    row["odds_ts"] = None if answer is None else answer["window_end_ts"]
    row["odds_phase"] = None if answer is None else answer["decision_phase"]
    row["odds_horizon_s"] = None if answer is None else answer["horizon_s"]
    row["odds_x"] = None if answer is None else -SENSES[course["direction"]] * answer["k_ticks"]
    row["no_odds_reason"] = reason(course["window_end_ts"], answer, rules)
    return row


def reason(end: datetime, answer: Row | None, rules: OddsRules) -> str | None:
    """Why a second has no odds; None with odds."""
    if answer is None:
        return "short_history" if in_study(end, rules) else "outside_study_hours"
    if answer["p_break"] is not None:
        return None
    return "nothing_like_it" if answer["neighbors_ok"] else "too_few"


def in_study(end: datetime, rules: OddsRules) -> bool:
    """Whether the second that ends at a naive UTC time begins in the study hours."""
    start = (end - timedelta(seconds=1)).replace(tzinfo=UTC).astimezone(NEW_YORK)
    return rules.study_from <= start.time() < rules.study_to
