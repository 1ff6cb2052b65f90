"""Index files: the library of a pool at the scale of one day's statistics, for searching.

An index answers for the day after its last day. It is written atomically, under a hash of its
content.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from spymaster_ingest.durable import put_in_place_with_hash, remove_temporary, temporary_sibling

from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from spymaster_engine.statistics.retrieval.pools import Pool

FLAT, HNSW = "flat_ip", "hnsw"
_NORM_TOLERANCE = 1e-5
_HASH_DIGITS = 16
_RECALL_SEED = 1


class IndexQualityError(Exception):
    """An index fails a check."""


@dataclass(frozen=True)
class IndexSettings:
    """Numbers of an index; defaults are those of ``dbt_project.yml``.

    Attributes:
        hnsw_min_vectors: least vectors for an approximate index.
        m: links of a node of the graph.
        ef_construction: breadth of the search while building it.
        ef_search: breadth of the search in it.
        min_recall: least share of exact neighbors found.
        recall_k: neighbors to compare.
        recall_queries: vectors held out for the recall.
        near_duplicate_similarity: least similarity of near duplicates within a day.
        label_horizon: horizon of the counted outcomes.
        block_width_divisor: blocks of a vector.
    """

    hnsw_min_vectors: int = 200_000
    m: int = 32
    ef_construction: int = 200
    ef_search: int = 64
    min_recall: float = 0.98
    recall_k: int = 200
    recall_queries: int = 200
    near_duplicate_similarity: float = 0.9999
    label_horizon: str = "h1"
    block_width_divisor: int = 7

    @classmethod
    def from_json(cls, text: str) -> IndexSettings:
        """Read what the macro ``index_settings`` wrote; unknown names are an error."""
        return cls(**json.loads(text))


@dataclass(frozen=True)
class WrittenIndex:
    """An index that was written.

    Attributes:
        path: of the file.
        kind: FLAT or HNSW.
        n_vectors: in the index.
        dim: columns of the vectors in it.
        content_hash: of the vectors in the index and their row numbers.
        recall: share of the exact neighbors found by an approximate index; None for an exact.
    """

    path: Path
    kind: str
    n_vectors: int
    dim: int
    content_hash: str
    recall: float | None


@dataclass(frozen=True)
class IndexQuality:
    """Suspicious properties of the vectors of an index.

    Attributes:
        exact_duplicate_rate: share that equal an earlier one.
        near_duplicate_rate: share that nearly equal another one of their day.
        max_label_share: share of the most frequent class among outcomes; None without outcomes.
        max_day_count_ratio: vectors of the fullest day over the median of the days.
    """

    exact_duplicate_rate: float
    near_duplicate_rate: float
    max_label_share: float | None
    max_day_count_ratio: float


def write_index(
    unit: NDArray[np.float32], rows: NDArray[np.int64], directory: Path, settings: IndexSettings
) -> WrittenIndex:
    """Write an index of vectors of length 1.

    Args:
        unit: (n, d) float32, rows of length 1.
        rows: (n,) their rows in the library, used as ids.
        directory: created if missing.
        settings: kind and parameters.

    Raises:
        IndexQualityError: Lengths are not 1, row numbers do not ascend, or the file does not return
            its input.
    """
    lengths = np.sqrt(np.einsum("ij,ij->i", unit, unit, dtype=np.float64))
    if len(unit) and np.abs(lengths - 1.0).max() > _NORM_TOLERANCE:
        raise IndexQualityError(f"{directory}: vectors are not of length 1")
    if len(rows) != len(unit) or np.any(np.diff(rows) <= 0):
        raise IndexQualityError(f"{directory}: row numbers do not fit the vectors")
    # parallel building is not deterministic
    faiss.omp_set_num_threads(1)
    index, kind, recall = _built(unit, settings)
    named = faiss.IndexIDMap2(index)
    named.add_with_ids(unit, rows)
    content_hash = hashlib.sha256(unit.tobytes() + rows.tobytes()).hexdigest()

    directory.mkdir(parents=True, exist_ok=True)
    remove_temporary(directory)
    path = directory / f"index-{kind}-{content_hash[:_HASH_DIGITS]}.faiss"
    temporary = temporary_sibling(path)
    faiss.write_index(named, str(temporary))
    stored = read_index(temporary)
    if stored.ntotal != len(unit) or not np.array_equal(faiss.vector_to_array(stored.id_map), rows):
        raise IndexQualityError(f"{directory}: the file does not hold what was written")
    put_in_place_with_hash(temporary, path)
    return WrittenIndex(path, kind, len(unit), unit.shape[1], content_hash, recall)


def read_index(path: Path) -> faiss.IndexIDMap2:
    """Open an index; ids are rows of its library."""
    index = faiss.read_index(str(path))
    if not isinstance(index, faiss.IndexIDMap2):
        raise IndexQualityError(f"{path}: does not name its vectors by rows")
    return index


def search_before(
    index: faiss.IndexIDMap2, queries: NDArray[np.float32], k: int, end_row: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Search an index among the library's rows before ``end_row``.

    Args:
        index: as of ``read_index``.
        queries: (q, d) float32 of length 1.
        k: most results.
        end_row: first row to exclude.

    Returns:
        Similarity and rows, (q, k) each; -1 as padding.
    """
    selector = faiss.IDSelectorRange(0, end_row)
    # its types leave the arguments out
    parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
    faiss.omp_set_num_threads(1)
    return index.search(queries, k, params=parameters)


def quality(
    pool: Pool, unit: NDArray[np.float32], rows: NDArray[np.int64], settings: IndexSettings
) -> IndexQuality:
    """Return suspicious properties of the vectors of an index.

    Args:
        pool: of the index.
        unit: (n, d) float32, what is in the index.
        rows: (n,) rows of the library.
        settings: threshold of near duplicates.
    """
    if not len(rows):
        return IndexQuality(0.0, 0.0, None, 0.0)
    library = pool.library
    exact = len({hashlib.sha256(row.tobytes()).digest() for row in library.vectors[rows]})
    counts = np.unique(library.day[rows], return_counts=True)[1]
    near = 0
    for end, count in zip(np.cumsum(counts), counts, strict=True):
        similarity = unit[end - count : end] @ unit[end - count : end].T
        np.fill_diagonal(similarity, 0.0)
        near += int((similarity.max(axis=1) > settings.near_duplicate_similarity).sum())
    classes = library.labels[settings.label_horizon].class_code[rows]
    of_class = np.bincount(classes[(classes >= 0) & (classes < len(CLASSES))], minlength=1)
    return IndexQuality(
        exact_duplicate_rate=1.0 - exact / len(rows),
        near_duplicate_rate=near / len(rows),
        max_label_share=float(of_class.max() / of_class.sum()) if of_class.sum() else None,
        max_day_count_ratio=float(counts.max() / np.median(counts)),
    )


def _built(
    unit: NDArray[np.float32], settings: IndexSettings
) -> tuple[faiss.Index, str, float | None]:
    """Return an empty index of the right kind, and the recall of an approximate index."""
    width = unit.shape[1]
    if len(unit) < settings.hnsw_min_vectors:
        return faiss.IndexFlatIP(width), FLAT, None
    recall = _recall(unit, settings)
    if recall < settings.min_recall:
        return faiss.IndexFlatIP(width), FLAT, recall
    return _hnsw(width, settings), HNSW, recall


def _hnsw(width: int, settings: IndexSettings) -> faiss.IndexHNSWFlat:
    index = faiss.IndexHNSWFlat(width, settings.m, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = settings.ef_construction
    index.hnsw.efSearch = settings.ef_search
    return index


def _recall(unit: NDArray[np.float32], settings: IndexSettings) -> float:
    """Return the share of the exact neighbors of held-out vectors that a graph finds."""
    held_out = np.zeros(len(unit), bool)
    n_queries = min(settings.recall_queries, len(unit) // 2)
    chosen = np.random.default_rng(_RECALL_SEED).choice(len(unit), n_queries, replace=False)
    held_out[chosen] = True
    index = _hnsw(unit.shape[1], settings)
    index.add(unit[~held_out])
    k = min(settings.recall_k, index.ntotal)
    # a breadth below the number of results would cut them off
    index.hnsw.efSearch = max(settings.ef_search, k)
    _, found = index.search(unit[held_out], k)
    _, exact = faiss.knn(unit[held_out], unit[~held_out], k, metric=faiss.METRIC_INNER_PRODUCT)
    hits = sum(len(np.intersect1d(a, b)) for a, b in zip(found, exact, strict=True))
    return hits / exact.size
