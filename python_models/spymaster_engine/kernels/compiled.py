"""How the kernels are compiled.

The kernels pass the engine's state, some twenty arrays, from function to function. Compiled the
usual way every call would copy the description of each array and count a reference to it: a
microsecond per record, many times the work itself. Therefore

- functions that run per record are inlined by LLVM: inlined before compilation instead
  (``inline="always"``), every copy would be typed anew, which takes a quarter longer to compile
  and runs no quicker;
- functions that only other kernels call have no entry for Python, which would unpack all arrays and
  take longer to compile than most functions. Called from Python they crash;
- the kernels are compiled without numba's reference counting (``_nrt``). They can do without:
  they allocate nothing and every array they see is owned by the driver.

A function is compiled anew for every Python integer that is a constant among its arguments.
Constants that are passed on, such as sides, are therefore numpy integers. It is also compiled anew
for arrays that can be written and arrays that cannot, as those of landed files: chunks of records
are always read-only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from spymaster_ingest.kernel_cache import compiler

_PACKAGE = Path(__file__).parent

_WITHOUT_ENTRY = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

kernel = compiler(_PACKAGE, nogil=True, _nrt=False)
# of a kernel that only other kernels call
inner = compiler(_PACKAGE, nogil=True, _nrt=False, **_WITHOUT_ENTRY)
inlined = compiler(_PACKAGE, nogil=True, _nrt=False, forceinline=True, **_WITHOUT_ENTRY)
# of an inlined function that Python calls too
inlined_entry = compiler(_PACKAGE, nogil=True, _nrt=False, forceinline=True)
# of a kernel that makes arrays itself
allocating = compiler(_PACKAGE, nogil=True)


def read_only(array: np.ndarray) -> np.ndarray:
    """Return a view of an array that cannot be written."""
    view = array.view()
    view.flags.writeable = False
    return view
