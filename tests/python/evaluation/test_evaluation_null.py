"""No claim on random outcomes, by code that does claim on leaked outcomes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from spymaster_engine.statistics.evaluation.outcome_controls import (
    learned_claim,
    with_outcome_leaked,
    with_outcomes_redrawn,
)
from spymaster_engine.statistics.evaluation.samples import unit_windows
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, USEFUL
from spymaster_engine.statistics.retrieval.learned import Penalties
from support.evaluation_market import artificial_samples
from support.settings import protocol

DRAWS, LEAST_NOT_SHOWN = 10, 9
# strength of the outcome that the control leaks into the context
LEAK = 0.45
PROTOCOL = protocol(
    used=(True,) * 12,
    evaluation_warm_up_days=6,
    learned_refit_days=8,
    penalties=(Penalties(10.0, 10.0),),
)


@pytest.fixture(scope="module")
def market():
    samples, mirrored = (
        artificial_samples(n_days=45, windows=2, width=12, strength=0.0, seed=seed)[0]
        for seed in (5, 6)
    )
    return replace(samples, mirrored=mirrored), unit_windows(samples)


def test_nothing_is_claimed_of_redrawn_outcomes(market: tuple) -> None:
    samples, queries = market
    claims = [
        learned_claim(with_outcomes_redrawn(samples, seed), queries, PROTOCOL)
        for seed in range(DRAWS)
    ]
    assert sum(claim.verdict == NOT_SHOWN for claim in claims) >= LEAST_NOT_SHOWN
    assert np.mean([claim.skill for claim in claims]) < 0.0


def test_the_same_code_claims_a_leaked_outcome(market: tuple) -> None:
    samples, queries = market
    claims = [
        learned_claim(
            with_outcome_leaked(with_outcomes_redrawn(samples, seed), LEAK, seed), queries, PROTOCOL
        )
        for seed in range(3)
    ]
    assert [claim.verdict for claim in claims] == [USEFUL] * 3
    assert min(claim.skill_lo for claim in claims) > 0.0


def test_redrawn_outcomes_keep_vectors_shares_and_episodes(market: tuple) -> None:
    samples, _ = market
    redrawn = with_outcomes_redrawn(samples, 3)
    assert redrawn.vector is samples.vector
    assert (redrawn.outcome != samples.outcome).any()
    for episode in np.unique(samples.episode)[:50]:
        assert len(np.unique(redrawn.outcome[samples.episode == episode])) == 1
    shares = [
        np.bincount(labels.outcome, minlength=3) / len(samples) for labels in (samples, redrawn)
    ]
    assert shares[1] == pytest.approx(shares[0], abs=0.08)
    assert np.array_equal(with_outcomes_redrawn(samples, 3).outcome, redrawn.outcome)
