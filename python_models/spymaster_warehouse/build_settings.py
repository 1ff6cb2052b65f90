"""The variables of the environment that shape a build, checked before dbt and DuckDB read them."""

from __future__ import annotations

import os
import re

from spymaster_ingest.errors import SpymasterError

THREADS_VARIABLE = "SPYMASTER_THREADS"
DEFAULT_THREADS = 2
MEMORY_VARIABLE = "SPYMASTER_MEMORY_LIMIT"

_MOST_THREADS = 256
# as DuckDB writes sizes; a connection takes no share of memory
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?[KMGT]i?B", re.IGNORECASE)


def dbt_threads() -> int:
    """Return the number of dbt's threads."""
    return int(os.environ.get(THREADS_VARIABLE, DEFAULT_THREADS))


def require_settings() -> None:
    """Raise a SpymasterError when a variable that is set has no value of its kind."""
    threads = os.environ.get(THREADS_VARIABLE)
    if threads is not None and not (
        threads.isascii() and threads.isdigit() and 1 <= int(threads) <= _MOST_THREADS
    ):
        raise SpymasterError(
            THREADS_VARIABLE,
            f"{threads!r} is no whole number from 1 to {_MOST_THREADS}",
            f"for example 4; unset it for {DEFAULT_THREADS}",
        )
    memory = os.environ.get(MEMORY_VARIABLE)
    if memory is None:
        return
    size = _SIZE.fullmatch(memory)
    if size is None or float(size[1]) == 0:
        raise SpymasterError(
            MEMORY_VARIABLE, f"{memory!r} is no size above 0", "for example 4GB; unset it for 1GB"
        )
