"""Outcome chances of the best possible forecaster of a planted approach.

A forecaster that knows the class and the wall reads the outcome table. A forecaster that sees only
the wall and the realised excesses weighs the classes by their likelihood. In a null market neither
knows more than what the noise of price does from where a phase ends.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
from spymaster_ingest.synthetic.approaches import END_SPREAD_TICKS, NEAREST_END_TICKS
from spymaster_ingest.synthetic.fair_price import MOODS
from spymaster_ingest.synthetic.levels import BARRIER_TICKS, HORIZON_S, REACH_TICKS
from spymaster_ingest.synthetic.market_arrays import NO_SIGNATURE
from spymaster_ingest.synthetic.schedule import SessionPlan, pace_of
from spymaster_ingest.synthetic.signature_densities import (
    densities_of,
    signature_excesses,
    signature_likelihoods,
)
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket

# Any day: its study window is as lively as that of every other day.
_DAY = dt.date(2025, 10, 1)
_TERMS = 200
_STARTS = 25
# A trade prints at a quote, half a tick before the mid price is there.
_PRINTED_TICKS = 0.5


def marginal_chances(market: SyntheticMarket) -> np.ndarray:
    """Return the chances of BREAK, REJECT and CHOP without knowledge of the approach."""
    if market.null:
        return noise_chances(market)
    settings = market.signatures
    plain, walled = np.einsum("c,wco->wo", _frequency(market), settings.chances())
    return (1.0 - settings.wall_share) * plain + settings.wall_share * walled


def noise_chances(market: SyntheticMarket) -> np.ndarray:
    """Return the chances of BREAK, REJECT and CHOP of price that is left to its noise: shape (3,).

    First passage of driftless Brownian motion, averaged over where a phase ends, the moods of the
    market and the seconds of the study window. NaN without a study window.
    """
    return _noise_chances(market.plan, market.volatility_of("front"))


@cache
def _noise_chances(plan: SessionPlan, volatility: float) -> np.ndarray:
    pace = pace_of(_DAY, plan)
    move = pace.move[pace.study_start_s : pace.study_end_s : 60]
    if not move.size:
        return np.full(3, np.nan)
    ends = np.linspace(NEAREST_END_TICKS - END_SPREAD_TICKS, NEAREST_END_TICKS, _STARTS)
    # the label begins where price has reached the level
    starts = np.maximum(ends, -float(REACH_TICKS))
    deviation = volatility * np.sqrt(HORIZON_S) * np.outer(MOODS, move).ravel()
    found = first_passage(starts[:, None], deviation[None, :], BARRIER_TICKS - _PRINTED_TICKS)
    return np.asarray(found.mean(axis=(1, 2)))


def first_passage(start: np.ndarray, deviation: np.ndarray, barrier: float) -> np.ndarray:
    """Return the chances that a random walk reaches a barrier ahead, behind, or neither.

    Args:
        start: where it starts, between the barriers.
        deviation: standard deviation of its change over the horizon, in the unit of ``start``.
        barrier: distance of both barriers from zero.

    Returns:
        Shape (3, ...): the series of Brownian motion without drift between two absorbing barriers,
        summed over 200 terms, which suffice for a deviation over a hundredth of the barrier.
    """
    n = np.arange(1, _TERMS + 1).reshape(-1, *[1] * np.broadcast(start, deviation).ndim)
    share = (start + barrier) / (2.0 * barrier)
    term = np.exp(-((n * np.pi * deviation / barrier) ** 2) / 8.0) * np.sin(n * np.pi * share)
    term *= 2.0 / (n * np.pi)
    ahead = share + np.sum(np.where(n % 2, -1.0, 1.0) * term, axis=0)
    behind = 1.0 - share - np.sum(term, axis=0)
    return np.stack([ahead, behind, 1.0 - ahead - behind])


def chances_of_class(market: SyntheticMarket, rows: np.ndarray) -> np.ndarray:
    """Return the chances of each outcome given class and wall: shape (approaches, 3)."""
    if market.null:
        return np.tile(noise_chances(market), (rows.size, 1))
    return market.signatures.chances()[rows["has_wall"], rows["signature"]]


def chances_of_observation(market: SyntheticMarket, rows: np.ndarray) -> np.ndarray:
    """Return the chances of each outcome given the realised excesses and the wall.

    Args:
        market: the generated market.
        rows: APPROACH_ROW.

    Returns:
        Shape (approaches, 3), float64; NaN if the densities were drawn from another market, and
        for mechanisms, which have none.
    """
    if market.null:
        return np.tile(noise_chances(market), (rows.size, 1))
    densities = densities_of(market)
    found = np.full((rows.size, 3), np.nan)
    has_density = rows["signature"] <= NO_SIGNATURE
    if densities is None or not has_density.any():
        return found
    rows = rows[has_density]
    weight = signature_likelihoods(densities, signature_excesses(rows))
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    weight *= densities.share * _frequency(market)[densities.signature]
    weight /= weight.sum(axis=1, keepdims=True)
    chances = market.signatures.chances()[rows["has_wall"]][:, densities.signature]
    found[has_density] = np.einsum("as,aso->ao", weight, chances)
    return found


def _frequency(market: SyntheticMarket) -> np.ndarray:
    return np.array(market.signatures.frequency) / np.sum(market.signatures.frequency)
