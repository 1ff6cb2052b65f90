"""Scores of probabilities of three outcomes, row by row and for a whole sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.outcomes import CLASSES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

# no outcome is believed impossible: a single wrong certainty would decide the mean
LEAST_PROBABILITY = 1e-6
# order of the ranked probability score, by how far price got: back, nowhere, through
_RANKED = [CLASSES.index(name) for name in ("REJECT", "CHOP", "BREAK")]


def log_loss(probability: Floats, outcome: Codes) -> Floats:
    """Return minus the natural logarithm of the outcome's probability, per row.

    Args:
        probability: (n, 3), rows sum to 1.
        outcome: (n,), codes of CLASSES.
    """
    chosen = np.take_along_axis(probability, outcome[:, None], axis=1)[:, 0]
    return -np.log(np.maximum(chosen, LEAST_PROBABILITY))


def brier(probability: Floats, outcome: Codes) -> Floats:
    """Return the sum of squared errors over the outcomes, per row, in [0, 2] (Brier 1950)."""
    return np.square(probability - one_hot(outcome)).sum(axis=1)


def ranked_probability_score(probability: Floats, outcome: Codes) -> Floats:
    """Return the ranked probability score in the order REJECT < CHOP < BREAK, per row.

    The sum of squared differences of the cumulative distributions over the number of outcomes minus
    one (Epstein 1969), in [0, 1].
    """
    difference = np.cumsum((probability - one_hot(outcome))[:, _RANKED], axis=1)[:, :-1]
    return np.square(difference).sum(axis=1) / (len(CLASSES) - 1)


def entropy(probability: Floats) -> Floats:
    """Return the entropy of each row, natural logarithm: low where the odds are sharp."""
    return -np.sum(probability * np.log(np.maximum(probability, LEAST_PROBABILITY)), axis=1)


def one_hot(outcome: Codes) -> Floats:
    """Return (n, 3) float64 with a one where the outcome is."""
    return np.eye(len(CLASSES))[outcome]


def pinball_loss(quantile: Floats, realised: Floats, level: float) -> Floats:
    """Return the pinball loss of forecasts of one quantile, per row (Koenker and Bassett 1978).

    Args:
        quantile: (n,), the forecasts.
        realised: (n,), in the same unit.
        level: Which quantile, between 0 and 1.
    """
    error = realised - quantile
    return np.maximum(level * error, (level - 1.0) * error)


def area_under_curve(
    probability: Floats, outcome: Codes, weight: Floats, day: Codes, counts: Floats
) -> Floats:
    """Return the area under the ROC curve of each outcome against the others, averaged.

    Args:
        probability: (n, 3).
        outcome: (n,).
        weight: (n,).
        day: (n,) codes of the days, columns of ``counts``.
        counts: (n_samples, n_days), how often each day is in each of several samples.

    Returns:
        (n_samples,), the mean over outcomes that occur and do not always occur; NaN when there
        is none.
    """
    areas = np.stack(
        [
            _area(probability[:, code], outcome == code, weight, day, counts)
            for code in range(len(CLASSES))
        ]
    )
    known = np.isfinite(areas)
    total = np.where(known, areas, 0.0).sum(axis=0)
    return np.divide(
        total, known.sum(axis=0), out=np.full(total.shape, np.nan), where=known.any(axis=0)
    )


def _area(
    score: Floats, is_hit: NDArray[np.bool_], weight: Floats, day: Codes, counts: Floats
) -> Floats:
    """Return the chance that a hit scores above a miss, equal scores counting half.

    Pairs are counted once per pair of days; a sample of days is then a quadratic form.
    """
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    by_day = np.eye(counts.shape[1])[day[order]] * weight[order, None]
    hits = np.add.reduceat(by_day * is_hit[order, None], starts, axis=0)
    misses = np.add.reduceat(by_day * ~is_hit[order, None], starts, axis=0)
    below = np.cumsum(misses, axis=0) - 0.5 * misses
    won = np.einsum("sd,de,se->s", counts, hits.T @ below, counts, optimize=True)
    pairs = (counts @ hits.sum(axis=0)) * (counts @ misses.sum(axis=0))
    return np.divide(won, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0)
