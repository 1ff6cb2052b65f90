"""Published fingerprints of a day with planted agents against the plain ones.

The relations of orders are computed from the day's records alone, those around levels from the
published relations that they read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest
from naive.level_fingerprints import MEASURES, ApproachRules, level_fingerprints
from naive.model import NS_PER_S, BookConfig
from naive.order_fingerprint_events import Settings
from naive.order_fingerprint_rows import COLUMNS
from naive.order_fingerprints import fingerprints
from spymaster_ingest.synthetic import generate_day
from spymaster_ingest.synthetic.agent_arrays import AGENT_KINDS
from spymaster_ingest.synthetic.contract_days import agents_of
from spymaster_warehouse.project_vars import project_vars
from support.fingerprint_lake import MARKET, VARIABLES, fingerprint_lake
from support.fingerprint_rows import unlike
from support.synthetic_book import DAY, ES

Row = dict[str, Any]
ICEBERG_COUNTS = ("refill_count", "refill_qty", "reload_count", "reload_qty", "hidden_fill_qty")


@pytest.fixture(scope="module")
def connection(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    lake = fingerprint_lake(tmp_path_factory.mktemp("fingerprints"))
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        yield connection


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def plain_settings() -> Settings:
    given = dict(project_vars()["fingerprints"])
    return Settings(fingerprint_max_ticks=given.pop("max_ticks"), **given)


def plain_config(connection: duckdb.DuckDBPyConnection) -> BookConfig:
    [given] = rows_of(connection, "select * from silver.contract_days")
    [surface] = given["surface_windows"]
    return BookConfig(
        tick_int=ES.tick_int,
        day_start_ns=seconds(dt.datetime.combine(DAY, dt.time())) * NS_PER_S,
        trading_intervals=[
            (
                seconds(part["open_ts"]) * NS_PER_S,
                seconds(part["close_ts"]) * NS_PER_S,
                part["is_open_at_once"],
            )
            for part in given["trading_intervals"]
        ],
        surface_window_ns=(
            seconds(surface["start_ts"]) * NS_PER_S,
            seconds(surface["end_ts"]) * NS_PER_S,
        ),
        stale_after_s=given["stale_after_s"],
        # nothing here reads walls
        wall_max_ticks=1,
    )


def seconds(time: dt.datetime) -> int:
    return round((time - dt.datetime(1970, 1, 1)).total_seconds())


def published_form(row: Mapping[str, Any], symbol: str, width_s: int) -> Row:
    """Return a plain row with the key columns of the relation."""
    end = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=row["window_end_s"])
    return {
        "symbol": symbol,
        "dt": DAY,
        "window_start_ts": end - dt.timedelta(seconds=width_s),
        "window_end_ts": end,
        **{name: value for name, value in row.items() if name != "window_end_s"},
    }


def keyed(rows: list[Row], *names: str) -> dict[tuple[Any, ...], Row]:
    found = {tuple(row[name] for name in names): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_orders_and_icebergs(connection: duckdb.DuckDBPyConnection) -> None:
    """Which rows exist, their keys, whether they are valid, and every measure."""
    [(symbol,)] = connection.execute("select symbol from silver.contract_days").fetchall()
    windows, icebergs = fingerprints(
        generate_day(MARKET, DAY), plain_config(connection), plain_settings()
    )
    key = ("window_end_ts", "side")
    found = keyed(rows_of(connection, "select * from silver.order_fingerprints_5s"), *key)
    expected = keyed([published_form(row, symbol, 5) for row in windows], *key)
    assert unlike(expected, found) == []

    key = (*key, "price_int")
    found_icebergs = keyed(rows_of(connection, "select * from silver.iceberg_1s"), *key)
    expected_icebergs = keyed([published_form(row, symbol, 1) for row in icebergs], *key)
    assert unlike(expected_icebergs, found_icebergs) == []

    # what was compared is not empty, and there are windows without and with a whole minute
    rows = list(found.values())
    known = {name: sum(row[name] is not None for row in rows) for name in COLUMNS}
    assert min(known.values()) > 50, known
    assert known["is_valid"] - known["add_count"] >= 4
    assert known["add_count"] - known["periodicity_p"] >= 20
    assert all(sum(row[name] for row in found_icebergs.values()) for name in ICEBERG_COUNTS)
    assert {row["window_valid"] for row in found_icebergs.values()} == {False, True}
    assert len(set(agents_of(MARKET, DAY, "front")["kind"].tolist())) == len(AGENT_KINDS)
    assert sum(row["periodicity_p"] is not None and row["periodicity_p"] < 0.005 for row in rows)


def test_approaches(connection: duckdb.DuckDBPyConnection) -> None:
    rules = ApproachRules(
        horizon_id=VARIABLES["evaluation_horizons"][0],
        approach_over_s=VARIABLES["approach_over_s"],
        fingerprint_p_max=project_vars()["fingerprint_p_max"],
    )
    with_touch = "select * replace (epoch_ns(touch_ts) as touch_ts) from"
    expected = level_fingerprints(
        rows_of(connection, f"{with_touch} gold.approach_episodes"),
        rows_of(connection, "select * from silver.order_fingerprints_5s"),
        rows_of(connection, "select * from silver.level_decisions where is_eligible"),
        rows_of(
            connection,
            "select symbol, dt, level_id, window_end_ts, barrier_kind, horizon_id, "
            "outcome_reached, label_end_ts from gold.level_outcomes where outcome is not null",
        ),
        rules,
    )
    found = keyed(rows_of(connection, f"{with_touch} gold.level_fingerprints"), "episode_id")
    assert unlike({(name,): row for name, row in expected.items()}, found) == []

    rows = list(found.values())
    assert len({row["outcome_reached"] for row in rows}) >= 4
    assert {row["approach_dir"] for row in rows} == {"approach_up", "approach_down"}
    for moment, role in (("", "ahead"), ("", "behind"), ("touch_", "ahead"), ("touch_", "behind")):
        for name in MEASURES:
            known = sum(row[f"{moment}{role}_{name}"] is not None for row in rows)
            assert 3 <= known < len(rows), (moment, role, name)
