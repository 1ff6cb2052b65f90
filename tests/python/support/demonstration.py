"""The lake of the README's demonstration, which several files of tests read."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from spymaster_ingest.lake import PROJECT_ROOT

from support import cheap_dbt
from support.made_once import made_once

INSTALL = "pip install -q uv && "
DEMO = "uv run spymaster demo"
BUILD, UNIT_TESTS = "uv run spymaster build", "uv run dbt test --select test_type:unit"
IN_FULL = (DEMO, BUILD, UNIT_TESTS)


@dataclass(frozen=True)
class Demonstration:
    """The folder of the demonstration, with its lake and dbt's output, and what it printed."""

    folder: Path
    output: str

    @property
    def lake(self) -> Path:
        """The lake's root; the README's commands change it."""
        return self.folder / "lake"

    @property
    def unchanged_lake(self) -> Path:
        """The root of a copy as the demonstration left it, without raw files and pictures."""
        return self.folder / "unchanged"


def run_line(command: str, lake: Path, scratch: Path) -> subprocess.CompletedProcess[str]:
    """Run one `uv run ...` line of a page in the environment of the tests.

    The demonstration, and what builds upon it, runs in full, as it does for a user.
    """
    arguments = shlex.split(command.removeprefix(INSTALL).replace("lake/", f"{lake}/"))
    # a picture of a page does not belong into the checkout
    arguments = [
        str(scratch / argument) if argument.endswith(".png") else argument for argument in arguments
    ]
    assert arguments[:2] == ["uv", "run"], command
    program = Path(sys.executable).with_name(arguments[2])
    environment = {
        **os.environ,
        "SPYMASTER_LAKE": str(lake),
        "DBT_TARGET_PATH": str(scratch / "target"),
        "DBT_LOG_PATH": str(scratch / "logs"),
    }
    if command in IN_FULL:
        for name in cheap_dbt.ENVIRONMENT:
            del environment[name]
    return subprocess.run(
        [str(program), *arguments[3:]],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The README's demonstration, run once."""
    return made_once(tmp_path_factory, "demonstration", run_demonstration)


def run_demonstration(folder: Path) -> Demonstration:
    """Run the README's demonstration."""
    done = run_line(DEMO, folder / "lake", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    demonstration = Demonstration(folder, done.stdout)
    copy_lake(demonstration.lake, demonstration.unchanged_lake)
    return demonstration


def copy_lake(source: Path, target: Path) -> None:
    """Copy a lake without its raw files and pictures."""
    ignored = shutil.ignore_patterns("raw", "pictures")
    shutil.copytree(source, target, copy_function=_link_or_copy, ignore=ignored)


def _link_or_copy(source: str, target: str) -> None:
    """Link a file that builds replace and never write to; copy a database."""
    if source.endswith(".duckdb"):
        shutil.copy2(source, target)
    else:
        os.link(source, target)
