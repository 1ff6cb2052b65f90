"""Inputs of the plain surfaces from the tables of hand-made cases."""

from __future__ import annotations

from collections.abc import Iterable

from naive.surfaces import PhysicsWeights, SurfaceConfig, SurfaceDay, second_of
from naive.surfaces_calibration import CalibrationAt, Quantiles

from support.cases import Case, Row, Tables

MINUTE_S = 60
_WEIGHTS = {
    ("ease", "vacuum"): "w_vac",
    ("ease", "erosion"): "w_ero",
    ("ease", "strength"): "w_str",
    ("band", "at"): "b_at",
    ("band", "near"): "b_near",
}


def day_of_wall(given: Tables, case: Case) -> SurfaceDay:
    """Return the day of a wall alone, whose rows say what the snapshot would."""
    [contract_day] = given["contract_days"]
    wall = given["wall_surface_1s"]
    widest = case.variables["wall_max_ticks"]
    config = SurfaceConfig(
        contract_day["tick_int"], widest, case.variables.get("vacuum_max_ticks", widest)
    )
    return SurfaceDay("ESZ5", contract_day["dt"], wall, wall, (), config)


def calibration_of(rows: Iterable[Row]) -> CalibrationAt:
    """Return the quantiles of each minute, by rows of `norm_quantiles` of one contract-day."""
    known = {
        second_of(row["minute_ts"]): Quantiles(
            row["calibration_mode"],
            {
                name.removesuffix("_q05"): (low, row[f"{name.removesuffix('_q05')}_q95"])
                for name, low in row.items()
                if name.endswith("_q05")
            },
        )
        for row in rows
    }
    return lambda second: known.get(second // MINUTE_S * MINUTE_S, Quantiles(None, {}))


def weights_of(given: Tables) -> PhysicsWeights:
    """Return the weights of `physics_weights`; those of bands need not be there."""
    return PhysicsWeights(
        **{
            _WEIGHTS[row["weight_group"], row["weight_name"]]: row["weight"]
            for row in given["physics_weights"]
        }
    )
