"""Answers of a day: for each query and horizon the neighbors and what followed them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.chosen_neighbors import Neighbors
from spymaster_engine.statistics.retrieval.library import Library
from spymaster_engine.statistics.retrieval.neighbors_by_horizon import Opened, neighbors_of
from spymaster_engine.statistics.retrieval.normalise import RobustStatistics
from spymaster_engine.statistics.retrieval.pools import Pool
from spymaster_engine.statistics.retrieval.settings import RetrievalSettings
from spymaster_engine.statistics.retrieval.spaces import Queries
from spymaster_engine.statistics.retrieval.summaries import Columns, summarise


def answers(
    pool: Pool,
    queries: Queries,
    statistics: RobustStatistics,
    settings: RetrievalSettings,
    opened: Opened | None = None,
) -> Columns:
    """Return what followed the neighbors of queries, by horizon; arguments of ``neighbors_of``.

    Returns:
        (q * horizons,) arrays by the names of ``summarise``, with ``query`` and ``horizon``, their
        positions among the queries and the settings' horizons.
    """
    parts: list[Columns] = []
    for part, by_horizon in neighbors_of(pool, queries, statistics, settings, opened=opened):
        distances = queries.distance_ticks[part]
        columns = answers_in(pool.library, distances, by_horizon, settings)
        columns["query"] += part.start
        parts.append(columns)
    return {name: np.concatenate([columns[name] for columns in parts]) for name in parts[0]}


def answers_in(
    library: Library,
    distance_ticks: NDArray[np.integer],
    by_horizon: dict[str, Neighbors],
    settings: RetrievalSettings,
) -> Columns:
    """Return what followed chosen neighbors, as ``answers`` does.

    Args:
        library: of the neighbors.
        distance_ticks: (q,), of the queries.
        by_horizon: their neighbors.
        settings: minimum support, and which results have bounds.
    """
    parts: list[Columns] = []
    for place, (horizon, chosen) in enumerate(by_horizon.items()):
        columns = summarise(library, horizon, distance_ticks, chosen, settings)
        columns["query"] = np.arange(len(distance_ticks))
        columns["horizon"] = np.full(len(distance_ticks), place)
        parts.append(columns)
    return {name: np.concatenate([columns[name] for columns in parts]) for name in parts[0]}
