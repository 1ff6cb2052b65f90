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

from spymaster_engine.statistics.compiled import QueryKernel, is_alone

_LANES = 8
# rows that stay in the processor's cache while every query passes over them
_ROWS_AT_A_TIME = 256


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
    return ranked_by_product(library, queries, rows)


def nearest(library: NDArray[np.float32], queries: NDArray[np.float32], k: int) -> Candidates:
    """Return the rows with the least Euclidean distance; similarity is 1 / (1 + distance).

    Args:
        library: (n, d) float32.
        queries: (q, d) float32.
        k: most candidates per query.
    """
    return ranked_by_distance(library, queries, _candidates(library, queries, k, faiss.METRIC_L2))


def ranked_by_product(
    library: NDArray[np.float32], queries: NDArray[np.float32], rows: NDArray[np.int64]
) -> Candidates:
    """Return some rows of each query, (q, c) ascending, ranked as ``most_similar`` ranks them."""
    similarity = np.empty(rows.shape)
    if is_alone(len(queries)):
        similarity[0] = _inner_products_of_one(library[rows[0]], queries[0])
    else:
        done = np.zeros(len(rows), np.int64)
        _inner_products(len(queries), library, queries, rows, done, similarity)
    return _ranked(rows, similarity)


def ranked_by_distance(
    library: NDArray[np.float32], queries: NDArray[np.float32], rows: NDArray[np.int64]
) -> Candidates:
    """Return some rows of each query, (q, c) ascending, ranked as ``nearest`` ranks them."""
    squares = np.empty(rows.shape)
    _squared_distances(len(queries), library, queries, rows, squares)
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
    # numpy's usual sort is several times as fast as its stable one, and differs among equals only
    order = np.argsort(-similarity, axis=1)
    ordered = np.take_along_axis(similarity, order, axis=1)
    has_equals = ~(ordered[:, :-1] > ordered[:, 1:]).all(axis=1)
    order[has_equals] = np.argsort(-similarity[has_equals], axis=1, kind="stable")
    return Candidates(
        np.take_along_axis(rows, order, axis=1), np.take_along_axis(similarity, order, axis=1)
    )


def _inner_products_of_one(
    rows: NDArray[np.float32], query: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the inner products of a query with rows, (c,), as ``_inner_products`` adds them up."""
    products = rows.astype(np.float64) * query
    width = products.shape[1]
    whole = width - width % _LANES
    lanes = np.zeros((len(products), _LANES))
    for start in range(0, whole, _LANES):
        lanes += products[:, start : start + _LANES]
    for place in range(whole, width):
        lanes[:, 0] += products[:, place]
    a, b, c, d, e, f, g, h = lanes.T
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@QueryKernel
def _inner_products(library, queries, rows, done, products):
    """Write the inner product of each query with each of its rows, (q, c) float64.

    The rows of a query ascend; ``done``, (q,) int64 zeros, counts those passed.
    """
    width = queries.shape[1]
    whole = width - width % _LANES
    for start in range(0, library.shape[0], _ROWS_AT_A_TIME):
        end = start + _ROWS_AT_A_TIME
        for query in range(rows.shape[0]):
            left = queries[query]
            while done[query] < rows.shape[1] and rows[query, done[query]] < end:
                place = done[query]
                done[query] += 1
                right = library[rows[query, place]]
                # sums side by side keep the processor busy; their order is part of the result
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


@QueryKernel
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
