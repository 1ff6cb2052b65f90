"""Markets of random vectors with known odds, the truth for tests."""

from __future__ import annotations

import numpy as np
from spymaster_engine.statistics.evaluation.samples import Samples

_DAY_S = 86_400
_OPEN_S = 50_000
_WINDOW_S = 5
_HORIZON_S = 240
WIDTH = 40
# no element of these vectors is a difference
ALL_USED = (True,) * WIDTH


def artificial_samples(
    n_days: int = 24,
    episodes_per_day: int = 12,
    windows: int = 4,
    width: int = WIDTH,
    strength: float = 1.0,
    seed: int = 5,
) -> tuple[Samples, np.ndarray]:
    """Return samples and the true chances of each window's episode, (n, 3).

    Three elements of the vector carry the log-odds of the outcome times ``strength``, each with
    noise as large as its signal; all other elements are noise.
    """
    generator = np.random.default_rng(seed)
    n_episodes = n_days * episodes_per_day
    n = n_episodes * windows
    log_odds = strength * generator.normal(size=(n_episodes, 3))
    truth = np.exp(log_odds)
    truth /= truth.sum(axis=1, keepdims=True)
    drawn = (generator.random((n_episodes, 1)) > np.cumsum(truth, axis=1)[:, :2]).sum(axis=1)

    episode = np.repeat(np.arange(n_episodes), windows)
    place = np.tile(np.arange(windows), n_episodes)
    day = episode // episodes_per_day
    decision = day * _DAY_S + _OPEN_S + (episode % episodes_per_day) * 600 + place * _WINDOW_S
    vector = generator.normal(size=(n, width)).astype(np.float32)
    vector[:, :3] = log_odds[episode] + 0.3 * generator.normal(size=(n, 3))
    x0 = -7.0 + 6.0 * place / (windows - 1)
    sigma = generator.uniform(0.5, 1.0, n_episodes)[episode]
    rival = np.stack(
        [-x0, -x0 / sigma, generator.normal(size=n), sigma, (decision % _DAY_S - _OPEN_S) / 60.0],
        axis=1,
    )
    context = generator.normal(size=(n, 4)).astype(np.float32)
    context[:, 3] = np.nan
    ones = np.ones(n)
    samples = Samples(
        vector=vector,
        context=context,
        rival=rival,
        outcome=drawn[episode],
        reached=ones,
        day=day,
        episode=episode,
        level=episode % 3,
        level_kind=episode % 2,
        half_hour=(decision % _DAY_S - _OPEN_S) // 1_800,
        window_end_s=decision,
        feature_start_s=decision - 135,
        label_end_s=decision + _HORIZON_S,
        x0_ticks=x0,
        barrier_ticks=8.0 * ones,
        horizon_s=_HORIZON_S * ones,
        time_to_hit_s=np.where(drawn[episode] == 2, np.nan, 60.0),
        mfe_ticks=generator.exponential(2.0, n) + 10.0 * (drawn[episode] == 0),
        mae_ticks=-generator.exponential(2.0, n) - 10.0 * (drawn[episode] == 1),
    )
    return samples, truth[episode]
