"""Compiles kernels and caches them by the sources of their package.

Numba notices a change in the file of a cached kernel, but not in the file of a kernel it calls,
and would go on running the old code. Kernels are therefore cached in a directory named by a
hash over all sources of their package.

Processes that need the same kernel compile it once: the others wait and load what it cached.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache, wraps
from pathlib import Path
from threading import Lock
from typing import Any

import numba
from numba.core.compiler_lock import global_compiler_lock

_DIGITS = 12
# numba makes its settings at import, where no type checker sees them
_settings: Any = numba.config
_configured = os.environ.get("NUMBA_CACHE_DIR")
# the setting is one for all threads; numba would take the working directory for an empty one
_setting = Lock()


def compiler(package: Path, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a kernel and caches the machine code.

    ``NUMBA_CACHE_DIR``, when set, moves the cache elsewhere; a read-only package leaves numba's
    own default.

    Args:
        package: folder of the kernel's sources.
        options: options of ``numba.njit``.
    """

    def compile_kernel(function: Callable[..., Any]) -> Any:
        directory = _directory(package)
        with _cache_in(directory):
            kernel = numba.njit(cache=True, **options)(function)
        if directory is not None:
            name = f"{function.__module__}.{function.__qualname__}"
            kernel.compile = _by_one_process(kernel.compile, Path(directory, f"{name}.lock"))
        return kernel

    return compile_kernel


def _by_one_process(compile_signature: Callable[..., Any], path: Path) -> Callable[..., Any]:
    """Let one process at a time compile a kernel, or load it from the cache.

    A kernel waits only for kernels that it calls, so that no two processes wait for each other.
    """

    @wraps(compile_signature)
    def compile_locked(signature: Any) -> Any:
        # threads take numba's lock first, as they do within
        with global_compiler_lock, _locked(path):
            return compile_signature(signature)

    return compile_locked


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file; hold none where the folder or its file system allows none."""
    with ExitStack() as held:
        with suppress(OSError):
            fcntl.flock(held.enter_context(path.open("w")), fcntl.LOCK_EX)
        yield


@cache
def _directory(package: Path) -> str | None:
    """Make the cache directory for the package's present sources; None without permission."""
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        digest.update(source.relative_to(package).as_posix().encode())
        digest.update(source.read_bytes())
    base = Path(_configured) if _configured else package / "__pycache__"
    directory = base / f"kernels-{digest.hexdigest()[:_DIGITS]}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return str(directory)


@contextmanager
def _cache_in(directory: str | None) -> Iterator[None]:
    """Make numba cache in the directory; it reads the setting when a function is decorated."""
    with _setting:
        before = _settings.CACHE_DIR
        if directory is not None:
            _settings.CACHE_DIR = directory
        try:
            yield
        finally:
            _settings.CACHE_DIR = before
