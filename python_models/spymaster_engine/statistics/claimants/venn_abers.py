"""Venn-Abers intervals: two calibrated probabilities, one for each label the new case may have.

Source: V. Vovk, I. Petej and V. Fedorova, Large-scale probabilistic predictors with and without
guarantees of validity, NIPS 2015, inductive form. p0 is the isotonic regression of the calibration
cases and the new case with label 0, at the new case; p1 the same with label 1. One of both is
calibrated when cases are exchangeable; the interval is wide where few calibration cases lie near.
Each class stands against the rest, so that neither p0 nor p1 sum to 1 over classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.calibration import LEAST_PREDICTIONS

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
# weight, weight of hits
_Block = tuple[float, float]


class Interval(NamedTuple):
    """Bounds of calibrated probabilities, p0 <= p1, arrays of one shape."""

    p0: Floats
    p1: Floats

    def point(self) -> Floats:
        """Return p1 / (1 - p0 + p1), the probability of least regret under log-loss."""
        return self.p1 / (1.0 - self.p0 + self.p1)


@dataclass(frozen=True)
class VennAbers:
    """Calibration cases of one class, prepared for any number of new cases.

    Attributes:
        scores: (m,) distinct scores, ascending.
        weight: (m,) total weight of the cases of a score.
        hits: (m,) weight of those in which the class happened.
        before: ``_poolings`` of the scores.
        after: the same from the highest score down.
    """

    scores: Floats
    weight: Floats
    hits: Floats
    before: tuple[Codes, Floats, Floats]
    after: tuple[Codes, Floats, Floats]

    @classmethod
    def fit(cls, score: Floats, hit: NDArray, weight: Floats) -> VennAbers:
        """Prepare calibration cases.

        Args:
            score: (n,), the greater the likelier.
            hit: (n,), 1 where the class happened.
            weight: (n,) above 0; a new case weighs 1.
        """
        scores, place = np.unique(score, return_inverse=True)
        weights = np.bincount(place, weight, len(scores)).astype(np.float64)
        hits = np.bincount(place, weight * hit, len(scores)).astype(np.float64)
        before = _poolings(weights, hits, rising=True)
        after = _poolings(weights[::-1], hits[::-1], rising=False)
        return cls(scores, weights, hits, before, after)

    def interval(self, score: Floats) -> Interval:
        """Return the interval of new cases, (n,) each."""
        distinct, place = np.unique(score, return_inverse=True)
        bounds = np.array([self._bounds(one) for one in distinct]).reshape(-1, 2)
        return Interval(bounds[place, 0], bounds[place, 1])

    def _bounds(self, score: float) -> tuple[float, float]:
        n_below = int(np.searchsorted(self.scores, score, "left"))
        n_within = int(np.searchsorted(self.scores, score, "right"))
        weight = float(self.weight[n_below:n_within].sum())
        hits = float(self.hits[n_below:n_within].sum())
        n_above = len(self.scores) - n_within
        zero, one = (self._pooled(n_below, n_above, (weight + 1.0, hits + y)) for y in (0.0, 1.0))
        return zero, one

    def _pooled(self, n_below: int, n_above: int, block: _Block) -> float:
        """Return the mean of a block after pooling it with neighbours that violate the order.

        The blocks of the scores below and above are those of isotonic regressions of their own,
        which pooling with the block between them leaves as they are or takes in whole.
        """
        weight, hits = block
        while True:
            if n_below:
                start, weights, of_hits = (values[n_below] for values in self.before)
                if of_hits * weight >= hits * weights:
                    weight, hits, n_below = weight + weights, hits + of_hits, int(start)
                    continue
            if n_above:
                start, weights, of_hits = (values[n_above] for values in self.after)
                if of_hits * weight <= hits * weights:
                    weight, hits, n_above = weight + weights, hits + of_hits, int(start)
                    continue
            return float(hits / weight)


def _poolings(weight: Floats, hits: Floats, rising: bool) -> tuple[Codes, Floats, Floats]:
    """Return the last block of the isotonic regression of every number of first values.

    Args:
        weight: (m,).
        hits: (m,).
        rising: means rise, else they fall.

    Returns:
        Arrays of m + 1, the first without meaning: at i the number of values before the last block
        of the first i values, its weight and its hits. The blocks before it are those of that
        smaller number of values.
    """
    sign = 1.0 if rising else -1.0
    start = np.zeros(len(weight) + 1, np.int64)
    weights, of_hits = np.zeros(len(weight) + 1), np.zeros(len(weight) + 1)
    for end in range(1, len(weight) + 1):
        first, total, hit = end - 1, weight[end - 1], hits[end - 1]
        # means that are equal belong together
        while first and sign * (of_hits[first] * total - hit * weights[first]) >= 0.0:
            total, hit, first = total + weights[first], hit + of_hits[first], int(start[first])
        start[end], weights[end], of_hits[end] = first, total, hit
    return start, weights, of_hits


def class_intervals(
    earlier: Floats, outcome: Codes, weight: Floats, probability: Floats
) -> Interval:
    """Return the interval of each class for new cases, (n, classes) each.

    Args:
        earlier: (m, classes), stated for calibration cases.
        outcome: (m,) codes of the classes.
        weight: (m,), for example one in total per episode.
        probability: (n, classes), stated for the new cases.
    """
    intervals = [
        VennAbers.fit(earlier[:, code], outcome == code, weight).interval(probability[:, code])
        for code in range(earlier.shape[1])
    ]
    return Interval(*(np.stack(bounds, axis=1) for bounds in zip(*intervals, strict=True)))


def intervals_by_day(probability: Floats, outcome: Codes, weight: Floats, day: Codes) -> Interval:
    """Return the interval of each class, calibrated on the cases of earlier days.

    Args:
        probability: (n, classes), stated by fits on earlier days.
        outcome: (n,) codes of the classes.
        weight: (n,).
        day: (n,) numbers of the trading days.

    Returns:
        (n, classes) each, NaN on days with fewer than LEAST_PREDICTIONS cases before them.
    """
    p0, p1 = np.full_like(probability, np.nan), np.full_like(probability, np.nan)
    for today in np.unique(day):
        known, now = day < today, day == today
        if known.sum() >= LEAST_PREDICTIONS:
            found = class_intervals(
                probability[known], outcome[known], weight[known], probability[now]
            )
            p0[now], p1[now] = found
    return Interval(p0, p1)
