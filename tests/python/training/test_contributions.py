"""`spymaster setups --verbose` names what trees weigh, if they were useful before."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from spymaster.setups.contributions import contribution_sentences
from spymaster.training.artefact_files import write_artefact
from spymaster_engine.statistics.claimants import trees
from spymaster_engine.statistics.claimants.boosting import TreeSettings
from spymaster_engine.statistics.claimants.matrices import Matrix
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support.claimant_walks import market
from support.settings import vars_with

SAMPLES = market()
VECTOR = ("w0__a", "w0__b", "closing_speed_15s")
NAMES = (
    "x0_ticks",
    "minutes_since_open",
    *VECTOR,
    "beyond_wall_ratio",
    "book_imbalance",
    "ofi_30s",
    "break_score",
)
END = dt.datetime(2025, 10, 16, 14, 0, 5)
KEY = {"symbol": "ESZ5", "dt": END.date(), "level_id": "pm_high", "window_end_ts": END}
MOMENT: dict[str, Any] = {
    **KEY,
    "vector_id": "one",
    "root": "ES",
    "approach_dir": "approach_down",
    "retrieval_family": "level",
}
# as trees read them; an hour and a half after the open, five seconds into a bar
VALUES = (-3.0, 30.0 + 5.0 / 60.0, 1.5, -0.5, 0.25, np.nan, -0.75, -40.0, 61.0)


@pytest.fixture(scope="module")
def forest() -> trees.FittedTrees:
    settings = TreeSettings(NAMES, leaves=(4,), rounds=(40,))
    inputs = Matrix(SAMPLES.vector[:, : len(NAMES)], SAMPLES.day)
    return trees.fit(inputs, SAMPLES.outcome, np.ones(len(SAMPLES)), 42, settings)


def lake_of(root: Path, forest: trees.FittedTrees, **registered: Any) -> tuple[Lake, str]:
    """Write the published file of one decision, and the model that serves its day."""
    lake = Lake(root)
    lake.models.mkdir(parents=True)
    sha256 = write_artefact(lake, forest.artefact())
    key = "'ESZ5' as symbol, date '2025-10-16' as dt, 'pm_high' as level_id, "
    key += f"timestamp '{END}' as window_end_ts"
    row = {
        "model_id": "ES|trees",
        "claimant": "trees_stage_b",
        "head": "outcome",
        "root": "ES",
        "approach_dir": "approach_down",
        "unit": "approaching",
        "horizon_id": "s240",
        "first_dt": dt.date(2025, 10, 15),
        "last_dt": dt.date(2025, 10, 17),
        "verdict_before": "useful",
        "content_hash": sha256,
    } | registered
    tables = {
        "gold.model_registry": ", ".join(
            f"{'date ' if isinstance(value, dt.date) else ''}'{value}' as {name}"
            for name, value in row.items()
        ),
        "gold.retrieval_settings": (
            f"'{json.dumps(vars_with())}' as settings, '{{}}' as evaluation_settings"
        ),
        "gold.retrieval_vectors": (
            f"{key}, 'one' as vector_id, dt as session_date, 'approach_down' as approach_dir, "
            "'approaching' as decision_phase, 15 as candle_id, [1.5, -0.5]::float[] as vector, "
            "[0.25]::float[] as context"
        ),
        "silver.level_decisions": f"{key}, 'fixed' as barrier_mode",
        "gold.level_outcomes": (
            f"{key}, unnest(['s240', 's120']) as horizon_id, 'fixed' as barrier_kind, "
            "-3 as x0_ticks"
        ),
        "gold.retrieval_mirror": (
            f"'level' as retrieval_family, 'approach_down' as approach_dir, "
            f"unnest({list(VECTOR)}) as feature_name, unnest([0, 1, 2]) as feature_index"
        ),
        "silver.level_corridor_1s": f"{key}, -3 as k_ticks, null::double as beyond_wall_ratio",
        "silver.market_features_1s": (
            "'ESZ5' as symbol, date '2025-10-16' as dt, "
            f"timestamp '{END}' as window_end_ts, 0.75 as book_imbalance_l1, 40 as ofi_30s"
        ),
        "gold.break_score_1s": f"{key}, 'DOWN' as break_direction, 61.0 as score_smooth",
    }
    with duckdb.connect(str(lake.published)) as connection:
        for schema in ("silver", "gold"):
            connection.execute(f"create schema {schema}")
        for name, columns in tables.items():
            connection.execute(f"create table {name} as select {columns}")
    return lake, sha256


def test_the_largest_contributions_are_named(forest: trees.FittedTrees, tmp_path: Path) -> None:
    """Those of one prediction, from the features as they were trained on."""
    lake, _ = lake_of(tmp_path, forest)
    [said] = contribution_sentences(lake, MOMENT, "s240")
    row = np.array([VALUES], np.float32)
    pairs = list(
        zip(forest.contributions(Matrix(row, np.zeros(1, np.int64)))[0], NAMES, strict=False)
    )
    largest = sorted(pairs, key=lambda pair: -abs(pair[0]))[:5]
    fors = [name for value, name in largest if value > 0.0]
    against = [name for value, name in largest if value < 0.0]
    assert fors
    assert against
    assert said == f"for a break: {', '.join(fors)}; against: {', '.join(against)}"


@pytest.mark.parametrize(
    "registered",
    [
        {"verdict_before": "not shown"},
        {"verdict_before": "too few episodes"},
        {"last_dt": dt.date(2025, 10, 15)},
        {"claimant": "trees_stage_a"},
        {"head": "reach_60"},
        {"approach_dir": "approach_up"},
        {"horizon_id": "s120"},
    ],
)
def test_nothing_is_said_without_useful_trees_of_the_day(
    forest: trees.FittedTrees, tmp_path: Path, registered: dict[str, Any]
) -> None:
    lake, _ = lake_of(tmp_path, forest, **registered)
    assert contribution_sentences(lake, MOMENT, "s240") == []


def test_altered_trees_are_refused(forest: trees.FittedTrees, tmp_path: Path) -> None:
    lake, sha256 = lake_of(tmp_path, forest)
    path = lake.models / sha256 / "break.txt"
    path.write_bytes(path.read_bytes().replace(b"tree", b"Tree", 1))
    with pytest.raises(SpymasterError, match=r"ES\|trees.*altered"):
        contribution_sentences(lake, MOMENT, "s240")
