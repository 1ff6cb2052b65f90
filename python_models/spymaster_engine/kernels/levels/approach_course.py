"""The course of an approach, second by second, as a state machine per level.

x is the price in ticks past the level in the sense of the approach: negative before the level, 0
at it. The machine of one level:

    no course --an eligible window--> approaching --within reach_ticks of the level--> at the level,
    through it (x > 1) or back (x < -1) --a barrier is traded, or time is over--> no course

The direction, the level's tick and the barrier are those of the window that begins the course. A
course ends without a resolution at an invalid second, when a recording gap becomes known, and when
its level moves away or is no longer active.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.course_columns import (
    COURSES,
    ENDINGS,
    LIMITS,
    PHASES,
    RESOLUTIONS,
    SECONDS,
)
from spymaster_engine.kernels.compiled import inlined, kernel

UNKNOWN = np.iinfo(np.int64).min
NOTHING = -1
AT_TICKS = 1

(
    _LEVEL_NO,
    _END_S,
    _IS_VALID,
    _SPOT_TICK,
    _LEVEL_TICK,
    _IS_ACTIVE,
    _APPROACH,
    _ELIGIBLE,
    _SECOND_BARRIER,
    _GAP_END_NS,
) = range(len(SECONDS))
_REACH, _FADED_S, _FADED_BARRIERS, _UNRESOLVED_S, _DRIFT = range(len(LIMITS))
APPROACHING, AT, THROUGH, BACK = range(len(PHASES))
BREAK, REJECT, FADED, UNRESOLVED = range(len(RESOLUTIONS))
INVALID_SECOND, RECORDING_GAP, INACTIVE_LEVEL, LEVEL_MOVED = range(len(ENDINGS))
(
    _ROW,
    _STARTED_S,
    _DIRECTION,
    _LEVEL_TICK_FROZEN,
    _BARRIER,
    _X,
    _PHASE,
    _REACHED_NS,
    _MAX_X,
    _MIN_X,
    _SINCE_REACHED_S,
    _RESOLVED,
    _RESOLVED_NS,
    _ENDED_BY,
) = range(len(COURSES))
# what a row does not say about the course so far: when it was reached, the last second within
# reach, and the last second in which price approached
_N_SO_FAR = 3
_REACHED_S, _NEAR_S, _APPROACHED_S = range(_N_SO_FAR)


def approach_courses(
    seconds: Mapping[str, np.ndarray],
    second_s: np.ndarray,
    trade_tick: np.ndarray,
    ts_ns: np.ndarray,
    limits: Mapping[str, int],
) -> dict[str, np.ndarray]:
    """Return a row for every second of every course.

    Args:
        seconds: (m,) int64 each, by the names of ``SECONDS``, the seconds of a level
            (``level_no``) together and in order of time, none missing between its first and its
            last. ``end_s`` ends the second; ``is_valid`` and ``is_active`` are 0 or 1;
            ``approach`` and ``eligible`` are 1 from below, -1 from above, 0 for none;
            ``barrier_ticks`` counts in eligible seconds; ``gap_end_ns`` is the latest end of the
            recording gaps that became known in the second, ``UNKNOWN`` without any.
        second_s: (n,) int64, second in which a trade falls, not decreasing.
        trade_tick: (n,) int64, price in ticks.
        ts_ns: (n,) int64, time of the trade.
        limits: by the names of ``LIMITS``.

    Returns:
        (k,) int64 each, by the names of ``COURSES``: ``row`` is the second's place in ``seconds``;
        ``phase``, ``resolved`` and ``ended_by`` are codes of ``PHASES``, ``RESOLUTIONS`` and
        ``ENDINGS``, ``NOTHING`` for none; what is not known is ``UNKNOWN``.
    """
    rows = np.stack([np.asarray(seconds[name], np.int64) for name in SECONDS])
    # a second has at most one row
    courses = np.empty((len(COURSES), rows.shape[1]), np.int64)
    chosen = np.array([limits[name] for name in LIMITS], np.int64)
    second_s, trade_tick, ts_ns = (
        np.ascontiguousarray(values, np.int64) for values in (second_s, trade_tick, ts_ns)
    )
    so_far = np.empty(_N_SO_FAR, np.int64)
    n_rows = _fill_courses(rows, second_s, trade_tick, ts_ns, chosen, so_far, courses)
    return dict(zip(COURSES, courses[:, :n_rows], strict=True))


@kernel
def _fill_courses(rows, second_s, trade_tick, ts_ns, limits, so_far, courses):
    """Run the machine of each level; return the number of rows."""
    n_rows = 0
    trade = 0
    is_under_way = False
    for row in range(rows.shape[1]):
        second = rows[:, row]
        start_s = second[_END_S] - 1
        if row == 0 or second[_LEVEL_NO] != rows[_LEVEL_NO, row - 1]:
            is_under_way = False
            trade = 0
        course = courses[:, n_rows]
        if not is_under_way:
            if second[_ELIGIBLE] == 0:
                continue
            _begin(second, row, limits, course, so_far)
            is_under_way = True
            n_rows += 1
            continue
        while trade < second_s.shape[0] and second_s[trade] < start_s:
            trade += 1
        for name in range(courses.shape[0]):
            course[name] = courses[name, n_rows - 1]
        course[_ROW] = row
        n_rows += 1
        ended_by = _broken_off_by(second, course)
        if ended_by != NOTHING:
            course[_ENDED_BY] = ended_by
            course[_X] = UNKNOWN
        else:
            trade = _take_trades(
                second, start_s, second_s, trade_tick, ts_ns, trade, limits, course, so_far
            )
            _take_spot(second, limits, course, so_far)
            if course[_RESOLVED] == NOTHING:
                _end_without_trade(second, limits, course, so_far)
        if course[_REACHED_NS] != UNKNOWN:
            course[_SINCE_REACHED_S] = second[_END_S] - so_far[_REACHED_S]
        is_under_way = course[_RESOLVED] == NOTHING and course[_ENDED_BY] == NOTHING
    return n_rows


@inlined
def _begin(second, row, limits, course, so_far):
    """Fill the first row of a course; trades before it do not belong to it."""
    course[_ROW] = row
    course[_STARTED_S] = second[_END_S]
    course[_DIRECTION] = second[_ELIGIBLE]
    course[_LEVEL_TICK_FROZEN] = second[_LEVEL_TICK]
    course[_BARRIER] = second[_SECOND_BARRIER]
    course[_REACHED_NS] = UNKNOWN
    course[_MAX_X] = UNKNOWN
    course[_MIN_X] = UNKNOWN
    course[_SINCE_REACHED_S] = UNKNOWN
    course[_RESOLVED] = NOTHING
    course[_RESOLVED_NS] = UNKNOWN
    course[_ENDED_BY] = NOTHING
    so_far[_REACHED_S] = UNKNOWN
    so_far[_NEAR_S] = UNKNOWN
    so_far[_APPROACHED_S] = second[_END_S]
    _take_spot(second, limits, course, so_far)
    if course[_REACHED_NS] != UNKNOWN:
        course[_SINCE_REACHED_S] = 0


@inlined
def _broken_off_by(second, course):
    """Return what ends a course before anything of the second counts."""
    if second[_IS_VALID] == 0:
        return INVALID_SECOND
    # UNKNOWN lies before every start
    if second[_GAP_END_NS] > course[_STARTED_S] * NS_PER_S:
        return RECORDING_GAP
    if second[_IS_ACTIVE] == 0:
        return INACTIVE_LEVEL
    return NOTHING


@inlined
def _take_trades(second, start_s, second_s, trade_tick, ts_ns, trade, limits, course, so_far):
    """Take the trades of a second up to the one that resolves; return the first trade after it."""
    while trade < second_s.shape[0] and second_s[trade] == start_s:
        x = course[_DIRECTION] * (trade_tick[trade] - course[_LEVEL_TICK_FROZEN])
        if course[_RESOLVED] == NOTHING:
            _take_x(x, ts_ns[trade], second, limits, course, so_far)
            if x >= course[_BARRIER]:
                course[_RESOLVED] = BREAK
            elif x <= -course[_BARRIER] and course[_REACHED_NS] != UNKNOWN:
                course[_RESOLVED] = REJECT
            if course[_RESOLVED] != NOTHING:
                course[_RESOLVED_NS] = ts_ns[trade]
        trade += 1
    return trade


@inlined
def _take_spot(second, limits, course, so_far):
    """Take spot at the end of a second and name the phase."""
    x = course[_DIRECTION] * (second[_SPOT_TICK] - course[_LEVEL_TICK_FROZEN])
    _take_x(x, second[_END_S] * NS_PER_S, second, limits, course, so_far)
    course[_X] = x
    if course[_REACHED_NS] == UNKNOWN:
        course[_PHASE] = APPROACHING
    elif abs(x) <= AT_TICKS:
        course[_PHASE] = AT
    else:
        course[_PHASE] = THROUGH if x > 0 else BACK


@inlined
def _take_x(x, at_ns, second, limits, course, so_far):
    """Take a price: whether it reaches the level, and how far it goes."""
    if course[_REACHED_NS] == UNKNOWN and x >= -limits[_REACH]:
        course[_REACHED_NS] = at_ns
        so_far[_REACHED_S] = second[_END_S]
        so_far[_NEAR_S] = second[_END_S]
        course[_MIN_X] = x
    course[_MAX_X] = max(course[_MAX_X], x)
    if course[_REACHED_NS] != UNKNOWN:
        course[_MIN_X] = min(course[_MIN_X], x)
        if abs(x) <= limits[_REACH]:
            so_far[_NEAR_S] = second[_END_S]


@inlined
def _end_without_trade(second, limits, course, so_far):
    """End a course whose level moved away, that faded, or that time left unresolved."""
    end_s = second[_END_S]
    if second[_APPROACH] == course[_DIRECTION]:
        so_far[_APPROACHED_S] = end_s
    if abs(second[_LEVEL_TICK] - course[_LEVEL_TICK_FROZEN]) > limits[_DRIFT]:
        course[_ENDED_BY] = LEVEL_MOVED
        return
    if course[_REACHED_NS] == UNKNOWN:
        is_far = course[_X] < -limits[_FADED_BARRIERS] * course[_BARRIER]
        if is_far or end_s - so_far[_APPROACHED_S] >= limits[_FADED_S]:
            course[_RESOLVED] = FADED
    elif end_s - so_far[_NEAR_S] >= limits[_UNRESOLVED_S]:
        course[_RESOLVED] = UNRESOLVED
    if course[_RESOLVED] != NOTHING:
        course[_RESOLVED_NS] = end_s * NS_PER_S
