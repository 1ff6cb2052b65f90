"""Targets of networks: what a network's outputs are compared with, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.claimants.targets import class_shares, softmax

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


@dataclass(frozen=True)
class OutputScale:
    """How outputs of a network become odds or numbers.

    A network is trained with classes of equal weight; multiplying its odds by the shares of the
    classes gives odds of cases as they occur.

    Attributes:
        shares: (classes,) float64, of the training rows; empty for a number.
        mean: of the number, or of strength.
        spread: standard deviation of the same, at least a small positive number.
    """

    shares: Floats
    mean: float
    spread: float

    @classmethod
    def of(
        cls, target: NDArray, weight: Floats, n_classes: int, strength: NDArray | None
    ) -> OutputScale:
        """Measure the training rows."""
        number = strength if n_classes else target
        known = np.empty(0) if number is None else number[np.isfinite(number)].astype(np.float64)
        mean, spread = (float(known.mean()), float(known.std())) if known.size else (0.0, 0.0)
        shares = class_shares(target, weight, n_classes) if n_classes else np.empty(0)
        return cls(shares, mean, max(spread, 1e-6))

    def stated(self, outputs: NDArray) -> Floats:
        """Return the odds of the classes, (n, classes), or the expected number, (n,).

        Args:
            outputs: (n, classes + 1), the last one the number, standardised.
        """
        if not len(self.shares):
            return outputs[:, -1] * self.spread + self.mean
        return softmax(outputs[:, :-1] + np.log(self.shares))

    def columns(
        self, target: NDArray, weight: Floats, strength: NDArray | None
    ) -> dict[str, Singles]:
        """Return what a loss needs of each row, (n,) or (n, classes) float32.

        Returns:
            ``wanted``: the class as one of classes, multiplied by row weight and by 1 over classes
            and share; ``number``: standardised, 0 where unknown; ``number_weight``: row weight, 0
            where unknown. Weights have mean 1.
        """
        n_classes = len(self.shares)
        row_weight = weight / weight.mean()
        wanted = np.zeros((len(target), n_classes))
        number = strength if n_classes else target
        if n_classes:
            wanted[np.arange(len(target)), target] = row_weight / (n_classes * self.shares[target])
        values = np.full(len(target), np.nan) if number is None else number.astype(np.float64)
        known = np.isfinite(values)
        standard = np.where(known, (values - self.mean) / self.spread, 0.0)
        return {
            "wanted": wanted.astype(np.float32),
            "number": standard.astype(np.float32),
            "number_weight": np.where(known, row_weight, 0.0).astype(np.float32),
        }

    def arrays(self) -> dict[str, NDArray]:
        """Return the arrays for an artefact."""
        return {"shares": self.shares, "number": np.array([self.mean, self.spread])}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray]) -> OutputScale:
        """Return the scale of an artefact."""
        mean, spread = arrays["number"].tolist()
        return cls(arrays["shares"], mean, spread)
