"""Trigger vectors: a level's features now, their means and their changes over the last windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def trigger_vectors(
    rows: NDArray[np.float64], wanted: NDArray[np.bool_], windows: Sequence[int]
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the vectors of the wanted rows that have enough rows before them.

    Blocks, each as wide as a row: the row itself, then for every n of ``windows`` the mean of
    the last n rows and the change per row over them, (X_t - X_{t-n+1})/(n-1). A zero has no sign:
    files that list values once keep whichever of 0.0 and -0.0 came first.

    Args:
        rows: (n_rows, width) float64, consecutive windows in order, nothing missing.
        wanted: (n_rows,) bool, rows to make a vector of.
        windows: Numbers of rows, each at least 2.

    Returns:
        Indices of the rows that got a vector, (n_vectors,) ascending, and the vectors,
        (n_vectors, (1 + 2 * len(windows)) * width) float32, calculated in float64.
    """
    last = np.flatnonzero(wanted)
    last = last[last >= max(windows) - 1]
    now = rows[last]
    means, total = {}, np.zeros_like(now)
    for rows_back in range(max(windows)):
        total += rows[last - rows_back]
        if rows_back + 1 in windows:
            means[rows_back + 1] = total / (rows_back + 1)
    blocks = [now]
    for n in windows:
        blocks += [means[n], (now - rows[last - n + 1]) / (n - 1)]
    vectors = np.concatenate(blocks, axis=1).astype(np.float32)
    vectors += 0.0
    return last, vectors
