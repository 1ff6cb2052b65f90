"""A lake of one synthetic day with options, built up to the surfaces that are explained."""

from __future__ import annotations

from pathlib import Path

from spymaster_ingest.lake import Lake

from support import lakes
from support.option_lakes import landed_lake, write_options
from support.synthetic_options import PLAN

SELECTED = (
    "--select",
    "+turn_conditions_1s",
    "+gex_surface_1s",
    "+mbo_level_vacuum_5s",
    "+physics_bands_1s",
    "+physics_surface_1s",
    "+radar_vacuum_1s",
)
# scales are known from the second of two minutes on
VARIABLES = {
    "surface_window": ("09:30", "09:32"),
    "calibration_warm_up_s": 20,
    "condition_min_seconds": 20,
    "condition_min_contracts": 2,
}


def explained_lake(folder: Path) -> Lake:
    """Write, land and build the day."""
    lake = landed_lake(write_options(folder / "raw", PLAN), folder / "lake")
    lakes.build_models(lake, *SELECTED, **VARIABLES)
    return lake
