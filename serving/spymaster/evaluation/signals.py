"""Metrics of the signals that fired: precision, and results after cost."""

from __future__ import annotations

import duckdb
import numpy as np
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.bootstrap import mean_over_days
from spymaster_engine.statistics.evaluation.judgement import Metric
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

from spymaster.evaluation.read import evaluation_query
from spymaster.evaluation.result_rows import SIGNALS, Row, Scope, metric_rows


def signal_rows(connection: duckdb.DuckDBPyConnection, root: str, seed: int) -> list[Row]:
    """Return rows of eval_retrieval_metrics for a product's signals, by direction and phase.

    Args:
        connection: the published file.
        root: product root.
        seed: seed for resampling days.
    """
    fired = connection.execute(evaluation_query(SIGNALS), {"root": root}).fetchnumpy()
    rows: list[Row] = []
    keys = ("approach_dir", "decision_phase", "horizon_id")
    scopes = np.stack([fired[name] for name in keys], axis=1).astype(str)
    for key in np.unique(scopes, axis=0):
        chosen = (scopes == key).all(axis=1)
        metrics = _metrics(seed, *(fired[name][chosen] for name in _COLUMNS))
        direction, phase, horizon = (str(part) for part in key)
        scope = Scope(root, direction, horizon, decision_phase=phase)
        rows += metric_rows(scope, SIGNALS, metrics)
    return rows


_COLUMNS = (
    "session_date",
    "predicted_outcome",
    "outcome",
    "base_top1",
    "result_ticks",
    "time_to_exit_s",
)


def _metrics(
    seed: int,
    date: NDArray,
    predicted_outcome: NDArray,
    outcome: NDArray,
    base: NDArray,
    result_ticks: NDArray,
    time_to_exit_s: NDArray,
) -> list[Metric]:
    """Return the metrics of the signals of a direction.

    Precision and base rate count signals whose price reached the level; results count every
    signal with a known exit.
    """
    is_reached = np.isin(outcome, CLASSES)
    is_right = (predicted_outcome == outcome).astype(np.float64)
    base_rate = _floats(base)
    not_reached = np.where(outcome == "CENSORED", np.nan, outcome == "NOT_REACHED")
    metrics = []
    for name, values in (
        ("precision", np.where(is_reached, is_right, np.nan)),
        ("base_rate", np.where(is_reached, base_rate, np.nan)),
        ("gain", np.where(is_reached, is_right - base_rate, np.nan)),
        ("result_ticks", _floats(result_ticks)),
        ("time_to_exit_s", _floats(time_to_exit_s)),
        ("not_reached_share", not_reached),
    ):
        metrics.append(_mean(name, values, date, seed))
    nan = float("nan")
    for name, number in (
        ("n_fired", len(date)),
        ("n_days_fired", len(np.unique(date))),
        ("n_censored", np.count_nonzero(outcome == "CENSORED")),
    ):
        metrics.append(Metric(SIGNALS, name, float(number), nan, nan))
    return metrics


def _mean(name: str, values: NDArray[np.float64], date: NDArray, seed: int) -> Metric:
    """Return the mean of the known values with its interval over days."""
    known = np.isfinite(values)
    if not known.any():
        return Metric(SIGNALS, name, *[float("nan")] * 3)
    return Metric(
        SIGNALS, name, *mean_over_days(values[known], np.ones(known.sum()), date[known], seed)
    )


def _floats(values: NDArray) -> NDArray[np.float64]:
    """Return a query's column as float64, NaN for NULL."""
    return np.ma.filled(np.ma.asarray(values, np.float64), np.nan)
