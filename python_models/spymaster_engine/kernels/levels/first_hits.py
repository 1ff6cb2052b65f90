"""First hits of two barriers around a level [triple-barrier labels].

x is the price in ticks past the level in the sense of the approach: negative before the level,
0 at it. Along the trades after a decision, ``first_hits`` finds the first with x >= B, with
x <= -B and with x >= 0, for many B and horizons of a decision in one walk: it keeps, for every
whole number of ticks, the first trade that got there.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.compiled import kernel
from spymaster_engine.label_columns import LABELS, RESULTS

CHOP, BREAK, REJECT, CENSORED = 0, 1, 2, 3
UNTOUCHED = -1
NO_TRADE = -1


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
            known any more, ``x0_ticks`` lies above ``-barrier_ticks`` and below 0.

    Returns:
        (m,) int64 each, by the names of ``RESULTS``. Trades are indices, ``NO_TRADE`` for none;
        outcomes the codes of this module; excursions are ticks from x0, up to the end of the
        horizon or of the path.
    """
    n_labels = len(labels["decision_no"])
    results = np.empty((len(RESULTS), n_labels), np.int64)
    if n_labels:
        rows = np.stack([np.asarray(labels[name], np.int64) for name in LABELS])
        reach = int(rows[LABELS.index("barrier_ticks")].max()) + 1
        scratch = np.empty((5, reach), np.int64)
        seconds, bounds, range_ticks = seconds_of(trade_s, trade_tick)
        starts = np.searchsorted(seconds, rows[LABELS.index("start_s")])
        _walk(trade_tick, seconds, bounds, range_ticks, rows, starts, scratch, results)
    return dict(zip(RESULTS, results, strict=True))


def seconds_of(
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
def _walk(trade_tick, seconds, bounds, range_ticks, rows, starts, first, results):
    """Walk along the seconds of each decision once, stopping at every horizon.

    Only seconds that reach new ground are looked at trade by trade. ``first`` is scratch,
    (5, reach): by distance in ticks the first trade at or past it ahead, behind, behind after
    the touch; the lowest x before the first, the highest before the second.
    """
    ahead, behind, behind_after_touch = first[0], first[1], first[2]
    low_before, high_before = first[3], first[4]
    decision = np.int64(-1)
    second = np.int64(0)
    high = low = low_after_touch = np.int64(0)
    reach = first.shape[1]
    for row in range(rows.shape[1]):
        direction, level, x0 = rows[2, row], rows[3, row], rows[4, row]
        barrier, horizon_end, path_end = rows[5, row], rows[6, row], rows[7, row]
        if row == 0 or rows[0, row] != decision:
            decision = rows[0, row]
            second = starts[row]
            high = low = x0
            low_after_touch = np.int64(0)
            ahead[:] = NO_TRADE
            behind[:] = NO_TRADE
            behind_after_touch[:] = NO_TRADE
        end = min(horizon_end, path_end)
        while second < seconds.shape[0] and seconds[second] < end:
            x_of_low = direction * (range_ticks[0, second] - level)
            x_of_high = direction * (range_ticks[1, second] - level)
            least = low if ahead[0] == NO_TRADE else low_after_touch
            is_new_ground = max(x_of_low, x_of_high) > high or min(x_of_low, x_of_high) < least
            first_trade = bounds[second]
            second += 1
            if not is_new_ground:
                continue
            for trade in range(first_trade, bounds[second]):
                x = direction * (trade_tick[trade] - level)
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
                if ahead[0] != NO_TRADE and x < low_after_touch:
                    for distance in range(1 - low_after_touch, min(1 - x, reach)):
                        behind_after_touch[distance] = trade
                    low_after_touch = x

        is_cut = path_end < horizon_end
        up, down = ahead[barrier], behind[barrier]
        results[0, row] = outcome_of(up, down, is_cut)
        results[1, row] = UNTOUCHED
        if ahead[0] != NO_TRADE:
            results[1, row] = outcome_of(up, behind_after_touch[barrier], is_cut)
        results[2, row] = ahead[0]
        results[3, row] = first_of(up, down)
        results[4, row] = NO_TRADE if min(up, down) == NO_TRADE else max(up, down)
        results[5, row] = high - x0
        results[6, row] = low - x0
        results[7, row] = 0
        if results[0, row] == BREAK:
            results[7, row] = x0 - low_before[barrier]
        elif results[0, row] == REJECT:
            results[7, row] = high_before[barrier] - x0


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
