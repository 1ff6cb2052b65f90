"""The neighbors of queries at each horizon, chosen in the space that is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.base_rates import REACHED
from spymaster_engine.statistics.retrieval.chosen_neighbors import Chosen, Neighbors
from spymaster_engine.statistics.retrieval.distance_bands import NO_BAND
from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN, choose_neighbors
from spymaster_engine.statistics.retrieval.normalise import RobustStatistics
from spymaster_engine.statistics.retrieval.outcomes import came_to_level
from spymaster_engine.statistics.retrieval.pools import Pool
from spymaster_engine.statistics.retrieval.settings import RetrievalSettings
from spymaster_engine.statistics.retrieval.similarity_floor import similarity_floors
from spymaster_engine.statistics.retrieval.spaces import Found, Queries, Space, open_space

# searched for at a time, to bound memory
_QUERIES_AT_A_TIME = 256


class Opened(NamedTuple):
    """A pool that is ready to be searched: the same for all queries of a day.

    Attributes:
        space: that it is searched in.
        floors: of ``similarity_floors``.
    """

    space: Space
    floors: Mapping[str, NDArray[np.float64]]

    @classmethod
    def of(
        cls,
        pool: Pool,
        statistics: RobustStatistics,
        settings: RetrievalSettings,
        floor: float | None = None,
    ) -> Opened | None:
        """Open a pool; None without rows. Arguments are those of ``neighbors_of``."""
        if not len(pool.rows):
            return None
        space = open_space(pool, statistics, settings)
        if floor is None:
            return cls(space, similarity_floors(space, settings))
        fixed = np.full(space.n_parts, floor)
        return cls(space, dict.fromkeys(settings.retrieval_horizons, fixed))


def neighbors_of(
    pool: Pool,
    queries: Queries,
    statistics: RobustStatistics,
    settings: RetrievalSettings,
    floor: float | None = None,
    opened: Opened | None = None,
) -> Iterator[tuple[slice, dict[str, Neighbors]]]:
    """Yield, for batches of queries, their neighbors by horizon.

    Args:
        pool: rows to search.
        queries: decisions to find neighbors for.
        statistics: of the pool, for the ``robust_z`` space.
        settings: of the search.
        floor: of similarity, for all queries and horizons; None: searched for.
        opened: the pool as an earlier call of these arguments opened it; None: opened here.
    """
    opened = opened or Opened.of(pool, statistics, settings, floor)
    if opened is None:
        yield slice(0, len(queries)), _unanswered(queries, settings)
        return
    space, floors = opened
    for start in range(0, len(queries), _QUERIES_AT_A_TIME):
        part = slice(start, min(start + _QUERIES_AT_A_TIME, len(queries)))
        yield part, neighbors_in(space, queries.take(part), settings, floors)


def neighbors_in(
    space: Space,
    queries: Queries,
    settings: RetrievalSettings,
    floors: Mapping[str, NDArray[np.float64]],
) -> dict[str, Neighbors]:
    """Return the neighbors of queries by horizon, in a space that is open.

    Args:
        space: as of the day of the queries.
        queries: decisions to find neighbors for.
        settings: how many neighbors.
        floors: of ``similarity_floors``.
    """
    found = space.find(queries, settings.retrieval_k_raw)
    part = space.part_of(queries.distance_ticks)
    band = settings.bands.codes(queries.distance_ticks)
    library = space.pool.library
    library_band = settings.bands.codes(library.distance_ticks)
    neighbors = {}
    for horizon in settings.retrieval_horizons:
        labels = library.labels[horizon]
        rates = space.pool.base_rates(horizon, settings.bands, settings.min_band_episodes)
        neighbors[horizon] = Neighbors(
            _chosen(
                space, found, horizon, space.arrivals & came_to_level(labels.class_code), settings
            ),
            _chosen_by_band(
                space,
                found,
                horizon,
                space.approaches_at(horizon),
                library_band,
                band,
                settings,
            ),
            rates.at(band),
            rates.of_all,
            band,
            floors[horizon][part],
        )
    return neighbors


def _chosen(
    space: Space,
    found: Found,
    horizon: str,
    counts: NDArray[np.bool_],
    settings: RetrievalSettings,
) -> Chosen:
    """Choose neighbors among candidates, (q, c), from library rows that count, (n,)."""
    places = choose_neighbors(
        found.rows,
        found.weights,
        counts,
        space.pool.library.episode_code,
        min(space.k_at(horizon), found.rows.shape[1]),
        settings.neighbors_per_episode,
    )
    is_chosen = places != NOT_CHOSEN
    at = np.where(is_chosen, places, 0)
    return Chosen(
        np.where(is_chosen, np.take_along_axis(found.rows, at, axis=1), NOT_CHOSEN),
        np.where(is_chosen, np.take_along_axis(found.similarity, at, axis=1), 0.0),
        np.where(is_chosen, np.take_along_axis(found.weights, at, axis=1), 0.0),
    )


def _chosen_by_band(
    space: Space,
    found: Found,
    horizon: str,
    counts: NDArray[np.bool_],
    library_band: NDArray[np.int64],
    band: NDArray[np.int64],
    settings: RetrievalSettings,
) -> Chosen:
    """Choose as ``_chosen`` does, among rows of each query's own band of distance."""
    shape = len(found.rows), min(space.k_at(horizon), found.rows.shape[1])
    chosen = Chosen(np.full(shape, NOT_CHOSEN, np.int64), np.zeros(shape), np.zeros(shape))
    for code in np.unique(band[band != NO_BAND]):
        mine = np.flatnonzero(band == code)
        part = Found(found.rows[mine], found.similarity[mine], found.weights[mine])
        of_band = _chosen(space, part, horizon, counts & (library_band == code), settings)
        chosen.rows[mine] = of_band.rows
        chosen.similarity[mine] = of_band.similarity
        chosen.weights[mine] = of_band.weights
    return chosen


def _unanswered(queries: Queries, settings: RetrievalSettings) -> dict[str, Neighbors]:
    n = len(queries)
    nobody = Chosen(*(np.empty((n, 0), kind) for kind in (np.int64, float, float)))
    unknown = Neighbors(
        nobody,
        nobody,
        np.full((n, REACHED + 1), np.nan),
        np.full(REACHED + 1, np.nan),
        settings.bands.codes(queries.distance_ticks),
        np.full(n, np.nan),
    )
    return dict.fromkeys(settings.retrieval_horizons, unknown)
