"""Days on which a fit chooses its settings: always later than those it learns from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Bools = NDArray[np.bool_]

# a day between learning and choosing, so that no label looks into a judged day
_EMBARGO_DAYS = 1
_PARTS = 5
_FIRST_JUDGED_PART = 2
LEAST_FIT_DAYS = 10


class TooFewDaysError(ValueError):
    """A fit has too few days to choose its settings on later ones."""


class Split(NamedTuple):
    """Rows of an inner step.

    Attributes:
        learned: (n,), rows to learn from.
        judged: (n,), rows of later days.
    """

    learned: Bools
    judged: Bools


def inner_splits(day: Codes) -> list[Split]:
    """Return the steps of an inner walk-forward, which judges the last three fifths of the days.

    Args:
        day: (n,) ascending codes of trading days.

    Raises:
        TooFewDaysError: fewer than LEAST_FIT_DAYS days.
    """
    days = np.unique(day)
    if len(days) < LEAST_FIT_DAYS:
        raise TooFewDaysError(f"a fit needs {LEAST_FIT_DAYS} days, there are {len(days)}")
    parts = np.array_split(days, _PARTS)[_FIRST_JUDGED_PART:]
    splits = []
    for part in parts:
        first = int(np.searchsorted(days, part[0]))
        learned = day <= days[first - 1 - _EMBARGO_DAYS]
        splits.append(Split(learned, (day >= part[0]) & (day <= part[-1])))
    return splits


def last_split(day: Codes) -> Split:
    """Return the last step of ``inner_splits``: the last fifth of the days is judged."""
    return inner_splits(day)[-1]
