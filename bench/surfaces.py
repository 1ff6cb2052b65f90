"""``python -m bench.surfaces``: seconds per model of the one-second surfaces.

Builds a lake of small days, whose study windows the calibration looks back on, then adds the
20 million record day and compares the SQL models with the engine pass of the same build.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table
from spymaster.console import err, out
from spymaster.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake
from spymaster.landing.land import land
from spymaster.synthetic import trading_days, write_day

from bench.inputs import FIRST_DAY, OUT, SMALL_RECORDS, market_of
from bench.machine import machine_line
from bench.measure import CORES, thread_environment

# The relations of the surfaces, and of the choice of the contract they are calibrated on.
SURFACE_MODELS = (
    "contract_trades_input",
    "contract_session_trades",
    "mbo_contract_day_selection",
    "vacuum_cells_1s",
    "vacuum_metrics_1s",
    "vacuum_metric_counts",
    "calibration_input",
    "physics_norm_calibration",
    "norm_quantiles",
    "physics_input",
    "vacuum_surface_1s",
    "physics_surface_1s",
    "physics_bands_1s",
    "radar_vacuum_1s",
    "wall_derivatives_1s",
)
_ENGINE_MODEL = "book_engine_manifest"
_CALIBRATION_MODEL = "physics_norm_calibration"
_MEMORY_GOAL_MB = 4000
_DAYS_GOAL = 22.0
_DAYS_MEASURED = 20
_INTRADAY_GOAL_S = 3.0


@dataclass(frozen=True)
class BuildRun:
    """One `dbt build` without data tests: seconds per model, and the peak memory so far."""

    seconds: dict[str, float]
    peak_mb: float

    @property
    def surfaces_s(self) -> float:
        """Seconds of all models of the surfaces."""
        return sum(self.seconds[name] for name in SURFACE_MODELS)


@click.command()
@click.option("--records", default=20_000_000, show_default=True, help="Records of the large day.")
@click.option("--days", default=_DAYS_MEASURED, show_default=True, help="Small days before it.")
@click.option("--keep", is_flag=True, help="Keep the lake.")
def main(records: int, days: int, keep: bool) -> None:
    """Build DAYS small days, then one of RECORDS, and print seconds per model."""
    lake = Lake(OUT / "surfaces-lake")
    shutil.rmtree(lake.root, ignore_errors=True)
    machine = machine_line(CORES)
    dates = trading_days(FIRST_DAY, days + 1)

    _land_day(lake, dates[0], SMALL_RECORDS)
    one = _build(lake, "one small day")
    for day in dates[1:days]:
        _land_day(lake, day, SMALL_RECORDS)
    others = _build(lake, f"{days - 1} small days more")
    _land_day(lake, dates[days], records)
    large = _build(lake, "the large day")
    intraday = _build(
        lake,
        "the large day, intraday",
        "--select",
        "calibration_input",
        _CALIBRATION_MODEL,
        "--vars",
        json.dumps({"calibration_mode": "intraday_expanding", "start_date": str(dates[days])}),
    )

    growth = (one.surfaces_s + others.surfaces_s) / one.surfaces_s
    intraday_s = intraday.seconds[_CALIBRATION_MODEL]
    rows = [(name, large.seconds[name], "", None) for name in SURFACE_MODELS]
    rows += [
        ("all models of the surfaces", large.surfaces_s, "", None),
        (
            "engine pass of the same build",
            large.seconds[_ENGINE_MODEL],
            ">= all models",
            large.surfaces_s <= large.seconds[_ENGINE_MODEL],
        ),
        (
            f"{days} small days over one, times as long",
            growth,
            f"<= {_DAYS_GOAL * days / _DAYS_MEASURED:g}",
            growth <= _DAYS_GOAL * days / _DAYS_MEASURED,
        ),
        (
            "calibration of the large day, intraday_expanding",
            intraday_s,
            f"<= {_INTRADAY_GOAL_S:g}",
            intraday_s <= _INTRADAY_GOAL_S,
        ),
        (
            "peak memory of the builds, MB",
            large.peak_mb,
            f"<= {_MEMORY_GOAL_MB}",
            large.peak_mb <= _MEMORY_GOAL_MB,
        ),
    ]
    _show(f"{records:,} records after {days} small days", rows)
    out.print(machine, markup=False)
    result = {
        "machine": machine,
        "records": records,
        "days": days,
        "rows": [dict(zip(("what", "value", "goal", "reached"), row, strict=True)) for row in rows],
    }
    (OUT / "surfaces.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if not keep:
        shutil.rmtree(lake.root)


def _land_day(lake: Lake, day: dt.date, records: int) -> None:
    raw = lake.root / "raw"
    write_day(market_of(records), day, raw, schemas=("mbo", "definition"))
    report = land([raw], lake)
    if not report.ok:
        raise report.errors[0]
    shutil.rmtree(raw)


def _build(lake: Lake, title: str, *arguments: str) -> BuildRun:
    """Run `dbt build` in a process of its own and read its timing."""
    target = lake.root / "target"
    selection = arguments or ("--select", "silver")
    command = [
        Path(sys.executable).with_name("dbt"),
        "build",
        "--quiet",
        "--threads",
        "1",
        "--exclude-resource-type",
        "test",
        "unit_test",
        "--target-path",
        target,
        "--log-path",
        target,
        *selection,
    ]
    environment = {**os.environ, **thread_environment(), LAKE_VARIABLE: str(lake.root)}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{title}:\n{(done.stdout + done.stderr)[-3000:]}")
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    seconds = {
        result["unique_id"].rsplit(".", 1)[-1]: result["execution_time"] for result in results
    }
    err.print(f"{title}: {sum(seconds.values()):.1f} s in models", markup=False)
    peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return BuildRun(seconds, peak_kb / 1024)


def _show(title: str, rows: list[tuple]) -> None:
    table = Table(title=title)
    for name in ("what", "seconds", "goal", "reached"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for what, value, goal, reached in rows:
        table.add_row(what, f"{value:.3g}", goal, {True: "yes", False: "no", None: ""}[reached])
    out.print(table)


if __name__ == "__main__":
    main()
