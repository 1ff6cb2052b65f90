"""How often each outcome followed a group of windows, against the base rate of the distance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.bootstrap import (
    LEAST_DAYS,
    RESAMPLES,
    day_counts,
    interval,
)
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, TOO_FEW
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

SUPPORTED, CONTRADICTED = "supported", "contradicted"
# the tails of several claims' intervals are thin
_RESAMPLES = 4 * RESAMPLES
_TAIL = 0.05


@dataclass(frozen=True)
class OutcomeGain:
    """How often an outcome followed a group of windows, against the base rate of the distance.

    Attributes:
        share: weighted share of the outcome; NaN without windows.
        base_rate: of the same directions and distance bands.
        gain, lo, hi: share minus base rate, with its interval over days, 95 % for all claims
            together.
    """

    share: float
    base_rate: float
    gain: float
    lo: float
    hi: float


def gain_verdict(gain: OutcomeGain, n_days: int, n_episodes: int, least_episodes: int) -> str:
    """Judge the claim that an outcome follows a group of windows.

    Args:
        gain: of the outcome.
        n_days: days with a window of the group.
        n_episodes: episodes with a window of the group.
        least_episodes: least number for a verdict.
    """
    if n_days < LEAST_DAYS or n_episodes < least_episodes:
        return TOO_FEW
    if gain.lo > 0.0:
        return SUPPORTED
    # NaN compares false, so unknown values claim nothing
    return CONTRADICTED if gain.hi < 0.0 else NOT_SHOWN


def outcome_gains(
    day: Codes,
    cell: Codes,
    outcome: Codes,
    weight: Floats,
    chosen: NDArray[np.bool_],
    n_claims: int,
    seed: int,
    base: NDArray[np.bool_] | None = None,
) -> Mapping[str, OutcomeGain]:
    """Return the gain of each outcome after the chosen windows.

    Args:
        day: (n,) codes of days of all windows, chosen or not, for the base rates.
        cell: (n,) codes of direction and distance band, with a base rate each.
        outcome: (n,) codes of CLASSES.
        weight: (n,) one in total per episode.
        chosen: (n,) the group.
        n_claims: claims whose intervals hold together in 95 %.
        seed: of the resamples of days.
        base: (n,) windows behind the base rates; None for all. Chosen windows of a cell without
            any do not count.
    """
    n_days, n_cells = int(day.max(initial=-1)) + 1, int(cell.max(initial=-1)) + 1
    sample = np.vstack([np.ones(n_days), day_counts(n_days, _RESAMPLES, seed)])
    place = day * n_cells + cell

    def summed(values: Floats) -> Floats:
        by_day = np.bincount(place, values, minlength=n_days * n_cells)
        return sample @ by_day.reshape(n_days, n_cells)

    tail = _TAIL / n_claims / 2
    base_weight = weight if base is None else weight * base
    mass = summed(base_weight)
    mass_chosen = summed(weight * chosen) * (mass > 0.0)
    found = {}
    for code, name in enumerate(CLASSES):
        is_outcome = outcome == code
        with np.errstate(invalid="ignore", divide="ignore"):
            followed = summed(weight * (chosen & is_outcome)) * (mass > 0.0)
            share = followed.sum(axis=1) / mass_chosen.sum(axis=1)
            rate = np.where(mass > 0.0, summed(base_weight * is_outcome) / mass, 0.0)
            base = (mass_chosen * rate).sum(axis=1) / mass_chosen.sum(axis=1)
        lo, hi = interval((share - base)[1:], (tail, 1.0 - tail))
        found[name] = OutcomeGain(
            float(share[0]), float(base[0]), float(share[0] - base[0]), lo, hi
        )
    return found
