"""Jobs in processes of this machine, each of which does one at a time."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import Future
from typing import NamedTuple

from spymaster_warehouse.jobs.job import BROKEN, Outcome, PartitionJob
from spymaster_warehouse.jobs.worker import ONE_THREAD

# a job whose worker dies is done again, by another worker
MOST_ATTEMPTS = 3
# arguments of Python: the program of a worker
WORKER = ("-m", "spymaster_warehouse.jobs.worker")


class _Task(NamedTuple):
    job: PartitionJob
    future: Future[Outcome]
    attempt: int


class ProcessExecutor:
    """Workers on this machine.

    Args:
        n_workers: processes.
        limit_s: a worker that needs longer for a job is ended.
    """

    def __init__(self, n_workers: int, limit_s: float) -> None:
        self.workers = f"{n_workers} worker{'s' if n_workers > 1 else ''}"
        self._limit_s = limit_s
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._processes = [_Worker() for _ in range(n_workers)]
        self._threads = [
            threading.Thread(target=self._serve, args=(worker,), daemon=True)
            for worker in self._processes
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: PartitionJob) -> Future[Outcome]:
        """Have a job done."""
        future: Future[Outcome] = Future()
        self._tasks.put(_Task(job, future, 1))
        return future

    def close(self) -> None:
        """End every worker."""
        self._closed.set()
        for worker in self._processes:
            worker.kill()
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self, worker: _Worker) -> None:
        """Give one worker job after job."""
        while (task := self._tasks.get()) is not None and not self._closed.is_set():
            if task.attempt == 1 and not task.future.set_running_or_notify_cancel():
                continue
            outcome, why = worker.do(task.job, self._limit_s)
            if self._closed.is_set():
                break
            if outcome is not None:
                task.future.set_result(outcome)
            elif task.attempt < MOST_ATTEMPTS:
                self._tasks.put(task._replace(attempt=task.attempt + 1))
            else:
                task.future.set_result(
                    Outcome(BROKEN, f"{task.job.name}: {MOST_ATTEMPTS} workers {why}")
                )
        worker.kill()


class _Worker:
    """A process that is started when it is needed, and again when it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._is_ended = False

    def do(self, job: PartitionJob, limit_s: float) -> tuple[Outcome | None, str]:
        """Return the outcome of a job; None and why when the process has died."""
        process = self._started()
        if process is None or process.stdin is None or process.stdout is None:
            return None, "were ended"
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            process.kill()

        watch = threading.Timer(limit_s, end)
        watch.daemon = True
        watch.start()
        try:
            process.stdin.write(f"{job.to_text()}\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except (OSError, ValueError):
            answer = ""
        finally:
            watch.cancel()
        if answer.endswith("\n"):
            return Outcome.from_text(answer), ""
        self._drop(process)
        if is_late.is_set():
            return None, f"needed longer than {limit_s:g} s and were ended"
        return None, f"died (exit status {process.returncode}), perhaps for lack of memory"

    def kill(self) -> None:
        """End the process for good."""
        with self._lock:
            self._is_ended = True
            process = self._process
        if process is not None:
            self._drop(process)

    def _started(self) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._process is None and not self._is_ended:
                self._process = subprocess.Popen(  # noqa: S603
                    [sys.executable, *WORKER],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env={**os.environ, **ONE_THREAD},
                )
            return self._process

    def _drop(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        with self._lock:
            if self._process is process:
                self._process = None
