"""Ensembles of trees and retrieval: a blend by a fixed rule, and a stack fitted on earlier days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.calibration import LEAST_PREDICTIONS
from spymaster_engine.statistics.evaluation.rival_fits import logistic
from spymaster_engine.statistics.evaluation.scores import LEAST_PROBABILITY, entropy
from spymaster_engine.statistics.retrieval.outcomes import CHOP, CLASSES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

BLENDED, STACKED = "blended", "stacked"
# weight of the trees: less where the neighbors are alike, more where their odds are undecided
_WEIGHT, _BY_SIMILARITY, _BY_ENTROPY = 0.7, -0.4, 0.4
_LEAST_WEIGHT, _MOST_WEIGHT = 0.2, 0.8


def blended(trees: Floats, retrieval: Floats, mean_similarity: Floats) -> Floats:
    """Return the mean of both odds, (n, 3), weighted by what retrieval knows of the decision.

    Args:
        trees: (n, 3).
        retrieval: (n, 3).
        mean_similarity: (n,) of the neighbors, NaN where unknown: there the trees weigh most.
    """
    weight = _WEIGHT + _BY_SIMILARITY * mean_similarity
    weight += _BY_ENTROPY * entropy(retrieval) / np.log(len(CLASSES))
    clipped = np.clip(weight, _LEAST_WEIGHT, _MOST_WEIGHT)
    of_trees = np.where(np.isnan(mean_similarity), _MOST_WEIGHT, clipped)[:, None]
    return of_trees * trees + (1.0 - of_trees) * retrieval


def stacked(parts: list[Floats], outcome: Codes, weight: Floats, day: Codes) -> Floats:
    """Return odds of a logistic regression on the log-odds of the parts, fitted on earlier days.

    Args:
        parts: (n, 3) each, stated by what was fitted on days before their own.
        outcome: (n,).
        weight: (n,).
        day: (n,) numbers of the trading days.

    Returns:
        (n, 3), NaN on days with fewer than LEAST_PREDICTIONS rows before them, or an outcome not
        yet seen.
    """
    features = np.concatenate([_log_odds(part) for part in parts], axis=1)
    result = np.full((len(outcome), len(CLASSES)), np.nan)
    for today in np.unique(day):
        known, now = day < today, day == today
        classes = np.unique(outcome[known])
        if known.sum() >= LEAST_PREDICTIONS and len(classes) == len(CLASSES):
            fitted = logistic(features[known], outcome[known], weight[known])
            result[now] = fitted(features[now])
    return result


def _log_odds(odds: Floats) -> Floats:
    """Return the log-odds of each other outcome against CHOP, (n, 2)."""
    logs = np.log(np.maximum(odds, LEAST_PROBABILITY))
    return np.delete(logs - logs[:, [CHOP]], CHOP, axis=1)
