"""Names of what happened to the courses of a day, so that a test can ask for all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from naive.approach_course import (
    NS_PER_S,
    SIGNS,
    CourseGap,
    CourseRow,
    CourseSecond,
    CourseTrade,
    phase_of,
)

WINDOW_S = 5
DEFAULT_BARRIER = 8
MAX_DRIFT_TICKS = 4
REACHED = ("at", "through", "back")
TRANSITIONS = frozenset(
    {f"starts {word}" for word in ("up", "down", "approaching", "at", "back")}
    | {f"approaching -> {phase}" for phase in REACHED}
    | {f"{one} -> {other}" for one in REACHED for other in REACHED if one != other}
    | {f"{out} from {phase}" for out in ("BREAK", "REJECT") for phase in ("approaching", *REACHED)}
    | {f"{out} with spot {phase}" for out in ("BREAK", "REJECT") for phase in REACHED}
    | {"UNRESOLVED through", "UNRESOLVED back", "faded by distance", "faded by direction"}
    | {
        f"{reason} {when}"
        for reason in ("invalid_second", "recording_gap", "inactive_level", "level_moved")
        for when in ("before reach", "after reach")
    }
    | {f"reached {how}" for how in ("at the start", "by spot", "by a trade")}
    | {"spot beyond +B and no end", "spot beyond -B and no end", "open at the end of the day"}
    | {"next course up -> down", "next course down -> up", "next course same direction"}
    | {"next course at the next window", "reached and resolved in one second"}
    | {"eligible window at the last row", "eligible window of the other direction on the way"}
    | {"level drifts on the way", "trades after the end", "both barriers in the last second"}
    | {"gap known without effect", "gap known later than its end", "trade before its second"}
    | {"barrier trade in a second that cuts", "barrier trade as the level moves"}
    | {"last second without spot", "last second without a level row", "barrier other than 8"}
)


def covered(
    rows: Sequence[CourseRow],
    seconds: Iterable[CourseSecond] = (),
    trades: Iterable[CourseTrade] = (),
    gaps: Iterable[CourseGap] = (),
) -> set[str]:
    """Names of the transitions that occurred; those of inputs need the day beside the rows."""
    by_course: dict[str, list[CourseRow]] = {}
    for row in rows:
        by_course.setdefault(row.course_id, []).append(row)
    found = set(_between_courses(list(by_course.values())))
    by_end = {second.end_s: second for second in seconds}
    trades_by_end: dict[int, list[CourseTrade]] = {}
    for trade in trades:
        trades_by_end.setdefault(trade.start_s + 1, []).append(trade)
    for course in by_course.values():
        found.update(_within_course(course))
        if by_end:
            found.update(_of_inputs(course, by_end, trades_by_end, list(gaps)))
    return found


def _between_courses(by_course: Sequence[Sequence[CourseRow]]) -> Iterator[str]:
    for before, after in pairwise(by_course):
        ways = before[0].direction, after[0].direction
        same = ways[0] == ways[1]
        yield "next course same direction" if same else f"next course {ways[0]} -> {ways[1]}"
        if after[0].started_s - before[-1].window_end_s <= WINDOW_S:
            yield "next course at the next window"


def _within_course(course: Sequence[CourseRow]) -> Iterator[str]:
    first, last = course[0], course[-1]
    yield f"starts {first.direction}"
    yield f"starts {first.phase}"
    if first.barrier_ticks != DEFAULT_BARRIER:
        yield "barrier other than 8"
    for before, after in pairwise(course):
        if before.phase != after.phase:
            yield f"{before.phase} -> {after.phase}"
        if before.reached_ns is None and after.reached_ns is not None:
            is_spot = after.reached_ns == after.window_end_s * NS_PER_S
            yield "reached by spot" if is_spot else "reached by a trade"
            if after.resolved:
                yield "reached and resolved in one second"
        if after.resolved in ("BREAK", "REJECT"):
            yield f"{after.resolved} from {before.phase}"
            yield f"{after.resolved} with spot {phase_of(after.x)}"
    if first.reached_ns is not None:
        yield "reached at the start"
    if last.resolved == "UNRESOLVED":
        yield f"UNRESOLVED {last.phase}"
    if last.resolved == "FADED":
        is_far = last.x < -2 * last.barrier_ticks
        yield "faded by distance" if is_far else "faded by direction"
    if last.ended_by:
        yield f"{last.ended_by} {'before' if last.reached_ns is None else 'after'} reach"
    if not last.is_last:
        yield "open at the end of the day"
    for row in course:
        if row.reached_ns is not None and not row.is_last and abs(row.x) >= row.barrier_ticks:
            yield f"spot beyond {'+' if row.x > 0 else '-'}B and no end"


def _of_inputs(
    course: Sequence[CourseRow],
    by_end: dict[int, CourseSecond],
    trades_by_end: dict[int, list[CourseTrade]],
    gaps: Sequence[CourseGap],
) -> Iterator[str]:
    first, last = course[0], course[-1]
    at_end = by_end[last.window_end_s]
    if last.is_last and at_end.eligible:
        yield "eligible window at the last row"
    if at_end.spot_tick is None:
        yield "last second without spot"
    if at_end.level_tick is None:
        yield "last second without a level row"
    for row in course[1:]:
        second = by_end[row.window_end_s]
        if second.eligible not in (None, row.direction):
            yield "eligible window of the other direction on the way"
        if not row.is_last and second.level_tick != row.level_tick_frozen:
            yield "level drifts on the way"
        for trade in trades_by_end.get(row.window_end_s, ()):
            if trade.ts_ns < trade.start_s * NS_PER_S:
                yield "trade before its second"
    traded = trades_by_end.get(last.window_end_s, [])
    xs = [SIGNS[last.direction] * (trade.tick - last.level_tick_frozen) for trade in traded]
    if xs and min(xs) <= -last.barrier_ticks and max(xs) >= last.barrier_ticks and last.resolved:
        yield "both barriers in the last second"
    if last.resolved in ("BREAK", "REJECT") and traded[-1].ts_ns > last.resolved_ns:
        yield "trades after the end"
    is_cut = last.ended_by not in (None, "level_moved")
    if is_cut and any(abs(x) >= last.barrier_ticks for x in xs):
        yield "barrier trade in a second that cuts"
    drift_ticks = abs((at_end.level_tick or 0) - last.level_tick_frozen)
    if last.resolved in ("BREAK", "REJECT") and drift_ticks > MAX_DRIFT_TICKS:
        yield "barrier trade as the level moves"
    for gap in gaps:
        known_s = gap.known_ns // NS_PER_S + 1
        if first.started_s < known_s < last.window_end_s:
            yield "gap known without effect"
        is_late = gap.end_ns < (known_s - 1) * NS_PER_S
        if last.ended_by == "recording_gap" and known_s == last.window_end_s and is_late:
            yield "gap known later than its end"
