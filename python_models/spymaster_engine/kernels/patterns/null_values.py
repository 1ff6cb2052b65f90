"""What shares would be by chance: each event keeps its second, but not its time within it.

An event that takes the time of an order event drawn from its own second hits with a probability
that the second's events give. The number of hits is a sum of independent trials; its upper tail is
at most that of the binomial with the same mean (Hoeffding, On the Distribution of the Number of
Successes in Independent Trials, Annals of Mathematical Statistics 27, 1956).
"""

from __future__ import annotations

import math

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.compiled import inlined, inner
from spymaster_engine.kernels.patterns.counting import count_one, find, mask_for
from spymaster_engine.kernels.patterns.kernel_state import (
    CHASE,
    LOOKBACK_S,
    REACT,
    REQUOTE,
    SUM_HITS,
    SUM_N,
    SUM_SQUARES,
    WINDOW_S,
    WITHDRAW,
)

_QUANTILE = 0.95
# terms of a sum of probabilities below this share of the largest are nothing
_NEGLIGIBLE = 1e-20
_UNKNOWN = -1.0


@inner
def binomial_q95(trials, chance):
    """Return the least number of hits that is reached or not passed in 95 % of all cases.

    Args:
        trials: Number of trials.
        chance: Probability of a hit.
    """
    if trials <= 0 or chance <= 0.0:
        return np.int64(0)
    if chance >= 1.0:
        return np.int64(trials)
    mode = np.int64(math.floor((trials + 1) * chance))
    mode = min(mode, trials)
    odds = chance / (1.0 - chance)
    top = math.exp(
        math.lgamma(trials + 1.0)
        - math.lgamma(mode + 1.0)
        - math.lgamma(trials - mode + 1.0)
        + mode * math.log(chance)
        + (trials - mode) * math.log1p(-chance)
    )
    # down from the mode, then up until the quantile
    below, term, hits = 0.0, top, mode
    while hits > 0 and term > top * _NEGLIGIBLE:
        term *= hits / (trials - hits + 1.0) / odds
        hits -= 1
        below += term
    total, term, hits = below + top, top, mode
    if below < _QUANTILE <= total or total < _QUANTILE:
        while total < _QUANTILE and hits < trials:
            term *= (trials - hits) / (hits + 1.0) * odds
            hits += 1
            total += term
        return hits
    # the quantile lies below the mode only for the smallest numbers
    total, term = total - top, top
    while hits > 0 and total >= _QUANTILE:
        term *= hits / (trials - hits + 1.0) / odds
        hits -= 1
        total -= term
    return hits


@inlined
def _chance_among(chances, fitting, far_log):
    """Return the chance that one of several take-aways lies near, kept for the next arrival."""
    if fitting >= chances.shape[0]:
        return -math.expm1(fitting * far_log)
    if chances[fitting] == _UNKNOWN:
        chances[fitting] = -math.expm1(fitting * far_log)
    return chances[fitting]


@inner
def _sum_requotes(pr, limits, sums):
    """Sum the chances that arrivals of this second make up for something taken away in it."""
    s, lists = pr.scalars[0], pr.lists
    s.stamp += 1
    mask = mask_for(lists.table_stamp, s.n_taken)
    for i in range(s.n_taken):
        key = lists.taken_size[i] * 2 + lists.taken_side[i]
        count_one(lists, s.stamp, mask, key, lists.taken_tick[i])
    # some pairs straddle the end of the second
    inside = 1.0 - limits.requote_ns / NS_PER_S / 2.0
    near = 0.0
    if s.n_events > 0:
        near = min(1.0, s.near_pairs / inside / (s.n_events * s.n_events))
    far_log = math.log1p(-near) if near < 1.0 else -np.inf
    pr.chances[:] = _UNKNOWN
    for side in range(2):
        sd = pr.sides[side]
        sums[side, REQUOTE, SUM_N] = sd.n_arrivals - sd.second_arrivals
        if s.n_taken == 0:
            continue
        hits = 0.0
        for i in range(sd.second_arrivals, sd.n_arrivals):
            key = lists.arrival_size[side, i] * 2 + side
            tick = lists.arrival_tick[side, i]
            fitting = 0
            for near_tick in range(tick - limits.requote_ticks, tick + limits.requote_ticks + 1):
                place = find(lists, s.stamp, mask, key, near_tick)
                if lists.table_stamp[place] == s.stamp:
                    fitting += lists.table_count[place]
            if fitting > 0:
                hits += _chance_among(pr.chances, fitting, far_log)
        sums[side, REQUOTE, SUM_HITS] = hits


@inner
def sum_second(pr, limits):
    """Sum what this second's events would hit by chance, and forget them."""
    s = pr.scalars[0]
    sums = pr.sums[s.second % LOOKBACK_S]
    sums[:] = 0.0
    if s.n_events > 0:
        _sum_requotes(pr, limits, sums)
        n = float(s.n_events)
        for side in range(2):
            sd = pr.sides[side]
            for i in range(3):
                sums[side, REACT + i, SUM_N] = sd.second_cancels
            sums[side, REACT, SUM_HITS] = sd.second_cancels * (sd.after_trade_0 / n)
            sums[side, REACT + 1, SUM_HITS] = sd.second_cancels * (sd.after_trade_1 / n)
            sums[side, REACT + 2, SUM_HITS] = sd.second_cancels * (sd.after_trade_2 / n)
            sums[side, CHASE, SUM_N] = sd.moved_up + sd.moved_down + sd.moved_level
            sums[side, CHASE, SUM_HITS] = sd.moved_up * (sd.after_up / n) + sd.moved_down * (
                sd.after_down / n
            )
            sums[side, WITHDRAW, SUM_N] = sd.second_pulled
            sums[side, WITHDRAW, SUM_HITS] = sd.second_pulled * (sd.while_open / n)
            sums[side, WITHDRAW, SUM_SQUARES] = sd.second_squares
    s.n_events = 0
    s.first_near = 0
    s.near_pairs = 0
    s.n_taken = 0
    for side in range(2):
        sd = pr.sides[side]
        sd.second_arrivals = sd.n_arrivals
        sd.after_trade_0 = 0
        sd.after_trade_1 = 0
        sd.after_trade_2 = 0
        sd.after_up = 0
        sd.after_down = 0
        sd.while_open = 0
        sd.moved_up = 0
        sd.moved_down = 0
        sd.moved_level = 0
        sd.second_cancels = 0
        sd.second_pulled = 0
        sd.second_squares = 0


@inner
def chance_of(pr, side, share):
    """Return (events or contracts of the window, sum of squares, chance of a hit).

    The chance is the larger of those of the window and of the minute: neither a burst nor a calm
    moment of a busy minute counts as regular.
    """
    n = hits = squares = minute_n = minute_hits = 0.0
    second = pr.scalars[0].second
    for back in range(LOOKBACK_S):
        sums = pr.sums[(second - back) % LOOKBACK_S, side, share]
        minute_n += sums[SUM_N]
        minute_hits += sums[SUM_HITS]
        if back == WINDOW_S - 1:
            n, hits = minute_n, minute_hits
        if back < WINDOW_S:
            squares += sums[SUM_SQUARES]
    chance = 0.0
    if n > 0.0:
        chance = hits / n
    if minute_n > 0.0:
        chance = max(chance, minute_hits / minute_n)
    return n, squares, min(1.0, chance)


@inner
def null_share(pr, side, share):
    """Return the 95 % quantile of a share by chance; NaN without events."""
    n, _, chance = chance_of(pr, side, share)
    if n == 0.0:
        return np.nan
    return binomial_q95(np.int64(n), chance) / n


@inner
def null_withdrawal(pr, side, approached):
    """Return the 95 % quantile by chance of contracts withdrawn over those approached."""
    if approached == 0:
        return np.nan
    qty, squares, chance = chance_of(pr, side, WITHDRAW)
    if qty == 0.0:
        return 0.0
    trials = np.int64(math.floor(qty * qty / squares + 0.5))
    return binomial_q95(trials, chance) / trials * qty / approached
