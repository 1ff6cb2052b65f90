"""How the kernels are compiled.

The kernels of the book pass the engine's state, some twenty arrays, from function to function.
Compiled the usual way every call would copy the description of each array and count a reference to
it: a microsecond per record, many times the work itself. Therefore

- functions that run per record are inlined before compilation, and
- the kernels are compiled without numba's reference counting (``_nrt``). They can do without:
  they allocate nothing and every array they see is owned by the driver.
"""

from __future__ import annotations

from pathlib import Path

from spymaster_ingest.kernel_cache import compiler

_PACKAGE = Path(__file__).parent

kernel = compiler(_PACKAGE, nogil=True, _nrt=False)
inlined = compiler(_PACKAGE, nogil=True, _nrt=False, inline="always")
# of a kernel that makes arrays itself
allocating = compiler(_PACKAGE, nogil=True)
