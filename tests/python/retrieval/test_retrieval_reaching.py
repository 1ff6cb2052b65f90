"""Chances of reaching the level and results of positions, where the truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from spymaster_engine.statistics.retrieval.outcomes import CENSORED, NOT_REACHED
from spymaster_engine.statistics.retrieval.settings import LEARNED, ROBUST_Z
from support.retrieval_chance import (
    HORIZON,
    SETTINGS,
    Episode,
    answers_to_random_queries,
    library_of,
    pool_of,
)

SPACES = (LEARNED, ROBUST_Z)
SEEDS = range(4)
# a break, a rejection, a chop, and where price stays away
RESULTS = {0: 12.0, 1: -4.0, 2: 0.0, NOT_REACHED: -9.0}
NOBODY = np.zeros(60)


def by_chance(seed: int, share: float, distance_ticks: int) -> list[Episode]:
    """Return episodes that reach the level by chance, with random outcomes."""
    generator = np.random.default_rng(seed)
    episodes = []
    for number in range(360):
        code = generator.choice(3, p=[0.15, 0.8, 0.05])
        if generator.random() >= share:
            code = NOT_REACHED
        episodes.append(
            Episode(number // 6, distance_ticks, np.full(10, code), np.full(10, RESULTS[code]))
        )
        # the other part of the learned space
        other = generator.choice(3, p=[0.15, 0.8, 0.05])
        elsewhere = 10 - distance_ticks
        episodes.append(Episode(number // 6, elsewhere, np.full(4, other), np.zeros(4)))
    return episodes


@pytest.mark.parametrize("space", SPACES)
def test_unpredictable_chances_equal_the_base_rate(space: str) -> None:
    differences, of_results, similar = [], [], []
    for seed in SEEDS:
        episodes = by_chance(seed, 0.7, 4)
        library = library_of(episodes, np.random.default_rng([seed, 1]))
        found = answers_to_random_queries(
            library, 4, replace(SETTINGS, retrieval_space=space), NOBODY
        )
        differences.append(np.nanmean(found["p_reached"]) - found["base_reached"][0])
        # a rejection is what mostly follows: its position is short
        truth = -np.mean(
            [episode.result_ticks[0] for episode in episodes if episode.distance_ticks == 4]
        )
        of_results.append(np.nanmean(found["result_ticks"]) - truth)
        similar.append(found["is_similar"].mean())
        assert np.nanmax(found["result_n_eff"]) > SETTINGS.min_neighbor_episodes
    # a hundred episodes behind an answer: 0.046 of a share, 0.7 ticks of a result
    assert np.abs(differences).max() < 0.06
    assert abs(np.mean(differences)) < 0.03
    assert np.abs(of_results).max() < 0.8
    assert abs(np.mean(of_results)) < 0.4
    # of moments like those of the library nearly all are found to be
    assert np.mean(similar) > 0.85


@pytest.mark.parametrize("space", SPACES)
def test_predictable_chances_are_found(space: str) -> None:
    generator = np.random.default_rng(5)
    episodes = []
    for number in range(720):
        trace = generator.normal() * 2.0
        breaks = generator.random() < 1.0 / (1.0 + np.exp(-2.0 * trace))
        came = generator.random() < 1.0 / (1.0 + np.exp(-1.0 - trace))
        code = (0 if breaks else 1) if came else NOT_REACHED
        if number % 20 == 0:
            code = 2
        windows = np.full(6, code), np.zeros(6)
        episodes.extend(Episode(number // 12, distance, *windows, trace) for distance in (3, 6))
    library = library_of(episodes, generator)
    # the one element is much of what a space of all of them compares
    settings = replace(SETTINGS, retrieval_space=space, similarity_floor_quantile=0.001)
    low, high = (
        np.nanmean(answers_to_random_queries(library, 6, settings, NOBODY + trace)["p_reached"])
        for trace in (-3.0, 3.0)
    )
    assert high - low > (0.3 if space == LEARNED else 0.05)


@pytest.mark.parametrize("share", [0.9, 0.7])
def test_windows_of_an_episode_count_by_their_share(share: float) -> None:
    """Neighbors reach the level in the same share as the windows of their episodes."""
    generator = np.random.default_rng(7)
    episodes = []
    for number in range(360):
        came = generator.random(40) < share
        codes = np.where(came, generator.integers(3), NOT_REACHED)
        episodes.append(Episode(number // 6, 6, codes, np.zeros(40)))
        episodes.append(Episode(number // 6, 3, np.full(4, generator.integers(3)), np.zeros(4)))
    library = library_of(episodes, generator)
    for space in SPACES:
        found = answers_to_random_queries(
            library, 6, replace(SETTINGS, retrieval_space=space), NOBODY
        )
        assert np.nanmean(found["p_reached"]) == pytest.approx(share, abs=0.025), space


@pytest.mark.parametrize("space", SPACES)
def test_chances_rest_on_paths_known_at_the_horizon_asked_about(space: str) -> None:
    """Some paths last the short horizon and not the one that the space is learned from."""
    generator = np.random.default_rng(11)
    episodes = []
    for number in range(540):
        stays_away = number % 3 == 1
        code = NOT_REACHED if stays_away else generator.integers(3)
        episodes.append(Episode(number // 9, 6, np.full(4, code), np.zeros(4)))
        episodes.append(Episode(number // 9, 3, np.full(4, generator.integers(3)), np.zeros(4)))
    library = library_of(episodes, generator)
    short = library.labels[HORIZON]
    # one in three far episodes, all of which come to the level
    number = library.episode_code // 2
    is_cut = (library.distance_ticks == 6) & (number % 3 == 2)
    learned = replace(
        short,
        class_code=np.where(is_cut, CENSORED, short.class_code),
        reached=np.where(is_cut, np.nan, short.reached),
    )
    library = replace(library, labels={"s120": short, HORIZON: learned})
    settings = replace(SETTINGS, retrieval_space=space, retrieval_horizons=("s120", HORIZON))
    found = answers_to_random_queries(library, 6, settings, NOBODY)
    for horizon, share in enumerate((2 / 3, 1 / 2)):
        of_horizon = found["horizon"] == horizon
        assert found["base_reached"][of_horizon] == pytest.approx(share)
        stated = np.nanmean(found["p_reached"][of_horizon])
        assert stated == pytest.approx(share, abs=0.06), settings.retrieval_horizons[horizon]


def test_a_single_episode_at_a_distance_gives_no_rate() -> None:
    generator = np.random.default_rng(3)
    episodes = [
        Episode(number % 20, 6, np.full(3, int(generator.random() < 0.8)), np.zeros(3))
        for number in range(120)
    ]
    near = Episode(3, 1, np.full(3, 1), np.full(3, -7.0))
    library = library_of([*episodes, near], generator)
    settings = replace(SETTINGS, retrieval_space=ROBUST_Z)
    found = answers_to_random_queries(library, 1, settings, NOBODY)
    for name in ("base_break", "base_reached", "p_reject", "p_reached", "result_ticks"):
        assert np.isnan(found[name]).all(), name
    assert not found["neighbors_ok"].any()
    assert (found["n_distinct_episodes"] > settings.min_neighbor_episodes).all()
    # base rates of few episodes do not make a result of them
    lenient = answers_to_random_queries(library, 1, replace(settings, min_band_episodes=1), NOBODY)
    assert lenient["is_similar"].any()
    for name in ("result_ticks", "result_lo_ticks", "result_n_eff"):
        assert np.isnan(lenient[name]).all(), name


def test_reached_episodes_decide_the_number_of_neighbors() -> None:
    library = library_of(by_chance(1, 0.5, 4), np.random.default_rng(1))
    pool = pool_of(library)
    came = library.labels[HORIZON].class_code != NOT_REACHED
    assert pool.n_arrived(HORIZON) == len(np.unique(library.episode_code[came]))
    assert pool.n_arrived(HORIZON) < pool.n_episodes()
