"""``verify --values`` runs the kept checks over every partition and table of the published file."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from spymaster.commands.verify import command
from spymaster_ingest.lake import LAKE_VARIABLE, Lake

# two partitions of `walls`, of which one has two wrong rows, and a table with a wrong row
TABLES = """
create schema meta;
create schema silver;
create table silver.walls as
select * from (values
    ('ESZ5', date '2025-10-01', 1), ('ESZ5', date '2025-10-01', 2),
    ('ESZ5', date '2025-10-02', -1), ('ESZ5', date '2025-10-02', -2)
) as t (symbol, dt, depth);
create table silver.hours as select 25 as hour;
create table meta.partition_state (relation varchar, owner varchar, dt date);
insert into meta.partition_state values
('walls', 'ESZ5', date '2025-10-01'), ('walls', 'ESZ5', date '2025-10-02');
create table meta.row_checks (
    relation varchar, owner_column varchar, is_warning boolean, query varchar
);
"""


def query(condition: str) -> str:
    counted = f"select count(*) filter (not ({condition})) as n from __rows__"
    return f"select 'is right' as failed_check, n as n_rows from ({counted}) where n > 0"


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.make_root()
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(TABLES)
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    return lake


def keep(lake: Lake, *checks: tuple[str, str | None, bool, str]) -> None:
    with duckdb.connect(str(lake.published)) as connection:
        connection.executemany("insert into meta.row_checks values (?, ?, ?, ?)", checks)


def verify(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["--values", *arguments])


def test_rows_that_pass(lake: Lake) -> None:
    keep(lake, ("silver.walls", "symbol", False, query("depth < 5")))
    done = verify()
    assert done.exit_code == 0, done.output
    assert "all rows pass" in done.output


def test_every_failing_check_is_named_with_its_partition(lake: Lake) -> None:
    keep(
        lake,
        ("silver.walls", "symbol", False, query("depth > 0")),
        ("silver.hours", None, False, query("hour < 24")),
    )
    done = verify()
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert "silver.walls ESZ5 2025-10-02: 2 rows fail a check: is right" in lines
    assert "silver.hours: 1 rows fail a check: is right" in lines
    assert not any("2025-10-01" in line for line in lines)
    assert "rows of 2 relations fail a check" in lines


def test_a_warning_leaves_the_status(lake: Lake) -> None:
    keep(lake, ("silver.hours", None, True, query("hour < 24")))
    done = verify()
    assert done.exit_code == 0
    assert "silver.hours: 1 rows fail a warning: is right" in done.output


def test_as_json(lake: Lake) -> None:
    keep(lake, ("silver.walls", "symbol", False, query("depth > 0")))
    done = verify("--json")
    assert done.exit_code == 1
    found = json.loads(done.output)
    assert found["ok"] is False
    assert found["failed_checks"] == [
        {
            "relation": "silver.walls",
            "partition": "ESZ5 2025-10-02",
            "check": "is right",
            "rows": 2,
            "is_warning": False,
        }
    ]


def test_a_lake_that_keeps_no_checks_says_what_to_do(lake: Lake) -> None:
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("drop table meta.row_checks")
    done = verify()
    assert "meta.row_checks: is not in the published file" in str(done.exception)
    assert "spymaster build" in str(done.exception)
