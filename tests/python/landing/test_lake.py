"""The root of the lake: which paths are accepted, and the errors of the others."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2
import pytest
from spymaster.cli import main
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, UNUSABLE_CHARACTERS, Lake

MACRO = PROJECT_ROOT / "macros" / "lake" / "lake_root.sql"
FIRST_DAY = dt.date(2025, 10, 1)
PATHS_THAT_WORK = ("plain", "with space", "trailing/", "comma,semi;colon:", "percent%20~tilde")


class Returned(Exception):
    """Ends a macro, as dbt's ``return`` does."""


def lake_root(configured: str, project: str = "/project") -> str:
    """Return what the macro returns for a value of the environment variable."""

    def end(value: str) -> None:
        raise Returned(value)

    def raise_compiler_error(message: str) -> None:
        raise ValueError(message)

    template = jinja2.Environment(autoescape=False).from_string(
        MACRO.read_text(),
        globals={
            "env_var": lambda name, default: configured or default,
            "exceptions": SimpleNamespace(raise_compiler_error=raise_compiler_error),
            "flags": SimpleNamespace(PROJECT_DIR=project),
            "return": end,
        },
    )
    with pytest.raises(Returned) as returned:
        template.module.lake_root()
    return str(returned.value)


@pytest.fixture
def from_environment(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], Lake]:
    def make(configured: object) -> Lake:
        monkeypatch.setenv(LAKE_VARIABLE, str(configured))
        return Lake.from_environment()

    return make


def test_the_path_of_a_lake_is_utf_8(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path / os.fsdecode(b"bytes-\xff")))
    with pytest.raises(SpymasterError, match="the path of a lake must be UTF-8"):
        Lake.from_environment()


@pytest.mark.parametrize("character", UNUSABLE_CHARACTERS)
def test_unusable_characters_are_refused(
    character: str, tmp_path: Path, from_environment: Callable
) -> None:
    path = tmp_path / f"my{character}lake"
    with pytest.raises(SpymasterError) as refused:
        from_environment(path)
    assert f"{path}: the path of a lake cannot hold the character {character} (" in str(
        refused.value
    )
    expected = f"the path of a lake cannot hold the character {character}: {path}"
    with pytest.raises(ValueError) as refused_by_dbt:
        lake_root(str(path))
    assert str(refused_by_dbt.value) == expected
    with pytest.raises(ValueError, match="cannot hold the character"):
        lake_root("", project=str(path))


def test_the_unusable_characters_have_a_meaning_in_duckdb_or_dbt() -> None:
    assert set("[]*?'\"{}") <= set(UNUSABLE_CHARACTERS)


@pytest.mark.parametrize("name", PATHS_THAT_WORK)
def test_other_paths_work(name: str, tmp_path: Path, from_environment: Callable) -> None:
    configured = f"{tmp_path}/{name}"
    lake = from_environment(configured)
    assert lake_root(configured) == str(lake.root) == configured.rstrip("/")
    partition = lake.bronze_partition("future", "ESZ5", "mbo", FIRST_DAY)
    partition.mkdir(parents=True)
    duckdb.sql(f"copy (select 1 as n) to '{partition}/part-00000.parquet'")
    pattern = f"{lake_root(configured)}/bronze/*/*/symbol=*/*/dt=*/part-00000.parquet"
    [(file,)] = duckdb.sql(f"select file from glob('{pattern}')").fetchall()
    found = duckdb.sql(f"from read_parquet(['{file}'], hive_partitioning = true)")
    assert found.columns == ["n", "dt", "product_type", "source", "symbol", "table"]
    assert found.select("symbol", "dt").fetchall() == [("ESZ5", FIRST_DAY)]


def test_home_and_relative_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, from_environment: Callable
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for configured in ("~/lake", "lake", "./lake/", "nowhere/../lake"):
        assert from_environment(configured).root == tmp_path / "lake"
    for configured in ("~/lake", "lake"):
        with pytest.raises(ValueError, match=f"must be an absolute path, not '{configured}'"):
            lake_root(configured)


def test_the_default_is_in_the_project(from_environment: Callable) -> None:
    assert from_environment("").root == (PROJECT_ROOT / "lake").resolve()
    assert lake_root("") == "/project/lake"


def a_file(folder: Path) -> Path:
    path = folder / "file"
    path.write_text("not a directory")
    return path


def a_loop(folder: Path) -> Path:
    path = folder / "loop"
    path.symlink_to(path)
    return path


UNUSABLE_PLACES = {
    "a file": a_file,
    "below a file": lambda folder: a_file(folder) / "lake",
    "a loop of links": a_loop,
    "the home of nobody": lambda folder: Path("~no-such-user/lake"),
    # not even the superuser can create files there
    "cannot be created": lambda folder: Path("/proc/lake"),
    "cannot be written": lambda folder: Path("/proc"),
}
COMMANDS = {
    "build": ["build"],
    "publish": ["publish"],
    "demo": ["demo"],
    "land": ["land", __file__],
    "verify": ["verify"],
}


@pytest.mark.parametrize(
    ("command", "place"),
    [
        (command, place)
        for command in COMMANDS
        for place in UNUSABLE_PLACES
        # verifying an empty lake needs no permission to write
        if command != "verify" or not place.startswith("cannot be")
    ],
)
def test_a_path_that_cannot_be_a_lake_gives_one_line(
    command: str,
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = UNUSABLE_PLACES[place](tmp_path)
    monkeypatch.setenv(LAKE_VARIABLE, str(path))
    monkeypatch.setattr(sys, "argv", ["spymaster", *COMMANDS[command]])
    with pytest.raises(SystemExit) as exit_status:
        main()
    error = capsys.readouterr().err
    assert exit_status.value.code == 1
    assert error.startswith(f"error: {path}"), error
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_lake_without_permission_gives_one_line(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # the superuser may do anything, so the test fakes the system's error
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path and access(path, mode))
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["spymaster", *COMMANDS[command]])
    with pytest.raises(SystemExit) as exit_status:
        main()
    error = capsys.readouterr().err
    assert exit_status.value.code == 1
    assert error.startswith(f"error: {tmp_path}: the lake cannot be read (")
    assert error.count("\n") == 1


def test_a_lake_that_cannot_be_written_gives_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(SpymasterError, match="the lake cannot be written"):
        Lake(tmp_path).make_root()
