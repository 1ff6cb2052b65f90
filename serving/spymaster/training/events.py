"""Events of levels as samples, with their features as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from spymaster_engine.statistics.claimants.walk import Features
from spymaster_engine.statistics.evaluation.samples import CENSORED, Samples
from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from spymaster_engine.statistics.retrieval.settings import LEVEL

from spymaster.evaluation.read import Windows
from spymaster.evaluation.result_rows import Scope
from spymaster.published import relations_of
from spymaster.training.claimants import EVENT, of_events
from spymaster.training.heads import (
    EVENT_HORIZONS,
    PRIMARY_MIN,
    STRENGTH,
    TRADEABLE,
    event_heads,
)
from spymaster.training.keys import training_query
from spymaster.training.scopes import TrainingJob

_RELATIONS = {"gold.level_events", "gold.level_event_columns", "steps.level_event_labels"}
_DIRECTIONS = {"approach_up": ("UP", 1.0), "approach_down": ("DOWN", -1.0)}
# the longest look-back of a feature: twenty minutes of kinematics
_LOOKBACK_S = 1_200
_MINUTES_PER_HALF_HOUR = 30
# words as numbers, in the order of what they say for a break
_WORDS: Mapping[str, Mapping[str, float]] = {
    "barrier_state": {
        "ABSORPTION": 0.0,
        "WALL": 1.0,
        "NEUTRAL": 2.0,
        "CONSUMED": 3.0,
        "WEAK": 4.0,
        "VACUUM": 5.0,
    },
    "sweep_direction": {"DOWN": -1.0, "UP": 1.0},
    "fuel_effect": {"DAMPEN": -1.0, "NEUTRAL": 0.0, "AMPLIFY": 1.0},
    "signal": {"REJECT": -1.0, "NEUTRAL": 0.0, "CONTESTED": 0.5, "BREAK": 1.0},
    "confidence": {"LOW": 0.0, "MEDIUM": 1.0, "HIGH": 2.0},
}
# names of the level and the event, not what was measured
_NO_NUMBERS = ("level_id", "level_kind", "direction", "attempt_cluster_id")


def read_events(
    connection: duckdb.DuckDBPyConnection,
    root: str,
    names: Sequence[str],
    days: tuple[date | None, date | None] = (None, None),
    *,
    ablations: bool = False,
) -> list[TrainingJob]:
    """Read the events of a product, by direction; none where the lake has none.

    Args:
        connection: the published file.
        root: product root.
        names: of claimants.
        days: first and last session date; None for no bound.
        ablations: whether trees on the features of each family alone compete too.
    """
    if not relations_of(connection) >= _RELATIONS:
        return []
    families = _families(connection)
    claimants = of_events(names, families, ablations=ablations)
    if not claimants:
        return []
    jobs = []
    for direction, (word, sign) in _DIRECTIONS.items():
        table = connection.execute(
            training_query("events"),
            {"root": root, "direction": word},
        ).to_arrow_table()
        table = _between(table, days)
        if table.num_rows:
            scope = Scope(root, direction, EVENT_HORIZONS[PRIMARY_MIN], LEVEL)
            windows = _windows(table, sign)
            values = np.stack([_numbers(table, name) for name in families], axis=1)
            features = Features(tuple(families), values.astype(np.float32))
            labels = {name: _numbers(table, name) for name in table.column_names if _is_label(name)}
            heads = event_heads(windows.samples, labels)
            jobs.append(TrainingJob(scope, EVENT, windows, features, claimants, {}, heads=heads))
    return jobs


def _families(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the family of each feature that can be a number, in the order of the columns."""
    rows = connection.execute(
        "select column_name, family from gold.level_event_columns where role = 'feature' "
        "order by column_index"
    ).fetchall()
    return {name: family for name, family in rows if name not in _NO_NUMBERS}


def _windows(table: pa.Table, sign: float) -> Windows:
    dates, day = np.unique(_column(table, "session_date"), return_inverse=True)
    levels, level = np.unique(_column(table, "level_id").astype(str), return_inverse=True)
    n_rows = table.num_rows
    x0 = -sign * _numbers(table, "dist_to_tested_level_ticks")
    minutes = _numbers(table, "minutes_since_open")
    rival = ("dist_to_tested_level_ticks", "k_vol", "speed_15s", "sigma_1s_ticks")
    nothing = np.full(n_rows, np.nan)
    outcomes = pc.index_in(table["outcome"].combine_chunks(), pa.array(CLASSES))
    window_end_s = _column(table, "window_end_s").astype(np.int64)
    samples = Samples(
        vector=np.empty((n_rows, 0), np.float32),
        context=np.empty((n_rows, 0), np.float32),
        rival=np.stack([*(_numbers(table, name) for name in rival), minutes], axis=1),
        outcome=outcomes.fill_null(CENSORED).to_numpy(zero_copy_only=False).astype(np.int64),
        reached=np.ones(n_rows),
        day=day,
        episode=_codes(table, "episode_id"),
        level=level,
        level_kind=_codes(table, "kind_of_level"),
        half_hour=(minutes // _MINUTES_PER_HALF_HOUR).astype(np.int64),
        window_end_s=window_end_s,
        feature_start_s=window_end_s - _LOOKBACK_S,
        label_end_s=_column(table, f"label_end_s_{PRIMARY_MIN}min").astype(np.int64),
        x0_ticks=x0,
        barrier_ticks=_numbers(table, "barrier_ticks"),
        horizon_s=np.full(n_rows, 60.0 * PRIMARY_MIN),
        time_to_hit_s=nothing,
        mfe_ticks=nothing,
        mae_ticks=nothing,
    )
    key = table.select(["symbol", "dt", "level_id", "window_end_ts", "episode_id"])
    return Windows(samples, key, levels.tolist(), dates, np.zeros(n_rows, np.bool_))


def _is_label(name: str) -> bool:
    """Return whether a column is of a head at one of its horizons."""
    of_heads = (TRADEABLE, STRENGTH, "future_price", "label_end_s")
    return any(name == f"{of}_{minutes}min" for of in of_heads for minutes in EVENT_HORIZONS)


def _between(table: pa.Table, days: tuple[date | None, date | None]) -> pa.Table:
    first, last = days
    if first is not None:
        table = table.filter(pc.greater_equal(table["session_date"], pa.scalar(first)))
    if last is not None:
        table = table.filter(pc.less_equal(table["session_date"], pa.scalar(last)))
    return table


def _column(table: pa.Table, name: str) -> NDArray:
    return table[name].combine_chunks().to_numpy(zero_copy_only=False)


def _codes(table: pa.Table, name: str) -> NDArray[np.int64]:
    return np.unique(_column(table, name).astype(str), return_inverse=True)[1].astype(np.int64)


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """Return a column as float64, NaN for NULL; words become numbers."""
    if name in _WORDS:
        words = table[name].to_pylist()
        return np.array([_WORDS[name].get(word, np.nan) for word in words], np.float64)
    return table[name].cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
