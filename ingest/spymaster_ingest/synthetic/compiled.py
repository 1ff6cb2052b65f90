"""How the market's kernels are compiled: like the book engine's, but lean where nobody calls.

Most kernels are called by other kernels only. What numba makes for callers in Python would take
most of the compile time: every such entry takes some thirty arrays apart.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit
from spymaster_ingest.kernel_cache import compiler

_PACKAGE = Path(__file__).parent

entry = compiler(_PACKAGE, nogil=True, _nrt=False)
# of a kernel that makes arrays itself
allocating = compiler(_PACKAGE)
# numba's types leave these options out
_LEAN: dict[str, Any] = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
kernel: Callable[..., Any] = njit(nogil=True, **_LEAN)
