"""Pools: the part of a library known before the day of a query."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.base_rates import BaseRates
from spymaster_engine.statistics.retrieval.distance_bands import DistanceBands
from spymaster_engine.statistics.retrieval.library import Library
from spymaster_engine.statistics.retrieval.outcomes import came_to_level
from spymaster_engine.statistics.retrieval.phases import APPROACHING, REACHED


@dataclass(frozen=True)
class Pool:
    """Rows of a library before the day of a query.

    Attributes:
        library: the library of the direction.
        asof_dt: the day of the query.
        level_ids: only rows of these levels; None for all.
        phases: only rows of these phases.
    """

    library: Library
    asof_dt: dt.date
    level_ids: tuple[str, ...] | None
    phases: tuple[str, ...] = (APPROACHING,)

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """The rows, ascending."""
        return self.library.rows_before(self.asof_dt, self.level_ids, self.phases)

    def base_rates(self, horizon: str, bands: DistanceBands, least_episodes: int) -> BaseRates:
        """Return the base rates at a horizon, of each band of distance and of everything."""
        key = horizon, bands, least_episodes
        if key not in self._base_rates:
            labels = self.library.labels[horizon]
            self._base_rates[key] = BaseRates.of(
                labels.class_code[self.rows],
                labels.reached[self.rows],
                self.library.episode_code[self.rows],
                self.library.distance_ticks[self.rows],
                bands,
                least_episodes,
                firsts=self.phases != (APPROACHING,),
            )
        return self._base_rates[key]

    @cached_property
    def _base_rates(self) -> dict[tuple[str, DistanceBands, int], BaseRates]:
        return {}

    def n_episodes(self) -> int:
        """Return how many episodes the rows belong to."""
        episodes = self.library.episode_code[self.rows]
        return len(np.unique(episodes[episodes >= 0]))

    def n_arrived(self, horizon: str) -> int:
        """Return how many episodes have a row that came to the level, and so can be neighbors."""
        if horizon not in self._n_arrived:
            came = came_to_level(self.library.labels[horizon].class_code[self.rows])
            self._n_arrived[horizon] = len(np.unique(self.library.episode_code[self.rows[came]]))
        return self._n_arrived[horizon]

    @cached_property
    def _n_arrived(self) -> dict[str, int]:
        return {}

    def learned_from(self, least_episodes: int) -> Pool:
        """Return the pool that a learned space of these rows is fitted on.

        A phase at or past the level learns from all of them until it has so many episodes itself.
        """
        if self.phases == (APPROACHING,) or self.n_episodes() >= least_episodes:
            return self
        return replace(self, phases=REACHED)
