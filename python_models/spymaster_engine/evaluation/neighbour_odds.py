"""Odds from neighbours: shares of what followed them, drawn to the base rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.retrieval.neighbours import select_neighbours, similarity_weights
from spymaster_engine.retrieval.outcomes import shrunk_shares

if TYPE_CHECKING:
    from spymaster_engine.evaluation.blocks import Protocol

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def neighbour_count(n_episodes: int, protocol: Protocol) -> int:
    """Return how many neighbours are asked in the learned space of so many episodes."""
    wanted = int(n_episodes // protocol.episodes_per_neighbour)
    return max(protocol.least_neighbours, min(protocol.neighbours, wanted))


def nearest(
    places: Floats,
    outcome: Codes,
    episode: Codes,
    asked: Floats,
    base: Floats,
    protocol: Protocol,
) -> Floats:
    """Return the odds among the nearest in a space of few dimensions, all of equal weight.

    Args:
        places: (n, c), where the rows of the library lie.
        outcome: (n,).
        episode: (n,).
        asked: (m, c).
        base: (3,), base rates.
        protocol: limits and shrinkage.

    Returns:
        (m, 3).
    """
    k = neighbour_count(len(np.unique(episode)), protocol)
    odds = np.empty((len(asked), len(base)))
    for row, place in enumerate(asked):
        similarity = -np.square(places - place).sum(axis=1)
        chosen = _chosen(similarity, episode, k, protocol)
        odds[row] = shrunk_shares(
            np.ones(len(chosen)), outcome[chosen], base, protocol.base_rate_weight
        ).shrunk
    return odds


def most_similar(
    rows: NDArray[np.float32],
    asked: NDArray[np.float32],
    outcome: Codes,
    episode: Codes,
    base: Floats,
    protocol: Protocol,
) -> Floats:
    """Return the odds among the most similar rows of unit length, weighted by similarity.

    Args:
        rows: (n, d), the library.
        asked: (m, d).
        outcome: (n,).
        episode: (n,).
        base: (3,), base rates.
        protocol: limits, weights and shrinkage.

    Returns:
        (m, 3).
    """
    odds = np.empty((len(asked), len(base)))
    for row, similarity in enumerate(asked @ rows.T):
        chosen = select_neighbours(similarity, episode, protocol.neighbours, protocol.per_episode)
        weight = similarity_weights(similarity[chosen], protocol.similarity_power)
        odds[row] = shrunk_shares(weight, outcome[chosen], base, protocol.base_rate_weight).shrunk
    return odds


def _chosen(similarity: NDArray, episode: Codes, k: int, protocol: Protocol) -> NDArray[np.intp]:
    """Return the neighbours chosen among the nearest."""
    near = np.arange(len(similarity))
    enough = min(len(near), protocol.raw_neighbours)
    if enough < len(near):
        near = np.sort(np.argpartition(-similarity, enough - 1)[:enough])
    return near[select_neighbours(similarity[near], episode[near], k, protocol.per_episode)]


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
