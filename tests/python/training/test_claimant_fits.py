"""Fits of trees and of the named regression: artefacts, contributions, signs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from spymaster_engine.statistics.claimants import named_logistic, trees
from spymaster_engine.statistics.claimants.artefacts import AlteredArtefactError, content_hash
from spymaster_engine.statistics.claimants.boosting import TreeSettings
from spymaster_engine.statistics.claimants.matrices import Matrix
from spymaster_engine.statistics.claimants.named_logistic import FittedLogistic, LogisticSettings
from spymaster_engine.statistics.claimants.trees import FittedTrees
from spymaster_engine.statistics.retrieval.outcomes import BREAK, CHOP, REJECT
from support.claimant_walks import NAMES, market

SAMPLES = market()
INPUTS = Matrix(SAMPLES.vector, SAMPLES.day)
WEIGHT = np.full(len(SAMPLES), 0.25)
FEW = NAMES[:3]


@pytest.fixture(scope="module")
def forest() -> FittedTrees:
    settings = TreeSettings(NAMES, leaves=(4,), rounds=(10, 40))
    return trees.fit(INPUTS, SAMPLES.outcome, WEIGHT, 42, settings)


@pytest.fixture(scope="module")
def regression() -> FittedLogistic:
    inputs = Matrix(SAMPLES.vector[:, :3], SAMPLES.day)
    settings = LogisticSettings(FEW, (30.0,))
    return named_logistic.fit(inputs, SAMPLES.outcome, WEIGHT, 42, settings)


def test_contributions_sum_to_the_prediction(forest: FittedTrees) -> None:
    added = forest.contributions(INPUTS)
    assert added.shape == (len(INPUTS), len(NAMES) + 1)
    np.testing.assert_allclose(added.sum(axis=1), forest.log_odds(INPUTS), atol=1e-9)
    odds = forest.predict(INPUTS)
    log_odds = np.log(odds[:, BREAK] / odds[:, REJECT])
    np.testing.assert_allclose(log_odds, forest.log_odds(INPUTS), atol=1e-9)


def test_odds_are_odds(forest: FittedTrees, regression: FittedLogistic) -> None:
    few = Matrix(SAMPLES.vector[:5, :3], SAMPLES.day[:5])
    for odds in (forest.predict(INPUTS), regression.predict(few)):
        np.testing.assert_allclose(odds.sum(axis=1), 1.0, atol=1e-12)
        assert (odds > 0.0).all()


def test_the_regression_is_that_of_the_library(regression: FittedLogistic) -> None:
    values = SAMPLES.vector[:, :3]
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=1.0 / 30.0, max_iter=500)
    model.fit(scaler.transform(values), SAMPLES.outcome, WEIGHT)
    expected = model.predict_proba(scaler.transform(values))
    np.testing.assert_allclose(regression.predict(Matrix(values, SAMPLES.day)), expected, atol=1e-5)


def test_an_artefact_gives_the_same_odds(forest: FittedTrees, regression: FittedLogistic) -> None:
    few = Matrix(SAMPLES.vector[:, :3], SAMPLES.day)
    for fitted, module, inputs in ((forest, trees, INPUTS), (regression, named_logistic, few)):
        artefact = fitted.artefact()
        loaded = module.load(artefact, content_hash(artefact))
        np.testing.assert_array_equal(loaded.predict(inputs), fitted.predict(inputs))
        assert loaded.artefact().keys() == artefact.keys()


def test_an_artefact_altered_by_a_byte_is_refused(forest: FittedTrees) -> None:
    artefact = forest.artefact()
    sha256 = content_hash(artefact)
    text = bytearray(artefact["break.txt"])
    text[100] ^= 1
    with pytest.raises(AlteredArtefactError, match=sha256):
        trees.load(artefact | {"break.txt": bytes(text)}, sha256)


def test_a_certain_sign_holds_everywhere() -> None:
    """The data say that BREAK falls with v0; the sign that is certain says it rises."""
    values = np.random.default_rng(1).normal(size=(2_000, 2)).astype(np.float32)
    target = np.where(values[:, 0] > 0, REJECT, BREAK)
    target[::5] = CHOP
    inputs = Matrix(values, np.repeat(np.arange(20), 100))
    line = np.stack([np.linspace(-3, 3, 50), np.zeros(50)], axis=1).astype(np.float32)
    at = Matrix(line, np.zeros(50, np.int64))
    for certain, is_free in ((frozenset({"v0"}), False), (frozenset(), True)):
        settings = TreeSettings(("v0", "v1"), rises_with_break=certain, leaves=(4,), rounds=(20,))
        fitted = trees.fit(inputs, target, np.ones(2_000), 42, settings)
        assert (np.diff(fitted.log_odds(at)) < 0).any() == is_free


def test_few_days_take_the_default() -> None:
    rows = SAMPLES.day < 6
    settings = TreeSettings(NAMES, default=(4, 7))
    fitted = trees.fit(INPUTS.take(rows), SAMPLES.outcome[rows], WEIGHT[rows], 42, settings)
    assert fitted.chosen == {"chop": (4, 7), "break": (4, 7)}
