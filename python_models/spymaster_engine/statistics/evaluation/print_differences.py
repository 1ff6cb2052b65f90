"""Whether a measure of approaches differs between those that broke the level and those rejected.

The difference of the means is judged twice: by an interval over resampled days, and against
outcomes permuted within each day. Many measures are looked at together, so that a single one must
pass the largest of all of them under permutation [Westfall and Young, Resampling-Based Multiple
Testing, 1993].
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.bootstrap import (
    LEAST_DAYS,
    RESAMPLES,
    day_counts,
    interval,
    resampled_means,
)
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

SHOWN, NOT_SHOWN, TOO_FEW = "shown", "not shown", "too few episodes"
BREAK, REJECT = CLASSES.index("BREAK"), CLASSES.index("REJECT")
_QUANTILE = 0.95
# what rounding leaves of a measure that is always the same
_NO_SPREAD = 1e-12


@dataclass(frozen=True)
class PrintDifference:
    """Difference of a measure's means, BREAK less REJECT.

    Attributes:
        means: by outcome, in the order of CLASSES; NaN without episodes.
        n_days, n_episodes: with the measure and an outcome.
        difference, lo, hi: with the 95 % interval over days.
        null_q95: 95 % quantile of its size under permuted outcomes.
        z, largest_z_q95: its distance from the mean of the permuted ones, which days give, in
            their standard deviations, and the 95 % quantile of the largest z of all measures. NaN
            where permuting changes nothing.
        verdict: SHOWN, NOT_SHOWN or TOO_FEW.
    """

    means: tuple[float, ...]
    n_days: int
    n_episodes: int
    difference: float
    lo: float
    hi: float
    null_q95: float
    z: float
    largest_z_q95: float
    verdict: str


def print_differences(
    values: Floats, outcome: Codes, day: Codes, least_episodes: int, seed: int
) -> list[PrintDifference]:
    """Judge measures of episodes.

    Args:
        values: (n, m), NaN where a measure is not known.
        outcome: (n,) codes of CLASSES.
        day: (n,) codes of days.
        least_episodes: least episodes of a verdict.
        seed: of resamples and permutations.
    """
    known, filled = np.isfinite(values).astype(np.float64), np.nan_to_num(values)
    permuted = _differences(filled, known, _permuted(outcome, day, seed))
    with warnings.catch_warnings():
        # a measure that is never known
        warnings.simplefilter("ignore", RuntimeWarning)
        middle, spread = np.nanmean(permuted, axis=0), np.nanstd(permuted, axis=0)
    spread[~(spread > _NO_SPREAD)] = np.nan
    largest = np.fmax.reduce(np.abs(permuted - middle) / spread, axis=1)
    is_known = np.isfinite(largest)
    largest_q95 = float(np.quantile(largest[is_known], _QUANTILE)) if is_known.any() else np.nan
    found = _differences(filled, known, outcome[None, :])[0]
    results = []
    for column in range(values.shape[1]):
        rows = known[:, column] > 0
        own, own_day = outcome[rows], np.unique(day[rows], return_inverse=True)[1]
        means = tuple(_mean(values[rows, column][own == code]) for code in range(len(CLASSES)))
        n_days = int(own_day.max(initial=-1)) + 1
        lo, hi = _interval(values[rows, column], own, own_day, n_days, seed)
        null = np.abs(permuted[:, column])
        null_q95 = float(np.nanquantile(null, _QUANTILE)) if np.isfinite(null).any() else np.nan
        z = float(abs(found[column] - middle[column]) / spread[column])
        verdict = TOO_FEW
        if n_days >= LEAST_DAYS and rows.sum() >= least_episodes:
            is_shown = z > largest_q95 and (lo > 0 or hi < 0)
            verdict = SHOWN if is_shown else NOT_SHOWN
        results.append(
            PrintDifference(
                means,
                n_days,
                int(rows.sum()),
                float(found[column]),
                lo,
                hi,
                null_q95,
                z,
                largest_q95,
                verdict,
            )
        )
    return results


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else float("nan")


def _permuted(outcome: Codes, day: Codes, seed: int) -> Codes:
    """Return outcomes permuted within each day, (RESAMPLES, n)."""
    generator = np.random.default_rng(seed)
    permuted = np.empty((RESAMPLES, len(outcome)), np.int64)
    for code in np.unique(day):
        rows = np.flatnonzero(day == code)
        permuted[:, rows] = generator.permuted(np.tile(outcome[rows], (RESAMPLES, 1)), axis=1)
    return permuted


def _differences(filled: Floats, known: Floats, outcome: Codes) -> Floats:
    """Return the differences of the means for each row of outcomes, (r, m)."""
    means = []
    for code in (BREAK, REJECT):
        chosen = (outcome == code).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            means.append((chosen @ filled) / (chosen @ known))
    return means[0] - means[1]


def _interval(
    values: Floats, outcome: Codes, day: Codes, n_days: int, seed: int
) -> tuple[float, float]:
    if n_days < LEAST_DAYS:
        return float("nan"), float("nan")
    counts = day_counts(n_days, RESAMPLES, seed)
    parts = []
    for code in (BREAK, REJECT):
        rows = outcome == code
        parts.append(resampled_means(values[rows], np.ones(int(rows.sum())), day[rows], counts))
    return interval(parts[0] - parts[1])
