"""Summaries of neighbors against their definitions: shares, floors, bounds, base rates."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from naive import retrieval as naive
from naive import retrieval_odds as other
from spymaster_engine.statistics.retrieval.base_rates import BaseRates
from spymaster_engine.statistics.retrieval.chosen_neighbors import Chosen, Neighbors
from spymaster_engine.statistics.retrieval.episode_sums import bounded_means, effective_episodes
from spymaster_engine.statistics.retrieval.library import Library, LibraryLabels
from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN, similarity_weights
from spymaster_engine.statistics.retrieval.outcomes import NOT_REACHED
from spymaster_engine.statistics.retrieval.similarity_floor import mean_similarity
from spymaster_engine.statistics.retrieval.summaries import (
    ANSWERS,
    LIKENESS,
    SUPPORT,
    summarise,
    weighted_quantiles,
)
from support.settings import retrieval_settings


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_summaries_equal_their_definition(rng: np.random.Generator) -> None:
    n_rows, n_queries, k = 400, 60, 70
    classes = rng.choice([0, 1, 2, NOT_REACHED], n_rows).astype(np.int8)
    hit = classes < 2
    labels = LibraryLabels(
        class_code=classes,
        # of some that came it is not known whether paths as long as theirs come
        reached=np.where(rng.random(n_rows) < 0.1, np.nan, classes != NOT_REACHED),
        time_to_hit_s=np.where(hit, np.round(rng.exponential(40, n_rows), 1), np.nan),
        mfe_ticks=rng.integers(0, 20, n_rows).astype(float),
        mae_ticks=-rng.integers(0, 20, n_rows).astype(float),
        adverse_ticks=np.where(hit, rng.integers(0, 9, n_rows).astype(float), np.nan),
        whipsaw=hit & (rng.random(n_rows) < 0.2),
        result_ticks=np.where(
            rng.random(n_rows) < 0.1, np.nan, rng.integers(-9, 12, n_rows).astype(float)
        ),
    )
    library = Library(
        vectors=np.empty((n_rows, 0), np.float32),
        n_context=0,
        keys=pa.table({}),
        day=rng.integers(0, 9, n_rows).astype(np.int32),
        episode_code=rng.integers(0, 90, n_rows),
        distance_ticks=rng.integers(1, 9, n_rows),
        labels={"s240": labels},
    )
    came = np.flatnonzero(classes != NOT_REACHED)
    arrived = some_neighbors(rng, came, n_queries, k)
    followed = np.flatnonzero(~np.isnan(labels.reached))
    approached = some_neighbors(rng, followed, n_queries, k)
    base = dict(zip((*naive.CLASSES, "REACHED"), (0.3, 0.5, 0.2, 0.7), strict=True))
    floor = np.nanquantile(mean_similarity(arrived.similarity, arrived.weights), 0.4)
    settings = retrieval_settings(
        min_neighbors=30,
        min_neighbor_days=5,
        min_neighbor_episodes=20,
        signal_resamples=60,
        base_rate_weight=10.0,
    )
    distances = rng.integers(1, 9, n_queries)
    neighbors = Neighbors(
        arrived,
        approached,
        np.tile(list(base.values()), (n_queries, 1)),
        np.array([0.1, 0.2, 0.7, 0.4]),
        settings.bands.codes(distances),
        np.full(n_queries, floor),
    )
    found = summarise(library, "s240", distances, neighbors, settings)

    assert 0 < found["is_similar"].sum() < found["neighbors_ok"].sum() < n_queries
    draws = np.random.default_rng(settings.evaluation_seed).random((k, 60)).tolist()
    edges, thin = 0, 0
    for query in range(n_queries):
        plain = naive.answer(
            named(library, arrived, query),
            base,
            "s240",
            alpha=10,
            minima=(30, 5, 20),
            floor=float(floor),
        )
        if plain["is_similar"]:
            others = named(library, approached, query)
            plain["p_reached"] = naive.share_that_came(others, base, "s240", 10)
            if distances[query] <= settings.signal_max_ticks:
                edge = naive.edge_of(others, plain["top_class"], "s240", draws, (30, 5, 20))
                names = ("result_ticks", "result_lo_ticks", "result_n_eff")
                plain |= dict(zip(names, edge or (None,) * 3, strict=True))
                edges += edge is not None
                thin += edge is None and plain["top_class"] != "CHOP"
        for name in (*SUPPORT, "is_similar"):
            assert found[name][query] == pytest.approx(plain[name], rel=1e-12), name
        last = plain["library_last_dt"]
        assert found["library_last_day"][query] == (-1 if last is None else last)
        for name in (*LIKENESS, *ANSWERS):
            expected = plain.get(name)
            value = np.nan if expected is None else expected
            assert found[name][query] == pytest.approx(value, rel=1e-12, nan_ok=True), name
        top = found["top_class"][query]
        assert (naive.CLASSES[top] if top >= 0 else None) == plain.get("top_class")
        assert found["base_reached"][query] == 0.7
        assert found["base_all_chop"][query] == 0.7
    assert edges > 1
    assert thin > 0


def some_neighbors(rng: np.random.Generator, among: np.ndarray, n_queries: int, k: int) -> Chosen:
    """Return random neighbors; some queries have few, one has none."""
    rows = np.stack([rng.permutation(among)[:k] for _ in range(n_queries)])
    similarity = -np.sort(-rng.uniform(0.2, 1, (n_queries, k)), axis=1)
    length = rng.integers(1, k + 1, n_queries)
    length[0] = 0
    chosen = np.arange(k) < length[:, np.newaxis]
    similarity = np.where(chosen, similarity, 0)
    return Chosen(np.where(chosen, rows, NOT_CHOSEN), similarity, similarity_weights(similarity, 8))


def named(library: Library, chosen: Chosen, query: int) -> list[tuple[dict, float, float]]:
    """Return the neighbors of a query in the form of the plain twin."""
    rows = chosen.rows[query][chosen.rows[query] != NOT_CHOSEN]
    return [
        (
            {
                "day": int(library.day[row]),
                "episode": int(library.episode_code[row]),
                "labels": {"s240": label_of(library.labels["s240"], row)},
            },
            float(chosen.similarity[query, place]),
            float(chosen.weights[query, place]),
        )
        for place, row in enumerate(rows)
    ]


def label_of(labels: LibraryLabels, row: int) -> dict:
    def known(value: float) -> float | None:
        return None if np.isnan(value) else float(value)

    outcome = dict(enumerate(naive.CLASSES)) | {NOT_REACHED: "NOT_REACHED"}
    name = outcome[int(labels.class_code[row])]
    return {
        "outcome": name,
        "outcome_reached": name,
        "reached": None if np.isnan(labels.reached[row]) else bool(labels.reached[row]),
        "reached_time_to_hit_s": known(labels.time_to_hit_s[row]),
        "mfe_ticks": float(labels.mfe_ticks[row]),
        "mae_ticks": float(labels.mae_ticks[row]),
        "mfe_to_exit_ticks": float(labels.adverse_ticks[row]),
        "mae_to_exit_ticks": -float(labels.adverse_ticks[row]),
        "whipsaw_reached": bool(labels.whipsaw[row]),
        "exit_x_ticks": known(labels.result_ticks[row]),
        "x0_ticks": 0.0,
    }


def test_bounds_count_episodes_not_windows() -> None:
    """Ten windows of one episode are one observation, whatever their number."""
    values = np.array([[3.0] * 10 + [-1.0] * 10])
    episode = np.repeat([0, 1], 10)[np.newaxis]
    windows = bounded_means(values, episode, np.ones((1, 20)), 200, 7)
    episodes = bounded_means(np.array([[3.0, -1.0]]), np.array([[0, 1]]), np.ones((1, 2)), 200, 7)
    assert windows.mean[0] == episodes.mean[0] == 1.0
    assert windows.lower[0] == episodes.lower[0] == -1.0
    assert effective_episodes(episode, np.ones((1, 20)))[0] == 2.0


def test_one_episode_has_no_bound() -> None:
    values, episode = np.array([[3.0, 5.0]]), np.array([[4, 4]])
    found = bounded_means(values, episode, np.ones((1, 2)), 200, 7)
    assert found.mean[0] == 4.0 and np.isnan(found.lower[0])


def test_the_draws_of_a_query_are_its_own(rng: np.random.Generator) -> None:
    values, weights = rng.normal(size=(4, 30)), rng.uniform(0.1, 1, (4, 30))
    episode = rng.integers(0, 12, (4, 30))
    together = bounded_means(values, episode, weights, 100, 7)
    for query in range(4):
        rows = slice(query, query + 1)
        padded = [np.pad(part[rows], ((0, 0), (0, 5))) for part in (values, episode, weights)]
        alone = bounded_means(*padded, 100, 7)
        assert alone.mean[0] == together.mean[query]
        assert alone.lower[0] == together.lower[query]


def test_bands_hold_distances_of_either_sign() -> None:
    bands = retrieval_settings().bands
    codes = bands.codes(np.array([0, 1, -2, 3, -4, 5, 6, 7, -40]))
    assert [bands.names[code] if code >= 0 else None for code in codes] == [
        None,
        "1-2",
        "1-2",
        "3-4",
        "3-4",
        "5-6",
        "5-6",
        "7+",
        "7+",
    ]


def test_a_course_that_stays_at_its_level_counts_as_what_followed_its_first_moment() -> None:
    """Of four courses one chops for nine moments before it breaks; the others break or turn."""
    chops, breaks, turns = (2,) * 9 + (0,), (0,), (1,)
    courses = [chops, breaks, turns, turns]
    classes = np.concatenate(courses)
    episode = np.repeat(np.arange(4), [len(course) for course in courses])
    bands = retrieval_settings().of_phase("at").bands
    everything = classes, np.ones(len(classes)), episode, np.zeros(len(classes)), bands
    assert BaseRates.of(*everything).of_all[:3] == pytest.approx([0.275, 0.5, 0.225])
    by_first = BaseRates.of(*everything, firsts=True)
    assert by_first.of_all.tolist() == [0.25, 0.5, 0.25, 1.0]
    assert by_first.at(np.array([0])).tolist() == [[0.25, 0.5, 0.25, 1.0]]


@pytest.mark.parametrize("firsts", [False, True])
def test_base_rates_count_an_episode_once_in_its_band(
    rng: np.random.Generator, firsts: bool
) -> None:
    n = 300
    classes = rng.choice([-1, 0, 1, 2, 3, NOT_REACHED], n)
    episode, distance = rng.integers(0, 40, n), rng.integers(-9, 10, n)
    bands = retrieval_settings().bands
    reached = np.where(rng.random(n) < 0.2, np.nan, classes != NOT_REACHED)
    reached[classes == -1] = np.nan
    rates = BaseRates.of(classes, reached, episode, distance, bands, firsts=firsts)
    # each band has the episodes of some rates, and not of others
    least = 24
    scarce = BaseRates.of(classes, reached, episode, distance, bands, least, firsts=firsts)
    names = dict(enumerate((*naive.CLASSES, "CENSORED", "NOT_REACHED"))) | {-1: None}
    rows = [
        {
            "episode": int(episode[row]),
            "band": naive.band_of(int(distance[row])),
            "labels": {
                "h": {
                    "outcome_reached": names[int(classes[row])],
                    "reached": None if np.isnan(reached[row]) else bool(reached[row]),
                }
            },
        }
        for row in range(n)
    ]
    missing = []
    for band in (*bands.names, None):
        plain = list(naive.base_rates(rows, "h", band, firsts=firsts).values())
        code = bands.names.index(band) if band else None
        found = rates.of_all if band is None else rates.at(np.array([code]))[0]
        assert found == pytest.approx(plain, rel=1e-12)
        if band is not None:
            plain = list(naive.base_rates(rows, "h", band, least, firsts=firsts).values())
            expected = [np.nan if rate is None else rate for rate in plain]
            of_many = scarce.at(np.array([code]))[0]
            assert of_many == pytest.approx(expected, rel=1e-12, nan_ok=True)
            missing += [rate is None for rate in plain]
        if firsts:
            continue
        far = [row | {"k_ticks": int(distance[at])} for at, row in enumerate(rows)]
        again = other.base_rates(far, "h", band)
        names_of_rates = ("break", "reject", "chop", "reached")
        assert found == pytest.approx([again[name] for name in names_of_rates], rel=1e-12)
    assert {True, False} == set(missing)
    assert np.array_equal(scarce.of_all, rates.of_all)
    assert np.isnan(rates.at(np.array([-1]))).all()


def test_bad_tails_and_effective_numbers_equal_the_other_twin(
    rng: np.random.Generator,
) -> None:
    weights, episodes = rng.uniform(0.1, 1, (6, 40)), rng.integers(0, 15, (6, 40))
    against = -rng.integers(0, 12, (6, 40))
    tails = weighted_quantiles(-against.astype(float), weights, (0.5, 0.8))
    for query in range(6):
        found = [
            ({"episode": str(episode)}, 1.0, float(weight))
            for episode, weight in zip(episodes[query], weights[query], strict=True)
        ]
        numbers = effective_episodes(episodes, weights)
        assert numbers[query] == pytest.approx(other.effective_episodes(found), rel=1e-12)
        for tail, share in zip(tails, (0.5, 0.8), strict=True):
            plain = other.adverse_quantile(against[query].tolist(), weights[query].tolist(), share)
            assert -tail[query] == plain
