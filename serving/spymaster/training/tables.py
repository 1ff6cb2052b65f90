"""Relations of a training run: one Parquet file each below models/ of the lake."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from spymaster_ingest.lake import Lake

REGISTRY, PREDICTIONS, METRICS = "model_registry", "model_predictions", "model_metrics"


def _texts(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.string()) for name in names]


def _floats(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.float64()) for name in names]


def _dates(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.date32()) for name in names]


def _counts(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.int32()) for name in names]


_ODDS = ("p_break", "p_reject", "p_chop")
_BOUNDS = tuple(f"{bound}_{name}" for name in ("break", "reject", "chop") for bound in ("p0", "p1"))
_SCOPE = ("root", "approach_dir", "unit", "horizon_id")

SCHEMAS = {
    REGISTRY: pa.schema(
        [
            *_texts("model_id", "claimant", "head", "family", *_SCOPE),
            *_counts("n_features"),
            *_texts("feature_list_hash"),
            *_dates("first_train_dt", "last_train_dt"),
            *_counts("n_train_days", "n_train_rows"),
            *_dates("first_dt", "last_dt"),
            *_texts("verdict_before", "settings"),
            *_counts("seed"),
            *_texts("content_hash", "code_hash"),
        ]
    ),
    PREDICTIONS: pa.schema(
        [
            *_texts("model_id", "claimant", "head", *_SCOPE),
            *_texts("symbol"),
            *_dates("dt"),
            *_texts("level_id"),
            ("window_end_ts", pa.timestamp("us")),
            *_texts("episode_id"),
            *_dates("fold_dt"),
            *_floats(*(f"{name}_raw" for name in _ODDS), *_ODDS, *_BOUNDS),
            *_texts("outcome"),
        ]
    ),
    METRICS: pa.schema(
        [
            *_texts("head", *_SCOPE, "slice", "model"),
            *_counts("n_days", "n_episodes", "n_windows"),
            *_floats(
                "log_loss",
                "brier",
                "squared_error",
                "skill_vs_base_rate",
                "skill_vs_base_rate_lo",
                "skill_vs_base_rate_hi",
            ),
            *_texts("best_rival"),
            *_floats("skill", "skill_lo", "skill_hi", "ece", "ece_chance_q95"),
            *_texts("verdict"),
        ]
    ),
}


def table_path(lake: Lake, relation: str) -> Path:
    """Return the Parquet file of a relation."""
    return lake.models / f"{relation}.parquet"
