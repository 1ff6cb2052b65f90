"""How the kernels are compiled.

The kernels pass the engine's state, some twenty arrays, from function to function. Compiled the
usual way every call would copy the description of each array and count a reference to it: a
microsecond per record, many times the work itself. Therefore

- functions that run per record are inlined by LLVM: inlined before compilation instead
  (``inline="always"``), every copy would be typed anew, which takes a quarter longer to compile
  and runs no quicker;
- the kernels are compiled without numba's reference counting (``_nrt``). They can do without:
  they allocate nothing and every array they see is owned by the driver.

A function is compiled anew for every Python integer that is a constant among its arguments.
Constants that are passed on, such as sides, are therefore numpy integers.
"""

from __future__ import annotations

from pathlib import Path

from spymaster_ingest.kernel_cache import compiler

_PACKAGE = Path(__file__).parent

kernel = compiler(_PACKAGE, nogil=True, _nrt=False)
inlined = compiler(_PACKAGE, nogil=True, _nrt=False, forceinline=True)
# of a kernel that makes arrays itself
allocating = compiler(_PACKAGE, nogil=True)
