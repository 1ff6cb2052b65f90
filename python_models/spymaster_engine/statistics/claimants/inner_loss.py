"""The log-loss of a candidate on later days than it was fitted on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.claimants.splits import Split, TooFewDaysError, inner_splits
from spymaster_engine.statistics.evaluation.scores import LEAST_PROBABILITY

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Bools = NDArray[np.bool_]


def usable_splits(day: Codes, target: Codes) -> list[Split]:
    """Return the inner steps whose training rows hold every class; none with too few days."""
    try:
        splits = inner_splits(day)
    except TooFewDaysError:
        return []
    classes = len(np.unique(target))
    return [split for split in splits if len(np.unique(target[split.learned])) == classes]


def loss_on_later_days(
    day: Codes, target: Codes, weight: Floats, odds_of: Callable[[Bools, Bools], Floats]
) -> float:
    """Return the weighted log-loss over the inner walk-forward, nats; 0 without any step.

    Args:
        day: (n,) ascending codes of trading days.
        target: (n,) codes of classes.
        weight: (n,).
        odds_of: of the training rows and the judged rows, masks (n,): odds of the judged rows,
            (judged, classes).
    """
    total = mass = 0.0
    for split in usable_splits(day, target):
        odds = odds_of(split.learned, split.judged)
        total += weighted_loss(odds, target[split.judged], weight[split.judged])
        mass += float(weight[split.judged].sum())
    return total / mass if mass else 0.0


def weighted_loss(odds: Floats, target: Codes, weight: Floats) -> float:
    """Return the sum of weighted log-losses of odds, (n, classes)."""
    chosen = np.take_along_axis(odds, target[:, None], axis=1)[:, 0]
    return float(-(np.log(np.maximum(chosen, LEAST_PROBABILITY)) * weight).sum())
