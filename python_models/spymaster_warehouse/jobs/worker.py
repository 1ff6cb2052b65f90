"""A process that does jobs: ``python -m spymaster_warehouse.jobs.worker``.

It reads a job a line and answers with its outcome, a line. It ends when nobody can give it jobs any
more, in the midst of one too.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from typing import TextIO

from spymaster_warehouse.jobs.job import PartitionJob

# libraries that would start a thread per core in every process
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


def main() -> None:
    """Do jobs until the input ends."""
    # Ctrl-C reaches every process of a terminal; the build ends its workers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # what a library prints is no answer
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin, jobs), daemon=True).start()
    from spymaster_warehouse.jobs.run import run_partition

    while True:
        outcome = run_partition(PartitionJob.from_text(jobs.get()))
        answers.write(f"{outcome.to_text()}\n")
        answers.flush()


def _read(lines: TextIO, jobs: queue.SimpleQueue[str]) -> None:
    for line in lines:
        jobs.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
