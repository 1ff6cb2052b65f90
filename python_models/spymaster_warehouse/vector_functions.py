"""Plugin of dbt-duckdb: trigger vectors as a function of SQL.

A vector looks back over many rows with all their features; SQL would need a window function per
element. ``trigger_vectors(rows, is_wanted, windows)`` takes a list per run of consecutive windows
and returns a list with a vector or NULL per row. Named in ``profiles.yml``.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin

from spymaster_warehouse.arrow_columns import register


def vectors_of_runs(
    rows: pa.ChunkedArray, is_wanted: pa.ChunkedArray, windows: pa.ChunkedArray
) -> pa.Array:
    """Apply ``trigger_vectors`` to every run.

    Args:
        rows: list<list<double>>, the rows of each run, equally wide and without NULL.
        is_wanted: list<bool>, one per row of the run.
        windows: list<int32>, the same for all runs.

    Returns:
        list<list<float>>, one per run: a vector or NULL per row.
    """
    runs = [_vectors_of_run(*run) for run in zip(rows, is_wanted, windows, strict=True)]
    ends = np.cumsum([0, *(len(run) for run in runs)])
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.concat_arrays(runs))


def _vectors_of_run(
    rows: pa.ListScalar, is_wanted: pa.ListScalar, windows: pa.ListScalar
) -> pa.ListArray:
    n_rows = len(rows.values)
    values = rows.values.flatten().to_numpy().reshape(n_rows, -1)
    wanted = is_wanted.values.to_numpy(zero_copy_only=False)
    # imported when vectors are made: it brings a compiler along
    from spymaster_engine.kernels.levels.trigger_vectors import trigger_vectors

    places, vectors = trigger_vectors(values, wanted, windows.as_py())
    lengths = np.zeros(n_rows, np.int32)
    lengths[places] = vectors.shape[1]
    ends = pa.array(np.cumsum([0, *lengths]), pa.int32())
    return pa.ListArray.from_arrays(ends, pa.array(vectors.ravel()), mask=pa.array(lengths == 0))


class Plugin(BasePlugin):
    """Registers the function on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the function."""
        register(
            conn,
            "trigger_vectors",
            vectors_of_runs,
            ["DOUBLE[][]", "BOOLEAN[]", "INTEGER[]"],
            "FLOAT[][]",
        )
