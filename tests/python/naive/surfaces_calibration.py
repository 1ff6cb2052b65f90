"""`physics_norm_calibration`: causal quantiles of the grid's metrics, and their use in scores.

Rules chosen where the specification leaves room:
- `intraday_expanding` measures the contract selected for the day, as `prior_sessions` does; a
  day without a selected contract has no rows, hence no quantiles.
- Valid seconds are distinct seconds with grid rows in valid windows, even if all their cells are
  empty.
- `n_rows` counts the existing values, also where too few sessions or seconds leave the quantiles
  None; `lookback_sessions` likewise counts the sessions found.
- A requested date without rows of its own also has calibration rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from math import log1p
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from naive.surfaces import Row, second_of, timestamp_of

SCORE_METRICS = (
    "pull_add_log",
    "log1p_pull_intensity_rest",
    "log1p_erosion_norm",
    "d2_pull_add_log",
)
VACUUM_METRICS = (*SCORE_METRICS, "wall_strength_log")
LOW, HIGH = 0.05, 0.95
MINUTE_S = 60
DAY_S = 86_400

PRIOR_SESSIONS = "prior_sessions"
INTRADAY_EXPANDING = "intraday_expanding"


def metric_values(row: Mapping[str, Any]) -> dict[str, float | None]:
    """Metrics of a grid cell that calibration and scores use."""
    return {
        "pull_add_log": row["pull_add_log"],
        "log1p_pull_intensity_rest": log1p(row["pull_intensity_rest"]),
        "log1p_erosion_norm": row["log1p_erosion_norm"],
        "d2_pull_add_log": row["d2_pull_add_log"],
        "wall_strength_log": row["wall_strength_log"],
    }


def norm(value: float | None, low: float | None, high: float | None) -> float | None:
    """Scale to [0, 1] between two quantiles."""
    if value is None or low is None or high is None:
        return None
    if high == low:
        return 0.5
    return min(max((value - low) / (high - low), 0.0), 1.0)


@dataclass(frozen=True)
class Quantiles:
    """Calibration of a second: mode, and (q05, q95) by metric."""

    mode: str | None
    by_metric: Mapping[str, tuple[float | None, float | None]]
    valid_from_s: int | None = None

    def are_known(self, names: Iterable[str]) -> bool:
        """Whether the quantiles of all metrics are known."""
        return all(None not in self.by_metric.get(name, (None, None)) for name in names)

    def norm(self, name: str, value: float | None) -> float | None:
        """Scale a metric's value to [0, 1]."""
        return norm(value, *self.by_metric.get(name, (None, None)))


CalibrationAt = Callable[[int], Quantiles]


def fixed_calibration(
    by_metric: Mapping[str, tuple[float | None, float | None]], mode: str = PRIOR_SESSIONS
) -> CalibrationAt:
    """The same quantiles for every second."""
    quantiles = Quantiles(mode, by_metric)
    return lambda _second: quantiles


def calibration_lookup(rows: Iterable[Mapping[str, Any]]) -> CalibrationAt:
    """Quantiles of the latest row not later than a second, of one root.

    Args:
        rows: Rows of `physics_norm_calibration` of one root, of any number of dates; a second
            uses rows of its own date only.
    """
    by_start: dict[int, dict[str, tuple[float | None, float | None]]] = {}
    modes: dict[int, str] = {}
    for row in rows:
        start = second_of(row["valid_from_ts"])
        by_start.setdefault(start, {})[row["metric_name"]] = row["q05"], row["q95"]
        modes[start] = row["calibration_mode"]
    starts = sorted(by_start)
    found = [Quantiles(modes[start], by_start[start], start) for start in starts]

    def at(second: int) -> Quantiles:
        index = bisect_right(starts, second) - 1
        if index < 0 or starts[index] < second // DAY_S * DAY_S:
            return Quantiles(None, {})
        return found[index]

    return at


@dataclass(frozen=True)
class CalibrationConfig:
    """Vars of the calibration; clock times are of the exchange's local session."""

    calibration_mode: str = "auto"
    calibration_lookback: int = 20
    calibration_min_sessions: int = 5
    intraday_min_seconds: int = 600
    rth_start: time = time(9, 30)
    rth_end: time = time(12, 30)
    local_tz: str = "America/New_York"

    def study_seconds(self, dt: date) -> tuple[int, int]:
        """Half-open range of the study window of a local date, seconds since 1970."""
        zone = ZoneInfo(self.local_tz)
        start, end = (
            datetime.combine(dt, clock, zone).timestamp()
            for clock in (self.rth_start, self.rth_end)
        )
        return int(start), int(end)


class MeasuredDay:
    """Metric values of one contract-day: rows of valid windows, by window start.

    Attributes:
        grid_s: Distinct valid seconds with grid rows, ascending, int64.
        cell_s: Second of each non-empty cell, int64, shape (n,).
        values: float64 of shape (n,) by metric; NaN where the metric is missing.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        valid = [row for row in rows if row["window_valid"]]
        cells = [row for row in valid if not row["is_empty"]]
        self.grid_s = np.unique([second_of(row["window_start_ts"]) for row in valid])
        self.cell_s = np.array([second_of(row["window_start_ts"]) for row in cells], dtype="i8")
        measured = [metric_values(row) for row in cells]
        self.values = {
            name: np.array([values[name] for values in measured], dtype="f8")
            for name in VACUUM_METRICS
        }

    def count_seconds(self, start: int, end: int) -> int:
        """Valid seconds with start <= window start < end."""
        return int(((self.grid_s >= start) & (self.grid_s < end)).sum())

    def between(self, name: str, start: int, end: int) -> np.ndarray:
        """Known values of a metric with start <= window start < end."""
        values = self.values[name][(self.cell_s >= start) & (self.cell_s < end)]
        return values[~np.isnan(values)]


MetricRows = Mapping[tuple[str, date], Iterable[Mapping[str, Any]]]
Selection = Mapping[tuple[str, date], str | None]


class CalibrationHistory:
    """Calibrates successive dates from the same metric rows.

    Args:
        metric_rows: Rows of `vacuum_metrics_1s` by (symbol, dt).
        selection: Selected symbol by (root, dt), or None.
        config: Vars of the calibration.
    """

    def __init__(
        self, metric_rows: MetricRows, selection: Selection, config: CalibrationConfig
    ) -> None:
        self.days = {key: MeasuredDay(rows) for key, rows in metric_rows.items()}
        self.selection = selection
        self.config = config

    def rows(self, root: str, dt: date) -> list[Row]:
        """Rows of `physics_norm_calibration` of one root and date."""
        mode = self.config.calibration_mode
        if mode == PRIOR_SESSIONS:
            return self._prior_rows(root, dt)
        if mode == INTRADAY_EXPANDING:
            return self._intraday_rows(root, dt)
        assert mode == "auto", mode
        enough = len(self._sessions_before(root, dt)) >= self.config.calibration_min_sessions
        return self._prior_rows(root, dt) if enough else self._intraday_rows(root, dt)

    def _selected(self, root: str, dt: date) -> MeasuredDay | None:
        symbol = self.selection.get((root, dt))
        return None if symbol is None else self.days.get((symbol, dt))

    def _sessions_before(self, root: str, dt: date) -> list[date]:
        dates = sorted(d for selected_root, d in self.selection if selected_root == root and d < dt)
        sessions = []
        for session in dates:
            day = self._selected(root, session)
            if day is not None and day.count_seconds(*self.config.study_seconds(session)) > 0:
                sessions.append(session)
        return sessions[-self.config.calibration_lookback :]

    def _prior_rows(self, root: str, dt: date) -> list[Row]:
        sessions = self._sessions_before(root, dt)
        rows = []
        for name in VACUUM_METRICS:
            parts = [
                self._selected(root, session).between(name, *self.config.study_seconds(session))
                for session in sessions
            ]
            values = np.concatenate([np.empty(0), *parts])
            enough = len(sessions) >= self.config.calibration_min_sessions
            rows.append(
                {
                    "root": root,
                    "dt": dt,
                    "valid_from_ts": _midnight(dt),
                    "metric_name": name,
                    **_quantile_columns(values, enough),
                    "lookback_sessions": len(sessions),
                    "session_window": "rth_study",
                    "calibration_mode": PRIOR_SESSIONS,
                }
            )
        return rows

    def _intraday_rows(self, root: str, dt: date) -> list[Row]:
        day = self._selected(root, dt) or MeasuredDay([])
        midnight = second_of(_midnight(dt))
        restart, _ = self.config.study_seconds(dt)
        rows = []
        for minute in range(midnight, midnight + DAY_S, MINUTE_S):
            start = midnight if minute < restart else restart
            # window_end_ts <= minute is the same as window_start_ts < minute
            enough = day.count_seconds(start, minute) >= self.config.intraday_min_seconds
            rows += [
                {
                    "root": root,
                    "dt": dt,
                    "valid_from_ts": timestamp_of(minute),
                    "metric_name": name,
                    **_quantile_columns(day.between(name, start, minute), enough),
                    "lookback_sessions": 0,
                    "session_window": "before_rth" if minute < restart else "from_rth",
                    "calibration_mode": INTRADAY_EXPANDING,
                }
                for name in VACUUM_METRICS
            ]
        return rows


def _midnight(dt: date) -> datetime:
    return datetime.combine(dt, time())


def _quantile_columns(values: np.ndarray, enough: bool) -> Row:
    low = high = None
    if enough and len(values):
        low, high = (float(q) for q in np.quantile(values, (LOW, HIGH), method="linear"))
    return {"q05": low, "q95": high, "n_rows": len(values)}


def calibrate(
    root: str,
    dates: Iterable[date],
    metric_rows: MetricRows,
    selection: Selection,
    config: CalibrationConfig,
) -> list[Row]:
    """Rows of `physics_norm_calibration` of one root on several dates."""
    history = CalibrationHistory(metric_rows, selection, config)
    return [row for dt in dates for row in history.rows(root, dt)]
