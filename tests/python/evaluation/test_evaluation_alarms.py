"""Alarms of the four conditions: lead times and false alarms count the same alarms."""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa
import pytest
from spymaster.evaluation.conditions import BOTH, condition_tables
from spymaster.evaluation.result_tables import CONDITIONS, LEAD_TIMES
from spymaster_warehouse.project_vars import project_vars
from support.conditions_market import empty_market

SYMBOL, ROOT, HORIZON = "ESZ5", "ES", "s240"
DATE = dt.date(2025, 10, 1)
START = dt.datetime(2025, 10, 1, 14)
TICK_INT, LEVEL_TICK, BARRIER = 250_000_000, 26_600, 8
# decisions of an episode, seconds after its start; the last one holds until 30
DECISIONS = (0, 5, 10, 20, 25)
TOUCH_S, HIT_S = 30, 60
EPISODE_S = 600


@pytest.fixture
def market() -> duckdb.DuckDBPyConnection:
    """A day with two hours of study and no approach."""
    found = empty_market()
    found.execute(
        "insert into silver.mbo_contract_day_selection values (?, ?, ?)", [ROOT, DATE, SYMBOL]
    )
    found.execute("insert into silver.contract_days values (?, ?, ?)", [SYMBOL, DATE, TICK_INT])
    found.execute(
        "insert into silver.book_snapshot_1s select ?, ?, ? + to_seconds(s), true "
        "from range(7200) as v (s)",
        [SYMBOL, DATE, START],
    )
    return found


def add_episode(
    market: duckdb.DuckDBPyConnection,
    number: int,
    outcomes: str | list[str],
    runs: list[tuple[str, int, int]],
) -> None:
    """Add an approach from below.

    Args:
        market: the market to add to.
        number: number of the episode, which sets its start.
        outcomes: outcome of all decisions, or of each.
        runs: state, and first and last second in which it holds, from the start of the episode.
    """
    start = START + dt.timedelta(seconds=number * EPISODE_S)
    each = [outcomes] * len(DECISIONS) if isinstance(outcomes, str) else outcomes
    for second, outcome in zip(DECISIONS, each, strict=True):
        key = [SYMBOL, DATE, "pm_high", start + dt.timedelta(seconds=second)]
        is_resolved = outcome in ("BREAK", "REJECT")
        market.execute(
            "insert into gold.level_outcomes "
            "values (?, ?, ?, ?, 'fixed', ?, -4, ?, ?, ?, ?, ?, null)",
            [
                *(*key, HORIZON, BARRIER, outcome),
                start + dt.timedelta(seconds=TOUCH_S),
                start + dt.timedelta(seconds=HIT_S) if is_resolved else None,
                f"episode {number}",
            ],
        )
        market.execute(
            "insert into silver.level_decisions "
            "values (?, ?, ?, ?, 'approach_up', 'fixed', ?, true, 'approaching')",
            [*key, LEVEL_TICK],
        )
    for state, first, last in runs:
        for second in range(first, last + 1):
            at = start + dt.timedelta(seconds=second)
            market.execute(
                "insert into steps.turn_states_1s values (?, ?, ?, ?, 5, 1, ?, ?, ?)",
                [SYMBOL, DATE, "pm_high", at, state, state, second - first + 1],
            )


def counted(market: duckdb.DuckDBPyConnection) -> tuple[dict[str, tuple], list[dict]]:
    """Return (alarms, false alarms) by state, and the lead times."""
    tables: dict[str, pa.Table] = condition_tables(market, [ROOT], [HORIZON], project_vars())
    counts = {
        row["state"]: (row["n_alarms"], row["n_false_alarms"])
        for row in tables[CONDITIONS].to_pylist()
        if row["n_alarms"] is not None and row["approach_dir"] == BOTH
    }
    return counts, tables[LEAD_TIMES].to_pylist()


def seen_s(lead: dict, number: int) -> float | None:
    """Seconds from the start of an episode until its state was seen."""
    if lead["seen_ts"] is None:
        return None
    return (lead["seen_ts"] - START).total_seconds() - number * EPISODE_S


@pytest.mark.parametrize(("first", "seen"), [(-10, 0), (-1, 0), (0, 1), (7, 8)])
def test_a_state_is_an_alarm_whatever_follows(
    market: duckdb.DuckDBPyConnection, first: int, seen: int
) -> None:
    """A state that holds before the approach is an alarm at the approach's first second."""
    run = [("all_four", first, 26)]
    for number, outcome in enumerate(("REJECT", "CHOP", "NOT_REACHED", "BREAK")):
        add_episode(market, number, outcome, run)
    counts, leads = counted(market)
    assert counts == {"all_four": (4, 3)}
    assert [seen_s(lead, 3 * n) for n, lead in enumerate(leads)] == [seen, None]


def test_a_censored_approach_has_no_alarm(
    market: duckdb.DuckDBPyConnection,
) -> None:
    run = [("all_four", -3, 26)]
    add_episode(market, 0, "CENSORED", run)
    add_episode(market, 1, ["CHOP", "CHOP", "CHOP", "CENSORED", "CENSORED"], run)
    # the state was judged and never held: zero alarms, not NULL
    assert counted(market) == ({"all_four": (0, 0)}, [])
    add_episode(market, 2, ["CENSORED", "REJECT", "REJECT", "REJECT", "REJECT"], run)
    counts, leads = counted(market)
    assert counts == {"all_four": (1, 0)}
    assert [seen_s(lead, 2) for lead in leads] == [0]


def test_each_run_of_the_state_is_an_alarm(market: duckdb.DuckDBPyConnection) -> None:
    """A run across a pause of the decisions is one alarm; a run that is too short is none."""
    runs = [
        ("all_four", -4, 3),
        ("ahead_only", 4, 4),
        ("all_four", 5, 5),
        ("all_four", 10, 22),
        ("ahead_only", 23, 24),
    ]
    add_episode(market, 0, "REJECT", runs)
    counts, [lead] = counted(market)
    assert counts == {"all_four": (2, 0)}
    assert seen_s(lead, 0) == 0


def test_states_outside_eligible_windows_are_no_alarm(
    market: duckdb.DuckDBPyConnection,
) -> None:
    """Between 15 and 20 nothing is decided, and from 30 on price is at the level."""
    runs = [("all_four", 15, 19), ("all_four", 31, 40)]
    add_episode(market, 0, "REJECT", runs)
    add_episode(market, 1, "CHOP", runs)
    # so that the state has a row
    add_episode(market, 2, "CHOP", [("all_four", 0, 1)])
    counts, [lead] = counted(market)
    assert counts == {"all_four": (1, 1)}
    assert lead["seen_ts"] is None


def test_leads_and_false_alarms_add_up_to_the_alarms(market: duckdb.DuckDBPyConnection) -> None:
    """With one run per episode, only the alarms that came true have a lead time."""
    outcomes = ["REJECT", "BREAK", "CHOP", "NOT_REACHED", "CENSORED"]
    for number, first in enumerate(range(-6, 24, 3)):
        add_episode(market, number, outcomes[number % 5], [("all_four", first, 26)])
    counts, leads = counted(market)
    n_alarms, n_false = counts["all_four"]
    n_leads = sum(lead["seen_ts"] is not None for lead in leads)
    assert (n_leads, n_false, n_alarms) == (2, 6, 8)
    assert n_leads + n_false == n_alarms
