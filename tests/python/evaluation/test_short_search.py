"""A short search chooses what the search of many candidates would choose."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from spymaster_engine.statistics.evaluation.neighbor_odds import Neighbors, chosen_of
from spymaster_engine.statistics.evaluation.short_search import (
    ShortSearch,
    short_most_similar,
    short_nearest,
)
from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN, similarity_weights
from spymaster_engine.statistics.retrieval.normalise import unit_rows
from spymaster_engine.statistics.retrieval.search import most_similar, nearest
from support.settings import retrieval_settings

K = 40
SETTINGS = retrieval_settings(retrieval_k_raw=300)


def market(rows_per_episode: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows, alike within an episode and some of them equal, and their episodes."""
    generator = np.random.default_rng(rows_per_episode)
    episode = np.repeat(np.arange(1_200 // rows_per_episode), rows_per_episode)
    rows = generator.normal(size=(episode.max() + 1, width))[episode]
    rows += 0.2 * generator.normal(size=rows.shape)
    rows[::5] = np.round(rows[::5])
    return rows.astype(np.float32), episode


def similar(rows: np.ndarray, pool: np.ndarray) -> tuple[ShortSearch, Callable[..., Neighbors]]:
    unit, asking = unit_rows(rows)[0], np.arange(60)
    found = most_similar(unit[pool], unit[asking], SETTINGS.retrieval_k_raw)
    weights = similarity_weights(found.similarity, SETTINGS.similarity_power)
    search = short_most_similar(unit, pool, asking, unit[asking] @ unit.T, SETTINGS)
    return search, lambda *rules: chosen_of(found, weights, *rules, SETTINGS)


def near(rows: np.ndarray, pool: np.ndarray) -> tuple[ShortSearch, Callable[..., Neighbors]]:
    found = nearest(rows[pool], rows[:60], SETTINGS.retrieval_k_raw)
    search = short_nearest(rows[pool], rows[:60], SETTINGS)
    return search, lambda *rules: chosen_of(found, np.ones(found.rows.shape), *rules, SETTINGS)


# a search runs out of candidates where episodes are long or few rows count
@pytest.mark.parametrize("rows_per_episode", [2, 12, 60])
@pytest.mark.parametrize("share", [1.0, 0.1, 0.0])
@pytest.mark.parametrize(("both", "width"), [(similar, 100), (near, 3)])
def test_chooses_as_the_search_of_many_candidates(
    both: Callable, width: int, share: float, rows_per_episode: int
) -> None:
    rows, episode = market(rows_per_episode, width)
    pool = np.flatnonzero(np.random.default_rng(1).random(len(rows)) < 0.8)
    counts = np.random.default_rng(2).random(len(pool)) < share
    short, search = both(rows, pool)
    chosen = short.choose(np.arange(60), counts, episode[pool], K)
    expected = search(counts, episode[pool], K)
    np.testing.assert_array_equal(chosen.rows, expected.rows)
    np.testing.assert_array_equal(chosen.weights, expected.weights)
    assert (chosen.rows != NOT_CHOSEN).any() == (share > 0.0)


def test_asks_for_many_candidates_only_where_they_decide() -> None:
    """Short episodes need no second search; long ones use up the candidates."""
    for rows_per_episode, is_searched in ((2, False), (60, True)):
        rows, episode = market(rows_per_episode, 3)
        search = short_nearest(rows, rows[:60], SETTINGS)
        search.choose(np.arange(60), np.ones(len(rows), np.bool_), episode, K)
        assert ("_candidates" in vars(search)) == is_searched
