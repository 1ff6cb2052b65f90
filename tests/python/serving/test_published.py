"""The published file: reasons not to open it, and its queries."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
from spymaster.published import ask_columns, ask_rows, open_published, relations_of
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT, Lake

READERS = PROJECT_ROOT / "serving" / "spymaster"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    found = Lake(tmp_path)
    with duckdb.connect(str(found.published)) as connection:
        connection.execute("create schema gold")
        connection.execute("create table gold.numbers as select 1 as one, null::integer as unknown")
    return found


@pytest.fixture
def query(tmp_path: Path) -> Path:
    path = tmp_path / "numbers.sql"
    path.write_text("select one + $more as two, unknown from gold.numbers")
    return path


def refusal(lake: Lake, *require: str) -> str:
    with pytest.raises(SpymasterError) as refused, open_published(lake, require):
        pass
    return str(refused.value)


def test_nothing_is_published_yet(tmp_path: Path) -> None:
    assert "nothing is published yet (run `spymaster build`)" in refusal(Lake(tmp_path))


@pytest.mark.parametrize("content", [b"", b"no database", b"\0" * 5000])
def test_a_damaged_file_is_one_line(tmp_path: Path, content: bytes) -> None:
    Lake(tmp_path).published.write_bytes(content)
    line = refusal(Lake(tmp_path), "gold.numbers")
    assert "cannot be read" in line or "is not in the published file" in line
    assert "\n" not in line


def test_a_missing_relation_is_named(lake: Lake) -> None:
    assert refusal(lake, "gold.numbers", "gold.letters").startswith("gold.letters: is not in")


def test_a_published_file_opens_read_only_in_utc(lake: Lake) -> None:
    with open_published(lake, ["gold.numbers"]) as connection:
        assert "gold.numbers" in relations_of(connection)
        [(zone,)] = connection.execute("select current_setting('TimeZone')").fetchall()
        assert zone == "UTC"
        with pytest.raises(duckdb.InvalidInputException):
            connection.execute("drop table gold.numbers")
    with pytest.raises(duckdb.ConnectionException):
        connection.execute("select 1")


def test_a_lake_of_another_version_says_what_to_do(lake: Lake) -> None:
    with pytest.raises(SpymasterError) as refused, open_published(lake) as connection:
        connection.execute("select three from gold.numbers")
    assert "run `spymaster build`" in str(refused.value)


def test_a_query_takes_the_values_that_it_names(lake: Lake, query: Path) -> None:
    values = {"more": 1, "unnamed": "left out"}
    with open_published(lake) as connection:
        assert ask_rows(connection, query, values) == [{"two": 2, "unknown": None}]
        columns = ask_columns(connection, query, values)
    assert columns["two"].tolist() == [2]
    assert columns["unknown"].mask.tolist() == [True]


def test_a_value_that_is_no_utf_8_is_named(lake: Lake, query: Path) -> None:
    with open_published(lake) as connection, pytest.raises(UnicodeEncodeError):
        ask_rows(connection, query, {"more": os.fsdecode(b"\xff")})


def test_only_one_module_connects_to_the_published_file() -> None:
    """A second place that connects to the published file could open it differently."""
    openers = {
        path.relative_to(READERS).as_posix()
        for path in READERS.rglob("*.py")
        if "connect(str(lake.published)" in path.read_text()
    }
    assert openers == {"published.py"}
