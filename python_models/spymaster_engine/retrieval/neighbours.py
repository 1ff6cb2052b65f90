"""Choice of neighbours among candidates, and their weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.book.compiled import kernel

NOT_CHOSEN = -1


def select_neighbours(
    similarity: NDArray[np.floating], episode_code: NDArray[np.integer], k: int, per_episode: int
) -> NDArray[np.intp]:
    """Return the most similar candidates with at most so many of one episode.

    Windows of an episode overlap and are no independent evidence.

    Args:
        similarity: (n,), larger is more similar.
        episode_code: (n,) integers, the same for candidates of the same episode.
        k: most that are chosen.
        per_episode: most that are chosen of one episode.

    Returns:
        Positions of the chosen, most similar first, equals in the order of the candidates.
    """
    order = np.argsort(-similarity, kind="stable")
    by_episode = np.argsort(episode_code[order], kind="stable")
    sorted_codes = episode_code[order][by_episode]
    places = np.arange(len(order))
    is_first = np.ones(len(order), bool)
    is_first[1:] = sorted_codes[1:] != sorted_codes[:-1]
    place_in_episode = np.empty(len(order), np.intp)
    place_in_episode[by_episode] = places - np.maximum.accumulate(np.where(is_first, places, 0))
    return order[place_in_episode < per_episode][:k]


def similarity_weights(similarity: NDArray[np.floating], power: float) -> NDArray[np.float64]:
    """Return max(similarity, 0) ** power, (n,) float64."""
    return np.maximum(similarity.astype(np.float64), 0.0) ** power


def choose_neighbours(
    rows: NDArray[np.int64],
    weights: NDArray[np.float64],
    counts: NDArray[np.bool_],
    episode_code: NDArray[np.int64],
    k: int,
    per_episode: int,
) -> NDArray[np.int64]:
    """Choose the neighbours of many queries from their candidates, as ``select_neighbours`` does.

    Args:
        rows: (q, c) rows of the library, most similar first.
        weights: (q, c); candidates of weight 0 are not chosen.
        counts: (n,) whether a row of the library can be a neighbour.
        episode_code: (n,) codes >= 0 of the rows that count.
        k: most neighbours of a query.
        per_episode: most neighbours of a query from one episode.

    Returns:
        (q, k) places among the candidates, NOT_CHOSEN after the last.
    """
    places = np.full((len(rows), k), NOT_CHOSEN, np.int64)
    n_episodes = int(episode_code.max(initial=-1)) + 1
    # of each episode the query that chose from it last, and how often that did
    seen = np.full((2, n_episodes), NOT_CHOSEN, np.int64)
    _choose(rows, weights, counts, episode_code, per_episode, seen, places)
    return places


@kernel
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
