"""Normalisation of vectors by median and median absolute deviation [robust z-score].

Statistics of a day come from earlier days only; the caller cuts the rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Z_LIMIT = np.float32(8.0)
# scales the median absolute deviation to the standard deviation of a normal distribution
MAD_TO_STANDARD_DEVIATION = 1.4826
# keeps a division defined; a scale is far larger or zero
SCALE_FLOOR = 1e-6
# columns sorted at a time, which bounds the memory of the transposed copy
_COLUMNS_AT_A_TIME = 32


class RobustStatistics(NamedTuple):
    """Statistics of each column, (d,) float64; 0 in a column without any value.

    Attributes:
        median: of the values that are there.
        mad: median of the absolute differences from it.
        std: standard deviation of the population (divided by n).
    """

    median: NDArray[np.float64]
    mad: NDArray[np.float64]
    std: NDArray[np.float64]


def robust_statistics(vectors: NDArray[np.float32]) -> RobustStatistics:
    """Return median, median absolute deviation and standard deviation of each column.

    Args:
        vectors: (n, d) float32; NaN is a missing value and left out.
    """
    n_columns = vectors.shape[1]
    statistics = RobustStatistics(*(np.zeros(n_columns) for _ in RobustStatistics._fields))
    for start in range(0, n_columns if len(vectors) else 0, _COLUMNS_AT_A_TIME):
        block = np.ascontiguousarray(vectors[:, start : start + _COLUMNS_AT_A_TIME].T, np.float64)
        is_whole = ~np.isnan(block).any(axis=1)
        whole = start + np.flatnonzero(is_whole)
        for values, found in zip(statistics, _statistics_of(block[is_whole]), strict=True):
            values[whole] = found
        for column in np.flatnonzero(~is_whole):
            present = block[column][~np.isnan(block[column])]
            if len(present):
                for values, found in zip(
                    statistics, _statistics_of(present[np.newaxis]), strict=True
                ):
                    values[start + column] = found[0]
    return statistics


def _statistics_of(rows: NDArray[np.float64]) -> RobustStatistics:
    """Return the statistics of each row of (d, n) values, nothing missing, n > 0."""
    median = _medians(rows)
    # the mean of equal values is not always that value; their deviation must be 0
    deviations = rows - median[:, np.newaxis]
    std = np.std(deviations, axis=1)
    return RobustStatistics(median, _medians(np.abs(deviations, out=deviations)), std)


def _medians(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each row; several times as fast as numpy's own."""
    upper = rows.shape[1] // 2
    lower = (rows.shape[1] - 1) // 2
    ordered = np.partition(rows, [lower, upper], axis=1)
    return (ordered[:, lower] + ordered[:, upper]) / 2


def scales(statistics: RobustStatistics) -> NDArray[np.float64]:
    """Return the scale of differences from the median, (d,) float64, 0 for a constant.

    Where more than half of the values are the same, the median absolute deviation is 0, and the
    scale is the standard deviation.
    """
    spread = np.where(
        statistics.mad > 0, MAD_TO_STANDARD_DEVIATION * statistics.mad, statistics.std
    )
    return np.where(spread > 0, spread + SCALE_FLOOR, 0.0)


def robust_z(vectors: NDArray[np.float32], statistics: RobustStatistics) -> NDArray[np.float32]:
    """Return (v - median) / scale within [-8, 8]; 0 for a missing value or a constant column.

    Args:
        vectors: (n, d) float32, NaN for missing.
        statistics: of the columns.

    Returns:
        (n, d) float32, not of unit length.
    """
    scale = scales(statistics)
    # a constant column gives 0 for any value of the query
    factor = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    z = np.subtract(vectors, statistics.median.astype(np.float32), dtype=np.float32)
    z *= factor.astype(np.float32)
    np.clip(z, -Z_LIMIT, Z_LIMIT, out=z)
    z[np.isnan(z)] = 0.0
    return z


def joined(
    z_vector: NDArray[np.float32],
    z_context: NDArray[np.float32],
    context_statistics: RobustStatistics,
    block_width: int,
) -> NDArray[np.float32]:
    """Join the context to the vector as one more block of equal weight.

    A block of the vector has ``block_width`` columns of about unit variance. The context has fewer,
    so each is stretched; constant columns do not count.

    Args:
        z_vector: (n, d) float32.
        z_context: (n, m) float32.
        context_statistics: of the m columns of the context.
        block_width: columns of a block of the vector.

    Returns:
        (n, d + m) float32.
    """
    n_varying = np.count_nonzero(scales(context_statistics))
    stretch = np.float32(np.sqrt(block_width / n_varying)) if n_varying else np.float32(0)
    return np.concatenate([z_vector, z_context * stretch], axis=1)


def unit_rows(z: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return rows of length 1 [L2 normalised] and which rows are zero and have no direction.

    Args:
        z: (n, d) float32.

    Returns:
        (n, d) float32, zero rows left as they are, and (n,) bool.
    """
    length = np.sqrt(np.einsum("ij,ij->i", z, z, dtype=np.float64))
    is_zero = length == 0
    rows = np.divide(z, np.where(is_zero, 1.0, length)[:, np.newaxis].astype(np.float32))
    return rows, is_zero
