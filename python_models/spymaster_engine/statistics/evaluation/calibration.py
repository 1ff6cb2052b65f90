"""Maps from stated to observed probabilities, fitted on earlier test days only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from spymaster_engine.statistics.retrieval.learned import one_thread
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
ClassMap = Callable[[Floats], Floats]
Map = TypeVar("Map", bound=ClassMap)
# of stated probabilities, whether it happened, weights
Fit = Callable[[Floats, Codes, Floats], Map]

LEAST_PREDICTIONS = 200
# bounds of probabilities in and out of a map: no outcome is impossible
LEAST_MAPPED = 0.01
# OpenBLAS shares out longer sums among threads, which changes their last digits
_ROWS_OF_ONE_THREAD = 10_000


@dataclass(frozen=True)
class LogisticCurve:
    """A logistic curve of the log-odds of one outcome.

    Attributes:
        slope: 1 leaves odds as they are.
        intercept: 0 leaves odds as they are.
    """

    slope: float
    intercept: float

    def __call__(self, stated: Floats) -> Floats:
        """Return the mapped probabilities, (n,)."""
        return 1.0 / (1.0 + np.exp(-(self.slope * _log_odds(stated) + self.intercept)))


class MapsOfDay(NamedTuple, Generic[Map]):
    """Maps valid from a day on, per outcome in the order of CLASSES.

    Attributes:
        day: the first day, after every day of the fit.
        n_predictions: rows they are fitted on.
        maps: one per outcome.
    """

    day: int
    n_predictions: int
    maps: tuple[Map, ...]


def platt(probability: Floats, hit: Codes, weight: Floats) -> LogisticCurve:
    """Fit a logistic curve of the log-odds of one outcome (Platt 1999).

    Args:
        probability: (n,), stated.
        hit: (n,), 1 where it happened.
        weight: (n,).
    """
    curve = LogisticRegression(C=1e3)
    with one_thread() if len(hit) <= _ROWS_OF_ONE_THREAD else nullcontext():
        curve.fit(_log_odds(probability)[:, None], hit, sample_weight=weight)
    return LogisticCurve(float(curve.coef_[0, 0]), float(curve.intercept_[0]))


def isotonic(probability: Floats, hit: Codes, weight: Floats) -> ClassMap:
    """Fit a step function that never falls (Zadrozny and Elkan 2002)."""
    steps = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    steps.fit(probability, hit, sample_weight=weight)
    return steps.predict


MAPS: dict[str, Fit[ClassMap]] = {
    "platt": platt,
    "isotonic": isotonic,
}


def maps_by_day(
    probability: Floats, outcome: Codes, weight: Floats, day: Codes, fit: Fit[Map]
) -> Iterator[MapsOfDay[Map]]:
    """Yield the maps of each day, fitted on earlier days, and of the day after the last.

    Days with fewer than LEAST_PREDICTIONS before them, or with an outcome not yet seen, have no
    maps.

    Args:
        probability: (n, 3), stated.
        outcome: (n,).
        weight: (n,).
        day: (n,), ascending numbers of the trading days.
        fit: of the map of an outcome.
    """
    for today in [*np.unique(day).tolist(), int(day.max(initial=-1)) + 1]:
        known = day < today
        counts = np.bincount(outcome[known], minlength=len(CLASSES))
        if known.sum() < LEAST_PREDICTIONS or not counts.all():
            continue
        maps = tuple(
            fit(probability[known, code], (outcome[known] == code).astype(np.int64), weight[known])
            for code in range(len(CLASSES))
        )
        yield MapsOfDay(today, int(known.sum()), maps)


def mapped(probability: Floats, maps: tuple[ClassMap, ...]) -> Floats:
    """Return probabilities after a map per outcome, (n, 3), rows that sum to 1."""
    columns = [class_map(probability[:, code]) for code, class_map in enumerate(maps)]
    floored = np.maximum(np.stack(columns, axis=1), LEAST_MAPPED)
    return floored / floored.sum(axis=1, keepdims=True)


def calibrated(
    probability: Floats, outcome: Codes, weight: Floats, day: Codes, kind: str
) -> Floats:
    """Return the probabilities after the maps of their day, see ``maps_by_day``.

    Returns:
        (n, 3), rows that sum to 1; NaN on days without maps.
    """
    return by_maps_of_day(
        probability, day, maps_by_day(probability, outcome, weight, day, MAPS[kind])
    )


def by_maps_of_day(probability: Floats, day: Codes, maps: Iterable[MapsOfDay[ClassMap]]) -> Floats:
    """Return the probabilities, (n, 3), after the maps of their day; NaN on days without maps."""
    result = np.full_like(probability, np.nan)
    for maps_of_day in maps:
        now = day == maps_of_day.day
        # the last maps serve the next day
        if now.any():
            result[now] = mapped(probability[now], maps_of_day.maps)
    return result


def _log_odds(probability: Floats) -> Floats:
    clipped = np.clip(probability, LEAST_MAPPED, 1.0 - LEAST_MAPPED)
    return np.log(clipped / (1.0 - clipped))
