"""What the rows of a partition depend on besides its inputs and its SQL."""

from __future__ import annotations

import functools
import platform
from importlib.metadata import version
from pathlib import Path

import spymaster_engine
from spymaster_ingest.content_hash import file_sha256, hash_of

_LIBRARIES = ("duckdb", "numpy", "numba", "pyarrow")
_CODE = Path(spymaster_engine.__file__).parent
_DIGITS = 16


@functools.cache
def runtime_hash() -> str:
    """Return a hash of the kernels' and statistics' code, their libraries and the processor."""
    sources = sorted(_CODE.rglob("*.py"))
    return hash_of(
        {
            "code": [[str(path.relative_to(_CODE)), file_sha256(path)] for path in sources],
            "libraries": {name: version(name) for name in _LIBRARIES},
            "processor": platform.machine(),
        }
    )[:_DIGITS]
