"""Errors of files and databases print one line; a defect of ours keeps its traceback."""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from click.testing import CliRunner
from spymaster.cli import cli, main
from spymaster_ingest.errors import SpymasterError, as_one_line
from spymaster_ingest.lake import LAKE_VARIABLE, MARKER, Lake
from spymaster_ingest.landing.manifest import MANIFEST_NAME
from spymaster_warehouse import build_steps
from support.dbn_files import mbo, plain
from support.held_database import held_open
from support.publish_lake import DAY, SYMBOL, built_lake

MOMENT = ["--symbol", SYMBOL, "--dt", str(DAY)]
READERS = {
    "levels": ["levels", *MOMENT, "--at", "09:31:00"],
    "setups": ["setups", *MOMENT, "--level", "pm_high", "--at", "09:31:00"],
    "evaluate": ["evaluate"],
    "plot": ["plot", *MOMENT, "--start", "09:31:00", "--end", "09:32:00", "--out", "a.png"],
    "book": ["book", "--symbol", SYMBOL, "--at", "2025-10-01T13:31:00Z"],
}
# what tells of a lake beside what it holds
SUMMARIES = {"status": ["status"], "verify": ["verify"]}
WRITERS = {"publish": ["publish"], "build": ["build"], "evaluate": ["evaluate"]}
# whatever a command does with a lake
COMMANDS = (
    {name: [*arguments] for name, arguments in (READERS | SUMMARIES | WRITERS).items()}
    | {"land": ["land", "--allow-missing-definitions", "a.dbn"], "flags": ["flags", "a.dbn"]}
    | {"compare": ["compare", "a.dbn", "a.dbn"]}
)
TEXTS = ("", "garbage", "{}", "[]", '{"files": [1]}')


def whole(path: Path) -> None:
    """Leave a database without relations."""
    duckdb.connect(str(path)).close()


def cut_off(path: Path) -> None:
    whole(path)
    path.write_bytes(path.read_bytes()[:5000])


def unreadable(path: Path) -> None:
    """Leave a link that leads to itself: no permission keeps the owner of the machine out."""
    path.symlink_to(path)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut off": cut_off,
    "a loop of links": unreadable,
    "garbage": lambda path: path.write_bytes(b"no database " * 1000),
    "a directory": lambda path: path.mkdir(),
    "without relations": whole,
}


def line_of(arguments: list[str], lake: Lake, monkeypatch, capsys) -> str:
    """Run a command that must fail with one line, and return the line."""
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    monkeypatch.setattr(sys, "argv", ["spymaster", *arguments])
    with pytest.raises(SystemExit) as exit_status:
        main()
    assert exit_status.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    return error


def assert_no_traceback(arguments: list[str], lake: Lake, monkeypatch, capsys) -> None:
    """Run a command, which may succeed, and end with one line of an error if it does not."""
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    monkeypatch.setattr(sys, "argv", ["spymaster", *arguments])
    with pytest.raises(SystemExit) as exit_status:
        main()
    printed = capsys.readouterr()
    assert exit_status.value.code in (0, 1)
    # `verify` prints what differs as its result
    if exit_status.value.code == 1 and arguments != SUMMARIES["verify"]:
        assert printed.err.splitlines()[-1].startswith("error: ")


@pytest.fixture
def worked_on(tmp_path: Path, monkeypatch) -> Lake:
    """A lake for every command: dbt finds nothing to build, the working directory has a.dbn."""
    nothing = SimpleNamespace(result=SimpleNamespace(results=[]))
    monkeypatch.setattr(build_steps, "run_dbt", lambda *_, **__: nothing)
    monkeypatch.chdir(tmp_path)
    plain(tmp_path / "a.dbn", mbo(20))
    return built_lake(tmp_path)


@pytest.mark.parametrize("damage", [*DAMAGE, "locked"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_a_traceback_for_a_damaged_published_file(
    command: str, damage: str, worked_on: Lake, monkeypatch, capsys
) -> None:
    with ExitStack() as held:
        if damage == "locked":
            held.enter_context(held_open(worked_on.published))
        else:
            DAMAGE[damage](worked_on.published)
        assert_no_traceback(COMMANDS[command], worked_on, monkeypatch, capsys)


@pytest.mark.parametrize("document", ["publication", "partition", "lake"])
@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("flags", "compare")])
def test_no_command_shows_a_traceback_for_a_damaged_document(
    command: str, document: str, worked_on: Lake, monkeypatch, capsys
) -> None:
    path = {
        "publication": worked_on.publication_record,
        "partition": worked_on.bronze_partition("future", SYMBOL, "mbo", DAY) / MANIFEST_NAME,
        "lake": worked_on.root / MARKER,
    }[document]
    for text in TEXTS:
        path.write_text(text)
        assert_no_traceback(COMMANDS[command], worked_on, monkeypatch, capsys)


def test_an_error_goes_from_process_to_process() -> None:
    error = SpymasterError("a file", "it is empty", "land it again")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.remedy) == (str(error), "land it again")


def test_a_published_file_that_is_written_says_who_writes(
    worked_on: Lake, monkeypatch, capsys
) -> None:
    with held_open(worked_on.published):
        line = line_of(READERS["levels"], worked_on, monkeypatch, capsys)
    assert "is open for writing in another process (" in line
    assert line.endswith("(close it there)\n")


def test_a_day_with_a_damaged_manifest_is_not_called_missing(
    worked_on: Lake, monkeypatch, capsys
) -> None:
    line = line_of(READERS["book"], worked_on, monkeypatch, capsys)
    assert f"dt={DAY}/{MANIFEST_NAME}: is no manifest of this version (land its files" in line


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


@pytest.mark.parametrize("damage", [name for name in DAMAGE if name != "a loop of links"])
@pytest.mark.parametrize("command", SUMMARIES)
def test_a_summary_of_a_damaged_published_file_ends_without_a_traceback(
    command: str, damage: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    lake = Lake(tmp_path / "lake")
    lake.make_root()
    DAMAGE[damage](lake.published)
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    monkeypatch.setattr(sys, "argv", ["spymaster", *SUMMARIES[command]])
    with pytest.raises(SystemExit) as exit_status:
        main()
    printed = capsys.readouterr()
    is_database = damage == "without relations"
    is_looked_at = damage != "a directory" or command == "verify"
    assert exit_status.value.code == (1 if is_looked_at and not is_database else 0)
    assert "Traceback" not in printed.err
    assert printed.err.count("\n") <= 1


@pytest.mark.parametrize("damage", ["garbage", "cut off", "a directory"])
@pytest.mark.parametrize("command", WRITERS)
def test_a_damaged_warehouse_is_one_line(
    command: str, damage: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    lake = Lake(tmp_path / "lake")
    lake.make_root()
    DAMAGE[damage](lake.warehouse)
    line = line_of(WRITERS[command], lake, monkeypatch, capsys)
    if command != "evaluate" and damage != "a directory":
        assert "if it is damaged, remove it and run `spymaster build`" in line


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("command", ["levels", "setups", "plot"])
def test_a_date_out_of_range_is_one_line(
    command: str, day: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    arguments = [day if value == str(DAY) else value for value in READERS[command]]
    line = line_of(arguments, built_lake(tmp_path), monkeypatch, capsys)
    assert line.startswith(f"error: --dt {day}: lies outside 1970-01-02 to 2262-04-10")


@pytest.mark.parametrize("command", ["land", "flags", "compare"])
@pytest.mark.parametrize("name", ["a" * 5000, os.fsdecode(b"bytes-\xff.dbn")])
def test_an_impossible_file_name_is_one_line(
    command: str, name: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    lake = Lake(tmp_path / "lake")
    files = [str(tmp_path / name)] * (2 if command == "compare" else 1)
    line = line_of([command, *files], lake, monkeypatch, capsys)
    assert line.replace("\n", "").isprintable()


@pytest.mark.parametrize("name", ["a" * 5000, os.fsdecode(b"bytes-\xff")])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_lake_of_an_impossible_name_shows_no_traceback(
    command: str, name: str, worked_on: Lake, monkeypatch, capsys
) -> None:
    elsewhere = Lake(worked_on.root.with_name(name))
    assert_no_traceback(COMMANDS[command], elsewhere, monkeypatch, capsys)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_no_book_of_a_day_at_the_ends_of_the_calendar(
    day: str, worked_on: Lake, monkeypatch, capsys
) -> None:
    arguments = ["book", "--symbol", SYMBOL, "--at", f"{day}T12:00:00"]
    line = line_of(arguments, worked_on, monkeypatch, capsys)
    assert line.startswith(f"error: {SYMBOL} {day}: no market-by-order records are landed")


def test_line_breaks_that_a_user_typed_are_not_printed() -> None:
    assert str(SpymasterError("a\nb", "is no\r\ncontract", "did\tyou?")) == (
        "a b: is no contract (did you?)"
    )


def test_a_symbol_too_long_for_a_path_is_one_line(tmp_path: Path, monkeypatch, capsys) -> None:
    arguments = ["book", "--symbol", "A" * 5000, "--at", "2025-10-01T13:31:00Z"]
    line_of(arguments, built_lake(tmp_path), monkeypatch, capsys)


def test_workers_are_at_least_one(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    for workers in ("0", "-1"):
        done = CliRunner().invoke(cli, ["evaluate", "--workers", workers])
        assert done.exit_code == 2
        assert "is not in the range x>=1" in done.output


def test_bytes_that_are_not_text_can_be_printed() -> None:
    line = as_one_line(FileNotFoundError(2, "No such file", os.fsdecode(b"\xff.dbn")))
    assert line == "\\udcff.dbn: No such file"
