"""How retests of broken levels ended, and whether the state of the book at them knew more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.bootstrap import (
    LEAST_DAYS,
    RESAMPLES,
    day_counts,
    interval,
    resampled_means,
)
from spymaster_engine.statistics.evaluation.outcome_gains import CONTRADICTED, SUPPORTED
from spymaster_engine.statistics.evaluation.turn_claims import STATES
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, TOO_FEW

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

ENDS = ("CONTINUES", "FAILS", "CHOP")
# trades and bars: the intervals of both claims hold together in 95 %
_N_CLAIMS = 2
_TAIL = 0.05 / _N_CLAIMS / 2
_REDRAWS = 400
_UNKNOWN = float("nan")


@dataclass(frozen=True)
class Retests:
    """Retests that ended, in order of days; n rows.

    Attributes:
        day: (n,) codes of trading days, 0 the first, of all evaluated days.
        direction: (n,) codes of directions, with a base rate each.
        state: (n,) codes of STATES, -1 for unknown.
        end: (n,) codes of ENDS.
    """

    day: Codes
    direction: Codes
    state: Codes
    end: Codes

    def __len__(self) -> int:
        """Return the number of retests."""
        return len(self.day)

    def take(self, chosen: NDArray[np.bool_]) -> Retests:
        """Return the chosen rows, by mask; keeps codes of days."""
        columns = (self.day, self.direction, self.state, self.end)
        return Retests(*(column[chosen] for column in columns))

    def redrawn(self, generator: np.random.Generator) -> Retests:
        """Return them with ends dealt out anew among the retests of a day and direction."""
        blocks = self.day * (self.direction.max(initial=0) + 1) + self.direction
        place = np.argsort(blocks, kind="stable")
        end = np.empty_like(self.end)
        end[place] = self.end[np.lexsort((generator.random(len(self)), blocks))]
        return replace(self, end=end)


@dataclass(frozen=True)
class Share:
    """Share of an end with its 95 % interval over days; bounds are NaN with too few days."""

    share: float
    lo: float
    hi: float


def shares_of_ends(retests: Retests, seed: int) -> Mapping[str, Share]:
    """Return the share of each end.

    Args:
        retests: at least one.
        seed: of the resamples of days.
    """
    days, day = np.unique(retests.day, return_inverse=True)
    ends = np.eye(len(ENDS))[retests.end]
    means = ends.mean(axis=0)
    bounds = np.full((len(ENDS), 2), np.nan)
    if len(days) >= LEAST_DAYS:
        counts = day_counts(len(days), RESAMPLES, seed)
        resampled = resampled_means(ends, np.ones(len(day)), day, counts)
        bounds = np.array([interval(column) for column in resampled.T])
    return {
        name: Share(float(mean), float(lo), float(hi))
        for name, mean, (lo, hi) in zip(ENDS, means, bounds, strict=True)
    }


@dataclass(frozen=True)
class StateSkill:
    """Log-loss of the past shares of a retest's state, against those of its direction.

    Attributes:
        log_loss, rival_log_loss: nats per retest.
        skill, lo, hi: the rival's log-loss minus the state's, with its interval over days, 95 %
            for both claims together.
        chance_lo, chance_hi: the same share of skills after the ends of each day were dealt out
            anew.
        n, n_days: retests scored, and their days.
    """

    log_loss: float = _UNKNOWN
    rival_log_loss: float = _UNKNOWN
    skill: float = _UNKNOWN
    lo: float = _UNKNOWN
    hi: float = _UNKNOWN
    chance_lo: float = _UNKNOWN
    chance_hi: float = _UNKNOWN
    n: int = 0
    n_days: int = 0

    def verdict(self, least: int) -> str:
        """Judge whether the state at a retest knows more.

        Args:
            least: retests that a verdict needs.
        """
        if self.n < least or self.n_days < LEAST_DAYS:
            return TOO_FEW
        if self.lo > 0.0 and self.skill > self.chance_hi:
            return SUPPORTED
        # shares of states that mean nothing cost a little: below zero alone is no evidence
        if self.hi < 0.0 and self.skill < self.chance_lo:
            return CONTRADICTED
        return NOT_SHOWN


def state_skill(
    retests: Retests, warm_up_days: int, embargo_days: int, base_rate_weight: float, seed: int
) -> StateSkill:
    """Score the odds that the states of earlier days give each day.

    The odds of a state in a direction are its past shares, shrunk to the shares of the direction,
    which are shrunk to those of both; the rival uses the latter two.

    Args:
        retests: of any state; those of unknown state do not count.
        warm_up_days: days without score.
        embargo_days: days left out before a scored day.
        base_rate_weight: weight of a base rate, in retests.
        seed: of the resamples of days and the redraws.
    """
    known = retests.take(retests.state >= 0)
    scored = known.day >= warm_up_days + embargo_days
    if not scored.any():
        return StateSkill()
    own, rival = _losses(known, embargo_days, base_rate_weight)
    gain = (rival - own)[scored]
    days, day = np.unique(known.day[scored], return_inverse=True)
    counts = day_counts(len(days), RESAMPLES, seed)
    bounds = (_TAIL, 1.0 - _TAIL)
    lo, hi = interval(resampled_means(gain, np.ones(len(gain)), day, counts), bounds)
    generator = np.random.default_rng(seed)
    chance = np.empty(_REDRAWS)
    for number in range(_REDRAWS):
        by_state, by_direction = _losses(known.redrawn(generator), embargo_days, base_rate_weight)
        chance[number] = (by_direction - by_state)[scored].mean()
    return StateSkill(
        float(own[scored].mean()),
        float(rival[scored].mean()),
        float(gain.mean()),
        lo,
        hi,
        *interval(chance, bounds),
        int(scored.sum()),
        len(days),
    )


def _losses(retests: Retests, embargo_days: int, weight: float) -> tuple[Floats, Floats]:
    """Return the log-loss of each retest by the past of its state, and of its direction."""
    n_days, n_directions = retests.day.max() + 1, retests.direction.max() + 1
    counts = np.zeros((n_days + embargo_days + 1, n_directions, len(STATES), len(ENDS)))
    # what a day may know begins to count after the embargo
    first_known = retests.day + embargo_days + 1
    np.add.at(counts, (first_known, retests.direction, retests.state, retests.end), 1.0)
    past = counts.cumsum(axis=0)[:n_days]
    everywhere = past.sum(axis=(1, 2)) + 1.0
    everywhere /= everywhere.sum(axis=-1, keepdims=True)
    of_direction = _shrunk(past.sum(axis=2), everywhere[:, None, :], weight)
    of_state = _shrunk(past, of_direction[:, :, None, :], weight)
    own = of_state[retests.day, retests.direction, retests.state, retests.end]
    rival = of_direction[retests.day, retests.direction, retests.end]
    return -np.log(own), -np.log(rival)


def _shrunk(counts: Floats, base: Floats, weight: float) -> Floats:
    return (counts + weight * base) / (counts.sum(axis=-1, keepdims=True) + weight)
