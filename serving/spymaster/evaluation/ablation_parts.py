"""Features that ablations leave out or replace, read from the published file."""

from __future__ import annotations

from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.ablations import AblationParts

from spymaster.evaluation.read import Windows, evaluation_query

# replacements: the same features around spot instead of the level; the other direction's features
_AROUND_SPOT, _OTHER_FAMILY = "now_around_spot", "now_of_the_other_family"
_GEX = ("gex_", "gamma_", "call_wall_", "put_wall_")


class _Feature(NamedTuple):
    position: int
    block: str
    base: str


def read_parts(
    connection: duckdb.DuckDBPyConnection, windows: Windows, approach_dir: str
) -> AblationParts:
    """Read the features that an ablation can leave out or replace.

    Args:
        connection: the published file.
        windows: windows of the direction.
        approach_dir: approach_up or approach_down.
    """
    direction = approach_dir.removeprefix("approach_")
    other = "down" if direction == "up" else "up"
    own = _features(connection, direction, "vector")
    blocks = {feature.block: np.zeros(len(own), np.bool_) for feature in own}
    for feature in own:
        blocks[feature.block][feature.position] = True
    context = _features(connection, direction, "context")
    gex = np.array([feature.base.startswith(_GEX) for feature in context])
    instead = {
        name: _instead(connection, windows, name, sorted({feature.base for feature in features}))
        for name, features in (
            (_AROUND_SPOT, own),
            (_OTHER_FAMILY, _features(connection, other, "vector")),
        )
    }
    # the samples' context ends with columns that the vectors' context lacks
    padded = np.zeros(windows.samples.context.shape[1], np.bool_)
    padded[: len(gex)] = gex
    return AblationParts(blocks, padded, instead)


def _features(connection: duckdb.DuckDBPyConnection, direction: str, kind: str) -> list[_Feature]:
    rows = connection.execute(
        evaluation_query("vector_features"), {"direction": direction, "kind": kind}
    ).fetchall()
    return [_Feature(*row) for row in rows]


def _instead(
    connection: duckdb.DuckDBPyConnection, windows: Windows, name: str, columns: list[str]
) -> NDArray[np.float32]:
    """Return m columns at n windows, (n, m); NaN where the relation has no row."""
    numbers = pa.array(np.arange(windows.key.num_rows))
    connection.register("keys", windows.key.append_column("number", numbers))
    try:
        found = connection.execute(evaluation_query(name)).to_arrow_table()
    finally:
        connection.unregister("keys")
    return np.stack(
        [
            found[column].cast(pa.float32()).combine_chunks().to_numpy(zero_copy_only=False)
            for column in columns
        ],
        axis=1,
    )
