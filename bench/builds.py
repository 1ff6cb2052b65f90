"""Builds of a lake for the benchmarks of SQL models: land a day, run dbt, read its timing."""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table
from spymaster_ingest.console import err, out
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake
from spymaster_ingest.landing.land import land
from spymaster_ingest.synthetic import write_day

from bench.inputs import OUT, market_of
from bench.measure import thread_environment

ENGINE_MODEL = "book_engine_manifest"
MEMORY_GOAL_MB = 4000

Row = tuple[str, float, str, bool | None]


@dataclass(frozen=True)
class BuildRun:
    """One `dbt build` without data tests: seconds per model, and the peak memory so far."""

    seconds: dict[str, float]
    peak_mb: float

    def total_s(self, models: Iterable[str]) -> float:
        """Return the seconds of some models together."""
        return sum(self.seconds[name] for name in models)

    @property
    def engine_s(self) -> float:
        """Seconds of the engine pass."""
        return self.seconds[ENGINE_MODEL]


def land_day(lake: Lake, day: dt.date, records: int) -> None:
    """Make a day of about the given number of records and land it."""
    raw = lake.root / "raw"
    write_day(market_of(records), day, raw, schemas=("mbo", "definition"))
    report = land([raw], lake)
    if not report.ok:
        raise report.errors[0]
    shutil.rmtree(raw)


def build(lake: Lake, title: str, *arguments: str) -> BuildRun:
    """Run `dbt build` in its own process and read its timing."""
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


def at_most(what: str, value: float, goal: float) -> Row:
    """Return a row of the table that must not exceed a goal."""
    return what, value, f"<= {goal:g}", value <= goal


def memory_row(run: BuildRun) -> Row:
    """Return the row of the peak memory."""
    return at_most("peak memory of the builds, MB", run.peak_mb, MEMORY_GOAL_MB)


def report(title: str, machine: str, rows: list[Row], file: str, **facts: object) -> None:
    """Print the rows as a table and write them, with further results, to ``bench/out``."""
    table = Table(title=title)
    for name in ("what", "seconds", "goal", "reached"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for what, value, goal, reached in rows:
        table.add_row(what, f"{value:.3g}", goal, {True: "yes", False: "no", None: ""}[reached])
    out.print(table)
    out.print(machine, markup=False)
    named = [dict(zip(("what", "value", "goal", "reached"), row, strict=True)) for row in rows]
    result = {"machine": machine, **facts, "rows": named}
    (OUT / file).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
