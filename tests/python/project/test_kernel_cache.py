"""Kernels that threads and processes compile at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import numba
import pytest
from spymaster_ingest.kernel_cache import compiler

THREADS, KERNELS = 8, 200
PROCESSES = 2
# waits for a line, so that the processes begin together
KERNEL = """
from pathlib import Path
from spymaster_ingest.kernel_cache import compiler

@compiler(Path(__file__).parent)
def total(values):
    return values[0] + values[1]

if __name__ == "__main__":
    import numpy as np
    print("ready", flush=True)
    input()
    assert total(np.arange(4)) == 1
    print(sum(total.stats.cache_misses.values()))
"""


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

    def decorated_in(**options: Any) -> Callable[[Any], SimpleNamespace]:
        def decorate(function: Any) -> SimpleNamespace:
            seen = [settings.CACHE_DIR]
            time.sleep(0)
            return SimpleNamespace(seen=[*seen, settings.CACHE_DIR], compile=function)

        return decorate

    monkeypatch.setattr("numba.njit", decorated_in)
    monkeypatch.setattr("spymaster_ingest.kernel_cache._configured", None)

    def compile_kernels(number: int) -> set[str]:
        package = tmp_path / f"package_{number}"
        package.mkdir()
        (package / "kernel.py").write_text(f"NUMBER = {number}\n")
        decorate = compiler(package)
        start.wait()
        return {name for _ in range(KERNELS) for name in decorate(compile_kernels).seen}

    with ThreadPoolExecutor(THREADS) as pool:
        used = list(pool.map(compile_kernels, range(THREADS)))
    for number, directories in enumerate(used):
        [directory] = directories
        assert Path(directory).is_relative_to(tmp_path / f"package_{number}")
    assert before == settings.CACHE_DIR


def test_one_of_two_processes_compiles_a_kernel(tmp_path: Path) -> None:
    source = tmp_path / "kernel.py"
    source.write_text(KERNEL)
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    processes = [
        subprocess.Popen(
            [sys.executable, str(source)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    compiled = [int(process.communicate()[0]) for process in processes]
    assert sorted(compiled) == [0, 1]
