"""Windows with drawn break scores, whose outcomes follow the score, the distance or nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.stats import norm
from spymaster.evaluation.scored_windows import ScoredWindows
from spymaster_engine.statistics.evaluation.samples import unit_windows
from spymaster_engine.statistics.retrieval.outcomes import BREAK, CHOP, REJECT

from support.evaluation_market import artificial_samples

HAND_WEIGHTS = np.array([0.45, 0.35, 0.20])
# values of the liquidity and the hedging score
LIQUIDITY, HEDGING = (0.0, 50.0, 60.0, 75.0, 100.0), (0.0, 50.0, 100.0)
# share of the approaches that break or reject
_RESOLVED = 0.8


def scored_market(
    strength: float = 1.5,
    weights: np.ndarray = HAND_WEIGHTS,
    of_distance: float = 0.0,
    n_days: int = 24,
    seed: int = 5,
) -> ScoredWindows:
    """Return windows of both directions, two per episode.

    Args:
        strength: change of the log-odds of BREAK against REJECT per standard deviation of the
            score by ``weights``.
        weights: (3,) of s_l, s_h and s_t, by which outcomes follow the score.
        of_distance: change of the log-odds per standard deviation of the distance. Above 0 the
            parts only repeat the distance.
        n_days: trading days.
        seed: of all draws.
    """
    samples, _ = artificial_samples(n_days=n_days, windows=2, strength=0.0, seed=seed)
    generator = np.random.default_rng(seed)
    n_episodes = int(samples.episode.max()) + 1
    nearness = generator.normal(size=n_episodes)
    behind = generator.normal(size=(n_episodes, 3))
    if of_distance:
        behind = np.tile(nearness[:, None], 3)
    place = norm.cdf(behind)
    parts = np.column_stack(
        [
            np.array(LIQUIDITY)[(place[:, 0] * len(LIQUIDITY)).astype(int)],
            np.array(HEDGING)[(place[:, 1] * len(HEDGING)).astype(int)],
            100.0 * place[:, 2],
        ]
    )
    score = parts @ weights
    log_odds = strength * (score - score.mean()) / score.std() + of_distance * nearness
    chance_of_break = _RESOLVED / (1.0 + np.exp(-log_odds))
    drawn = generator.random(n_episodes)
    outcome = np.where(drawn < chance_of_break, BREAK, np.where(drawn < _RESOLVED, REJECT, CHOP))
    rows = samples.episode
    distance = (4.5 - nearness).clip(1.0, 7.0)[rows]
    raw = parts @ HAND_WEIGHTS
    rival = samples.rival.copy()
    rival[:, 0] = distance
    samples = samples.with_columns(
        context=np.column_stack([raw, raw, parts])[rows].astype(np.float32),
        outcome=outcome[rows],
        rival=rival,
        x0_ticks=-distance.round(),
    )
    n = len(samples)
    direction = np.where(rows % 2 == 0, "approach_up", "approach_down")
    key = pa.table(
        {
            "symbol": ["ESZ5"] * n,
            "level_id": np.array(["pm_high", "pm_low", "sma_90"])[samples.level],
            "window_end_ts": pa.array(samples.window_end_s.astype("datetime64[s]")).cast(
                pa.timestamp("us")
            ),
        }
    )
    signal = np.select([raw > 70.0, raw < 30.0], ["BREAK", "REJECT"], "NEUTRAL")[rows]
    units = unit_windows(samples)
    return ScoredWindows(
        "ES", "s240", samples, key, direction, signal, units, np.zeros(n, np.bool_)
    )
