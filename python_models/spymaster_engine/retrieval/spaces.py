"""Where rows of a library and a question lie beside each other, as of a day.

Both spaces are made from days before the one that asks. ``robust_z`` compares all features at
the scale of that day's statistics; ``learned`` what a model makes of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
from spymaster_engine.retrieval.settings import LEARNED, ROBUST_Z, RetrievalSettings

if TYPE_CHECKING:
    from spymaster_engine.retrieval.fits import Fit

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

    def base_rates(self, horizons: Iterable[str]) -> dict[str, NDArray[np.float64]]:
        """Return the base rates by horizon, (3,) each; NaN without any outcome."""
        return {horizon: self._base_rates[horizon] for horizon in horizons}

    def n_episodes(self) -> int:
        """Return how many episodes the rows belong to."""
        episodes = self.library.episode_code[self.rows]
        return len(np.unique(episodes[episodes >= 0]))

    def space(self, settings: RetrievalSettings) -> str:
        """Return the space the pool is searched in.

        A space is learned from whole periods of days, and from more than one outcome.
        """
        space = settings.space_for(self.n_episodes())
        if space == LEARNED:
            fitted = self.library.day[self.rows] < fit_day_of(self, settings)
            classes = self.library.labels[settings.learned_horizon].class_code[self.rows[fitted]]
            if len(np.unique(classes[(classes >= 0) & (classes < len(CLASSES))])) < 2:
                return ROBUST_Z
        return space


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
        self._statistics = statistics
        self._n_context = pool.library.n_context
        self._settings = settings
        rows = pool.rows
        unit, is_zero = self.place(pool.library.vectors[rows])
        # without direction there is nothing to compare
        self._rows, self._unit = rows[~is_zero], unit[~is_zero]

    def place(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return rows of length 1 of raw (q, d) vectors, and which of them are zero."""
        divisor = self._settings.block_width_divisor
        return unit_rows(normalised(vectors, self._n_context, self._statistics, divisor))

    def find(self, queries: NDArray[np.float32], k_raw: int) -> Found:
        """Return the most similar rows of (q, d) raw vectors; none for a zero vector."""
        unit, is_zero = self.place(queries)
        found = most_similar(self._unit, unit, k_raw)
        weights = similarity_weights(found.similarity, self._settings.weight_power)
        weights[is_zero] = 0.0
        return Found(self._rows[found.rows], found.similarity, weights)


class LearnedSpace:
    """Log-odds of the outcomes by a model of earlier days; neighbours count alike.

    Args:
        pool: what may be looked at.
        settings: when and from what the model is fitted.

    Raises:
        ValueError: The rows do not allow a fit.
    """

    def __init__(self, pool: Pool, settings: RetrievalSettings) -> None:
        library, rows = pool.library, _spread_rows(pool, settings)
        fit_day = fit_day_of(pool, settings)
        fitted_rows, self._fit = _fitted(library, fit_day, pool.level_id, settings)
        later = rows[library.day[rows] >= fit_day]
        self._rows = np.concatenate([fitted_rows, later])
        self._places = np.concatenate([self._fit.places, self.place(library.vectors[later])])

    def place(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return where raw (q, d) vectors lie."""
        return self._fit.place(vectors)

    def find(self, queries: NDArray[np.float32], k_raw: int) -> Found:
        """Return the nearest rows of (q, d) raw vectors."""
        found: Candidates = nearest(self._places, self.place(queries), k_raw)
        return Found(
            self._rows[found.rows], found.similarity, np.ones(found.similarity.shape, np.float64)
        )


def open_space(
    pool: Pool, statistics: RobustStatistics, settings: RetrievalSettings
) -> RobustZSpace | LearnedSpace:
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


@lru_cache(maxsize=_KEPT_FITS)
def _fitted(
    library: Library, fit_day: int, level_id: str | None, settings: RetrievalSettings
) -> tuple[NDArray[np.intp], Fit]:
    """Return the rows of a fit and the fit; libraries are compared by identity."""
    # imported when a space is learned: it brings a library for statistics along
    from spymaster_engine.retrieval.fits import fit_space

    asof_dt = dt.date(1970, 1, 1) + dt.timedelta(days=fit_day)
    rows = _spread_rows(Pool(library, asof_dt, level_id), settings)
    fit = fit_space(
        library.vectors[rows],
        library.n_context,
        settings.block_width_divisor,
        library.labels[settings.learned_horizon].class_code[rows],
        library.day[rows],
        library.episode_code[rows],
        library.fits,
    )
    return rows, fit


def _spread_rows(pool: Pool, settings: RetrievalSettings) -> NDArray[np.intp]:
    """Return of each episode a few labelled rows, evenly spread over its course, ascending."""
    classes = pool.library.labels[settings.learned_horizon].class_code
    rows = pool.rows
    rows = rows[(classes[rows] >= 0) & (classes[rows] < len(CLASSES))]
    episodes = pool.library.episode_code[rows]
    order = np.argsort(episodes, kind="stable")
    chosen = []
    for course in np.split(order, np.flatnonzero(np.diff(episodes[order])) + 1):
        most = min(settings.learned_windows_per_episode, len(course))
        places = np.linspace(0, len(course) - 1, most).round().astype(np.intp)
        chosen.append(rows[course[places]])
    return np.sort(np.concatenate(chosen)) if chosen else rows
