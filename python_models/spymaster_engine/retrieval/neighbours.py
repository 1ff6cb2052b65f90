"""Choice of neighbours among candidates, and their weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


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
