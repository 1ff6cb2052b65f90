"""Sums over the episodes among neighbors: effective numbers, and bounds of a mean.

Windows of an episode overlap and share its outcome, so an episode counts as one observation.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.compiled import QueryKernel

# the lower end of a 95 % interval
LOWER_SHARE = 0.025
# draws of a single episode are all alike: zero width would not mean certainty
LEAST_EPISODES = 2


def effective_episodes(
    episode: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the effective number of episodes of each query, 0 without weight.

    (sum w)^2 / sum w^2 over the weights of episodes [Kish 1965].

    Args:
        episode: (q, k) codes >= 0 where there is weight.
        weights: (q, k), not negative.
    """
    found = np.zeros(len(weights))
    totals = np.zeros(int(episode.max(initial=-1)) + 1)
    _effective(len(weights), episode, weights, totals, found)
    return found


@QueryKernel
def _effective(episode, weights, totals, found):
    for query in range(weights.shape[0]):
        total = 0.0
        for place in range(weights.shape[1]):
            if weights[query, place] > 0.0:
                totals[episode[query, place]] += weights[query, place]
                total += weights[query, place]
        squares = 0.0
        for place in range(weights.shape[1]):
            if weights[query, place] > 0.0:
                of_episode = totals[episode[query, place]]
                squares += of_episode * of_episode
                totals[episode[query, place]] = 0.0
        if squares > 0.0:
            found[query] = total * total / squares


class Means(NamedTuple):
    """Weighted mean of each query and its lower bound, (q,) each.

    NaN without weight; a bound of fewer than LEAST_EPISODES is NaN too.
    """

    mean: NDArray[np.float64]
    lower: NDArray[np.float64]


def bounded_means(
    values: NDArray[np.float64],
    episode: NDArray[np.int64],
    weights: NDArray[np.float64],
    resamples: int,
    seed: int,
) -> Means:
    """Return weighted means with the lower bounds of their 95 % intervals [bootstrap].

    Episodes are drawn with replacement, each with the weight it has; fewer than LEAST_EPISODES
    have no bound. A query gets the same draws alone and among others.

    Args:
        values: (q, k), not NaN where there is weight.
        episode: (q, k) codes >= 0 where there is weight.
        weights: (q, k), not negative.
        resamples: draws behind a bound.
        seed: of the draws.
    """
    n_queries, k = weights.shape
    # a draw for each place, the same whatever the number of places
    draws = np.random.default_rng(seed).random((k, resamples))
    place_of = np.full(int(episode.max(initial=-1)) + 1, -1, np.int64)
    weight_of, product_of, sums = np.empty(k), np.empty(k), np.empty(resamples)
    mean, means = np.full(n_queries, np.nan), np.full((n_queries, resamples), np.nan)
    work = place_of, weight_of, product_of, sums, mean, means
    _resample(n_queries, values, episode, weights, draws, *work)
    return Means(mean, _lower(means))


def lower_mean(values: NDArray[np.float64], resamples: int, seed: int) -> float | None:
    """Return the lower bound of the 95 % interval of a mean of independent numbers [bootstrap].

    It is that of `bounded_means` where each number is an episode of its own, without a kernel.

    Args:
        values: (k,); fewer than LEAST_EPISODES have no bound.
        resamples: draws behind the bound.
        seed: of the draws.
    """
    n = len(values)
    if n < LEAST_EPISODES:
        return None
    draws = np.random.default_rng(seed).random((n, resamples))
    # one after the other, as the kernel adds
    sums = np.add.accumulate(values[(draws * n).astype(np.int64)], axis=0)[-1]
    return float(_lower((sums / n)[np.newaxis])[0])


def _lower(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the smallest mean of each row whose cumulative share is at least that of the bound."""
    bound = math.ceil(LOWER_SHARE * means.shape[1]) - 1
    return np.partition(means, bound, axis=1)[:, bound]


@QueryKernel
def _resample(values, episode, weights, draws, place_of, weight_of, product_of, sums, mean, means):
    k = weights.shape[1]
    n_resamples = draws.shape[1]
    for query in range(weights.shape[0]):
        n = 0
        for place in range(k):
            weight = weights[query, place]
            if weight > 0.0:
                code = episode[query, place]
                if place_of[code] < 0:
                    place_of[code] = n
                    weight_of[n] = 0.0
                    product_of[n] = 0.0
                    n += 1
                weight_of[place_of[code]] += weight
                product_of[place_of[code]] += weight * values[query, place]
        for place in range(k):
            if weights[query, place] > 0.0:
                place_of[episode[query, place]] = -1
        if n == 0:
            continue
        total = 0.0
        product = 0.0
        for number in range(n):
            total += weight_of[number]
            product += product_of[number]
        mean[query] = product / total
        if n < LEAST_EPISODES:
            continue
        for resample in range(n_resamples):
            means[query, resample] = 0.0
            sums[resample] = 0.0
        for number in range(n):
            for resample in range(n_resamples):
                drawn = int(draws[number, resample] * n)
                means[query, resample] += product_of[drawn]
                sums[resample] += weight_of[drawn]
        for resample in range(n_resamples):
            means[query, resample] /= sums[resample]
