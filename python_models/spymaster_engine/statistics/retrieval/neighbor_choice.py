"""Choice of neighbors among candidates, and their weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.compiled import QueryKernel

NOT_CHOSEN = -1


def similarity_weights(similarity: NDArray[np.floating], power: float) -> NDArray[np.float64]:
    """Return max(similarity, 0) ** power, (n,) float64."""
    return np.maximum(similarity.astype(np.float64), 0.0) ** power


def choose_neighbors(
    rows: NDArray[np.int64],
    weights: NDArray[np.float64],
    counts: NDArray[np.bool_],
    episode_code: NDArray[np.int64],
    k: int,
    per_episode: int,
) -> NDArray[np.int64]:
    """Choose the most similar candidates of each query, with a limit per episode.

    Windows of an episode overlap and are not independent evidence.

    Args:
        rows: (q, c) rows of the library, most similar first.
        weights: (q, c); candidates of weight 0 are not chosen.
        counts: (n,) whether a row of the library can be a neighbor.
        episode_code: (n,) codes >= 0 of the rows that count.
        k: most neighbors of a query.
        per_episode: most neighbors of a query from one episode.

    Returns:
        (q, k) places among the candidates, NOT_CHOSEN after the last.
    """
    places = np.full((len(rows), k), NOT_CHOSEN, np.int64)
    n_episodes = int(episode_code.max(initial=-1)) + 1
    # per episode: the last query that chose from it, and how many times
    seen = np.full((2, n_episodes), NOT_CHOSEN, np.int64)
    _choose(len(rows), rows, weights, counts, episode_code, per_episode, seen, places)
    return places


@QueryKernel
def _choose(rows, weights, counts, episode_code, per_episode, seen, places):
    for query in range(rows.shape[0]):
        n_chosen = 0
        for place in range(rows.shape[1]):
            if n_chosen == places.shape[1]:
                break
            row = rows[query, place]
            if not counts[row] or weights[query, place] <= 0.0:
                continue
            episode = episode_code[row]
            if seen[0, episode] != query:
                seen[0, episode] = query
                seen[1, episode] = 0
            if seen[1, episode] == per_episode:
                continue
            seen[1, episode] += 1
            places[query, n_chosen] = place
            n_chosen += 1
