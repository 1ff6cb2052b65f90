"""Where rows of a library and a question lie beside each other, as of a day.

Both spaces are made from days before the one that asks. ``robust_z`` compares all features at
the scale of that day's statistics; ``learned`` what a model makes of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.retrieval.band_fits import (
    BandFit,
    bands_of,
    fit_day_of,
    fits_of,
    spread_rows,
)
from spymaster_engine.retrieval.bands import Distances
from spymaster_engine.retrieval.neighbours import similarity_weights
from spymaster_engine.retrieval.normalise import (
    RobustStatistics,
    joined,
    robust_z,
    unit_rows,
)
from spymaster_engine.retrieval.outcomes import NOT_REACHED
from spymaster_engine.retrieval.pools import Pool
from spymaster_engine.retrieval.search import Candidates, most_similar, nearest
from spymaster_engine.retrieval.settings import LEARNED, ROBUST_Z, RetrievalSettings


@dataclass(frozen=True)
class Questions:
    """Moments that are asked about.

    Attributes:
        vectors: (q, d) float32, raw vectors with their context.
        distance_ticks: (q,) from the level, of either sign.
    """

    vectors: NDArray[np.float32]
    distance_ticks: NDArray[np.integer]

    def __len__(self) -> int:
        """Return the number of questions."""
        return len(self.vectors)

    def take(self, rows: slice | NDArray) -> Questions:
        """Return the chosen questions."""
        return Questions(self.vectors[rows], self.distance_ticks[rows])


@dataclass(frozen=True)
class Found:
    """Candidates of each query in the library's own rows, and their weights, (q, c) each."""

    rows: NDArray[np.int64]
    similarity: NDArray[np.float64]
    weights: NDArray[np.float64]


class RobustZSpace:
    """All features, each at its scale; similarity is the cosine.

    Args:
        pool: what may be looked at.
        statistics: of the pool's columns, context included.
        settings: weights of neighbours.
    """

    def __init__(
        self, pool: Pool, statistics: RobustStatistics, settings: RetrievalSettings
    ) -> None:
        self.pool = pool
        self.k = settings.k_for(ROBUST_Z, pool.n_episodes())
        self._statistics = statistics
        self._settings = settings
        rows = pool.rows
        unit, is_zero = self.place(pool.library.vectors[rows])
        # without direction there is nothing to compare
        self._rows, self._unit = rows[~is_zero], unit[~is_zero]

    def place(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return rows of length 1 of raw (q, d) vectors, and which of them are zero."""
        divisor = self._settings.block_width_divisor
        n_context = self.pool.library.n_context
        return unit_rows(normalised(vectors, n_context, self._statistics, divisor))

    def find(self, questions: Questions, k_raw: int) -> Found:
        """Return the most similar rows of each question; none for a zero vector."""
        unit, is_zero = self.place(questions.vectors)
        found = most_similar(self._unit, unit, k_raw)
        weights = similarity_weights(found.similarity, self._settings.weight_power)
        weights[is_zero] = 0.0
        return Found(self._rows[found.rows], found.similarity, weights)

    def part_of(self, distance_ticks: NDArray[np.number]) -> NDArray[np.int64]:
        """Return the part of the space that each distance belongs to: there is one."""
        return np.zeros(len(distance_ticks), np.int64)


class LearnedSpace:
    """Log-odds of the outcomes by models of earlier days; neighbours count alike.

    Questions near to their level are compared with rows near to theirs, others with others.

    Args:
        pool: what may be looked at.
        settings: when and from what the models are fitted.

    Raises:
        ValueError: The rows do not allow a fit.
    """

    def __init__(self, pool: Pool, settings: RetrievalSettings) -> None:
        fits = fits_of(pool, settings)
        if fits is None:
            raise ValueError("too few days or outcomes to learn from")
        self.pool = pool
        self.k = settings.k_for(LEARNED, pool.n_episodes())
        self._bands = [
            _Band(pool, distances, fit, settings)
            for distances, fit in zip(bands_of(settings.learning), fits, strict=True)
        ]

    def find(self, questions: Questions, k_raw: int) -> Found:
        """Return the nearest rows of each question."""
        width = min(k_raw, max(len(band.rows) for band in self._bands))
        shape = len(questions), width
        found = Found(np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape))
        for band in self._bands:
            asked = np.flatnonzero(band.distances.hold(questions.distance_ticks))
            if not len(asked):
                continue
            places = band.fit.place(questions.vectors[asked])
            candidates: Candidates = nearest(band.places, places, k_raw)
            n_found = candidates.rows.shape[1]
            found.rows[asked, :n_found] = band.rows[candidates.rows]
            found.similarity[asked, :n_found] = candidates.similarity
            found.weights[asked, :n_found] = 1.0
        return found

    def part_of(self, distance_ticks: NDArray[np.number]) -> NDArray[np.int64]:
        """Return the part of the space that each distance belongs to: near or far."""
        parts = np.zeros(len(distance_ticks), np.int64)
        for number, band in enumerate(self._bands):
            parts[band.distances.hold(distance_ticks)] = number
        return parts


class _Band:
    """Rows of a pool at some distance from their level, in the space learned from them.

    Rows that never came to the level have a place as well, although nothing is learned of them.
    """

    def __init__(
        self, pool: Pool, distances: Distances, fitted: BandFit, settings: RetrievalSettings
    ) -> None:
        rows = spread_rows(pool, distances, settings.learning)
        later = rows[pool.library.day[rows] >= fit_day_of(pool, settings)]
        stayed_away = spread_rows(
            pool, distances, settings.learning, lambda codes: codes == NOT_REACHED
        )
        unfitted = np.concatenate([later, stayed_away])
        self.distances = distances
        self.fit = fitted.fit
        self.rows = np.concatenate([fitted.rows, unfitted])
        vectors = pool.library.vectors[unfitted]
        self.places = np.concatenate([self.fit.places, self.fit.place(vectors)])


Space = RobustZSpace | LearnedSpace


def space_of(pool: Pool, settings: RetrievalSettings) -> str:
    """Return the name of the space that a pool is searched in.

    A space is learned from whole periods of days, and only from enough of them.
    """
    space = settings.space_for(pool.n_episodes())
    if space == LEARNED and fits_of(pool, settings) is None:
        return ROBUST_Z
    return space


def open_space(pool: Pool, statistics: RobustStatistics, settings: RetrievalSettings) -> Space:
    """Return the space that the pool is searched in."""
    if space_of(pool, settings) == LEARNED:
        return LearnedSpace(pool, settings)
    return RobustZSpace(pool, statistics, settings)


def normalised(
    vectors: NDArray[np.float32],
    n_context: int,
    statistics: RobustStatistics,
    block_width_divisor: int,
) -> NDArray[np.float32]:
    """Return raw (q, d) vectors at the scale of the statistics, the context as one block.

    The vector consists of ``block_width_divisor`` blocks.
    """
    d = vectors.shape[1] - n_context
    z = robust_z(vectors, statistics)
    of_context = RobustStatistics(*(values[d:] for values in statistics))
    return joined(z[:, :d], z[:, d:], of_context, d // block_width_divisor)
