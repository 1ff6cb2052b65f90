"""Trees with retrieval: the blend by hand, and a stack that learns from earlier days."""

from __future__ import annotations

import numpy as np
import pytest
from spymaster_engine.statistics.claimants.ensembles import blended, stacked
from spymaster_engine.statistics.evaluation.scores import log_loss

TREES = np.array([[0.6, 0.3, 0.1]])
EVEN = np.full((1, 3), 1.0 / 3.0)
CERTAIN = np.array([[1.0, 0.0, 0.0]])


@pytest.mark.parametrize(
    ("retrieval", "similarity", "weight"),
    [
        # 0.7 - 0.4 * 1 + 0.4 * 1
        (EVEN, 1.0, 0.7),
        # 0.7 - 0.4 * 0.25
        (CERTAIN, 0.25, 0.6),
        # 1.1 - 0.2 is cut off
        (EVEN, 0.5, 0.8),
        (CERTAIN, 1.0, 0.3),
        (CERTAIN, np.nan, 0.8),
    ],
)
def test_the_weight_follows_the_rule(
    retrieval: np.ndarray, similarity: float, weight: float
) -> None:
    found = blended(TREES, retrieval, np.array([similarity]))
    np.testing.assert_allclose(found, weight * TREES + (1 - weight) * retrieval, atol=1e-9)


def test_a_stack_trusts_the_part_that_knows() -> None:
    """One part knows the odds, the other states noise; days before 200 rows have no stack."""
    generator = np.random.default_rng(4)
    n, per_day = 1_200, 40
    scores = generator.normal(size=(n, 3))
    truth = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    outcome = (generator.random((n, 1)) > np.cumsum(truth, axis=1)[:, :2]).sum(axis=1)
    noise = generator.dirichlet([1.0, 1.0, 1.0], n)
    day = np.arange(n) // per_day
    weight = np.ones(n)
    found = stacked([noise, truth], outcome, weight, day)
    assert np.isnan(found[day < 5]).all()
    late = day >= 20
    np.testing.assert_allclose(found[late].sum(axis=1), 1.0)
    losses = {
        name: log_loss(odds[late], outcome[late]).mean()
        for name, odds in (("stack", found), ("truth", truth), ("noise", noise))
    }
    assert losses["stack"] < losses["truth"] + 0.03
    assert losses["stack"] < losses["noise"] - 0.2
    # a changed day changes nothing of the days until then
    changed = outcome.copy()
    changed[day == 20] = 0
    again = stacked([noise, truth], changed, weight, day)
    np.testing.assert_array_equal(again[day <= 20], found[day <= 20])
    assert not np.array_equal(again[day > 20], found[day > 20])
