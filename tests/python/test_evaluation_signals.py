"""How often signals came true: counted by hand on a small warehouse."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from spymaster.evaluation.signals import signal_rows

# day, class named, base rate of it, what happened, whether it fired
SIGNALS = (
    (1, "REJECT_UP", 0.5, "REJECT", True),
    (1, "REJECT_UP", 0.5, "BREAK", True),
    (2, "BREAK_UP", 0.2, "BREAK", True),
    (3, "BREAK_UP", 0.4, "BREAK", True),
    (3, "BREAK_UP", 0.4, "BREAK", False),
    (4, "BREAK_UP", 0.4, "CENSORED", True),
)


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema gold; create schema silver")
    connection.execute(
        "create table gold.mbo_trigger_signals (session_date date, dt date, symbol varchar, "
        "level_id varchar, trigger_ts timestamp, approach_dir varchar, h_fire varchar, "
        "c_top1 varchar, base_top1 double, fire_flag boolean)"
    )
    connection.execute(
        "create table gold.level_outcomes (symbol varchar, dt date, level_id varchar, "
        "window_end_ts timestamp, barrier_kind varchar, horizon_id varchar, outcome varchar)"
    )
    connection.execute(
        "create table silver.mbo_contract_day_selection as "
        "select 'ES' as root, cast('2025-10-01' as date) + cast(n as integer) as session_date, "
        "'ESZ5' as selected_symbol from range(0, 9) as days (n)"
    )
    for number, (day, named, base, outcome, fired) in enumerate(SIGNALS):
        date = dt.date(2025, 10, day)
        at = dt.datetime(2025, 10, day, 14, 0, number)
        connection.execute(
            "insert into gold.mbo_trigger_signals values (?, ?, 'ESZ5', 'pm_high', ?, "
            "'approach_up', 'h1', ?, ?, ?)",
            [date, date, at, named, base, fired],
        )
        for barrier, horizon in (("fixed", "h1"), ("fixed", "s240"), ("sigma", "h1")):
            connection.execute(
                "insert into gold.level_outcomes values ('ESZ5', ?, 'pm_high', ?, ?, ?, ?)",
                [date, at, barrier, horizon, outcome if horizon == "h1" else "CHOP"],
            )
    return connection


def test_signals_that_fired_are_counted(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = signal_rows(warehouse, "ES", 7)
    assert {(row["approach_dir"], row["horizon_id"], row["slice"]) for row in rows} == {
        ("approach_up", "h1", "signals")
    }
    found = {row["metric"]: row for row in rows}
    assert found["n_fired"]["value"] == 4
    assert found["n_days_fired"]["value"] == 3
    assert found["precision"]["value"] == pytest.approx(3 / 4)
    assert found["base_rate"]["value"] == pytest.approx(0.4)
    assert found["gain"]["value"] == pytest.approx(0.35)
    # a day without a miss, and one with: the interval is that of whole days
    assert found["precision"]["lo"] == pytest.approx(0.5)
    assert found["precision"]["hi"] == pytest.approx(1.0)


def test_without_signals_nothing_is_said(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("update gold.mbo_trigger_signals set fire_flag = false")
    assert signal_rows(warehouse, "ES", 7) == []
    assert signal_rows(warehouse, "NQ", 7) == []
