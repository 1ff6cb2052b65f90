"""Odds from neighbours: shares of what followed them, drawn to the base rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.retrieval.neighbours import (
    NOT_CHOSEN,
    choose_neighbours,
    similarity_weights,
)
from spymaster_engine.retrieval.outcomes import base_rates, shrunk_shares
from spymaster_engine.retrieval.search import Candidates, most_similar, nearest

if TYPE_CHECKING:
    from spymaster_engine.evaluation.blocks import Protocol

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def neighbour_count(n_episodes: int, protocol: Protocol) -> int:
    """Return how many neighbours are asked in the learned space of so many episodes."""
    wanted = int(n_episodes // protocol.episodes_per_neighbour)
    return max(protocol.least_neighbours, min(protocol.neighbours, wanted))


def among_nearest(
    places: NDArray[np.float32],
    outcome: Codes,
    episode: Codes,
    asked: NDArray[np.float32],
    k: int,
    protocol: Protocol,
) -> Floats:
    """Return the odds among the nearest in a space of few dimensions, all of equal weight.

    Found and chosen as an answer's neighbours are; shares are drawn to the base rates of the rows.

    Args:
        places: (n, c), where the rows of the library lie.
        outcome: (n,).
        episode: (n,).
        asked: (m, c).
        k: most neighbours.
        protocol: limits and shrinkage.

    Returns:
        (m, 3).
    """
    found = nearest(places, asked, protocol.raw_neighbours)
    return _odds(found, np.ones(found.rows.shape), outcome, episode, k, protocol)


def among_most_similar(
    unit: NDArray[np.float32],
    outcome: Codes,
    episode: Codes,
    asked: NDArray[np.float32],
    protocol: Protocol,
) -> Floats:
    """Return the odds among the most similar rows of unit length, weighted by similarity.

    Args:
        unit: (n, d), the library.
        outcome: (n,).
        episode: (n,).
        asked: (m, d), of unit length.
        protocol: limits, weights and shrinkage.

    Returns:
        (m, 3).
    """
    found = most_similar(unit, asked, protocol.raw_neighbours)
    weights = similarity_weights(found.similarity, protocol.similarity_power)
    return _odds(found, weights, outcome, episode, protocol.neighbours, protocol)


def _odds(
    found: Candidates, weights: Floats, outcome: Codes, episode: Codes, k: int, protocol: Protocol
) -> Floats:
    codes = np.unique(episode, return_inverse=True)[1]
    base = base_rates(outcome, codes)
    chosen = choose_neighbours(
        found.rows,
        weights,
        np.ones(len(outcome), np.bool_),
        codes,
        min(k, found.rows.shape[1]),
        protocol.per_episode,
    )
    odds = np.empty((len(chosen), len(base)))
    for query, kept in enumerate(chosen):
        places = kept[kept != NOT_CHOSEN]
        outcomes = outcome[found.rows[query, places]]
        odds[query] = shrunk_shares(
            weights[query, places], outcomes, base, protocol.base_rate_weight
        ).shrunk
    return odds


def shuffled_within_days(
    outcome: Codes, episode: Codes, day: Codes, generator: np.random.Generator
) -> Codes:
    """Return outcomes dealt out anew among the episodes of each day.

    An episode takes over those of another one in their order, so that its windows stay as alike
    as they were.

    Args:
        outcome: (n,), in time order within an episode.
        episode: (n,).
        day: (n,).
        generator: Source of the draws.
    """
    shuffled = np.empty_like(outcome)
    for today in np.unique(day):
        here = np.flatnonzero(day == today)
        rows = [here[episode[here] == one] for one in np.unique(episode[here])]
        for taker, giver in zip(rows, generator.permutation(len(rows)), strict=True):
            given = outcome[rows[giver]]
            shuffled[taker] = given[np.minimum(np.arange(len(taker)), len(given) - 1)]
    return shuffled
