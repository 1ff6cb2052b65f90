"""Near a level and far from it: the rows that fit each space.

Features and base rates differ close to a level and far from it, so each has its own space, fitted
on a few rows of each episode.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.outcomes import CLASSES

# folds of whole days for cross-validation
FOLDS = 5


class Distances(NamedTuple):
    """Distances from a level that share a space.

    Attributes:
        above_ticks: lower bound, excluded.
        up_to_ticks: upper bound, included.
    """

    above_ticks: float
    up_to_ticks: float

    def hold(self, distance_ticks: NDArray[np.number]) -> NDArray[np.bool_]:
        """Return which distances are among them; the sign does not matter."""
        distance = np.abs(distance_ticks)
        return (distance > self.above_ticks) & (distance <= self.up_to_ticks)


def near_and_far(near_ticks: float) -> tuple[Distances, ...]:
    """Return the distances up to a bound, and beyond it unless nothing lies there."""
    if near_ticks == np.inf:
        return (Distances(-1.0, near_ticks),)
    return Distances(-1.0, near_ticks), Distances(near_ticks, np.inf)


def is_learnable(outcome: NDArray[np.integer], day: NDArray[np.integer]) -> bool:
    """Return whether rows hold every outcome and a day for every fold."""
    return len(np.unique(outcome)) == len(CLASSES) and len(np.unique(day)) >= FOLDS


def spread_over_episodes(episode: NDArray[np.integer], most: int) -> NDArray[np.int64]:
    """Return at most so many rows per episode, evenly spread over its course, ascending.

    Args:
        episode: (n,), codes of the rows' episodes; rows of an episode are in the order of time.
        most: rows of an episode.
    """
    order = np.argsort(episode, kind="stable")
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = np.diff(episode[order]) != 0
    starts = np.flatnonzero(is_first)
    lengths = np.diff(np.append(starts, len(order)))
    counts = np.minimum(lengths, most)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    step = (lengths - 1) / np.maximum(counts - 1, 1)
    places = np.rint(number * np.repeat(step, counts)).astype(np.int64)
    return np.sort(order[np.repeat(starts, counts) + places])
