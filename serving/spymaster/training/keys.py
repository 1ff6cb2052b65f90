"""Queries of this package, and the keys of the decisions that they ask about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

_QUERIES = Path(__file__).parent / "queries"


def training_query(name: str) -> str:
    """Return the text of a query of this package."""
    return (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def registered_keys(
    connection: duckdb.DuckDBPyConnection, key: pa.Table, direction: str
) -> Iterator[None]:
    """Offer the keys of windows as relation ``keys``, numbered, for the length of a block.

    Args:
        connection: the published file.
        key: symbol, dt, level_id and window_end_ts of each window.
        direction: of their approach.
    """
    n_rows = key.num_rows
    numbered = key.append_column("number", pa.array(np.arange(n_rows)))
    keys = numbered.append_column("approach_dir", pa.array([direction] * n_rows, pa.string()))
    connection.register("keys", keys)
    try:
        yield
    finally:
        connection.unregister("keys")
