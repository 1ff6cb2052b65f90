"""Results of positions that follow a sentence of the hypothesis, after cost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.bootstrap import mean_over_days

# which way a position follows an outcome, seen in the direction of the approach
SENSES = {"BREAK": 1, "REJECT": -1}


class TurnResult(NamedTuple):
    """Mean result of positions.

    Attributes:
        n: positions, one per approach.
        mean, lo, hi: ticks after cost with its 95 % interval over days; NaN where not known.
    """

    n: int
    mean: float
    lo: float
    hi: float


def turn_result_of(
    outcome: str,
    day: NDArray[np.integer],
    episode: NDArray[np.integer],
    change_ticks: NDArray[np.floating],
    cost_ticks: float,
    seed: int,
) -> TurnResult:
    """Return the mean result of entering at the first window of each approach.

    Args:
        outcome: to follow, a key of SENSES.
        day: (n,) of windows in order of time.
        episode: (n,) codes of approaches.
        change_ticks: (n,) from the window to the end of a position, in the direction of the
            approach; NaN where unknown. Such an approach does not count.
        cost_ticks: of a position.
        seed: of the resamples of days.
    """
    first = np.unique(episode, return_index=True)[1]
    known = first[np.isfinite(change_ticks[first])]
    if not known.size:
        return TurnResult(0, *[float("nan")] * 3)
    made = SENSES[outcome] * change_ticks[known] - cost_ticks
    return TurnResult(len(known), *mean_over_days(made, np.ones(len(known)), day[known], seed))
