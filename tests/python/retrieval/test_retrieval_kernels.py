"""Kernels of retrieval against their definitions, one step at a time."""

from __future__ import annotations

import faiss
import numpy as np
import pytest
from naive import retrieval as naive
from scipy.stats import binomtest
from spymaster_engine.statistics.retrieval.episode_sums import (
    bounded_means,
    effective_episodes,
    lower_mean,
)
from spymaster_engine.statistics.retrieval.neighbor_choice import (
    NOT_CHOSEN,
    choose_neighbors,
    similarity_weights,
)
from spymaster_engine.statistics.retrieval.normalise import (
    RobustStatistics,
    joined,
    robust_statistics,
    robust_z,
    unit_rows,
)
from spymaster_engine.statistics.retrieval.outcomes import (
    base_rates,
    shrunk_shares,
    wilson_interval,
)
from spymaster_engine.statistics.retrieval.search import (
    most_similar,
    nearest,
    ranked_by_distance,
    ranked_by_product,
)
from spymaster_engine.statistics.retrieval.summaries import weighted_quantiles


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def odd_columns(rng: np.random.Generator, n_rows: int) -> np.ndarray:
    """Columns that are usual, constant, mostly constant, far off, partly and wholly missing."""
    rows = rng.standard_normal((n_rows, 6)).astype(np.float32)
    rows[:, 1] = 1.7
    rows[rng.random(n_rows) < 0.7, 2] = 0.25
    rows[0, 3] = 1e6
    rows[rng.random(n_rows) < 0.4, 4] = np.nan
    rows[:, 5] = np.nan
    return rows


def as_lists(rows: np.ndarray) -> list[list[float | None]]:
    return [[None if np.isnan(value) else float(value) for value in row] for row in rows]


@pytest.mark.parametrize("n_rows", [1, 2, 7, 60, 101])
def test_statistics_and_z_equal_their_definition(rng: np.random.Generator, n_rows: int) -> None:
    rows = odd_columns(rng, n_rows)
    found = robust_statistics(rows)
    expected = np.array(naive.statistics_of(as_lists(rows))).T
    assert np.array_equal(found.median, expected[0])
    assert np.array_equal(found.mad, expected[1])
    np.testing.assert_allclose(found.std, expected[2], rtol=1e-9, atol=1e-12)

    rows = np.concatenate([odd_columns(rng, 20), np.full((1, 6), 1e9, np.float32)])
    z = robust_z(rows, found)
    columns = list(zip(*found, strict=True))
    plain = [naive.z_of(row, columns) for row in as_lists(rows)]
    np.testing.assert_allclose(z, plain, rtol=2e-5, atol=2e-6)
    assert z.dtype == np.float32
    assert np.abs(z).max() <= 8
    assert not z[:, [1, 5]].any()


def test_statistics_of_nothing_are_zero() -> None:
    found = robust_statistics(np.empty((0, 3), np.float32))
    assert not np.any(found)
    assert not robust_z(np.ones((2, 3), np.float32), found).any()


def test_a_mostly_equal_column_keeps_its_information() -> None:
    rows = np.full((9, 1), 0.25, np.float32)
    rows[0] = 1.0
    z = robust_z(rows, robust_statistics(rows))
    assert z[0, 0] > 1
    assert not z[1:].any()


def test_rows_have_length_one_and_zero_rows_are_flagged(rng: np.random.Generator) -> None:
    z = rng.standard_normal((50, 9)).astype(np.float32)
    z[[3, 17]] = 0
    rows, is_zero = unit_rows(z)
    assert np.flatnonzero(is_zero).tolist() == [3, 17]
    np.testing.assert_allclose(np.linalg.norm(rows[~is_zero], axis=1), 1, atol=1e-6)
    assert not rows[is_zero].any()


def test_the_context_weighs_as_much_as_a_block(rng: np.random.Generator) -> None:
    vector = rng.standard_normal((4000, 70)).astype(np.float32)
    context = rng.standard_normal((4000, 5)).astype(np.float32)
    context[:, 3:] = np.nan
    statistics = robust_statistics(context)
    both = joined(vector, robust_z(context, statistics), statistics, 10)
    of_blocks = np.square(both).sum(axis=0).cumsum()
    assert (of_blocks[-1] - of_blocks[69]) / (of_blocks[69] / 7) == pytest.approx(1, abs=0.1)
    none = RobustStatistics(*np.zeros((3, 5)))
    assert not joined(vector, np.zeros_like(context), none, 10)[:, 70:].any()


@pytest.mark.parametrize("k", [1, 10, 400])
def test_the_search_equals_an_exhaustive_search(rng: np.random.Generator, k: int) -> None:
    library, _ = unit_rows(rng.standard_normal((300, 21)).astype(np.float32))
    queries, _ = unit_rows(rng.standard_normal((30, 21)).astype(np.float32))
    library[7] = library[100]
    products = queries.astype(float) @ library.astype(float).T
    expected = np.argsort(-products, axis=1, kind="stable")[:, :k]
    found = most_similar(library, queries, k)
    assert np.array_equal(found.rows, expected)
    np.testing.assert_allclose(
        found.similarity, np.take_along_axis(products, expected, axis=1), atol=1e-12
    )

    distance = np.linalg.norm(queries[:, None].astype(float) - library[None], axis=2)
    expected = np.argsort(distance, axis=1, kind="stable")[:, :k]
    found = nearest(library, queries, k)
    assert np.array_equal(found.rows, expected)
    np.testing.assert_allclose(
        found.similarity, 1 / (1 + np.take_along_axis(distance, expected, axis=1)), rtol=1e-12
    )


def test_equal_rows_are_found_in_their_order(rng: np.random.Generator) -> None:
    library = np.repeat(rng.normal(size=(30, 4)).astype(np.float32), 20, axis=0)
    queries = rng.normal(size=(9, 4)).astype(np.float32)
    for search in (most_similar, nearest):
        found = search(library, queries, len(library))
        later, earlier = found.rows[:, 1:], found.rows[:, :-1]
        are_equal = later // 20 == earlier // 20
        assert are_equal.sum() == 9 * 30 * 19
        assert (later > earlier)[are_equal].all()


def test_threads_and_batches_change_no_digit(rng: np.random.Generator) -> None:
    library, _ = unit_rows(rng.standard_normal((5000, 40)).astype(np.float32))
    queries, _ = unit_rows(rng.standard_normal((64, 40)).astype(np.float32))
    before = faiss.omp_get_max_threads()
    together = most_similar(library, queries, 200)
    faiss.omp_set_num_threads(2)
    alone = [most_similar(library, queries[place : place + 1], 200) for place in range(64)]
    faiss.omp_set_num_threads(before)
    assert np.array_equal(together.rows, np.concatenate([single.rows for single in alone]))
    assert np.array_equal(
        together.similarity, np.concatenate([single.similarity for single in alone])
    )


def plain_selection(similarity, episodes, k: int, per_episode: int) -> list[int]:
    chosen: list[int] = []
    for place in sorted(range(len(similarity)), key=lambda place: -similarity[place]):
        same = sum(episodes[neighbor] == episodes[place] for neighbor in chosen)
        if len(chosen) < k and same < per_episode:
            chosen.append(place)
    return chosen


@pytest.mark.parametrize("per_episode", [1, 3])
def test_neighbors_are_the_best_with_few_of_an_episode(
    rng: np.random.Generator, per_episode: int
) -> None:
    n_rows, n_queries = 200, 12
    episodes = rng.integers(0, 20, n_rows)
    counts = rng.random(n_rows) < 0.6
    rows = np.stack([rng.permutation(n_rows)[:80] for _ in range(n_queries)])
    similarity = -np.sort(-rng.uniform(-0.3, 1, (n_queries, 80)), axis=1)
    weights = similarity_weights(similarity, 8)
    places = choose_neighbors(rows, weights, counts, episodes, 25, per_episode)
    for query in range(n_queries):
        usable = np.flatnonzero(counts[rows[query]] & (weights[query] > 0))
        alone = plain_selection(
            similarity[query, usable], episodes[rows[query, usable]], 25, per_episode
        )
        chosen = places[query][places[query] != NOT_CHOSEN]
        assert chosen.tolist() == usable[alone].tolist()


def test_a_query_alone_has_the_numbers_it_has_among_others(rng: np.random.Generator) -> None:
    """The interpreter runs the kernels for a query alone."""
    n_queries, k, n_rows = 9, 40, 300
    library = rng.normal(size=(n_rows, 13)).astype(np.float32)
    queries = rng.normal(size=(n_queries, 13)).astype(np.float32)
    rows = np.sort(np.argsort(rng.random((n_queries, n_rows)), axis=1)[:, :k], axis=1)
    counts, codes = rng.random(n_rows) < 0.6, rng.integers(0, 30, n_rows)
    weights = rng.random((n_queries, k)) * (rng.random((n_queries, k)) < 0.7)
    weights[3] = 0.0
    values = np.where(weights > 0, rng.normal(size=weights.shape), np.nan)

    def numbers(part: slice) -> list[np.ndarray]:
        of_rows, its_weights, episodes = rows[part], weights[part], codes[rows[part]]
        return [
            *ranked_by_product(library, queries[part], of_rows),
            *ranked_by_distance(library, queries[part], of_rows),
            choose_neighbors(of_rows, its_weights, counts, codes, 12, 2),
            effective_episodes(episodes, its_weights),
            *bounded_means(values[part], episodes, its_weights, 50, 7),
        ]

    together = numbers(slice(None))
    for query in range(n_queries):
        alone = numbers(slice(query, query + 1))
        for one, among_others in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one[0], among_others[query])


def test_weights_are_powers_of_similarity() -> None:
    weights = similarity_weights(np.array([-0.5, 0.0, 0.5, 1.0]), 8)
    assert weights.tolist() == [0, 0, 0.5**8, 1]


def test_quantiles_are_the_smallest_values_that_reach_the_share(rng: np.random.Generator) -> None:
    values = np.round(rng.standard_normal((40, 30)), 1)
    values[rng.random(values.shape) < 0.2] = np.nan
    values[5] = np.nan
    weights = np.where(rng.random(values.shape) < 0.3, 0.0, rng.random(values.shape))
    weights[6] = 0
    shares = (0.5, 0.8, 1.0)
    found = weighted_quantiles(values, weights, shares)
    for place, share in enumerate(shares):
        for row in range(len(values)):
            lists = as_lists(values[row : row + 1])[0]
            plain = naive.quantile(lists, weights[row].tolist(), share)
            value = found[place][row]
            assert (None if np.isnan(value) else value) == plain
    # the very edge of a share belongs to the smaller value
    [[half]] = weighted_quantiles(np.array([[1.0, 2.0]]), np.ones((1, 2)), (0.5,))
    assert half == 1


def test_shares_lean_on_the_base_rate() -> None:
    found = shrunk_shares(
        np.array([1.0, 1.0, 2.0]),
        np.array([0, 1, 0]),
        np.array([3, 4, 5]),
        np.array([0.2, 0.3, 0.5]),
        10,
    )
    assert found.n_eff == pytest.approx(16 / 6)
    assert found.raw.tolist() == [0.75, 0.25, 0]
    assert found.shrunk[0] == pytest.approx((16 / 6 * 0.75 + 2) / (16 / 6 + 10))
    assert found.shrunk.sum() == pytest.approx(1, abs=1e-15)
    # windows of one episode are no more than one observation
    overlapping = shrunk_shares(
        np.ones(4), np.array([0, 0, 0, 1]), np.array([3, 3, 3, 5]), np.array([0.2, 0.3, 0.5]), 10
    )
    assert overlapping.n_eff == pytest.approx(16 / 10)
    none = np.empty(0, int)
    nothing = shrunk_shares(np.empty(0), none, none, np.array([0.2, 0.3, 0.5]), 10)
    assert np.isnan(nothing.raw).all()
    assert nothing.n_eff == 0


def test_every_episode_weighs_the_same_in_the_base_rate() -> None:
    classes = np.array([0, 0, 0, 1, 2, 3, -1])
    episodes = np.array([4, 4, 4, 4, 0, 7, -1])
    np.testing.assert_allclose(base_rates(classes, episodes), [0.375, 0.125, 0.5])
    assert np.isnan(base_rates(np.array([3, -1]), np.array([0, -1]))).all()


def test_intervals_are_wilson_scores() -> None:
    for hits, n in ((0, 5), (3, 20), (20, 20), (50, 100)):
        expected = binomtest(hits, n).proportion_ci(method="wilson")
        assert wilson_interval(hits / n, n) == pytest.approx(
            (expected.low, expected.high), abs=1e-9
        )


@pytest.mark.parametrize("n", [2, 3, 40, 700])
def test_a_bound_of_independent_numbers_is_that_of_episodes_of_one_each(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    each, ones = np.arange(n)[np.newaxis], np.ones((1, n))
    expected = bounded_means(values[np.newaxis], each, ones, 1000, 7).lower[0]
    assert lower_mean(values, 1000, 7) == expected
