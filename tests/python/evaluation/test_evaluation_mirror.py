"""Which rows of the other direction a space may learn from, and which not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from spymaster.evaluation.directions import with_mirror
from spymaster.evaluation.read import Windows
from spymaster.evaluation.run_scopes import units_of
from spymaster_engine.statistics.evaluation.ablations import AblationParts, ablations
from spymaster_engine.statistics.evaluation.blocks import blocks
from spymaster_engine.statistics.evaluation.canaries import (
    shifted,
    with_days_of_labels_permuted,
    with_future_return,
)
from spymaster_engine.statistics.evaluation.judgement import Judgement
from spymaster_engine.statistics.evaluation.outcome_controls import (
    learned_claim,
    with_outcome_leaked,
    with_outcomes_redrawn,
)
from spymaster_engine.statistics.evaluation.samples import Samples, unit_windows
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN
from spymaster_engine.statistics.evaluation.walk_forward import MODELS, walk_forward
from spymaster_engine.statistics.retrieval.learned import Penalties
from spymaster_engine.statistics.retrieval.mirror import NO_IMAGE, Mirror
from spymaster_engine.statistics.retrieval.settings import LEVEL
from support.evaluation_market import ALL_USED, WIDTH, artificial_samples
from support.settings import protocol, retrieval_settings

PROTOCOL = protocol(used=ALL_USED, evaluation_warm_up_days=8, penalties=(Penalties(30.0, 30.0),))
OF_THE_SPACE = {"retrieval_learned", "logistic_space", "knn_permuted"}
COMPARED = {
    name: MODELS[name]
    for name in (*OF_THE_SPACE, "base_rate", "logistic_vector", "retrieval_robust_z", "knn_random")
}


@pytest.fixture(scope="module")
def market() -> tuple[Samples, np.ndarray]:
    """Few episodes a day, and as many again in the mirror, which follow the same odds."""
    samples, truth = artificial_samples(n_days=36, episodes_per_day=6)
    mirrored, _ = artificial_samples(n_days=36, episodes_per_day=6, seed=6)
    return replace(samples, mirrored=mirrored), truth


@pytest.fixture(scope="module")
def judged(market: tuple) -> tuple:
    samples, _ = market
    queries = unit_windows(samples)
    return samples, queries, walk_forward(samples, queries, PROTOCOL, COMPARED)


def same(odds: np.ndarray, other: np.ndarray, rows: np.ndarray) -> bool:
    return np.array_equal(odds[rows], other[rows], equal_nan=True)


def test_the_mirror_changes_only_the_learned_space(judged: tuple, market: tuple) -> None:
    samples, queries, odds = judged
    alone = walk_forward(samples.alone(), queries, PROTOCOL, COMPARED)
    one_direction = replace(PROTOCOL, settings=retrieval_settings(learned_mirrored=False))
    off = walk_forward(samples, queries, one_direction, COMPARED)
    for name in COMPARED:
        assert same(odds[name], alone[name], queries) == (name not in OF_THE_SPACE), name
        assert same(off[name], alone[name], queries), name
    skill = {
        name: Judgement.of(
            {"learned": found["retrieval_learned"], "base": found["base_rate"]},
            samples.outcome,
            samples.day,
            samples.episode,
            seed=7,
        ).skill("learned", "base")[0]
        for name, found in (("both", odds), ("alone", alone))
    }
    assert skill["both"] > skill["alone"] + 0.005


def test_later_days_in_the_mirror_change_nothing(judged: tuple) -> None:
    samples, queries, odds = judged
    mirrored = samples.mirrored
    # the day before is under embargo as well
    for first, last_same in ((20, 20), (19, 20)):
        later = mirrored.day >= first
        altered = replace(
            samples,
            mirrored=mirrored.with_columns(
                outcome=np.where(later, (mirrored.outcome + 1) % 3, mirrored.outcome),
                vector=np.where(later[:, None], 5.0 - mirrored.vector, mirrored.vector),
            ),
        )
        again = walk_forward(altered, queries, PROTOCOL, COMPARED)
        earlier = samples.day <= last_same
        for name in COMPARED:
            assert same(again[name], odds[name], earlier), name
        assert not same(again["retrieval_learned"], odds["retrieval_learned"], ~earlier)


def test_labels_in_the_mirror_that_look_into_the_day_are_purged(market: tuple) -> None:
    samples, _ = market
    mirrored = samples.mirrored
    lasting = mirrored.with_columns(
        label_end_s=np.where(mirrored.day == 3, samples.window_end_s.max(), mirrored.label_end_s)
    )
    for purge in (True, False):
        protocol = replace(PROTOCOL, purge=purge, library_days=20)
        for block, days in blocks(replace(samples, mirrored=lasting), protocol):
            known = set(mirrored.day[block.known_mirrored].tolist())
            expected = set(range(max(days[0] - 21, 0), days[0] - 1))
            assert known == (expected - {3} if purge else expected)


def test_the_placebo_deals_out_outcomes_in_the_mirror_too(market: tuple) -> None:
    samples, _ = market
    block, _ = next(iter(blocks(replace(samples, mirrored=samples), PROTOCOL)))
    band = block.bands[1]
    for real, dealt in (
        (band.training_set, band.shuffled),
        (band.training_set.mirrored, band.shuffled.mirrored),
    ):
        assert not np.array_equal(dealt.outcome, real.outcome)
        for day in np.unique(real.day):
            shares = [np.bincount(labels.outcome[labels.day == day]) for labels in (real, dealt)]
            assert np.array_equal(*shares)
    # the same windows on both sides of the mirror are dealt out differently
    assert np.array_equal(band.training_set.outcome, band.training_set.mirrored.outcome)
    assert not np.array_equal(band.shuffled.outcome, band.shuffled.mirrored.outcome)


def test_the_mirror_is_an_ablation(market: tuple) -> None:
    samples, _ = market
    width = samples.vector.shape[1]
    parts = AblationParts({"all": np.ones(width, np.bool_)}, np.zeros(4, np.bool_), {})
    variants = ablations(samples, parts, PROTOCOL)
    seeing = {name for name, (variant, _) in variants.items() if variant.mirrored is not None}
    assert seeing == {"with_mirror"}
    assert "with_mirror" not in ablations(samples.alone(), parts, PROTOCOL)


def test_planted_leaks_are_planted_in_the_mirror_too(market: tuple) -> None:
    samples, _ = market
    mirrored = samples.mirrored
    redrawn = with_outcomes_redrawn(samples, 3)
    assert (redrawn.mirrored.outcome != mirrored.outcome).any()
    assert not np.array_equal(redrawn.mirrored.outcome, redrawn.outcome)
    assert np.array_equal(redrawn.outcome, with_outcomes_redrawn(samples.alone(), 3).outcome)
    leaked = with_outcome_leaked(samples, 9.0, 1).mirrored
    assert np.array_equal(np.argmax(leaked.context[:, -3:], axis=1), mirrored.outcome)
    future = with_future_return(samples).mirrored.context[:, -1]
    assert future == pytest.approx(mirrored.mfe_ticks + mirrored.mae_ticks, rel=1e-5)
    assert np.array_equal(shifted(samples, 1).mirrored.vector, shifted(mirrored, 1).vector)
    permuted = with_days_of_labels_permuted(samples, 3)
    assert (permuted.mirrored.outcome != mirrored.outcome).any()
    # nothing known in the mirror is nothing to draw from
    unknown = replace(samples, mirrored=mirrored.with_columns(outcome=np.full(len(mirrored), -1)))
    assert (with_outcomes_redrawn(unknown, 3).mirrored.outcome == -1).all()


def test_an_empty_mirror_teaches_nothing() -> None:
    samples, _ = artificial_samples(n_days=30, strength=0.0)
    mirrored, _ = artificial_samples(n_days=30, strength=0.0, seed=6)
    both = replace(samples, mirrored=mirrored)
    claim = learned_claim(both, unit_windows(both), PROTOCOL)
    assert claim.verdict == NOT_SHOWN
    assert claim.skill_lo <= 0.0


def windows_of(samples: Samples, first_day: int) -> Windows:
    """Return windows of every other day from a first one, the third of each episode decided."""
    samples = samples.take(samples.day < 8)
    n = len(samples)
    days = np.datetime64("2025-10-01") + first_day + 2 * np.arange(8)
    key = pa.table({"row": np.arange(n), "dt": pa.array([dt.date(2025, 10, 1)] * n)})
    decided = np.arange(n) % 4 == 2
    return Windows(samples, key, ["a", "b", "c"], days, decided & (samples.episode % 3 == 0))


def test_decisions_are_learned_with_episodes_of_decisions_in_the_mirror(market: tuple) -> None:
    samples, _ = market
    own, other = windows_of(samples.alone(), 0), windows_of(samples.mirrored, 1)
    columns = (*range(WIDTH), WIDTH + 1, WIDTH, NO_IMAGE, WIDTH + 3)
    mirror = Mirror(columns, (-1,) + (1,) * (WIDTH + 3))
    both = with_mirror(own, other, mirror)
    seen = both.samples.mirrored
    assert np.array_equal(seen.vector[:, 0], -other.samples.vector[:, 0])
    assert np.array_equal(seen.vector[:, 1:], other.samples.vector[:, 1:])
    assert np.array_equal(seen.context[:, 0], other.samples.context[:, 1])
    assert np.isnan(seen.context[:, 2]).all()
    # the day between two days is known no sooner than the second
    assert np.array_equal(seen.day, other.samples.day + 1)
    everything, decisions = units_of(both, LEVEL)
    assert len(everything.windows.samples.mirrored) == len(seen)
    found = decisions.windows
    for rows, decided in (
        (found.samples, found.decisions),
        (found.samples.mirrored, found.mirrored_decisions),
    ):
        assert set(rows.episode) == set(rows.episode[decided])
        assert (rows.episode % 3 == 0).all()
    held = np.isin(seen.episode, seen.episode[other.decisions])
    assert np.array_equal(found.samples.mirrored.vector, seen.vector[held])
