"""Kernels that threads compile at the same time are each cached in their own directory."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import numba
import pytest
from spymaster_ingest.kernel_cache import compiler

THREADS, KERNELS = 8, 200


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Let threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("quick_switches")
def test_threads_do_not_share_a_cache_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numba would make the cache in the working directory while its setting is empty."""
    settings: Any = numba.config
    before = settings.CACHE_DIR
    start = Barrier(THREADS)

    def decorated_in(**options: Any) -> Callable[[Any], list[str]]:
        def decorate(function: Any) -> list[str]:
            seen = [settings.CACHE_DIR]
            time.sleep(0)
            return [*seen, settings.CACHE_DIR]

        return decorate

    monkeypatch.setattr("numba.njit", decorated_in)
    monkeypatch.setattr("spymaster_ingest.kernel_cache._configured", None)

    def compile_kernels(number: int) -> set[str]:
        package = tmp_path / f"package_{number}"
        package.mkdir()
        (package / "kernel.py").write_text(f"NUMBER = {number}\n")
        decorate = compiler(package)
        start.wait()
        return {name for _ in range(KERNELS) for name in decorate(compile_kernels)}

    with ThreadPoolExecutor(THREADS) as pool:
        used = list(pool.map(compile_kernels, range(THREADS)))
    for number, directories in enumerate(used):
        [directory] = directories
        assert Path(directory).is_relative_to(tmp_path / f"package_{number}")
    assert before == settings.CACHE_DIR
