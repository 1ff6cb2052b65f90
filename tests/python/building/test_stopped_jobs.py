"""A build with workers that is stopped or killed leaves none behind, and the next one goes on."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_warehouse.build_settings import CLUSTER_VARIABLE
from support import lakes
from support.built_lakes import Built
from support.demonstration import Demonstration
from support.job_lakes import FEW, MODELS, PASSES, assert_same, passes_recorded

PATIENCE_S = 600
POLL_S = 0.01
SEED = 20_261_127
# command lines of workers: of a process, and of a local cluster
WORKERS = ("spymaster_warehouse.jobs.worker", "multiprocessing.spawn")


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen]]:
    """Start builds, of which nothing is left after the test."""
    builds = []

    def start(*arguments: Any) -> subprocess.Popen:
        builds.append(lakes.start_build(*arguments))
        return builds[-1]

    yield start
    for build in builds:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(build.pid, signal.SIGKILL)
        build.wait()


def group(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGINT)


def alone(process: subprocess.Popen) -> None:
    os.kill(process.pid, signal.SIGINT)


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Take Ctrl-C as a program of a terminal does: one started in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def lake(landed: Lake, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The lake of all stopped builds: dbt parses the project once for them."""
    return lakes.landed_copy(landed, tmp_path_factory.mktemp("stopped") / "lake")


def wait_until(is_reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_reached():
        assert time.monotonic() < deadline, what
        time.sleep(POLL_S)


def descendants(process: subprocess.Popen) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def is_worker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        command = " ".join(process.cmdline())
        return any(name in command for name in WORKERS)
    return False


def is_alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def halted_workers(process: subprocess.Popen, n_workers: int) -> list[psutil.Process]:
    """Return the workers of a build once there are all, and halt each before it ends a job."""
    halted: list[psutil.Process] = []

    def are_there() -> bool:
        for worker in descendants(process):
            if worker not in halted and is_worker(worker):
                worker.suspend()
                halted.append(worker)
        return len(halted) == n_workers

    wait_until(are_there, "no workers")
    return halted


def assert_none_is_left(workers: list[psutil.Process]) -> None:
    # those of a killed build need a moment; a stopped one waits for them
    wait_until(lambda: not any(map(is_alive, workers)), f"{workers} are left")


@pytest.mark.parametrize(
    ("options", "stop"),
    [
        (("--workers", "2"), group),
        (("--workers", "2"), alone),
        (("--on", "local:2"), group),
        (("--on", "local:2"), alone),
    ],
)
def test_ctrl_c_ends_the_workers(
    options: tuple[str, str],
    stop: Callable[[subprocess.Popen], None],
    lake: Lake,
    started: Callable[..., subprocess.Popen],
) -> None:
    build = started(lake, *options, *FEW)
    # a local cluster is whole by then; halted before, its workers would not register
    wait_until(lambda: any(lake.inputs.glob("*.json")), log_of(lake))
    workers = halted_workers(build, 2)
    everything = descendants(build)
    stop(build)
    assert build.wait(PATIENCE_S) == 1
    assert not any(map(is_alive, workers))
    assert_none_is_left(everything)
    said = log_of(lake)
    assert "Traceback" not in said
    assert (
        "error: spymaster build: was stopped by Ctrl-C; readers keep the published file "
        "(run it again: it goes on from what is finished)\n"
    ) in said
    assert not lake.published.exists()
    assert not lake.inputs.exists()
    assert lake.build_lock.read_text() == ""


def log_of(lake: Lake) -> str:
    return lakes.log_of(lake).read_text()


@pytest.mark.parametrize("options", [("--workers", "2"), ("--on", "local:2")])
def test_workers_of_a_killed_build_end(
    options: tuple[str, str], lake: Lake, started: Callable[..., subprocess.Popen]
) -> None:
    build = started(lake, *options, *FEW)
    wait_until(lambda: sum(map(is_worker, descendants(build))) >= 2, "no workers")
    everything = descendants(build)
    build.kill()
    build.wait()
    assert_none_is_left(everything)
    assert not lake.published.exists()


def test_the_next_build_goes_on(lake: Lake, inline_build: Built) -> None:
    lakes.build_models(lake, *FEW)
    assert_same(lake, inline_build)
    assert passes_recorded(lake) == passes_recorded(inline_build.lake)


def kill_after(n_finished: int, build: subprocess.Popen, lake: Lake) -> None:
    """Kill a build, with its workers, once some relations are finished, the passes among them."""

    def is_reached() -> bool:
        assert build.poll() is None, log_of(lake)
        lines = log_of(lake).splitlines()
        # lines of the progress name partitions too, and what is left
        finished = [line for line in lines if "OK created" in line and " partitions" in line]
        return len(finished) >= n_finished and any(PASSES in line for line in finished)

    wait_until(is_reached, f"{n_finished} relations of {lake.root}")
    everything = descendants(build)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()
    assert_none_is_left(everything)
    assert not lake.published.exists()


def test_a_build_killed_between_two_relations_goes_on(
    landed: Lake,
    inline_build: Built,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: Callable[..., subprocess.Popen],
) -> None:
    """The moment is counted in relations that are finished, so that a busy machine has the same."""
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    n_finished = random.Random(SEED).randint(1, 12)
    build = started(lake, "--on", "local:2", *MODELS)

    kill_after(n_finished, build, lake)
    before = passes_recorded(lake)
    assert before
    monkeypatch.setenv(CLUSTER_VARIABLE, "local:2")
    lakes.build_models(lake, *MODELS)
    assert_same(lake, inline_build)
    assert lakes.content_hashes(lake).keys() == inline_build.hashes.keys()


@pytest.mark.long
def test_the_demonstration_killed_and_built_again_is_the_same(
    demonstration: Demonstration, tmp_path: Path
) -> None:
    plain = rows_of(Lake(demonstration.unchanged_lake))
    lake = lakes.landed_copy(Lake(demonstration.unchanged_lake), tmp_path / "lake")
    moments = random.Random(SEED)
    for _ in range(2):
        kill_after(moments.randint(1, 30), build_in_full(lake), lake)
    assert build_in_full(lake).wait() == 0, log_of(lake)
    assert rows_of(lake) == plain
    stray = lakes.stray_files(lake)
    # libraries of vectors, which no view names
    assert [path for path in stray if not path.startswith("indexes/")] == []


def rows_of(lake: Lake) -> dict[str, tuple]:
    """Return the number of rows of each relation, and a sum of their hashes.

    Cheaper than hashes of the rows in full, which take a quarter of an hour here.
    """
    relations = lakes.ask(
        lake,
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema in ('silver', 'gold', 'steps')",
    )
    return {
        name: lakes.ask(lake, f"select count(*), sum(hash(t)) from {name} as t")[0]
        for (name,) in relations
    }


def build_in_full(lake: Lake) -> subprocess.Popen:
    """Start a build of everything by a local cluster, as a user does."""
    folder = lake.root.with_name("dbt")
    paths = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    program = str(Path(sys.executable).with_name("spymaster"))
    with lakes.log_of(lake).open("w") as output:
        return subprocess.Popen(
            [program, "build", "--on", "local:2", *paths],
            env={**os.environ, LAKE_VARIABLE: str(lake.root)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
