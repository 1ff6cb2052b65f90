"""What shapes an answer: the project's vars, handed over as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

from spymaster_engine.statistics.retrieval.distance_bands import DistanceBands
from spymaster_engine.statistics.retrieval.sight import Sight

ROBUST_Z, LEARNED, AUTO = "robust_z", "learned", "auto"


class Learning(NamedTuple):
    """What shapes a learned space; attributes are those of ``RetrievalSettings``."""

    horizon: str
    max_distance_ticks: float
    windows_per_episode: int
    sight: Sight
    mirrored: bool


@dataclass(frozen=True)
class RetrievalSettings:
    """Numbers of a retrieval; defaults are those of ``dbt_project.yml``.

    Attributes:
        horizons: names of the horizons that are answered.
        space: robust_z, learned, or auto: learned as soon as the library is large enough.
        learned_min_episodes: episodes from which ``auto`` learns the space.
        learned_horizon: horizon whose outcomes the space is learned from.
        learned_refit_days: days of the library between two fits.
        learned_max_distance_ticks: windows this near to the level have a space of their own.
        learned_windows_per_episode: most windows of an episode in a learned space.
        learned_blocks: numbers of the blocks of a vector whose values a space sees that is learned
            from few episodes.
        learned_every_block_episodes: from so many on it sees those of every block.
        learned_mirrored: whether a space of all levels learns from approaches of the other
            direction as well, seen in a mirror.
        learned_episodes_per_neighbor: in the learned space, k is the number of episodes that came
            to the level over this, within [learned_min_k, k].
        learned_min_k: least k in the learned space.
        k_raw: nearest rows that are looked at.
        k: most neighbors.
        per_episode: most neighbors of one episode.
        weight_power: power of the similarity that is a neighbor's weight.
        base_rate_weight: weight of the base rate, in episodes.
        min_neighbors: least neighbors for an answer, and least from the question's own band of
            distance for its result.
        min_days: least distinct days among them.
        min_episodes: least distinct episodes among them.
        min_band_episodes: least episodes of the library behind the base rates of a band.
        block_width_divisor: blocks of a vector; its width over this is that of a block.
        distance_bands: names of the distances that have base rates of their own, in ticks from
            and to; a ``to`` of None has no end.
        floor_quantile: share of the library's own moments that lie below the floor of similarity.
        floor_rows: most moments of the library, near the level and far from it, that the floor is
            found from.
        signal_horizon: horizon whose results have bounds.
        signal_max_ticks: distance up to which they have.
        signal_resamples: draws of episodes behind a bound.
        signal_seed: of these draws.
    """

    horizons: tuple[str, ...] = ("s120", "s240", "s480", "h1")
    space: str = AUTO
    learned_min_episodes: int = 300
    learned_horizon: str = "s240"
    learned_refit_days: int = 5
    learned_max_distance_ticks: float = 4.0
    learned_windows_per_episode: int = 12
    learned_blocks: tuple[int, ...] = (1,)
    learned_every_block_episodes: int = 2_000
    learned_mirrored: bool = True
    learned_episodes_per_neighbor: int = 2
    learned_min_k: int = 30
    k_raw: int = 2000
    k: int = 200
    per_episode: int = 3
    weight_power: float = 8.0
    base_rate_weight: float = 5.0
    min_neighbors: int = 50
    min_days: int = 5
    min_episodes: int = 20
    min_band_episodes: int = 20
    block_width_divisor: int = 7
    distance_bands: tuple[tuple[str, float, float | None], ...] = (
        ("1-2", 1, 2),
        ("3-4", 3, 4),
        ("5-6", 5, 6),
        ("7+", 7, None),
    )
    floor_quantile: float = 0.05
    floor_rows: int = 200
    signal_horizon: str = "s240"
    signal_max_ticks: float = 4.0
    signal_resamples: int = 1000
    signal_seed: int = 7

    def __post_init__(self) -> None:
        """Refuse a space that does not exist."""
        if self.space not in (ROBUST_Z, LEARNED, AUTO):
            raise ValueError(f"retrieval_space is {ROBUST_Z}, {LEARNED} or {AUTO}: {self.space}")

    @classmethod
    def from_json(cls, text: str) -> RetrievalSettings:
        """Read what the macro ``retrieval_settings`` wrote; unknown names are an error."""
        values = json.loads(text)
        lists = {name: tuple(one) for name, one in values.items() if isinstance(one, list)}
        return cls(**{**values, **lists})

    @property
    def bands(self) -> DistanceBands:
        """Distances that have base rates of their own."""
        return DistanceBands.of(self.distance_bands)

    @property
    def learning(self) -> Learning:
        """What shapes a learned space."""
        return Learning(
            self.learned_horizon,
            self.learned_max_distance_ticks,
            self.learned_windows_per_episode,
            Sight(self.block_width_divisor, self.learned_blocks, self.learned_every_block_episodes),
            self.learned_mirrored,
        )

    def space_for(self, n_episodes: int) -> str:
        """Return the space that a library of so many episodes is searched in."""
        if self.space == AUTO:
            return LEARNED if n_episodes >= self.learned_min_episodes else ROBUST_Z
        return self.space

    def k_for(self, space: str, n_episodes: int) -> int:
        """Return the most neighbors in a space."""
        if space == LEARNED:
            within = max(self.learned_min_k, n_episodes // self.learned_episodes_per_neighbor)
            return min(self.k, within)
        return self.k
