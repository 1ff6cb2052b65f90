"""The jobs of a running build: handed out, waited for, and given up when the build ends."""

from __future__ import annotations

import atexit
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

import duckdb
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster_warehouse.jobs.executor import Executor, executor_of_environment
from spymaster_warehouse.jobs.inputs import Inputs
from spymaster_warehouse.jobs.job import Outcome, jobs_of
from spymaster_warehouse.jobs.progress import JobProgress

_LOOK_S = 0.1
# ends what the main thread waits for, and does nothing else
_WAKING = signal.SIGUSR1
_STOPPED = SpymasterError("the jobs of the build", "were stopped")


class Jobs:
    """The jobs of one build.

    Args:
        lake: that is built.
        executor: does them.
        progress: told of them.
    """

    def __init__(self, lake: Lake, executor: Executor, progress: JobProgress) -> None:
        self._lake = lake
        self._executor = executor
        self._progress = progress
        self._inputs = Inputs(lake)
        self._handed: dict[str, list[tuple[str, Future[Outcome]]]] = {}
        self._lock = threading.Lock()

    def hand_out(
        self,
        connection: duckdb.DuckDBPyConnection,
        request: dict[str, Any],
        settings: dict[str, str],
    ) -> None:
        """Hand out the partitions of a relation.

        Args:
            connection: to dbt's database.
            request: what ``macros/jobs/partition_jobs`` describes.
            settings: of DuckDB for the jobs.
        """
        with self._lock:
            sql = [request["kernel"], request["prepare"], request["query"], request["rows"]]
            catalogue = self._inputs.catalogue_of(connection, sql, settings)
            jobs = jobs_of(request, self._lake, str(catalogue))
            self._handed[request["relation"]] = [
                (job.name, self._executor.submit(job)) for job in jobs
            ]
            self._progress.begin(request["relation"], len(jobs))

    def outcomes(self, relation: str, first: int) -> list[Outcome]:
        """Wait for a job of a relation; return its outcome and those that follow and are there.

        Args:
            relation: whose jobs were handed out.
            first: position of the job among them.

        Raises:
            SpymasterError: The build was stopped.
        """
        handed = self._handed[relation][first:]
        while not wait([handed[0][1]], timeout=_LOOK_S).done:
            if is_stopped.is_set():
                raise _STOPPED
            self._progress.look()
        found = []
        for name, future in handed:
            if not future.done():
                break
            found.append(future.result())
            self._progress.finish(name, relation, found[-1])
        return found

    def give_up(self, relation: str) -> None:
        """Forget the jobs of a relation that nobody has begun."""
        for _, future in self._handed.pop(relation, ()):
            future.cancel()
        self._progress.end(relation)

    def close(self) -> None:
        """End the workers, and remove what they read."""
        self._executor.close()
        self._progress.close()
        shutil.rmtree(self._lake.inputs, ignore_errors=True)


# the build that this process runs
_running: Jobs | None = None
_running_lock = threading.Lock()
is_stopped = threading.Event()


def running_jobs() -> Jobs:
    """Return the jobs of this process's build; its workers start with the first.

    Raises:
        SpymasterError: See ``executor.executor_of_environment``.
    """
    global _running
    with _running_lock:
        if _running is None:
            executor = executor_of_environment()
            _running = Jobs(Lake.from_environment(), executor, JobProgress(executor.workers))
        return _running


@atexit.register
def close_jobs() -> None:
    """End the workers of this process's build, if it has any."""
    global _running
    with _running_lock:
        if _running is not None:
            _running.close()
        _running = None


@contextmanager
def stops_noticed() -> Iterator[None]:
    """Let a build notice Ctrl-C and SIGTERM at once, in the threads that wait for jobs too.

    Python handles a signal in the main thread alone. dbt then waits for the other threads: it
    closes their connections, which are in use.
    """
    is_stopped.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number, handler in before.items():
        signal.signal(number, partial(_notice, handler))
    try:
        with _main_thread_woken(frozenset(before)):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _notice(handler: Callable[..., object], number: int, frame: FrameType | None) -> None:
    is_stopped.set()
    handler(number, frame)


@contextmanager
def _main_thread_woken(numbers: frozenset[int]) -> Iterator[None]:
    """Wake the main thread when one of the signals has come.

    A signal that comes just before the main thread begins to wait for a lock, or to another thread,
    does not end the wait: Python would handle it when the next node is done.
    """
    received, sender = socket.socketpair()
    sender.setblocking(False)
    main = threading.main_thread().ident

    def wake() -> None:
        while (byte := received.recv(1)) and main is not None:
            while byte[0] in numbers and not is_stopped.wait(_LOOK_S):
                signal.pthread_kill(main, _WAKING)

    woken = signal.signal(_WAKING, lambda number, frame: None)
    fd = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    thread = threading.Thread(target=wake, daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(fd)
        sender.close()
        thread.join()
        received.close()
        signal.signal(_WAKING, woken)
