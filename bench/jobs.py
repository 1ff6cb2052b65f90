"""``python -m bench.jobs``: builds by workers beside the build in one process.

Builds the landed days of the lake of ``$SPYMASTER_LAKE`` from nothing: in dbt's own process, by two
workers, and by two workers with a store that has everything; the last also of a quarter of the
days, which tells what a build costs for each day besides its partitions. Then a thousand small jobs
on a Dask cluster of two workers. From these it computes what a year takes on more cores.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from spymaster_ingest.console import err, out
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake
from spymaster_warehouse.build_settings import WORKERS_VARIABLE
from spymaster_warehouse.store.address import STORE_VARIABLE

from bench.inputs import OUT
from bench.machine import machine_line
from bench.measure import CORES

_FOLDER = OUT / "jobs"
_RATIO_GOAL, _FULL_GOAL_S, _OVERHEAD_GOAL_MS, _SCHEDULING_GOAL = 0.6, 20.0, 30.0, 0.05
_YEAR_DAYS, _YEAR_CORES = 250, (2, 16, 160)
_PYTHON = [sys.executable, "-m"]
_SPYMASTER = str(Path(sys.executable).with_name("spymaster"))
_ARGUMENTS = ("--quiet", "--exclude", "resource_type:unit_test")

Jobs = list[dict[str, Any]]


@click.command()
@click.option("--rounds", default=1, show_default=True, help="Rounds of the three builds.")
@click.option("--small-jobs", default=1000, show_default=True, help="Jobs on the cluster.")
def main(rounds: int, small_jobs: int) -> None:
    """Measure builds by workers."""
    landed = Lake.from_environment()
    machine = machine_line(CORES)
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    store = _FOLDER / "store"
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _ in range(rounds):
        runs["inline"].append(_build(landed, "inline"))
        if not store.exists():
            _run("inline", {STORE_VARIABLE: str(store)}, [_SPYMASTER, "store", "push"])
        runs["workers"].append(_build(landed, "workers", **{WORKERS_VARIABLE: "2"}))
        full = {WORKERS_VARIABLE: "2", STORE_VARIABLE: str(store)}
        runs["full"].append(_build(landed, "full", **full))
    few = _days(landed)[: len(_days(landed)) // 4]
    few_s = _build(landed, "few", few, **full)["wall_s"]
    ratio = statistics.median(
        workers["wall_s"] / inline["wall_s"]
        for inline, workers in zip(runs["inline"], runs["workers"], strict=True)
    )
    full_s = statistics.median(run["wall_s"] for run in runs["full"])
    jobs: Jobs = runs["workers"][-1]["jobs"]
    overhead_ms = 1000 * statistics.median(job["seconds"] - job["sql_s"] for job in jobs)
    scheduling = _scheduling(small_jobs)
    rows = [
        ("inline, s", statistics.median(run["wall_s"] for run in runs["inline"]), None, None),
        ("two workers over inline", ratio, _RATIO_GOAL, ratio <= _RATIO_GOAL),
        ("two workers, store full, s", full_s, _FULL_GOAL_S, full_s <= _FULL_GOAL_S),
        (
            "partitions that the store lacked",
            float(sum(not job["is_taken"] for job in runs["full"][-1]["jobs"])),
            0.0,
            all(job["is_taken"] for job in runs["full"][-1]["jobs"]),
        ),
        (
            "a job over its SQL, ms, median",
            overhead_ms,
            _OVERHEAD_GOAL_MS,
            overhead_ms <= _OVERHEAD_GOAL_MS,
        ),
        ("inline, peak MB", runs["inline"][-1]["peak_bytes"] / 1e6, None, None),
        ("a worker, peak MB", max(job["peak_bytes"] for job in jobs) / 1e6, None, None),
        (
            f"{small_jobs} jobs on Dask: share of scheduling",
            scheduling,
            _SCHEDULING_GOAL,
            scheduling <= _SCHEDULING_GOAL,
        ),
    ]
    table = Table(title=f"{len(jobs)} partitions of {landed.root}")
    for name in ("what", "value", "goal <=", "reached"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for what, value, goal, reached in rows:
        table.add_row(
            what,
            f"{value:.3g}",
            "" if goal is None else f"{goal:g}",
            {True: "yes", False: "no", None: ""}[reached],
        )
    out.print(table)
    relations = _by_relation(jobs)
    day_s = (full_s - few_s) / (len(_days(landed)) - len(few))
    year = year_of(relations, fixed_s=few_s - day_s * len(few), day_s=day_s)
    out.print(_year_table(year))
    out.print(machine, markup=False)
    result = {"machine": machine, "rows": rows, "year": year, "relations": relations}
    (OUT / "jobs.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


def year_of(
    relations: dict[str, dict[str, float]], fixed_s: float, day_s: float
) -> list[dict[str, float]]:
    """Return what a year of days takes on some numbers of cores, in minutes.

    Partitions spread over the cores, by whole rounds of each relation; what dbt does itself does
    not: starting, views, tables without partitions, data tests, recording.

    Args:
        relations: mean processor seconds of a job by relation.
        fixed_s: seconds of a build, whatever its days.
        day_s: seconds of each day besides its partitions.
    """
    rows = []
    for cores in _YEAR_CORES:
        spread_s = sum(
            math.ceil(_YEAR_DAYS / cores) * relation["mean_cpu_s"]
            for relation in relations.values()
        )
        alone_s = fixed_s + day_s * _YEAR_DAYS
        rows.append(
            {
                "cores": cores,
                "partitions_min": spread_s / 60,
                "alone_min": alone_s / 60,
                "share_alone": alone_s / (alone_s + spread_s),
            }
        )
    return rows


def _year_table(year: list[dict[str, float]]) -> Table:
    table = Table(title=f"{_YEAR_DAYS} such days, computed, minutes")
    for name in ("cores", "partitions", "dbt alone", "together"):
        table.add_column(name, justify="right")
    for row in year:
        together = row["partitions_min"] + row["alone_min"]
        parts = (row["partitions_min"], row["alone_min"], together)
        table.add_row(f"{row['cores']:g}", *(f"{minutes:.1f}" for minutes in parts))
    return table


def _days(lake: Lake) -> list[str]:
    """Return the landed days of a lake, as the folders of their partitions name them."""
    return sorted({path.name for path in lake.bronze.rglob("dt=*")})


def _by_relation(jobs: Jobs) -> dict[str, dict[str, float]]:
    """Return how many jobs each relation had, their mean processor seconds, and the most."""
    seconds = defaultdict(list)
    for job in jobs:
        seconds[job["relation"]].append(job["cpu_s"])
    return {
        relation: {"jobs": len(each), "mean_cpu_s": statistics.mean(each), "most_cpu_s": max(each)}
        for relation, each in seconds.items()
    }


def _build(
    landed: Lake, name: str, days: list[str] | None = None, **environment: str
) -> dict[str, Any]:
    """Build some landed days, or all, from nothing, in a process of its own."""
    root = _FOLDER / name
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(landed.bronze, Lake(root).bronze)
    for path in list(Lake(root).bronze.rglob("dt=*")):
        if days is not None and path.name not in days:
            shutil.rmtree(path)
    result = _FOLDER / f"{name}.json"
    _run(name, environment, [*_PYTHON, "bench.job_times", str(result), *_ARGUMENTS])
    run: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    err.print(f"{name}: {run['wall_s']:.1f} s, {len(run['jobs'])} jobs", markup=False)
    return run


def _scheduling(jobs: int) -> float:
    """Return the share of the workers' time in which they had no job."""
    result = _FOLDER / "scheduling.json"
    _run("workers", {}, [*_PYTHON, "bench.job_scheduling", str(result), str(jobs)])
    return float(json.loads(result.read_text(encoding="utf-8"))["idle_share"])


def _run(name: str, environment: dict[str, str], command: list[str]) -> None:
    """Run a command on a lake of this benchmark; stop everything when it fails."""
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, LAKE_VARIABLE: str(_FOLDER / name), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{command}:\n{(done.stdout + done.stderr)[-3000:]}")


if __name__ == "__main__":
    main()
