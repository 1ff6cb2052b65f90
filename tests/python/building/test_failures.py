"""A failure gives one line and never reaches the file that analysts open."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from spymaster.cli import main
from spymaster_ingest.lake import Lake
from support import lakes
from support.built_lakes import Built
from support.held_database import held_open


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


def damage_one_depth(path: Path) -> None:
    """Rewrite a wall file with one contract more in a row."""
    table = pq.read_table(path)
    depth = table["depth_qty_end"].to_numpy().copy()
    depth[len(depth) // 2] += 1
    position = table.schema.get_field_index("depth_qty_end")
    pq.write_table(table.set_column(position, table.schema.field(position), [depth]), path)


@pytest.mark.long
def test_rows_that_fail_their_checks_publish_nothing(
    lake: Lake, spymaster, capsys: pytest.CaptureFixture[str]
) -> None:
    published = sha256(lake.published)
    wall = next(lake.root.glob(f"silver/book_engine/symbol={lakes.ES}/*/wall_surface_1s-*"))
    damage_one_depth(wall)
    lake.warehouse.unlink()
    for _ in range(2):
        assert spymaster("build", *lakes.dbt_arguments(lake), "--select", "+wall_surface_1s") == 1
        printed = capsys.readouterr()
        assert printed.err.startswith(f"error: wall_surface_1s {lakes.ES} ")
        assert "its rows fail their checks" in printed.err
        assert "nothing was published: depth_is_conserved (1 rows)" in printed.err
        assert printed.err.count("\n") == 1
        assert sha256(lake.published) == published


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
