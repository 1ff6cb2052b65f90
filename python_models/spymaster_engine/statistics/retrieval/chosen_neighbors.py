"""The chosen neighbors of queries, and the base rates for comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Chosen:
    """Neighbors of queries, (q, k) each.

    Attributes:
        rows: of the library, most similar first, NOT_CHOSEN after the last.
        similarity: 0 where nothing is chosen.
        weights: 0 where nothing is chosen.
    """

    rows: NDArray[np.int64]
    similarity: NDArray[np.float64]
    weights: NDArray[np.float64]


@dataclass(frozen=True)
class Neighbors:
    """The neighbors of queries at one horizon, and the base rates for comparison.

    Attributes:
        arrived: neighbors that came to the level, for the odds there.
        approached: neighbors from the same band of distance, whether they came or not.
        base: (q, 4), base rates of the distance: of CLASSES, and of coming to the level.
        base_all: (4,), of every distance.
        band: (q,), codes of the bands of distance.
        floor: (q,), least mean similarity of similar neighbors.
    """

    arrived: Chosen
    approached: Chosen
    base: NDArray[np.float64]
    base_all: NDArray[np.float64]
    band: NDArray[np.int64]
    floor: NDArray[np.float64]
