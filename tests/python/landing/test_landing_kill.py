"""A kill at any moment of a landing leaves the old partition, the new one, or none if none was."""

from __future__ import annotations

import contextlib
import hashlib
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from spymaster.verify import verify
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing import land
from spymaster_ingest.landing.manifest import PART_NAME, read_manifest
from support.dbn_files import mbo, plain
from support.landing_lake import files_in, land_ok, manifest_of, mbo_partition

# Lands sys.argv[2] into the lake sys.argv[1]. The process kills itself just before the n-th call
# that changes the lake's directories or waits for the disk, n = sys.argv[3]. With a fourth argument
# the system cannot swap two directories.
SUICIDAL_LAND = """
import os, pathlib, shutil, signal, sys
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing import land, partition

if sys.argv[4:] == ["without exchange"]:
    partition.exchange = lambda first, second: False

left = int(sys.argv[3])

def deadly(call):
    def run(*args, **kwargs):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)
    return run

os.fsync = deadly(os.fsync)
partition.exchange = deadly(partition.exchange)
shutil.rmtree = deadly(shutil.rmtree)
for name in ("rename", "mkdir", "unlink"):
    setattr(pathlib.Path, name, deadly(getattr(pathlib.Path, name)))
report = land([sys.argv[2]], Lake(pathlib.Path(sys.argv[1])),
              allow_missing_definitions=True, overwrite=True)
assert report.ok, report.errors
"""
STEPS_OF_A_FIRST_LANDING = 19
STEPS_OF_AN_OVERWRITE = 12
STEPS_WITHOUT_EXCHANGE = 14


def points(steps: int, quick: set[int]) -> list:
    """Return the kill points 1 to ``steps``; all but the quick ones only in the long run."""
    return [
        step if step in quick else pytest.param(step, marks=pytest.mark.long)
        for step in range(1, steps + 1)
    ]


def land_and_die(lake: Lake, path: Path, step: int, *more: str) -> int:
    arguments = [sys.executable, "-c", SUICIDAL_LAND, str(lake.root), str(path), str(step), *more]
    return subprocess.run(arguments, check=False, capture_output=True, timeout=60).returncode


def reference(tmp_path: Path, path: Path) -> str:
    lake = Lake(tmp_path / "reference")
    land_ok(lake, path, overwrite=True)
    return manifest_of(mbo_partition(lake))["content_hash"]


def assert_whole(lake: Lake, allowed: set[str]) -> str | None:
    """Assert that a reader sees one of the allowed contents, whole; return which."""
    manifest = read_manifest(mbo_partition(lake))
    if manifest is None:
        return None
    part = (mbo_partition(lake) / PART_NAME).read_bytes()
    assert hashlib.sha256(part).hexdigest() == manifest["file_sha256"]
    assert manifest["content_hash"] in allowed
    return manifest["content_hash"]


def assert_recovers(lake: Lake, path: Path, content: str) -> None:
    land_ok(lake, path, overwrite=True)
    assert assert_whole(lake, {content}) == content
    assert not [name for name in files_in(lake) if ".tmp-" in name]
    assert verify(lake).ok


@pytest.mark.parametrize("step", points(STEPS_OF_A_FIRST_LANDING, {12, 16, 18}))
def test_kill_during_a_first_landing(tmp_path: Path, step: int) -> None:
    path = plain(tmp_path / "a.dbn", mbo(1_000))
    content = reference(tmp_path, path)
    lake = Lake(tmp_path / "lake")
    assert land_and_die(lake, path, step) == -signal.SIGKILL
    assert_whole(lake, {content})
    assert_recovers(lake, path, content)


@pytest.mark.parametrize("step", points(STEPS_OF_AN_OVERWRITE, {6, 8, 9, 10, 11, 12}))
def test_kill_during_an_overwrite(tmp_path: Path, step: int) -> None:
    path = plain(tmp_path / "a.dbn", mbo(1_000))
    lake = Lake(tmp_path / "lake")
    land_ok(lake, path)
    old = manifest_of(mbo_partition(lake))["content_hash"]
    plain(path, mbo(1_500))
    new = reference(tmp_path, path)
    assert land_and_die(lake, path, step) == -signal.SIGKILL
    # one of the two always exists
    assert assert_whole(lake, {old, new}) in {old, new}
    assert_recovers(lake, path, new)


@pytest.mark.parametrize("step", points(STEPS_WITHOUT_EXCHANGE, {8, 9, 10, 11, 12}))
def test_without_atomic_swap_the_next_landing_restores_the_old_partition(
    tmp_path: Path, step: int
) -> None:
    path = plain(tmp_path / "a.dbn", mbo(1_000))
    lake = Lake(tmp_path / "lake")
    land_ok(lake, path)
    old = manifest_of(mbo_partition(lake))["content_hash"]
    other = plain(tmp_path / "b.dbn", mbo(1_500))
    new = reference(tmp_path, other)
    assert land_and_die(lake, other, step, "without exchange") == -signal.SIGKILL
    with contextlib.suppress(SpymasterError):
        land([tmp_path / "no such file"], lake)
    assert assert_whole(lake, {old, new}) in {old, new}
    assert_recovers(lake, other, new)


@pytest.mark.parametrize(
    ("start", "steps", "how"),
    [
        (None, STEPS_OF_A_FIRST_LANDING, []),
        (1_000, STEPS_OF_AN_OVERWRITE, []),
        (1_000, STEPS_WITHOUT_EXCHANGE, ["without exchange"]),
    ],
)
def test_the_kill_points_cover_the_landing(
    tmp_path: Path, start: int | None, steps: int, how: list[str]
) -> None:
    lake, path = Lake(tmp_path / "lake"), tmp_path / "a.dbn"
    if start:
        land_ok(lake, plain(path, mbo(start)))
    plain(path, mbo(1_500))
    assert land_and_die(lake, path, steps + 1, *how) == 0


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 20))]
)
def test_kill_from_outside(tmp_path: Path, shared_data: Path, seed: int) -> None:
    """A kill from outside, at an arbitrary moment."""
    path = shared_data / "es_mbo" / "esh4-glbx-mdp3-20231225.mbo.dbn.zst"
    lake = Lake(tmp_path / "lake")
    never = "1000000"
    arguments = [sys.executable, "-c", SUICIDAL_LAND, str(lake.root), str(path), never]
    with subprocess.Popen(arguments) as process:
        while not lake.bronze.exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(random.Random(seed).uniform(0, 0.12))
        process.kill()
    report = land_ok(lake, path)
    (result,) = report.partitions
    assert result.rows == 68_792
    assert not [name for name in files_in(lake) if ".tmp-" in name]
    assert verify(lake).ok
    fresh = Lake(tmp_path / "fresh")
    land_ok(fresh, path)
    hashes = {
        manifest_of(which.bronze_partition("future", "ESH4", "mbo", result.day))["content_hash"]
        for which in (lake, fresh)
    }
    assert len(hashes) == 1
