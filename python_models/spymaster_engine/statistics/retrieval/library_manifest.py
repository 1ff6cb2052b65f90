"""Rows of ``retrieval_library``: which libraries to rewrite, and the written files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from spymaster_ingest.durable import remove_temporary

from spymaster_engine.statistics.retrieval.library import write_library

LIBRARY_SCHEMA = pa.schema(
    [
        ("library_key", pa.string()),
        ("root", pa.string()),
        ("approach_dir", pa.string()),
        ("asof_dt", pa.date32()),
        ("n_vectors", pa.int64()),
        ("dim", pa.int64()),
        ("n_context", pa.int64()),
        ("feature_list_hash", pa.string()),
        ("content_hash", pa.string()),
        ("rows_hash", pa.string()),
        ("vectors_path", pa.string()),
        ("rows_path", pa.string()),
        ("input_fingerprint", pa.string()),
    ]
)
# below the lake's root
INDEX_DIRECTORY = "indexes"
# rows that are in memory at a time on their way into a file
_ROWS_AT_A_TIME = 2048
_GROUPS = ("root", "approach_dir")


def library_row(
    row: Mapping[str, Any],
    rows: duckdb.DuckDBPyRelation,
    lake_root: Path,
    stored: Mapping[str, tuple[str, str, str]],
) -> dict[str, Any] | None:
    """Write the library of a row of ``retrieval_library_plan``, if its inputs changed.

    Args:
        row: Inputs of the library.
        rows: The relation of all rows of all libraries.
        lake_root: Directory that paths are relative to.
        stored: Recorded fingerprint and paths of vectors and rows, by key.

    Returns:
        A row of ``retrieval_library``; None when the stored library has the same inputs and its
        files exist.
    """
    fingerprint, *paths = stored.get(row["library_key"], (None,))
    if fingerprint == row["input_fingerprint"] and all(
        (lake_root / path).exists() for path in paths
    ):
        return None
    directory = (
        lake_root / INDEX_DIRECTORY / f"root={row['root']}" / f"approach_dir={row['approach_dir']}"
    )
    if directory.exists():
        remove_temporary(directory)
    chosen = " and ".join(f"{name} = '{row[name]}'" for name in _GROUPS)
    ordered = rows.filter(chosen).order("dt, window_end_ts, level_id")
    columns = [name for name in ordered.columns if name not in _GROUPS]
    reader = ordered.select(*columns).to_arrow_reader(_ROWS_AT_A_TIME)
    written = write_library(reader, directory, row["n_vectors"], row["n_context"])
    return {
        **{name: row[name] for name in LIBRARY_SCHEMA.names if name in row},
        "dim": written.dim,
        "content_hash": written.content_hash,
        "rows_hash": written.rows_hash,
        "vectors_path": written.vectors_path.relative_to(lake_root).as_posix(),
        "rows_path": written.rows_path.relative_to(lake_root).as_posix(),
    }


def library_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return manifest rows as a table of the published columns, empty when there are none."""
    written = list(rows)
    # without rows Arrow need not load pandas
    if not written:
        return LIBRARY_SCHEMA.empty_table()
    return pa.Table.from_pylist(written, schema=LIBRARY_SCHEMA)
