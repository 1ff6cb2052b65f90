"""The plain calibration: quantiles, their input rows, and the row that a score uses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest
from naive.surfaces import Row, second_of
from naive.surfaces_calibration import (
    VACUUM_METRICS,
    CalibrationConfig,
    calibrate,
    calibration_lookup,
    norm,
)
from naive.surfaces_vacuum import vacuum_metrics
from support.strategies.surface_books import day_of, random_books

ROOT, SYMBOL = "ES", "ESM4"
TODAY = date(2024, 5, 8)
STUDY_START = timedelta(hours=13, minutes=30)  # 09:30 New York in summer, after 00:00 UTC
FORCED_INTRADAY = CalibrationConfig(calibration_mode="intraday_expanding")
FORCED_PRIOR = CalibrationConfig(calibration_mode="prior_sessions")


def cell(start: datetime, value: float | None, **fields: Any) -> Row:
    """The columns of a grid row that the calibration reads; all metrics have the same value."""
    metrics = {
        "pull_add_log": value,
        "pull_intensity_rest": None if value is None else np.expm1(value),
        "log1p_erosion_norm": value,
        "d2_pull_add_log": value,
        "wall_strength_log": value,
    }
    flags = {"window_start_ts": start, "window_valid": True, "is_empty": False}
    return flags | metrics | fields


def seconds(
    day: date, since_midnight: timedelta, values: Iterable[float | None], **fields: Any
) -> list[Row]:
    """A grid row per second from a UTC time on."""
    start = datetime.combine(day, datetime.min.time()) + since_midnight
    return [cell(start + timedelta(seconds=i), v, **fields) for i, v in enumerate(values)]


def sessions_before(n: int, first_value: float = 0.0) -> dict[tuple[str, date], list[Row]]:
    """`n` days before today, each with 11 study seconds of its own value, oldest first."""
    return {
        (SYMBOL, TODAY - timedelta(days=n - i)): seconds(
            TODAY - timedelta(days=n - i), STUDY_START, [first_value + i] * 11
        )
        for i in range(n)
    }


def select(days: Iterable[tuple[str, date]]) -> dict[tuple[str, date], str]:
    return {(ROOT, day): symbol for symbol, day in days}


def calibrated(
    days: dict[tuple[str, date], list[Row]],
    config: CalibrationConfig,
    selection: dict[tuple[str, date], str] | None = None,
    today: date = TODAY,
) -> list[Row]:
    selection = select([*days, (SYMBOL, today)]) if selection is None else selection
    return calibrate(ROOT, [today], days, selection, config)


def at_minute(rows: list[Row], since_midnight: timedelta, metric: str = "pull_add_log") -> Row:
    start = datetime.combine(TODAY, datetime.min.time()) + since_midnight
    (row,) = (r for r in rows if (r["valid_from_ts"], r["metric_name"]) == (start, metric))
    return row


def test_norm() -> None:
    assert [norm(x, 1.0, 3.0) for x in (0.0, 1.0, 1.5, 3.0, 9.0)] == [0, 0, 0.25, 1, 1]
    assert norm(7.0, 2.0, 2.0) == 0.5
    assert norm(None, 1.0, 3.0) is norm(2.0, None, 3.0) is norm(2.0, 1.0, None) is None


def test_quantiles_interpolate_between_order_statistics() -> None:
    """The q-quantile of n values lies at index q (n - 1) of their order, as in DuckDB."""
    values = np.random.default_rng(3).normal(size=777)
    rows = calibrated(
        {(SYMBOL, TODAY): seconds(TODAY, timedelta(), values.tolist())}, FORCED_INTRADAY
    )
    row = at_minute(rows, timedelta(minutes=13))
    ordered = np.sort(values)
    for name, quantile in (("q05", 0.05), ("q95", 0.95)):
        position = quantile * 776
        low = int(position)
        between = ordered[low] + (position - low) * (ordered[low + 1] - ordered[low])
        assert row[name] == pytest.approx(between, rel=1e-12)
        with duckdb.connect() as connection:
            sql = f"select quantile_cont(v, {quantile}) from (select unnest(?::double[]) as v)"
            assert row[name] == pytest.approx(
                connection.execute(sql, [values.tolist()]).fetchone()[0], rel=1e-12
            )


def test_intraday_needs_600_valid_seconds() -> None:
    """Two cells per second count once; seconds of invalid windows do not count."""
    day = seconds(TODAY, timedelta(hours=2), range(610))
    day += [row | {"pull_add_log": 1000.0} for row in day]
    for row in day:
        offset = row["window_start_ts"] - datetime(2024, 5, 8, 2)
        row["window_valid"] = offset >= timedelta(seconds=20)
    rows = calibrated({(SYMBOL, TODAY): day}, FORCED_INTRADAY)
    early = at_minute(rows, timedelta(hours=2, minutes=10))
    assert (early["q05"], early["q95"], early["n_rows"]) == (None, None, 2 * 580)
    # 590 seconds are too few at any later minute too
    assert at_minute(rows, timedelta(hours=3))["q05"] is None

    day = seconds(TODAY, timedelta(hours=2), range(600))
    rows = calibrated({(SYMBOL, TODAY): day}, FORCED_INTRADAY)
    assert at_minute(rows, timedelta(hours=2, minutes=9))["q05"] is None
    exact = at_minute(rows, timedelta(hours=2, minutes=10))
    assert (exact["q05"], exact["q95"]) == pytest.approx((599 * 0.05, 599 * 0.95))
    assert exact["n_rows"] == 600


def test_intraday_has_every_minute_and_restarts_at_the_study_window() -> None:
    before = seconds(TODAY, STUDY_START - timedelta(seconds=900), [1.0] * 900)
    after = seconds(TODAY, STUDY_START, [5.0] * 900)
    rows = calibrated({(SYMBOL, TODAY): before + after}, FORCED_INTRADAY)
    starts = sorted({row["valid_from_ts"] for row in rows})
    assert starts == [datetime(2024, 5, 8) + timedelta(minutes=m) for m in range(1440)]
    assert len(rows) == 1440 * len(VACUUM_METRICS)
    known = {
        minutes: at_minute(rows, STUDY_START + timedelta(minutes=minutes))
        for minutes in (-1, 0, 9, 10, 15, 300)
    }
    assert {m: (r["q95"], r["n_rows"], r["session_window"]) for m, r in known.items()} == {
        -1: (1.0, 840, "before_rth"),
        0: (None, 0, "from_rth"),
        9: (None, 540, "from_rth"),
        10: (5.0, 600, "from_rth"),
        15: (5.0, 900, "from_rth"),
        300: (5.0, 900, "from_rth"),
    }
    assert {row["lookback_sessions"] for row in rows} == {0}


def test_study_window_follows_new_york() -> None:
    winter = date(2024, 1, 10)
    start, end = FORCED_PRIOR.study_seconds(winter)
    assert datetime.fromtimestamp(start) - datetime.fromtimestamp(end) == timedelta(hours=-3)
    assert start == second_of(datetime(2024, 1, 10, 14, 30))
    assert FORCED_PRIOR.study_seconds(TODAY)[0] == second_of(datetime(2024, 5, 8, 13, 30))


def test_only_non_empty_cells_and_known_values_enter() -> None:
    days = sessions_before(5)
    key = (SYMBOL, TODAY - timedelta(days=1))
    days[key] += seconds(TODAY - timedelta(days=1), STUDY_START, [99.0] * 50, is_empty=True)
    days[key] += seconds(TODAY - timedelta(days=1), STUDY_START, [99.0] * 50, window_valid=False)
    for row in days[key][:4]:
        row["d2_pull_add_log"] = None
    rows = {row["metric_name"]: row for row in calibrated(days, FORCED_PRIOR)}
    assert {name: row["n_rows"] for name, row in rows.items()} == {
        name: 51 if name == "d2_pull_add_log" else 55 for name in VACUUM_METRICS
    }
    assert max(row["q95"] for row in rows.values()) <= 4.0


def test_prior_sessions_use_study_rows_strictly_before() -> None:
    days = sessions_before(6)
    yesterday = (SYMBOL, TODAY - timedelta(days=1))
    days[yesterday] += seconds(yesterday[1], STUDY_START - timedelta(seconds=60), [99.0] * 60)
    days[yesterday] += seconds(yesterday[1], STUDY_START + timedelta(hours=3), [99.0] * 60)
    plain = calibrated(days, FORCED_PRIOR)
    days[SYMBOL, TODAY] = seconds(TODAY, STUDY_START, [77.0] * 600)
    days[SYMBOL, TODAY + timedelta(days=1)] = seconds(
        TODAY + timedelta(days=1), STUDY_START, [88.0] * 600
    )
    assert calibrated(days, FORCED_PRIOR) == plain
    (row,) = (row for row in plain if row["metric_name"] == "pull_add_log")
    values = np.repeat(np.arange(6.0), 11)
    assert (row["q05"], row["q95"]) == pytest.approx(tuple(np.quantile(values, (0.05, 0.95))))
    assert row["valid_from_ts"] == datetime(2024, 5, 8)
    assert (row["n_rows"], row["lookback_sessions"]) == (66, 6)
    assert (row["session_window"], row["calibration_mode"]) == ("rth_study", "prior_sessions")


def test_prior_sessions_are_the_last_twenty() -> None:
    row = calibrated(sessions_before(26), FORCED_PRIOR)[0]
    values = np.repeat(np.arange(6.0, 26.0), 11)
    assert (row["q05"], row["q95"]) == pytest.approx(tuple(np.quantile(values, (0.05, 0.95))))
    assert row["lookback_sessions"] == 20


@pytest.mark.parametrize(
    ("n_sessions", "mode", "used", "is_known"),
    [
        (4, "auto", "intraday_expanding", False),
        (5, "auto", "prior_sessions", True),
        (4, "prior_sessions", "prior_sessions", False),
        (5, "prior_sessions", "prior_sessions", True),
        (5, "intraday_expanding", "intraday_expanding", False),
    ],
)
def test_modes(n_sessions: int, mode: str, used: str, is_known: bool) -> None:
    rows = calibrated(sessions_before(n_sessions), CalibrationConfig(calibration_mode=mode))
    assert {row["calibration_mode"] for row in rows} == {used}
    assert {row["q05"] is not None for row in rows} == {is_known}
    assert {row["q95"] is not None for row in rows} == {is_known}


def test_a_session_without_valid_study_second_does_not_count() -> None:
    days = sessions_before(5)
    for row in days[SYMBOL, TODAY - timedelta(days=3)]:
        row["window_valid"] = False
    row = calibrated(days, FORCED_PRIOR)[0]
    assert (row["q05"], row["lookback_sessions"]) == (None, 4)


def test_each_session_contributes_its_selected_contract() -> None:
    days = sessions_before(6)
    others = {
        ("ESU4", day): seconds(day, STUDY_START, [100.0] * 11) for _, day in sessions_before(6)
    }
    selection = select([*days, (SYMBOL, TODAY)])
    both = days | others
    assert calibrated(both, FORCED_PRIOR, selection) == calibrated(days, FORCED_PRIOR)
    selection[ROOT, TODAY - timedelta(days=1)] = "ESU4"
    assert calibrated(both, FORCED_PRIOR, selection)[0]["q95"] == 100.0
    selection[ROOT, TODAY - timedelta(days=1)] = None
    assert calibrated(both, FORCED_PRIOR, selection)[0]["lookback_sessions"] == 5


def test_score_uses_the_latest_row_not_later_than_its_window() -> None:
    books = random_books(11, 300, start=datetime(2024, 5, 8, 13, 28, 30))
    metrics = vacuum_metrics(day_of(books))
    config = CalibrationConfig(calibration_mode="intraday_expanding", intraday_min_seconds=30)
    rows = calibrated({(SYMBOL, TODAY): list(metrics.values())}, config)
    calibration = calibration_lookup(rows)
    modes = set()
    for second in sorted({key[0] for key in metrics}):
        quantiles = calibration(second)
        assert quantiles.valid_from_s <= second < quantiles.valid_from_s + 60
        is_known = quantiles.are_known(VACUUM_METRICS)
        modes.add((second // 60 * 60 - second_of(datetime(2024, 5, 8, 13, 28)), is_known))
    # 13:29 has 30 s before it, minus invalid seconds; the study window restarts at 13:30
    assert modes - {(60, True), (60, False)} == {(0, False), (120, False)} | {
        (minute, True) for minute in (180, 240, 300)
    }


def test_a_date_does_not_use_rows_of_another_date() -> None:
    calibration = calibration_lookup(calibrated(sessions_before(5), FORCED_PRIOR))
    midnight = second_of(datetime(2024, 5, 8))
    assert calibration(midnight).mode == calibration(midnight + 86_399).mode == "prior_sessions"
    assert calibration(midnight - 1).mode is calibration(midnight + 86_400).mode is None
    assert not calibration(midnight - 1).are_known(["pull_add_log"])
