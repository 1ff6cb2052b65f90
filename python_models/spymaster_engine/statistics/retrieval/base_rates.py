"""Base rates by distance from the level, to which odds are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.distance_bands import NO_BAND, DistanceBands
from spymaster_engine.statistics.retrieval.outcomes import (
    CLASSES,
    base_rates,
    came_to_level,
    reached_rate,
)

# of a row of rates: the classes among those that came to the level, and the share that came
REACHED = len(CLASSES)


@dataclass(frozen=True)
class BaseRates:
    """Base rates of a library: shares of ``CLASSES`` at the level, and the share reached.

    Attributes:
        of_bands: (n_bands + 1, 4), NaN where a band has too few episodes; the last row is NaN, for
            no band.
        of_all: (4,), of every distance.
    """

    of_bands: NDArray[np.float64]
    of_all: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        class_code: NDArray[np.integer],
        reached: NDArray[np.floating],
        episode: NDArray[np.integer],
        distance_ticks: NDArray[np.number],
        bands: DistanceBands,
        least_episodes: int = 1,
        *,
        firsts: bool = False,
    ) -> BaseRates:
        """Count the outcomes of rows, every episode with total weight 1 in its band.

        A course that stays at its level holds many rows in which price has not decided yet, one
        that leaves at once holds few. Shared weights would count the quick ones in full and the
        slow ones by their last rows: ``firsts`` counts an episode by its first row in a band.

        Args:
            class_code: (n,) codes of ``CLASSES``; others do not count.
            reached: (n,) whether price came to the level, 1 or 0; NaN where unknown.
            episode: (n,) codes >= 0 where the row counts.
            distance_ticks: (n,) from the level.
            bands: of distance.
            least_episodes: of a band; with fewer its rates are NaN.
            firsts: whether an episode counts by its first row that counts; rows of an episode then
                ascend in time.
        """
        band = bands.codes(distance_ticks)
        of_bands = np.full((len(bands.names) + 1, len(CLASSES) + 1), np.nan)
        for code in range(len(bands.names)):
            inside = band == code
            of_bands[code] = _rates(
                class_code[inside], reached[inside], episode[inside], least_episodes, firsts
            )
        return cls(of_bands, _rates(class_code, reached, episode, 1, firsts))

    def at(self, band: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the rates of each band, (q, 4); NaN for NO_BAND."""
        return self.of_bands[np.where(band == NO_BAND, len(self.of_bands) - 1, band)]


def _rates(
    class_code: NDArray[np.integer],
    reached: NDArray[np.floating],
    episode: NDArray[np.integer],
    least_episodes: int,
    firsts: bool,
) -> NDArray[np.float64]:
    came, followed = (
        _first_of(counts, episode) if firsts else np.flatnonzero(counts)
        for counts in (came_to_level(class_code), ~np.isnan(reached))
    )
    of_classes = base_rates(class_code[came], episode[came])
    rates = np.append(of_classes, reached_rate(reached[followed], episode[followed]))
    if len(np.unique(episode[came])) < least_episodes:
        rates[:REACHED] = np.nan
    if len(np.unique(episode[followed])) < least_episodes:
        rates[REACHED] = np.nan
    return rates


def _first_of(counts: NDArray[np.bool_], episode: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return the first row of each episode among the rows that count, (n,)."""
    rows = np.flatnonzero(counts)
    return rows[np.unique(episode[rows], return_index=True)[1]]
