"""A Dask cluster on loopback: a scheduler and workers, each a process as on other machines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import Client
from spymaster_warehouse.build_settings import WORKERS_VARIABLE

PATIENCE_S = 120
POLL_S = 0.05


class DaskCluster:
    """A running cluster.

    Attributes:
        address: of its scheduler.
        scheduler: its process.
        log: file to which all print.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self.log = folder / "log"
        self._processes: list[subprocess.Popen] = []
        self.scheduler = self._start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-show"
        )
        deadline = time.monotonic() + PATIENCE_S
        while not (self._file.exists() and self._file.read_text().endswith("}")):
            assert self.scheduler.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(POLL_S)
        # who kills it finds it here
        (folder / "scheduler").write_text(str(self.scheduler.pid))
        with Client(scheduler_file=str(self._file), set_as_default=False) as client:
            self.address = client.scheduler.address

    def add_workers(self, n_workers: int, *arguments: str) -> None:
        """Start workers, and wait until the scheduler has them."""
        options = ["--nthreads", "1", "--memory-limit", "0", "--local-directory", self._folder]
        for _ in range(n_workers):
            self._start("dask_worker", *map(str, options), *arguments)
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(n_workers, timeout=PATIENCE_S)

    def close(self) -> None:
        """End all its processes."""
        for process in self._processes:
            if process.poll() is None:
                # a worker's own process belongs to the group of the one that watches it
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, module: str, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard"]
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [*command, "--scheduler-file", str(self._file), *arguments],
                env={**os.environ, WORKERS_VARIABLE: ""},
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes.append(process)
        return process


@contextmanager
def dask_cluster(folder: Path, n_workers: int, *arguments: str) -> Iterator[DaskCluster]:
    """Run a cluster with workers for a while.

    Args:
        folder: for its files; created.
        n_workers: processes with one thread each.
        arguments: of a worker.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cluster = DaskCluster(folder)
    try:
        cluster.add_workers(n_workers, *arguments)
        yield cluster
    finally:
        cluster.close()
