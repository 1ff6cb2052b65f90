"""How the market's kernels are compiled: like the book engine's, but lean where nobody calls.

Most kernels are called by other kernels only. What numba makes for callers in Python would take
most of the compile time: every such entry takes some thirty arrays apart.
"""

from __future__ import annotations

from functools import partial

from numba import njit

entry = partial(njit, cache=True, nogil=True, _nrt=False)()
kernel = partial(njit, nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)()
