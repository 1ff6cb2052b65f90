"""A published file whose tables hold a market of random vectors, as `spymaster train` reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from spymaster.training.read_sequences import CHANNELS, STATICS
from spymaster.training.scopes import RELATIONS
from spymaster_engine.statistics.evaluation.samples import Samples
from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from spymaster_ingest.lake import Lake

from support.evaluation_market import artificial_samples
from support.settings import vars_with

N_DAYS = 26
FIRST_DATE = np.datetime64("2025-10-01")
LEVELS = np.array(["or_high", "pm_high", "sma_90"])
# the context of a decision, in the order of the mirror
CONTEXT = (
    "closing_speed_15s",
    "k_vol",
    "sigma_1s_ticks",
    "ahead_retreat_z",
    "ahead_pull_z",
    "behind_retreat_z",
    "behind_pull_z",
)
DIRECTIONS = {"approach_up": ("UP", 1, 5), "approach_down": ("DOWN", -1, 6)}
WIDTH = 8
SEQUENCE_ROWS = 64
HORIZONS_MIN = (2, 4, 8)
_EVENT_FEATURES = {
    "dist_to_tested_level_ticks": "context",
    "minutes_since_open": "context",
    "velocity_1min": "kinematics",
    "barrier_state": "mechanics",
}


def samples_of(direction: str) -> Samples:
    """Return the windows of a direction."""
    return artificial_samples(n_days=N_DAYS, width=WIDTH, seed=DIRECTIONS[direction][2])[0]


def write_training_lake(root: Path, **variables: Any) -> Lake:
    """Write the published file of a lake of both directions, with events at last windows."""
    lake = Lake(root)
    lake.make_root()
    settings = json.dumps(vars_with(learned_refit_days=8, **variables))
    tables: dict[str, list[pa.Table]] = {}
    for direction in DIRECTIONS:
        for name, table in _of_direction(direction).items():
            tables.setdefault(name, []).append(table)
    with duckdb.connect(str(lake.published)) as connection:
        for schema in ("silver", "gold", "steps"):
            connection.execute(f"create schema {schema}")
        for name, parts in tables.items():
            connection.register("rows", pa.concat_tables(parts, promote_options="permissive"))
            connection.execute(f"create table {name} as select distinct * from rows")
            connection.unregister("rows")
        days = f"generate_series(date '{FIRST_DATE}', date '{FIRST_DATE + N_DAYS - 1}', '1 day')"
        for name, query in {
            "gold.retrieval_settings": f"'{settings}' as settings, '{{}}' as evaluation_settings",
            "gold.retrieval_families": "'ES' as root, 'level' as retrieval_family",
            "silver.mbo_contract_day_selection": (
                f"'ES' as root, 'ESZ5' as selected_symbol, cast(unnest({days}) as date) "
                "as session_date"
            ),
            "silver.level_definitions": (
                f"unnest({LEVELS.tolist()}) as level_id, unnest(['or', 'pm', 'sma']) as level_kind"
            ),
            "gold.level_labels": "'fixed' as barrier_kind, 8 as barrier_ticks",
            "gold.retrieval_answers": (
                "symbol, dt, level_id, window_end_ts, 's240' as horizon_id, "
                "0.5 as mean_similarity from gold.retrieval_vectors"
            ),
            "gold.eval_retrieval_predictions": (
                "'' as symbol, date '2025-01-01' as dt, '' as level_id, '' as approach_dir, "
                "'' as decision_phase, '' as horizon_id, timestamp '2025-01-01' as window_end_ts, "
                "'' as slice, '' as model, 0.0 as p_break, 0.0 as p_reject, 0.0 as p_chop"
            ),
        }.items():
            connection.execute(f"create table {name} as select {query}")
        there = {
            f"{schema}.{name}"
            for schema, name in connection.execute(
                "select table_schema, table_name from information_schema.tables"
            ).fetchall()
        }
        for name in set(RELATIONS) - there:
            connection.execute(f"create table {name} as select 1 as nothing")
    return lake


def reached_after_s(samples: Samples) -> np.ndarray:
    """Return how long after its decision each path comes to the level, (n,) timedelta64."""
    return (30 + 60 * (samples.episode % 3)).astype("timedelta64[s]")


def _event_labels(samples: Samples) -> dict[str, np.ndarray]:
    """Return labels of the heads; paths of every fifth episode end early, far from the level."""
    is_cut = samples.episode % 5 == 0
    strength = np.round(4.0 * samples.vector[:, 0]).astype(np.int32)
    labels: dict[str, np.ndarray] = {}
    for minutes in HORIZONS_MIN:
        labels[f"tradeable_2_{minutes}min"] = is_cut | (samples.vector[:, 1] > 2.0 - minutes / 4.0)
        labels[f"strength_signed_{minutes}min"] = strength
        labels[f"future_price_{minutes}min"] = np.where(is_cut, None, 6_800.0)
    return labels


def _of_direction(direction: str) -> dict[str, pa.Table]:
    word, sign, seed = DIRECTIONS[direction]
    samples = samples_of(direction)
    n_rows = len(samples)
    generator = np.random.default_rng(seed)
    dates = (FIRST_DATE + np.arange(N_DAYS))[samples.day]
    # from the open at 09:30 in New York; no moment is of both directions
    from_open_s = samples.window_end_s % 86_400 - 50_000 + (300 if sign < 0 else 0)
    seconds = (48_600 + from_open_s).astype("timedelta64[s]")
    ends = (dates.astype("datetime64[s]") + seconds).astype("datetime64[us]")
    end_s = ends.astype("datetime64[s]").astype(np.int64)
    key = {
        "symbol": ["ESZ5"] * n_rows,
        "dt": dates,
        "level_id": LEVELS[samples.level],
        "window_end_ts": ends,
    }
    outcome = np.array(CLASSES)[samples.outcome]
    label_end = ends + np.timedelta64(240, "s")
    episode = [f"{direction}-{code}" for code in samples.episode]
    k_ticks = np.round(-sign * samples.x0_ticks).astype(np.int32)
    context = np.concatenate(
        [samples.rival[:, [2, 1, 3]], generator.normal(size=(n_rows, 4))], axis=1
    )
    names = [f"v{place}" for place in range(WIDTH)] + list(CONTEXT)
    is_last = np.append(np.diff(samples.episode) != 0, True)
    is_first = np.insert(np.diff(samples.episode) != 0, 0, True)

    def of_rows(**columns: Any) -> pa.Table:
        return pa.table({name: pa.array(values) for name, values in (key | columns).items()})

    events = of_rows(
        session_date=dates,
        event_id=[f"{name}-{place}" for place, name in enumerate(episode)],
        event_ts=ends,
        episode_id=episode,
        direction=[word] * n_rows,
        outcome=outcome,
        dist_to_tested_level_ticks=k_ticks,
        minutes_since_open=(end_s % 86_400 - 48_600) / 60.0,
        velocity_1min=samples.vector[:, 0].astype(np.float64),
        barrier_state=np.where(samples.vector[:, 1] > 0, "VACUUM", "WALL"),
        **_event_labels(samples),
    )
    labels = [
        events.select(["symbol", "dt", "event_id"])
        .append_column("horizon_min", pa.array([minutes] * n_rows))
        .append_column("label_end_ts", pa.array(ends + np.timedelta64(60 * minutes, "s")))
        .filter(pa.array(is_last))
        for minutes in HORIZONS_MIN
    ]
    return {
        "gold.sequence_dataset": of_rows(
            approach_dir=[direction] * n_rows,
            decision_phase=["approaching"] * n_rows,
            is_known=list(generator.random((n_rows, SEQUENCE_ROWS)) < 0.9),
            **{name: samples.rival[:, place % 4] for place, name in enumerate(STATICS)},
            **{
                name: list(samples.vector[:, [place % WIDTH]] + np.zeros(SEQUENCE_ROWS, np.float32))
                for place, name in enumerate(CHANNELS)
            },
        ).filter(pa.array(is_first)),
        "gold.retrieval_vectors": of_rows(
            session_date=dates,
            vector=list(samples.vector),
            context=list(context.astype(np.float32)),
            k_ticks=k_ticks,
            approach_dir=[direction] * n_rows,
            decision_phase=["approaching"] * n_rows,
            candle_id=((end_s % 86_400 - 48_600) // 120).astype(np.int32),
            episode_id=episode,
        ),
        "gold.level_outcomes": of_rows(
            barrier_kind=["fixed"] * n_rows,
            horizon_id=["s240"] * n_rows,
            outcome=outcome,
            outcome_reached=outcome,
            reached=[True] * n_rows,
            reached_ts=(ends + reached_after_s(samples)).astype("datetime64[ns]"),
            reached_hit_ts=ends.astype("datetime64[ns]"),
            label_end_ts=label_end,
            x0_ticks=samples.x0_ticks,
            barrier_ticks=np.full(n_rows, 8),
            horizon_s=np.full(n_rows, 240),
            mfe_ticks=samples.mfe_ticks,
            mae_ticks=samples.mae_ticks,
        ),
        "silver.level_decisions": of_rows(barrier_mode=["fixed"] * n_rows),
        "silver.level_offset_1s": of_rows(
            k_vol=samples.rival[:, 1],
            speed_15s=samples.rival[:, 2],
            sigma_1s_ticks=samples.rival[:, 3],
        ),
        "silver.level_corridor_1s": of_rows(
            k_ticks=k_ticks, beyond_wall_ratio=generator.uniform(size=n_rows)
        ),
        "silver.market_features_1s": pa.table(
            {
                "symbol": ["ESZ5"] * n_rows,
                "dt": pa.array(dates),
                "window_end_ts": pa.array(ends),
                "book_imbalance_l1": pa.array(end_s % 7 / 7.0),
                "ofi_30s": pa.array(end_s % 11),
            }
        ),
        "gold.break_score_1s": of_rows(
            break_direction=[word] * n_rows, score_smooth=generator.uniform(0, 100, n_rows)
        ),
        "gold.retrieval_mirror": pa.table(
            {
                "retrieval_family": ["level"] * len(names),
                "approach_dir": [direction] * len(names),
                "feature_index": list(range(len(names))),
                "feature_name": names,
                "mirror_feature_index": list(range(len(names))),
                "mirror_sign": [1] * len(names),
            }
        ),
        "gold.level_events": events.filter(pa.array(is_last)).drop_columns(["window_end_ts"]),
        "steps.level_event_labels": pa.concat_tables(labels),
        "gold.level_event_columns": pa.table(
            {
                "column_index": list(range(6)),
                "column_name": [*_EVENT_FEATURES, "direction", "outcome"],
                "role": ["feature"] * 5 + ["label"],
                "family": [*_EVENT_FEATURES.values(), "context", "label"],
            }
        ),
    }
