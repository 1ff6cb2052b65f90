"""Scores with intervals, reliability and verdicts of the models' odds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation import scores
from spymaster_engine.statistics.evaluation.bootstrap import (
    RESAMPLES,
    day_counts,
    episode_weights,
    interval,
    resampled_means,
)
from spymaster_engine.statistics.evaluation.calibration import MAPS
from spymaster_engine.statistics.evaluation.reliability import Reliability, chance_errors
from spymaster_engine.statistics.evaluation.verdict import (
    CHANCE_DRAWS,
    CHANCE_QUANTILE,
    RIVALS,
    verdict,
)

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_PROPER = {
    "log_loss": scores.log_loss,
    "brier": scores.brier,
    "rps": scores.ranked_probability_score,
    "entropy": lambda probability, _: scores.entropy(probability),
}


class Metric(NamedTuple):
    """A number about a model with the bounds of its 95 % interval; NaN where there is none."""

    model: str
    metric: str
    value: float
    lo: float
    hi: float


class Claim(NamedTuple):
    """What can be claimed of a model; see ``verdict``."""

    model: str
    best_baseline: str
    skill: float
    skill_lo: float
    skill_hi: float
    ece: float
    ece_chance_q95: float
    n_days: int
    n_episodes: int
    verdict: str


@dataclass(frozen=True)
class Judgement:
    """Rows with odds of every model, each episode with a total weight of one.

    Attributes:
        odds: per model (n, 3), no NaN.
        outcome: (n,).
        day: (n,) codes 0..n_days-1 without gaps.
        episode: (n,) codes 0..n_episodes-1 without gaps.
        seed: of resamples and draws.
        path: (n,) codes of the price paths of the labels, without gaps.
    """

    odds: Mapping[str, Floats]
    outcome: Codes
    day: Codes
    episode: Codes
    seed: int
    path: Codes

    @classmethod
    def of(
        cls,
        odds: Mapping[str, Floats],
        outcome: Codes,
        day: Codes,
        episode: Codes,
        seed: int,
        path: Codes | None = None,
    ) -> Judgement:
        """Keep the rows with an outcome that every model has odds for.

        Without ``path`` every episode has its own path.
        """
        known = outcome >= 0
        for probability in odds.values():
            known &= np.isfinite(probability[:, 0])
        return cls(
            {name: probability[known] for name, probability in odds.items()},
            outcome[known],
            np.unique(day[known], return_inverse=True)[1],
            np.unique(episode[known], return_inverse=True)[1],
            seed,
            np.unique((episode if path is None else path)[known], return_inverse=True)[1],
        )

    @property
    def n_days(self) -> int:
        """Days with a judged window."""
        return int(self.day.max(initial=-1)) + 1

    @property
    def n_episodes(self) -> int:
        """Judged episodes."""
        return int(self.episode.max(initial=-1)) + 1

    @cached_property
    def weight(self) -> Floats:
        """Weights of the rows, one in total per episode."""
        return episode_weights(self.episode)

    @cached_property
    def counts(self) -> Floats:
        """How often each day is in each resample."""
        return day_counts(self.n_days, RESAMPLES, self.seed)

    @cached_property
    def losses(self) -> dict[str, Floats]:
        """Log-loss per row of every model."""
        return {name: scores.log_loss(odds, self.outcome) for name, odds in self.odds.items()}

    def skill(self, model: str, rival: str) -> tuple[float, float, float]:
        """Return by how much a model's log-loss is below a rival's, nats, with its interval."""
        gain = self.losses[rival] - self.losses[model]
        return self._mean(gain)

    def brier_skill(self, model: str, rival: str) -> tuple[float, float, float]:
        """Return by how much a model's Brier score is below a rival's, with its interval."""
        own, other = (scores.brier(self.odds[name], self.outcome) for name in (model, rival))
        return self._mean(other - own)

    def best_of(self, models: Sequence[str]) -> str:
        """Return the model with the lowest log-loss."""
        return min(models, key=lambda name: np.average(self.losses[name], weights=self.weight))

    def mean_loss(self, model: str) -> Metric:
        """Return a model's log-loss, nats, with its interval."""
        return Metric(model, "log_loss", *self._mean(self.losses[model]))

    def mean_brier(self, model: str) -> float:
        """Return a model's Brier score."""
        values = scores.brier(self.odds[model], self.outcome)
        return float(np.average(values, weights=self.weight))

    def metrics(self) -> list[Metric]:
        """Return every score of every model, and its skill against every other."""
        if not self.n_episodes:
            return []
        found = []
        for name, odds in self.odds.items():
            for metric, score in _PROPER.items():
                found.append(Metric(name, metric, *self._mean(score(odds, self.outcome))))
            found.append(Metric(name, "auc", *self._area(odds)))
            found += [
                Metric(name, metric, *values)
                for metric, values in zip(("ece", "mce"), self._calibration(odds), strict=True)
            ]
            found += [
                Metric(name, f"skill_vs_{rival}", *self.skill(name, rival))
                for rival in self.odds
                if rival != name
            ]
        return found

    def claim(self, model: str, least_episodes: int = 0, rivals: Sequence[str] = RIVALS) -> Claim:
        """Apply the claim rule to a model.

        Args:
            model: its name.
            least_episodes: least number for a claim.
            rivals: of which it must beat the best.
        """
        if not self.n_episodes:
            nothing = float("nan")
            odds = (nothing,) * 5
            return Claim(model, "", *odds, 0, 0, verdict(nothing, nothing, nothing, 0, 0, 0))
        # a mapped model competes with rivals mapped in the same way
        kind = next((f"_{name}" for name in MAPS if model.endswith(f"_{name}")), "")
        there = [
            name
            for rival in rivals
            for name in dict.fromkeys((rival, rival + kind))
            if name in self.odds
        ]
        best = self.best_of(there)
        skill = self.skill(model, best)
        reliability = Reliability.of(self.odds[model], self.weight)
        error = float(reliability.errors(self.outcome)[0][0])
        by_chance = chance_errors(
            reliability, self.path, CHANCE_DRAWS, np.random.default_rng(self.seed)
        )
        bound = float(np.quantile(by_chance, CHANCE_QUANTILE))
        said = verdict(skill[1], error, bound, self.n_days, self.n_episodes, least_episodes)
        return Claim(model, best, *skill, error, bound, self.n_days, self.n_episodes, said)

    def _mean(self, values: Floats) -> tuple[float, float, float]:
        resampled = resampled_means(values, self.weight, self.day, self.counts)
        return float(np.average(values, weights=self.weight)), *interval(resampled)

    def _area(self, odds: Floats) -> tuple[float, float, float]:
        everyone = np.ones((1, self.n_days))
        value, resampled = scores.area_under_curve(
            odds, self.outcome, self.weight, self.day, everyone, self.counts
        )
        return float(value[0]), *interval(resampled)

    def _calibration(self, odds: Floats) -> list[tuple[float, float, float]]:
        reliability = Reliability.of(odds, self.weight)
        values = reliability.errors(self.outcome)
        resampled = reliability.errors(self.outcome, self.day, self.counts)
        return [
            (float(value[0]), *interval(draws))
            for value, draws in zip(values, resampled, strict=True)
        ]
