"""Stated quantiles: their loss, their coverage and their source."""

from __future__ import annotations

import numpy as np
import pytest
from spymaster_engine.statistics.evaluation.expectations import (
    EXPECTED,
    expectation_covered,
    expectation_metrics,
    expectation_pinball_loss,
    expected_quantiles,
)
from spymaster_engine.statistics.evaluation.samples import CENSORED, NOT_REACHED
from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN
from support.evaluation_market import artificial_samples


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_pinball_loss_is_least_at_the_quantile(share: float) -> None:
    values = np.random.default_rng(3).exponential(2.0, 20_001)
    tried = np.linspace(0.5, 6.0, 111)
    losses = [
        expectation_pinball_loss(np.full(len(values), value), values, share).mean()
        for value in tried
    ]
    assert tried[np.argmin(losses)] == pytest.approx(np.quantile(values, share), abs=0.06)


def test_pinball_loss_by_hand() -> None:
    stated, happened = np.array([3.0, 3.0, np.nan, 3.0]), np.array([5.0, 2.0, 1.0, np.nan])
    assert expectation_pinball_loss(stated, happened, 0.8)[:2] == pytest.approx([1.6, 0.2])
    assert np.isnan(expectation_pinball_loss(stated, happened, 0.8)[2:]).all()
    assert expectation_covered(stated, happened)[:2].tolist() == [0.0, 1.0]
    assert np.isnan(expectation_covered(stated, happened)[2:]).all()


def test_quantiles_come_from_the_neighbors() -> None:
    samples, _ = artificial_samples(n_days=2)
    generator = np.random.default_rng(1)
    rows = generator.integers(0, len(samples), (7, 11))
    rows[2, 5:] = NOT_CHOSEN
    found = expected_quantiles(samples, rows, (rows != NOT_CHOSEN).astype(np.float64))
    for query, chosen in enumerate(rows):
        kept = chosen[chosen != NOT_CHOSEN]
        for column, quantile in enumerate(EXPECTED):
            values = quantile.of(samples)[kept]
            values = np.sort(values[~np.isnan(values)])
            place = int(np.ceil(quantile.share * len(values) - 1e-9)) - 1
            expected = values[place] if len(values) else np.nan
            assert found[query, column] == pytest.approx(expected, nan_ok=True)


def test_only_cut_off_labels_are_counted_as_censored() -> None:
    samples, _ = artificial_samples(n_days=12, windows=2)
    outcome = samples.outcome.copy()
    outcome[samples.episode % 4 == 0] = CENSORED
    outcome[samples.episode % 8 == 1] = NOT_REACHED
    cut = samples.with_columns(outcome=outcome)
    numbers = np.full((len(cut), 2 * len(EXPECTED) + 1), np.nan)
    cut_off, away = expectation_metrics(numbers, cut, np.ones(len(cut), np.bool_), 7)
    assert (cut_off.metric, cut_off.value) == ("censored_share", pytest.approx(0.25))
    assert cut_off.lo <= 0.25 <= cut_off.hi
    assert (away.metric, away.value) == ("not_reached_share", pytest.approx(0.125))


def test_moves_against_are_judged_on_their_bad_side() -> None:
    """The 80 % quantile of values up to zero is the large move against the approach."""
    samples, _ = artificial_samples(n_days=2)
    rows = np.arange(len(samples))[np.newaxis]
    found = expected_quantiles(samples, rows, np.ones(rows.shape))
    by_name = {quantile.name: found[0, column] for column, quantile in enumerate(EXPECTED)}
    against = -samples.mae_ticks
    assert (against <= by_name["mae_q80_ticks"]).mean() == pytest.approx(0.8, abs=0.01)
    assert by_name["mae_q80_ticks"] > by_name["mae_q50_ticks"] > 0
