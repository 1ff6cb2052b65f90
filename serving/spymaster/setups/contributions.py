"""What speaks for a break at a decision, and what against it, by the trees that serve its day."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from spymaster_engine.statistics.claimants.matrices import Matrix
from spymaster_engine.statistics.claimants.trees import FittedTrees
from spymaster_ingest.lake import Lake

from spymaster.built_settings import built_settings
from spymaster.published import Row, ask_rows, open_published, relations_of
from spymaster.setups.odds_sentences import is_of_spot
from spymaster.training.artefact_files import load_model
from spymaster.training.claimants import MOMENT, PLACE, STAGE_B
from spymaster.training.keys import registered_keys, training_query

_QUERIES = Path(__file__).parent / "queries"
_RELATIONS = {"gold.model_registry", "gold.break_score_1s", "silver.level_corridor_1s"}
_MOST_FEATURES = 5


def contribution_sentences(lake: Lake, moment: Row, horizon: str) -> list[str]:
    """Return the features that move the trees' odds of BREAK against REJECT the most.

    Nothing without a level, without trees for the day, or where the days before did not show that
    trees are useful.

    Args:
        lake: the lake.
        moment: of ``find_moment``.
        horizon: of the odds.

    Raises:
        SpymasterError: The trees are missing, or altered since the training.
    """
    if is_of_spot(moment):
        return []
    with open_published(lake) as connection:
        if not relations_of(connection) >= _RELATIONS:
            return []
        asked = moment | {"horizon_id": horizon, "claimant": STAGE_B}
        served = ask_rows(connection, _QUERIES / "served_trees.sql", asked)
        if not served:
            return []
        [found] = served
        values = _features(connection, moment, found)
    trees = load_model(lake, found["model_id"], found["content_hash"])
    if not isinstance(trees, FittedTrees) or not values.keys() >= set(trees.names):
        return []
    row = np.array([[values[name] for name in trees.names]], np.float32)
    added = trees.contributions(Matrix(row, np.zeros(1, np.int64)))[0, :-1]
    largest = [place for place in np.argsort(-np.abs(added), kind="stable") if added[place]]
    chosen = largest[:_MOST_FEATURES]
    sides = {
        "for a break": [trees.names[place] for place in chosen if added[place] > 0.0],
        "against": [trees.names[place] for place in chosen if added[place] < 0.0],
    }
    text = "; ".join(f"{side}: {', '.join(names)}" for side, names in sides.items() if names)
    return [text] if text else []


def _features(connection: duckdb.DuckDBPyConnection, moment: Row, found: Row) -> dict[str, float]:
    """Return the features of the decision by name, NaN where unknown."""
    bar_s = built_settings(connection)["sma_bar_s"]
    minutes = found["candle_id"] * bar_s / 60.0 + found["window_end_s"] % bar_s / 60.0
    names = connection.execute(
        "select feature_name from gold.retrieval_mirror where retrieval_family = ? "
        "and approach_dir = ? order by feature_index",
        [moment["retrieval_family"], moment["approach_dir"]],
    ).fetchall()
    key = pa.table({name: [moment[name]] for name in ("symbol", "dt", "level_id", "window_end_ts")})
    with registered_keys(connection, key, moment["approach_dir"]):
        [of_moment] = connection.execute(training_query("moment_features")).fetchall()
    named = {
        **dict(zip(PLACE, (found["x0_ticks"], minutes), strict=True)),
        **dict(zip((name for (name,) in names), found["vector"], strict=True)),
        **dict(zip(MOMENT, of_moment, strict=True)),
    }
    return {name: np.nan if value is None else float(value) for name, value in named.items()}
