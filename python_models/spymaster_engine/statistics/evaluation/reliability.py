"""Reliability: stated probabilities against frequencies, in bins of equal mass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.scores import one_hot
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

BINS = 10


@dataclass(frozen=True)
class Reliability:
    """A sample's rows in bins of each outcome's probability.

    Attributes:
        bins: (3, n) int64, the bin of each row for each outcome, 0 the least probable.
        probability: (n, 3), stated.
        weight: (n,), weights of the rows.
    """

    bins: NDArray[np.int64]
    probability: Floats
    weight: Floats

    @classmethod
    def of(cls, probability: Floats, weight: Floats, n_bins: int = BINS) -> Reliability:
        """Cut the rows into bins of equal weight; equal probabilities share a bin.

        Args:
            probability: (n, 3).
            weight: (n,), positive.
            n_bins: How many at most.
        """
        bins = np.stack(
            [_equal_mass_bins(probability[:, code], weight, n_bins) for code in range(3)]
        )
        return cls(bins, probability, weight)

    def table(self, outcome: Codes) -> list[dict[str, float | int | str]]:
        """Return per outcome and bin: mass, mean stated probability, share that happened."""
        rows: list[dict[str, float | int | str]] = []
        hits = one_hot(outcome)
        for code, name in enumerate(CLASSES):
            for number in np.unique(self.bins[code]):
                inside = self.bins[code] == number
                weight = self.weight[inside]
                rows.append(
                    {
                        "outcome": name,
                        "bin": int(number),
                        "n_rows": int(inside.sum()),
                        "weight": float(weight.sum()),
                        "mean_probability": float(
                            np.average(self.probability[inside, code], weights=weight)
                        ),
                        "observed_share": float(np.average(hits[inside, code], weights=weight)),
                    }
                )
        return rows

    def errors(
        self, outcome: NDArray[np.integer], day: Codes | None = None, counts: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Return the expected and the maximal calibration error of one or several samples.

        The expected error is the weighted mean over bins of |stated - observed|, the maximal error
        the largest; both are averaged over the three outcomes.

        Args:
            outcome: (n_samples, n) or (n,).
            day: (n,) codes of days, columns of ``counts``.
            counts: (n_samples, n_days), how often each day is in a sample of one outcome each.

        Returns:
            Two arrays (n_samples,).
        """
        outcomes = np.atleast_2d(outcome)
        expected, largest = [], []
        for code in range(len(CLASSES)):
            member = np.eye(self.bins[code].max() + 1)[self.bins[code]] * self.weight[:, None]
            if counts is None:
                mass = member.sum(axis=0)
                stated = self.probability[:, code] @ member
                difference = (outcomes == code).astype(np.float64) @ member - stated
            else:
                gap = (outcomes[0] == code) - self.probability[:, code]
                by_day = np.eye(counts.shape[1])[day].T
                mass = counts @ (by_day @ member)
                difference = counts @ (by_day @ (member * gap[:, None]))
            gaps = np.abs(
                np.divide(difference, mass, out=np.zeros_like(difference), where=mass > 0)
            )
            expected.append((gaps * mass).sum(axis=1) / np.sum(mass, axis=-1))
            largest.append(gaps.max(axis=1))
        return np.mean(expected, axis=0), np.mean(largest, axis=0)


def chance_errors(
    reliability: Reliability, path: Codes, draws: int, generator: np.random.Generator
) -> Floats:
    """Return expected calibration errors of outcomes drawn from the stated probabilities.

    Rows whose labels cover nearly the same price path share one draw (the same uniform
    number against each row's own probabilities): windows of an episode, and episodes of several
    levels at the same time. Independent draws would understate chance.

    Args:
        reliability: the binned sample.
        path: (n,) codes 0..m-1 of the paths.
        draws: How many samples of outcomes.
        generator: Source of the draws.

    Returns:
        (draws,).
    """
    below = np.cumsum(reliability.probability, axis=1)
    n_paths = int(path.max()) + 1
    errors = np.empty(draws)
    step = max(1, 4_000_000 // max(len(path), 1))
    for start in range(0, draws, step):
        size = min(step, draws - start)
        uniform = generator.random((size, n_paths))[:, path]
        drawn = (uniform >= below[:, 0]).astype(np.int8) + (uniform >= below[:, 1])
        errors[start : start + size] = reliability.errors(drawn)[0]
    return errors


def _equal_mass_bins(score: Floats, weight: Floats, n_bins: int) -> NDArray[np.int64]:
    order = np.argsort(score, kind="stable")
    mass = np.cumsum(weight[order])
    middle = (mass - 0.5 * weight[order]) / mass[-1]
    ordered = np.minimum((middle * n_bins).astype(np.int64), n_bins - 1)
    # equal scores share the bin of the first
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    ordered = np.repeat(ordered[starts], np.diff(np.append(starts, len(score))))
    bins = np.empty(len(score), np.int64)
    bins[order] = np.unique(ordered, return_inverse=True)[1]
    return bins
