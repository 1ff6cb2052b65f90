"""The evaluation of retests: planted dependence is found, none is found in redrawn ends."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pytest
from spymaster.evaluation.result_tables import RETESTS
from spymaster.evaluation.retest_report import retest_claim_sentence, retest_lines
from spymaster.evaluation.retests import retest_rows, retest_tables
from spymaster_engine.statistics.evaluation.retests import (
    ENDS,
    Retests,
    shares_of_ends,
    state_skill,
)
from spymaster_engine.statistics.evaluation.turn_claims import STATES
from spymaster_warehouse.project_vars import project_vars
from support.relations_of_models import create_relation

N_DAYS, PER_DAY = 40, 6
RULES = {"warm_up_days": 10, "embargo_days": 1, "base_rate_weight": 5.0}
LEAST = 30
ALL_FOUR, NONE = STATES.index("all_four"), STATES.index("none")
CONTINUES, FAILS, CHOP = range(len(ENDS))
SETTINGS = project_vars()
FIRST_DAY = dt.date(2025, 10, 1)


def market(seed: int, odds: dict[int, tuple[float, ...]], n_days: int = N_DAYS) -> Retests:
    """Return retests of two states whose ends are drawn with the odds of their state."""
    draw = np.random.default_rng(seed)
    n = n_days * PER_DAY
    state = draw.choice(list(odds), n)
    end = np.array([draw.choice(len(ENDS), p=odds[code]) for code in state])
    return Retests(np.arange(n) // PER_DAY, draw.integers(0, 2, n), state, end)


PLANTED = {ALL_FOUR: (0.15, 0.7, 0.15), NONE: (0.7, 0.15, 0.15)}


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_dependence_is_supported(seed: int) -> None:
    found = state_skill(market(seed, PLANTED), **RULES, seed=7)
    assert found.verdict(LEAST) == "supported"
    assert found.n_days == N_DAYS - 11
    assert found.n == found.n_days * PER_DAY


@pytest.mark.parametrize("seed", range(8))
def test_ends_redrawn_within_the_day_show_nothing(seed: int) -> None:
    redrawn = market(seed, PLANTED).redrawn(np.random.default_rng(seed + 100))
    assert state_skill(redrawn, **RULES, seed=7).verdict(LEAST) == "not shown"


def test_good_and_bad_days_show_nothing() -> None:
    """State and end both follow the day: knowing the state is knowing the day."""
    draw = np.random.default_rng(3)
    n = N_DAYS * PER_DAY
    day = np.arange(n) // PER_DAY
    is_loud = (day % 2).astype(bool)
    state = np.where(is_loud ^ (draw.random(n) < 0.1), ALL_FOUR, NONE)
    end = np.where(is_loud ^ (draw.random(n) < 0.1), FAILS, CONTINUES)
    found = state_skill(Retests(day, draw.integers(0, 2, n), state, end), **RULES, seed=7)
    assert found.lo > 0
    assert found.verdict(LEAST) == "not shown"


def test_states_that_turn_their_meaning_are_contradicted() -> None:
    early, late = market(1, PLANTED), market(2, {ALL_FOUR: PLANTED[NONE], NONE: PLANTED[ALL_FOUR]})
    is_early = early.day < 22
    end = np.where(is_early, early.end, late.end)
    state = np.where(is_early, early.state, late.state)
    turned = Retests(early.day, early.direction, state, end)
    chosen = turned.take(turned.day < 33)
    assert state_skill(chosen, **RULES | {"warm_up_days": 21}, seed=7).verdict(LEAST) == (
        "contradicted"
    )


def test_redraws_keep_what_each_day_and_direction_ended_as() -> None:
    retests = market(5, PLANTED)
    redrawn = retests.redrawn(np.random.default_rng(1))
    assert (redrawn.end != retests.end).any()
    for name in ("day", "direction", "state"):
        assert (getattr(redrawn, name) == getattr(retests, name)).all()
    for day in range(N_DAYS):
        for direction in range(2):
            chosen = (retests.day == day) & (retests.direction == direction)
            assert sorted(redrawn.end[chosen]) == sorted(retests.end[chosen])


def test_a_score_reads_earlier_days_alone() -> None:
    """Log-loss of the second scored day, counted by hand from the days before the embargo."""
    # days 0 to 2 of one direction and state, one retest each
    retests = Retests(
        np.array([0, 1, 2, 3]),
        np.zeros(4, np.int64),
        np.full(4, NONE),
        np.array([CONTINUES, FAILS, FAILS, CONTINUES]),
    )
    found = state_skill(retests, 2, 1, 2.0, 7)
    assert (found.n, found.n_days) == (1, 1)
    # of days 0 and 1: one of each; everywhere (2, 2, 1) / 5, then shrunk twice by weight 2
    of_direction = (1 + 2 * 2 / 5) / 4
    assert found.rival_log_loss == pytest.approx(-np.log(of_direction))
    assert found.log_loss == pytest.approx(-np.log((1 + 2 * of_direction) / 4))
    assert found.verdict(1) == "too few episodes"


def test_shares_and_base_rates() -> None:
    """Two directions with base rates of their own."""
    direction = np.array([0, 0, 0, 0, 1, 1])
    state = np.array([NONE, NONE, ALL_FOUR, -1, NONE, ALL_FOUR])
    end = np.array([CONTINUES, FAILS, FAILS, CHOP, CONTINUES, CONTINUES])
    retests = Retests(np.arange(6), direction, state, end)
    rows = {
        (row["approach_dir"], row["turn_state"]): row
        for row in retest_rows(
            {"root": "ES", "conditions_basis": "orders", "basis": "bars"}, retests, SETTINGS
        )
    }
    assert set(rows) == {
        (name, state)
        for name in ("both", "approach_up", "approach_down")
        for state in ("all", "none", "all_four")
    }
    every, none = rows["both", "all"], rows["both", "none"]
    assert [every[f"{end.lower()}_share"] for end in ENDS] == pytest.approx([3 / 6, 2 / 6, 1 / 6])
    assert every["n_events"] == 6
    assert every["verdict"] == "too few episodes"
    assert rows["approach_up", "all"]["verdict"] is None
    # two of three in a direction that continues in 1/3, one in the other, that always does
    assert none["continues_base_rate"] == pytest.approx((2 * 1 / 3 + 1) / 3)
    assert none["fails_base_rate"] == pytest.approx(2 * 2 / 3 / 3)
    assert none["chop_base_rate"] == 0
    assert rows["approach_down", "none"]["continues_base_rate"] == 1


def test_intervals_need_ten_days() -> None:
    few, many = (shares_of_ends(market(1, PLANTED, n_days), 7) for n_days in (9, 10))
    for end in ENDS:
        assert np.isnan(few[end].lo)
        assert np.isnan(few[end].hi)
        assert many[end].lo <= many[end].share <= many[end].hi


def tables_of(retests: Retests, net: Retests | None = None) -> duckdb.DuckDBPyConnection:
    """Publish retests; those of the net form follow on later days."""
    connection = duckdb.connect()
    for relation in ("gold.retest_events", "silver.mbo_contract_day_selection"):
        create_relation(connection, relation)
    insert_retests(connection, retests, FIRST_DAY, "orders")
    if net is not None:
        insert_retests(connection, net, FIRST_DAY + dt.timedelta(days=N_DAYS), "net")
    connection.execute(
        "insert into silver.mbo_contract_day_selection (root, session_date, selected_symbol) "
        "select distinct 'ES', dt, 'ESZ5' from gold.retest_events"
    )
    return connection


def insert_retests(
    connection: duckdb.DuckDBPyConnection, retests: Retests, first: dt.date, form: str
) -> None:
    rows = zip(retests.day, retests.direction, retests.state, retests.end, strict=True)
    for number, (day, direction, state, end) in enumerate(rows):
        date = first + dt.timedelta(days=int(day))
        for basis in ("seconds", "bars"):
            connection.execute(
                "insert into gold.retest_events (symbol, dt, level_id, approach_dir, basis, "
                "conditions_basis, retest_window_end_ts, turn_state, outcome) "
                "values ('ESZ5', ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    date,
                    f"level_{number}",
                    ("approach_up", "approach_down")[direction],
                    basis,
                    form,
                    dt.datetime.combine(date, dt.time(14)),
                    STATES[state],
                    ENDS[end] if basis == "seconds" or number % 2 else "CENSORED",
                ],
            )


def test_each_form_of_the_conditions_is_judged_by_itself() -> None:
    """Days from orders teach nothing about days of market by price: not even how many passed."""
    orders, net = market(0, PLANTED), market(9, PLANTED, n_days=15)
    tables = []
    for given in ((orders, net), (orders,), (net,)):
        with tables_of(*given) as connection:
            tables.append(retest_tables(connection, ["ES"], SETTINGS)[RETESTS].to_pylist())
    both, of_orders, alone = tables
    assert [row for row in both if row["conditions_basis"] == "orders"] == of_orders
    of_net = [row for row in both if row["conditions_basis"] == "net"]
    assert of_net == [row | {"conditions_basis": "net"} for row in alone]
    claims = {
        (row["conditions_basis"], row["basis"]): row for row in both if row["verdict"] is not None
    }
    assert claims["orders", "seconds"]["verdict"] == "supported"
    assert claims["net", "seconds"]["verdict"] == "too few episodes"
    text = "\n".join(retest_lines(both))
    headings = [line for line in text.splitlines() if line.startswith("### ES, by trades")]
    assert headings == [
        "### ES, by trades",
        "### ES, by trades, from market by price, net of what arrived",
    ]
    assert "(by trades, from market by price, net of what arrived) know more than" in text


def test_the_relation_and_its_report() -> None:
    with tables_of(market(0, PLANTED)) as connection:
        rows = retest_tables(connection, ["ES"], SETTINGS)[RETESTS].to_pylist()
        assert retest_tables(connection, ["NQ"], SETTINGS)[RETESTS].num_rows == 0
    claims = {row["basis"]: row for row in rows if row["verdict"] is not None}
    assert claims["seconds"]["n_events"] == N_DAYS * PER_DAY
    # what was censored does not count
    assert claims["bars"]["n_events"] == N_DAYS * PER_DAY / 2
    assert claims["seconds"]["verdict"] == "supported"
    lines = retest_lines(rows)
    text = "\n".join(lines)
    assert "### ES, by trades" in text
    assert "know more than the base rate of the direction? Supported: the past shares" in text
    row = next(line for line in lines if line.startswith("| both directions | any or unknown"))
    assert f"| {N_DAYS * PER_DAY} | {N_DAYS} |" in row
    assert sum(line.startswith("| after a break up | all four") for line in lines) == 2
    unsupported = claims["seconds"] | {"verdict": "not shown", "skill": -0.01}
    assert "? Not shown: the past shares of the state gain -0.010" in retest_claim_sentence(
        unsupported
    )
    few = claims["seconds"] | {"verdict": "too few episodes", "n_scored": 12, "n_scored_days": 1}
    assert retest_claim_sentence(few).endswith("scored 12 retests on 1 day; a verdict needs 10")


def test_a_lake_without_retests_says_nothing() -> None:
    with duckdb.connect() as connection:
        assert retest_tables(connection, ["ES"], SETTINGS)[RETESTS].num_rows == 0
    assert retest_lines([]) == []
