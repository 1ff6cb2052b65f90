"""The record of signals that fired: did they come true, and what did they make after cost."""

from __future__ import annotations

import duckdb
import numpy as np
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.bootstrap import mean_over_days
from spymaster_engine.statistics.evaluation.judgement import Metric
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

from spymaster.evaluation.read import query
from spymaster.evaluation.rows import SIGNALS, Row, Scope, metric_rows


def signal_rows(connection: duckdb.DuckDBPyConnection, root: str, seed: int) -> list[Row]:
    """Return rows of eval_retrieval_metrics on the signals of a product, by direction.

    Args:
        connection: the published file.
        root: product root.
        seed: of the resamples of days.
    """
    fired = connection.execute(query(SIGNALS), {"root": root}).fetchnumpy()
    rows: list[Row] = []
    scopes = np.stack([fired["approach_dir"], fired["horizon_id"]], axis=1).astype(str)
    for direction, horizon in np.unique(scopes, axis=0):
        chosen = (scopes == (direction, horizon)).all(axis=1)
        metrics = _metrics(seed, *(fired[name][chosen] for name in _COLUMNS))
        rows += metric_rows(Scope(root, str(direction), str(horizon)), SIGNALS, metrics)
    return rows


_COLUMNS = ("session_date", "said", "outcome", "base_top1", "result_ticks", "time_to_exit_s")


def _metrics(
    seed: int,
    date: NDArray,
    said: NDArray,
    outcome: NDArray,
    base: NDArray,
    result_ticks: NDArray,
    time_to_exit_s: NDArray,
) -> list[Metric]:
    """Return the record of the signals of a direction.

    Whether they came true, beside the base rate of their distance, is known of those whose price
    came to the level; what they made, after cost, of all whose exit is known.
    """
    came = np.isin(outcome, CLASSES)
    right = (said == outcome).astype(np.float64)
    usual = _floats(base)
    away = np.where(outcome == "CENSORED", np.nan, outcome == "NOT_REACHED")
    found = []
    for name, values in (
        ("precision", np.where(came, right, np.nan)),
        ("base_rate", np.where(came, usual, np.nan)),
        ("gain", np.where(came, right - usual, np.nan)),
        ("result_ticks", _floats(result_ticks)),
        ("time_to_exit_s", _floats(time_to_exit_s)),
        ("not_reached_share", away),
    ):
        found.append(_mean(name, values, date, seed))
    nothing = float("nan")
    for name, number in (
        ("n_fired", len(date)),
        ("n_days_fired", len(np.unique(date))),
        ("n_censored", np.count_nonzero(outcome == "CENSORED")),
    ):
        found.append(Metric(SIGNALS, name, float(number), nothing, nothing))
    return found


def _mean(name: str, values: NDArray[np.float64], date: NDArray, seed: int) -> Metric:
    """Return the mean of what is known with its interval over days."""
    known = np.isfinite(values)
    if not known.any():
        return Metric(SIGNALS, name, *[float("nan")] * 3)
    return Metric(
        SIGNALS, name, *mean_over_days(values[known], np.ones(known.sum()), date[known], seed)
    )


def _floats(values: NDArray) -> NDArray[np.float64]:
    """Return numbers of a query; NaN for NULL."""
    return np.ma.filled(np.ma.asarray(values, np.float64), np.nan)
