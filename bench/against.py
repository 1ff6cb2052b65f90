"""What a user waits for, here and at another commit, in one run on one machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table
from spymaster_ingest.console import err, out
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT

from bench.inputs import OUT
from bench.machine import machine_line
from bench.measure import CORES

# a row that takes this much longer than at the other commit is a regression
_REGRESSION = 1.2
# printed by the demonstration when the first picture is there
_FIRST_PICTURE = "done: drawing a picture"
_ONE_DAY = "--start-date 2025-10-17 --schemas mbo,definition,trades,bbo-1s,statistics,status"
_EVERY_ROW = (
    "demonstration, first picture, s",
    "demonstration, whole, s",
    "build with nothing new, s",
    "one day more, s",
    "evaluate without canaries, s",
)


@dataclass(frozen=True)
class Checkout:
    """A commit with its environment and a lake of its own."""

    name: str
    root: Path
    lake: Path

    def run(self, *arguments: str) -> tuple[float, float | None]:
        """Run a `spymaster` command; return its seconds, and those until the first picture."""
        environment = {
            **os.environ,
            LAKE_VARIABLE: str(self.lake),
            "DBT_TARGET_PATH": str(self.lake.with_name(f"{self.name}-target")),
            "PYTHONUNBUFFERED": "1",
        }
        program = self.root / ".venv" / "bin" / "spymaster"
        began, first, last = time.perf_counter(), None, []
        with subprocess.Popen(
            [program, *arguments],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                last = [*last[-20:], line]
                if first is None and line.startswith(_FIRST_PICTURE):
                    first = time.perf_counter() - began
        if process.returncode:
            raise click.ClickException(f"{self.name}: {arguments}\n{''.join(last)}")
        seconds = time.perf_counter() - began
        err.print(f"{self.name}: spymaster {arguments[0]}: {seconds:.1f} s", markup=False)
        return seconds, first


def compare(commit: str) -> None:
    """Measure every row here and at a commit, and print one table.

    Kernels are compiled and packages installed before the clock starts.
    """
    checkouts = [_checkout("here", "HEAD"), _checkout("there", commit)]
    machine = machine_line(CORES)
    found = [_measure(checkout) for checkout in checkouts]
    table = Table(title=f"HEAD against {commit}")
    for name in ("what", "here", "there", "ratio", "regression"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for what in _EVERY_ROW:
        here, there = (rows[what] for rows in found)
        is_regression = here > there * _REGRESSION
        table.add_row(
            what,
            f"{here:.1f}",
            f"{there:.1f}",
            f"{here / there:.2f}",
            "YES" if is_regression else "no",
        )
    out.print(table)
    out.print(machine, markup=False)


def _measure(checkout: Checkout) -> dict[str, float]:
    """Return the seconds of each row."""
    # compiles every kernel of the demonstration and of the evaluation
    checkout.run("demo")
    checkout.run("evaluate", "--no-canaries")
    shutil.rmtree(checkout.lake)
    whole, first = checkout.run("demo")
    nothing_new, _ = checkout.run("build", "--quiet")
    raw = str(checkout.lake / "raw")
    checkout.run("generate", *_ONE_DAY.split(), "--out", raw)
    checkout.run("land", raw)
    one_day, _ = checkout.run("build", "--quiet")
    evaluation, _ = checkout.run("evaluate", "--no-canaries")
    seconds = (first or whole, whole, nothing_new, one_day, evaluation)
    return dict(zip(_EVERY_ROW, seconds, strict=True))


def _checkout(name: str, commit: str) -> Checkout:
    """Check out a commit beside the results, with its locked environment."""
    root, lake = OUT / name, OUT / f"{name}-lake"
    for leftover in (root, lake):
        shutil.rmtree(leftover, ignore_errors=True)
    OUT.mkdir(parents=True, exist_ok=True)
    for command in (
        ["git", "clone", "--quiet", str(PROJECT_ROOT), str(root)],
        ["git", "-C", str(root), "checkout", "--quiet", _full_name(commit)],
        ["uv", "sync", "--quiet", "--locked", "--project", str(root)],
    ):
        subprocess.run(command, check=True)
    return Checkout(name, root, lake)


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
