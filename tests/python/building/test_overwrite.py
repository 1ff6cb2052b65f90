"""``spymaster build --overwrite`` forgets what is recorded of the selected partitions only."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from spymaster_warehouse import overwrite
from spymaster_warehouse.overwrite import forget_partitions
from support.publish_lake import DAY, OTHER_DAY, SYMBOL, built_lake

OTHER = "NQZ5"
DAYS = (DAY, OTHER_DAY)
ALL = {(name, symbol, day) for name in "ab" for symbol in (SYMBOL, OTHER) for day in DAYS}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = built_lake(tmp_path)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(
            "create table meta.partition_state (relation varchar, owner varchar, dt date, "
            "input_fingerprint varchar, model_checksum varchar)"
        )
        connection.executemany(
            "insert into meta.partition_state values (?, ?, ?, 'x', 'y')", sorted(ALL)
        )
    return lake


@pytest.fixture
def listed(monkeypatch) -> list[tuple[str, ...]]:
    """Let dbt select two models; return the arguments that it was asked with."""
    asked: list[tuple[str, ...]] = []

    def run(lake: Lake, command: str, arguments: tuple[str, ...]) -> SimpleNamespace:
        assert command == "list"
        asked.append(arguments)
        return SimpleNamespace(result=["a", "c"])

    monkeypatch.setattr(overwrite, "run_dbt", run)
    return asked


def recorded(lake: Lake) -> set[tuple[str, str, dt.date]]:
    with duckdb.connect(str(lake.warehouse)) as connection:
        query = "select relation, owner, dt from meta.partition_state"
        return set(connection.execute(query).fetchall())


def test_without_a_range_all_partitions_of_the_selection_are_forgotten(
    lake: Lake, listed: list
) -> None:
    files = set(lake.root.rglob("*.parquet"))
    assert forget_partitions(lake, ["--select", "silver"]) == 4
    assert recorded(lake) == {row for row in ALL if row[0] == "b"}
    # readable until they are replaced
    assert set(lake.root.rglob("*.parquet")) == files


@pytest.mark.parametrize(
    ("variables", "days", "symbols"),
    [
        (f"start_date: {OTHER_DAY}", {OTHER_DAY}, {SYMBOL, OTHER}),
        (f"end_date: {DAY}", {DAY}, {SYMBOL, OTHER}),
        (f"{{start_date: {DAY}, end_date: {DAY}, symbols: [{SYMBOL}]}}", {DAY}, {SYMBOL}),
        (f"symbols: {OTHER}", {DAY, OTHER_DAY}, {OTHER}),
    ],
)
def test_a_range_bounds_it(
    lake: Lake, listed: list, variables: str, days: set[dt.date], symbols: set[str]
) -> None:
    forget_partitions(lake, ["--select", "silver", "--vars", variables])
    assert recorded(lake) == {
        row for row in ALL if not (row[0] == "a" and row[1] in symbols and row[2] in days)
    }


def test_dbt_lists_what_it_would_build(lake: Lake, listed: list) -> None:
    forget_partitions(
        lake,
        ["--full-refresh", "--select", "a", "b+", "--threads", "4", "--exclude=c", "--vars", "{}"],
    )
    (asked,) = listed
    assert list(asked[-6:]) == ["--select", "a", "b+", "--exclude=c", "--vars", "{}"]


def test_a_lake_that_was_never_built_has_nothing_to_forget(tmp_path: Path, listed: list) -> None:
    assert forget_partitions(Lake(tmp_path), []) == 0
    assert listed == []


def test_whole_tables_that_are_selected_are_forgotten(lake: Lake, listed) -> None:
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(
            "create table meta.relation_state as "
            "select unnest(['a', 'b']) as relation, 'inputs' as built_from"
        )
    forget_partitions(lake, [])
    with duckdb.connect(str(lake.warehouse)) as connection:
        assert connection.execute("from meta.relation_state order by all").fetchall() == [
            ("a", None),
            ("b", "inputs"),
        ]
