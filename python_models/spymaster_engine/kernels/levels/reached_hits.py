"""What price does once it has come to a level: first hits of two barriers from there on.

x is the price in ticks past the level in the sense of the approach, as in ``first_hits``. A
decision reaches its level with the first trade at x >= -reach, or at once when it stands that
near. From there the same barriers are watched for as many seconds as the horizon had.

A position opened at the decision has the same barriers for its exits, but from the decision on:
one that is hit before price comes to the level ends the position, whatever follows there.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.compiled import kernel
from spymaster_engine.kernels.levels.first_hits import (
    BREAK,
    CENSORED,
    NO_TRADE,
    REJECT,
    first_of,
    outcome_of,
    seconds_of,
)
from spymaster_engine.label_columns import LABELS, REACHED_RESULTS

NOT_REACHED = 4
NEVER, REACHED, UNKNOWN = 0, 1, -1


def reached_hits(
    trade_s: np.ndarray, trade_tick: np.ndarray, labels: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return whether each decision reaches its level, what happened first after that, and its exit.

    Args:
        trade_s: (n,) int64, second of the trade's window, not decreasing.
        trade_tick: (n,) int64, price in ticks.
        labels: (m,) int64 each, by the names of ``LABELS``, as ``first_hits`` takes them; the
            level is reached at ``-reach_ticks``, at least 0, inside the horizon.

    Returns:
        (m,) int64 each, by the names of ``REACHED_RESULTS``. ``reached`` is ``UNKNOWN`` where
        the path ends before the level is reached or the horizon is over. Trades are indices,
        ``NO_TRADE`` for none and for a level that is near at once. ``exit_outcome`` is ``BREAK``
        or ``REJECT`` for the barrier that was hit first from the decision on, else ``CHOP``, or
        ``CENSORED`` where the path ended first; ``exit_x_ticks`` is that barrier, or else the x
        of the last trade of the path, x0 without any. Excursions to the exit, that trade
        included, are ticks from x0. ``whipsaw_reached`` is 1 where both barriers were hit on the
        path from the decision on. ``label_end_s`` is the first second that the label does not
        look at, ``is_cut`` 1 where it would have looked on if the path did not end.
    """
    n_labels = len(labels["decision_no"])
    results = np.empty((len(REACHED_RESULTS), n_labels), np.int64)
    if n_labels:
        rows = np.stack([np.asarray(labels[name], np.int64) for name in LABELS])
        reach = int(rows[LABELS.index("barrier_ticks")].max()) + 1
        scratch = np.empty((6, reach), np.int64)
        seconds, bounds, range_ticks = seconds_of(trade_s, trade_tick)
        starts = np.searchsorted(seconds, rows[LABELS.index("start_s")])
        _walk(trade_tick, seconds, bounds, range_ticks, rows, starts, scratch, results)
    return dict(zip(REACHED_RESULTS, results, strict=True))


@kernel
def _walk(trade_tick, seconds, bounds, range_ticks, rows, starts, first, results):
    """Walk along the seconds of each decision once: up to the level, then on from there.

    Only seconds that reach new ground are looked at trade by trade. ``first`` is scratch,
    (6, reach): by distance in ticks the first trade of the path at or past it ahead, and behind;
    the lowest x before the first, the highest before the second; and the first trades ahead and
    behind from the reaching one on.
    """
    ahead, behind, low_before, high_before = first[0], first[1], first[2], first[3]
    ahead_from_level, behind_from_level = first[4], first[5]
    reach = first.shape[1]
    decision = np.int64(-1)
    # the next second to look at, and the second in which the path from the level on begins
    second = begin_s = np.int64(0)
    reaching = np.int64(NO_TRADE)
    is_reached = False
    near = high = low = high_from_level = low_from_level = np.int64(0)
    for row in range(rows.shape[1]):
        start, direction, level, x0 = rows[1, row], rows[2, row], rows[3, row], rows[4, row]
        barrier, horizon_end, path_end = rows[5, row], rows[6, row], rows[7, row]
        if row == 0 or rows[0, row] != decision:
            decision = rows[0, row]
            second = starts[row]
            begin_s = start
            reaching = np.int64(NO_TRADE)
            near = -rows[8, row]
            is_reached = x0 >= near
            high = low = x0
            high_from_level, low_from_level = np.int64(-1), np.int64(0)
            first[:] = NO_TRADE

        reached_end = begin_s + horizon_end - start if is_reached else horizon_end
        while second < seconds.shape[0] and seconds[second] < min(reached_end, path_end):
            x_of_low = direction * (range_ticks[0, second] - level)
            x_of_high = direction * (range_ticks[1, second] - level)
            # the trade that reaches the level is the highest so far
            is_new_ground = max(x_of_low, x_of_high) > high or min(x_of_low, x_of_high) < low
            if is_reached and not is_new_ground:
                is_new_ground = (
                    max(x_of_low, x_of_high) > high_from_level
                    or min(x_of_low, x_of_high) < low_from_level
                )
            second += 1
            if not is_new_ground:
                continue
            for trade in range(bounds[second - 1], bounds[second]):
                x = direction * (trade_tick[trade] - level)
                if not is_reached and x >= near:
                    reaching, begin_s, is_reached = np.int64(trade), seconds[second - 1], True
                    reached_end = begin_s + horizon_end - start
                if x > high:
                    for distance in range(max(high + 1, np.int64(0)), min(x + 1, reach)):
                        ahead[distance] = trade
                        low_before[distance] = low
                    high = x
                if x < low:
                    for distance in range(1 - low, min(1 - x, reach)):
                        behind[distance] = trade
                        high_before[distance] = high
                    low = x
                if is_reached and x > high_from_level:
                    for distance in range(high_from_level + 1, min(x + 1, reach)):
                        ahead_from_level[distance] = trade
                    high_from_level = x
                if is_reached and x < low_from_level:
                    for distance in range(1 - low_from_level, min(1 - x, reach)):
                        behind_from_level[distance] = trade
                    low_from_level = x

        is_cut = path_end < reached_end
        up, down = ahead_from_level[barrier], behind_from_level[barrier]
        outcome = outcome_of(up, down, is_cut)
        if not is_reached and outcome != CENSORED:
            outcome = NOT_REACHED
        results[0, row] = REACHED if is_reached else UNKNOWN if outcome == CENSORED else NEVER
        results[1, row] = reaching
        results[2, row] = outcome
        results[3, row] = first_of(up, down)

        up, down = ahead[barrier], behind[barrier]
        exit_outcome = outcome_of(up, down, is_cut)
        exit_trade = first_of(up, down)
        if exit_trade == NO_TRADE and second > starts[row]:
            exit_trade = bounds[second] - 1
        # the path has no trade at all where nothing trades after the decision
        exit_x = x0
        if exit_trade != NO_TRADE:
            exit_x = direction * (trade_tick[exit_trade] - level)
        results[4, row] = exit_trade
        results[5, row] = exit_outcome
        results[6, row] = exit_x
        results[7, row] = high - x0
        results[8, row] = low - x0
        if exit_outcome == BREAK:
            results[6, row] = barrier
            results[7, row] = exit_x - x0
            results[8, row] = low_before[barrier] - x0
        elif exit_outcome == REJECT:
            results[6, row] = -barrier
            results[7, row] = high_before[barrier] - x0
            results[8, row] = exit_x - x0
        results[9, row] = 1 if min(up, down) != NO_TRADE else 0
        wanted_end = max(horizon_end, reached_end)
        results[10, row] = min(path_end, wanted_end)
        results[11, row] = 1 if path_end < wanted_end else 0
