"""``dbt show`` of a partitioned model shows rows of its latest partition."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support import lakes

FIRST, LAST = dt.date(2025, 10, 1), dt.date(2025, 10, 2)
PRICE_INT = 6_700_000_000_000


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake in which only the trades of two days are built, one trade each."""
    lake = Lake(tmp_path_factory.mktemp("show") / "lake")
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema meta")
        connection.execute(
            "create table meta.partition_state (relation varchar, owner varchar, dt date, "
            "input_fingerprint varchar, model_checksum varchar, is_tested boolean)"
        )
        connection.execute("create schema silver")
        connection.execute(
            "create table silver.contract_trades (symbol varchar, dt date, trade_no bigint, "
            "window_start_ts timestamp, price_int bigint, size bigint, side varchar)"
        )
        for number, day in enumerate((FIRST, LAST)):
            connection.execute(
                "insert into meta.partition_state values ('contract_trades', 'ESZ5', ?, 'a', 'b', "
                "true)",
                [day],
            )
            connection.execute(
                "insert into silver.contract_trades values ('ESZ5', ?, 1, ?, ?, 1, 'B')",
                [day, dt.datetime.combine(day, dt.time(12)), PRICE_INT + number],
            )
    return lake


def shown(lake: Lake, **variables: object) -> list[tuple[str, dt.date, int]]:
    """Return contract, date and open of the bars that dbt shows."""
    arguments = ["--select", "bars", "--indirect-selection", "empty"]
    [result] = lakes.run(lake, "show", *arguments, **variables).result.results
    columns = [result.agate_table.columns[name] for name in ("symbol", "dt", "open_price_int")]
    return sorted(set(zip(*columns, strict=True)))


def test_the_latest_partition_is_shown(lake: Lake) -> None:
    assert shown(lake) == [("ESZ5", LAST, PRICE_INT + 1)]


def test_vars_choose_the_partition(lake: Lake) -> None:
    assert shown(lake, end_date=FIRST) == [("ESZ5", FIRST, PRICE_INT)]


@pytest.mark.parametrize("has_state", [True, False])
def test_without_a_partition_it_says_what_to_do(
    has_state: bool, lake: Lake, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SpymasterError):
        shown(lake if has_state else Lake(tmp_path / "lake"), symbols=["NQZ5"])
    reason = "no partition to show: the inputs of bars have none that the vars"
    assert reason in capfd.readouterr().out
