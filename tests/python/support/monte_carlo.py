"""How far quantiles of draws may lie apart by luck alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

# luck of this size happens once in a million
RARE = 1e-6


def quantile_bounds(values: np.ndarray, share: float, draws: int) -> tuple[float, float]:
    """Return where a quantile of other draws lies, but for rare luck.

    Args:
        values: own draws.
        share: of the quantile.
        draws: number of the others.
    """
    place = share * (draws - 1) + 1
    first = stats.beta.ppf(RARE, max(place - 1, 0.5), draws - place + 2)
    last = stats.beta.ppf(1 - RARE, place + 1, max(draws - place, 0.5))
    own = 5 * np.sqrt(share * (1 - share) / len(values))
    low, high = np.quantile(values, [max(first - own, 0), min(last + own, 1)])
    return float(low), float(high)


def mean_quantile(
    values: np.ndarray, share: float, draws: int, found: Sequence[float]
) -> tuple[float, float]:
    """Return how far the mean of quantiles is from that of own draws, and how far luck takes it.

    Args:
        values: own draws.
        share: of the quantile.
        draws: number of the others, of which each of `found` is a quantile.
        found: quantiles of other draws.

    Returns:
        Distance, and six Monte-Carlo errors, in standard deviations of the draws.
    """
    error = 3 * np.sqrt(share * (1 - share) / draws)
    low, expected, high = np.quantile(values, np.clip([share - error, share, share + error], 0, 1))
    luck = (high - low) * np.sqrt(1 / len(found) + draws / len(values))
    spread = np.std(values)
    return float(abs(np.mean(found) - expected) / spread), float(luck / spread)
