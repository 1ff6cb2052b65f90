"""Venn-Abers intervals and beta calibration."""

from __future__ import annotations

import numpy as np
import pytest
from naive.venn_abers import interval
from spymaster_engine.statistics.claimants.beta_calibration import (
    LEAST_ISOTONIC,
    beta,
    calibrated_claim,
)
from spymaster_engine.statistics.claimants.venn_abers import (
    VennAbers,
    class_intervals,
    intervals_by_day,
)


@pytest.mark.parametrize("seed", range(8))
def test_an_interval_is_that_of_two_isotonic_regressions(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n = int(draw.integers(1, 60))
    # coarse scores have ties, also with the new cases
    scores = np.round(draw.random(n), int(draw.integers(1, 4)))
    hits = (draw.random(n) < scores).astype(np.int64)
    weights = draw.choice([0.25, 0.5, 1.0], n)
    new = np.concatenate([np.round(draw.random(20), 1), scores[:5], [-1.0, 2.0]])
    found = VennAbers.fit(scores, hits, weights).interval(new)
    expected = np.array([interval(scores, hits, weights, one) for one in new])
    assert np.stack(found, axis=1) == pytest.approx(expected, abs=1e-12)
    assert (found.p0 <= found.p1).all()
    point = found.point()
    assert ((found.p0 <= point) & (point <= found.p1)).all()


def test_of_equal_scores_the_interval_counts_the_new_case_both_ways() -> None:
    found = VennAbers.fit(np.full(8, 0.3), np.array([1, 1] + [0] * 6), np.ones(8)).interval(
        np.array([0.3])
    )
    assert found.p0 == pytest.approx([2 / 9])
    assert found.p1 == pytest.approx([3 / 9])


def test_exchangeable_cases_come_true_within_the_bounds() -> None:
    # labels are 1 with chance score squared: stated scores are wrong, intervals are not
    draw = np.random.default_rng(3)
    scores = draw.random(6_000)
    hits = (draw.random(6_000) < scores**2).astype(np.int64)
    found = VennAbers.fit(scores[:2_000], hits[:2_000], np.ones(2_000)).interval(scores[2_000:])
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 1.0)):
        inside = (scores[2_000:] >= low) & (scores[2_000:] < high)
        share = hits[2_000:][inside].mean()
        error = 4.0 * np.sqrt(0.25 / inside.sum())
        assert found.p0[inside].mean() - error < share < found.p1[inside].mean() + error
        assert abs(scores[2_000:][inside].mean() - share) > 0.05
    narrow = VennAbers.fit(scores[:100], hits[:100], np.ones(100)).interval(scores[2_000:])
    assert (narrow.p1 - narrow.p0).mean() > 3.0 * (found.p1 - found.p0).mean()


def odds(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    true = draw.dirichlet([2.0, 2.0, 2.0], n)
    outcome = (draw.random((n, 1)) > np.cumsum(true, axis=1)).sum(axis=1)
    return true, outcome


def test_intervals_of_a_day_know_earlier_days_only() -> None:
    probability, outcome = odds(600, 1)
    day = np.repeat(np.arange(6), 100)
    found = intervals_by_day(probability, outcome, np.ones(600), day)
    assert np.isnan(found.p0[:200]).all()
    assert np.isfinite(found.p0[200:]).all()
    later = np.where(day >= 4, (outcome + 1) % 3, outcome)
    changed = intervals_by_day(probability, later, np.ones(600), day)
    assert np.array_equal(found.p0[:500], changed.p0[:500], equal_nan=True)
    assert not np.array_equal(found.p0[500:], changed.p0[500:])
    last = class_intervals(probability[:500], outcome[:500], np.ones(500), probability[500:])
    assert np.array_equal(last.p1, found.p1[500:])


def test_beta_calibration_finds_the_planted_curve() -> None:
    draw = np.random.default_rng(5)
    stated = draw.uniform(0.05, 0.95, 9_000)
    log_odds = 2.0 * np.log(stated) - 0.5 * np.log(1.0 - stated) + 0.3
    hit = (draw.random(9_000) < 1.0 / (1.0 + np.exp(-log_odds))).astype(np.int64)
    curve = beta(stated, hit, np.ones(9_000))
    assert (curve.a, curve.b, curve.c) == pytest.approx((2.0, 0.5, 0.3), abs=0.3)


def test_a_curve_never_falls() -> None:
    draw = np.random.default_rng(6)
    stated = draw.uniform(0.05, 0.95, 2_000)
    hit = (draw.random(2_000) > stated).astype(np.int64)
    curve = beta(stated, hit, np.ones(2_000))
    assert (np.diff(curve(np.linspace(0.0, 1.0, 101))) >= 0.0).all()
    assert curve(np.array([0.5])) == pytest.approx([hit.mean()], abs=0.02)


def test_isotonic_maps_wait_for_more_rows() -> None:
    n = LEAST_ISOTONIC + 300
    probability, outcome = odds(n, 2)
    day = np.arange(n) // 100
    weight = np.ones(n)
    steps = calibrated_claim(probability, outcome, weight, day, "isotonic")
    curves = calibrated_claim(probability, outcome, weight, day, "beta")
    few = day * 100 <= LEAST_ISOTONIC
    assert np.isnan(steps[few]).all()
    assert np.isfinite(steps[~few]).all()
    assert np.isfinite(curves[day >= 2]).all()
    assert curves[day >= 2].sum(axis=1) == pytest.approx(1.0)
