"""Odds from neighbors: shares of their outcomes, drawn to the base rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN, choose_neighbors
from spymaster_engine.statistics.retrieval.outcomes import CLASSES, shrunk_shares
from spymaster_engine.statistics.retrieval.search import Candidates

if TYPE_CHECKING:
    from spymaster_engine.statistics.retrieval.settings import RetrievalSettings

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


class Neighbors(NamedTuple):
    """The chosen neighbors of some windows.

    Attributes:
        rows: (q, k) rows of the library, most similar first, NOT_CHOSEN after the last.
        weights: (q, k), 0 where nothing is chosen.
    """

    rows: NDArray[np.int64]
    weights: Floats


def chosen_of(
    found: Candidates,
    weights: Floats,
    counts: NDArray[np.bool_],
    episode: Codes,
    k: int,
    settings: RetrievalSettings,
) -> Neighbors:
    """Choose among candidates.

    Args:
        found: of q windows, most similar first.
        weights: (q, c), of the candidates.
        counts: (n,), which rows of the library can be chosen.
        episode: (n,).
        k: most neighbors.
        settings: most of one episode.
    """
    codes = np.unique(episode, return_inverse=True)[1]
    most = min(k, found.rows.shape[1])
    places = choose_neighbors(
        found.rows, weights, counts, codes, most, settings.neighbors_per_episode
    )
    is_chosen = places != NOT_CHOSEN
    at = np.where(is_chosen, places, 0)
    return Neighbors(
        np.where(is_chosen, np.take_along_axis(found.rows, at, axis=1), NOT_CHOSEN),
        np.where(is_chosen, np.take_along_axis(weights, at, axis=1), 0.0),
    )


def shares_of(
    chosen: Neighbors, outcome: Codes, episode: Codes, base: Floats, settings: RetrievalSettings
) -> Floats:
    """Return the shares of the neighbors' outcomes, drawn to base rates.

    Args:
        chosen: of q windows.
        outcome: (n,), of the library.
        episode: (n,).
        base: (q, 3), of the distance of each window.
        settings: weight of the base rates.

    Returns:
        (q, 3), NaN where there is no base rate.
    """
    odds = np.empty((len(chosen.rows), len(CLASSES)))
    for query, rows in enumerate(chosen.rows):
        kept = rows != NOT_CHOSEN
        odds[query] = shrunk_shares(
            chosen.weights[query, kept],
            outcome[rows[kept]],
            episode[rows[kept]],
            base[query],
            settings.base_rate_weight,
        ).shrunk
    return odds


def shuffled_within_days(
    outcome: Codes, episode: Codes, day: Codes, generator: np.random.Generator
) -> Codes:
    """Return outcomes shuffled among the episodes of each day.

    An episode takes the outcomes of another episode in order, so that its windows stay as alike.

    Args:
        outcome: (n,), in time order within an episode.
        episode: (n,).
        day: (n,).
        generator: Source of the draws.
    """
    shuffled = np.empty_like(outcome)
    for today in np.unique(day):
        here = np.flatnonzero(day == today)
        rows = [here[episode[here] == code] for code in np.unique(episode[here])]
        for taker, giver in zip(rows, generator.permutation(len(rows)), strict=True):
            given = outcome[rows[giver]]
            shuffled[taker] = given[np.minimum(np.arange(len(taker)), len(given) - 1)]
    return shuffled
