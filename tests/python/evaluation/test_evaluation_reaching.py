"""Chances of reaching the level, against the base rate of the distance as of each day."""

from __future__ import annotations

import numpy as np
import pytest
from naive import retrieval as naive
from spymaster_engine.statistics.evaluation.first_passage import first_passage
from spymaster_engine.statistics.evaluation.model_odds import MODELS
from spymaster_engine.statistics.evaluation.reaching import chances_of_reaching, reaching_metrics
from spymaster_engine.statistics.evaluation.samples import (
    CENSORED,
    NOT_REACHED,
    Samples,
    unit_windows,
)
from spymaster_engine.statistics.evaluation.walk_forward import walk_forward
from spymaster_engine.statistics.retrieval.learned import Penalties
from support.evaluation_market import ALL_USED, artificial_samples
from support.settings import protocol

PROTOCOL = protocol(
    used=ALL_USED,
    evaluation_warm_up_days=8,
    learned_refit_days=8,
    penalties=(Penalties(30.0, 30.0),),
)


@pytest.fixture(scope="module")
def samples() -> Samples:
    """Episodes whose distant windows reach the level if an element of the vector is large."""
    drawn, _ = artificial_samples(n_days=20, episodes_per_day=14, seed=9)
    generator = np.random.default_rng(2)
    outcome = drawn.outcome.copy()
    is_far = drawn.x0_ticks < -2
    vector = drawn.vector.copy()
    vector[:, 0] *= 3
    outcome[is_far & (vector[:, 0] + generator.normal(size=len(outcome)) < 0)] = NOT_REACHED
    reached = np.where(outcome == NOT_REACHED, 0.0, 1.0)
    # some paths are cut off after price reached the level, some before
    cut = generator.random(len(outcome))
    outcome[(cut < 0.06) & (outcome != NOT_REACHED)] = CENSORED
    outcome[cut < 0.03] = CENSORED
    reached[cut < 0.03] = np.nan
    return drawn.with_columns(outcome=outcome, vector=vector, reached=reached)


@pytest.fixture(scope="module")
def answers(samples: Samples) -> dict[str, np.ndarray]:
    chosen = {name: MODELS[name] for name in ("retrieval_robust_z", "first_passage")}
    return walk_forward(samples, queries(samples), PROTOCOL, {**chosen, "r": chances_of_reaching})


def queries(samples: Samples) -> np.ndarray:
    return unit_windows(samples)


def test_chances_lean_on_the_distance_and_learn_from_neighbors(
    samples: Samples, answers: dict[str, np.ndarray]
) -> None:
    judged = queries(samples)
    metrics = {
        (metric.model, metric.metric): metric
        for metric in reaching_metrics(answers["r"], samples, judged, 7)
    }
    known = np.isfinite(answers["r"]).all(axis=1)
    assert known.sum() > 100
    near = known & (samples.x0_ticks >= -2)
    assert (answers["r"][near] == 1).all()
    # the vector says more than the distance does
    assert metrics["retrieval_learned", "reached_skill_vs_base_rate_by_distance"].lo > 0
    share = metrics["base_rate", "reached_share"]
    assert share.lo < share.value < share.hi
    losses = [
        metrics[model, "reached_log_loss"].value
        for model in ("retrieval_learned", "base_rate_by_distance")
    ]
    assert losses[0] < losses[1]


def test_the_base_rate_uses_earlier_days_and_the_same_distance(
    samples: Samples, answers: dict[str, np.ndarray]
) -> None:
    names = dict(enumerate(naive.CLASSES)) | {NOT_REACHED: "NOT_REACHED", CENSORED: "CENSORED"}
    rows = [
        {
            "day": int(samples.day[row]),
            "episode": int(samples.episode[row]),
            # distances between the bands belong to none of them
            "band": band_of(samples.x0_ticks[row]),
            "labels": {
                "h": {
                    "outcome_reached": names[int(samples.outcome[row])],
                    "reached": None
                    if np.isnan(samples.reached[row])
                    else bool(samples.reached[row]),
                }
            },
        }
        for row in range(len(samples))
    ]
    for row in np.flatnonzero(np.isfinite(answers["r"]).all(axis=1))[::29]:
        library = [
            earlier for earlier in rows if earlier["day"] < samples.day[row] - PROTOCOL.embargo_days
        ]
        rates = naive.base_rates(library, "h", band_of(samples.x0_ticks[row]))
        assert answers["r"][row, 2] == pytest.approx(rates["REACHED"], rel=1e-12)


def band_of(x0_ticks: float) -> str | None:
    return naive.band_of(round(x0_ticks)) if float(x0_ticks).is_integer() else None


def test_the_random_walk_starts_at_the_level(
    samples: Samples, answers: dict[str, np.ndarray]
) -> None:
    rows = np.flatnonzero(np.isfinite(answers["first_passage"][:, 0]) & (samples.x0_ticks < -2))
    assert len(rows)
    from_there = first_passage(
        np.full(len(rows), -2.0),
        samples.barrier_ticks[rows],
        samples.horizon_s[rows],
        samples.rival[rows, 3],
    )
    np.testing.assert_allclose(answers["first_passage"][rows], from_there, rtol=1e-9)
