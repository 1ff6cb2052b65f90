"""Whether levels hold more often than the same prices shifted by a few ticks.

Approaches to a level are compared with those to its shifted prices [placebos] of the same kind of
level, direction and band of distance. Whole days are resampled, so that the many placebos of a day
do not count as independent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.outcome_gains import (
    OutcomeGain,
    gain_verdict,
    outcome_gains,
)

Codes = NDArray[np.int64]

HELD = "REJECT"


@dataclass(frozen=True)
class Approaches:
    """Approaches whose price came to a level or a placebo and whose outcome is known; n rows.

    Attributes:
        day: (n,) codes of trading days, 0 the first.
        cell: (n,) codes of what is compared with its like, such as direction and distance.
        outcome: (n,) codes of CLASSES.
        is_level: (n,) whether the price is a level and no placebo.
    """

    day: Codes
    cell: Codes
    outcome: Codes
    is_level: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of approaches."""
        return len(self.day)

    def take(self, chosen: NDArray[np.bool_]) -> Approaches:
        """Return the chosen rows, by mask."""
        return Approaches(
            self.day[chosen], self.cell[chosen], self.outcome[chosen], self.is_level[chosen]
        )

    def comparable(self) -> Approaches:
        """Return those of cells that have both levels and placebos."""
        both = np.intersect1d(self.cell[self.is_level], self.cell[~self.is_level])
        return self.take(np.isin(self.cell, both))

    @property
    def n_days(self) -> int:
        """Days with an approach to a level."""
        return len(np.unique(self.day[self.is_level]))

    @property
    def n_levels(self) -> int:
        """Approaches to levels."""
        return int(self.is_level.sum())

    @property
    def n_placebos(self) -> int:
        """Approaches to placebos."""
        return len(self) - self.n_levels


def placebo_gains(approaches: Approaches, n_claims: int, seed: int) -> Mapping[str, OutcomeGain]:
    """Return how much more often each outcome followed at levels than at placebos.

    Args:
        approaches: of ``comparable``, at least one.
        n_claims: comparisons whose intervals hold together in 95 %.
        seed: of the resamples of days.
    """
    return outcome_gains(
        approaches.day,
        approaches.cell,
        approaches.outcome,
        np.ones(len(approaches)),
        approaches.is_level,
        n_claims,
        seed,
        base=~approaches.is_level,
    )


def level_matters(approaches: Approaches, held: OutcomeGain, least: int) -> str:
    """Judge whether levels hold more often than placebos.

    Args:
        approaches: those compared.
        held: gain of HELD.
        least: approaches to levels, and to placebos, that a verdict needs.
    """
    fewer = min(approaches.n_levels, approaches.n_placebos)
    return gain_verdict(held, approaches.n_days, fewer, least)
