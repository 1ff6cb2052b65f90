"""How far the jobs of a build are, told while it waits for them and at its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from spymaster_ingest.console import err

from spymaster_warehouse.jobs.job import Outcome

# a line each time this has passed
LINE_S = 10.0


def _print(line: str) -> None:
    err.print(line, markup=False, soft_wrap=True)


class JobProgress:
    """Counts jobs.

    Args:
        workers: who does them, in words.
        say: takes a line.
        clock: seconds that pass.
    """

    def __init__(
        self,
        workers: str,
        say: Callable[[str], None] = _print,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workers = workers
        self._say = say
        self._clock = clock
        self._began = self._said = clock()
        # jobs that are not done, by relation
        self._left: dict[str, int] = {}
        self._done = 0
        self._work_s = 0.0
        self._slowest: tuple[float, str] = (0.0, "")
        # every thread of dbt waits for jobs
        self._lock = threading.Lock()

    def begin(self, relation: str, n_jobs: int) -> None:
        """Take jobs of a relation that were handed out."""
        with self._lock:
            self._left[relation] = n_jobs

    def finish(self, name: str, relation: str, outcome: Outcome) -> None:
        """Take the outcome of a job, called ``name``."""
        with self._lock:
            self._left[relation] -= 1
            self._done += 1
            self._work_s += outcome.seconds
            self._slowest = max(self._slowest, (outcome.seconds, name))

    def end(self, relation: str) -> None:
        """Forget the jobs of a relation that are not done."""
        with self._lock:
            self._left.pop(relation, None)

    def look(self) -> None:
        """Say how far it is, if the last line was long ago."""
        with self._lock:
            now = self._clock()
            if now < self._said + LINE_S:
                return
            self._said = now
            waiting = ", ".join(f"{n} of {relation}" for relation, n in self._left.items() if n)
            self._say(f"{self._summary()}; left: {waiting or 'none'}")

    def close(self) -> None:
        """Say what was done in all."""
        if self._done:
            took = self._clock() - self._began
            self._say(f"{self._summary()}; {self._work_s:.1f} s of work in {took:.1f} s")

    def _summary(self) -> str:
        seconds, name = self._slowest
        slowest = f", slowest {name} ({seconds:.1f} s)" if name else ""
        return f"{self._workers}: {self._done} partitions made{slowest}"
