"""Features of decisions as a matrix, the input of claimants without sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Matrix:
    """Features of n decisions.

    Attributes:
        values: (n, features) float32, NaN where unknown.
        day: (n,) ascending codes of trading days. No input of a model: fits choose settings on
            later days than they fit.
    """

    values: NDArray[np.float32]
    day: Codes

    def __len__(self) -> int:
        """Return the number of decisions."""
        return len(self.values)

    def take(self, rows: NDArray) -> Matrix:
        """Return the chosen decisions, by index or mask."""
        return Matrix(self.values[rows], self.day[rows])
