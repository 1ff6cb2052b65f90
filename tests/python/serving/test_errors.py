"""What goes wrong with files and databases is one line; a defect of ours keeps its traceback."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from spymaster.cli import main
from spymaster_engine.engine_files import DONE_MARKER
from spymaster_ingest.errors import as_one_line
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.publish_lake import DAY, SYMBOL, built_lake

MOMENT = ["--symbol", SYMBOL, "--dt", str(DAY)]
READERS = {
    "levels": ["levels", *MOMENT, "--at", "09:31:00"],
    "setups": ["setups", *MOMENT, "--level", "pm_high", "--at", "09:31:00"],
    "evaluate": ["evaluate"],
    "plot": ["plot", *MOMENT, "--start", "09:31:00", "--end", "09:32:00", "--out", "a.png"],
    "book": ["book", "--symbol", SYMBOL, "--at", "2025-10-01T13:31:00Z"],
}


def whole(path: Path) -> None:
    """Leave a database in which no relation is."""
    duckdb.connect(str(path)).close()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(b"no database " * 1000),
    "a directory": lambda path: path.mkdir(),
    "without relations": whole,
}


def line_of(arguments: list[str], lake: Lake, monkeypatch, capsys) -> str:
    """Run a command that must fail with one line, and return that."""
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    monkeypatch.setattr(sys, "argv", ["spymaster", *arguments])
    with pytest.raises(SystemExit) as exit_status:
        main()
    assert exit_status.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("command", READERS)
def test_a_damaged_published_file_is_one_line(
    command: str, damage: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    lake = Lake(tmp_path / "lake")
    lake.make_root()
    DAMAGE[damage](lake.published)
    monkeypatch.chdir(tmp_path)
    line_of(READERS[command], lake, monkeypatch, capsys)


@pytest.mark.parametrize("text", ["", "garbage", "{}", '{"files": [1]}', "[1]", "null"])
def test_a_damaged_record_of_publications_is_one_line(
    text: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    lake = built_lake(tmp_path)
    lake.publication_record.write_text(text)
    line = line_of(["publish"], lake, monkeypatch, capsys)
    assert line.startswith(f"error: {lake.publication_record}: is not a list of files")
    assert not lake.published.exists()


@pytest.mark.parametrize("text", ["", "garbage", "{}", "[]", '{"files": [1]}', "null"])
def test_a_marker_that_cannot_be_read_does_not_stop_a_publication(
    text: str, tmp_path: Path, monkeypatch
) -> None:
    lake = built_lake(tmp_path)
    (lake.engine_partition(SYMBOL, DAY) / DONE_MARKER).write_text(text)
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    monkeypatch.setattr(sys, "argv", ["spymaster", "publish"])
    with pytest.raises(SystemExit) as exit_status:
        main()
    assert exit_status.value.code == 0
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        assert connection.execute("select * from silver.wall_surface_1s").fetchall()


def test_errors_of_files_databases_and_documents_are_lines() -> None:
    assert as_one_line(FileNotFoundError(2, "No such file", "a/b")) == "a/b: No such file"
    with pytest.raises(duckdb.Error) as of_query:
        duckdb.sql("select * from read_parquet('/nowhere/*.parquet')")
    line = as_one_line(of_query.value)
    assert line.startswith("duckdb: IO Error: No files found")
    assert "\n" not in line
    with pytest.raises(json.JSONDecodeError) as of_document:
        json.loads("{")
    assert as_one_line(of_document.value).startswith("a JSON document cannot be read: ")
    assert len(as_one_line(OSError(5, "x" * 5000, "a"))) <= 400


def test_a_defect_keeps_its_traceback() -> None:
    for defect in (KeyError("a"), TypeError("b"), ValueError("c"), AssertionError("d")):
        assert as_one_line(defect) is None
