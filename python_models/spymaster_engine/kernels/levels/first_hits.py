"""First hits of two barriers around a level [triple-barrier labels].

x is the price in ticks past the level in the sense of the approach: negative before the level,
0 at it. Along the trades after a decision, ``first_hits`` finds the first with x >= B, with
x <= -B and with x >= 0, for many B and horizons of a decision in one walk.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.compiled import kernel
from spymaster_engine.kernels.levels.trade_path import (
    AHEAD,
    BARRIER_TICKS,
    BEHIND,
    BEHIND_FROM_LEVEL,
    DECISION_NO,
    HIGH_BEFORE,
    HORIZON_END_S,
    LOW_BEFORE,
    NO_TRADE,
    PATH_END_S,
    X0_TICKS,
    begin_path,
    follow_path,
    walked,
)
from spymaster_engine.label_columns import RESULTS

CHOP, BREAK, REJECT, CENSORED = 0, 1, 2, 3
UNTOUCHED = -1

(
    _OUTCOME,
    _OUTCOME_AFTER_TOUCH,
    _TOUCH_TRADE,
    _HIT_TRADE,
    _SECOND_HIT_TRADE,
    _MFE_TICKS,
    _MAE_TICKS,
    _ADVERSE_BEFORE_HIT_TICKS,
) = range(len(RESULTS))


def first_hits(
    trade_s: np.ndarray, trade_tick: np.ndarray, labels: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return what happened first after each decision.

    Args:
        trade_s: (n,) int64, second of the trade's window, not decreasing.
        trade_tick: (n,) int64, price in ticks.
        labels: (m,) int64 each, by the names of ``LABELS``, rows of a decision together and by
            rising ``horizon_end_s``. ``direction`` is 1 for a level above, -1 for one below;
            ``start_s`` is the first second of the path, ``path_end_s`` the first that is not
            known any more, ``x0_ticks`` lies between the barriers.

    Returns:
        (m,) int64 each, by the names of ``RESULTS``. Trades are indices, ``NO_TRADE`` for none;
        outcomes the codes of this module; a decision at or past its level has touched it without
        a trade; excursions are ticks from x0, up to the end of the
        horizon or of the path.
    """
    results = walked(_fill_results, trade_s, trade_tick, labels, len(RESULTS))
    return dict(zip(RESULTS, results, strict=True))


@kernel
def _fill_results(trade_tick, seconds, bounds, range_ticks, rows, starts, paths, firsts, results):
    """Walk along the trades of each decision once, stopping at every horizon.

    The level is reached with its touch, x >= 0.
    """
    path = paths[0]
    for row in range(rows.shape[1]):
        label = rows[:, row]
        if row == 0 or label[DECISION_NO] != rows[DECISION_NO, row - 1]:
            begin_path(path, firsts, label, starts[row], np.int64(0), np.int64(0))
        follow_path(path, firsts, trade_tick, seconds, bounds, range_ticks, label)

        barrier, x0 = label[BARRIER_TICKS], label[X0_TICKS]
        is_cut = label[PATH_END_S] < label[HORIZON_END_S]
        up, down = firsts[AHEAD, barrier], firsts[BEHIND, barrier]
        outcome = outcome_of(up, down, is_cut)
        results[_OUTCOME, row] = outcome
        results[_OUTCOME_AFTER_TOUCH, row] = UNTOUCHED
        if path.is_reached:
            down_after_touch = firsts[BEHIND_FROM_LEVEL, barrier]
            results[_OUTCOME_AFTER_TOUCH, row] = outcome_of(up, down_after_touch, is_cut)
        results[_TOUCH_TRADE, row] = path.reaching_trade
        results[_HIT_TRADE, row] = first_of(up, down)
        results[_SECOND_HIT_TRADE, row] = NO_TRADE if min(up, down) == NO_TRADE else max(up, down)
        results[_MFE_TICKS, row] = path.high - x0
        results[_MAE_TICKS, row] = path.low - x0
        results[_ADVERSE_BEFORE_HIT_TICKS, row] = 0
        if outcome == BREAK:
            results[_ADVERSE_BEFORE_HIT_TICKS, row] = x0 - firsts[LOW_BEFORE, barrier]
        elif outcome == REJECT:
            results[_ADVERSE_BEFORE_HIT_TICKS, row] = firsts[HIGH_BEFORE, barrier] - x0


@kernel
def outcome_of(up, down, is_cut):
    """Return which of two trades came first, and whether the path was cut short without any."""
    if up != NO_TRADE and (down == NO_TRADE or up < down):
        return BREAK
    if down != NO_TRADE:
        return REJECT
    return CENSORED if is_cut else CHOP


@kernel
def first_of(trade, other_trade):
    """Return the first of two trades, each of which may be none."""
    if min(trade, other_trade) == NO_TRADE:
        return max(trade, other_trade)
    return min(trade, other_trade)
