"""Bands of distance from a level that share base rates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# in place of a band, at the level itself
NO_BAND = -1


class DistanceBands(NamedTuple):
    """Bands of distance, which do not overlap.

    Attributes:
        names: of the bands, e.g. 3-4.
        from_ticks: nearest distance of each.
        to_ticks: furthest distance of each, both included.
    """

    names: tuple[str, ...]
    from_ticks: tuple[float, ...]
    to_ticks: tuple[float, ...]

    @classmethod
    def of(cls, bands: Iterable[tuple[str, float, float | None]]) -> DistanceBands:
        """Return bands of names and bounds; None is an open upper bound."""
        names, nearest, furthest = zip(*bands, strict=True)
        return cls(
            tuple(names),
            tuple(map(float, nearest)),
            tuple(np.inf if bound is None else float(bound) for bound in furthest),
        )

    def codes(self, distance_ticks: NDArray[np.number]) -> NDArray[np.int64]:
        """Return the band of each distance, of either sign; NO_BAND at the level itself."""
        distance = np.abs(distance_ticks)
        codes = np.full(len(distance), NO_BAND, np.int64)
        for code, (nearest, furthest) in enumerate(
            zip(self.from_ticks, self.to_ticks, strict=True)
        ):
            codes[(distance >= nearest) & (distance <= furthest)] = code
        return codes
