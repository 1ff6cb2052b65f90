"""No kernel reads or writes outside its arrays: their tests pass with numba's bounds checks on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
FILES = (
    "book/test_book_engine.py",
    "book/test_book_engine_scenarios.py",
    "conditions/test_turn_flows.py",
    "levels/test_first_hits.py",
    "levels/test_level_book_kernel.py",
    "levels/test_usual_depth_kernel.py",
    "market/test_market_kernel.py",
    "options/test_black76.py",
    "options/test_option_books.py",
    "patterns/test_retest_events.py",
    "retrieval/test_retrieval_kernels.py",
)


@pytest.mark.long
@pytest.mark.parametrize("file", FILES)
def test_kernels_stay_within_their_arrays(file: str, tmp_path: Path) -> None:
    checked = os.environ | {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", str(TESTS / file)]
    done = subprocess.run(command, env=checked, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
