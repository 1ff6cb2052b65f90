"""Files of a library: all vectors of a product root and direction with their outcomes.

Vectors are raw; their normalisation depends on the day of the query. Rows ascend by day and time,
so that a day may use a prefix. Files are named by a hash of their content and written atomically.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from spymaster_ingest.durable import put_in_place_with_hash, temporary_sibling

from spymaster_engine.statistics.retrieval.mirror import Mirror
from spymaster_engine.statistics.retrieval.outcomes import CENSORED, CLASSES, NO_LABEL, NOT_REACHED
from spymaster_engine.statistics.retrieval.phases import APPROACHING

KEY_COLUMNS = ("vector_id", "symbol", "dt", "level_id", "window_end_ts", "episode_id")
_DISTANCE_COLUMN = "k_ticks"
# absent from libraries without phases
_PHASE_COLUMN = "decision_phase"
# lists, an element per name in column horizons; NULL without labels
LABEL_COLUMNS = (
    "outcomes",
    "reached_flags",
    "times_to_hit_s",
    "mfe_ticks",
    "mae_ticks",
    "adverse_ticks",
    "whipsaw_flags",
    "result_ticks",
)
_CODES = {name: code for code, name in enumerate(CLASSES)} | {
    "CENSORED": CENSORED,
    "NOT_REACHED": NOT_REACHED,
}
_HASH_DIGITS = 16
# libraries that stay open: both directions of two products, and their mirrored libraries
_OPEN_LIBRARIES = 8
_NO_EPISODE = -1


@dataclass(frozen=True, eq=False)
class LibraryLabels:
    """Outcomes of each row of a library at one horizon, (n,) each.

    Attributes:
        class_code: int8, codes of ``CLASSES``, NOT_REACHED, CENSORED or NO_LABEL.
        reached: float64, 1 where price came to the level within the horizon, 0 where it did not;
            NaN where the path is shorter than the horizon.
        time_to_hit_s: float64, NaN without a hit.
        mfe_ticks: float64.
        mae_ticks: float64, at most 0.
        adverse_ticks: float64, largest move against a position in the outcome's direction from
            decision to exit, NaN without hit.
        whipsaw: bool, whether both barriers were hit.
        result_ticks: float64, result of a position in the sense of the approach from decision to
            exit, NaN where unknown.
    """

    class_code: NDArray[np.int8]
    reached: NDArray[np.float64]
    time_to_hit_s: NDArray[np.float64]
    mfe_ticks: NDArray[np.float64]
    mae_ticks: NDArray[np.float64]
    adverse_ticks: NDArray[np.float64]
    whipsaw: NDArray[np.bool_]
    result_ticks: NDArray[np.float64]


class LibraryReflection(NamedTuple):
    """The library of the other direction, and its mirror.

    Attributes:
        vectors_path: its vectors.
        rows_path: their keys and labels.
        mirror: the image of each column in it.
    """

    vectors_path: Path
    rows_path: Path
    mirror: Mirror

    def library(self, n_context: int) -> Library:
        """Return that library as it is, with so many columns of context."""
        return read_library(self.vectors_path, self.rows_path, n_context)


@dataclass(frozen=True, eq=False)
class Library:
    """A library in memory; n rows.

    Attributes:
        vectors: (n, d) float32, vector then context; NaN for missing.
        n_context: columns of the context.
        keys: table of ``KEY_COLUMNS``.
        day: (n,) int32, days since 1970, not decreasing.
        episode_code: (n,) int64, -1 without episode.
        distance_ticks: (n,) int64, from the level, of either sign.
        labels: by horizon.
        fits: directory of cached fits; None caches nothing.
        reflection: mirrored library for training; None without.
        phase: (n,) names of ``PHASES``; None where every row is of phase approaching.
    """

    vectors: NDArray[np.float32]
    n_context: int
    keys: pa.Table
    day: NDArray[np.int32]
    episode_code: NDArray[np.int64]
    distance_ticks: NDArray[np.int64]
    labels: dict[str, LibraryLabels]
    fits: Path | None = None
    reflection: LibraryReflection | None = None
    phase: NDArray[np.str_] | None = None

    def rows_before(
        self,
        asof_dt: dt.date,
        level_ids: Collection[str] | None,
        phases: Collection[str] = (APPROACHING,),
    ) -> NDArray[np.intp]:
        """Return the rows before a day, of some levels or all (None) and of phases, ascending."""
        n_before = int(np.searchsorted(self.day, days_since_epoch(asof_dt)))
        if self.phase is None:
            is_chosen = np.full(n_before, APPROACHING in phases)
        else:
            is_chosen = np.isin(self.phase[:n_before], list(phases))
        if level_ids is not None:
            is_level = pc.is_in(self.keys["level_id"], pa.array(level_ids, pa.string())).to_numpy(
                zero_copy_only=False
            )
            is_chosen &= is_level[:n_before]
        return np.flatnonzero(is_chosen)


@dataclass(frozen=True)
class WrittenLibrary:
    """The files of a written library.

    Attributes:
        vectors_path: the .npy of the vectors.
        rows_path: Parquet of keys and labels.
        n_vectors: rows.
        dim: columns of the vector without context.
        content_hash: of vectors and keys.
        rows_hash: of keys and labels.
    """

    vectors_path: Path
    rows_path: Path
    n_vectors: int
    dim: int
    content_hash: str
    rows_hash: str


def days_since_epoch(day: dt.date) -> int:
    """Return the number of days since 1970-01-01."""
    return (day - dt.date(1970, 1, 1)).days


def write_library(
    batches: Iterable[pa.RecordBatch], directory: Path, n_rows: int, n_context: int
) -> WrittenLibrary:
    """Write a library from rows in ascending order of day and time.

    Args:
        batches: columns vector and context (lists of float), ``KEY_COLUMNS``, k_ticks,
            horizons (a list, the same in every row) and ``LABEL_COLUMNS``; decision_phase where the
            rows have phases.
        directory: of the library, created if missing.
        n_rows: rows of all batches.
        n_context: columns of the context.

    Raises:
        ValueError: The rows are out of order, or not as many as announced.
    """
    directory.mkdir(parents=True, exist_ok=True)
    temporary = temporary_sibling(directory / "vectors.npy")
    digest, tables, at, matrix, last = hashlib.sha256(), [], 0, None, None
    for batch in batches:
        values = _matrix(batch, n_context)
        if matrix is None:
            matrix = np.lib.format.open_memmap(
                temporary, "w+", np.float32, (n_rows, values.shape[1])
            )
        if at + len(values) > n_rows:
            raise ValueError(f"{directory}: more than the {n_rows} rows announced")
        matrix[at : at + len(values)] = values
        digest.update(values.tobytes())
        at += len(values)
        table = pa.Table.from_batches([batch]).drop_columns(["vector", "context"])
        moments = table["window_end_ts"].cast(pa.int64()).to_numpy()
        if np.any(np.diff(moments, prepend=moments[:1] if last is None else last) < 0):
            raise ValueError(f"{directory}: rows are not in the order of time")
        last = moments[-1:]
        tables.append(table)
    if matrix is None or at != n_rows:
        raise ValueError(f"{directory}: {at} rows instead of the {n_rows} announced")
    matrix.flush()
    width = matrix.shape[1]
    del matrix

    rows = pa.concat_tables(tables).combine_chunks()
    digest.update("\n".join(rows["vector_id"].to_pylist()).encode())
    content_hash = digest.hexdigest()
    rows_hash = _table_hash(rows)
    vectors_path = directory / f"vectors-{content_hash[:_HASH_DIGITS]}.npy"
    put_in_place_with_hash(temporary, vectors_path)
    rows_path = directory / f"rows-{rows_hash[:_HASH_DIGITS]}.parquet"
    temporary = temporary_sibling(rows_path)
    pq.write_table(rows, temporary, compression="zstd")
    put_in_place_with_hash(temporary, rows_path)
    return WrittenLibrary(
        vectors_path, rows_path, n_rows, width - n_context, content_hash, rows_hash
    )


@lru_cache(maxsize=_OPEN_LIBRARIES)
def read_library(
    vectors_path: Path, rows_path: Path, n_context: int, reflection: LibraryReflection | None = None
) -> Library:
    """Open a library; vectors stay on disk until read [memory map].

    Args:
        vectors_path: the .npy of the vectors.
        rows_path: Parquet of keys and labels.
        n_context: columns of the context.
        reflection: mirrored library for training.

    Raises:
        ValueError: The files do not belong together.
    """
    if reflection is not None:
        # users of a mirrored library share its memory
        return replace(read_library(vectors_path, rows_path, n_context), reflection=reflection)
    vectors = np.load(vectors_path, mmap_mode="r")
    rows = pq.read_table(rows_path).combine_chunks()
    if len(rows) != len(vectors):
        raise ValueError(f"{rows_path}: {len(rows)} rows for {len(vectors)} vectors")
    horizons = rows["horizons"][0].as_py() if len(rows) else []
    return Library(
        vectors=vectors,
        n_context=n_context,
        keys=rows.select(KEY_COLUMNS),
        day=rows["dt"].cast(pa.int32()).to_numpy(),
        episode_code=_codes(rows["episode_id"]),
        distance_ticks=rows[_DISTANCE_COLUMN].cast(pa.int64()).to_numpy(),
        labels={horizon: _labels(rows, place) for place, horizon in enumerate(horizons)},
        fits=vectors_path.parent / "spaces",
        phase=_phases(rows),
    )


def open_library(lake_root: Path, files: Mapping[str, Any]) -> Library:
    """Open the library of a row of ``retrieval_library_files``, with its mirrored library.

    Args:
        lake_root: Directory that paths are relative to.
        files: the row.
    """
    reflection = None
    if files["mirror_vectors_path"] is not None:
        reflection = LibraryReflection(
            lake_root / files["mirror_vectors_path"],
            lake_root / files["mirror_rows_path"],
            Mirror(tuple(files["mirror_columns"]), tuple(files["mirror_signs"])),
        )
    paths = lake_root / files["vectors_path"], lake_root / files["rows_path"]
    return read_library(*paths, files["n_context"], reflection)


def _matrix(batch: pa.RecordBatch, n_context: int) -> NDArray[np.float32]:
    columns = []
    for name in ("vector", "context"):
        lists = batch.column(name)
        values = lists.flatten().to_numpy(zero_copy_only=False)
        columns.append(values.reshape(len(batch), -1))
    if columns[1].shape[1] != n_context:
        raise ValueError(f"{columns[1].shape[1]} columns of context instead of {n_context}")
    return np.concatenate(columns, axis=1).astype(np.float32, copy=False)


def _codes(names: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return codes in the order of first appearance, -1 for NULL."""
    encoded = pc.dictionary_encode(names).combine_chunks()
    return pc.fill_null(encoded.indices.cast(pa.int64()), _NO_EPISODE).to_numpy()


def _phases(rows: pa.Table) -> NDArray[np.str_] | None:
    """Return the phase of each row; a vector that is no decision only approaches."""
    if _PHASE_COLUMN not in rows.column_names:
        return None
    return np.array(pc.fill_null(rows[_PHASE_COLUMN], APPROACHING).to_pylist(), np.str_)


def _labels(rows: pa.Table, place: int) -> LibraryLabels:
    """Return the labels at a place in the lists of horizons."""

    def column(name: str) -> pa.Array:
        return pc.list_element(rows[name].combine_chunks(), place)

    def number(name: str) -> NDArray[np.float64]:
        return pc.fill_null(column(name).cast(pa.float64()), float("nan")).to_numpy()

    names = column("outcomes").dictionary_encode()
    by_name = np.array(
        [_CODES[name] for name in names.dictionary.to_pylist()] + [NO_LABEL], np.int8
    )
    places = pc.fill_null(names.indices, len(by_name) - 1).to_numpy()
    return LibraryLabels(
        class_code=by_name[places],
        reached=number("reached_flags"),
        time_to_hit_s=number("times_to_hit_s"),
        mfe_ticks=number("mfe_ticks"),
        mae_ticks=number("mae_ticks"),
        adverse_ticks=number("adverse_ticks"),
        whipsaw=pc.fill_null(column("whipsaw_flags"), False).to_numpy(zero_copy_only=False),
        result_ticks=number("result_ticks"),
    )


def _table_hash(table: pa.Table) -> str:
    """Return a hash of a table's values, the same however they are cut into batches."""
    digest = hashlib.sha256()
    for name in table.column_names:
        digest.update(name.encode())
        digest.update("\n".join(map(str, table[name].to_pylist())).encode())
    return digest.hexdigest()
