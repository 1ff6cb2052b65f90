"""Scores of probabilities of three outcomes, row by row and for a whole sample."""

from __future__ import annotations

from typing import NamedTuple

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
    probability: Floats, outcome: Codes, weight: Floats, day: Codes, *samples: Floats
) -> list[Floats]:
    """Return the area under the ROC curve of each outcome against the others, averaged.

    Args:
        probability: (n, 3).
        outcome: (n,).
        weight: (n,).
        day: (n,) codes of the days, columns of each of ``samples``.
        samples: (n_samples, n_days) each, how often each day is in each of several samples.

    Returns:
        (n_samples,) each, the mean over outcomes that occur and do not always occur; NaN when
        there is none.
    """
    n_days = samples[0].shape[1]
    pairs = [
        _Pairs.of(probability[:, code], outcome == code, weight, day, n_days)
        for code in range(len(CLASSES))
    ]
    return [_mean_known(np.stack([one.area(counts) for one in pairs])) for counts in samples]


def _mean_known(areas: Floats) -> Floats:
    known = np.isfinite(areas)
    total = np.where(known, areas, 0.0).sum(axis=0)
    return np.divide(
        total, known.sum(axis=0), out=np.full(total.shape, np.nan), where=known.any(axis=0)
    )


class _Pairs(NamedTuple):
    """Pairs of a hit and a miss, counted once per pair of days.

    A sample of days is then a quadratic form.

    Attributes:
        won: (d, d), weight of the pairs in which the hit scores above the miss, equal scores
            counting half.
        hits: (d,), weight of the hits.
        misses: (d,), weight of the misses.
    """

    won: Floats
    hits: Floats
    misses: Floats

    @classmethod
    def of(
        cls, score: Floats, is_hit: NDArray[np.bool_], weight: Floats, day: Codes, n_days: int
    ) -> _Pairs:
        """Count the pairs of n rows."""
        order = np.argsort(score, kind="stable")
        starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
        hits, misses = (
            _by_score(order, starts, np.where(counts, weight, 0.0), day, n_days)
            for counts in (is_hit, ~is_hit)
        )
        below = np.cumsum(misses, axis=0) - 0.5 * misses
        return cls(hits.T @ below, hits.sum(axis=0), misses.sum(axis=0))

    def area(self, counts: Floats) -> Floats:
        """Return the chance that a hit scores above a miss in each sample, (n_samples,)."""
        won = np.einsum("sd,de,se->s", counts, self.won, counts, optimize=True)
        pairs = (counts @ self.hits) * (counts @ self.misses)
        return np.divide(won, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0)


def _by_score(order: Codes, starts: Codes, weight: Floats, day: Codes, n_days: int) -> Floats:
    """Return the weight per distinct score, ascending, and day, (g, n_days).

    Args:
        order: (n,) rows in the order of their scores.
        starts: (g,) places in ``order`` where a distinct score begins.
        weight: (n,).
        day: (n,) codes of the days.
        n_days: number of days.
    """
    lengths = np.diff(np.append(starts, len(order)))
    alone = np.flatnonzero(lengths == 1)
    rows = order[starts[alone]]
    weights = np.zeros((len(starts), n_days))
    weights[alone, day[rows]] = weight[rows]
    shared = np.flatnonzero(lengths > 1)
    if len(shared):
        rows = order[np.repeat(lengths > 1, lengths)]
        firsts = np.cumsum(lengths[shared]) - lengths[shared]
        by_day = np.zeros((len(rows), n_days))
        by_day[np.arange(len(rows)), day[rows]] = weight[rows]
        weights[shared] = np.add.reduceat(by_day, firsts, axis=0)
    return weights
