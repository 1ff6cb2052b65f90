"""What a user waits for, here and at another commit, in one run on one machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table
from spymaster_ingest.console import err, out
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT

from bench.builds import ENGINE_MODEL
from bench.inputs import OUT
from bench.levels import LEVEL_MODELS
from bench.machine import machine_line
from bench.measure import CORES

# a row that takes this much longer than at the other commit is a regression
_REGRESSION = 1.2
# printed by the demonstration when the first picture is there
_FIRST_PICTURE = "done: drawing a picture"
_SCHEMAS = (
    "mbo,definition,trades,bbo-1s,statistics,status,option-mbo,option-trades,option-statistics"
)
# days after those of the demonstration: one like them, and one of 22 M records
_SMALL_DAY = ("--start-date", "2025-10-17", "--seed", "7")
_FULL_DAY = ("--start-date", "2025-10-20", "--seed", "7", "--hours", "3", "--scale", "28")

# odds at a level on the demonstration's last day
_ODDS = (
    *("--symbol", "ESZ5", "--dt", "2025-10-16", "--at", "09:50:00"),
    *("--relation", "odds", "--column", "p_break", "--level", "pm_high"),
)

Seconds = Mapping[str, float]


@dataclass(frozen=True)
class Checkout:
    """A commit with its environment and a lake of its own."""

    name: str
    root: Path
    lake: Path

    @property
    def target(self) -> Path:
        """Where its dbt writes what it ran."""
        return self.lake.with_name(f"{self.name}-target")

    def run(self, program: str, *arguments: str) -> tuple[float, float]:
        """Run a program of its environment; return the seconds, and those to the first picture."""
        environment = {
            **os.environ,
            LAKE_VARIABLE: str(self.lake),
            "DBT_TARGET_PATH": str(self.target),
            "PYTHONUNBUFFERED": "1",
        }
        command = [str(self.root / ".venv" / "bin" / program), *arguments]
        began, first, last = time.perf_counter(), 0.0, []
        with subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                last = [*last[-20:], line]
                if line.startswith(_FIRST_PICTURE):
                    first = time.perf_counter() - began
        if process.returncode:
            raise click.ClickException(f"{self.name}: {arguments}\n{''.join(last)}")
        seconds = time.perf_counter() - began
        err.print(f"{self.name}: {program} {arguments[0]}: {seconds:.1f} s", markup=False)
        return seconds, first

    def node_seconds(self) -> Seconds:
        """Return the seconds of every node of the last build, by unique id."""
        results = json.loads((self.target / "run_results.json").read_text(encoding="utf-8"))
        return {result["unique_id"]: result["execution_time"] for result in results["results"]}


def compare(commit: str, *, with_ci: bool) -> None:
    """Measure every row here and at a commit, and print one table.

    Args:
        commit: what to compare with.
        with_ci: whether to time ``.ci/run`` as well, which takes long.
    """
    full_name = _full_name(commit)
    machine = machine_line(CORES)
    here, there = (
        _measure(name, of, with_ci=with_ci) for name, of in (("here", "HEAD"), ("there", full_name))
    )
    table = Table(title=f"HEAD against {commit}")
    for name in ("what", "here", "there", "ratio", "regression"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for what, value in here.items():
        is_regression = value > there[what] * _REGRESSION
        table.add_row(
            what,
            f"{value:.2f}",
            f"{there[what]:.2f}",
            f"{value / there[what]:.2f}",
            "YES" if is_regression else "no",
        )
    out.print(table)
    out.print(machine, markup=False)


def _measure(name: str, commit: str, *, with_ci: bool) -> Seconds:
    """Return the value of each row, in the order of the table."""
    began = time.perf_counter()
    checkout = _checkout(name, commit)
    installed_s = time.perf_counter() - began
    rows = {}
    whole, first = checkout.run("spymaster", "demo")
    rows["bare machine (packages cached), first picture, s"] = installed_s + first
    rows["bare machine (packages cached), whole demonstration, s"] = installed_s + whole
    shutil.rmtree(checkout.lake)
    whole, first = checkout.run("spymaster", "demo")
    rows["kernels ready, first picture, s"] = first
    rows["kernels ready, whole demonstration, s"] = whole
    # whatever the demonstration left to a build
    checkout.run("spymaster", "build", "--quiet")
    rows["build with nothing new, s"], _ = checkout.run("spymaster", "build", "--quiet")
    checkout.run("spymaster", "explain", *_ODDS)
    rows["explain on odds, s"], _ = checkout.run("spymaster", "explain", *_ODDS)
    rows["one small day more, s"] = _build_day(checkout, _SMALL_DAY)
    rows["full day, s"] = _build_day(checkout, _FULL_DAY)
    rows |= _over_the_engine(checkout.node_seconds())
    rows["evaluation of 60 days of random windows, s"], _ = checkout.run(
        "python", "-m", "bench.evaluation", "--canaries"
    )
    if with_ci:
        _put_shared_data_beside(checkout)
        began = time.perf_counter()
        subprocess.run([checkout.root / ".ci" / "run"], check=True, capture_output=True)
        rows[".ci/run, s"] = time.perf_counter() - began
    return rows


def _build_day(checkout: Checkout, day: tuple[str, ...]) -> float:
    """Write and land a further day; return the seconds of its build."""
    raw = str(checkout.lake / "raw")
    checkout.run("spymaster", "generate", *day, "--schemas", _SCHEMAS, "--no-truth", "--out", raw)
    checkout.run("spymaster", "land", raw)
    return checkout.run("spymaster", "build", "--quiet")[0]


def _over_the_engine(seconds: Seconds) -> Seconds:
    """Return the nodes of a build as multiples of the pass of the book engine."""
    engine_s = seconds[f"model.spymaster.{ENGINE_MODEL}"]
    levels_s = sum(seconds[f"model.spymaster.{name}"] for name in LEVEL_MODELS)
    return {
        "full day, all nodes over the engine pass": sum(seconds.values()) / engine_s,
        "full day, models of levels over the engine pass": levels_s / engine_s,
    }


def _checkout(name: str, commit: str) -> Checkout:
    """Check out a commit beside the results, with its locked environment and nothing compiled."""
    checkout = Checkout(name, OUT / name, OUT / f"{name}-lake")
    for leftover in (checkout.root, checkout.lake, checkout.target):
        shutil.rmtree(leftover, ignore_errors=True)
    OUT.mkdir(parents=True, exist_ok=True)
    for command in (
        ["git", "clone", "--quiet", str(PROJECT_ROOT), str(checkout.root)],
        ["git", "-C", str(checkout.root), "checkout", "--quiet", commit],
        ["uv", "sync", "--quiet", "--locked", "--group", "bench", "--project", str(checkout.root)],
    ):
        subprocess.run(command, check=True)
    return checkout


def _put_shared_data_beside(checkout: Checkout) -> None:
    """The tests look for it beside the checkout."""
    shared, link = PROJECT_ROOT.parent / "shared", checkout.root.parent / "shared"
    if shared.exists() and not link.exists():
        link.symlink_to(shared)


def _full_name(commit: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(PROJECT_ROOT), "rev-parse", "--verify", f"{commit}^{{commit}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{commit} is no commit of this repository")
    return done.stdout.strip()
