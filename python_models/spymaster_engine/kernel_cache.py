"""A cache of compiled kernels per state of their sources.

Numba notices a change in the file of a cached kernel, but not in the file of a kernel it calls,
and would go on running the old code. Kernels are therefore cached in a directory named by a
hash over all sources of their package.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numba

_VARIABLE = "NUMBA_CACHE_DIR"
_DIGITS = 12
_configured = os.environ.get(_VARIABLE)


def use_cache_of(package: Path) -> None:
    """Direct the kernels that are imported next to the cache of a package's sources.

    Call it in the package's ``__init__`` before the kernels are imported. ``NUMBA_CACHE_DIR``,
    when set, moves the cache elsewhere; a read-only package leaves numba's own default.
    """
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        digest.update(source.relative_to(package).as_posix().encode())
        digest.update(source.read_bytes())
    base = Path(_configured) if _configured else package / "__pycache__"
    directory = base / f"kernels-{digest.hexdigest()[:_DIGITS]}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    numba.config.CACHE_DIR = str(directory)
