"""Intervals by resampling whole days: windows of a day are not independent observations."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

RESAMPLES = 1_000
# resampling fewer days does not show how they differ
LEAST_DAYS = 10
INTERVAL = (0.025, 0.975)
# draws of the latest numbers of days, which many scores share
_KEPT_COUNTS = 8


def episode_weights(episode: Codes) -> Floats:
    """Return weights that give every episode a total of one.

    Args:
        episode: (n,) codes 0..m-1.
    """
    return 1.0 / np.bincount(episode)[episode]


@lru_cache(maxsize=_KEPT_COUNTS)
def day_counts(n_days: int, resamples: int, seed: int) -> Floats:
    """Return how often each day is drawn in each resample, (resamples, n_days), as floats.

    The array is shared and cannot be written.
    """
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(n_days, np.full(n_days, 1.0 / n_days), size=resamples)
    counts = drawn.astype(np.float64)
    counts.flags.writeable = False
    return counts


def resampled_means(values: Floats, weight: Floats, day: Codes, counts: Floats) -> Floats:
    """Return the weighted mean of values in every resample of days.

    Args:
        values: (n,) or (n, m).
        weight: (n,).
        day: (n,) codes of the days, columns of ``counts``.
        counts: (resamples, n_days), of ``day_counts``.

    Returns:
        (resamples,) or (resamples, m); NaN for a resample without rows.
    """
    columns = values if values.ndim == 2 else values[:, None]
    n_days = counts.shape[1]
    sums = np.stack(
        [np.bincount(day, weight * column, minlength=n_days) for column in columns.T], axis=1
    )
    mass = counts @ np.bincount(day, weight, minlength=n_days)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (counts @ sums) / mass[:, None]
    return means if values.ndim == 2 else means[:, 0]


def interval(resampled: Floats, shares: tuple[float, float] = INTERVAL) -> tuple[float, float]:
    """Return two quantiles of resampled values, NaN left out; by default of the central 95 %."""
    known = resampled[np.isfinite(resampled)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, shares)
    return float(low), float(high)


def mean_over_days(
    values: Floats, weight: Floats, day: NDArray[np.generic], seed: int
) -> tuple[float, float, float]:
    """Return the weighted mean of values with its interval over days.

    Args:
        values: (n,), at least one.
        weight: (n,).
        day: (n,) days in any form that sorts.
        seed: of the resamples of days.

    Returns:
        The mean and both bounds; bounds are NaN with fewer than LEAST_DAYS days.
    """
    mean = float(np.average(values, weights=weight))
    days, code = np.unique(day, return_inverse=True)
    if len(days) < LEAST_DAYS:
        return mean, float("nan"), float("nan")
    counts = day_counts(len(days), RESAMPLES, seed)
    return mean, *interval(resampled_means(values, weight, code, counts))
