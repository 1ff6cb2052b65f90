"""Maps of a claimant's odds: beta calibration beside those of the evaluation."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from spymaster_engine.statistics.evaluation.calibration import (
    LEAST_MAPPED,
    MAPS,
    ClassMap,
    Fit,
    by_maps_of_day,
    maps_by_day,
)
from spymaster_engine.statistics.retrieval.learned import one_thread

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

ISOTONIC = "isotonic"
# steps that follow every case need more of them than a curve
LEAST_ISOTONIC = 2_000
# OpenBLAS shares out longer sums among threads, which changes their last digits
_ROWS_OF_ONE_THREAD = 10_000


@dataclass(frozen=True)
class BetaCurve:
    """The log-odds a * ln(p) - b * ln(1 - p) + c.

    Attributes:
        a: at least 0; 1 leaves odds as they are, with b = 1 and c = 0.
        b: at least 0.
        c: intercept.
    """

    a: float
    b: float
    c: float

    def __call__(self, stated: Floats) -> Floats:
        """Return the mapped probabilities, (n,)."""
        features = _features(stated)
        log_odds = features @ np.array([self.a, self.b]) + self.c
        return 1.0 / (1.0 + np.exp(-log_odds))


def beta(probability: Floats, hit: Codes, weight: Floats) -> BetaCurve:
    """Fit beta calibration of one outcome.

    Source: M. Kull, T. Silva Filho and P. Flach, Beta calibration, AISTATS 2017: logistic
    regression on ln(p) and -ln(1 - p). A negative coefficient is left out, and the other fitted
    again, so that the curve never falls.

    Args:
        probability: (n,), stated.
        hit: (n,), 1 where it happened.
        weight: (n,).
    """
    features = _features(probability)
    used = [0, 1]
    with one_thread() if len(hit) <= _ROWS_OF_ONE_THREAD else nullcontext():
        while True:
            curve = LogisticRegression(C=1e3).fit(features[:, used], hit, sample_weight=weight)
            found = curve.coef_[0]
            if found.min() >= 0.0:
                break
            used = [place for place in used if place != used[int(np.argmin(found))]]
            if not used:
                return BetaCurve(0.0, 0.0, _log_odds_of_share(hit, weight))
    coefficients = np.zeros(2)
    coefficients[used] = found
    return BetaCurve(float(coefficients[0]), float(coefficients[1]), float(curve.intercept_[0]))


CLAIM_MAPS: dict[str, Fit[ClassMap]] = {**MAPS, "beta": beta}


def calibrated_claim(
    probability: Floats, outcome: Codes, weight: Floats, day: Codes, kind: str = "beta"
) -> Floats:
    """Return odds after the maps of their day, fitted on the stated odds of earlier days.

    Args:
        probability: (n, 3), stated.
        outcome: (n,).
        weight: (n,).
        day: (n,), ascending numbers of the trading days.
        kind: of CLAIM_MAPS.

    Returns:
        (n, 3), rows that sum to 1; NaN on days without maps, and where isotonic maps would have
        at most LEAST_ISOTONIC rows.
    """
    least = LEAST_ISOTONIC + 1 if kind == ISOTONIC else 0
    maps = maps_by_day(probability, outcome, weight, day, CLAIM_MAPS[kind])
    return by_maps_of_day(probability, day, (one for one in maps if one.n_predictions >= least))


def _features(probability: Floats) -> Floats:
    clipped = np.clip(probability, LEAST_MAPPED, 1.0 - LEAST_MAPPED)
    return np.stack([np.log(clipped), -np.log(1.0 - clipped)], axis=1)


def _log_odds_of_share(hit: Codes, weight: Floats) -> float:
    share = float(np.average(hit, weights=weight))
    share = min(max(share, LEAST_MAPPED), 1.0 - LEAST_MAPPED)
    return float(np.log(share / (1.0 - share)))
