"""Rows of ``retrieval_index_manifest``: which indexes to rewrite, and the written files."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.index_files import (
    HNSW,
    IndexSettings,
    quality,
    write_index,
)
from spymaster_engine.statistics.retrieval.library import read_library
from spymaster_engine.statistics.retrieval.library_manifest import INDEX_DIRECTORY
from spymaster_engine.statistics.retrieval.normalise import RobustStatistics, unit_rows
from spymaster_engine.statistics.retrieval.pools import Pool

MANIFEST_SCHEMA = pa.schema(
    [
        ("index_key", pa.string()),
        ("root", pa.string()),
        ("level_id", pa.string()),
        ("approach_dir", pa.string()),
        ("asof_dt", pa.date32()),
        ("index_kind", pa.string()),
        ("n_vectors", pa.int64()),
        ("n_zero_vectors", pa.int64()),
        ("dim", pa.int64()),
        ("n_days", pa.int64()),
        ("n_episodes", pa.int64()),
        ("first_dt", pa.date32()),
        ("last_dt", pa.date32()),
        ("stats_hash", pa.string()),
        ("feature_list_hash", pa.string()),
        ("content_hash", pa.string()),
        ("faiss_version", pa.string()),
        ("index_path", pa.string()),
        ("build_args", pa.string()),
        ("recall", pa.float64()),
        ("exact_duplicate_rate", pa.float64()),
        ("near_duplicate_rate", pa.float64()),
        ("max_label_share", pa.float64()),
        ("max_day_count_ratio", pa.float64()),
        ("input_fingerprint", pa.string()),
    ]
)
_EPOCH = dt.date(1970, 1, 1)


def index_row(
    row: Mapping[str, Any],
    statistics: RobustStatistics,
    lake_root: Path,
    settings: IndexSettings,
) -> dict[str, Any]:
    """Write the index of a row of ``retrieval_index_plan`` and return its row of the manifest.

    Args:
        row: Inputs of the index.
        statistics: of the pool's columns as of ``asof_dt``.
        lake_root: Directory that paths are relative to.
        settings: kind and parameters of the index.
    """
    # imported when an index is written: it brings a compiler along
    from spymaster_engine.statistics.retrieval.spaces import normalised

    library = read_library(
        lake_root / row["vectors_path"], lake_root / row["rows_path"], row["n_context"]
    )
    pool = Pool(library, row["asof_dt"], tuple(row["pool_level_ids"]) or None)
    rows = pool.rows.astype(np.int64)
    z = normalised(
        library.vectors[rows], library.n_context, statistics, settings.block_width_divisor
    )
    unit, is_zero = unit_rows(z)
    unit, rows = np.ascontiguousarray(unit[~is_zero]), rows[~is_zero]
    directory = (
        lake_root
        / INDEX_DIRECTORY
        / f"root={row['root']}"
        / f"approach_dir={row['approach_dir']}"
        / f"level_id={row['level_id']}"
    )
    written = write_index(unit, rows, directory, settings)
    days = library.day[rows]
    arguments = {"metric": "inner_product"}
    if written.kind == HNSW:
        names = ("m", "ef_construction", "ef_search")
        arguments |= {name: value for name, value in asdict(settings).items() if name in names}
    return {
        **{name: row[name] for name in MANIFEST_SCHEMA.names if name in row},
        "index_kind": written.kind,
        "n_vectors": written.n_vectors,
        "n_zero_vectors": int(is_zero.sum()),
        "dim": written.dim,
        "n_days": len(np.unique(days)),
        "first_dt": _date_of(days[:1]),
        "last_dt": _date_of(days[-1:]),
        "content_hash": written.content_hash,
        "faiss_version": faiss.__version__,
        "index_path": written.path.relative_to(lake_root).as_posix(),
        "build_args": json.dumps(arguments, sort_keys=True),
        "recall": written.recall,
        **asdict(quality(pool, unit, rows, settings)),
    }


def _date_of(day: NDArray[np.integer]) -> dt.date | None:
    """Return the date of a day since 1970, (1,); None when every vector was left out, (0,)."""
    return _EPOCH + dt.timedelta(days=int(day[0])) if len(day) else None


def index_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return manifest rows as a table of the published columns, empty when there are none."""
    written = list(rows)
    # without rows Arrow need not load pandas
    if not written:
        return MANIFEST_SCHEMA.empty_table()
    return pa.Table.from_pylist(written, schema=MANIFEST_SCHEMA)
