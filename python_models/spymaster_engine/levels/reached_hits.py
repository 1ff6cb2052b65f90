"""What price does once it has come to a level: first hits of two barriers from there on.

x is the price in ticks past the level in the sense of the approach, as in ``first_hits``. A
decision reaches its level with the first trade at x >= -reach, or at once when it stands that
near. From there the same barriers are watched for as many seconds as the horizon had.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.book.compiled import kernel
from spymaster_engine.label_columns import LABELS, REACHED_RESULTS
from spymaster_engine.levels.first_hits import (
    BREAK,
    CENSORED,
    NO_TRADE,
    REJECT,
    first_of,
    outcome_of,
    seconds_of,
)

NOT_REACHED = 4
NEVER, REACHED, UNKNOWN = 0, 1, -1


def reached_hits(
    trade_s: np.ndarray, trade_tick: np.ndarray, labels: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return whether each decision reaches its level, and what happened first after that.

    Args:
        trade_s: (n,) int64, second of the trade's window, not decreasing.
        trade_tick: (n,) int64, price in ticks.
        labels: (m,) int64 each, by the names of ``LABELS``, as ``first_hits`` takes them; the
            level is reached at ``-reach_ticks``, at least 0, inside the horizon.

    Returns:
        (m,) int64 each, by the names of ``REACHED_RESULTS``. ``reached`` is ``UNKNOWN`` where
        the path ends before the level is reached or the horizon is over. Trades are indices,
        ``NO_TRADE`` for none and for a level that is near at once. ``exit_x_ticks`` is the
        barrier that was hit, or else the x of the last trade of the path, x0 without any.
        ``label_end_s`` is the first second that the label does not look at, ``is_cut`` 1 where it
        would have looked on if the path did not end.
    """
    n_labels = len(labels["decision_no"])
    results = np.empty((len(REACHED_RESULTS), n_labels), np.int64)
    if n_labels:
        rows = np.stack([np.asarray(labels[name], np.int64) for name in LABELS])
        reach = int(rows[LABELS.index("barrier_ticks")].max()) + 1
        scratch = np.empty((2, reach), np.int64)
        seconds, bounds, range_ticks = seconds_of(trade_s, trade_tick)
        starts = np.searchsorted(seconds, rows[LABELS.index("start_s")])
        _walk(trade_tick, seconds, bounds, range_ticks, rows, starts, scratch, results)
    return dict(zip(REACHED_RESULTS, results, strict=True))


@kernel
def _walk(trade_tick, seconds, bounds, range_ticks, rows, starts, first, results):
    """Walk along the seconds of each decision: up to the level, then on from there.

    ``first`` is scratch, (2, reach): by distance in ticks the first trade from the reaching one
    on that is at or past it ahead, and behind.
    """
    decision = np.int64(-1)
    # the next second to look at, first for the level, then for the barriers; the first trade of
    # the path from the level on, and the second in which that path begins
    second = begin = begin_s = np.int64(0)
    reaching = np.int64(NO_TRADE)
    is_reached = False
    near = high = low = np.int64(0)
    for row in range(rows.shape[1]):
        start, direction, level, x0 = rows[1, row], rows[2, row], rows[3, row], rows[4, row]
        barrier, horizon_end, path_end = rows[5, row], rows[6, row], rows[7, row]
        if row == 0 or rows[0, row] != decision:
            decision = rows[0, row]
            second = starts[row]
            begin, begin_s = bounds[second], start
            reaching = np.int64(NO_TRADE)
            near = -rows[8, row]
            is_reached = x0 >= near
            high, low = np.int64(-1), np.int64(0)
            first[:] = NO_TRADE

        end = min(horizon_end, path_end)
        while not is_reached and second < seconds.shape[0] and seconds[second] < end:
            x_of_low = direction * (range_ticks[0, second] - level)
            x_of_high = direction * (range_ticks[1, second] - level)
            if max(x_of_low, x_of_high) >= near:
                reaching = bounds[second]
                while direction * (trade_tick[reaching] - level) < near:
                    reaching += 1
                begin, begin_s, is_reached = reaching, seconds[second], True
            else:
                second += 1

        reached_end = horizon_end
        if is_reached:
            reached_end = begin_s + horizon_end - start
            end = min(reached_end, path_end)
            while second < seconds.shape[0] and seconds[second] < end:
                x_of_low = direction * (range_ticks[0, second] - level)
                x_of_high = direction * (range_ticks[1, second] - level)
                if max(x_of_low, x_of_high) > high or min(x_of_low, x_of_high) < low:
                    for trade in range(max(begin, bounds[second]), bounds[second + 1]):
                        x = direction * (trade_tick[trade] - level)
                        for distance in range(high + 1, min(x + 1, first.shape[1])):
                            first[0, distance] = trade
                        for distance in range(1 - low, min(1 - x, first.shape[1])):
                            first[1, distance] = trade
                        high, low = max(high, x), min(low, x)
                second += 1

        up, down = first[0, barrier], first[1, barrier]
        outcome = outcome_of(up, down, path_end < reached_end)
        if not is_reached and outcome != CENSORED:
            outcome = NOT_REACHED
        # the path has no trade at all where the level is near at once and nothing trades after
        last = bounds[second] - 1 if second > starts[row] else np.int64(NO_TRADE)
        results[0, row] = REACHED if is_reached else UNKNOWN if outcome == CENSORED else NEVER
        results[1, row] = reaching
        results[2, row] = outcome
        results[3, row] = first_of(up, down)
        results[4, row] = last if results[3, row] == NO_TRADE else results[3, row]
        results[5, row] = x0
        if outcome == BREAK:
            results[5, row] = barrier
        elif outcome == REJECT:
            results[5, row] = -barrier
        elif last != NO_TRADE:
            results[5, row] = direction * (trade_tick[last] - level)
        wanted_end = max(horizon_end, reached_end)
        results[6, row] = min(path_end, wanted_end)
        results[7, row] = 1 if path_end < wanted_end else 0
