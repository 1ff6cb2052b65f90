"""What price does once it has come to a level: first hits of two barriers from there on.

x is the price in ticks past the level in the sense of the approach, as in ``first_hits``. A
decision reaches its level with the first trade at x >= -reach, or at once when it stands that
near. From there the same barriers hold for another horizon.

A position opened at the decision has the same barriers for its exits, but from the decision on:
one that is hit before price comes to the level ends the position, whatever follows there.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.compiled import inlined, kernel
from spymaster_engine.kernels.levels.first_hits import BREAK, CENSORED, REJECT, first_of, outcome_of
from spymaster_engine.kernels.levels.trade_path import (
    AHEAD,
    AHEAD_FROM_LEVEL,
    BARRIER_TICKS,
    BEHIND,
    BEHIND_FROM_LEVEL,
    DECISION_NO,
    DIRECTION,
    HIGH_BEFORE,
    HORIZON_END_S,
    LEVEL_TICK,
    LOW_BEFORE,
    NO_TRADE,
    PATH_END_S,
    REACH_TICKS,
    X0_TICKS,
    begin_path,
    follow_path,
    horizon_end_s,
    walked,
)
from spymaster_engine.label_columns import REACHED_RESULTS

NOT_REACHED = 4
NEVER, REACHED, UNKNOWN = 0, 1, -1

(
    _REACHED,
    _REACHING_TRADE,
    _OUTCOME_REACHED,
    _REACHED_HIT_TRADE,
    _EXIT_TRADE,
    _EXIT_OUTCOME,
    _EXIT_X_TICKS,
    _MFE_TO_EXIT_TICKS,
    _MAE_TO_EXIT_TICKS,
    _WHIPSAW_REACHED,
    _LABEL_END_S,
    _IS_CUT,
) = range(len(REACHED_RESULTS))


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
        path from the decision on. ``label_end_s`` is the first second after
        the label, ``is_cut`` 1 where the path ended before the label would have.
    """
    results = walked(_fill_results, trade_s, trade_tick, labels, len(REACHED_RESULTS))
    return dict(zip(REACHED_RESULTS, results, strict=True))


@kernel
def _fill_results(trade_tick, seconds, bounds, range_ticks, rows, starts, paths, firsts, results):
    """Walk along the trades of each decision once: up to the level, then on from there."""
    path = paths[0]
    for row in range(rows.shape[1]):
        label, result = rows[:, row], results[:, row]
        if row == 0 or label[DECISION_NO] != rows[DECISION_NO, row - 1]:
            begin_path(path, firsts, label, starts[row], -label[REACH_TICKS], np.int64(1))
        follow_path(path, firsts, trade_tick, seconds, bounds, range_ticks, label)

        reached_end = horizon_end_s(path, label)
        is_cut = label[PATH_END_S] < reached_end
        _judge_from_level(path, firsts, label, is_cut, result)
        last_trade = np.int64(NO_TRADE)
        if path.second > starts[row]:
            last_trade = bounds[path.second] - 1
        _judge_exit(path, firsts, label, is_cut, trade_tick, last_trade, result)
        wanted_end = max(label[HORIZON_END_S], reached_end)
        result[_LABEL_END_S] = min(label[PATH_END_S], wanted_end)
        result[_IS_CUT] = 1 if label[PATH_END_S] < wanted_end else 0


@inlined
def _judge_from_level(path, firsts, label, is_cut, result):
    """Fill what happened first from the level on."""
    barrier = label[BARRIER_TICKS]
    up, down = firsts[AHEAD_FROM_LEVEL, barrier], firsts[BEHIND_FROM_LEVEL, barrier]
    outcome = outcome_of(up, down, is_cut)
    if not path.is_reached and outcome != CENSORED:
        outcome = NOT_REACHED
    result[_REACHED] = REACHED if path.is_reached else UNKNOWN if outcome == CENSORED else NEVER
    result[_REACHING_TRADE] = path.reaching_trade
    result[_OUTCOME_REACHED] = outcome
    result[_REACHED_HIT_TRADE] = first_of(up, down)


@inlined
def _judge_exit(path, firsts, label, is_cut, trade_tick, last_trade, result):
    """Fill the exit of a position that was opened at the decision."""
    barrier, x0 = label[BARRIER_TICKS], label[X0_TICKS]
    up, down = firsts[AHEAD, barrier], firsts[BEHIND, barrier]
    outcome = outcome_of(up, down, is_cut)
    exit_trade = first_of(up, down)
    if exit_trade == NO_TRADE:
        exit_trade = last_trade
    # without a trade after the decision price stays where it was
    exit_x = x0
    if exit_trade != NO_TRADE:
        exit_x = label[DIRECTION] * (trade_tick[exit_trade] - label[LEVEL_TICK])
    result[_EXIT_TRADE] = exit_trade
    result[_EXIT_OUTCOME] = outcome
    result[_EXIT_X_TICKS] = exit_x
    result[_MFE_TO_EXIT_TICKS] = path.high - x0
    result[_MAE_TO_EXIT_TICKS] = path.low - x0
    if outcome == BREAK:
        result[_EXIT_X_TICKS] = barrier
        result[_MFE_TO_EXIT_TICKS] = exit_x - x0
        result[_MAE_TO_EXIT_TICKS] = firsts[LOW_BEFORE, barrier] - x0
    elif outcome == REJECT:
        result[_EXIT_X_TICKS] = -barrier
        result[_MFE_TO_EXIT_TICKS] = firsts[HIGH_BEFORE, barrier] - x0
        result[_MAE_TO_EXIT_TICKS] = exit_x - x0
    result[_WHIPSAW_REACHED] = 1 if min(up, down) != NO_TRADE else 0
