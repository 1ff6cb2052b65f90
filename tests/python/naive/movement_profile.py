"""`key_movement_profile` beyond its means: intervals, placebo and verdict.

Rules chosen where the specification leaves room:
- A movement without any match is not compared and does not count.
- Whole days of movements are drawn, as many as the direction has, with replacement; the matches of
  a movement go with it, whatever their own day. Means and z are counted anew from what was drawn,
  z with the standard deviation of the matches drawn.
- An interval runs from the 2.5 % to the 97.5 % quantile of the draws, and needs ten days.
- The placebo takes one moment of each set for the movement, each as likely as the others, the true
  one included, and the rest for its matches. All readings share what was taken.
- The largest is that of elements with enough movements and days. Where welch_t is unknown in a draw
  it counts for nothing.
- A verdict without an interval, a welch_t or a placebo is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

LEAST_DAYS = 10


class MatchedSet(NamedTuple):
    """One reading before a movement and before its matches; None where it is unknown."""

    day: str
    own: float | None
    matched: tuple[float | None, ...]


class Comparison(NamedTuple):
    """Two means and what lies between them; None where it is unknown."""

    n_movements: int
    n_matches: int
    mean: float | None
    matched_mean: float | None
    matched_std: float | None
    z: float | None
    welch_t: float | None


def compare(sets: Sequence[MatchedSet]) -> Comparison:
    """Compare the movements of some sets with the matches of these sets."""
    own = [one.own for one in sets if one.own is not None]
    matched = [value for one in sets for value in one.matched if value is not None]
    mean, matched_mean = (float(np.mean(side)) if side else None for side in (own, matched))
    difference = mean - matched_mean if own and matched else None
    # what never varies has a standard deviation of zero, not of a rounding error
    variances = [
        None if len(side) < 2 else 0.0 if len(set(side)) == 1 else float(np.var(side, ddof=1))
        for side in (own, matched)
    ]
    matched_std = None if variances[1] is None else sqrt(variances[1])
    error = None
    if None not in variances:
        error = sqrt(variances[0] / len(own) + variances[1] / len(matched))
    return Comparison(
        n_movements=len(own),
        n_matches=len(matched),
        mean=mean,
        matched_mean=matched_mean,
        matched_std=matched_std,
        z=None if difference is None or not matched_std else difference / matched_std,
        welch_t=None if difference is None or not error else difference / error,
    )


def drawn_days(sets: Sequence[MatchedSet], names: Sequence[str]) -> list[MatchedSet]:
    """Sets of some days; a day that is named twice counts twice."""
    return [one for name in names for one in sets if one.day == name]


def resampled(
    sets: Sequence[MatchedSet], draws: int, random: np.random.Generator
) -> dict[str, np.ndarray]:
    """mean, matched_mean and z of days drawn with replacement, from the sums of each day.

    `compare` of `drawn_days` is the same for a single draw.
    """
    days = sorted({one.day for one in sets})
    drawn = random.integers(len(days), size=(draws, len(days)))
    sums = {}
    for side in ("own", "matched"):
        of_days = []
        for day in days:
            inside = [one for one in sets if one.day == day]
            values = [
                x for one in inside for x in (one.matched if side == "matched" else [one.own])
            ]
            known = [x for x in values if x is not None]
            of_days.append([len(known), sum(known), sum(x * x for x in known)])
        sums[side] = np.array(of_days)[drawn].sum(axis=1).T
    (n_own, own, _), (n, matched, squares) = sums["own"], sums["matched"]
    variance = (squares - matched**2 / n) / (n - 1)
    return {
        "mean": own / n_own,
        "matched_mean": matched / n,
        "z": (own / n_own - matched / n) / np.sqrt(variance),
    }


def dealt_out(one: MatchedSet, place: int) -> MatchedSet:
    """A set in which the moment at a place stands for the movement."""
    members = [one.own, *one.matched]
    return MatchedSet(one.day, members.pop(place), tuple(members))


Element = tuple[str, int, int]


def placebo(
    elements: Mapping[Element, Sequence[MatchedSet]], draws: int, random: np.random.Generator
) -> dict[Element, np.ndarray]:
    """|welch_t| of each element by draw, 0 where it is unknown.

    Args:
        elements: Sets by reading, derivative and second; all have the same sets in the same order.
        draws: Number of draws.
        random: Generator.
    """
    found: dict[Element, list[float]] = {element: [] for element in elements}
    sizes = [1 + len(one.matched) for one in next(iter(elements.values()))]
    for _ in range(draws):
        places = [int(random.integers(size)) for size in sizes]
        for element, sets in elements.items():
            drawn = compare([dealt_out(*both) for both in zip(sets, places, strict=True)])
            found[element].append(abs(drawn.welch_t or 0.0))
    return {element: np.array(values) for element, values in found.items()}


def largest(found: Mapping[Element, np.ndarray], elements: Sequence[Element]) -> np.ndarray:
    """Largest |welch_t| of some elements, by draw."""
    return np.max([found[element] for element in elements], axis=0)


def n_days(sets: Sequence[MatchedSet]) -> int:
    """Days with a known movement."""
    return len({one.day for one in sets if one.own is not None})


def is_enough(sets: Sequence[MatchedSet], least_movements: int) -> bool:
    """Whether there are enough movements and days for a verdict."""
    return n_days(sets) >= LEAST_DAYS and compare(sets).n_movements >= least_movements


def verdict(
    sets: Sequence[MatchedSet],
    least_movements: int,
    interval: tuple[float, float],
    largest_q95: float,
) -> str:
    """Verdict of one element.

    Args:
        sets: Its sets.
        least_movements: Movements that a verdict needs.
        interval: Of z.
        largest_q95: 95 % quantile of the largest of the placebo.
    """
    if not is_enough(sets, least_movements):
        return "too few movements"
    welch_t = compare(sets).welch_t
    leaves_out_zero = interval[0] > 0 or interval[1] < 0
    is_large = welch_t is not None and abs(welch_t) > largest_q95
    return "shown" if leaves_out_zero and is_large else "not shown"
