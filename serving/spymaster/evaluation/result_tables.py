"""The evaluation's relations in the lake: one Parquet file each, replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_ingest.durable import put_in_place, temporary_sibling
from spymaster_ingest.lake import Lake

_QUERY_KEY = [
    ("symbol", pa.string()),
    ("dt", pa.date32()),
    ("level_id", pa.string()),
    ("approach_dir", pa.string()),
    ("decision_phase", pa.string()),
    ("horizon_id", pa.string()),
    ("window_end_ts", pa.timestamp("us")),
]
_SCOPE = [(name, pa.string()) for name in ("root", "approach_dir", "decision_phase", "horizon_id")]


def _texts(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.string()) for name in names]


def _floats(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.float64()) for name in names]


METRICS = "eval_retrieval_metrics"
PREDICTIONS = "eval_retrieval_predictions"
CONDITIONS = "eval_turn_conditions"
LEAD_TIMES = "condition_lead_times"
BREAK_SCORE = "eval_break_score"
SCORE_OUTCOMES = "eval_break_score_outcomes"
MOVEMENT_PROFILE = "key_movement_profile"
RETESTS = "eval_retests"
FINGERPRINTS = "eval_level_fingerprints"
LEVEL_PLACEBO = "level_placebo"
GAMMA_WALLS = "eval_gamma_walls"
WALLS = "eval_walls"

SCHEMAS = {
    PREDICTIONS: pa.schema(
        [
            *_QUERY_KEY,
            *_texts("episode_id", "slice", "model"),
            *_floats("p_break", "p_reject", "p_chop"),
            ("outcome", pa.string()),
            ("x0_ticks", pa.int32()),
            ("library_last_dt", pa.date32()),
        ]
    ),
    METRICS: pa.schema(
        [
            *_SCOPE,
            *_texts("slice", "model", "metric"),
            *_floats("value", "lo", "hi"),
        ]
    ),
    "eval_retrieval_reliability": pa.schema(
        [
            *_SCOPE,
            *_texts("slice", "model", "outcome"),
            ("bin", pa.int32()),
            ("n_rows", pa.int64()),
            *_floats("weight", "mean_probability", "observed_share", "observed_lo", "observed_hi"),
        ]
    ),
    "eval_retrieval_verdict": pa.schema(
        [
            *_texts(
                "root",
                "scope",
                "level_id",
                "approach_dir",
                "decision_phase",
                "horizon_id",
                "model",
                "retrieval_family",
                "best_baseline",
            ),
            *_floats("skill", "skill_lo", "skill_hi", "ece", "ece_chance_q95"),
            ("n_days", pa.int32()),
            ("n_episodes", pa.int32()),
            ("verdict", pa.string()),
        ]
    ),
    "eval_retrieval_verdict_asof": pa.schema(
        [
            *_SCOPE,
            ("model", pa.string()),
            ("retrieval_family", pa.string()),
            ("asof_dt", pa.date32()),
            ("verdict_run", pa.string()),
            ("best_baseline", pa.string()),
            *_floats("skill", "skill_lo", "skill_hi", "ece", "ece_chance_q95"),
            ("n_days", pa.int32()),
            ("n_episodes", pa.int32()),
            ("verdict", pa.string()),
        ]
    ),
    "eval_retrieval_maps": pa.schema(
        [
            *_SCOPE,
            ("model", pa.string()),
            ("retrieval_family", pa.string()),
            ("asof_dt", pa.date32()),
            ("outcome", pa.string()),
            *_floats("slope", "intercept", "least_probability"),
            ("n_predictions", pa.int32()),
        ]
    ),
    "eval_retrieval_canaries": pa.schema(
        [
            *_SCOPE,
            ("canary", pa.string()),
            ("expectation", pa.string()),
            *_floats("skill", "skill_lo", "skill_hi", "skill_change"),
            ("has_fired", pa.bool_()),
        ]
    ),
    CONDITIONS: pa.schema(
        [
            ("root", pa.string()),
            ("horizon_id", pa.string()),
            ("condition_window_s", pa.int32()),
            *_texts(
                "conditions_basis",
                "basis",
                "slice",
                "approach_dir",
                "level_kind",
                "distance_band",
                "state",
                "outcome",
            ),
            *((name, pa.int32()) for name in ("n_days", "n_episodes", "n_windows")),
            *_floats("reached_share", "share", "base_rate", "gain", "gain_lo", "gain_hi"),
            ("verdict", pa.string()),
            ("n_alarms", pa.int32()),
            ("n_false_alarms", pa.int32()),
            ("false_alarms_per_hour", pa.float64()),
            ("n_results", pa.int32()),
            *_floats(
                "result_ticks",
                "result_lo_ticks",
                "result_hi_ticks",
                "log_loss",
                "rival_log_loss",
                "skill",
                "skill_lo",
                "skill_hi",
            ),
        ]
    ),
    LEAD_TIMES: pa.schema(
        [
            ("root", pa.string()),
            ("symbol", pa.string()),
            ("dt", pa.date32()),
            ("session_date", pa.date32()),
            *_texts(
                "level_id", "approach_dir", "horizon_id", "episode_id", "outcome_reached", "state"
            ),
            ("first_window_end_ts", pa.timestamp("us")),
            ("seen_ts", pa.timestamp("us")),
            ("reached_ts", pa.timestamp("ns")),
            ("move_ts", pa.timestamp("ns")),
            ("hit_ts", pa.timestamp("ns")),
            ("confirmation_end_ts", pa.timestamp("us")),
            *_floats("lead_to_hit_s", "lead_to_move_s", "lead_to_confirmation_s"),
            ("conditions_basis", pa.string()),
        ]
    ),
    BREAK_SCORE: pa.schema(
        [
            *_texts(
                "root", "horizon_id", "slice", "approach_dir", "distance_band", "model", "rival"
            ),
            *((name, pa.int32()) for name in ("n_days", "n_episodes", "n_windows")),
            *_floats(
                "log_loss",
                "rival_log_loss",
                "skill",
                "skill_lo",
                "skill_hi",
                "brier",
                "rival_brier",
                "brier_skill",
                "brier_skill_lo",
                "brier_skill_hi",
                "ece",
                "ece_chance_q95",
                "weight_l",
                "weight_h",
                "weight_t",
                "score_std",
                "break_slope",
            ),
            ("verdict", pa.string()),
        ]
    ),
    SCORE_OUTCOMES: pa.schema(
        [
            *_texts("root", "horizon_id", "slice", "approach_dir", "distance_band"),
            ("score_from", pa.int32()),
            ("signal", pa.string()),
            ("outcome", pa.string()),
            *((name, pa.int32()) for name in ("n_days", "n_episodes", "n_windows")),
            *_floats(
                "mean_score",
                "share",
                "share_lo",
                "share_hi",
                "base_rate",
                "gain",
                "gain_lo",
                "gain_hi",
                "resolved_share",
                "resolved_lo",
                "resolved_hi",
                "mean_probability",
            ),
            ("verdict", pa.string()),
        ]
    ),
    MOVEMENT_PROFILE: pa.schema(
        [
            *_texts("root", "direction", "reading"),
            *(
                (name, pa.int32())
                for name in ("derivative", "second", "n_movements", "n_matches", "n_days")
            ),
            *_floats(
                "mean",
                "mean_lo",
                "mean_hi",
                "matched_mean",
                "matched_lo",
                "matched_hi",
                "matched_std",
                "z",
                "z_lo",
                "z_hi",
                "welch_t",
                "placebo_q95",
                "placebo_largest_q95",
            ),
            ("verdict", pa.string()),
        ]
    ),
    RETESTS: pa.schema(
        [
            *_texts("root", "conditions_basis", "basis", "approach_dir", "turn_state"),
            ("n_events", pa.int32()),
            ("n_days", pa.int32()),
            *(
                (f"{end}_{name}", pa.float64())
                for end in ("continues", "fails", "chop")
                for name in ("share", "share_lo", "share_hi", "base_rate")
            ),
            ("n_scored", pa.int32()),
            ("n_scored_days", pa.int32()),
            *_floats(
                "log_loss",
                "rival_log_loss",
                "skill",
                "skill_lo",
                "skill_hi",
                "chance_lo",
                "chance_hi",
            ),
            ("verdict", pa.string()),
        ]
    ),
    FINGERPRINTS: pa.schema(
        [
            *_texts("root", "horizon_id", "approach_dir", "moment", "side_role", "print"),
            ("n_days", pa.int32()),
            ("n_episodes", pa.int32()),
            *_floats(
                "mean_break",
                "mean_reject",
                "mean_chop",
                "difference",
                "difference_lo",
                "difference_hi",
                "null_q95",
                "z",
                "largest_z_q95",
            ),
            ("verdict", pa.string()),
        ]
    ),
    LEVEL_PLACEBO: pa.schema(
        [
            *_texts(
                "root", "horizon_id", "approach_dir", "level_kind", "level_id", "distance_band"
            ),
            *((name, pa.int32()) for name in ("n_days", "n_episodes", "n_placebos")),
            *_floats(
                *(
                    f"{of}{to}_share"
                    for of in ("", "placebo_")
                    for to in ("held", "broke", "chopped")
                ),
                *(f"held_difference{end}" for end in ("", "_lo", "_hi")),
            ),
            ("level_matters", pa.string()),
        ]
    ),
    WALLS: pa.schema(
        [
            ("root", pa.string()),
            ("ratio_from", pa.float64()),
            ("age_from_s", pa.int32()),
            ("distance_from_ticks", pa.int32()),
            *((name, pa.int32()) for name in ("n_days", "n_walls", "n_censored")),
            ("support", pa.string()),
            *_floats(
                *(
                    f"{fate}_share{end}"
                    for fate in ("pulled", "pulled_late", "eaten", "held")
                    for end in ("", "_lo", "_hi")
                ),
            ),
        ]
    ),
    GAMMA_WALLS: pa.schema(
        [
            *_texts("root", "horizon_id", "approach_dir", "distance_band", "dealer_gamma_sign"),
            *((name, pa.int32()) for name in ("n_days", "n_episodes", "n_other_strikes")),
            *_floats(
                *(
                    f"{of}{to}_share"
                    for of in ("", "other_")
                    for to in ("held", "broke", "chopped")
                ),
                *(f"difference{end}" for end in ("", "_lo", "_hi")),
            ),
            ("verdict", pa.string()),
            ("preferred_sign", pa.string()),
        ]
    ),
}


def table_of(relation: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Return rows of a relation as a table; NaN (not computable) becomes NULL.

    Args:
        relation: a key of SCHEMAS.
        rows: rows with the columns of its schema.
    """
    return rows_as_table(rows, SCHEMAS[relation])


def rows_as_table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Return rows with the columns of a schema as a table; NaN becomes NULL."""
    known = [
        {name: None if value != value else value for name, value in row.items()} for row in rows
    ]
    return pa.Table.from_pylist(known, schema)


def write_tables(lake: Lake, tables: Mapping[str, pa.Table], settings: str) -> None:
    """Replace the tables of the last evaluation.

    Args:
        lake: the lake, whose root exists.
        tables: tables by relation, with the columns of its schema.
        settings: settings of the judged answers, see ``settings_of_answers``; macro
            ``read_evaluation`` compares them with the settings of the lake's answers.
    """
    lake.evaluation.mkdir(parents=True, exist_ok=True)
    for relation, table in tables.items():
        write_table(table_path(lake, relation), table, SCHEMAS[relation], settings)


def write_table(path: Path, table: pa.Table, schema: pa.Schema, settings: str) -> None:
    """Replace a Parquet file by the columns of a schema, see ``write_tables``."""
    temporary = temporary_sibling(path)
    try:
        rows = table.select(schema.names).cast(schema)
        pq.write_table(rows.replace_schema_metadata({"settings": settings}), temporary)
        put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def table_path(lake: Lake, relation: str) -> Path:
    """Return the Parquet file of a relation."""
    return lake.evaluation / f"{relation}.parquet"
