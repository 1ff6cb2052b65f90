"""Outcomes of neighbors: shares, quantiles, and the base rate to which odds are drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# the order of class codes everywhere in retrieval
CLASSES = ("BREAK", "REJECT", "CHOP")
BREAK, REJECT, CHOP = range(3)
# codes of a label without a class
CENSORED = 3
NOT_REACHED = 4
NO_LABEL = -1


class Shares(NamedTuple):
    """Shares of the classes, in the order of ``CLASSES``.

    Attributes:
        raw: (3,) float64, weight of the class over all weight; NaN without weight.
        shrunk: (3,) float64, the same drawn to the base rate.
        n_eff: effective number of episodes, (sum w)^2 / sum w^2 over the weights of episodes
            [Kish]; 0 without weight.
    """

    raw: NDArray[np.float64]
    shrunk: NDArray[np.float64]
    n_eff: float


def shrunk_shares(
    weights: NDArray[np.floating],
    class_code: NDArray[np.integer],
    episode: NDArray[np.integer],
    base: NDArray[np.floating],
    alpha: float,
) -> Shares:
    """Return the weighted shares of the classes, raw and drawn to the base rate.

    The base rate counts as ``alpha`` episodes: (n_eff * raw + alpha * base) / (n_eff + alpha)
    [posterior mean under a Dirichlet prior]. Windows of an episode overlap, so their weights are
    summed before the effective number is counted.

    Args:
        weights: (n,) not negative.
        class_code: (n,) codes of ``CLASSES``.
        episode: (n,) codes >= 0.
        base: (3,) base rates, which sum to 1.
        alpha: weight of the base rate in episodes.
    """
    weights = np.asarray(weights, np.float64)
    total = weights.sum()
    if not total > 0:
        return Shares(np.full(len(CLASSES), np.nan), np.array(base, np.float64), 0.0)
    raw = np.bincount(class_code, weights, len(CLASSES)) / total
    of_episodes = np.bincount(np.unique(episode, return_inverse=True)[1], weights)
    n_eff = float(total**2 / np.square(of_episodes).sum())
    return Shares(raw, (n_eff * raw + alpha * np.asarray(base)) / (n_eff + alpha), n_eff)


def base_rates(
    class_code: NDArray[np.integer], episode_code: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return the share of each class in a library, every episode with total weight 1.

    Args:
        class_code: (n,) codes of ``CLASSES``; rows of other codes do not count.
        episode_code: (n,) integers >= 0 where the row counts.

    Returns:
        (3,) float64 that sum to 1; NaN when no row counts.
    """
    counts = came_to_level(class_code)
    codes, places = class_code[counts], episode_code[counts]
    if not len(codes):
        return np.full(len(CLASSES), np.nan)
    weights = 1.0 / np.bincount(places)[places]
    totals = np.bincount(codes, weights, len(CLASSES))
    return totals / totals.sum()


def reached_rate(reached: NDArray[np.floating], episode_code: NDArray[np.integer]) -> float:
    """Return the share of a library that came to the level, every episode with total weight 1.

    Args:
        reached: (n,) 1 or 0; rows of which it is not known (NaN) do not count.
        episode_code: (n,) integers >= 0 where the row counts.

    Returns:
        NaN when no row counts.
    """
    counts = ~np.isnan(reached)
    came, places = reached[counts], episode_code[counts]
    if not len(came):
        return float("nan")
    weights = 1.0 / np.bincount(places)[places]
    return float(np.sum(weights * came) / weights.sum())


def came_to_level(class_code: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return where price came to the level and the outcome is known."""
    return (class_code >= 0) & (class_code < len(CLASSES))


def wilson_interval(share: float, n: float, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the 95 % interval of a share of n independent observations [Wilson score].

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    JASA 22 (1927). n need not be whole.
    """
    spread = z**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * float(np.sqrt(share * (1 - share) / n + spread / (4 * n)))
    return max(centre - half, 0.0), min(centre + half, 1.0)
