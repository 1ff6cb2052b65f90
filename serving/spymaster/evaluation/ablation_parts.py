"""Features that ablations leave out or replace, read from the published file."""

from __future__ import annotations

from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.ablations import AblationParts
from spymaster_engine.statistics.retrieval.settings import MARKET

from spymaster.evaluation.read import Windows, evaluation_query
from spymaster.evaluation.result_rows import Scope
from spymaster.published import relations_of

# replacements: the same features around spot instead of the level; the other direction's features
_AROUND_SPOT, _OTHER_FAMILY = "now_around_spot", "now_of_the_other_family"
_MARKET_VECTORS = "gold.market_feature_vectors"
_GEX = ("gex_", "gamma_", "call_wall_", "put_wall_")


class _Feature(NamedTuple):
    position: int
    block: str
    base: str


def read_parts(
    connection: duckdb.DuckDBPyConnection, windows: Windows, scope: Scope
) -> AblationParts:
    """Read the features that an ablation can leave out or replace.

    Vectors of market features have one block and no features of a level to replace them.

    Args:
        connection: the published file.
        windows: windows of the scope.
        scope: the direction, and the family of its vectors.
    """
    n_context = windows.samples.context.shape[1]
    if scope.retrieval_family == MARKET:
        return AblationParts({}, np.zeros(n_context, np.bool_), {})
    direction = scope.approach_dir.removeprefix("approach_")
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
    padded = np.zeros(n_context, np.bool_)
    padded[: len(gex)] = gex
    return AblationParts(blocks, padded, instead, _market_features(connection, windows))


def _market_features(
    connection: duckdb.DuckDBPyConnection, windows: Windows
) -> NDArray[np.float32] | None:
    """Return the market features at the windows, (n, k), NaN where unknown.

    None if the lake has no market vectors, or none at any of the windows.
    """
    if _MARKET_VECTORS not in relations_of(connection):
        return None
    vectors = _at_windows(connection, windows, "market_vectors")["vector"].to_pylist()
    width = max((len(vector) for vector in vectors if vector is not None), default=0)
    if not width:
        return None
    nothing = [None] * width
    return np.array([vector or nothing for vector in vectors], np.float32)


def _features(connection: duckdb.DuckDBPyConnection, direction: str, kind: str) -> list[_Feature]:
    rows = connection.execute(
        evaluation_query("vector_features"), {"direction": direction, "kind": kind}
    ).fetchall()
    return [_Feature(*row) for row in rows]


def _instead(
    connection: duckdb.DuckDBPyConnection, windows: Windows, name: str, columns: list[str]
) -> NDArray[np.float32]:
    """Return m columns at n windows, (n, m); NaN where the relation has no row."""
    found = _at_windows(connection, windows, name)
    return np.stack(
        [
            found[column].cast(pa.float32()).combine_chunks().to_numpy(zero_copy_only=False)
            for column in columns
        ],
        axis=1,
    )


def _at_windows(connection: duckdb.DuckDBPyConnection, windows: Windows, name: str) -> pa.Table:
    """Return the result of a query that has a row per window, in their order."""
    numbers = pa.array(np.arange(windows.key.num_rows))
    connection.register("keys", windows.key.append_column("number", numbers))
    try:
        return connection.execute(evaluation_query(name)).to_arrow_table()
    finally:
        connection.unregister("keys")
