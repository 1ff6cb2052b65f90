"""Compiles the market's kernels like the book engine's, but without Python entries.

Most kernels are called only by other kernels. Entries for callers in Python would take most of the
compile time, because each unpacks some thirty arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from spymaster_ingest.kernel_cache import compiler

_PACKAGE = Path(__file__).parent

entry = compiler(_PACKAGE, nogil=True, _nrt=False)
# options of a kernel that makes arrays itself
allocating = compiler(_PACKAGE)
# numba's types leave these options out
_LEAN: dict[str, Any] = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
kernel: Callable[..., Any] = njit(nogil=True, **_LEAN)


def code(value: int) -> Any:
    """Return a constant that kernels pass on, as numpy's integer.

    Numba compiles a kernel anew for every Python integer that is a constant among its arguments.
    """
    return np.int64(value)
