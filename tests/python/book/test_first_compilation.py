"""Replaying a landed day compiles no kernel that was not compiled in advance."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from spymaster_ingest.lake import Lake
from support import lakes

TICK_INT = 250_000_000
COMPILE = """
from spymaster_engine.first_compilation import compile_book_replay, compile_option_replay
compile_book_replay()
compile_option_replay()
"""
REPLAY = """
import sys
from pathlib import Path
from spymaster_engine.door import KERNELS
from spymaster_engine.kernels.book import BookConfig, BookEngine
from spymaster_engine.kernels.book.bronze_records import read_records
source, day_start_s, tick_int, target = sys.argv[1:]
day_start_ns = int(day_start_s) * 1_000_000_000
window = (day_start_ns, day_start_ns + 600_000_000_000)
config = BookConfig(int(tick_int), day_start_ns, surface_windows_ns=(window,))
engine = BookEngine(config)
for records in read_records(Path(source)):
    for output in engine.feed(records):
        engine.recycle(output)
for output in engine.finish():
    engine.recycle(output)
assert engine.summary()["n_records"] > 10_000
settings = {"day_start_s": int(day_start_s)}
KERNELS["option_books"].write(Path(target), orders=Path(source), settings=settings)
"""


@pytest.mark.long
def test_a_landed_day_compiles_no_further_kernel(landed: Lake, tmp_path: Path) -> None:
    kept = tmp_path / "kernels"

    def kernels(code: str, *arguments: object) -> set[Path]:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        subprocess.run(command, check=True, env={**os.environ, "NUMBA_CACHE_DIR": str(kept)})
        return set(kept.rglob("*.nbc"))

    compiled = kernels(COMPILE)
    assert {"replay", "replay_options"} <= {
        path.name.split("-")[0].split(".")[1] for path in compiled
    }
    partition = landed.bronze_partition("future", lakes.ES, "mbo", lakes.DAYS[0])
    [source] = partition.glob("*.parquet")
    midnight = dt.datetime.combine(lakes.DAYS[0], dt.time(), dt.UTC)
    target = tmp_path / "option_books"
    replayed = kernels(REPLAY, source, int(midnight.timestamp()), TICK_INT, target)
    assert replayed == compiled
