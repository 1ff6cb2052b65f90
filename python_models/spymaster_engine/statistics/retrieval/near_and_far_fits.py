"""The fits in force as of a day: near to the level and far from it, from a pool and its mirror."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.library import Library, LibraryLabels, days_since_epoch
from spymaster_engine.statistics.retrieval.near_and_far import (
    Distances,
    is_learnable,
    near_and_far,
    spread_over_episodes,
)
from spymaster_engine.statistics.retrieval.outcomes import came_to_level
from spymaster_engine.statistics.retrieval.pools import Pool
from spymaster_engine.statistics.retrieval.settings import LearningSettings, RetrievalSettings
from spymaster_engine.statistics.retrieval.visible_blocks import columns_of_values

if TYPE_CHECKING:
    from spymaster_engine.statistics.retrieval.fits import Fit, Past

# fits that are kept: both directions pooled, by phase, and some levels with a library of their own
_KEPT_FITS = 32


def fit_day_of(pool: Pool, settings: RetrievalSettings) -> int:
    """Return the day, since 1970, before which the space in force was fitted.

    The space is refitted after every ``learned_refit_days`` days of the pool.
    """
    days = np.unique(pool.library.day[pool.rows])
    n_fitted = len(days) - len(days) % settings.learned_refit_days
    if n_fitted == len(days):
        return days_since_epoch(pool.asof_dt)
    return int(days[n_fitted])


@dataclass(frozen=True, eq=False)
class BandFit:
    """A learned space and the rows of the library that it was learned from."""

    rows: NDArray[np.intp]
    fit: Fit


def fits_of(pool: Pool, settings: RetrievalSettings) -> tuple[BandFit, ...] | None:
    """Return the spaces in force near to the level and far from it.

    None when there are too few days or outcomes to fit either.
    """
    learned = pool.learned_from(settings.learned_min_episodes)
    return _fitted(
        pool.library, fit_day_of(pool, settings), pool.level_ids, learned.phases, settings.learning
    )


@lru_cache(maxsize=_KEPT_FITS)
def _fitted(
    library: Library,
    fit_day: int,
    level_ids: tuple[str, ...] | None,
    phases: tuple[str, ...],
    learning: LearningSettings,
) -> tuple[BandFit, ...] | None:
    """Fit the spaces; libraries are compared by identity."""
    # imported late, because it loads a library for statistics
    from spymaster_engine.statistics.retrieval.fits import fit_space

    asof_dt = dt.date(1970, 1, 1) + dt.timedelta(days=fit_day)
    pool = Pool(library, asof_dt, level_ids, phases)
    classes = library.labels[learning.learned_horizon].class_code
    of_bands = [spread_rows(pool, distances, learning) for distances in bands_of(learning)]
    if not all(is_learnable(classes[rows], library.day[rows]) for rows in of_bands):
        return None
    return tuple(
        BandFit(
            rows,
            fit_space(
                _past(library, rows, learning.learned_horizon),
                columns_of_values(
                    library.vectors.shape[1],
                    library.n_context,
                    learning.visible_blocks,
                    len(np.unique(library.episode_code[rows])),
                ),
                library.n_context,
                library.fits,
                mirrored=_mirrored(pool, distances, learning),
            ),
        )
        for rows, distances in zip(of_bands, bands_of(learning), strict=True)
    )


def _past(library: Library, rows: NDArray[np.intp], horizon: str) -> Past:
    from spymaster_engine.statistics.retrieval.fits import Past

    return Past(
        library.vectors[rows],
        library.labels[horizon].class_code[rows],
        library.day[rows],
        library.episode_code[rows],
    )


def _mirrored(pool: Pool, distances: Distances, learning: LearningSettings) -> Past | None:
    """Return approaches of the other direction as a fit of a pool may see them.

    Levels with a pool of their own are learned from their own approaches alone.
    """
    reflection = pool.library.reflection
    if reflection is None or not learning.learned_mirrored or pool.level_ids is not None:
        return None
    other = reflection.library(pool.library.n_context)
    rows = spread_rows(Pool(other, pool.asof_dt, None, pool.phases), distances, learning)
    past = _past(other, rows, learning.learned_horizon)
    return past._replace(vectors=reflection.mirror.image(past.vectors))


def bands_of(learning: LearningSettings) -> tuple[Distances, ...]:
    """Return the distances that have a space each: near to the level and far from it."""
    return near_and_far(learning.learned_max_distance_ticks)


def spread_rows(
    pool: Pool,
    distances: Distances,
    learning: LearningSettings,
    is_of_use: Callable[[LibraryLabels], NDArray[np.bool_]] = lambda labels: came_to_level(
        labels.class_code
    ),
    horizon: str | None = None,
) -> NDArray[np.intp]:
    """Return a few labelled rows per episode within some distances, ascending.

    Args:
        pool: of the rows.
        distances: from the level.
        learning: rows per episode.
        is_of_use: selects rows by their labels.
        horizon: of the labels; by default the one that spaces are learned from.
    """
    library, rows = pool.library, pool.rows
    of_use = is_of_use(library.labels[horizon or learning.learned_horizon])[rows]
    rows = rows[of_use & distances.hold(library.distance_ticks[rows])]
    return rows[
        spread_over_episodes(library.episode_code[rows], learning.learned_windows_per_episode)
    ]
