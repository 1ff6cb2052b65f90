"""Planted outcomes follow the table and show in the order flow; a null market plants none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from sklearn.metrics import log_loss
from spymaster_ingest.synthetic import SessionPlan, SignatureSettings, SyntheticMarket, trading_days
from spymaster_ingest.synthetic.contract_days import contract_day, day_pieces
from spymaster_ingest.synthetic.fit_signature_densities import draw_phases
from spymaster_ingest.synthetic.market_arrays import (
    CENSORED,
    CHOP,
    INELIGIBLE,
    NONE,
    OUTCOMES,
    PARTIAL,
    PHASE_SIGNATURES,
    REJECT_FULL,
    SIGNATURES,
)
from spymaster_ingest.synthetic.outcome_chances import (
    chances_of_class,
    chances_of_observation,
    marginal_chances,
    noise_chances,
)
from spymaster_ingest.synthetic.signature_densities import (
    condition_sets,
    densities_of,
    signature_excesses,
    transformed_excesses,
)
from support.synthetic_book import DAY, ES
from support.synthetic_forecast import (
    MARKET,
    STUDY,
    approaches,
    break_or_reject_auc,
    chances_auc,
    forecast,
    planted_in,
    seen_before_resolution,
)
from support.synthetic_truth import is_eligible, label_reached, prints_of, quotes_of

# Allowed standard errors between a frequency and the table; some thirty are compared.
_ERRORS = 3.5


@pytest.fixture(scope="module")
def planted() -> np.ndarray:
    return approaches(replace(MARKET, plan=STUDY), range(100, 112))


def _assert_frequencies(happened: np.ndarray, chances: np.ndarray, about: str) -> None:
    """Check the frequency of events with known chances, one entry per approach."""
    error = np.sqrt((chances * (1 - chances)).sum())
    assert abs(happened.sum() - chances.sum()) <= _ERRORS * error, about


def _assert_outcomes_follow_the_table(outcome: np.ndarray, rows: np.ndarray) -> None:
    chances = chances_of_class(MARKET, rows)
    for wall in (0, 1):
        for index, name in enumerate(SIGNATURES):
            own = (rows["signature"] == index) & (rows["has_wall"] == wall)
            for i, result in enumerate(OUTCOMES[:3]):
                about = f"{result} after {name}, {wall} walls"
                _assert_frequencies(outcome[own] == i, chances[own, i], about)
    even = np.full(rows.size, 1.0)
    for index, name in enumerate(SIGNATURES):
        share = 0.25 if name in PHASE_SIGNATURES else 0.0
        _assert_frequencies(rows["signature"] == index, share * even, name)
    _assert_frequencies(rows["has_wall"] == 1, 0.3 * even, "walls")


def test_drawn_outcomes_happen_and_follow_the_table(planted: np.ndarray) -> None:
    assert planted.size > 200
    assert np.mean(planted["drawn"] == planted["realised"]) >= 0.97
    assert np.allclose(chances_of_class(MARKET, planted).sum(axis=1), 1.0)
    _assert_outcomes_follow_the_table(planted["realised"], planted)


@dataclass(frozen=True)
class Judged:
    """Approaches as the records of their days show them.

    ``rows`` APPROACH_ROW; ``is_eligible`` bool and ``label`` (OUTCOMES), one entry per approach.
    """

    rows: np.ndarray
    is_eligible: np.ndarray
    label: np.ndarray


def judged(market: SyntheticMarket, days: Iterable[dt.date]) -> Judged:
    """Judge the approaches of days from the records alone."""
    rows, eligible, labels = [], [], []
    for day in days:
        pieces = [(p.approaches.copy(), p.records.copy()) for p in day_pieces(market, day)]
        own, records = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        midnight_ns = contract_day(market, day).pace.midnight_ns
        quotes = quotes_of(records, midnight_ns, ES.tick_int)
        prints = prints_of(records, midnight_ns, ES.tick_int)
        for row in own:
            decision, tick, sign = (
                int(row[name]) for name in ("decision_s", "level_tick", "direction")
            )
            x0_ticks = sign * (quotes.spot[decision] - tick)
            eligible.append(is_eligible(quotes, decision, tick, sign))
            label = label_reached(prints, decision, tick, sign, x0_ticks)
            labels.append(OUTCOMES.index(label.outcome))
        rows.append(own)
    return Judged(np.concatenate(rows), np.array(eligible), np.array(labels))


def _assert_planted_as_specified(found: Judged) -> None:
    assert np.mean(found.label == found.rows["drawn"]) >= 0.97
    _assert_realised_as_labelled(found)


def _assert_realised_as_labelled(found: Judged) -> None:
    rows = found.rows
    assert np.mean(found.is_eligible) >= 0.95
    is_label = (rows["realised"] != INELIGIBLE) & (rows["realised"] != CENSORED)
    assert np.array_equal(found.label[is_label], rows["realised"][is_label])
    assert not np.any(found.is_eligible & (rows["realised"] == INELIGIBLE))


def test_decisions_are_eligible_and_labelled_as_drawn() -> None:
    """Two whole study windows, judged from the records alone."""
    market = replace(MARKET, plan=STUDY)
    _assert_planted_as_specified(judged(replace(market, seed=41), [DAY]))
    found = judged(replace(market, seed=42, null=True), [DAY])
    _assert_realised_as_labelled(found)
    assert np.all(found.rows["drawn"] == NONE)
    assert found.rows.size >= market.signatures.approaches - 1


@pytest.mark.long
def test_labels_from_the_trades_are_the_drawn_outcomes_of_2000_approaches() -> None:
    market = replace(MARKET, plan=STUDY)
    days = trading_days(DAY, 25)
    parts = [judged(replace(market, seed=seed), days) for seed in range(2_000, 2_004)]
    found = Judged(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Judged)))
    assert found.rows.size >= 2_000
    _assert_planted_as_specified(found)
    _assert_outcomes_follow_the_table(found.label, found.rows)


def test_a_wall_moves_chances_from_break_to_reject() -> None:
    plain, walled = MARKET.signatures.chances()
    assert np.allclose(walled[REJECT_FULL], [0.05, 0.80, 0.15])
    assert np.allclose(walled[PARTIAL], [0.05, 0.45, 0.50])
    assert np.array_equal(plain[:, CHOP], walled[:, CHOP])
    frequency = np.array([0.25 if name in PHASE_SIGNATURES else 0.0 for name in SIGNATURES])
    assert np.allclose(marginal_chances(MARKET), 0.7 * frequency @ plain + 0.3 * frequency @ walled)


def test_observation_keeps_most_of_the_skill_of_the_class(planted: np.ndarray) -> None:
    by_class = chances_of_class(MARKET, planted)
    by_observation = chances_of_observation(MARKET, planted)
    assert np.allclose(by_observation.sum(axis=1), 1.0)

    def loss(chances: np.ndarray) -> float:
        # expectation over the outcomes given the class, which has less noise than the draw
        return float(-np.mean(np.sum(by_class * np.log(chances), axis=1)))

    marginal = loss(np.tile(marginal_chances(MARKET), (planted.size, 1)))
    kept = (marginal - loss(by_observation)) / (marginal - loss(by_class))
    assert 0.75 <= kept <= 0.90


def test_signatures_overlap_between_classes(planted: np.ndarray) -> None:
    shown = signature_excesses(planted)
    full = planted["signature"] == REJECT_FULL
    for column in range(shown.shape[1]):
        low, high = np.quantile(shown[full, column], [0.02, 0.98])
        inside = np.mean((shown[~full, column] > low) & (shown[~full, column] < high))
        assert inside > 0.2, "a threshold on one excess separates the classes"


def test_densities_belong_to_one_market() -> None:
    assert densities_of(MARKET) is not None
    assert densities_of(replace(MARKET, seed=9, null=True, plan=STUDY)) is not None
    louder = replace(MARKET, signatures=SignatureSettings(gain=2.0))
    assert densities_of(louder) is None
    row = np.zeros(2, approaches(replace(MARKET, plan=SessionPlan(hours=0.01)), range(1)).dtype)
    assert np.isnan(chances_of_observation(louder, row)).all()
    shares = [share for _, signature, share in condition_sets() if signature == PARTIAL]
    assert np.isclose(sum(shares), 1.0)


def test_the_null_market_equals_the_planted_market_until_the_first_outcome() -> None:
    market = replace(MARKET, plan=SessionPlan(hours=0.5, overnight_rate=0.1, evening_seconds=0))
    days = []
    for null in (False, True):
        pieces = [
            [part.copy() for part in piece[:4]]
            for piece in day_pieces(replace(market, seed=21, null=null), DAY)
        ]
        days.append([np.concatenate(parts) for parts in zip(*pieces, strict=True)])
    planted_rows, null_rows = (day[3] for day in days)
    # the first approach is the same except for its drawn outcome
    before = [name for name in planted_rows.dtype.names if name not in _AFTER]
    assert planted_rows[0][before] == null_rows[0][before]
    decision = planted_rows["decision_s"][0]
    for part in (1, 2):
        one, other = (day[part][day[part]["second"] < decision] for day in days)
        assert np.array_equal(one, other)


_AFTER = ("drawn", "realised", "reached_ns", "hit_ns")


@pytest.fixture(scope="module")
def phases() -> np.ndarray:
    """Drawn phases alone, which are faster to make than whole approaches."""
    return np.concatenate([draw_phases(MARKET, seed) for seed in range(24)])


def test_the_fitted_densities_are_those_of_the_phases(phases: np.ndarray) -> None:
    densities = densities_of(MARKET)
    x = transformed_excesses(signature_excesses(phases))
    for i in np.flatnonzero(densities.share == 1.0):
        own = x[phases["conditions"] == densities.conditions[i]]
        assert len(own) > 250
        error = np.sqrt(np.diag(densities.covariance[i]) / len(own))
        assert np.all(np.abs(own.mean(axis=0) - densities.mean[i]) < 4 * error), "fit them again"
        spread = own.std(axis=0) / np.sqrt(np.diag(densities.covariance[i]))
        assert np.all(np.abs(spread - 1.0) < 0.25), "fit them again"


def test_a_trained_forecaster_comes_near_the_best_forecaster(phases: np.ndarray) -> None:
    rows = phases
    assert rows.size > 1_200
    seen = np.column_stack([signature_excesses(rows), rows["has_wall"]])
    best = chances_of_observation(MARKET, rows)
    learnt = forecast(seen, rows["drawn"])
    assert chances_auc(best, rows["drawn"]) > 0.75
    assert chances_auc(learnt, rows["drawn"]) > chances_auc(best, rows["drawn"]) - 0.03
    assert _skill(learnt, rows["drawn"]) > 0.7 * _skill(best, rows["drawn"])
    shuffled = np.random.default_rng(0).permutation(rows["drawn"])
    assert abs(break_or_reject_auc(seen, shuffled) - 0.5) < 0.06


@pytest.mark.long
def test_a_forecaster_comes_near_the_best_forecaster_on_the_planted_market() -> None:
    rows, seen = seen_before_resolution(replace(MARKET, plan=STUDY), range(3_000, 3_225))
    assert rows.size >= 5_000
    assert np.mean(rows["drawn"] == rows["realised"]) >= 0.97
    labelled = rows["realised"] <= CHOP
    rows, seen = rows[labelled], seen[labelled]
    best, learnt = chances_of_observation(MARKET, rows), forecast(seen, rows["realised"])
    aucs = chances_auc(best, rows["realised"]), chances_auc(learnt, rows["realised"])
    skills = _skill(best, rows["realised"]), _skill(learnt, rows["realised"])
    assert aucs[1] > aucs[0] - 0.02
    assert skills[1] > 0.8 * skills[0]


@pytest.mark.long
def test_nothing_before_the_decision_predicts_the_outcome_of_a_null_market() -> None:
    market = replace(MARKET, plan=STUDY, null=True)
    rows, seen = seen_before_resolution(market, range(1_000, 1_260))
    rows, seen = rows[rows["realised"] <= CHOP], seen[rows["realised"] <= CHOP]
    assert np.count_nonzero(rows["realised"] < CHOP) >= 2_500
    assert rows.size >= 5_000
    # Brownian motion comes near the noise, whose moods change and whose barriers are prints.
    shares = np.bincount(rows["realised"], minlength=3) / rows.size
    assert np.allclose(shares, noise_chances(market), atol=0.03)
    features = np.column_stack([seen, planted_in(rows)])
    rng = np.random.default_rng(1)
    value = break_or_reject_auc(features, rows["realised"])
    shuffled = [
        break_or_reject_auc(features, _shuffled_within(rows["x0_ticks"], rows["realised"], rng))
        for _ in range(200)
    ]
    low, high = np.quantile(shuffled, [0.025, 0.975])
    assert low <= value <= high


def _shuffled_within(
    distance: np.ndarray, outcome: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return outcomes shuffled among approaches of one distance, which the noise depends on."""
    shuffled = outcome.copy()
    for ticks in np.unique(distance):
        own = np.flatnonzero(distance == ticks)
        shuffled[own] = outcome[rng.permutation(own)]
    return shuffled


def _skill(chances: np.ndarray, outcome: np.ndarray) -> float:
    """Return by how much chances reduce the log loss of the marginal frequencies."""
    marginal = np.tile(marginal_chances(MARKET), (outcome.size, 1))
    losses = [log_loss(outcome, c, labels=range(3)) for c in (marginal, chances)]
    return float(losses[0] - losses[1])
