"""Helpers of a measured process: pin itself, time parts, report time and memory.

Uses only the standard library, because the peers' environments do not hold this project.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CORES = 2
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
)

_READ_BYTES = 1 << 22
_STATUS = Path("/proc/self/status")


def pin() -> None:
    """Keep this process and its threads on the first ``CORES`` cores it may use."""
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[:CORES])


def thread_environment() -> dict[str, str]:
    """Return the variables that limit every library's own threads to ``CORES``."""
    return dict.fromkeys(THREAD_VARIABLES, str(CORES))


def warm(path: Path) -> None:
    """Read a file once, so that no measured run pays for the disk."""
    with path.open("rb") as stream:
        while stream.read(_READ_BYTES):
            pass


def peak_bytes() -> int:
    """Return the largest resident set of this process so far, in bytes.

    Linux counts the memory of the forking process towards ``ru_maxrss`` of its child, so this reads
    the high-water mark of the address space if available.
    """
    if _STATUS.exists():
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


class Stopwatch:
    """Wall and processor seconds of the named parts of a run.

    Attributes:
        seconds: wall seconds per part.
        cpu_seconds: processor seconds of all threads per part.
        numbers: other results, such as counts of rows or bytes.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu_seconds: dict[str, float] = {}
        self.numbers: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time the body as part ``name``."""
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - wall
        self.cpu_seconds[name] = time.process_time() - cpu

    def report(self, records: int) -> None:
        """Print the result as the last line of standard output."""
        result = {
            "records": records,
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            "numbers": self.numbers,
            "peak_bytes": peak_bytes(),
        }
        print(json.dumps(result), flush=True)
