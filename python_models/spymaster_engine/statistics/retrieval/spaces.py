"""Spaces that compare rows of a library with queries, as of a day.

Both spaces use days before the query. ``robust_z`` compares all features, scaled by the statistics
of the day; ``learned`` compares a model's log-odds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.library import LibraryLabels
from spymaster_engine.statistics.retrieval.near_and_far import Distances
from spymaster_engine.statistics.retrieval.near_and_far_fits import (
    BandFit,
    bands_of,
    fit_day_of,
    fits_of,
    spread_rows,
)
from spymaster_engine.statistics.retrieval.neighbor_choice import similarity_weights
from spymaster_engine.statistics.retrieval.normalise import (
    RobustStatistics,
    joined,
    robust_z,
    unit_rows,
)
from spymaster_engine.statistics.retrieval.outcomes import CLASSES, came_to_level
from spymaster_engine.statistics.retrieval.pools import Pool
from spymaster_engine.statistics.retrieval.search import Candidates, most_similar, nearest
from spymaster_engine.statistics.retrieval.settings import LEARNED, ROBUST_Z, RetrievalSettings


@dataclass(frozen=True)
class Queries:
    """Queries of a space.

    Attributes:
        vectors: (q, d) float32, raw vectors with their context.
        distance_ticks: (q,) from the level, of either sign.
        day: (q,) days since 1970 whose outcomes must not place them; None after all of the pool.
    """

    vectors: NDArray[np.float32]
    distance_ticks: NDArray[np.integer]
    day: NDArray[np.integer] | None = None

    def __len__(self) -> int:
        """Return the number of queries."""
        return len(self.vectors)

    def take(self, rows: slice | NDArray) -> Queries:
        """Return the chosen queries."""
        day = None if self.day is None else self.day[rows]
        return Queries(self.vectors[rows], self.distance_ticks[rows], day)


@dataclass(frozen=True)
class Found:
    """Candidates of each query in the library's own rows, and their weights, (q, c) each."""

    rows: NDArray[np.int64]
    similarity: NDArray[np.float64]
    weights: NDArray[np.float64]


class RobustZSpace:
    """All features, each at its scale; similarity is the cosine.

    Attributes:
        pool: rows to search.
        arrivals: (n,) bool, rows of the library that count for the odds at the level.
        n_parts: parts of the space.

    Args:
        pool: rows to search.
        statistics: of the pool's columns, context included.
        settings: weights of neighbors.
    """

    def __init__(
        self, pool: Pool, statistics: RobustStatistics, settings: RetrievalSettings
    ) -> None:
        self.pool, self.n_parts = pool, 1
        # every row is compared with every query
        self.arrivals = np.ones(len(pool.library.day), np.bool_)
        self._statistics = statistics
        self._settings = settings
        rows = pool.rows
        unit, is_zero = self.place(pool.library.vectors[rows])
        # without direction there is nothing to compare
        self._rows, self._unit = rows[~is_zero], unit[~is_zero]

    def k_at(self, horizon: str) -> int:
        """Return the most neighbors of a query at a horizon."""
        return self._settings.k_for(ROBUST_Z, self.pool.n_arrived(horizon))

    def approaches_at(self, horizon: str) -> NDArray[np.bool_]:
        """Return (n,), rows that count for whether price comes to the level within a horizon."""
        return is_path_known(self.pool.library.labels[horizon])

    def place(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return rows of length 1 of raw (q, d) vectors, and which of them are zero."""
        n_blocks = len(self._settings.blocks)
        n_context = self.pool.library.n_context
        return unit_rows(normalised(vectors, n_context, self._statistics, n_blocks))

    def find(self, queries: Queries, k_raw: int) -> Found:
        """Return the most similar rows of each query; none for a zero vector."""
        unit, is_zero = self.place(queries.vectors)
        found = most_similar(self._unit, unit, k_raw)
        weights = similarity_weights(found.similarity, self._settings.similarity_power)
        weights[is_zero] = 0.0
        return Found(self._rows[found.rows], found.similarity, weights)

    def part_of(self, distance_ticks: NDArray[np.number]) -> NDArray[np.int64]:
        """Return the part of the space of each distance: the only part."""
        return np.zeros(len(distance_ticks), np.int64)


class LearnedSpace:
    """Log-odds of the outcomes by models of earlier days; neighbors count alike.

    Queries near their level are compared with near rows, far queries with far rows.
    Attributes are those of ``RobustZSpace``.

    Args:
        pool: rows to search.
        settings: of the fits.

    Raises:
        ValueError: The rows do not allow a fit.
    """

    def __init__(self, pool: Pool, settings: RetrievalSettings) -> None:
        fits = fits_of(pool, settings)
        if fits is None:
            raise ValueError("too few days or outcomes to learn from")
        self.pool = pool
        self._settings = settings
        self._bands = [
            _Band(pool, distances, fit, settings)
            for distances, fit in zip(bands_of(settings.learning), fits, strict=True)
        ]
        self.n_parts = len(self._bands)
        self.arrivals = np.zeros(len(pool.library.day), np.bool_)
        for band in self._bands:
            self.arrivals[band.arrivals] = True

    def k_at(self, horizon: str) -> int:
        """Return the most neighbors of a query at a horizon."""
        return self._settings.k_for(LEARNED, self.pool.n_arrived(horizon))

    def approaches_at(self, horizon: str) -> NDArray[np.bool_]:
        """Return (n,), rows that count for whether price comes to the level within a horizon."""
        counts = np.zeros(len(self.pool.library.day), np.bool_)
        for band in self._bands:
            counts[band.approaches[horizon]] = True
        return counts

    def find(self, queries: Queries, k_raw: int) -> Found:
        """Return the nearest rows of each query."""
        width = min(k_raw, max(len(band.rows) for band in self._bands))
        shape = len(queries), width
        found = Found(np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape))
        for band in self._bands:
            query_rows = np.flatnonzero(band.distances.hold(queries.distance_ticks))
            if not len(query_rows):
                continue
            places = band.place(queries.take(query_rows))
            candidates: Candidates = nearest(band.places, places, k_raw)
            n_found = candidates.rows.shape[1]
            found.rows[query_rows, :n_found] = band.rows[candidates.rows]
            found.similarity[query_rows, :n_found] = candidates.similarity
            found.weights[query_rows, :n_found] = 1.0
        return found

    def part_of(self, distance_ticks: NDArray[np.number]) -> NDArray[np.int64]:
        """Return the part of the space that each distance belongs to: near or far."""
        parts = np.zeros(len(distance_ticks), np.int64)
        for number, band in enumerate(self._bands):
            parts[band.distances.hold(distance_ticks)] = number
        return parts


class _Band:
    """Rows of a pool within some distances from their level, in their learned space.

    Rows that never came to the level do not train a model but have a place, by the model of their
    day. A few rows of each episode whose path is known at a horizon, come or not, count for whether
    price comes to the level within it, so that their shares are those of episodes.

    Attributes:
        distances: of the rows.
        rows: ascending.
        places: (n, 3) float32, of the rows.
        arrivals: rows that count for the odds at the level.
        approaches: by horizon, rows that count for whether price comes to it.
    """

    def __init__(
        self, pool: Pool, distances: Distances, fitted: BandFit, settings: RetrievalSettings
    ) -> None:
        library, learning = pool.library, settings.learning
        self.distances = distances
        self._fit = fitted.fit
        self._fit_day = fit_day_of(pool, settings)
        came = spread_rows(pool, distances, learning)
        learned, asked = learning.learned_horizon, settings.retrieval_horizons
        self.approaches = {
            horizon: spread_rows(pool, distances, learning, is_path_known, horizon)
            for horizon in {learned, *asked}
        }
        codes = library.labels[learned].class_code
        # rows that come to the level only at longer horizons
        stayed_away = self.approaches[learned][~came_to_level(codes[self.approaches[learned]])]
        self.arrivals = np.concatenate([came, stayed_away])
        self.rows = np.unique(np.concatenate([self.arrivals, *self.approaches.values()]))
        own = Queries(library.vectors, library.distance_ticks, library.day)
        self.places = self.place(own.take(self.rows))

    def place(self, queries: Queries) -> NDArray[np.float32]:
        """Return places of queries, (q, 3), by models that have not seen their day."""
        day = queries.day
        if day is None:
            return self._fit.place(queries.vectors)
        places = np.empty((len(queries), len(CLASSES)), np.float32)
        is_later = day >= self._fit_day
        later, fitted = queries.take(is_later), queries.take(~is_later)
        places[is_later] = self._fit.place(later.vectors)
        places[~is_later] = self._fit.place_left_out(fitted.vectors, day[~is_later])
        return places


Space = RobustZSpace | LearnedSpace


def is_path_known(labels: LibraryLabels) -> NDArray[np.bool_]:
    """Return (n,), where it is known whether price came to the level within the horizon."""
    return ~np.isnan(labels.reached)


def space_of(pool: Pool, settings: RetrievalSettings) -> str:
    """Return the name of the space that a pool is searched in.

    A space is learned from whole periods of days, and only from enough of them.
    """
    learned = pool.learned_from(settings.learned_min_episodes)
    space = settings.space_for(learned.n_episodes())
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
    n_blocks: int,
) -> NDArray[np.float32]:
    """Return raw (q, d) vectors at the scale of the statistics, the context as one block.

    The vector consists of ``n_blocks`` blocks.
    """
    d = vectors.shape[1] - n_context
    z = robust_z(vectors, statistics)
    of_context = RobustStatistics(*(values[d:] for values in statistics))
    return joined(z[:, :d], z[:, d:], of_context, d // n_blocks)
