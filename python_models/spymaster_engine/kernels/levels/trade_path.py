"""The trades after a decision as a path: the first trade at each distance from start and level.

x is the price in ticks past the level in the sense of the approach: negative before the level,
0 at it. A path keeps, for every whole number of ticks, the first trade that got there; so one walk
serves all barriers and horizons of a decision.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.compiled import inlined, kernel
from spymaster_engine.label_columns import LABELS

NO_TRADE = -1

(
    DECISION_NO,
    START_S,
    DIRECTION,
    LEVEL_TICK,
    X0_TICKS,
    BARRIER_TICKS,
    HORIZON_END_S,
    PATH_END_S,
    REACH_TICKS,
) = range(len(LABELS))

# By distance in ticks: the first trade of the path at or past it ahead, and behind; the lowest x
# before the first, the highest before the second; and the first trades from the level on.
(
    AHEAD,
    BEHIND,
    LOW_BEFORE,
    HIGH_BEFORE,
    AHEAD_FROM_LEVEL,
    BEHIND_FROM_LEVEL,
) = range(6)
_N_FIRSTS = 6

_PATH = np.dtype(
    [
        (name, np.int64)
        for name in (
            # the next second to look at, counted among those with trades
            "second",
            # x from which on the level counts as reached, whether it was, by which trade, and the
            # second in which the path from the level on begins
            "near",
            # whether the horizon begins anew there
            "begins_anew",
            "is_reached",
            "reaching_trade",
            "begin_s",
            "high",
            "low",
            "high_from_level",
            "low_from_level",
        )
    ]
)


def walked(
    fill, trade_s: np.ndarray, trade_tick: np.ndarray, labels: dict[str, np.ndarray], n_results: int
) -> np.ndarray:
    """Return the results of a kernel that walks along the trades of each decision.

    Args:
        fill: kernel of (trade_tick, seconds, bounds, range_ticks, rows, starts, path, firsts,
            results); ``rows`` are the labels by their numbers here, ``starts`` the first second
            with trades of each, ``path`` and ``firsts`` scratch of :func:`begin_path`.
        trade_s: (n,) int64, second of the trade's window, not decreasing.
        trade_tick: (n,) int64, price in ticks.
        labels: (m,) int64 each, by the names of ``LABELS``.
        n_results: number of its results.

    Returns:
        (n_results, m) int64.
    """
    n_labels = len(labels["decision_no"])
    results = np.empty((n_results, n_labels), np.int64)
    if n_labels:
        rows = np.stack([np.asarray(labels[name], np.int64) for name in LABELS])
        firsts = np.empty((_N_FIRSTS, int(rows[BARRIER_TICKS].max()) + 1), np.int64)
        seconds, bounds, range_ticks = _seconds_of(trade_s, trade_tick)
        starts = np.searchsorted(seconds, rows[START_S])
        path = np.zeros(1, _PATH)
        fill(trade_tick, seconds, bounds, range_ticks, rows, starts, path, firsts, results)
    return results


def _seconds_of(
    trade_s: np.ndarray, trade_tick: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the seconds with trades, the bounds of their trades, and their lows and highs."""
    seconds, firsts = np.unique(trade_s, return_index=True)
    range_ticks = (
        np.stack([np.minimum.reduceat(trade_tick, firsts), np.maximum.reduceat(trade_tick, firsts)])
        if len(seconds)
        else np.empty((2, 0), np.int64)
    )
    return seconds, np.append(firsts, len(trade_s)), range_ticks


@kernel
def begin_path(path, firsts, label, second, near, begins_anew):
    """Begin the path of a decision, whose level is reached at x >= ``near``.

    ``begins_anew`` is 1 where the horizon begins again once the level is reached, else 0.
    """
    path.second = second
    path.near = near
    path.begins_anew = begins_anew
    path.is_reached = label[X0_TICKS] >= near
    path.reaching_trade = NO_TRADE
    path.begin_s = label[START_S]
    path.high = label[X0_TICKS]
    path.low = label[X0_TICKS]
    path.high_from_level = -1
    path.low_from_level = 0
    firsts[:] = NO_TRADE


@inlined
def horizon_end_s(path, label):
    """Return the first second after a label's horizon."""
    if path.begins_anew and path.is_reached:
        return path.begin_s + label[HORIZON_END_S] - label[START_S]
    return label[HORIZON_END_S]


@kernel
def follow_path(path, firsts, trade_tick, seconds, bounds, range_ticks, label):
    """Follow a path to the end of a label's horizon.

    Only seconds that reach a new distance are read trade by trade.
    """
    direction, level = label[DIRECTION], label[LEVEL_TICK]
    end = horizon_end_s(path, label)
    while path.second < seconds.shape[0]:
        second_s = seconds[path.second]
        if second_s >= min(end, label[PATH_END_S]):
            return
        x_of_low = direction * (range_ticks[0, path.second] - level)
        x_of_high = direction * (range_ticks[1, path.second] - level)
        # the trade that reaches the level is the highest so far
        highest, lowest = path.high, path.low
        if path.is_reached:
            highest = min(highest, path.high_from_level)
            lowest = max(lowest, path.low_from_level)
        first_trade = bounds[path.second]
        path.second += 1
        if max(x_of_low, x_of_high) <= highest and min(x_of_low, x_of_high) >= lowest:
            continue
        for trade in range(first_trade, bounds[path.second]):
            x = direction * (trade_tick[trade] - level)
            if not path.is_reached and x >= path.near:
                path.reaching_trade = trade
                path.begin_s = second_s
                path.is_reached = 1
                end = horizon_end_s(path, label)
            _note_trade(path, firsts, trade, x)


@inlined
def _note_trade(path, firsts, trade, x):
    """Note the distances that no earlier trade reached."""
    reach = firsts.shape[1]
    if x > path.high:
        for distance in range(max(path.high + 1, 0), min(x + 1, reach)):
            firsts[AHEAD, distance] = trade
            firsts[LOW_BEFORE, distance] = path.low
        path.high = x
    if x < path.low:
        for distance in range(max(1 - path.low, 0), min(1 - x, reach)):
            firsts[BEHIND, distance] = trade
            firsts[HIGH_BEFORE, distance] = path.high
        path.low = x
    if path.is_reached and x > path.high_from_level:
        for distance in range(path.high_from_level + 1, min(x + 1, reach)):
            firsts[AHEAD_FROM_LEVEL, distance] = trade
        path.high_from_level = x
    if path.is_reached and x < path.low_from_level:
        for distance in range(1 - path.low_from_level, min(1 - x, reach)):
            firsts[BEHIND_FROM_LEVEL, distance] = trade
        path.low_from_level = x
