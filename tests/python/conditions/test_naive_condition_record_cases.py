"""The record of confirmed moments: cases counted by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from naive.condition_record import PHASES, AsOf, Market, Row, Rule
from support.condition_record_market import COST, FIRST_DAY, Moment, joined, made_market, run_models

RIGHT = Moment()
WRONG = Moment("BREAK", 8)


def only_row(market: Market) -> Row:
    """Return the record of approaches; no other phase has any."""
    record = run_models(market)[1]
    [row] = (record.pop(rule) for rule in list(record) if rule.decision_phase == "approaching")
    assert [other["n_fires"] for other in record.values()] == [0, 0, 0]
    return row


def test_phases_have_records_of_their_own() -> None:
    market = made_market([[RIGHT, WRONG, RIGHT, WRONG]] * 3)
    phases = ("approaching", "at", "at", "back")
    market = market._replace(
        trigger_candidates=[
            row._replace(decision_phase=phase, episode_id="same")
            for row, phase in zip(market.trigger_candidates, phases * 3, strict=True)
        ]
    )
    [as_of] = market.retrieval_days
    record = run_models(market)[1]
    # an episode counts its first moment of each phase
    assert [record[Rule(*as_of, phase)]["n_fires"] for phase in PHASES] == [3, 3, 0, 3]
    assert [record[Rule(*as_of, phase)]["precision_rate"] for phase in PHASES] == [1, 0, None, 0]


def test_a_day_is_counted_from_the_next_one_on() -> None:
    market = made_market([[RIGHT], [WRONG], [RIGHT]])
    as_of = [AsOf("ES", FIRST_DAY + dt.timedelta(days=n)) for n in range(-1, 4)]
    _, record = run_models(market._replace(retrieval_days=as_of))
    days = [Rule(*day, "approaching") for day in as_of]
    assert [record[day]["n_fires"] for day in days] == [0, 0, 1, 2, 3]
    assert [record[day]["n_fire_days"] for day in days] == [0, 0, 1, 2, 3]
    assert [record[day]["precision_rate"] for day in days] == [None, None, 1, 1 / 2, 2 / 3]


def test_nothing_is_known_without_a_confirmed_moment() -> None:
    row = only_row(made_market([[RIGHT._replace(is_confirmed=None)] * 30] * 6))
    assert (row.pop("n_fires"), row.pop("n_fire_days"), row.pop("is_earning")) == (0, 0, False)
    assert row == dict.fromkeys(
        ("precision_rate", "usual_rate", "gain_lo", "edge_ticks", "edge_lo")
    )


@pytest.mark.parametrize(
    ("fires", "is_enough"),
    [([1], False), ([20], False), ([5] * 4, False), ([3, 4, 4, 4, 4], False), ([4] * 5, True)],
)
def test_a_bound_needs_fires_and_days(fires: list[int], is_enough: bool) -> None:
    """All results are equal, so every resample has the same mean."""
    row = only_row(made_market([[RIGHT] * n for n in fires]))
    assert (row["n_fires"], row["n_fire_days"]) == (sum(fires), len(fires))
    assert (row["precision_rate"], row["usual_rate"]) == (1, pytest.approx(0.4))
    assert row["edge_ticks"] == pytest.approx(5 - COST)
    assert row["edge_lo"] == (pytest.approx(5 - COST) if is_enough else None)
    assert row["gain_lo"] == (pytest.approx(0.6) if is_enough else None)
    assert row["is_earning"] is is_enough


def test_a_day_with_an_unconfirmed_moment_is_no_day_of_fires() -> None:
    row = only_row(made_market([[RIGHT] * 6] * 4 + [[RIGHT._replace(is_confirmed=False)]]))
    assert (row["n_fires"], row["n_fire_days"], row["edge_lo"]) == (24, 4, None)


@pytest.mark.parametrize("is_reversed", [False, True])
def test_the_first_confirmed_moment_of_an_episode_counts(is_reversed: bool) -> None:
    """Results and base rates of the later moments do not enter the numbers."""
    unknown, first, later = (
        WRONG._replace(is_confirmed=None, episode="one", base=None),
        RIGHT._replace(episode="one"),
        WRONG._replace(episode="one", base=0.9),
    )
    day = [unknown, unknown._replace(is_confirmed=False), first, later, later]
    market = made_market([day, [*day, RIGHT]])
    if is_reversed:
        market = Market(*(rows[::-1] for rows in market))
    row = only_row(market)
    assert (row["n_fires"], row["n_fire_days"]) == (3, 2)
    assert (row["precision_rate"], row["usual_rate"]) == (1, pytest.approx(0.4))
    assert row["edge_ticks"] == pytest.approx(5 - COST)


def test_an_episode_without_a_known_end_at_first_fires_later() -> None:
    cut = RIGHT._replace(outcome="CENSORED", exit_x=None, episode="one")
    row = only_row(made_market([[cut, WRONG._replace(episode="one")], [cut]]))
    assert (row["n_fires"], row["n_fire_days"], row["precision_rate"]) == (1, 1, 0)
    assert row["edge_ticks"] == pytest.approx(-11 - COST)


@pytest.mark.parametrize("outcome", ["NOT_REACHED", "CENSORED"])
def test_a_moment_that_never_reached_the_level_counts_for_the_edge_alone(outcome: str) -> None:
    away = Moment(outcome, exit_x=-1, base=0.9)
    row = only_row(made_market([[RIGHT] * 3 + [away] * 3] * 5))
    assert (row["n_fires"], row["precision_rate"]) == (30, 1)
    assert row["usual_rate"] == pytest.approx(0.4)
    assert row["gain_lo"] == pytest.approx(0.6)
    assert row["edge_ticks"] == pytest.approx((5 - 2) / 2 - COST)
    assert row["edge_lo"] < row["edge_ticks"] - 1
    assert not row["is_earning"]
    row = only_row(made_market([[away] * 4] * 5))
    assert (row["precision_rate"], row["usual_rate"], row["gain_lo"]) == (None, None, None)
    assert row["edge_lo"] == pytest.approx(-2 - COST)
    assert not row["is_earning"]


def test_one_moment_at_the_level_has_no_bound() -> None:
    away = Moment("NOT_REACHED", exit_x=-1)
    row = only_row(made_market([[RIGHT, *[away] * 4], *[[away] * 5] * 5]))
    assert (row["n_fires"], row["precision_rate"], row["gain_lo"]) == (30, 1, None)
    assert row["edge_lo"] < row["edge_ticks"] < 0
    assert row["is_earning"] is False


@pytest.mark.parametrize(
    ("moment", "cost_ticks", "gain", "edge"),
    [
        (WRONG, COST, -0.4, -11 - COST),
        # right as often as the base rate, or less often
        (RIGHT._replace(base=1.0), COST, 0, 5 - COST),
        (Moment("CHOP", -8), COST, -0.4, 5 - COST),
        # the cost equals the result
        (RIGHT, 5.0, 0.6, 0),
        (RIGHT, 6.0, 0.6, -1),
    ],
)
def test_both_bounds_must_be_above_zero(
    moment: Moment, cost_ticks: float, gain: float, edge: float
) -> None:
    row = only_row(made_market([[moment] * 5] * 5, cost_ticks=cost_ticks))
    assert (row["gain_lo"], row["edge_lo"]) == (pytest.approx(gain), pytest.approx(edge))
    assert row["is_earning"] is False


def test_a_mean_above_zero_with_a_bound_below_does_not_earn() -> None:
    """13 of 25 are right, the base rate is 40 %; their mean is (13 * 5 - 12 * 2) / 25 ticks."""
    fires = [RIGHT] * 13 + [Moment("CHOP", -1)] * 12
    market = made_market([fires[n::5] for n in range(5)], cost_ticks=0.1)
    row = only_row(market)
    assert (row["precision_rate"], row["n_fires"]) == (13 / 25, 25)
    assert row["edge_ticks"] == pytest.approx(41 / 25 - 0.1)
    assert row["gain_lo"] < 0 < row["edge_lo"] < row["edge_ticks"]
    assert not row["is_earning"]


def test_a_contract_that_is_not_selected_counts_nowhere() -> None:
    days = [[RIGHT] * 4] * 5
    both = joined(made_market(days), made_market([[WRONG] * 9] * 5, "ESH6"))
    assert len(both.trigger_candidates) == 5 * (4 + 9)
    assert run_models(both) == run_models(made_market(days))


def test_the_order_of_moments_of_two_levels_at_once_is_settled() -> None:
    """Results are equal and base rates differ; draws depend on the order of the values."""

    def by_place(values: list[float]) -> float:
        return sum(place * value for place, value in enumerate(values))

    high, low = (made_market([[RIGHT._replace(base=base)] * 5] * 5) for base in (0.25, 0.75))
    candidates, labels = ([row._replace(level_id="pm_low") for row in rows] for rows in low[:2])
    candidates = [row._replace(episode_id=f"low_{row.episode_id}") for row in candidates]
    market = joined(high, Market(candidates, labels, *low[2:]))
    reversed_market = Market(*(rows[::-1] for rows in market))
    of_reversed, record = (run_models(one, bound=by_place)[1] for one in (reversed_market, market))
    assert sorted(row["n_fires"] for row in record.values()) == [0, 0, 0, 50]
    assert of_reversed == record
