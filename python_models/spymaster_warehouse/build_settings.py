"""The variables of the environment that shape a build, checked before dbt and DuckDB read them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from spymaster_ingest.errors import SpymasterError

WORKERS_VARIABLE = "SPYMASTER_WORKERS"
CLUSTER_VARIABLE = "SPYMASTER_ON"
JOB_LIMIT_VARIABLE = "SPYMASTER_JOB_LIMIT_S"
# as many workers as cores and memory allow
AUTO = "auto"
DEFAULT_JOB_LIMIT_S = 3600
# address of landed partitions outside of the lake
BRONZE_VARIABLE = "SPYMASTER_BRONZE"
THREADS_VARIABLE = "SPYMASTER_THREADS"
DEFAULT_THREADS = 2
MEMORY_VARIABLE = "SPYMASTER_MEMORY_LIMIT"
DEFAULT_MEMORY = "1GB"

_MOST_THREADS = 256
_MOST_WORKERS = 256
# of a worker, beside what DuckDB may use: the libraries and the arrays of a kernel
_WORKER_BYTES = 1 << 30
# as DuckDB writes sizes; a connection takes no share of memory
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT])(i?)B", re.IGNORECASE)


def dbt_threads() -> int:
    """Return the number of dbt's threads."""
    return int(os.environ.get(THREADS_VARIABLE, DEFAULT_THREADS))


def n_workers() -> int | None:
    """Return the number of processes that make partitions; None to make them in dbt's own."""
    wanted = os.environ.get(WORKERS_VARIABLE)
    if not wanted:
        return None
    return _workers_that_fit() if wanted == AUTO else int(wanted)


def cluster_address() -> str | None:
    """Return where the cluster is whose workers make partitions; None without one."""
    return os.environ.get(CLUSTER_VARIABLE) or None


def job_limit_s() -> float:
    """Return after how many seconds a worker that is still at a partition is ended."""
    return float(os.environ.get(JOB_LIMIT_VARIABLE, DEFAULT_JOB_LIMIT_S))


def require_settings(given: Mapping[str, str] | None = None) -> None:
    """Raise a SpymasterError when a variable that is set has no value of its kind.

    Args:
        given: values of variables; those of the environment by default.
    """
    given = os.environ if given is None else given
    workers = given.get(WORKERS_VARIABLE)
    if workers and given.get(CLUSTER_VARIABLE):
        raise SpymasterError(
            CLUSTER_VARIABLE, f"is set, and so is {WORKERS_VARIABLE}", "unset one of them"
        )
    if workers and workers != AUTO and not _is_number(workers, _MOST_WORKERS):
        raise SpymasterError(
            WORKERS_VARIABLE,
            f"{workers!r} is neither {AUTO} nor a whole number from 1 to {_MOST_WORKERS}",
            "for example 4; unset it to build in one process",
        )
    limit = given.get(JOB_LIMIT_VARIABLE)
    if limit is not None and not _is_number(limit, 10**6):
        raise SpymasterError(
            JOB_LIMIT_VARIABLE,
            f"{limit!r} is no whole number of seconds",
            f"for example 600; unset it for {DEFAULT_JOB_LIMIT_S}",
        )
    threads = given.get(THREADS_VARIABLE)
    if threads is not None and not _is_number(threads, _MOST_THREADS):
        raise SpymasterError(
            THREADS_VARIABLE,
            f"{threads!r} is no whole number from 1 to {_MOST_THREADS}",
            f"for example 4; unset it for {DEFAULT_THREADS}",
        )
    memory = given.get(MEMORY_VARIABLE)
    if memory is None:
        return
    size = _SIZE.fullmatch(memory)
    if size is None or float(size[1]) == 0:
        raise SpymasterError(
            MEMORY_VARIABLE, f"{memory!r} is no size above 0", "for example 4GB; unset it for 1GB"
        )


@contextmanager
def settings_of_command(given: Mapping[str, str | None]) -> Iterator[None]:
    """Give variables the values of a command's options for a while; None leaves one as it is."""
    before = {name: os.environ.get(name) for name in given}
    os.environ.update({name: value for name, value in given.items() if value is not None})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def usable_cores() -> int:
    """Return how many cores this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return cores or 1


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= most


def _workers_that_fit() -> int:
    """Return how many workers the cores and the memory of this machine allow."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    each = _bytes_of(os.environ.get(MEMORY_VARIABLE, DEFAULT_MEMORY)) + _WORKER_BYTES
    return max(1, min(usable_cores(), memory // each))


def _bytes_of(size: str) -> int:
    match = _SIZE.fullmatch(size)
    if match is None:
        raise SpymasterError(MEMORY_VARIABLE, f"{size!r} is no size")
    base = 1024 if match[3] else 1000
    return int(float(match[1]) * base ** ("KMGT".index(match[2].upper()) + 1))
