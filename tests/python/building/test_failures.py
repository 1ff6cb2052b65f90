"""A failure gives one line and never reaches the file that analysts open."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from spymaster.cli import main
from spymaster_engine.door import KERNELS
from spymaster_engine.door.book import BOOK_ENGINE
from spymaster_engine.errors import KernelError
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support import lakes
from support.built_lakes import Built
from support.held_database import held_open
from support.wrong_depth import plant_a_wrong_depth


@pytest.fixture
def lake(built: Built, tmp_path: Path) -> Lake:
    """A copy of the built lake."""
    lake = Lake(tmp_path / "lake")
    shutil.copytree(built.lake.root, lake.root)
    return lake


@pytest.fixture
def spymaster(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """Run the command as the console script does; return its exit status."""

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["spymaster", *arguments])
        with lakes.lake_in_environment(lake), pytest.raises(SystemExit) as exit_status:
            main()
        return exit_status.value.code

    return run


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.long
def test_rows_that_fail_their_checks_publish_nothing(
    lake: Lake, spymaster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    published = sha256(lake.published)
    plant_a_wrong_depth(monkeypatch)
    lake.warehouse.unlink()
    for _ in range(2):
        assert spymaster("build", *lakes.dbt_arguments(lake), "--select", "+wall_surface_1s") == 1
        printed = capsys.readouterr()
        assert printed.err.startswith(f"error: wall_surface_1s {lakes.ES} ")
        assert "its rows fail their checks" in printed.err
        assert "nothing was published: depth_is_conserved (1 rows)" in printed.err
        assert printed.err.count("\n") == 1
        assert sha256(lake.published) == published


def refusing_a_day(
    replay: Callable[..., Any], day_start_ns: int, **inputs: Any
) -> Iterator[tuple[str, Any]]:
    """Yield the outputs of a pass, unless it is one over that day."""
    if inputs["settings"]["day_start_ns"] == day_start_ns:
        raise KernelError("record 7 is wrong")
    yield from replay(**inputs)


def test_a_refused_day_is_named_and_stops_no_other(
    landed: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    _, refused, *_ = lakes.DAYS
    start_ns = int(np.datetime64(refused, "ns").astype(np.int64))
    run = partial(refusing_a_day, BOOK_ENGINE.run, start_ns)
    selection = ("--select", "+book_engine_manifest")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KERNELS, "book_engine", replace(BOOK_ENGINE, run=run))
        with pytest.raises(SpymasterError):
            lakes.build_models(lake, *selection)
    assert f"{lakes.ES} {refused}: record 7 is wrong" in capsys.readouterr().out
    assert passes(lake) == {(lakes.CL, lakes.DAYS[0]), (lakes.ES, lakes.DAYS[0])}
    lakes.build_models(lake, *selection)
    assert len(passes(lake)) == 3


def passes(lake: Lake) -> set[tuple]:
    """Return the recorded passes of the engine, of which each list names a file that is there."""
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        recorded = connection.execute(
            "select owner, dt from meta.partition_state where relation = 'book_engine_manifest'"
        ).fetchall()
        for relation in lakes.ENGINE_RELATIONS:
            [(files,)] = connection.execute(f"select meta.files_of_{relation}()").fetchall()
            assert len(files) == len(recorded)
            assert all(Path(file).exists() for file in files)
    return set(recorded)


@pytest.mark.long
def test_a_skipped_data_test_publishes_nothing(
    lake: Lake, spymaster, capsys: pytest.CaptureFixture[str]
) -> None:
    """Except a test that needs a model of a later layer; it runs when that layer is built."""
    lake.warehouse.unlink()
    selected = ["--select", "+wall_surface_1s"]
    arguments = [*lakes.dbt_arguments(lake), *selected]
    skipped = "assert_wall_surface_1s_has_one_row_per_price"
    assert spymaster("build", *arguments, "--exclude", skipped) == 1
    assert "data tests have not passed for wall_surface_1s" in capsys.readouterr().err
    assert spymaster("build", *arguments, "--vars", "{surface_window: ['20:05', '20:06']}") == 0


def test_spilled_files_of_a_killed_build_are_removed(lake: Lake) -> None:
    # a build that has spilled leaves the folder empty
    lake.spill.mkdir(exist_ok=True)
    (lake.spill / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"spilled")
    lakes.build(lake, "--select", "trading_hours")
    assert lakes.stray_files(lake) == []


def test_a_locked_warehouse_gives_one_clear_line(
    lake: Lake, spymaster, capsys: pytest.CaptureFixture[str]
) -> None:
    published = sha256(lake.published)
    with held_open(lake.warehouse):
        for arguments in (["build", *lakes.dbt_arguments(lake)], ["publish"]):
            assert spymaster(*arguments) == 1
            error = capsys.readouterr().err
            assert error.startswith("error: ")
            assert str(lake.warehouse) in error
            assert "another process" in error
            assert error.count("\n") == 1
    assert sha256(lake.published) == published


@pytest.mark.parametrize("pattern", ["bronze/**/part-00000.parquet", "silver/**/*.parquet"])
def test_a_flipped_byte_is_found(
    lake: Lake, spymaster, capsys: pytest.CaptureFixture[str], pattern: str
) -> None:
    path = sorted(lake.root.glob(pattern))[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert spymaster("verify") == 1
    assert lake.relative(path) in capsys.readouterr().out


def test_an_undamaged_lake_passes_verification(built: Built) -> None:
    with lakes.lake_in_environment(built.lake), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["spymaster", "verify", "--json"])
        with pytest.raises(SystemExit) as exit_status:
            main()
    assert exit_status.value.code == 0
