"""What the words of a level go by: the vars that its ladder and its conditions were built with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WordSettings:
    """The row of silver.word_settings; each is named as the var of ``dbt_project.yml``.

    Attributes:
        ladder_rung_points: height of a rung, in points.
        ladder_rungs: rungs above and below the level's own.
        ladder_min_contracts: contracts without which nothing is said.
        ladder_wall_ratio: depth, against what is usual, from which it is a wall.
        ladder_net_flow_share: net flow, and flow in all, from which a side is more than at rest.
        condition_z: times its usual size from which a change meets a condition.
        condition_min_contracts: contracts from which it does.
    """

    ladder_rung_points: float
    ladder_rungs: int
    ladder_min_contracts: int
    ladder_wall_ratio: float
    ladder_net_flow_share: float
    condition_z: float
    condition_min_contracts: int

    @property
    def reach_points(self) -> float:
        """How far past its level a ladder reaches."""
        return self.ladder_rungs * self.ladder_rung_points
