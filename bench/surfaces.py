"""``python -m bench.surfaces``: seconds per model of the one-second surfaces.

Builds a lake of small days, whose study windows the calibration uses, then adds the 20 million
record day and compares the SQL models with the engine pass of the same build.
"""

from __future__ import annotations

import json
import shutil

import click
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import trading_days

from bench.builds import Row, at_most, build, land_day, memory_row, report
from bench.inputs import FIRST_DAY, OUT, SMALL_RECORDS
from bench.machine import machine_line
from bench.measure import CORES

# The relations of the surfaces, and of the selection of the contract for their calibration.
SURFACE_MODELS = (
    "contract_days",
    "contract_session_trades",
    "mbo_contract_day_selection",
    "vacuum_cells_1s",
    "vacuum_metrics_1s",
    "vacuum_metric_counts",
    "calibration_sessions",
    "physics_norm_calibration",
    "norm_quantiles",
    "physics_calibration_modes",
    "vacuum_surface_1s",
    "physics_surface_1s",
    "physics_bands_1s",
    "radar_vacuum_1s",
    "wall_derivatives_1s",
)
_CALIBRATION_MODEL = "physics_norm_calibration"
_DAYS_GOAL = 22.0
_DAYS_MEASURED = 20
_INTRADAY_GOAL_S = 3.0


@click.command()
@click.option("--records", default=20_000_000, show_default=True, help="Records of the large day.")
@click.option("--days", default=_DAYS_MEASURED, show_default=True, help="Small days before it.")
@click.option("--keep", is_flag=True, help="Keep the lake.")
def main(records: int, days: int, keep: bool) -> None:
    """Build DAYS small days, then a day of RECORDS, and print seconds per model."""
    lake = Lake(OUT / "surfaces-lake")
    shutil.rmtree(lake.root, ignore_errors=True)
    machine = machine_line(CORES)
    dates = trading_days(FIRST_DAY, days + 1)

    land_day(lake, dates[0], SMALL_RECORDS)
    first = build(lake, "one small day")
    for day in dates[1:days]:
        land_day(lake, day, SMALL_RECORDS)
    others = build(lake, f"{days - 1} small days more")
    land_day(lake, dates[days], records)
    large = build(lake, "the large day")
    intraday = build(
        lake,
        "the large day, intraday",
        "--select",
        "calibration_sessions",
        _CALIBRATION_MODEL,
        "--vars",
        json.dumps({"calibration_mode": "intraday_expanding", "start_date": str(dates[days])}),
    )

    growth = 1 + others.total_s(SURFACE_MODELS) / first.total_s(SURFACE_MODELS)
    intraday_s = intraday.seconds[_CALIBRATION_MODEL]
    large_s = large.total_s(SURFACE_MODELS)
    rows: list[Row] = [(name, large.seconds[name], "", None) for name in SURFACE_MODELS]
    rows += [
        ("all models of the surfaces", large_s, "", None),
        (
            "engine pass of the same build",
            large.engine_s,
            ">= all models",
            large_s <= large.engine_s,
        ),
        at_most(
            f"{days} small days over one, times as long",
            growth,
            _DAYS_GOAL * days / _DAYS_MEASURED,
        ),
        at_most("calibration of the large day, intraday_expanding", intraday_s, _INTRADAY_GOAL_S),
        memory_row(large),
    ]
    report(
        f"{records:,} records after {days} small days",
        machine,
        rows,
        "surfaces.json",
        records=records,
        days=days,
    )
    if not keep:
        shutil.rmtree(lake.root)


if __name__ == "__main__":
    main()
