"""The record of confirmed moments: the SQL against its plain twin, on random markets."""

from __future__ import annotations

import datetime as dt

import pytest
from naive.condition_record import (
    Limits,
    Market,
    Row,
    bound_range,
    condition_record,
    is_earning,
    trigger_results,
)
from support.condition_record_market import (
    FIRST_DAY,
    HORIZON,
    SETTINGS,
    plain_bound,
    random_market,
    run_models,
)

EXACT = 1e-12
FEW = Limits(8, 3)
LATER_DAY = FIRST_DAY + dt.timedelta(days=4)


def by_moment(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["symbol"], row["level_id"], row["window_end_ts"]))


@pytest.mark.parametrize("seed", range(4))
def test_results_and_record_equal_the_twin(seed: int) -> None:
    """A bound without random draws replaces the bootstrap, so that numbers are exact."""
    market = random_market(seed)
    results, record = run_models(market, FEW, plain_bound)
    expected_results = trigger_results(market, HORIZON)
    assert by_moment(results) == by_moment(expected_results)
    expected = condition_record(expected_results, market, FEW, plain_bound)
    assert record.keys() == expected.keys()
    for query, row in expected.items():
        found = record[query]
        assert found.pop("is_earning") is is_earning(row["gain_lo"], row["edge_lo"])
        assert found.keys() == row.keys()
        for name, value in row.items():
            is_known = value is not None
            assert found[name] == (pytest.approx(value, rel=0, abs=EXACT) if is_known else None)


def test_random_markets_hold_every_case() -> None:
    found = [run_models(random_market(seed), FEW, plain_bound) for seed in range(4)]
    results = [row for rows, _ in found for row in rows]
    for name in ("can_fire", "is_right", "is_chop", "is_reached", "is_stopped"):
        assert {row[name] for row in results} == {True, False}
    assert {row["is_confirmed"] for row in results} == {True, False, None}
    assert {row["base_top1"] for row in results} >= {0.25, None}
    record = [row for _, rows in found for row in rows.values()]
    assert {row["is_earning"] for row in record} == {True, False}
    assert {row["edge_lo"] is None for row in record if row["n_fires"]} == {True, False}
    assert {row["n_fires"] == 0 for row in record} == {True, False}


@pytest.mark.parametrize("seed", [0, 1])
def test_bounds_are_those_of_a_bootstrap_with_many_draws(seed: int) -> None:
    market = random_market(seed)
    _, record = run_models(market, FEW)
    expected = condition_record(
        trigger_results(market, HORIZON),
        market,
        FEW,
        lambda values: bound_range(values, SETTINGS["signal_resamples"]),
    )
    for query, row in record.items():
        assert row["is_earning"] is is_earning(row["gain_lo"], row["edge_lo"])
        for name in ("gain_lo", "edge_lo"):
            within = expected[query][name]
            assert (row[name] is None) == (within is None)
            assert within is None or within[0] - EXACT <= row[name] <= within[1] + EXACT


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    """The draws of a bound depend on the order of the values, which must be fixed."""

    def by_place(values: list[float]) -> float:
        return sum(place * value for place, value in enumerate(values))

    market = random_market(seed)
    reversed_market = Market(*(rows[::-1] for rows in market))
    of_reversed, record = (run_models(one, FEW, by_place)[1] for one in (reversed_market, market))
    assert of_reversed == record


@pytest.mark.parametrize("seed", [0, 1])
def test_the_sign_of_the_approach_changes_nothing(seed: int) -> None:
    market = random_market(seed)
    other_side = {"UP": "DOWN", "DOWN": "UP"}
    mirrored = [
        row._replace(c_top1="_".join(other_side.get(word, word) for word in row.c_top1.split("_")))
        for row in market.trigger_candidates
    ]
    assert mirrored != market.trigger_candidates
    results, record = run_models(market, FEW)
    of_mirror = run_models(market._replace(trigger_candidates=mirrored), FEW)
    assert by_moment(of_mirror[0]) == by_moment(results)
    assert of_mirror[1] == record


def _only_earlier(market: Market) -> Market:
    tables = (
        [row for row in rows if row.dt < LATER_DAY]
        for rows in (market.trigger_candidates, market.level_labels, market.level_decisions)
    )
    return Market(*tables, *market[3:])


def _all_losers_later(market: Market) -> Market:
    return market._replace(
        trigger_candidates=[
            row if row.dt < LATER_DAY else row._replace(c_top1="BREAK_UP", is_confirmed=True)
            for row in market.trigger_candidates
        ],
        level_labels=[
            row if row.dt < LATER_DAY else row._replace(outcome_reached="REJECT", exit_x_ticks=-8)
            for row in market.level_labels
        ],
    )


@pytest.mark.parametrize("change", [_only_earlier, _all_losers_later])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_day_and_later_days_do_not_count(change, seed: int) -> None:
    market = random_market(seed)
    before, after = (run_models(one, FEW)[1] for one in (market, change(market)))
    until = [day for day in before if day.dt <= LATER_DAY]
    assert {day.dt for day in until} >= {FIRST_DAY, LATER_DAY}
    assert [before[day] for day in until] == [after[day] for day in until]
    assert before != after
