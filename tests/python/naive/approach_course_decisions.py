"""Decisions by phase: `level_decisions` of `approach_windows_5s` and `approach_course_1s`.

Rules chosen where the specification leaves room:
- An eligible window is approaching, whatever the phase and the direction of the course.
- A course is under way at every second that has a row of it, its last row included; every window
  that ends there has its course_id, whether it is a decision or not.
- Elsewhere the course decides, whatever the level's tick, its place in a stack and approach_dir are
  by now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from naive.approach_course import SIGNS, CourseRow

REACHED_PHASES = ("at", "through", "back")


class DecisionWindow(NamedTuple):
    """A level at the end of a 5 s window: a row of `approach_windows_5s` or `level_decisions`.

    Attributes:
        end_s: Window end.
        is_valid: Whether the five seconds of the window are valid.
        is_eligible: Whether it is a decision.
        approach_dir: approach_up, approach_down or approach_none.
        level_tick, x_ticks, k_ticks, barrier_ticks: As published; None where unknown.
        first_window_end_s: First window of its episode; None outside of episodes.
        decision_phase, course_id: Of `level_decisions` only.
    """

    end_s: int
    is_valid: bool
    is_eligible: bool
    approach_dir: str
    level_tick: int | None
    x_ticks: int | None
    k_ticks: int | None
    barrier_ticks: int | None
    first_window_end_s: int | None
    decision_phase: str | None = None
    course_id: str | None = None


def decisions(rows: Iterable[CourseRow], windows: Iterable[DecisionWindow]) -> list[DecisionWindow]:
    """Rows of `level_decisions` of one level, one per window.

    Args:
        rows: Rows of `courses`.
        windows: Windows of `approach_windows_5s`.
    """
    by_end = {row.window_end_s: row for row in rows}
    found = []
    for window in windows:
        row = by_end.get(window.end_s)
        window = window._replace(course_id=None if row is None else row.course_id)
        if window.is_eligible:
            window = window._replace(decision_phase="approaching")
        elif row is not None and window.is_valid and is_decided_by_course(row):
            window = window._replace(
                is_eligible=True,
                approach_dir=f"approach_{row.direction}",
                level_tick=row.level_tick_frozen,
                x_ticks=row.x,
                k_ticks=-SIGNS[row.direction] * row.x,
                barrier_ticks=row.barrier_ticks,
                first_window_end_s=row.started_s,
                decision_phase=row.phase,
            )
        found.append(window)
    return found


def is_decided_by_course(row: CourseRow) -> bool:
    """Whether a course that has reached the level goes on between its barriers."""
    return (
        row.phase in REACHED_PHASES
        and not row.is_last
        and -row.barrier_ticks < row.x < row.barrier_ticks
    )
