"""The floor of similarity: a moment below it is unlike all moments of its library."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN, choose_neighbors
from spymaster_engine.statistics.retrieval.outcomes import came_to_level
from spymaster_engine.statistics.retrieval.settings import RetrievalSettings
from spymaster_engine.statistics.retrieval.spaces import Queries, Space


def mean_similarity(
    similarity: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weighted mean along each row of (q, k); NaN without weight."""
    if not weights.shape[1]:
        return np.full(len(weights), np.nan)
    # sequential sum: padding does not change it
    total = np.cumsum(weights, axis=1)[:, -1]
    product = np.cumsum(weights * similarity, axis=1)[:, -1]
    return np.divide(product, total, out=np.full(len(total), np.nan), where=total > 0)


def similarity_floors(space: Space, settings: RetrievalSettings) -> dict[str, NDArray[np.float64]]:
    """Return the floor of similarity by horizon and part of a space, (n_parts,) each.

    Queries are evenly spaced decisions of the library, searched among its other days [leave one
    out]. The floor is a low quantile of their mean similarities.

    Args:
        space: as of the day of the query.
        settings: of the search, the quantile and its sample size.
    """
    pool = space.pool
    library = pool.library
    came = came_to_level(library.labels[settings.learned_horizon].class_code[pool.rows])
    rows = pool.rows[came]
    part = space.part_of(library.distance_ticks[rows])
    n_parts = int(part.max(initial=0)) + 1
    floors = {horizon: np.full(n_parts, np.nan) for horizon in settings.retrieval_horizons}
    for number in range(n_parts):
        chosen = _spread(rows[part == number], settings.similarity_floor_rows)
        if not len(chosen):
            continue
        for horizon, means in _left_out(space, chosen, settings).items():
            known = means[np.isfinite(means)]
            if len(known):
                floors[horizon][number] = np.quantile(
                    known, settings.similarity_floor_quantile, method="inverted_cdf"
                )
    return floors


def _left_out(
    space: Space, rows: NDArray[np.intp], settings: RetrievalSettings
) -> dict[str, NDArray[np.float64]]:
    """Return the mean similarity of rows to those of other days, by horizon."""
    library = space.pool.library
    # placed like a later query, by models that have not seen the outcome
    queries = Queries(library.vectors[rows], library.distance_ticks[rows], library.day[rows])
    found = space.find(queries, settings.retrieval_k_raw)
    is_same_day = library.day[found.rows] == library.day[rows][:, np.newaxis]
    weights = np.where(is_same_day, 0.0, found.weights)
    means = {}
    for horizon in settings.retrieval_horizons:
        counts = space.arrivals & came_to_level(library.labels[horizon].class_code)
        places = choose_neighbors(
            found.rows,
            weights,
            counts,
            library.episode_code,
            min(space.k_at(horizon), found.rows.shape[1]),
            settings.neighbors_per_episode,
        )
        is_chosen = places != NOT_CHOSEN
        at = np.where(is_chosen, places, 0)
        means[horizon] = mean_similarity(
            np.take_along_axis(found.similarity, at, axis=1),
            np.where(is_chosen, np.take_along_axis(weights, at, axis=1), 0.0),
        )
    return means


def _spread(rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Return at most so many rows, evenly spread."""
    if len(rows) <= most:
        return rows
    return rows[np.rint(np.linspace(0, len(rows) - 1, most)).astype(np.intp)]
