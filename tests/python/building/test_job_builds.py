"""Processes that make partitions give what dbt's own process gives."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from spymaster_ingest.lake import Lake
from spymaster_warehouse.build_settings import WORKERS_VARIABLE
from spymaster_warehouse.store.address import STORE_VARIABLE
from spymaster_warehouse.store.store import ENTRY
from support import lakes
from support.built_lakes import Built
from support.job_lakes import MODELS, assert_same, build_by_workers


@pytest.fixture(scope="module")
def full(landed: Lake, inline_build: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that one worker has filled, which gave what dbt's own process gives."""
    folder = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STORE_VARIABLE, str(folder / "store"))
        lake = build_by_workers(landed, folder / "lake", WORKERS_VARIABLE, "1")
    assert_same(lake, inline_build)
    assert lakes.content_hashes(lake).keys() == inline_build.hashes.keys()
    return folder / "store"


def entries(store: Path) -> set[Path]:
    return {path.relative_to(store) for path in store.rglob(ENTRY)}


def test_one_worker_fills_a_store_with_all_that_has_files(full: Path, inline_build: Built) -> None:
    added = {(path.parts[0], path.parts[1], path.parts[2]) for path in entries(full)}
    files = {
        (path.parts[-4], path.parts[-3], path.parts[-2])
        for path in lakes.partition_files(inline_build.lake)
    }
    # outputs of a kernel are part of the partition beside which they stay
    outputs = set(lakes.ENGINE_RELATIONS)
    assert {key for key in files if key[0] not in outputs} <= added
    assert {"book_engine_manifest", "physics_norm_calibration"} <= {key[0] for key in added}


def test_two_workers_add_to_a_store_what_it_lacks(
    landed: Lake,
    inline_build: Built,
    full: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = tmp_path / "store"
    shutil.copytree(full, store)
    missing = sorted(entries(store))[::2]
    for entry in missing:
        shutil.rmtree((store / entry).parent)
    kept = {path: (store / path).stat().st_mtime_ns for path in entries(store)}
    monkeypatch.setenv(STORE_VARIABLE, str(store))
    assert_same(build_by_workers(landed, tmp_path / "lake", WORKERS_VARIABLE, "2"), inline_build)
    assert entries(store) == entries(full)
    assert {path: (store / path).stat().st_mtime_ns for path in kept} == kept
    assert "2 workers: " in capsys.readouterr().err


# without the seconds of the market: of a new lake their kernel is asked for its columns, for no day
OF_ORDERS = (*MODELS, "--exclude", "market_book_1s+", "published_book_1s+")


def test_a_full_store_is_enough_for_workers(
    landed: Lake, inline_build: Built, full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No kernel runs, in dbt's own process neither."""
    monkeypatch.setattr("spymaster_engine.door.kernel.write_streams", _no_kernel)
    before = {path: path.stat().st_mtime_ns for path in full.rglob("*")}
    monkeypatch.setenv(STORE_VARIABLE, str(full))
    lake = build_by_workers(landed, tmp_path / "lake", WORKERS_VARIABLE, "2", OF_ORDERS)
    assert_same(lake, inline_build)
    assert {path: path.stat().st_mtime_ns for path in full.rglob("*")} == before


def _no_kernel(*_: object) -> None:
    raise AssertionError("a kernel ran")


def test_four_workers(
    landed: Lake, inline_build: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = build_by_workers(landed, tmp_path / "lake", WORKERS_VARIABLE, "4")
    assert_same(lake, inline_build)
    assert "4 workers: " in capsys.readouterr().err
