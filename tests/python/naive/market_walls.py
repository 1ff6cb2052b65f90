"""Large resting levels of the ten-level view.

Rules chosen where the specification leaves room:
- A standard deviation is 0 exactly if all sizes are equal.
- z >= 2 is true within 1e-9: two large among ten equal levels, or one among five, have z = 2
  exactly, which rounding must not decide.
"""

from __future__ import annotations

from math import fsum, log1p, sqrt

from naive.market_quantities import distance_ticks
from naive.market_states import State
from naive.surfaces import Row

WALL_Z = 2
Z_TOLERANCE = 1e-9


def size_z(state: State, side: str) -> list[float] | None:
    """Score log1p(size) of every occupied level of the view; None if all sizes are equal."""
    sizes = [level.size for level in state.view(side)]
    if len(set(sizes)) < 2:
        return None
    logs = [log1p(size) for size in sizes]
    mean = fsum(logs) / len(logs)
    std = sqrt(fsum((x - mean) ** 2 for x in logs) / len(logs))
    return [(x - mean) / std for x in logs]


def wall(state: State, side: str, tick_int: int) -> Row:
    """Largest z, its level (nearest of equals) and the distance of the nearest wall."""
    max_z = max_level = nearest = None
    scores = size_z(state, side)
    if scores is not None:
        sizes = [level.size for level in state.view(side)]
        max_level = sizes.index(max(sizes))
        max_z = scores[max_level]
        distances = [
            float(distance_ticks(state, side, level.price_int, tick_int))
            for level, z in zip(state.view(side), scores, strict=True)
            if z >= WALL_Z - Z_TOLERANCE
        ]
        nearest = min(distances, default=None)
    return {
        f"wall_{side}_max_z": max_z,
        f"wall_{side}_max_level": max_level,
        f"wall_{side}_nearest_dist_ticks": nearest,
    }
