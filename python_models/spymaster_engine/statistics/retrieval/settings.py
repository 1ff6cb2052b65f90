"""Settings of retrieval: the project's vars by name, passed as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from spymaster_engine.statistics.retrieval.distance_bands import DistanceBands
from spymaster_engine.statistics.retrieval.phases import APPROACHING
from spymaster_engine.statistics.retrieval.visible_blocks import (
    MARKET_BLOCKS,
    MARKET_VISIBLE,
    VisibleBlocks,
    block_names,
)

ROBUST_Z, LEARNED, AUTO = "robust_z", "learned", "auto"
# families of features: of the book around a level, of the market without any level, or of the book
# around spot, for moments without a level
LEVEL, MARKET, SPOT = "level", "market", "spot"
# barriers lie around spot itself, so that every moment has the distance 0
_BANDS_OF_SPOT = DistanceBands(("0",), (0.0,), (0.0,))


class LearningSettings(NamedTuple):
    """Settings of a learned space; attributes as in ``RetrievalSettings``."""

    learned_horizon: str
    learned_max_distance_ticks: float
    learned_windows_per_episode: int
    visible_blocks: VisibleBlocks
    learned_mirrored: bool


@dataclass(frozen=True)
class RetrievalSettings:
    """Numbers of a retrieval, each named as the var of ``dbt_project.yml`` that holds it.

    Attributes:
        retrieval_family: family of the compared features: level, market, spot, or auto: each
            product's own. ``of_family`` says which one a library holds; auto stands for level.
        retrieval_horizons: names of the horizons with answers.
        retrieval_space: robust_z, learned, or auto: learned as soon as the library is large enough.
        learned_min_episodes: least episodes for ``auto`` to use the learned space.
        learned_horizon: horizon of the training outcomes.
        learned_refit_days: days of the library between two fits.
        learned_max_distance_ticks: largest distance of the near space.
        learned_windows_per_episode: most windows of an episode in a learned space.
        learned_blocks: names of the vector's blocks whose values a space of few episodes reads.
        learned_every_block_episodes: least episodes for reading every block.
        learned_mirrored: whether a space of all levels also trains on mirrored approaches of the
            other direction.
        learned_episodes_per_neighbor: in the learned space, the number of neighbors is the number
            of episodes that came to the level over this, within [learned_min_k, retrieval_k].
        learned_min_k: least number of neighbors in the learned space.
        retrieval_k_raw: nearest rows to choose from.
        retrieval_k: most neighbors.
        neighbors_per_episode: most neighbors of one episode.
        similarity_power: power of the similarity that is a neighbor's weight.
        base_rate_weight: weight of the base rate, in episodes.
        min_neighbors: least neighbors for an answer, and least from the query's band of distance
            for its result.
        min_neighbor_days: least distinct days among them.
        min_neighbor_episodes: least distinct episodes among them.
        min_band_episodes: least episodes of the library behind the base rates of a band.
        vector_block_windows: lengths in windows of the blocks of means and changes.
        distance_bands: names of the distances that have base rates of their own, in ticks from
            and to; a ``to`` of None has no end.
        phase_distance_bands: the same of each phase at or past the level.
        similarity_floor_quantile: share of the library's decisions below the floor of similarity.
        similarity_floor_rows: most decisions of the library behind the floor, near the level and
            far from it.
        signal_horizon: horizon whose results have bounds.
        signal_max_ticks: largest distance of results with bounds.
        signal_resamples: draws of episodes behind a bound.
        evaluation_seed: of all draws.
    """

    retrieval_family: str
    retrieval_horizons: tuple[str, ...]
    retrieval_space: str
    learned_min_episodes: int
    learned_horizon: str
    learned_refit_days: int
    learned_max_distance_ticks: float
    learned_windows_per_episode: int
    learned_blocks: tuple[str, ...]
    learned_every_block_episodes: int
    learned_mirrored: bool
    learned_episodes_per_neighbor: int
    learned_min_k: int
    retrieval_k_raw: int
    retrieval_k: int
    neighbors_per_episode: int
    similarity_power: float
    base_rate_weight: float
    min_neighbors: int
    min_neighbor_days: int
    min_neighbor_episodes: int
    min_band_episodes: int
    vector_block_windows: tuple[int, ...]
    distance_bands: tuple[tuple[str, float, float | None], ...]
    phase_distance_bands: tuple[tuple[str, tuple[tuple[str, float, float | None], ...]], ...]
    similarity_floor_quantile: float
    similarity_floor_rows: int
    signal_horizon: str
    signal_max_ticks: float
    signal_resamples: int
    evaluation_seed: int

    def __post_init__(self) -> None:
        """Refuse a family, a space or a block that does not exist."""
        families = (LEVEL, MARKET, SPOT, AUTO)
        if self.retrieval_family not in families:
            raise ValueError(
                f"retrieval_family is one of {', '.join(families)}: {self.retrieval_family}"
            )
        if self.retrieval_space not in (ROBUST_Z, LEARNED, AUTO):
            raise ValueError(
                f"retrieval_space is {ROBUST_Z}, {LEARNED} or {AUTO}: {self.retrieval_space}"
            )
        blocks = block_names(self.vector_block_windows)
        unknown = [name for name in self.learned_blocks if name not in blocks]
        if unknown:
            raise ValueError(
                f"learned_blocks: a vector has no block {', '.join(unknown)}; "
                f"it has {', '.join(blocks)}"
            )

    @classmethod
    def of(cls, variables: Mapping[str, Any]) -> RetrievalSettings:
        """Pick the settings from vars by name; a missing var is a ``KeyError``."""
        return cls(**{field.name: _fixed(variables[field.name]) for field in fields(cls)})

    @classmethod
    def from_json(cls, text: str) -> RetrievalSettings:
        """Read what the macro ``retrieval_settings`` wrote; unknown names are an error."""
        return cls(**{name: _fixed(value) for name, value in json.loads(text).items()})

    def of_family(self, family: str) -> RetrievalSettings:
        """Return the settings for a library of a family: level, market or spot.

        Without a level nothing is far from it: one space holds every moment.
        """
        near = np.inf if family == SPOT else self.learned_max_distance_ticks
        return replace(self, retrieval_family=family, learned_max_distance_ticks=near)

    def of_phase(self, phase: str) -> RetrievalSettings:
        """Return the settings for decisions of a phase.

        Nothing at or past a level is far from it: one space holds every decision of such a phase.
        """
        if phase == APPROACHING:
            return self
        bands = dict(self.phase_distance_bands)[phase]
        return replace(self, distance_bands=bands, learned_max_distance_ticks=np.inf)

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """Names of the blocks of a vector."""
        if self.retrieval_family == MARKET:
            return MARKET_BLOCKS
        return block_names(self.vector_block_windows)

    @cached_property
    def bands(self) -> DistanceBands:
        """Distances that have base rates of their own."""
        if self.retrieval_family == SPOT:
            return _BANDS_OF_SPOT
        return DistanceBands.of(self.distance_bands)

    @property
    def visible_blocks(self) -> VisibleBlocks:
        """Blocks of a vector whose values a learned space sees."""
        if self.retrieval_family == MARKET:
            return MARKET_VISIBLE
        few = tuple(self.blocks.index(name) for name in self.learned_blocks)
        return VisibleBlocks(len(self.blocks), few, self.learned_every_block_episodes)

    @property
    def learning(self) -> LearningSettings:
        """Settings of a learned space."""
        return LearningSettings(
            self.learned_horizon,
            self.learned_max_distance_ticks,
            self.learned_windows_per_episode,
            self.visible_blocks,
            self.learned_mirrored,
        )

    def space_for(self, n_episodes: int) -> str:
        """Return the space that a library of so many episodes is searched in."""
        if self.retrieval_space == AUTO:
            return LEARNED if n_episodes >= self.learned_min_episodes else ROBUST_Z
        return self.retrieval_space

    def k_for(self, space: str, n_episodes: int) -> int:
        """Return the most neighbors in a space."""
        if space == LEARNED:
            within = max(self.learned_min_k, n_episodes // self.learned_episodes_per_neighbor)
            return min(self.retrieval_k, within)
        return self.retrieval_k


def _fixed(value: Any) -> Any:
    """Return a value of JSON as immutable: bands and lists as tuples."""
    if isinstance(value, Mapping):
        return tuple(
            (name, _fixed(bounds)) if isinstance(bounds, Mapping) else (name, *bounds)
            for name, bounds in value.items()
        )
    return tuple(value) if isinstance(value, list) else value
