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
    """A lake of two days with little built: a trade, a level and a wall on each."""
    lake = Lake(tmp_path_factory.mktemp("show") / "lake")
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema meta")
        connection.execute(
            "create table meta.partition_state (relation varchar, owner varchar, dt date, "
            "input_fingerprint varchar, model_checksum varchar)"
        )
        connection.execute("create schema silver; create schema steps")
        connection.execute(
            "create table steps.contract_trades (symbol varchar, dt date, trade_no bigint, "
            "window_start_ts timestamp, price_int bigint, size bigint, side varchar)"
        )
        connection.execute(
            "create table steps.level_anchors_1s (symbol varchar, dt date, window_start_ts "
            "timestamp, level_id varchar, k_ticks integer)"
        )
        connection.execute(
            "create table silver.wall_surface_1s (symbol varchar, dt date, window_start_ts "
            "timestamp, rel_ticks integer)"
        )
        for number, day in enumerate((FIRST, LAST)):
            noon = dt.datetime.combine(day, dt.time(12))
            for relation in ("contract_trades", "level_anchors_1s"):
                connection.execute(
                    "insert into meta.partition_state values (?, 'ESZ5', ?, 'a', 'b')",
                    [relation, day],
                )
            connection.execute(
                "insert into steps.level_anchors_1s values ('ESZ5', ?, ?, 'pm_high', 2)",
                [day, noon],
            )
            connection.execute(
                "insert into silver.wall_surface_1s values ('ESZ5', ?, ?, 1)", [day, noon]
            )
            connection.execute(
                "insert into steps.contract_trades values ('ESZ5', ?, 1, ?, ?, 1, 'B')",
                [day, noon, PRICE_INT + number],
            )
    return lake


def shown(
    lake: Lake, model: str = "bars", column: str = "open_price_int", **variables: object
) -> list[tuple[str, dt.date, object]]:
    """Return contract, date and another column of the rows that dbt shows of a model."""
    arguments = ["--select", model, "--indirect-selection", "empty"]
    [result] = lakes.run(lake, "show", *arguments, **variables).result.results
    columns = [result.agate_table.columns[name] for name in ("symbol", "dt", column)]
    return sorted(set(zip(*columns, strict=True)))


def test_the_latest_partition_is_shown(lake: Lake) -> None:
    assert shown(lake) == [("ESZ5", LAST, PRICE_INT + 1)]


def test_a_view_over_all_partitions_is_shown_alike(lake: Lake) -> None:
    assert shown(lake, "level_surface_1s", "rho_ticks") == [("ESZ5", LAST, -1)]


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
