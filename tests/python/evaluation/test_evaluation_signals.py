"""Metrics of signals, counted by hand on a small warehouse."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pytest
from spymaster.evaluation.report import write_report
from spymaster.evaluation.result_tables import METRICS, SCHEMAS, table_of
from spymaster.evaluation.signals import signal_rows
from spymaster_engine.statistics.evaluation.bootstrap import mean_over_days

# day, predicted class, its base rate, outcome, x at the exit, seconds to exit, whether it fired
SIGNALS = (
    (1, "REJECT_UP", 0.5, "REJECT", -8, 40, True),
    (1, "REJECT_UP", 0.5, "BREAK", 8, 20, True),
    (2, "BREAK_UP", 0.2, "BREAK", 8, 60, True),
    (3, "BREAK_UP", 0.4, "BREAK", 8, 80, True),
    (3, "BREAK_UP", 0.4, "BREAK", 8, 80, False),
    (4, "BREAK_UP", 0.4, "NOT_REACHED", -5, 240, True),
    (4, "BREAK_UP", 0.4, "CENSORED", None, None, True),
)
# every signal enters three ticks before the level, at a cost of 1.5 ticks
X0, COST = -3, 1.5


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema gold; create schema silver; create schema steps")
    connection.execute(
        "create table gold.mbo_trigger_signals (session_date date, dt date, symbol varchar, "
        "level_id varchar, trigger_ts timestamp, approach_dir varchar, decision_phase varchar, "
        "h_fire varchar, c_top1 varchar, base_top1 double, cost_ticks double, fire_flag boolean)"
    )
    connection.execute(
        "create table gold.level_outcomes (symbol varchar, dt date, level_id varchar, "
        "window_end_ts timestamp, barrier_kind varchar, horizon_id varchar, "
        "outcome_reached varchar, x0_ticks integer, exit_x_ticks integer, exit_ts timestamp_ns)"
    )
    connection.execute(
        "create table silver.level_decisions (symbol varchar, dt date, level_id varchar, "
        "window_end_ts timestamp, barrier_mode varchar)"
    )
    connection.execute(
        "create table silver.mbo_contract_day_selection as "
        "select 'ES' as root, cast('2025-10-01' as date) + cast(n as integer) as session_date, "
        "'ESZ5' as selected_symbol from range(0, 9) as days (n)"
    )
    for number, (day, named, base, outcome, exit_x, seconds, fired) in enumerate(SIGNALS):
        date = dt.date(2025, 10, day)
        at = dt.datetime(2025, 10, day, 14, 0, number)
        left = None if seconds is None else at + dt.timedelta(seconds=seconds)
        connection.execute(
            "insert into gold.mbo_trigger_signals values (?, ?, 'ESZ5', 'pm_high', ?, "
            "'approach_up', 'approaching', 's240', ?, ?, ?, ?)",
            [date, date, at, named, base, COST, fired],
        )
        connection.execute(
            "insert into silver.level_decisions values ('ESZ5', ?, 'pm_high', ?, 'vol')",
            [date, at],
        )
        for barrier, horizon in (("vol", "s240"), ("vol", "h1"), ("fixed", "s240")):
            is_its_own = (barrier, horizon) == ("vol", "s240")
            connection.execute(
                "insert into gold.level_outcomes values "
                "('ESZ5', ?, 'pm_high', ?, ?, ?, ?, ?, ?, ?)",
                [date, at, barrier, horizon, outcome if is_its_own else "CHOP", X0, exit_x, left],
            )
    return connection


def test_signals_that_fired_are_counted(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = signal_rows(warehouse, "ES", 7)
    assert {(row["approach_dir"], row["horizon_id"], row["slice"]) for row in rows} == {
        ("approach_up", "s240", "signals")
    }
    found = {row["metric"]: row for row in rows}
    assert found["n_fired"]["value"] == 6
    assert found["n_days_fired"]["value"] == 4
    assert found["n_censored"]["value"] == 1
    # only the four signals whose price reached the level
    assert found["precision"]["value"] == pytest.approx(3 / 4)
    assert found["base_rate"]["value"] == pytest.approx(0.4)
    assert found["gain"]["value"] == pytest.approx(0.35)
    # four days are too few for an interval
    assert all(np.isnan([row["lo"], row["hi"]]).all() for row in rows)


def test_signals_are_judged_by_their_results(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = {row["metric"]: row for row in signal_rows(warehouse, "ES", 7)}
    # the signal that never reached the level lost two ticks and its cost
    made = [5 - COST, -11 - COST, 11 - COST, 11 - COST, -2 - COST]
    assert found["result_ticks"]["value"] == pytest.approx(sum(made) / 5)
    assert found["time_to_exit_s"]["value"] == pytest.approx((40 + 20 + 60 + 80 + 240) / 5)
    assert found["not_reached_share"]["value"] == pytest.approx(1 / 5)


def test_signals_of_each_phase_are_counted_apart(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    warehouse.execute(
        "update gold.mbo_trigger_signals set decision_phase = 'at' "
        "where session_date >= date '2025-10-03'"
    )
    rows = signal_rows(warehouse, "ES", 7)
    fired = {row["decision_phase"]: row["value"] for row in rows if row["metric"] == "n_fired"}
    assert fired == {"approaching": 3, "at": 3}
    right = {row["decision_phase"]: row["value"] for row in rows if row["metric"] == "precision"}
    assert right == {"approaching": pytest.approx(2 / 3), "at": 1}
    tables = {name: schema.empty_table() for name, schema in SCHEMAS.items()}
    tables[METRICS] = table_of(METRICS, rows)
    text = write_report(tables, tmp_path, []).read_text()
    assert "| ES | approaches from below | approaching | s240 | 3 |" in text
    assert "| ES | approaches from below | at the level | s240 | 3 |" in text


def test_without_signals_there_are_no_rows(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("update gold.mbo_trigger_signals set fire_flag = false")
    assert signal_rows(warehouse, "ES", 7) == []
    assert signal_rows(warehouse, "NQ", 7) == []


def test_intervals_resample_whole_days() -> None:
    """Ten days of two signals that came true or failed together; nine have no interval."""
    date = np.repeat(np.arange(10), 2)
    values = (date % 2).astype(np.float64)
    mean, low, high = mean_over_days(values, np.ones(20), date, 7)
    assert mean == 0.5
    # ten coins, not twenty
    assert (low, high) == (pytest.approx(0.2), pytest.approx(0.8))
    fewer = mean_over_days(values[2:], np.ones(18), date[2:], 7)
    assert fewer[0] == pytest.approx(5 / 9) and np.isnan(fewer[1:]).all()


def test_the_report_names_too_few_days(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    tables = {name: schema.empty_table() for name, schema in SCHEMAS.items()}
    tables[METRICS] = table_of(METRICS, signal_rows(warehouse, "ES", 7))
    text = write_report(tables, tmp_path, []).read_text()
    assert "| 0.750 (too few days for an interval) |" in text
