"""Workers to which something happens at a job: a process of the pool, or a preload of Dask's."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from spymaster_engine.door import KERNELS
from spymaster_engine.door.book import BOOK_ENGINE
from spymaster_engine.errors import KernelError
from spymaster_ingest.content_hash import file_sha256
from spymaster_warehouse.jobs import processes, run, worker
from spymaster_warehouse.jobs.job import Outcome, PartitionJob

from support.wrong_depth import plant_a_wrong_depth

# what happens, the name of the job, and a folder that says what has happened
VARIABLE = "SPYMASTER_TESTS_SPOILED"
FOLDER = Path(__file__).parents[1]
_PROGRAM = f"import sys; sys.path.insert(0, {str(FOLDER)!r}); import support.spoiled_workers as w; "


def spoil_workers(
    patch: pytest.MonkeyPatch, what: str, job: str = "", folder: Path | None = None
) -> None:
    """Let workers that start from now on do what ``what`` names, at a job.

    Args:
        patch: undoes it.
        what: a name of ``_AT_A_JOB`` or ``_AT_THE_START``.
        job: its name.
        folder: for what is to happen once, and for ``kill_scheduler``.
    """
    patch.setenv(VARIABLE, f"{what}|{job}|{folder or ''}")
    patch.setenv("PYTHONPATH", str(FOLDER))
    patch.setattr(processes, "WORKER", ("-c", f"{_PROGRAM}w.main()"))


def refusing_a_day(
    replay: Callable[..., Any], day_start_ns: int, **inputs: Any
) -> Iterator[tuple[str, Any]]:
    """Yield the outputs of a pass, unless it is one over that day."""
    if inputs["settings"]["day_start_ns"] == day_start_ns:
        raise KernelError("record 7 is wrong")
    yield from replay(**inputs)


def _die(_: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_once(folder: Path) -> None:
    try:
        (folder / "died").touch(exist_ok=False)
    except FileExistsError:
        return
    _die(folder)


def _hang(_: Path) -> None:
    time.sleep(3600)


def _lack_memory(_: Path) -> None:
    with duckdb.connect(config={"memory_limit": "10MB", "temp_directory": ""}) as connection:
        connection.execute("select list(range) from range(10_000_000)")


def _kill_scheduler(folder: Path) -> None:
    os.kill(int((folder / "scheduler").read_text()), signal.SIGKILL)
    # nobody takes the outcome
    _hang(folder)


def _die_once_unfinished(folder: Path) -> None:
    """Die when the rows are written, before they are in place."""

    def die(path: Path) -> str:
        _die_once(folder)
        return file_sha256(path)

    run.file_sha256 = die


_AT_A_JOB = {
    "die": _die,
    "die_once": _die_once,
    "die_once_unfinished": _die_once_unfinished,
    "hang": _hang,
    "lack_memory": _lack_memory,
    "kill_scheduler": _kill_scheduler,
}


def _refuse(day: str) -> None:
    start_ns = int(np.datetime64(day, "ns").astype(np.int64))
    KERNELS["book_engine"] = replace(
        BOOK_ENGINE, run=partial(refusing_a_day, BOOK_ENGINE.run, start_ns)
    )


def _differ(_: str) -> None:
    run.runtime_hash = lambda: "another"  # type: ignore[assignment]


_AT_THE_START: dict[str, Callable[[str], None]] = {
    "wrong_depth": lambda _: plant_a_wrong_depth(pytest.MonkeyPatch()),
    "refuse": _refuse,
    "differ": _differ,
}


def plant() -> None:
    """Plant in this process what the environment names."""
    what, name, folder = os.environ[VARIABLE].split("|")
    if what in _AT_THE_START:
        _AT_THE_START[what](name)
        return
    done = run._outcome_of

    def outcome_of(job: PartitionJob, connection: Any) -> Outcome:
        if job.name == name:
            _AT_A_JOB[what](Path(folder))
        return done(job, connection)

    run._outcome_of = outcome_of


def main() -> None:
    """Be a process of the pool."""
    plant()
    worker.main()


def dask_setup(_: object) -> None:
    """Be a preload of a worker of Dask."""
    plant()
