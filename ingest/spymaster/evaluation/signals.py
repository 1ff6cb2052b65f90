"""How often signals that fired came true, beside the base rate of what they said."""

from __future__ import annotations

import duckdb
import numpy as np
from numpy.typing import NDArray
from spymaster_engine.evaluation.bootstrap import (
    RESAMPLES,
    day_counts,
    interval,
    resampled_means,
)
from spymaster_engine.evaluation.judgement import Metric

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
        metrics = _metrics(*(fired[name][chosen] for name in _COLUMNS), seed)
        rows += metric_rows(Scope(root, str(direction), str(horizon)), SIGNALS, metrics)
    return rows


_COLUMNS = ("session_date", "came_true", "base_top1")


def _metrics(date: NDArray, came_true: NDArray, base: NDArray, seed: int) -> list[Metric]:
    dates, day = np.unique(date, return_inverse=True)
    counts = day_counts(len(dates), RESAMPLES, seed)
    weight = np.ones(len(day))
    right, usual = came_true.astype(np.float64), base.astype(np.float64)
    found = []
    for name, values in (("precision", right), ("base_rate", usual), ("gain", right - usual)):
        bounds = interval(resampled_means(values, weight, day, counts))
        found.append(Metric(SIGNALS, name, float(values.mean()), *bounds))
    nothing = float("nan")
    found.append(Metric(SIGNALS, "n_fired", float(len(day)), nothing, nothing))
    return [*found, Metric(SIGNALS, "n_days_fired", float(len(dates)), nothing, nothing)]
