"""Walk-forward on markets with known odds: it finds them, and nothing in random markets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from spymaster_engine.statistics.evaluation.blocks import blocks
from spymaster_engine.statistics.evaluation.judgement import Judgement
from spymaster_engine.statistics.evaluation.samples import (
    UNIT_DISTANCES_TICKS,
    first_within,
    path_codes,
    unit_windows,
)
from spymaster_engine.statistics.evaluation.scores import log_loss
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, USEFUL
from spymaster_engine.statistics.evaluation.walk_forward import MODELS, walk_forward
from spymaster_engine.statistics.retrieval.fits import Past, fit_space
from spymaster_engine.statistics.retrieval.learned import (
    Examples,
    Penalties,
    fit_learned_space,
)
from spymaster_engine.statistics.retrieval.near_and_far import (
    FOLDS,
    near_and_far,
    spread_over_episodes,
)
from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from spymaster_engine.statistics.retrieval.visible_blocks import (
    VisibleBlocks,
    columns_of_values,
    elements_of_values,
)
from support.evaluation_market import ALL_USED, artificial_samples
from support.settings import protocol

PROTOCOL = protocol(
    used=ALL_USED,
    evaluation_warm_up_days=8,
    penalties=tuple(Penalties(vector, 30.0) for vector in (3.0, 30.0, 300.0)),
)


@pytest.fixture(scope="module")
def market() -> tuple:
    return artificial_samples(n_days=40)


@pytest.fixture(scope="module")
def judged(market: tuple) -> tuple:
    samples, truth = market
    queries = unit_windows(samples)
    return samples, queries, truth, walk_forward(samples, queries, PROTOCOL)


def judgement(samples, odds) -> Judgement:
    return Judgement.of(odds, samples.outcome, samples.day, samples.episode, seed=7)


def examples_of(samples) -> Examples:
    """Return samples of four windows an episode as they are, to learn from."""
    weight = np.full(len(samples), 0.25)
    context = np.nan_to_num(samples.context)
    return Examples(samples.vector, context, samples.outcome, samples.day, weight)


def test_every_model_states_odds_of_every_judged_window(judged: tuple) -> None:
    samples, queries, _, odds = judged
    judged_rows = queries & (
        samples.day >= PROTOCOL.evaluation_warm_up_days + PROTOCOL.embargo_days
    )
    assert set(odds) == set(MODELS)
    for name, model_odds in odds.items():
        assert np.array_equal(np.isfinite(model_odds[:, 0]), judged_rows), name
        assert model_odds[judged_rows].sum(axis=1) == pytest.approx(1.0, abs=1e-6), name
        assert (model_odds[judged_rows] >= 0).all(), name


def test_learned_retrieval_is_useful_in_a_learnable_market(judged: tuple) -> None:
    samples, _, truth, odds = judged
    claim = judgement(samples, odds).claim("retrieval_learned")
    assert claim.verdict == USEFUL
    with_truth = judgement(samples, {**odds, "truth": truth})
    possible, *_ = with_truth.skill("truth", "base_rate")
    reached, *_ = with_truth.skill("retrieval_learned", "base_rate")
    assert 0.4 * possible < reached < possible


def test_placebos_have_no_skill(judged: tuple) -> None:
    samples, _, _, odds = judged
    whole = judgement(samples, odds)
    for name in ("knn_random", "knn_permuted"):
        assert whole.skill(name, "base_rate")[1] <= 0.0
        assert whole.claim(name).verdict == NOT_SHOWN


def test_nothing_is_found_in_a_random_market() -> None:
    samples, _ = artificial_samples(n_days=30, strength=0.0)
    odds = walk_forward(samples, unit_windows(samples), PROTOCOL)
    for name in MODELS:
        assert judgement(samples, odds).claim(name).verdict == NOT_SHOWN, name


def test_later_days_change_nothing(judged: tuple) -> None:
    samples, queries, _, odds = judged
    later = samples.day >= 20
    generator = np.random.default_rng(1)
    altered = samples.with_columns(
        outcome=np.where(later, generator.integers(0, 3, len(samples)), samples.outcome),
        vector=np.where(later[:, None], 5.0 - samples.vector, samples.vector),
    )
    again = walk_forward(altered, queries, PROTOCOL)
    for name in MODELS:
        assert np.array_equal(again[name][~later], odds[name][~later], equal_nan=True), name
        assert not np.array_equal(again[name][later], odds[name][later], equal_nan=True) or (
            name == "first_passage"
        )


def test_the_day_before_is_under_embargo(judged: tuple) -> None:
    samples, queries, _, odds = judged
    before = samples.day == 19
    altered = samples.with_columns(
        outcome=np.where(before, (samples.outcome + 1) % 3, samples.outcome)
    )
    again = walk_forward(altered, queries, PROTOCOL)
    day = samples.day == 20
    assert all(np.array_equal(again[name][day], odds[name][day], equal_nan=True) for name in MODELS)


def test_labels_that_look_into_the_day_are_purged(market: tuple) -> None:
    samples, _ = market
    known = samples.day == 3
    lasting = samples.with_columns(
        label_end_s=np.where(known, samples.window_end_s.max(), samples.label_end_s)
    )
    for purge in (True, False):
        found = [block.fitted for block, _ in blocks(lasting, replace(PROTOCOL, purge=purge))]
        assert any(np.isin(np.flatnonzero(known), rows).any() for rows in found) != purge


def test_judged_windows_are_the_first_at_each_distance(market: tuple) -> None:
    samples, _ = market
    for distance in (np.inf, *UNIT_DISTANCES_TICKS):
        chosen = np.flatnonzero(first_within(samples, distance))
        for row in chosen[:50]:
            earlier = (samples.episode == samples.episode[row]) & (
                samples.window_end_s < samples.window_end_s[row]
            )
            assert (np.abs(samples.x0_ticks[earlier]) > distance).all()
        assert len(np.unique(samples.episode[chosen])) == len(chosen)


def test_the_windows_fitted_per_episode_are_limited(market: tuple) -> None:
    samples, _ = market
    chosen = spread_over_episodes(samples.episode, 3)
    assert (np.bincount(samples.episode[chosen]) == 3).all()
    assert (np.diff(chosen) > 0).all()


def test_library_rows_are_placed_without_their_own_day(market: tuple) -> None:
    samples, _ = market
    rows = samples.take(samples.day < 20)
    penalties = (Penalties(30.0, 30.0),)
    context = np.nan_to_num(rows.context)
    space = fit_learned_space(examples_of(rows), penalties)
    fold = rows.day % FOLDS == 2
    changed = np.where(fold, (rows.outcome + 1) % 3, rows.outcome)
    again = fit_learned_space(examples_of(rows.with_columns(outcome=changed)), penalties)
    # but for the middle, which all rows share
    places, changed_places = (
        fit.library - fit.place(rows.vector, context).mean(axis=0) for fit in (space, again)
    )
    assert changed_places[fold] == pytest.approx(places[fold])
    assert not np.allclose(changed_places[~fold], places[~fold], atol=0.01)


def test_places_are_the_log_odds_of_the_model(market: tuple) -> None:
    samples, _ = market
    rows = samples.take(samples.day < 20)
    context = np.nan_to_num(rows.context)
    penalties = Penalties(9.0, 25.0)
    space = fit_learned_space(examples_of(rows), (penalties,))
    places = space.place(rows.vector, context)
    inputs = np.concatenate([rows.vector / 3.0, context / 5.0], axis=1)
    odds = np.exp(places) / np.exp(places).sum(axis=1, keepdims=True)
    assert odds == pytest.approx(space.model.predict_proba(inputs), abs=1e-4)
    assert places.sum(axis=1) == pytest.approx(0.0, abs=1e-9)
    # the loss that chooses the penalties is the one of the left-out days
    left_out = space.library - space.fold_shifts[rows.day % FOLDS]
    out = np.exp(left_out) / np.exp(left_out).sum(axis=1, keepdims=True)
    assert space.loss[penalties] == pytest.approx(log_loss(out, rows.outcome).mean(), rel=1e-4)


def test_an_unseen_outcome_is_unlikely(market: tuple) -> None:
    samples, _ = market
    rows = samples.take((samples.day < 20) & (samples.outcome != CLASSES.index("CHOP")))
    context = np.nan_to_num(rows.context)
    space = fit_learned_space(examples_of(rows), (Penalties(30.0, 30.0),))
    assert (np.argmin(space.place(rows.vector, context), axis=1) == CLASSES.index("CHOP")).all()


@pytest.mark.parametrize(("width", "n_features"), [(672, 24), (700, 25)])
def test_block_values_are_separated_from_the_rest_of_a_vector(width: int, n_features: int) -> None:
    blocks_of_vector = ("w0", "w3_mean", "w3_delta", "w9_mean", "w9_delta", "w24_mean", "w24_delta")
    names = [
        f"{block}__{order}"
        for block in blocks_of_vector
        for _ in range(n_features)
        for order in ("value", "d1", "d2", "d3")
    ]
    for seen in (["w3_mean"], ["w0", "w24_mean"], blocks_of_vector):
        expected = [name.endswith("value") and name.split("__")[0] in seen for name in names]
        numbers = [blocks_of_vector.index(block) for block in seen]
        assert elements_of_values(width, 7, numbers).tolist() == expected


def test_few_episodes_are_shown_few_blocks() -> None:
    visible = VisibleBlocks(n_blocks=7, few=(1,), enough_episodes=100)
    assert visible.blocks(99) == (1,)
    assert visible.blocks(100) == (0, 1, 3, 5)
    counts = columns_of_values(672 + 3, 3, visible, 99)
    assert counts.sum() == 24 + 3
    assert counts[-3:].all()
    assert columns_of_values(672 + 3, 3, visible, 100).sum() == 4 * 24 + 3


def test_a_vector_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="7 blocks does not have 40 elements"):
        elements_of_values(40, 7, [1])


def test_unused_columns_change_nothing(market: tuple) -> None:
    samples, _ = market
    rows = samples.take(samples.day < 20)
    inputs = np.concatenate([rows.vector, rows.context], axis=1)
    counts = np.arange(inputs.shape[1]) < 5
    counts[-rows.context.shape[1] :] = True
    altered = np.where(counts, inputs, np.float32(7.0))
    places = [
        fit_space(
            Past(vectors, rows.outcome, rows.day, rows.episode),
            counts,
            rows.context.shape[1],
            penalties=(Penalties(30.0, 30.0),),
        ).place(vectors)
        for vectors in (inputs, altered)
    ]
    assert np.array_equal(*places)
    assert np.ptp(places[0]) > 0


def test_every_distance_is_near_or_far() -> None:
    near, far = near_and_far(4)
    distances = np.array([0, 1, -4, 5, -20])
    assert near.hold(distances).tolist() == [True, True, True, False, False]
    assert (far.hold(distances) != near.hold(distances)).all()


def test_a_library_of_the_latest_days_only(market: tuple) -> None:
    samples, _ = market
    short = replace(PROTOCOL, library_days=6)
    for block, days in blocks(samples, short):
        known = np.unique(samples.day[block.known])
        assert known.tolist() == list(range(days[0] - 7, days[0] - 1))


def test_episodes_that_begin_together_share_a_path(market: tuple) -> None:
    samples, _ = market
    # ten minutes apart they do not
    assert len(np.unique(path_codes(samples))) == len(np.unique(samples.episode))
    together = samples.with_columns(window_end_s=samples.day * 86_400 + 50_000)
    assert len(np.unique(path_codes(together))) == len(np.unique(samples.day))
