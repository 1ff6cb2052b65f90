"""Description of the machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path

_PACKAGES = ("numba", "numpy", "pyarrow", "databento", "zstandard", "duckdb")
_CPU_INFO = Path("/proc/cpuinfo")


def machine_line(cores_used: int) -> str:
    """Return processor, cores, load and versions in one line."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    load = os.getloadavg()[0]
    return (
        f"{_cpu_model()}, {os.cpu_count()} cores ({cores_used} used), load {load:.1f} at start; "
        f"Python {platform.python_version()}, {versions}"
    )


def _cpu_model() -> str:
    if _CPU_INFO.exists():
        for line in _CPU_INFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
