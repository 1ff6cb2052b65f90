"""What followed the states of the four conditions, against the base rate of the distance.

The hypothesis has three sentences: where both sides withdraw, price turns; where only the side
ahead withdraws, it goes through; otherwise it chops. A sentence is judged by how much more often
its outcome followed its state than the base rate of direction and distance band, with an interval
over resampled days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.bootstrap import (
    RESAMPLES,
    day_counts,
    episode_weights,
    interval,
    resampled_means,
)
from spymaster_engine.statistics.evaluation.outcome_gains import OutcomeGain, outcome_gains
from spymaster_engine.statistics.evaluation.scores import log_loss
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

STATES = ("all_four", "ahead_only", "behind_only", "partial", "none")
ANY_MISSING = "any_missing"
# groups of states that a row of the evaluation judges
GROUPS = {**{name: (name,) for name in STATES}, ANY_MISSING: ("behind_only", "partial", "none")}
# judged in the same second and within seconds
_N_BASES = 2
# outcomes that the hypothesis predicts for them
SENTENCES = {"all_four": "REJECT", "ahead_only": "BREAK", ANY_MISSING: "CHOP"}
# with so many claims, a quarter of all markets without information would show one by chance;
# the intervals are wide enough that all hold together in 95 %
_N_CLAIMS = len(SENTENCES) * _N_BASES


@dataclass(frozen=True)
class TurnWindows:
    """Judged windows with a reached level and a known state, in order of days; n rows.

    Attributes:
        day: (n,) codes of trading days, 0 the first, of all evaluated days.
        episode: (n,) codes of episodes.
        cell: (n,) codes of direction and distance band, with a base rate each.
        state: (n,) codes of STATES.
        outcome: (n,) codes of CLASSES.
    """

    day: Codes
    episode: Codes
    cell: Codes
    state: Codes
    outcome: Codes

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.day)

    def take(self, chosen: NDArray[np.bool_]) -> TurnWindows:
        """Return the chosen rows, by mask; keeps codes of days, renumbers episodes."""
        _, episode = np.unique(self.episode[chosen], return_inverse=True)
        return TurnWindows(
            self.day[chosen], episode, self.cell[chosen], self.state[chosen], self.outcome[chosen]
        )


def in_group(windows: TurnWindows, group: str) -> NDArray[np.bool_]:
    """Return which windows are in one of the states of a group."""
    return np.isin(windows.state, [STATES.index(name) for name in GROUPS[group]])


def turn_gains(windows: TurnWindows, group: str, seed: int) -> Mapping[str, OutcomeGain]:
    """Return the gain of each outcome after the states of a group.

    Args:
        windows: of all states, for the base rates.
        group: a key of GROUPS.
        seed: of the resamples of days.
    """
    return outcome_gains(
        windows.day,
        windows.cell,
        windows.outcome,
        episode_weights(windows.episode),
        in_group(windows, group),
        _N_CLAIMS,
        seed,
    )


@dataclass(frozen=True)
class TurnSkill:
    """Log-loss of the past shares of a window's state, against the shares of its distance.

    Attributes:
        log_loss, rival_log_loss: nats per episode.
        skill, lo, hi: the rival's log-loss minus the state's, with its 95 % interval over days.
        n_days, n_episodes: scored.
    """

    log_loss: float
    rival_log_loss: float
    skill: float
    lo: float
    hi: float
    n_days: int
    n_episodes: int


def turn_skill(
    windows: TurnWindows, warm_up_days: int, embargo_days: int, base_rate_weight: float, seed: int
) -> TurnSkill:
    """Score the odds that the states of earlier days give each day.

    The odds of a state at a distance are its past shares, shrunk to the shares of all states at
    that distance, which are shrunk to the shares of all distances; the rival uses the latter two.

    Args:
        windows: of all states.
        warm_up_days: days without score.
        embargo_days: days left out before a scored day.
        base_rate_weight: weight of a base rate, in episodes.
        seed: of the resamples of days.
    """
    weight = episode_weights(windows.episode)
    n_cells = int(windows.cell.max(initial=-1)) + 1
    own, rival = (np.full((len(windows), len(CLASSES)), np.nan) for _ in range(2))
    for day in np.unique(windows.day[windows.day >= warm_up_days + embargo_days]):
        past, today = windows.day < day - embargo_days, windows.day == day
        if not past.any():
            continue
        counts = np.zeros((n_cells, len(STATES), len(CLASSES)))
        np.add.at(
            counts,
            (windows.cell[past], windows.state[past], windows.outcome[past]),
            weight[past],
        )
        everywhere = counts.sum(axis=(0, 1)) + 1.0
        everywhere /= everywhere.sum()
        of_cell = _shrunk(counts.sum(axis=1), everywhere, base_rate_weight)
        of_state = _shrunk(counts, of_cell[:, None, :], base_rate_weight)
        rival[today] = of_cell[windows.cell[today]]
        own[today] = of_state[windows.cell[today], windows.state[today]]
    scored = np.isfinite(own[:, 0])
    nothing = float("nan")
    if not scored.any():
        return TurnSkill(nothing, nothing, nothing, nothing, nothing, 0, 0)
    dates, day = np.unique(windows.day[scored], return_inverse=True)
    episodes, episode = np.unique(windows.episode[scored], return_inverse=True)
    weight = episode_weights(episode)
    own_loss, rival_loss = (
        log_loss(odds[scored], windows.outcome[scored]) for odds in (own, rival)
    )
    counts = day_counts(len(dates), RESAMPLES, seed)
    lo, hi = interval(resampled_means(rival_loss - own_loss, weight, day, counts))
    mean, rival_mean = (float(np.average(loss, weights=weight)) for loss in (own_loss, rival_loss))
    return TurnSkill(mean, rival_mean, rival_mean - mean, lo, hi, len(dates), len(episodes))


def _shrunk(counts: Floats, base: Floats, weight: float) -> Floats:
    return (counts + weight * base) / (counts.sum(axis=-1, keepdims=True) + weight)
