"""A day that is judged: the rows to judge, and what it may use of earlier days."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.blocks import Block
from spymaster_engine.statistics.evaluation.samples import Samples
from spymaster_engine.statistics.retrieval.base_rates import BaseRates
from spymaster_engine.statistics.retrieval.near_and_far import Distances
from spymaster_engine.statistics.retrieval.settings import LEARNED

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass
class Day:
    """One test day: the rows to judge, and the rows it may use.

    Attributes:
        block: the models of its block.
        known: rows of the library as of the day that came to the level, labelled and purged.
        followed: rows of the library known to have come to the level, or not.
        query_rows: rows to judge.
        found: their neighbors in the learned spaces, as far as models asked for them.
    """

    block: Block
    known: Rows
    followed: Rows
    query_rows: Rows
    found: dict[Distances, Any] = field(default_factory=dict)

    @cached_property
    def library(self) -> Samples:
        """Windows that the day may use, without inputs."""
        return self.block.samples.without_inputs().take(self.known)

    @cached_property
    def rival_library(self) -> Samples:
        """Windows of the library like those that are judged, without inputs."""
        return self.block.samples.without_inputs().take(self.block.alike(self.known))

    @cached_property
    def queries(self) -> Samples:
        """Windows to judge, without inputs."""
        return self.block.samples.without_inputs().take(self.query_rows)

    @cached_property
    def base_rates(self) -> BaseRates:
        """Base rates by distance."""
        samples = self.block.samples
        rows = np.union1d(self.known, self.followed)
        return BaseRates.of(
            samples.outcome[rows],
            samples.reached[rows],
            np.unique(samples.episode[rows], return_inverse=True)[1],
            samples.x0_ticks[rows],
            self.block.settings.bands,
            firsts=self.block.protocol.unit_bands is not None,
        )

    def usual(self, rows: Rows) -> Floats:
        """Return the base rates at the distance of rows, (n, 4)."""
        bands = self.block.settings.bands
        return self.base_rates.at(bands.codes(self.block.samples.x0_ticks[rows]))

    @cached_property
    def neighbors(self) -> int:
        """Number of neighbors in the learned space."""
        n_episodes = len(np.unique(self.library.episode))
        return self.block.settings.k_for(LEARNED, n_episodes)

    @cached_property
    def products(self) -> NDArray[np.float32]:
        """Rough similarity of the rows to judge to every row, (q, n)."""
        return self.block.unit[self.query_rows] @ self.block.unit.T

    @cached_property
    def unfitted(self) -> Rows:
        """Rows of the library after the last fit of the models."""
        return self.known[self.block.samples.day[self.known] > self.block.fitted_until]
