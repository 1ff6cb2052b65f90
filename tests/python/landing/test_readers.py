"""Readers and builds do not affect each other: neither waits, neither fails."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from spymaster_ingest.lake import Lake
from spymaster_warehouse.publish import publish
from support import lakes
from support.built_lakes import Built, Raw

READER = Path(__file__).resolve().parents[1] / "support" / "reader.py"
MODES = ("hold", "hold", "reopen", "reopen")
OTHER_WINDOW = ("20:06", "20:07")
PATIENCE_S = 60


def start_readers(database: Path, folder: Path) -> list[tuple[str, subprocess.Popen, Path]]:
    """Start a reader per mode and wait until each has queried once."""
    readers = []
    for number, mode in enumerate(MODES):
        report = folder / f"{number}.json"
        command = [sys.executable, READER, mode, database, folder / "stop", report]
        readers.append((mode, subprocess.Popen(command), report))
    deadline = time.monotonic() + PATIENCE_S
    while not all(report.with_suffix(".alive").exists() for _, _, report in readers):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return readers


def stop_readers(
    readers: list[tuple[str, subprocess.Popen, Path]], folder: Path
) -> list[tuple[str, dict]]:
    """Stop the readers and return mode and report of each."""
    (folder / "stop").touch()
    for _, process, _ in readers:
        assert process.wait(PATIENCE_S) == 0
    return [(mode, json.loads(report.read_text())) for mode, _, report in readers]


def test_readers_and_a_build_at_the_same_time(spare: Built, raw: Raw, tmp_path: Path) -> None:
    lake = Lake(shutil.copytree(spare.lake.root, tmp_path / "lake"))
    old_inode = lake.published.stat().st_ino
    old_walls = set(lakes.partition_files(lake, "wall_surface_1s"))
    readers = start_readers(lake.published, tmp_path)

    lakes.land_raw(lake, raw.es[lakes.DAYS[2]])
    lakes.build_models(lake, *lakes.WITHOUT_LEVELS, surface_window=OTHER_WINDOW)
    time.sleep(1)
    # the new walls replace the old ones, which the held connections still read
    new_walls = set(lakes.partition_files(lake, "wall_surface_1s"))
    assert old_walls < new_walls
    assert len(new_walls) == 2 * len(old_walls) + 1
    assert lake.published.stat().st_ino != old_inode
    reports = stop_readers(readers, tmp_path)

    for mode, report in reports:
        assert report["failures"] == [], mode
        assert report["queries"] > 10, mode
    held = [report["seen"] for mode, report in reports if mode == "hold"]
    reopened = [report["seen"] for mode, report in reports if mode == "reopen"]
    third = f"{lakes.ES}|{lakes.DAYS[2]}"
    for seen in held:
        assert len(seen) == 1
        assert third not in seen[0][0]
    for seen in reopened:
        assert [third in days for days, _, _ in seen] == [False, True]
        assert seen[0] == held[0][0]

    publish(lake)
    assert set(lakes.partition_files(lake, "wall_surface_1s")) == new_walls - old_walls
    assert lakes.ask(lake, "select count(*) > 0 from silver.wall_surface_1s") == [(True,)]
    assert lakes.stray_files(lake) == []
