"""Maps from stated to observed probabilities, fitted on earlier test days only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from spymaster_engine.evaluation.scores import LEAST_PROBABILITY
from spymaster_engine.retrieval.outcomes import CLASSES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
ClassMap = Callable[[Floats], Floats]

LEAST_PREDICTIONS = 200
# a map never calls an outcome impossible
_FLOOR = 0.01


def platt(probability: Floats, hit: Codes, weight: Floats) -> ClassMap:
    """Fit a logistic curve of the log-odds of one outcome (Platt 1999).

    Args:
        probability: (n,), stated.
        hit: (n,), 1 where it happened.
        weight: (n,).
    """
    curve = LogisticRegression(C=1e3).fit(_log_odds(probability), hit, sample_weight=weight)
    return lambda stated: curve.predict_proba(_log_odds(stated))[:, 1]


def isotonic(probability: Floats, hit: Codes, weight: Floats) -> ClassMap:
    """Fit a step function that never falls (Zadrozny and Elkan 2002)."""
    steps = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    steps.fit(probability, hit, sample_weight=weight)
    return steps.predict


MAPS: dict[str, Callable[[Floats, Codes, Floats], ClassMap]] = {
    "platt": platt,
    "isotonic": isotonic,
}


def calibrated(
    probability: Floats, outcome: Codes, weight: Floats, day: Codes, kind: str
) -> Floats:
    """Return the probabilities after maps per outcome, each day's fitted on the days before it.

    Args:
        probability: (n, 3), stated.
        outcome: (n,).
        weight: (n,).
        day: (n,), ascending numbers of the trading days.
        kind: A key of MAPS.

    Returns:
        (n, 3), rows that sum to 1; NaN on days with fewer than LEAST_PREDICTIONS before them, or
        with an outcome that has not been seen yet.
    """
    result = np.full_like(probability, np.nan)
    for today in np.unique(day):
        known, now = day < today, day == today
        counts = np.bincount(outcome[known], minlength=len(CLASSES))
        if known.sum() < LEAST_PREDICTIONS or not counts.all():
            continue
        for code in range(len(CLASSES)):
            hit = (outcome[known] == code).astype(np.int64)
            mapped = MAPS[kind](probability[known, code], hit, weight[known])
            result[now, code] = np.maximum(mapped(probability[now, code]), _FLOOR)
    return result / result.sum(axis=1, keepdims=True)


def _log_odds(probability: Floats) -> Floats:
    clipped = np.clip(probability, LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)
    return np.log(clipped / (1.0 - clipped))[:, None]
