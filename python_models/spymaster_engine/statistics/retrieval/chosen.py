"""The neighbors that were chosen for questions, and what their shares are compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Chosen:
    """Neighbors of questions, (q, k) each.

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
    """The neighbors of questions at one horizon, and what their shares are compared with.

    Attributes:
        arrived: those that came to the level: what followed there.
        approached: those from the same band of distance, whether they came to it or not.
        base: (q, 4), base rates of the distance: of CLASSES, and of coming to the level.
        base_all: (4,), of every distance.
        band: (q,), codes of the bands of distance.
        floor: (q,), mean similarity below which nothing is like the question.
    """

    arrived: Chosen
    approached: Chosen
    base: NDArray[np.float64]
    base_all: NDArray[np.float64]
    band: NDArray[np.int64]
    floor: NDArray[np.float64]
