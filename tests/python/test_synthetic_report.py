"""How real the days look, how good a forecast of the planted outcomes can be, and null markets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from spymaster.synthetic import SessionPlan, SignatureSettings, SyntheticMarket, load_product
from spymaster.synthetic.bayes import (
    chances_of_class,
    chances_of_observation,
    marginal_chances,
)
from spymaster.synthetic.densities import condition_sets, densities_of, excesses
from spymaster.synthetic.layout import CHOP, OUTCOMES, PARTIAL, REJECT_FULL
from spymaster.synthetic.report import DayReport, Finding
from spymaster.synthetic.simulation import day_pieces
from synthetic_book import DAY

MARKET = SyntheticMarket(load_product("ES"))
# The study window of a whole day, and nothing after it.
STUDY = SessionPlan(hours=3.08, evening_seconds=0, tail_seconds=0)


def findings(market: SyntheticMarket) -> list[Finding]:
    report = DayReport(market, market.pace_of(DAY))
    for piece in day_pieces(market, DAY):
        report.add(piece)
    return report.findings()


def approaches(market: SyntheticMarket, seeds: range) -> np.ndarray:
    days = [day_pieces(replace(market, seed=seed), DAY) for seed in seeds]
    return np.concatenate([piece.approaches.copy() for day in days for piece in day])


@pytest.fixture(scope="module")
def planted() -> np.ndarray:
    return approaches(replace(MARKET, plan=STUDY), range(100, 112))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_small_day_looks_real(seed: int) -> None:
    told = findings(replace(MARKET, seed=seed))
    assert [(f.quantity, f.target, f.value) for f in told if f.is_met is False] == []
    unmeasured = [f.quantity for f in told if f.value is None]
    assert unmeasured == ["records per second, open / late morning"]


def test_a_whole_day_looks_real() -> None:
    told = findings(replace(MARKET, seed=3, plan=SessionPlan(hours=3.2)))
    assert [(f.quantity, f.target, f.value) for f in told if not f.is_met] == []


@pytest.mark.long
def test_twenty_seeds_look_real() -> None:
    for hours in (1.0, 3.2):
        for seed in range(1, 21):
            told = findings(replace(MARKET, seed=seed, plan=SessionPlan(hours=hours)))
            missed = [(seed, f.quantity, f.value) for f in told if f.is_met is False]
            assert missed == []


def test_the_report_sees_a_market_that_is_not_real() -> None:
    flow = replace(MARKET.flow, modify_share=0.0, depth_exponent=0.6, partial_cancel_share=0.5)
    missed = {f.quantity for f in findings(replace(MARKET, flow=flow)) if f.is_met is False}
    assert missed >= {"share of M, %", "share of C of the whole order"}


def test_drawn_outcomes_happen_and_follow_the_table(planted: np.ndarray) -> None:
    assert planted.size > 200
    assert np.mean(planted["drawn"] == planted["realised"]) >= 0.97
    chances = chances_of_class(MARKET, planted)
    assert np.allclose(chances.sum(axis=1), 1.0)
    # Every outcome appears as often as the table says, within three standard errors.
    for outcome in range(3):
        expected, spread = chances[:, outcome].sum(), chances[:, outcome]
        error = np.sqrt((spread * (1 - spread)).sum())
        assert abs((planted["drawn"] == outcome).sum() - expected) < 3 * error, OUTCOMES[outcome]


def test_a_wall_moves_chances_from_break_to_reject() -> None:
    plain, walled = MARKET.signatures.chances()
    assert np.allclose(walled[REJECT_FULL], [0.05, 0.80, 0.15])
    assert np.allclose(walled[PARTIAL], [0.05, 0.45, 0.50])
    assert np.array_equal(plain[:, CHOP], walled[:, CHOP])
    frequency = np.full(4, 0.25)
    assert np.allclose(marginal_chances(MARKET), 0.7 * frequency @ plain + 0.3 * frequency @ walled)


def test_observation_keeps_most_of_the_skill_of_the_class(planted: np.ndarray) -> None:
    by_class = chances_of_class(MARKET, planted)
    by_observation = chances_of_observation(MARKET, planted)
    assert np.allclose(by_observation.sum(axis=1), 1.0)

    def loss(chances: np.ndarray) -> float:
        # expected over the outcome given the class, which has less noise than the draw
        return float(-np.mean(np.sum(by_class * np.log(chances), axis=1)))

    marginal = loss(np.tile(marginal_chances(MARKET), (planted.size, 1)))
    kept = (marginal - loss(by_observation)) / (marginal - loss(by_class))
    assert 0.75 <= kept <= 0.90


def test_signatures_overlap_between_classes(planted: np.ndarray) -> None:
    shown = excesses(planted)
    full = planted["signature"] == REJECT_FULL
    for column in range(shown.shape[1]):
        low, high = np.quantile(shown[full, column], [0.02, 0.98])
        inside = np.mean((shown[~full, column] > low) & (shown[~full, column] < high))
        assert inside > 0.2, "a threshold on one excess tells the classes apart"


def test_densities_belong_to_one_market() -> None:
    assert densities_of(MARKET) is not None
    assert densities_of(replace(MARKET, seed=9, null=True, plan=STUDY)) is not None
    louder = replace(MARKET, signatures=SignatureSettings(gain=2.0))
    assert densities_of(louder) is None
    row = np.zeros(2, approaches(replace(MARKET, plan=SessionPlan(hours=0.01)), range(1)).dtype)
    assert np.isnan(chances_of_observation(louder, row)).all()
    shares = [share for _, signature, share in condition_sets() if signature == PARTIAL]
    assert np.isclose(sum(shares), 1.0)


def test_the_null_market_is_the_planted_one_until_the_first_outcome() -> None:
    market = replace(MARKET, plan=SessionPlan(hours=0.5, overnight_rate=0.1, evening_seconds=0))
    days = []
    for null in (False, True):
        pieces = [
            [part.copy() for part in piece[:4]]
            for piece in day_pieces(replace(market, seed=21, null=null), DAY)
        ]
        days.append([np.concatenate(parts) for parts in zip(*pieces, strict=True)])
    planted_rows, null_rows = (day[3] for day in days)
    # the first approach is the same one but for what was drawn
    before = [name for name in planted_rows.dtype.names if name not in _AFTER]
    assert planted_rows[0][before] == null_rows[0][before]
    decision = planted_rows["decision_s"][0]
    for part in (1, 2):
        one, other = (day[part][day[part]["second"] < decision] for day in days)
        assert np.array_equal(one, other)


_AFTER = ("drawn", "realised", "hit_ns")


@pytest.mark.long
def test_nothing_before_the_decision_tells_the_outcome_of_a_null_market() -> None:
    rows = approaches(replace(MARKET, plan=STUDY, null=True), range(1000, 1225))
    assert rows.size >= 5_000
    assert np.mean(rows["drawn"] == rows["realised"]) >= 0.97
    told = rows[rows["realised"] < CHOP]
    outcome = told["realised"].astype(float)
    features = np.column_stack(
        [excesses(told), told["gain"], *(told[name] for name in _TRUE_FEATURES)]
    )
    rng = np.random.default_rng(1)
    value = _held_out_auc(features, outcome)
    shuffled = [_held_out_auc(features, rng.permutation(outcome)) for _ in range(40)]
    low, high = np.quantile(shuffled, [0.025, 0.975])
    assert low <= value <= high


_TRUE_FEATURES = ("has_wall", "x0_ticks", "direction", "level", "signature", "phase_start_s")


def _held_out_auc(features: np.ndarray, outcome: np.ndarray) -> float:
    """Return the area under the curve of boosted stumps, five folds."""
    fold = np.arange(outcome.size) % 5
    score = np.zeros(outcome.size)
    for held in range(5):
        score[fold == held] = _boosted(
            features[fold != held], outcome[fold != held], features[fold == held]
        )
    rank = np.empty(score.size)
    rank[np.argsort(score, kind="stable")] = np.arange(1, score.size + 1)
    ones = outcome == 1
    count = ones.sum()
    return float((rank[ones].sum() - count * (count + 1) / 2) / (count * (~ones).sum()))


def _boosted(x: np.ndarray, y: np.ndarray, x_new: np.ndarray) -> np.ndarray:
    """Fit 60 gradient-boosted trees of depth two on 12 bins per feature; return new scores."""
    cuts = [np.quantile(column, np.linspace(0, 1, 13)[1:-1]) for column in x.T]
    binned, binned_new = (
        np.column_stack([np.searchsorted(c, column) for c, column in zip(cuts, m.T, strict=True)])
        for m in (x, x_new)
    )
    score, score_new = np.zeros(len(y)), np.zeros(len(x_new))
    for _ in range(60):
        chance = 1.0 / (1.0 + np.exp(-score))
        gradient, weight = y - chance, chance * (1.0 - chance)
        everything = np.ones(len(y), bool), np.ones(len(x_new), bool)
        for half in _split(binned, binned_new, everything, gradient, weight):
            for own, new in _split(binned, binned_new, half, gradient, weight):
                step = 0.1 * gradient[own].sum() / (weight[own].sum() + 5.0)
                score[own] += step
                score_new[new] += step
    return score_new


def _split(
    binned: np.ndarray,
    binned_new: np.ndarray,
    node: tuple[np.ndarray, np.ndarray],
    gradient: np.ndarray,
    weight: np.ndarray,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the two children of the best split of a node, as masks of old and new rows."""
    own, new = node
    best, split = 0.0, (0, -1)
    for column in range(binned.shape[1]):
        left = np.cumsum(np.bincount(binned[own, column], gradient[own], 12))
        mass = np.cumsum(np.bincount(binned[own, column], weight[own], 12))
        gain = left**2 / (mass + 5.0) + (left[-1] - left) ** 2 / (mass[-1] - mass + 5.0)
        if gain.max() > best:
            best, split = gain.max(), (column, int(gain.argmax()))
    is_left, is_left_new = (b[:, split[0]] <= split[1] for b in (binned, binned_new))
    return [(own & is_left, new & is_left_new), (own & ~is_left, new & ~is_left_new)]


def test_the_classifier_of_the_null_test_finds_what_is_there(planted: np.ndarray) -> None:
    told = planted[planted["realised"] < CHOP]
    outcome = told["realised"].astype(float)
    find: Callable[[np.ndarray], float] = lambda y: _held_out_auc(excesses(told), y)  # noqa: E731
    assert find(outcome) > 0.62
    assert abs(find(np.random.default_rng(0).permutation(outcome)) - 0.5) < 0.15
