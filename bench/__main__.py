"""``python -m bench``: measure everything, round after round, and print one table."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

import click
from spymaster_ingest.console import err, out
from spymaster_ingest.lake import PROJECT_ROOT

from bench.against import compare
from bench.inputs import OUT, REAL_FILE, SMALL_RECORDS, WARM_UP_RECORDS, Input, synthetic_day
from bench.machine import machine_line
from bench.measure import CORES, thread_environment
from bench.report import lines_of, rich_table, write_files
from bench.rows import CASES, DAY, REAL, SMALL, Case, Round

_REAL_RECORDS = 68_792
_TIMEOUT_S = 900


@click.command()
@click.option("--records", default=20_000_000, show_default=True, help="Size of the bench day.")
@click.option("--rounds", default=3, show_default=True, help="Rounds; medians are shown.")
@click.option("--only", default="", help="Cases to run, separated by commas (default: all).")
@click.option("--skip-peers", is_flag=True, help="Skip cases that need other environments.")
@click.option("--against", metavar="COMMIT", help="Measure what a user waits for, and at COMMIT.")
@click.option("--with-ci", is_flag=True, help="With --against: time the whole CI run as well.")
def main(
    records: int, rounds: int, only: str, skip_peers: bool, against: str | None, with_ci: bool
) -> None:
    """Measure Spymaster beside the vendor's client and other engines, or beside itself."""
    if against is not None:
        compare(against, with_ci=with_ci)
        return
    chosen = set(filter(None, only.split(",")))
    if unknown := chosen - {case.name for case in CASES}:
        raise click.BadParameter(f"{', '.join(unknown)}: known are {[c.name for c in CASES]}")
    tiny, inputs = synthetic_day(WARM_UP_RECORDS), _inputs(records)
    cases = [
        case
        for case in CASES
        if case.given in inputs
        and (not chosen or case.name in chosen)
        and not (skip_peers and case.packages)
    ]
    machine = machine_line(CORES)
    settings = (
        f"{rounds} interleaved rounds, medians (of the ratios, not ratios of medians); "
        f"one process per number, pinned to {CORES} cores, "
        + ", ".join(f"{name}={value}" for name, value in thread_environment().items())
        + "; day "
        + f"{inputs[DAY].records:,} records, small day {inputs[SMALL].records:,} records; "
        "files in the page cache, kernels compiled"
    )
    found: list[Round] = []
    for number in range(1, rounds + 1):
        this: dict[str, Mapping] = {}
        for case in cases:
            result = _run(case, inputs[case.given], tiny)
            if result is None:
                continue
            this[case.name] = result
            parts = ", ".join(f"{name} {s:.2f} s" for name, s in result["seconds"].items())
            err.print(
                f"round {number} {case.name}: {parts}, {result['peak_bytes'] / 1e6:.0f} MB",
                markup=False,
            )
        found.append(this)
    lines = lines_of(found, {case.name: inputs[case.given].records for case in cases})
    write_files(OUT, lines, found, machine, settings)
    out.print(rich_table(lines))
    out.print(machine, markup=False)
    out.print(settings, markup=False)


def _inputs(records: int) -> dict[str, Input]:
    inputs = {DAY: synthetic_day(records), SMALL: synthetic_day(SMALL_RECORDS)}
    if REAL_FILE.exists():
        inputs[REAL] = Input("real", REAL_FILE, REAL_FILE, _REAL_RECORDS)
    return inputs


def _run(case: Case, given: Input, tiny: Input) -> Mapping | None:
    """Run a case in its own process; None, with a line on stderr, when it fails."""
    if case.packages:
        uv = shutil.which("uv")
        if uv is None:
            err.print(f"{case.name}: needs uv, left out", markup=False)
            return None
        command = [uv, "run", "--quiet", "--isolated", "--no-project"]
        command += ["--python", f"{sys.version_info.major}.{sys.version_info.minor}"]
        for package in case.packages:
            command += ["--with", package]
        command += ["python", "-m", f"bench.peers.{case.function}", str(given.mbo), str(tiny.mbo)]
    else:
        command = [sys.executable, "-m", "bench.child", case.function]
        command += [json.dumps(dataclasses.asdict(day), default=str) for day in (given, tiny)]
    environment = {**os.environ, **thread_environment()}
    environment.pop("VIRTUAL_ENV", None)
    try:
        done = subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except subprocess.TimeoutExpired:
        err.print(f"{case.name}: took more than {_TIMEOUT_S} s, left out", markup=False)
        return None
    except subprocess.CalledProcessError as error:
        err.print(f"{case.name}: failed\n{error.stderr[-2000:]}", markup=False)
        return None
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
