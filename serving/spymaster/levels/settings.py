"""Vars of the build that the words of a level depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from spymaster.built_settings import BuiltSettings

RELATION = "silver.word_settings"


@dataclass(frozen=True)
class WordSettings:
    """The row of silver.word_settings; names are those of the vars in ``dbt_project.yml``.

    Attributes:
        ladder_rung_points: height of a rung, in points, of products without one of their own.
        ladder_rungs: rungs above and below the level's own rung.
        ladder_min_contracts: contracts below which a rung gets no words.
        ladder_wall_ratio: multiple of the usual depth from which depth is a wall.
        ladder_net_flow_share: share of net flow, or of flow in all, from which a side moves.
        condition_z: multiple of its usual size from which a change meets a condition.
        condition_min_contracts: contracts from which a change meets a condition.
        ease_difference_ratio: multiple of its usual size from which a difference in ease is named.
    """

    ladder_rung_points: float
    ladder_rungs: int
    ladder_min_contracts: int
    ladder_wall_ratio: float
    ladder_net_flow_share: float
    condition_z: float
    condition_min_contracts: int
    ease_difference_ratio: float

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> WordSettings:
        """Return the settings of the row of ``RELATION``.

        Raises:
            SpymasterError: An earlier version built the relation, without one of them.
        """
        held = BuiltSettings(RELATION, row)
        return cls(**{field.name: held[field.name] for field in fields(cls)})

    @property
    def reach_points(self) -> float:
        """Points that a ladder reaches past its level."""
        return self.ladder_rungs * self.ladder_rung_points
