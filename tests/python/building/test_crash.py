"""After a kill at any moment, a second build gives the result of an undisturbed build."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from spymaster_ingest.lake import Lake
from support import lakes
from support.built_lakes import Built

SEED = 20_251_001
ROUNDS = 20
POLL_S = 0.001
PAUSE_S = 0.1
PATIENCE_S = 300


def kill(process: subprocess.Popen) -> None:
    """Kill a build with its children, unless it has just ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def assert_rebuilt(lake: Lake, built: Built) -> None:
    """Run the build again and compare everything with the undisturbed lake."""
    lakes.build(lake, *lakes.WITHOUT_LEVELS)
    assert lakes.content_hashes(lake) == built.hashes
    assert lakes.partition_state(lake) == lakes.partition_state(built.lake)
    assert set(lakes.engine_files(lake)) == set(lakes.engine_files(built.lake))
    assert lakes.stray_files(lake) == []
    assert lakes.leftover_tables(lake) == []


def wait_until(is_reached: Callable[[], bool], process: subprocess.Popen) -> None:
    """Wait for a moment of a build, which must come before its end."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_reached():
        assert process.poll() is None, "the build ended before the moment"
        assert time.monotonic() < deadline
        time.sleep(POLL_S)


def lines_of(lake: Lake) -> list[str]:
    return lakes.log_of(lake).read_text().splitlines()


def kill_at_random_moments(rounds: int, landed: Lake, built: Built, folder: Path) -> None:
    """Kill one fresh build per round, each at another part of the undisturbed build's output.

    Progress is counted in lines (two per model, seed and test), not in seconds, so that a busy
    machine does not shift the moments; a short pause puts the kill between two lines.
    """
    moments = random.Random(SEED)
    expected = built.log.splitlines()
    first = next(number for number, line in enumerate(expected) if " START " in line)
    for number in range(rounds):
        lake = lakes.landed_copy(landed, folder / f"{number}" / "lake")
        process = lakes.start_build(lake, *lakes.WITHOUT_LEVELS)
        share = (number + moments.random()) / rounds
        line = first + int(share * (len(expected) - first - 1))
        wait_until(lambda lake=lake, line=line: len(lines_of(lake)) > line, process)
        time.sleep(moments.uniform(0, PAUSE_S))
        kill(process)
        assert_rebuilt(lake, built)
        shutil.rmtree(folder / f"{number}")


@pytest.mark.long
def test_kill_inside_the_engine_pass(landed: Lake, built: Built, tmp_path: Path) -> None:
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    process = lakes.start_build(lake, *lakes.WITHOUT_LEVELS)
    being_written = ".spymaster-scratch/book_engine_manifest/*/*.parquet"
    wait_until(lambda: any(lake.root.glob(being_written)), process)
    kill(process)
    assert any(lake.root.glob(being_written))
    assert not lake.published.exists()
    assert_rebuilt(lake, built)


@pytest.mark.long
def test_kill_at_many_random_moments(landed: Lake, built: Built, tmp_path: Path) -> None:
    kill_at_random_moments(ROUNDS, landed, built, tmp_path)
