"""What readings are before movements, against moments matched to them, with a placebo.

A set is a movement with its matched moments. Moments come in any order, a block of days at a time:
only sums are kept, by day of the movement and by draw of the placebo. The interval resamples days,
each movement's matches going with it.

What decides is the difference of the means over its standard error, which takes the variance of
each side as it is (Welch): the book is louder before movements, and a loud mean strays further. The
standard error counts movements and matched moments, not days. The placebo deals out anew which
moment of a set is the movement, and computes the same; the largest that this makes anywhere is what
chance shows among so many readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.compiled import kernel
from spymaster_engine.statistics.evaluation.bootstrap import (
    INTERVAL,
    LEAST_DAYS,
    RESAMPLES,
    day_counts,
)

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

SHOWN, NOT_SHOWN, TOO_FEW = "shown", "not shown", "too few movements"
# how often chance alone may pass what a value is compared with
FALSE_SHARE = 0.05
# elements whose resamples are in memory together
_ELEMENTS_AT_ONCE = 500
_COUNT, _SUM, _SQUARES = 0, 1, 2
# share of a sum of squares below which a spread is none
_ROUNDING = 1e-12
_MOVED, _MATCHED = 0, 1


@dataclass(frozen=True)
class Profile:
    """Comparison of movements with matched moments by element; (n_elements,) each.

    Attributes:
        n_movements, n_matches, n_days: known values behind the means, and days of the movements.
        mean, mean_lo, mean_hi: of the movements, with its interval over days.
        matched_mean, matched_lo, matched_hi: of the matched moments.
        matched_std: sample standard deviation of the matched moments.
        z, z_lo, z_hi: difference of the means in units of matched_std; NaN where that is 0.
        welch_t: difference of the means in units of its standard error; NaN where that is 0.
        placebo_t: (draws, n_elements) welch_t of each draw of the placebo.
    """

    n_movements: Codes
    n_matches: Codes
    n_days: Codes
    mean: Floats
    mean_lo: Floats
    mean_hi: Floats
    matched_mean: Floats
    matched_lo: Floats
    matched_hi: Floats
    matched_std: Floats
    z: Floats
    z_lo: Floats
    z_hi: Floats
    welch_t: Floats
    placebo_t: Floats

    def has_support(self, least_movements: int) -> NDArray[np.bool_]:
        """Return where there are enough movements and days for a verdict."""
        return (self.n_movements >= least_movements) & (self.n_days >= LEAST_DAYS)

    def verdicts(self, least_movements: int, placebo_largest: float) -> list[str]:
        """Return the verdict on each element.

        Args:
            least_movements: Fewer movements have no verdict.
            placebo_largest: |welch_t| that the placebo's largest over all readings seldom passes.
        """
        with np.errstate(invalid="ignore"):
            leaves_out_zero = (self.z_lo > 0) | (self.z_hi < 0)
            is_shown = leaves_out_zero & (np.abs(self.welch_t) > placebo_largest)
        words = np.where(is_shown, SHOWN, NOT_SHOWN)
        return np.where(self.has_support(least_movements), words, TOO_FEW).tolist()


class ProfileSums:
    """Sums of readings over movements and matched moments.

    Attributes:
        member_count: (n_sets,) moments of each set, the movement included.
    """

    def __init__(
        self, set_day: Codes, member_count: Codes, n_elements: int, draws: int, seed: int
    ) -> None:
        """Begin without any moment.

        Args:
            set_day: (n_sets,) codes 0..n-1 of the days of the movements.
            member_count: (n_sets,) moments of each set, the movement included.
            n_elements: readings times differences times seconds.
            draws: draws of the placebo.
            seed: of all draws.
        """
        self.member_count = member_count
        self._set_day = set_day
        self._seed = seed
        generator = np.random.default_rng(seed)
        uniform = generator.random((draws, len(set_day)))
        self._picked = np.floor(uniform * member_count).astype(np.int64)
        n_days = int(set_day.max()) + 1 if len(set_day) else 0
        self._by_day = np.zeros((2, n_days, 3, n_elements))
        self._by_draw = np.zeros((draws, 3, n_elements))
        # values are summed as differences from this, which keeps what is constant exact
        self._origin = np.full(n_elements, np.nan)

    def add(self, values: Floats, set_no: Codes, member_no: Codes) -> None:
        """Add moments.

        Args:
            values: (n, n_elements), NaN where unknown.
            set_no: (n,) set of each moment.
            member_no: (n,) 0 for the movement of the set, 1 and more for its matches.
        """
        _add(
            np.ascontiguousarray(values, np.float64),
            set_no,
            member_no,
            self._set_day,
            self._picked,
            self._origin,
            self._by_day.reshape(-1, *self._by_day.shape[2:]),
            self._by_draw,
        )

    def profile(self) -> Profile:
        """Return the comparison of what was added."""
        moved, matched = self._by_day
        total = moved.sum(axis=0), matched.sum(axis=0)
        mean, matched_mean = (_mean(part) for part in total)
        matched_std = _std(total[_MATCHED])
        bounds = self._intervals(moved, matched)
        # where nothing was added there is nothing to be relative to
        origin = np.nan_to_num(self._origin)
        rest = total[_MOVED] + total[_MATCHED] - self._by_draw
        return Profile(
            n_movements=total[_MOVED][_COUNT].astype(np.int64),
            n_matches=total[_MATCHED][_COUNT].astype(np.int64),
            n_days=_known_days(moved),
            mean=mean + origin,
            mean_lo=bounds[0, 0] + origin,
            mean_hi=bounds[0, 1] + origin,
            matched_mean=matched_mean + origin,
            matched_lo=bounds[1, 0] + origin,
            matched_hi=bounds[1, 1] + origin,
            matched_std=matched_std,
            z=_z(total[_MOVED], total[_MATCHED]),
            z_lo=bounds[2, 0],
            z_hi=bounds[2, 1],
            welch_t=_welch_t(*total),
            placebo_t=_welch_t(self._by_draw.swapaxes(0, 1), rest.swapaxes(0, 1)),
        )

    def _intervals(self, moved: Floats, matched: Floats) -> Floats:
        """Return bounds of both means and of z, (3, 2, n_elements), NaN with too few days."""
        n_days, _, n_elements = moved.shape
        bounds = np.full((3, 2, n_elements), np.nan)
        if n_days < LEAST_DAYS:
            return bounds
        counts = day_counts(n_days, RESAMPLES, self._seed)
        for first in range(0, n_elements, _ELEMENTS_AT_ONCE):
            part = slice(first, first + _ELEMENTS_AT_ONCE)
            resampled = [
                np.stack([counts @ sums[:, kind, part] for kind in (_COUNT, _SUM, _SQUARES)])
                for sums in (moved, matched)
            ]
            for place, values in enumerate((*map(_mean, resampled), _z(*resampled))):
                bounds[place, :, part] = _quantiles(values)
        bounds[:, :, _known_days(moved) < LEAST_DAYS] = np.nan
        return bounds


def placebo_largest(
    profiles: Sequence[Profile], least_movements: int
) -> tuple[list[Floats], float]:
    """Return the |welch_t| of every draw's placebo by element, and what chance seldom passes.

    Args:
        profiles: of the directions, of the same draws.
        least_movements: elements with fewer movements are not judged, and do not count.

    Returns:
        Per profile (draws, n_elements) |welch_t|, -inf where it does not count; and what the
        largest of all elements and profiles seldom passes by chance, NaN if none counts.
    """
    sizes = []
    for profile in profiles:
        size = np.abs(profile.placebo_t)
        counts = profile.has_support(least_movements) & np.isfinite(size)
        sizes.append(np.where(counts, size, -np.inf))
    largest = np.max([size.max(axis=1, initial=-np.inf) for size in sizes], axis=0)
    if not np.isfinite(largest).any():
        return sizes, float("nan")
    return sizes, float(seldom_passed(largest))


def seldom_passed(draws: Floats) -> Floats:
    """Return what one more draw passes with a chance of FALSE_SHARE at most.

    A value that chance alone made is one of 1 + n draws, each of which is as likely to be among the
    largest. So many of them as FALSE_SHARE lets pass may lie above the bound: a quantile of the n
    draws without it lies lower, and lets more pass.

    Args:
        draws: (n, ...) draws of the placebo.

    Returns:
        (...) the bound, a draw itself; infinite with so few draws that none is rare.
    """
    rank = ceil((1 - FALSE_SHARE) * (1 + len(draws)))
    if rank > len(draws):
        return np.full(draws.shape[1:], np.inf)
    return np.sort(draws, axis=0)[rank - 1]


def _known_days(by_day: Floats) -> Codes:
    """Return the days with a known value, (n_elements,)."""
    return (by_day[:, _COUNT] > 0).sum(axis=0)


def _mean(sums: Floats) -> Floats:
    """Return means from counts, sums and squares in the first axis."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[_SUM] / sums[_COUNT]


def _std(sums: Floats) -> Floats:
    """Return sample standard deviations, NaN below two values."""
    n = sums[_COUNT]
    with np.errstate(invalid="ignore", divide="ignore"):
        square = sums[_SQUARES] - sums[_SUM] ** 2 / n
        # what rounding leaves of equal values
        square = np.where(square > _ROUNDING * sums[_SQUARES], square, 0.0)
        return np.where(n > 1, np.sqrt(square / (n - 1)), np.nan)


def _z(moved: Floats, matched: Floats) -> Floats:
    std = _std(matched)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(std > 0, (_mean(moved) - _mean(matched)) / std, np.nan)


def _welch_t(moved: Floats, matched: Floats) -> Floats:
    """Return differences of means over their standard errors, NaN below two values on a side."""
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(sum(_std(sums) ** 2 / sums[_COUNT] for sums in (moved, matched)))
        return np.where(error > 0, (_mean(moved) - _mean(matched)) / error, np.nan)


def _quantiles(resampled: Floats) -> Floats:
    """Return the interval of each column, NaN left out; NaN for a column without any value."""
    known = np.isfinite(resampled)
    if known.all():
        return np.quantile(resampled, INTERVAL, axis=0)
    found = np.full((2, resampled.shape[1]), np.nan)
    for column in np.flatnonzero(known.any(axis=0)):
        found[:, column] = np.quantile(resampled[known[:, column], column], INTERVAL)
    return found


@kernel
def _add(values, set_no, member_no, set_day, picked, origin, by_day, by_draw):
    """Add the moments one after the other: the same sums in every run."""
    for row in range(values.shape[0]):
        own_set = set_no[row]
        for element in range(values.shape[1]):
            if np.isnan(origin[element]):
                origin[element] = values[row, element]
        place = set_day[own_set]
        if member_no[row] > 0:
            place += by_day.shape[0] // 2
        _add_row(values, row, origin, by_day, place)
        for draw in range(picked.shape[0]):
            if picked[draw, own_set] == member_no[row]:
                _add_row(values, row, origin, by_draw, draw)


@kernel
def _add_row(values, row, origin, sums, place):
    for element in range(values.shape[1]):
        value = values[row, element] - origin[element]
        if not np.isnan(value):
            sums[place, 0, element] += 1.0
            sums[place, 1, element] += value
            sums[place, 2, element] += value * value
