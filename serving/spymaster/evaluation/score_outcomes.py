"""What followed each range of the break score and each signal: rows of their relation."""

from __future__ import annotations

from collections.abc import Iterator
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
from spymaster_engine.statistics.evaluation.break_score import SCORE_ALONE, SCORES, ScoreWalk
from spymaster_engine.statistics.evaluation.outcome_gains import gain_verdict, outcome_gains
from spymaster_engine.statistics.retrieval.distance_bands import DistanceBands
from spymaster_engine.statistics.retrieval.outcomes import BREAK, REJECT

from spymaster.evaluation.conditions import BOTH, DIRECTIONS
from spymaster.evaluation.result_rows import Row
from spymaster.evaluation.scored_windows import ScoredWindows

Floats = NDArray[np.float64]

SIGNALS = ("BREAK", "REJECT", "CONTESTED", "NEUTRAL")
# signals that name an outcome; their intervals hold together
CLAIMS = ("BREAK", "REJECT")
RANGE_POINTS, _MOST_POINTS = 10, 100


@dataclass(frozen=True)
class ScoreOutcomes:
    """Windows with a score and an outcome; n rows.

    Attributes:
        day: (n,) codes of days without gaps.
        episode: (n,) codes of episodes without gaps.
        cell: (n,) codes of direction and distance band, with a base rate each.
        outcome: (n,) codes of CLASSES.
        score: (n,) score_smooth.
        signal: (n,) names.
        probability: (n, 3) odds of the score alone, NaN where not judged.
        seed: of the resamples of days.
        least_episodes: least number for a verdict.
    """

    day: NDArray[np.int64]
    episode: NDArray[np.int64]
    cell: NDArray[np.int64]
    outcome: NDArray[np.int64]
    score: Floats
    signal: NDArray[np.str_]
    probability: Floats
    seed: int
    least_episodes: int

    def rows(self, key: Row, *, with_claims: bool) -> Iterator[Row]:
        """Yield the outcomes after each range and signal.

        Args:
            key: key columns of the rows.
            with_claims: whether signals get a verdict.
        """
        # a window of the longest range ends at the most points
        first = (self.score // RANGE_POINTS * RANGE_POINTS).clip(max=_MOST_POINTS - RANGE_POINTS)
        for score_from in np.unique(first):
            group = {**key, "score_from": int(score_from), "signal": None}
            yield from self._outcomes(group, first == score_from, claims=())
        for signal in SIGNALS:
            chosen = self.signal == signal
            if chosen.any():
                group = {**key, "score_from": None, "signal": signal}
                yield from self._outcomes(group, chosen, claims=CLAIMS if with_claims else ())

    def _outcomes(
        self, key: Row, chosen: NDArray[np.bool_], claims: tuple[str, ...]
    ) -> Iterator[Row]:
        weight = episode_weights(self.episode)
        n_days = len(np.unique(self.day[chosen]))
        n_episodes = len(np.unique(self.episode[chosen]))
        gains = outcome_gains(
            self.day, self.cell, self.outcome, weight, chosen, len(CLAIMS), self.seed
        )
        resolved = chosen & np.isin(self.outcome, (BREAK, REJECT))
        for code, (outcome, gain) in enumerate(gains.items()):
            is_outcome = (self.outcome == code).astype(np.float64)
            share, of_resolved = (
                self._mean(is_outcome, weight, rows)
                for rows in (chosen, resolved if outcome != "CHOP" else np.zeros_like(chosen))
            )
            is_claim = outcome in claims and key["signal"] == outcome
            yield {
                **key,
                "outcome": outcome,
                "n_days": n_days,
                "n_episodes": n_episodes,
                "n_windows": int(chosen.sum()),
                "mean_score": float(np.average(self.score[chosen], weights=weight[chosen])),
                **dict(zip(("share", "share_lo", "share_hi"), share, strict=True)),
                "base_rate": gain.base_rate,
                "gain": gain.gain,
                "gain_lo": gain.lo,
                "gain_hi": gain.hi,
                **dict(
                    zip(("resolved_share", "resolved_lo", "resolved_hi"), of_resolved, strict=True)
                ),
                "mean_probability": self._mean_probability(code, weight, chosen),
                "verdict": gain_verdict(gain, n_days, n_episodes, self.least_episodes)
                if is_claim
                else None,
            }

    def _mean(
        self, values: Floats, weight: Floats, rows: NDArray[np.bool_]
    ) -> tuple[float, float, float]:
        """Return the mean of some rows with its interval over all days; NaN without rows."""
        if not rows.any():
            return (float("nan"),) * 3
        counts = day_counts(int(self.day.max()) + 1, RESAMPLES, self.seed)
        means = resampled_means(values[rows], weight[rows], self.day[rows], counts)
        return float(np.average(values[rows], weights=weight[rows])), *interval(means)

    def _mean_probability(
        self, code: int, weight: Floats, chosen: NDArray[np.bool_]
    ) -> float | None:
        known = chosen & np.isfinite(self.probability[:, code])
        if not known.any():
            return None
        return float(np.average(self.probability[known, code], weights=weight[known]))


def outcome_rows(
    scope: Row,
    windows: ScoredWindows,
    walk: ScoreWalk,
    counted: NDArray[np.bool_],
    bands: DistanceBands,
    seed: int,
    least_episodes: int,
) -> Iterator[Row]:
    """Yield what followed the score, for each direction and for the bands of distance.

    Args:
        scope: product, horizon and slice as columns.
        windows: n windows with a score.
        walk: what was known of them.
        counted: (n,) windows that count, if their level was reached.
        bands: bands of distance.
        seed: of the resamples of days.
        least_episodes: least number for a verdict.
    """
    samples = windows.samples
    band = bands.codes(samples.x0_ticks)
    counted = counted & (samples.outcome >= 0)
    for direction in DIRECTIONS:
        own = counted & ((windows.direction == direction) | (direction == BOTH))
        # direction and band together have few windows
        names = (None, *bands.names) if direction == BOTH else (None,)
        for code, name in enumerate(names, start=-1):
            rows = own if name is None else own & (band == code)
            if rows.any():
                key = {**scope, "approach_dir": direction, "distance_band": name}
                group = ScoreOutcomes(
                    day=np.unique(samples.day[rows], return_inverse=True)[1],
                    episode=np.unique(samples.episode[rows], return_inverse=True)[1],
                    cell=2 * (band[rows] + 1) + (windows.direction[rows] == DIRECTIONS[-1]),
                    outcome=samples.outcome[rows],
                    score=samples.context[rows, SCORES.index("score_smooth")].astype(np.float64),
                    signal=windows.signal[rows],
                    probability=walk.odds[SCORE_ALONE][rows],
                    seed=seed,
                    least_episodes=least_episodes,
                )
                yield from group.rows(key, with_claims=direction == BOTH and name is None)
