"""What a question may look at: the part of a library that was known before its day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.retrieval.library import Library
from spymaster_engine.retrieval.outcomes import base_rates


@dataclass(frozen=True)
class Pool:
    """What a question may look at: rows of a library dated before a day.

    Attributes:
        library: the library of the direction.
        asof_dt: the day of the question.
        level_id: only rows of this level; None for all.
    """

    library: Library
    asof_dt: dt.date
    level_id: str | None

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """The rows, ascending."""
        return self.library.rows_before(self.asof_dt, self.level_id)

    @cached_property
    def _base_rates(self) -> dict[str, NDArray[np.float64]]:
        return {
            horizon: base_rates(labels.class_code[self.rows], self.library.episode_code[self.rows])
            for horizon, labels in self.library.labels.items()
        }

    def base_rates(self, horizon: str) -> NDArray[np.float64]:
        """Return the base rates at a horizon, (3,); NaN without any outcome."""
        return self._base_rates[horizon]

    def n_episodes(self) -> int:
        """Return how many episodes the rows belong to."""
        episodes = self.library.episode_code[self.rows]
        return len(np.unique(episodes[episodes >= 0]))
