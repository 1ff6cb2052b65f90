"""Decisions by phase: windows of section 5, and courses that have come to their level.

`approach_course` and `approach_course_decisions` state the rules; this module gives them the rows
of a contract-day, and returns their decisions in the form that labels and vectors take.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from naive.approach_course import (
    CourseGap,
    CourseRow,
    CourseRules,
    CourseSecond,
    CourseTrade,
    courses,
)
from naive.approach_course_decisions import DecisionWindow, decisions
from naive.gaps import Gap
from naive.levels_episodes import Decision, barrier, path_of
from naive.levels_model import DIRECTIONS, LevelKey, LevelRules, Row, Second, Trade, whole_ticks


def decisions_by_phase(
    found: Mapping[LevelKey, Decision],
    seconds: Sequence[Second],
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    trades: Iterable[Trade],
    rules: LevelRules,
    gaps: Iterable[Gap] = (),
) -> dict[LevelKey, Decision]:
    """Decisions by (window end in seconds, level_id), with those of courses.

    Args:
        found: Windows of section 5, as `levels_episodes.decisions` returns them.
        seconds: Rows of `book_snapshot_1s` of the partition.
        levels: Rows of `levels_1s` of every second.
        offsets: Rows of `level_offset_1s` for the same keys.
        trades: Trades of the contract; those of the partition are used.
        rules: Symbol, date and settings.
        gaps: Rows of `recording_gaps` of the partition; one is known when it is over.
    """
    trades_of_day = [
        CourseTrade(trade.window_s, whole_ticks(trade.price_int, rules.tick_int), trade.ts_event_ns)
        for trade in path_of(trades, rules)
    ]
    known_gaps = [CourseGap(gap.end_ns, gap.end_ns) for gap in gaps]
    by_phase = dict(found)
    for level_id in {level_id for _, level_id in found}:
        own_rules = course_rules(level_id, rules)
        of_level = course_seconds(level_id, found, seconds, levels, offsets, rules)
        rows = courses(of_level, trades_of_day, known_gaps, own_rules)
        windows = {key: one for key, one in found.items() if key[1] == level_id}
        by_phase |= decided(windows, rows, rules)
    return by_phase


def course_rules(level_id: str, rules: LevelRules) -> CourseRules:
    """Settings of the courses of a level."""
    return CourseRules(
        symbol=rules.symbol,
        dt=str(rules.dt),
        level_id=level_id,
        reach_ticks=rules.reach_ticks,
        faded_s=rules.course_faded_s,
        faded_barriers=rules.course_faded_barriers,
        unresolved_s=rules.course_unresolved_s,
        max_drift_ticks=rules.level_jump_ticks,
    )


def course_seconds(
    level_id: str,
    found: Mapping[LevelKey, Decision],
    seconds: Iterable[Second],
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    rules: LevelRules,
) -> list[CourseSecond]:
    """Seconds of a level as its courses take them."""
    rows = []
    for second in seconds:
        key = second.end_s, level_id
        decision = found.get(key)
        is_eligible = decision is not None and decision.is_eligible(rules)
        spot = second.spot_price_int
        direction = offsets[key]["approach_dir"].removeprefix("approach_")
        rows.append(
            CourseSecond(
                end_s=second.end_s,
                is_valid=second.is_valid and spot is not None,
                spot_tick=None if spot is None else spot // rules.tick_int,
                level_tick=levels[key]["level_tick"],
                is_active=levels[key]["is_active"],
                approach=None if direction == "none" else direction,
                eligible=DIRECTIONS[decision.sign] if is_eligible else None,
                barrier_ticks=barrier_of(decision, rules) if is_eligible else None,
            )
        )
    return rows


def barrier_of(decision: Decision, rules: LevelRules) -> int | None:
    """Barrier of the eligibility of a window."""
    return barrier(rules.barrier_mode, decision.sigma_ticks, rules.eligibility_horizon_s, rules)


def decided(
    windows: Mapping[LevelKey, Decision], rows: Sequence[CourseRow], rules: LevelRules
) -> dict[LevelKey, Decision]:
    """Decisions of a level's courses, by their keys; windows that a course does not decide stay."""
    by_end = {row.window_end_s: row for row in rows}
    asked = [
        DecisionWindow(
            end_s=window.end_s,
            is_valid=window.is_window_valid,
            is_eligible=window.is_eligible(rules),
            approach_dir=window.approach_dir,
            level_tick=window.level_tick,
            x_ticks=window.x_ticks,
            k_ticks=window.k_ticks,
            barrier_ticks=barrier_of(window, rules),
            first_window_end_s=None,
        )
        for window in windows.values()
    ]
    return {
        key: replace(
            window,
            level_tick=decision.level_tick,
            k_ticks=decision.k_ticks,
            approach_dir=decision.approach_dir,
            course=by_end[window.end_s],
        )
        for (key, window), decision in zip(windows.items(), decisions(rows, asked), strict=True)
        if decision.decision_phase not in (None, "approaching")
    }
