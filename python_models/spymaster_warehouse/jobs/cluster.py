"""Jobs on a Dask cluster: the only module that imports it."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import os
import re
import signal
import threading
import time
import uuid
from concurrent.futures import Future, InvalidStateError
from pathlib import Path
from typing import Any

from spymaster_ingest.errors import SpymasterError, one_line

from spymaster_warehouse.build_settings import CLUSTER_VARIABLE
from spymaster_warehouse.jobs.job import BROKEN, Outcome, PartitionJob

_LOCAL = re.compile(r"local:(\d{1,3})")
_ADDRESS = re.compile(r"(?:tcp|tls|ws|wss|ucx)://[^\s@]+:\d+")
_CONNECT_S = 10
_CLOSE_S = 3
# between looks at the workers that there are
_WATCH_S = 1.0
# a cluster may take this long to start a worker in the place of one that died
_WITHOUT_WORKERS_S = 30.0
_REMEDY = "run it again: it goes on from what is finished"


class ClusterExecutor:
    """Workers of a Dask cluster, each of which should have one thread.

    Args:
        address: of a scheduler, as ``tcp://host:8786``, or ``local:N`` for workers of this machine.
        limit_s: a worker that needs longer for a job is ended.

    Raises:
        SpymasterError: The library is not installed, or the address is none, cannot be reached, or
            has no workers.
    """

    def __init__(self, address: str, limit_s: float) -> None:
        try:
            import distributed
        except ModuleNotFoundError as error:
            raise SpymasterError(
                CLUSTER_VARIABLE,
                "needs a library that is not installed",
                "install the extra `cluster`: uv sync --extra cluster",
            ) from error
        # its own messages come as tracebacks and lines of its start
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._distributed: Any = distributed
        self._limit_s = limit_s
        self._address = address
        self._closed = threading.Event()
        self._cluster = self._local_cluster(address)
        try:
            self._client = distributed.Client(
                self._cluster or address, timeout=_CONNECT_S, set_as_default=False
            )
        except (OSError, TimeoutError) as error:
            raise SpymasterError(
                address, "the scheduler cannot be reached", "start it, or check its address"
            ) from error
        n_workers = len(self._client.scheduler_info(n_workers=-1)["workers"])
        if n_workers == 0:
            self.close()
            raise SpymasterError(address, "the scheduler has no workers", "start some")
        self.workers = f"{n_workers} worker{'s' if n_workers > 1 else ''} of {address}"
        # futures of the cluster, which it forgets when nobody holds them
        self._held: dict[str, tuple[Any, Future[Outcome]]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, job: PartitionJob) -> Future[Outcome]:
        """Have a job done."""
        outcome: Future[Outcome] = Future()
        key = f"{job.name}-{uuid.uuid4().hex}"
        try:
            remote = self._client.submit(
                do_job, job.to_text(), self._limit_s, key=key, pure=False, retries=0
            )
        except self._distributed.client.ClosedClientError:
            outcome.set_result(self._lost(job.name))
            return outcome
        with self._lock:
            self._held[key] = (remote, outcome)
        remote.add_done_callback(lambda done: self._finish(key, job.name, done))
        outcome.add_done_callback(lambda done: done.cancelled() and remote.cancel())
        return outcome

    def close(self) -> None:
        """Leave the cluster, and end it if it is local."""
        self._closed.set()
        with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
            self._client.close(timeout=_CLOSE_S)
        if self._cluster is None:
            return
        for nanny in self._cluster.workers.values():
            # it would wait for a job, and start another worker
            nanny.auto_restart = False
            with contextlib.suppress(ProcessLookupError, TypeError):
                os.kill(nanny.pid, signal.SIGKILL)
        with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
            self._cluster.close(timeout=_CLOSE_S)

    def _local_cluster(self, address: str) -> Any:
        local = _LOCAL.fullmatch(address)
        if local is None and not _ADDRESS.fullmatch(address):
            raise SpymasterError(
                address,
                "is no address of a cluster",
                "for example tcp://scheduler:8786, or local:2",
            )
        if local is None:
            return None
        # Ctrl-C reaches every process of a terminal; the build ends its workers. Threads and
        # processes that are started here inherit what is blocked.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._distributed.LocalCluster(
                n_workers=int(local[1]),
                threads_per_worker=1,
                host="127.0.0.1",
                # its pages are off; a port that is free, for the server that it starts all the same
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                # DuckDB has a limit of its own
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    def _finish(self, key: str, name: str, remote: Any) -> None:
        with self._lock:
            held = self._held.pop(key, None)
        if held is None:
            return
        if remote.status == "finished":
            outcome = Outcome.from_text(remote.result())
        elif remote.status == "error":
            outcome = Outcome(BROKEN, f"{name}: {self._why(remote.exception())}")
        else:
            outcome = self._lost(name)
        with contextlib.suppress(InvalidStateError):
            held[1].set_result(outcome)

    def _why(self, error: BaseException) -> str:
        if isinstance(error, self._distributed.KilledWorker):
            return (
                f"{error.allowed_failures + 1} workers of {self._address} died at it, perhaps for "
                f"lack of memory, or were ended for they needed longer than {self._limit_s:g} s"
            )
        return f"{self._address}: {type(error).__name__}: {one_line(error)}"

    def _lost(self, name: str) -> Outcome:
        return Outcome(BROKEN, f"{name}: the scheduler at {self._address} was lost ({_REMEDY})")

    def _watch(self) -> None:
        """Give up the jobs of a cluster whose workers have all gone: it would wait for new ones."""
        seen = time.monotonic()
        while not self._closed.wait(_WATCH_S):
            with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
                if self._client.status != "running" or self._client.nthreads():
                    seen = time.monotonic()
            if time.monotonic() < seen + _WITHOUT_WORKERS_S:
                continue
            with self._lock:
                held = dict(self._held)
                self._held.clear()
            for key, (_, outcome) in held.items():
                name = key.rpartition("-")[0]
                text = f"{name}: the scheduler at {self._address} has no workers left ({_REMEDY})"
                with contextlib.suppress(InvalidStateError):
                    outcome.set_result(Outcome(BROKEN, text))


def do_job(text: str, limit_s: float) -> str:
    """Do a job in a process of the cluster, which ends when the job takes too long."""
    from spymaster_warehouse.jobs.run import run_partition

    # a kernel may hold Python's own lock, for which a timer of Python would wait; the stacks that
    # faulthandler prints would come to the terminal of a build whose cluster is local
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(limit_s, exit=True, file=nowhere)
        try:
            return run_partition(PartitionJob.from_text(text)).to_text()
        finally:
            faulthandler.cancel_dump_traceback_later()
