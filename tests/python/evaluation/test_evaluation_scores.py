"""Scores, first passage, intervals and calibration against numbers found another way."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.metrics import roc_auc_score
from spymaster_engine.statistics.evaluation import scores
from spymaster_engine.statistics.evaluation.bootstrap import (
    day_counts,
    episode_weights,
    interval,
    resampled_means,
)
from spymaster_engine.statistics.evaluation.calibration import LEAST_PREDICTIONS, MAPS, calibrated
from spymaster_engine.statistics.evaluation.first_passage import FLOOR, first_passage
from spymaster_engine.statistics.evaluation.reliability import Reliability, chance_errors
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, TOO_FEW, USEFUL, verdict

BREAK, REJECT, CHOP = range(3)


def drawn(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return odds and outcomes that follow them."""
    generator = np.random.default_rng(seed)
    odds = generator.dirichlet([2.0, 2.0, 2.0], n)
    outcome = (generator.random((n, 1)) > np.cumsum(odds, axis=1)[:, :2]).sum(axis=1)
    return odds, outcome


def test_scores_of_one_forecast_by_hand() -> None:
    odds = np.array([[0.5, 0.3, 0.2]])
    outcome = np.array([BREAK])
    assert scores.log_loss(odds, outcome)[0] == pytest.approx(-np.log(0.5))
    assert scores.brier(odds, outcome)[0] == pytest.approx(0.25 + 0.09 + 0.04)
    # REJECT < CHOP < BREAK: cumulative 0.3, 0.5 against 0, 0
    assert scores.ranked_probability_score(odds, outcome)[0] == pytest.approx((0.09 + 0.25) / 2)
    assert scores.entropy(odds)[0] == pytest.approx(-np.sum(odds * np.log(odds)))


def test_ranked_score_punishes_the_far_miss_more() -> None:
    sure_of_break = np.array([[0.8, 0.1, 0.1]] * 2)
    of_chop, of_reject = scores.ranked_probability_score(sure_of_break, np.array([CHOP, REJECT]))
    assert of_reject > of_chop


def test_scores_equal_those_of_a_library() -> None:
    odds, outcome = drawn(400)
    assert scores.log_loss(odds, outcome).mean() == pytest.approx(
        sklearn_log_loss(outcome, odds, labels=[0, 1, 2])
    )
    rounded = odds.round(1)
    expected = np.mean(
        [roc_auc_score(outcome == code, rounded[:, code]) for code in (BREAK, REJECT, CHOP)]
    )
    days, ones = np.repeat(np.arange(8), 50), np.ones((1, 8))
    [areas] = scores.area_under_curve(rounded, outcome, np.ones(400), days, ones)
    assert areas[0] == pytest.approx(expected)
    # a day may be in a sample several times, or not at all
    counts = np.random.default_rng(3).integers(0, 3, (1, 8)).astype(float)
    weight = np.random.default_rng(3).uniform(0.1, 2.0, 400)
    weighted = np.mean(
        [
            roc_auc_score(outcome == code, rounded[:, code], sample_weight=weight * counts[0, days])
            for code in (BREAK, REJECT, CHOP)
        ]
    )
    [areas] = scores.area_under_curve(rounded, outcome, weight, days, counts)
    assert areas[0] == pytest.approx(weighted)


def test_pinball_loss_is_least_at_the_quantile() -> None:
    realised = np.random.default_rng(2).exponential(5.0, 4_000)
    losses = {
        guess: scores.pinball_loss(np.full(4_000, guess), realised, 0.8).mean()
        for guess in (np.quantile(realised, q) for q in (0.6, 0.8, 0.95))
    }
    assert min(losses, key=losses.__getitem__) == pytest.approx(np.quantile(realised, 0.8))


@pytest.mark.parametrize("x", [-6.0, -2.0])
def test_first_passage_equals_a_simulated_walk(x: float) -> None:
    barrier, horizon, sigma, steps = 8.0, 240.0, 0.6, 24_000
    generator = np.random.default_rng(4)
    place = np.full(4_000, x)
    outcome = np.full(4_000, CHOP)
    step = sigma * np.sqrt(horizon / steps)
    for _ in range(steps):
        running = outcome == CHOP
        if not running.any():
            break
        place[running] += step * generator.choice([-1.0, 1.0], running.sum())
        outcome[running & (place >= barrier)] = BREAK
        outcome[running & (place <= -barrier)] = REJECT
    seen = np.bincount(outcome, minlength=3) / 4_000
    [stated] = first_passage(*(np.array([value]) for value in (x, barrier, horizon, sigma)))
    assert stated == pytest.approx(seen, abs=0.03)


def test_first_passage_in_its_limits() -> None:
    chances = first_passage(
        np.array([-4.0, -4.0, -4.0, -4.0]),
        np.full(4, 8.0),
        np.full(4, 240.0),
        np.array([50.0, 0.0, np.nan, 1e-3]),
    )
    assert chances.sum(axis=1) == pytest.approx(1.0)
    # time without end: (B + x)/(2B)
    assert chances[0, BREAK] / chances[0, :2].sum() == pytest.approx(4 / 16)
    assert chances[0, CHOP] == pytest.approx(FLOOR, rel=0.02)
    for still in chances[1:]:
        assert still == pytest.approx([FLOOR, FLOOR, 1.0], rel=0.05)


def test_days_are_resampled_as_a_whole() -> None:
    day = np.repeat(np.arange(8), 5)
    values = np.random.default_rng(5).normal(size=40)
    weight = np.random.default_rng(6).uniform(0.5, 1.5, 40)
    counts = day_counts(8, 20, seed=9)
    assert (counts.sum(axis=1) == 8).all()
    for number, count in enumerate(counts):
        rows = np.concatenate(
            [
                np.flatnonzero(day == drawn_day)
                for drawn_day in np.repeat(range(8), count.astype(int))
            ]
        )
        expected = np.average(values[rows], weights=weight[rows])
        assert resampled_means(values, weight, day, counts)[number] == pytest.approx(expected)


def test_intervals_over_days_are_wider_than_over_rows() -> None:
    generator = np.random.default_rng(7)
    day = np.repeat(np.arange(20), 30)
    values = generator.normal(size=20)[day] + 0.1 * generator.normal(size=600)
    ones = np.ones(600)
    widths = [
        np.diff(interval(resampled_means(values, ones, unit, day_counts(unit.max() + 1, 500, 1))))[
            0
        ]
        for unit in (day, np.arange(600))
    ]
    assert widths[0] > 3 * widths[1]


def test_an_episode_weighs_one() -> None:
    assert episode_weights(np.array([0, 0, 1, 2, 2, 2])) == pytest.approx(
        [1 / 2, 1 / 2, 1, 1 / 3, 1 / 3, 1 / 3]
    )


def test_calibration_error_by_hand() -> None:
    # two bins of two rows: 0.2 and 0.8 stated for BREAK, half of either happened
    odds = np.array([[0.2, 0.5, 0.3]] * 2 + [[0.8, 0.1, 0.1]] * 2)
    outcome = np.array([BREAK, REJECT, BREAK, REJECT])
    reliability = Reliability.of(odds, np.ones(4), n_bins=2)
    expected, largest = reliability.errors(outcome)
    of_break, of_reject, of_chop = 0.3, (0.0 + 0.4) / 2, (0.3 + 0.1) / 2
    assert expected[0] == pytest.approx((of_break + of_reject + of_chop) / 3)
    assert largest[0] == pytest.approx((0.3 + 0.4 + 0.3) / 3)
    # the first day twice and the last not at all: only what was stated as 0.2 for BREAK
    day, counts = np.array([0, 0, 1, 1]), np.array([[2.0, 0.0]])
    of_first_day = reliability.errors(outcome, day, counts)[0][0]
    assert of_first_day == pytest.approx((0.3 + 0.0 + 0.3) / 3)
    table = {(row["outcome"], row["bin"]): row for row in reliability.table(outcome)}
    assert table["BREAK", 1]["mean_probability"] == pytest.approx(0.8)
    assert table["BREAK", 1]["observed_share"] == pytest.approx(0.5)


@pytest.mark.parametrize(("n", "usual"), [(120, 0.09), (850, 0.035), (1_700, 0.024)])
def test_chance_error_of_a_perfect_model(n: int, usual: float) -> None:
    odds, _ = drawn(n)
    reliability = Reliability.of(odds, np.ones(n))
    errors = chance_errors(reliability, np.arange(n), 200, np.random.default_rng(1))
    assert errors.mean() == pytest.approx(usual, rel=0.25)


def test_windows_of_an_episode_do_not_pass_for_independent() -> None:
    odds, _ = drawn(100)
    four = np.repeat(odds, 4, axis=0)
    episode = np.repeat(np.arange(100), 4)
    reliability = Reliability.of(four, episode_weights(episode))
    generator = np.random.default_rng(1)
    shared = chance_errors(reliability, episode, 200, generator).mean()
    independent = chance_errors(reliability, np.arange(400), 200, generator).mean()
    assert shared > 1.5 * independent


@pytest.mark.parametrize("kind", MAPS)
def test_maps_use_earlier_days_only_and_mend_overconfidence(kind: str) -> None:
    odds, outcome = drawn(1_200)
    boasting = odds**3 / np.sum(odds**3, axis=1, keepdims=True)
    day = np.repeat(np.arange(12), 100)
    ones = np.ones(1_200)
    mapped = calibrated(boasting, outcome, ones, day, kind)
    known = np.isfinite(mapped[:, 0])
    assert known.tolist() == (day >= LEAST_PREDICTIONS // 100).tolist()
    assert mapped[known].sum(axis=1) == pytest.approx(1.0)
    assert (
        scores.log_loss(mapped[known], outcome[known]).mean()
        < scores.log_loss(boasting[known], outcome[known]).mean()
    )
    changed = outcome.copy()
    changed[day >= 8] = (changed[day >= 8] + 1) % 3
    again = calibrated(boasting, changed, ones, day, kind)
    assert np.array_equal(again[day <= 8], mapped[day <= 8], equal_nan=True)
    assert not np.array_equal(again[day > 8], mapped[day > 8])


def test_verdict_follows_the_rule() -> None:
    assert verdict(0.01, 0.03, 0.04, 10, 300, 300) == USEFUL
    assert verdict(0.0, 0.03, 0.04, 10, 300, 300) == NOT_SHOWN
    assert verdict(0.01, 0.04, 0.04, 10, 300, 300) == NOT_SHOWN
    assert verdict(float("nan"), 0.03, 0.04, 10, 300, 300) == NOT_SHOWN
    assert verdict(0.01, 0.03, 0.04, 10, 299, 300) == TOO_FEW
    # the interval of one day has no width
    assert verdict(0.01, 0.03, 0.04, 9, 300, 0) == TOO_FEW
