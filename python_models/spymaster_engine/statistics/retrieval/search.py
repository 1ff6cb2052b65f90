"""Exact search for the most similar rows, the same on every number of threads.

faiss finds candidates in single precision, where the order of summation, and with it the last
digits, depend on the number of threads. Their similarity is then calculated once more in
double precision and in a fixed order, which also decides their rank.
"""

from __future__ import annotations

from typing import NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.compiled import kernel

_LANES = 8


class Candidates(NamedTuple):
    """Nearest rows of each query, most similar first, equals by row.

    Attributes:
        rows: (q, c) int64, rows of the library.
        similarity: (q, c) float64.
    """

    rows: NDArray[np.int64]
    similarity: NDArray[np.float64]


def most_similar(library: NDArray[np.float32], queries: NDArray[np.float32], k: int) -> Candidates:
    """Return the rows with the largest inner products.

    Args:
        library: (n, d) float32, rows of length 1.
        queries: (q, d) float32, rows of length 1.
        k: most candidates per query.
    """
    rows = _candidates(library, queries, k, faiss.METRIC_INNER_PRODUCT)
    similarity = np.empty(rows.shape)
    _inner_products(library, queries, rows, similarity)
    return _ranked(rows, similarity)


def nearest(library: NDArray[np.float32], queries: NDArray[np.float32], k: int) -> Candidates:
    """Return the rows with the least Euclidean distance; similarity is 1 / (1 + distance).

    Args:
        library: (n, d) float32.
        queries: (q, d) float32.
        k: most candidates per query.
    """
    rows = _candidates(library, queries, k, faiss.METRIC_L2)
    squares = np.empty(rows.shape)
    _squared_distances(library, queries, rows, squares)
    return _ranked(rows, 1.0 / (1.0 + np.sqrt(squares)))


def _candidates(
    library: NDArray[np.float32], queries: NDArray[np.float32], k: int, metric: int
) -> NDArray[np.int64]:
    if k >= len(library):
        # everything is a candidate; ascending, as _ranked expects
        return np.broadcast_to(
            np.arange(len(library), dtype=np.int64), (len(queries), len(library))
        )
    # models of a build already run in parallel; the setting holds for this thread alone
    faiss.omp_set_num_threads(1)
    _, rows = faiss.knn(
        np.ascontiguousarray(queries), np.ascontiguousarray(library), k, metric=metric
    )
    return np.sort(rows, axis=1)


def _ranked(rows: NDArray[np.int64], similarity: NDArray[np.float64]) -> Candidates:
    order = np.argsort(-similarity, axis=1, kind="stable")
    return Candidates(
        np.take_along_axis(rows, order, axis=1), np.take_along_axis(similarity, order, axis=1)
    )


@kernel
def _inner_products(library, queries, rows, products):
    """Write the inner product of each query with each of its rows, (q, c) float64."""
    width = queries.shape[1]
    whole = width - width % _LANES
    for query in range(rows.shape[0]):
        left = queries[query]
        for place in range(rows.shape[1]):
            right = library[rows[query, place]]
            # several sums at once keep the processor busy; their order decides the last digits
            a = b = c = d = e = f = g = h = 0.0
            for i in range(0, whole, _LANES):
                a += np.float64(left[i]) * np.float64(right[i])
                b += np.float64(left[i + 1]) * np.float64(right[i + 1])
                c += np.float64(left[i + 2]) * np.float64(right[i + 2])
                d += np.float64(left[i + 3]) * np.float64(right[i + 3])
                e += np.float64(left[i + 4]) * np.float64(right[i + 4])
                f += np.float64(left[i + 5]) * np.float64(right[i + 5])
                g += np.float64(left[i + 6]) * np.float64(right[i + 6])
                h += np.float64(left[i + 7]) * np.float64(right[i + 7])
            for i in range(whole, width):
                a += np.float64(left[i]) * np.float64(right[i])
            products[query, place] = ((a + b) + (c + d)) + ((e + f) + (g + h))


@kernel
def _squared_distances(library, queries, rows, squares):
    """Write the squared Euclidean distance of each query to each of its rows, (q, c) float64."""
    for query in range(rows.shape[0]):
        for place in range(rows.shape[1]):
            row = rows[query, place]
            total = 0.0
            for i in range(queries.shape[1]):
                difference = np.float64(queries[query, i]) - np.float64(library[row, i])
                total += difference * difference
            squares[query, place] = total
