"""Where rows of a library and a question lie beside each other, as of a day.

Both spaces are made from days before the one that asks. ``robust_z`` compares all features at
the scale of that day's statistics; ``learned`` what a model makes of them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.retrieval.bands import (
    Distances,
    is_learnable,
    near_and_far,
    spread_over_episodes,
)
from spymaster_engine.retrieval.library import Library, days_since_epoch
from spymaster_engine.retrieval.neighbours import similarity_weights
from spymaster_engine.retrieval.normalise import (
    RobustStatistics,
    joined,
    robust_z,
    unit_rows,
)
from spymaster_engine.retrieval.outcomes import CLASSES, base_rates
from spymaster_engine.retrieval.search import Candidates, most_similar, nearest
from spymaster_engine.retrieval.settings import LEARNED, ROBUST_Z, Learning, RetrievalSettings
from spymaster_engine.retrieval.sight import columns_of_values

if TYPE_CHECKING:
    from spymaster_engine.retrieval.fits import Fit, Past

# fits that are kept: both directions pooled, and some levels with a library of their own
_KEPT_FITS = 16


@dataclass(frozen=True)
class Pool:
    """What a question may look at: rows of a library dated before a day.

    Attributes:
        library: the library of the direction.
        asof_dt: the day of the question.
        level_id: only rows of this level; None for all.
    """

    library: Library
    asof_dt: dt.date
    level_id: str | None

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """The rows, ascending."""
        return self.library.rows_before(self.asof_dt, self.level_id)

    @cached_property
    def _base_rates(self) -> dict[str, NDArray[np.float64]]:
        return {
            horizon: base_rates(labels.class_code[self.rows], self.library.episode_code[self.rows])
            for horizon, labels in self.library.labels.items()
        }

    def base_rates(self, horizon: str) -> NDArray[np.float64]:
        """Return the base rates at a horizon, (3,); NaN without any outcome."""
        return self._base_rates[horizon]

    def n_episodes(self) -> int:
        """Return how many episodes the rows belong to."""
        episodes = self.library.episode_code[self.rows]
        return len(np.unique(episodes[episodes >= 0]))

    def space(self, settings: RetrievalSettings) -> str:
        """Return the space the pool is searched in.

        A space is learned from whole periods of days, and only from enough of them.
        """
        space = settings.space_for(self.n_episodes())
        if space == LEARNED and fits_of(self, settings) is None:
            return ROBUST_Z
        return space


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

    def base_rates(self, questions: Questions, horizon: str) -> NDArray[np.float64]:
        """Return the base rates of the pool for each question, (q, 3)."""
        return np.tile(self.pool.base_rates(horizon), (len(questions), 1))


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
            for distances, fit in zip(_bands(settings.learning), fits, strict=True)
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

    def base_rates(self, questions: Questions, horizon: str) -> NDArray[np.float64]:
        """Return the base rates at the distance of each question, (q, 3)."""
        rates = np.empty((len(questions), len(CLASSES)))
        for band in self._bands:
            rates[band.distances.hold(questions.distance_ticks)] = band.base_rates(horizon)
        return rates


class _Band:
    """Rows of a pool at some distance from their level, in the space learned from them."""

    def __init__(
        self, pool: Pool, distances: Distances, fitted: BandFit, settings: RetrievalSettings
    ) -> None:
        rows = _spread_rows(pool, distances, settings.learning)
        later = rows[pool.library.day[rows] >= fit_day_of(pool, settings)]
        self.distances = distances
        self.fit = fitted.fit
        self.rows = np.concatenate([fitted.rows, later])
        self.places = np.concatenate([self.fit.places, self.fit.place(pool.library.vectors[later])])
        self._library = pool.library

    def base_rates(self, horizon: str) -> NDArray[np.float64]:
        library = self._library
        classes = library.labels[horizon].class_code[self.rows]
        return base_rates(classes, library.episode_code[self.rows])


Space = RobustZSpace | LearnedSpace


def open_space(pool: Pool, statistics: RobustStatistics, settings: RetrievalSettings) -> Space:
    """Return the space that the pool is searched in."""
    if pool.space(settings) == LEARNED:
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


def fit_day_of(pool: Pool, settings: RetrievalSettings) -> int:
    """Return the day, since 1970, before which the space in force was fitted.

    The space is fitted anew after every ``learned_refit_days`` days of the pool.
    """
    days = np.unique(pool.library.day[pool.rows])
    n_fitted = len(days) - len(days) % settings.learned_refit_days
    if n_fitted == len(days):
        return days_since_epoch(pool.asof_dt)
    return int(days[n_fitted])


@dataclass(frozen=True, eq=False)
class BandFit:
    """Rows of a library, and the space that was learned from them."""

    rows: NDArray[np.intp]
    fit: Fit


def fits_of(pool: Pool, settings: RetrievalSettings) -> tuple[BandFit, ...] | None:
    """Return the spaces in force near to the level and far from it.

    None when there are too few days or outcomes to learn either of them from.
    """
    return _fitted(pool.library, fit_day_of(pool, settings), pool.level_id, settings.learning)


@lru_cache(maxsize=_KEPT_FITS)
def _fitted(
    library: Library, fit_day: int, level_id: str | None, learning: Learning
) -> tuple[BandFit, ...] | None:
    """Fit the spaces; libraries are compared by identity."""
    # imported when a space is learned: it brings a library for statistics along
    from spymaster_engine.retrieval.fits import fit_space

    asof_dt = dt.date(1970, 1, 1) + dt.timedelta(days=fit_day)
    pool = Pool(library, asof_dt, level_id)
    classes = library.labels[learning.horizon].class_code
    of_bands = [_spread_rows(pool, distances, learning) for distances in _bands(learning)]
    if not all(is_learnable(classes[rows], library.day[rows]) for rows in of_bands):
        return None
    return tuple(
        BandFit(
            rows,
            fit_space(
                _past(library, rows, learning.horizon),
                columns_of_values(
                    library.vectors.shape[1],
                    library.n_context,
                    learning.sight,
                    len(np.unique(library.episode_code[rows])),
                ),
                library.n_context,
                library.fits,
                mirrored=_mirrored(pool, distances, learning),
            ),
        )
        for rows, distances in zip(of_bands, _bands(learning), strict=True)
    )


def _past(library: Library, rows: NDArray[np.intp], horizon: str) -> Past:
    from spymaster_engine.retrieval.fits import Past

    return Past(
        library.vectors[rows],
        library.labels[horizon].class_code[rows],
        library.day[rows],
        library.episode_code[rows],
    )


def _mirrored(pool: Pool, distances: Distances, learning: Learning) -> Past | None:
    """Return approaches of the other direction as a fit of a pool may see them.

    A level that answers for itself is learned from its own approaches alone.
    """
    reflection = pool.library.reflection
    if reflection is None or not learning.mirrored or pool.level_id is not None:
        return None
    other = reflection.library(pool.library.n_context)
    rows = _spread_rows(Pool(other, pool.asof_dt, None), distances, learning)
    past = _past(other, rows, learning.horizon)
    return past._replace(vectors=reflection.mirror.image(past.vectors))


def _bands(learning: Learning) -> tuple[Distances, ...]:
    return near_and_far(learning.max_distance_ticks)


def _spread_rows(pool: Pool, distances: Distances, learning: Learning) -> NDArray[np.intp]:
    """Return of each episode a few labelled rows at some distance, ascending."""
    library, rows = pool.library, pool.rows
    classes = library.labels[learning.horizon].class_code[rows]
    is_labelled = (classes >= 0) & (classes < len(CLASSES))
    rows = rows[is_labelled & distances.hold(library.distance_ticks[rows])]
    return rows[spread_over_episodes(library.episode_code[rows], learning.windows_per_episode)]
