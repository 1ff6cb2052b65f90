"""Break and retest of a level, as a state machine over trades.

x is the price in ticks past the level in the sense of the approach: negative before the level,
0 at it. The machine of one level and direction:

    APPROACH --x >= break_ticks, and no x <= 0 while it must hold--> BROKEN
    BROKEN --x <= retest_ticks--> RETEST, or THROUGH if its second goes further through the level
    RETEST --x >= outcome_ticks first--> CONTINUES, --x <= -outcome_ticks first--> FAILS,
           --neither in time--> CHOP, --the path ends first--> CENSORED

APPROACH ends without an event when price goes away or the path ends; a BROKEN level whose path
ends is NO_RETEST. The next APPROACH begins after the event has ended.

Time never goes back: a trade has the latest time of the trades up to it in the order of the file,
as windows of the book do.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.compiled import kernel
from spymaster_engine.retest_columns import APPROACHES, EVENTS, LIMITS, OUTCOMES

NO_TRADE = -1
# of what there is only with a retest
UNKNOWN = np.iinfo(np.int64).min

_GROUP_NO, _DIRECTION, _MOMENT_S, _LEVEL_TICK, _PATH_END_S = range(len(APPROACHES))
(
    _APPROACH_MAX,
    _BREAK,
    _HOLD_NS,
    _RETEST,
    _THROUGH,
    _OUTCOME_TICKS,
    _HORIZON_S,
) = range(len(LIMITS))
CONTINUES, FAILS, CHOP, CENSORED, THROUGH, NO_RETEST = range(len(OUTCOMES))
(
    _APPROACH_ROW,
    _EVENT_LEVEL_TICK,
    _CROSS_TRADE,
    _BROKEN_NS,
    _BROKEN_END_S,
    _RETEST_TRADE,
    _RETEST_END_S,
    _EXCURSION_TICKS,
    _RETEST_X_TICKS,
    _DEEPEST_X_TICKS,
    _OUTCOME,
    _OUTCOME_TRADE,
    _END_S,
    _IS_CUT,
) = range(len(EVENTS))


def retest_events(
    second_s: np.ndarray,
    trade_tick: np.ndarray,
    ts_ns: np.ndarray,
    approaches: Mapping[str, np.ndarray],
    limits: Mapping[str, int],
) -> dict[str, np.ndarray]:
    """Return the breaks of each level and direction and what followed them.

    Args:
        second_s: (n,) int64, second in which the trade falls, not decreasing.
        trade_tick: (n,) int64, price in ticks.
        ts_ns: (n,) int64, time of the trade; one earlier than that of a trade before it counts as
            that trade's (see ``times_of_trades``).
        approaches: (m,) int64 each, by the names of ``APPROACHES``: moments at which price
            approaches a level, those of a level and direction (``group_no``) together and in order
            of time. ``direction`` is 1 from below, -1 from above; trades of seconds from
            ``moment_s`` on follow; ``path_end_s`` is the first second that is not known any more.
        limits: by the names of ``LIMITS``.

    Returns:
        (k,) int64 each, by the names of ``EVENTS``: trades are indices, ``NO_TRADE`` for none;
        ``approach_row`` is the row at which the approach began; seconds and ticks are ``UNKNOWN``
        without a retest; outcomes are codes of ``OUTCOMES``.
    """
    rows = np.stack([np.asarray(approaches[name], np.int64) for name in APPROACHES])
    # an event takes at least the row it begins with
    events = np.empty((len(EVENTS), rows.shape[1]), np.int64)
    chosen = np.array([limits[name] for name in LIMITS], np.int64)
    second_s, trade_tick, ts_ns = (
        np.ascontiguousarray(values, np.int64)
        for values in (second_s, trade_tick, times_of_trades(ts_ns))
    )
    n_events = _fill_events(second_s, trade_tick, ts_ns, rows, chosen, events)
    return dict(zip(EVENTS, events[:, :n_events], strict=True))


def times_of_trades(ts_ns: np.ndarray) -> np.ndarray:
    """Return the time at which each trade counts: the latest of the trades up to it."""
    return np.maximum.accumulate(np.asarray(ts_ns, np.int64))


@kernel
def _fill_events(second_s, trade_tick, ts_ns, rows, limits, events):
    """Run the machine of each group; return the number of events."""
    n_events = 0
    row = 0
    while row < rows.shape[1]:
        end = row + 1
        while end < rows.shape[1] and rows[_GROUP_NO, end] == rows[_GROUP_NO, row]:
            end += 1
        while row < end:
            # a path without a second leads nowhere
            if rows[_PATH_END_S, row] <= rows[_MOMENT_S, row]:
                row += 1
                continue
            event = events[:, n_events]
            if _follow(second_s, trade_tick, ts_ns, rows, row, end, limits, event):
                n_events += 1
            next_s = event[_END_S]
            row += 1
            while row < end and rows[_MOMENT_S, row] < next_s:
                row += 1
    return n_events


@kernel
def _follow(second_s, trade_tick, ts_ns, rows, row, end, limits, event):
    """Follow an approach to its end; return whether it became an event.

    Sets the event's ``end_s`` either way: from there on the next approach can begin.
    """
    direction, path_end_s = rows[_DIRECTION, row], rows[_PATH_END_S, row]
    cross, level, end_s = _find_break(second_s, trade_tick, ts_ns, rows, row, end, limits)
    event[_END_S] = end_s
    if cross == NO_TRADE:
        return False
    broken_ns = ts_ns[cross] + limits[_HOLD_NS]
    retest, excursion = _find_retest(
        second_s, trade_tick, ts_ns, cross, direction, level, path_end_s, limits
    )
    event[_APPROACH_ROW] = row
    event[_EVENT_LEVEL_TICK] = level
    event[_CROSS_TRADE] = cross
    event[_BROKEN_NS] = broken_ns
    event[_BROKEN_END_S] = _hold_end_s(second_s, ts_ns, cross, limits)
    event[_IS_CUT] = 0
    event[_RETEST_TRADE] = NO_TRADE
    event[_OUTCOME_TRADE] = NO_TRADE
    for name in (_RETEST_END_S, _EXCURSION_TICKS, _RETEST_X_TICKS, _DEEPEST_X_TICKS):
        event[name] = UNKNOWN
    if retest == NO_TRADE:
        event[_OUTCOME] = NO_RETEST
        event[_END_S] = path_end_s
        event[_IS_CUT] = 1
        return True

    lowest, through = _lowest_of_second(second_s, trade_tick, retest, direction, level, limits)
    if through != NO_TRADE:
        event[_OUTCOME] = THROUGH
        event[_OUTCOME_TRADE] = through
        event[_END_S] = second_s[through] + 1
        return True
    event[_RETEST_TRADE] = retest
    event[_RETEST_END_S] = second_s[retest] + 1
    event[_EXCURSION_TICKS] = excursion
    event[_RETEST_X_TICKS] = lowest
    _find_outcome(second_s, trade_tick, direction, level, path_end_s, limits, event)
    return True


@kernel
def _find_break(second_s, trade_tick, ts_ns, rows, row, end, limits):
    """Return the trade that breaks the level and holds, the level, and where a search ends.

    Without a break the trade is ``NO_TRADE`` and the third value the second from which the next
    approach can begin. The level is taken anew at every row of the approach; while a break must
    hold it stays.
    """
    direction, path_end_s = rows[_DIRECTION, row], rows[_PATH_END_S, row]
    level = rows[_LEVEL_TICK, row]
    later = row + 1
    trade = _first_from(second_s, rows[_MOMENT_S, row])
    while trade < second_s.shape[0] and second_s[trade] < path_end_s:
        while later < end and rows[_MOMENT_S, later] <= second_s[trade]:
            level = rows[_LEVEL_TICK, later]
            later += 1
        x = direction * (trade_tick[trade] - level)
        if x < -limits[_APPROACH_MAX]:
            return np.int64(NO_TRADE), level, second_s[trade] + 1
        if x < limits[_BREAK]:
            trade += 1
            continue
        back = _trade_back(second_s, trade_tick, ts_ns, trade, direction, level, path_end_s, limits)
        if back == NO_TRADE:
            if _hold_end_s(second_s, ts_ns, trade, limits) > path_end_s:
                break
            return trade, level, path_end_s
        trade = back
        while later < end and rows[_MOMENT_S, later] <= second_s[trade]:
            later += 1
    return np.int64(NO_TRADE), level, path_end_s


@kernel
def _trade_back(second_s, trade_tick, ts_ns, cross, direction, level, path_end_s, limits):
    """Return the first trade at or before the level while the break must hold."""
    trade = cross + 1
    while (
        trade < second_s.shape[0]
        and second_s[trade] < path_end_s
        and ts_ns[trade] <= ts_ns[cross] + limits[_HOLD_NS]
    ):
        if direction * (trade_tick[trade] - level) <= 0:
            return trade
        trade += 1
    return np.int64(NO_TRADE)


@kernel
def _hold_end_s(second_s, ts_ns, cross, limits):
    """Return the end of the second in which it is known that a break has held."""
    if limits[_HOLD_NS] == 0:
        return second_s[cross] + 1
    broken_ns = ts_ns[cross] + limits[_HOLD_NS]
    last_s = broken_ns // NS_PER_S
    trade = cross
    # a trade may lie in a later second than its time
    while trade < second_s.shape[0] and ts_ns[trade] <= broken_ns:
        last_s = max(last_s, second_s[trade])
        trade += 1
    return last_s + 1


@kernel
def _find_retest(second_s, trade_tick, ts_ns, cross, direction, level, path_end_s, limits):
    """Return the first trade back near the level, and the largest x from the break to it."""
    broken_ns = ts_ns[cross] + limits[_HOLD_NS]
    excursion = direction * (trade_tick[cross] - level)
    trade = cross + 1
    while trade < second_s.shape[0] and second_s[trade] < path_end_s:
        x = direction * (trade_tick[trade] - level)
        excursion = max(excursion, x)
        if x <= limits[_RETEST] and ts_ns[trade] > broken_ns:
            return trade, excursion
        trade += 1
    return np.int64(NO_TRADE), excursion


@kernel
def _lowest_of_second(second_s, trade_tick, retest, direction, level, limits):
    """Return the smallest x of the retest's second, and its first trade through the level."""
    trade = _first_from(second_s, second_s[retest])
    lowest = direction * (trade_tick[trade] - level)
    through = np.int64(NO_TRADE)
    while trade < second_s.shape[0] and second_s[trade] == second_s[retest]:
        x = direction * (trade_tick[trade] - level)
        lowest = min(lowest, x)
        if through == NO_TRADE and trade >= retest and x < -limits[_THROUGH]:
            through = trade
        trade += 1
    return lowest, through


@kernel
def _find_outcome(second_s, trade_tick, direction, level, path_end_s, limits, event):
    """Fill in what came first after the retest's second."""
    begin_s = event[_RETEST_END_S]
    horizon_end_s = begin_s + limits[_HORIZON_S]
    end_s = min(horizon_end_s, path_end_s)
    deepest = event[_RETEST_X_TICKS]
    event[_OUTCOME] = CENSORED if path_end_s < horizon_end_s else CHOP
    event[_IS_CUT] = path_end_s < horizon_end_s
    event[_END_S] = end_s
    trade = _first_from(second_s, begin_s)
    while trade < second_s.shape[0] and second_s[trade] < end_s:
        x = direction * (trade_tick[trade] - level)
        deepest = min(deepest, x)
        if abs(x) >= limits[_OUTCOME_TICKS]:
            event[_OUTCOME] = CONTINUES if x > 0 else FAILS
            event[_OUTCOME_TRADE] = trade
            event[_END_S] = second_s[trade] + 1
            event[_IS_CUT] = 0
            break
        trade += 1
    event[_DEEPEST_X_TICKS] = deepest


@kernel
def _first_from(second_s, from_s):
    """Return the first trade in or after a second."""
    low, high = np.int64(0), np.int64(second_s.shape[0])
    while low < high:
        middle = (low + high) // 2
        if second_s[middle] < from_s:
            low = middle + 1
        else:
            high = middle
    return low
