"""All surface relations of one contract-day at once."""

from __future__ import annotations

from dataclasses import dataclass

from naive.surfaces import PhysicsWeights, Row, SurfaceDay
from naive.surfaces_bands import physics_bands
from naive.surfaces_calibration import CalibrationAt
from naive.surfaces_radar import radar_vacuum
from naive.surfaces_vacuum import GridKey, physics_surface, vacuum_metrics, vacuum_surface
from naive.surfaces_wall import wall_derivatives


@dataclass(frozen=True)
class Surfaces:
    """Rows by key of every relation; attributes have the names of the relations."""

    wall_derivatives_1s: dict[tuple[int, str, int], Row]
    vacuum_metrics_1s: dict[GridKey, Row]
    vacuum_surface_1s: dict[GridKey, Row]
    physics_bands_1s: dict[int, Row]
    physics_surface_1s: dict[GridKey, Row]
    radar_vacuum_1s: dict[int, Row]


def surfaces(
    day: SurfaceDay, calibration: CalibrationAt, weights: PhysicsWeights | None = None
) -> Surfaces:
    """Compute every relation of a contract-day with given quantiles."""
    weights = weights or PhysicsWeights()
    metrics = vacuum_metrics(day)
    vacuum = vacuum_surface(metrics, calibration)
    return Surfaces(
        wall_derivatives_1s=wall_derivatives(day),
        vacuum_metrics_1s=metrics,
        vacuum_surface_1s=vacuum,
        physics_bands_1s=physics_bands(day, vacuum, calibration, weights),
        physics_surface_1s=physics_surface(vacuum, calibration, weights),
        radar_vacuum_1s=radar_vacuum(day),
    )
