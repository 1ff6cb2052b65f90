"""``python -m bench.days``: time of the whole pipeline by the number of contract-days.

Generates synthetic days, lands and builds them through the command line, builds again without new
input, then adds one day.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
from rich.table import Table
from spymaster_ingest.console import err, out
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT

from bench.inputs import OUT
from bench.machine import machine_line
from bench.measure import CORES, thread_environment

_RERUN_GOAL_S = 30.0
# Adding a day to many may cost this many times a day of the first build.
_INCREMENT_GOAL = 1.5


@click.command()
@click.option("--days", default=5, show_default=True, help="Contract-days of the first build.")
@click.option("--hours", default=0.25, show_default=True, help="Dense period of each day.")
@click.option("--keep", is_flag=True, help="Keep the lake.")
@click.argument("build_arguments", nargs=-1)
def main(days: int, hours: float, keep: bool, build_arguments: tuple[str, ...]) -> None:
    """Land and build DAYS, again without new input, and with one more day.

    BUILD_ARGUMENTS go to `spymaster build`, after `--`.
    """
    lake = OUT / "days-lake"
    shutil.rmtree(lake, ignore_errors=True)
    raw, later = lake / "raw", lake / "later"
    machine = machine_line(CORES)
    _spymaster(lake, "generate", "--days", str(days + 1), "--hours", str(hours), "--out", str(raw))
    _set_last_day_aside(raw, later)

    land_s = _spymaster(lake, "land", str(raw))
    build_s = _spymaster(lake, "build", *build_arguments)
    again_s = _spymaster(lake, "land", str(raw)) + _spymaster(lake, "build", *build_arguments)
    one_land_s = _spymaster(lake, "land", str(later))
    one_build_s = _spymaster(lake, "build", *build_arguments)

    per_day_s = (land_s + build_s - again_s) / days
    one_s = one_land_s + one_build_s - again_s
    rows = (
        ("land, first time", land_s, None, None),
        ("build, first time", build_s, None, None),
        ("per day, over the empty run", per_day_s, None, None),
        ("land and build, nothing new", again_s, _RERUN_GOAL_S, again_s <= _RERUN_GOAL_S),
        (
            "one day more, over the empty run",
            one_s,
            _INCREMENT_GOAL * per_day_s,
            one_s <= _INCREMENT_GOAL * per_day_s,
        ),
    )
    table = Table(title=f"{days} contract-days of {hours:g} dense hours")
    for name in ("what", "seconds", "goal <=", "reached"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for what, seconds, goal, reached in rows:
        table.add_row(
            what,
            f"{seconds:.1f}",
            "" if goal is None else f"{goal:.1f}",
            {True: "yes", False: "no", None: ""}[reached],
        )
    out.print(table)
    out.print(machine, markup=False)
    result = {
        "machine": machine,
        "days": days,
        "hours": hours,
        "build_arguments": build_arguments,
        "rows": [
            dict(zip(("what", "seconds", "goal", "reached"), row, strict=True)) for row in rows
        ],
    }
    (OUT / "days.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if not keep:
        shutil.rmtree(lake)


def _set_last_day_aside(raw: Path, later: Path) -> None:
    """Move the files of the last generated date out of the way."""
    files = list(raw.rglob("*.dbn.zst"))
    last = max(file.name.split(".")[0] for file in files)
    for file in files:
        if file.name.startswith(last):
            target = later / file.relative_to(raw)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.rename(target)


def _spymaster(lake: Path, *arguments: str) -> float:
    """Run the command line on a lake and return the seconds; stop everything when it fails."""
    script = Path(sys.executable).with_name("spymaster")
    environment = {**os.environ, **thread_environment(), LAKE_VARIABLE: str(lake)}
    started = time.perf_counter()
    done = subprocess.run(
        [script, *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    err.print(f"{arguments[0]}: {seconds:.1f} s", markup=False)
    if done.returncode:
        raise click.ClickException(
            f"spymaster {arguments[0]}:\n{(done.stdout + done.stderr)[-3000:]}"
        )
    return seconds


if __name__ == "__main__":
    main()
