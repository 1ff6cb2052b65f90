"""Claimants know earlier days only, find what is planted, and nothing where nothing is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from spymaster_engine.statistics.claimants.artefacts import content_hash
from spymaster_engine.statistics.claimants.boosting import TreeSettings
from spymaster_engine.statistics.claimants.matrices import Matrix
from spymaster_engine.statistics.claimants.walk import Claimant, Features, Walk
from spymaster_engine.statistics.evaluation.neighbor_odds import shuffled_within_days
from spymaster_engine.statistics.evaluation.samples import Samples
from support.claimant_walks import (
    CLAIMANTS,
    LOGISTIC,
    NAMES,
    PROTOCOL,
    day_rows,
    features_of,
    judged,
    market,
    walked,
)
from support.evaluation_market import artificial_samples

FIRST_JUDGED = PROTOCOL.evaluation_warm_up_days + PROTOCOL.embargo_days


@pytest.fixture(scope="module")
def samples() -> Samples:
    return market()


@pytest.fixture(scope="module")
def walk(samples: Samples) -> Walk:
    return walked(samples)


class Spy:
    """A claimant that keeps what it is given and states a third for each outcome."""

    def __init__(self) -> None:
        self.inputs: list[Matrix] = []
        self.weights: list[np.ndarray] = []

    def fit(self, inputs: Matrix, target: np.ndarray, weight: np.ndarray, *_: object) -> Spy:
        self.inputs.append(inputs)
        self.weights.append(weight)
        return self

    def predict(self, inputs: Matrix) -> np.ndarray:
        return np.full((len(inputs), 3), 1.0 / 3.0)

    def artefact(self) -> dict[str, bytes]:
        return {}


def learned_from(samples: Samples, purge: bool = True) -> Spy:
    """Return what a claimant with the number of each window as its feature is given."""
    numbers = np.arange(len(samples), dtype=np.float32)[:, None]
    spy = Spy()
    claimant = Claimant("spy", "all", ("number",), spy.fit, None)
    walked(samples, Features(("number",), numbers), [claimant], purge)
    return spy


def test_the_embargo_leaves_out_a_day(samples: Samples) -> None:
    spy = learned_from(samples)
    first, second = (int(inputs.day.max()) for inputs in spy.inputs)
    assert first == FIRST_JUDGED - PROTOCOL.embargo_days - 1
    assert second == first + PROTOCOL.settings.learned_refit_days


def test_a_label_that_looks_into_the_judged_day_is_left_out(samples: Samples) -> None:
    """A planted overlap: all labels of an early day end with the market."""
    label_end_s = samples.label_end_s.copy()
    label_end_s[samples.day == 3] = samples.window_end_s.max()
    overlapping = samples.with_columns(label_end_s=label_end_s)
    days = [np.unique(learned_from(overlapping, purge).inputs[0].day) for purge in (True, False)]
    np.testing.assert_array_equal(days[0], [0, 1, 2, *range(4, 12)])
    np.testing.assert_array_equal(days[1], range(12))


def test_episodes_weigh_the_same(samples: Samples) -> None:
    spy = learned_from(samples)
    rows = spy.inputs[0].values[:, 0].astype(int)
    totals = np.bincount(samples.episode[rows], spy.weights[0])
    np.testing.assert_allclose(totals[totals > 0], 1.0)


@pytest.mark.parametrize("claimant", [claimant.name for claimant in CLAIMANTS])
def test_what_is_planted_is_found(samples: Samples, walk: Walk, claimant: str) -> None:
    claim = judged(walk, samples).claim(claimant)
    assert claim.skill > 0.05
    assert claim.skill_lo > 0.0


@pytest.mark.long
def test_trees_find_most_of_what_can_be_known() -> None:
    """Sixty days of 24 approaches: at least 0.6 of what the true odds gain; nothing is no claim."""
    for strength in (1.0, 0.0):
        samples, truth = artificial_samples(
            n_days=60, episodes_per_day=24, strength=strength, seed=11
        )
        tree = replace(CLAIMANTS[1], settings=TreeSettings(NAMES))
        walk = walked(samples, claimants=[tree])
        known = np.where(np.isfinite(walk.odds["trees"]), truth, np.nan)
        judgement = judged(Walk({**walk.odds, "truth": known}, walk.models), samples)
        claim = judgement.claim("trees")
        assert claim.verdict == ("useful" if strength else "not shown")
        if strength:
            gain, low, _ = judgement.skill("trees", "base_rate")
            assert gain > 0.6 * judgement.skill("truth", "base_rate")[0]
            assert low > 0.0


def test_shuffled_outcomes_give_nothing(samples: Samples) -> None:
    generator = np.random.default_rng(3)
    outcome = shuffled_within_days(samples.outcome, samples.episode, samples.day, generator)
    shuffled = samples.with_columns(outcome=outcome)
    judgement = judged(walked(shuffled), shuffled)
    for claimant in CLAIMANTS:
        gain, low, _ = judgement.skill(claimant.name, "base_rate")
        assert gain < 0.03
        assert low < 0.0


def test_a_feature_that_knows_the_outcome_is_noticed(samples: Samples, walk: Walk) -> None:
    """Its gain is far beyond what the true odds allow."""
    leaked = samples.vector.copy()
    leaked[:, 5] = samples.outcome
    with_leak = walked(samples, Features(NAMES, leaked))
    for claimant in CLAIMANTS:
        before, after = (
            judged(found, samples).skill(claimant.name, "base_rate")[0]
            for found in (walk, with_leak)
        )
        assert after > before + 0.2


def test_two_walks_are_equal(samples: Samples, walk: Walk) -> None:
    again = walked(samples)
    for name, odds in walk.odds.items():
        np.testing.assert_array_equal(odds, again.odds[name])
    hashes = [
        [content_hash(model.fitted.artefact()) for model in found.models] for found in (walk, again)
    ]
    assert hashes[0] == hashes[1]
    assert len(set(hashes[0])) == len(hashes[0]) == 4


def test_a_changed_day_changes_nothing_before_it(samples: Samples, walk: Walk) -> None:
    changed_day = 17
    generator = np.random.default_rng(8)
    own = samples.day >= changed_day
    vector, outcome = samples.vector.copy(), samples.outcome.copy()
    vector[own] = generator.normal(size=vector[own].shape)
    outcome[own] = generator.integers(0, 3, own.sum())
    changed = samples.with_columns(vector=vector, outcome=outcome)
    found = walked(changed)
    for day in range(FIRST_JUDGED, changed_day):
        rows = day_rows(samples, day)
        for claimant in CLAIMANTS:
            stated = walk.odds[claimant.name][rows]
            assert np.isfinite(stated).all()
            np.testing.assert_array_equal(stated, found.odds[claimant.name][rows])
    late = day_rows(samples, 23)
    assert not np.array_equal(walk.odds["trees"][late], found.odds["trees"][late])


def test_the_mirror_is_learned_from(samples: Samples) -> None:
    """Twice the rows, and those of the mirror only up to the day of the own ones."""
    mirrored = market(seed=6)
    numbers = np.zeros((len(samples), 1), np.float32)
    spy = Spy()
    both = samples.changed(lambda part: part)
    both = type(both)(**both.columns(), mirrored=mirrored)
    claimant = Claimant("spy", "all", ("is_mirror",), spy.fit, None)
    walked(both, Features(("is_mirror",), numbers, numbers + 1.0), [claimant])
    is_mirror = spy.inputs[0].values[:, 0]
    assert is_mirror.mean() == 0.5
    assert (np.diff(spy.inputs[0].day) >= 0).all()
    assert spy.inputs[0].day[is_mirror == 1.0].max() == FIRST_JUDGED - PROTOCOL.embargo_days - 1


def test_unknown_values_are_stated_too(samples: Samples) -> None:
    holes = samples.vector.copy()
    holes[::3, 1] = np.nan
    holes[:, 4] = np.nan
    found = walked(samples, Features(NAMES, holes), [LOGISTIC])
    rows = day_rows(samples, 23)
    np.testing.assert_allclose(found.odds[LOGISTIC.name][rows].sum(axis=1), 1.0)
    assert features_of(samples).own is samples.vector
