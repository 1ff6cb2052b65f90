"""The evaluation of the four conditions, on rows of the relations that it reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from spymaster.evaluation.condition_report import condition_claim_sentence, condition_lines
from spymaster.evaluation.conditions import AT_ONCE, BOTH, condition_tables
from spymaster.evaluation.result_tables import CONDITIONS, LEAD_TIMES
from spymaster_warehouse.project_vars import project_vars
from support.conditions_market import empty_market

SYMBOL, ROOT, HORIZON = "ESZ5", "ES", "s240"
FIRST_DAY, DAYS, PER_DAY = dt.date(2025, 10, 1), 12, 4
TICK_INT, LEVEL_TICK, BARRIER = 250_000_000, 26_600, 8
OPEN = dt.time(14, 0)
# state of a decision -> what follows in each of the four episodes of a day
FOLLOWS = (("all_four", "REJECT"), ("all_four", "REJECT"), ("none", "BREAK"), ("none", "BREAK"))
HIT_S = 60


def at(day: int, episode: int, second: float) -> dt.datetime:
    start = dt.datetime.combine(FIRST_DAY + dt.timedelta(days=day), OPEN)
    return start + dt.timedelta(minutes=10 * episode, seconds=second)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    found = empty_market()
    add_days(found)
    return found


def add_days(found: duckdb.DuckDBPyConnection) -> None:
    """Add twelve days of four approaches from below; the state holds from the decision on."""
    for day in range(DAYS):
        date = FIRST_DAY + dt.timedelta(days=day)
        found.execute(
            "insert into silver.mbo_contract_day_selection values (?, ?, ?)", [ROOT, date, SYMBOL]
        )
        found.execute("insert into silver.contract_days values (?, ?, ?)", [SYMBOL, date, TICK_INT])
        # two hours of study
        found.execute(
            "insert into silver.book_snapshot_1s select ?, ?, ? + to_seconds(s), true "
            "from range(7200) as v (s)",
            [SYMBOL, date, at(day, 0, 0)],
        )
        for episode, (state, outcome) in enumerate(FOLLOWS):
            write_episode(found, date, day, episode, state, outcome)


def write_episode(
    found: duckdb.DuckDBPyConnection,
    date: dt.date,
    day: int,
    episode: int,
    state: str,
    outcome: str,
) -> None:
    decision, hit = at(day, episode, 0), at(day, episode, HIT_S)
    key = [SYMBOL, date, "pm_high", decision]
    for kind in ("fixed", "vol"):
        found.execute(
            "insert into gold.level_outcomes values (?, ?, ?, ?, ?, ?, -4, ?, ?, ?, ?, ?, ?)",
            [
                *(*key, kind, HORIZON, BARRIER, outcome, at(day, episode, 20), hit),
                *(f"{day}-{episode}", BARRIER if outcome == "BREAK" else -BARRIER),
            ],
        )
    found.execute(
        "insert into silver.level_decisions "
        "values (?, ?, ?, ?, 'approach_up', 'fixed', ?, true, 'approaching')",
        [*key, LEVEL_TICK],
    )
    for window_s in (2, 5, 10):
        for second in range(5):
            found.execute(
                "insert into steps.turn_states_1s values (?, ?, ?, ?, ?, 1, ?, ?, ?)",
                [*key[:3], at(day, episode, second), window_s, state, state, second + 1],
            )
    direction = 1 if outcome == "BREAK" else -1
    for second, ticks in ((30, 3), (40, 4), (HIT_S, BARRIER)):
        price_int = (LEVEL_TICK + direction * ticks) * TICK_INT
        found.execute(
            "insert into steps.contract_trades values (?, ?, ?, ?)",
            [SYMBOL, date, at(day, episode, second), price_int],
        )


@pytest.fixture(scope="module")
def tables(connection: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    settings = project_vars() | {"condition_min_episodes": 20}
    return condition_tables(connection, [ROOT], [HORIZON], settings)


def test_outcomes_are_compared_at_the_same_distance(tables: dict[str, pa.Table]) -> None:
    rows = [
        row
        for row in tables[CONDITIONS].to_pylist()
        if (row["approach_dir"], row["state"], row["outcome"]) == (BOTH, "all_four", "REJECT")
        and row["level_kind"] is None
    ]
    whole = [row for row in rows if row["distance_band"] is None]
    assert {(row["condition_window_s"], row["basis"]) for row in whole} == {
        (window_s, basis) for window_s in (2, 5, 10) for basis in (AT_ONCE, "within_seconds")
    }
    for row in whole:
        assert (row["n_days"], row["n_episodes"], row["n_windows"]) == (DAYS, 24, 24)
        assert (row["share"], row["base_rate"], row["reached_share"]) == (1.0, 0.5, 1.0)
        # more claims than those of one window would come out by chance
        assert row["verdict"] == ("supported" if row["condition_window_s"] == 5 else None)
    bands = {row["distance_band"] for row in rows} - {None}
    assert bands == {"3-4"}


def test_lead_times_count_from_the_alarm(
    tables: dict[str, pa.Table],
) -> None:
    rows = tables[LEAD_TIMES].to_pylist()
    assert len(rows) == DAYS * PER_DAY
    for row in rows:
        if row["outcome_reached"] == "REJECT":
            # held for 2 s at the end of the second after the decision
            assert row["lead_to_hit_s"] == HIT_S - 1
            assert row["lead_to_move_s"] == 40 - 1
            # the candle after the one of 14:00 to 14:02 and so on
            assert row["lead_to_confirmation_s"] == 240 - 1
        else:
            assert row["state"] == "ahead_only"
            assert row["seen_ts"] is None
            assert row["lead_to_hit_s"] is None
            assert row["move_ts"] is not None


def test_alarms_that_came_true_are_not_false(tables: dict[str, pa.Table]) -> None:
    [row] = [
        row
        for row in tables[CONDITIONS].to_pylist()
        if row["n_alarms"] is not None and row["approach_dir"] == BOTH and row["verdict"]
    ]
    assert (row["state"], row["n_alarms"], row["n_false_alarms"]) == ("all_four", 24, 0)


def test_a_result_is_the_price_change_after_cost(
    tables: dict[str, pa.Table],
) -> None:
    """From 4 ticks below the level back to 8 below it, on 24 approaches, at a cost of 1.4."""
    rows = [row for row in tables[CONDITIONS].to_pylist() if row["n_results"] is not None]
    assert {(row["state"], row["outcome"]) for row in rows} == {("all_four", "REJECT")}
    for row in rows:
        assert (row["n_results"], row["approach_dir"] != "approach_down") == (24, True)
        for name in ("result_ticks", "result_lo_ticks", "result_hi_ticks"):
            assert row[name] == pytest.approx(8 - 4 - 1.4)
    text = "\n".join(condition_lines(tables[CONDITIONS].to_pylist(), []))
    assert "would have made +2.60 ticks a time after cost (+2.60 to +2.60), 24 times" in text


def test_without_a_cost_there_is_no_result(tables: dict[str, pa.Table]) -> None:
    """A lake without signals, or a product without thresholds, is judged all the same."""
    for change in ("delete from {}", "drop table {}"):
        market = empty_market()
        add_days(market)
        market.execute(change.format("reference.trigger_thresholds"))
        settings = project_vars() | {"condition_min_episodes": 20}
        found = condition_tables(market, [ROOT], [HORIZON], settings)[CONDITIONS]
        assert set(found["n_results"].to_pylist()) == {None}
        assert found["verdict"] == tables[CONDITIONS]["verdict"]


def test_windows_far_from_the_level_have_no_result(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    settings = project_vars() | {"signal_max_ticks": 3}
    found = condition_tables(connection, [ROOT], [HORIZON], settings)[CONDITIONS].to_pylist()
    own = [row for row in found if row["n_results"] is not None]
    assert own
    assert {(row["n_results"], row["result_ticks"]) for row in own} == {(0, None)}


def test_given_decisions_are_judged_apart(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    file = tmp_path / "decisions.parquet"
    connection.execute(
        f"copy (select symbol, level_id, window_end_ts as decision_ts "
        f"from silver.level_decisions where window_end_ts >= '{at(6, 0, 0)}') to '{file}'"
    )
    settings = project_vars()
    found = condition_tables(connection, [ROOT], [HORIZON], settings, file)[CONDITIONS].to_pylist()
    own = [row for row in found if row["slice"] == "decisions" and row["state"] == "all_four"]
    assert own
    assert {row["n_episodes"] for row in own} == {12}
    assert {row["verdict"] for row in own} == {None, "too few episodes"}


def test_each_form_is_judged_by_itself() -> None:
    """Every state is none by price, which published nothing for 50 s before each hit."""
    market = empty_market()
    add_days(market)
    market.execute(
        "create table steps.turn_states_mbp_1s as select * replace (if(state = 'all_four', "
        "'ahead_only', state) as state, 'none' as recent_state) from steps.turn_states_1s"
    )
    market.execute(
        "create table steps.turn_flows_mbp_1s as select symbol, dt, window_end_ts, "
        "condition_window_s, 50.0 as resolution_s from steps.turn_states_mbp_1s"
    )
    settings = project_vars() | {"condition_min_episodes": 20}
    found = condition_tables(market, [ROOT], [HORIZON], settings)
    verdicts = {
        (row["conditions_basis"], row["basis"], row["state"]): row["verdict"]
        for row in found[CONDITIONS].to_pylist()
        if row["verdict"] is not None
    }
    assert verdicts["orders", AT_ONCE, "all_four"] == "supported"
    assert verdicts["net", AT_ONCE, "ahead_only"] == "contradicted"
    assert ("net", AT_ONCE, "all_four") not in verdicts
    leads = found[LEAD_TIMES].to_pylist()
    assert {row["conditions_basis"] for row in leads} == {"orders", "net"}
    assert len(leads) == 2 * DAYS * PER_DAY
    text = "\n".join(condition_lines(found[CONDITIONS].to_pylist(), leads))
    assert "### ES, horizon s240, from market by price, net of what arrived" in text


@pytest.mark.parametrize(("resolution_s", "lead_s"), [(39.5, HIT_S - 1), (59.5, None)])
def test_a_lead_below_the_resolution_is_not_known(
    resolution_s: float, lead_s: float | None
) -> None:
    market = empty_market()
    add_days(market)
    market.execute("create table steps.turn_states_mbp_1s as from steps.turn_states_1s")
    market.execute(
        "create table steps.turn_flows_mbp_1s as select symbol, dt, window_end_ts, "
        f"condition_window_s, {resolution_s} as resolution_s from steps.turn_states_mbp_1s"
    )
    found = condition_tables(market, [ROOT], [HORIZON], project_vars())[LEAD_TIMES].to_pylist()
    own = [row for row in found if row["conditions_basis"] == "net" and row["seen_ts"] is not None]
    assert {(row["lead_to_hit_s"], row["lead_to_move_s"]) for row in own} == {(lead_s, None)}
    assert {row["lead_to_confirmation_s"] for row in own} == {240 - 1}


def test_a_lake_without_conditions_has_no_rows() -> None:
    found = condition_tables(duckdb.connect(), [ROOT], [HORIZON], project_vars())
    assert {relation: len(table) for relation, table in found.items()} == {
        CONDITIONS: 0,
        LEAD_TIMES: 0,
    }
    assert condition_lines([], []) == []


def test_the_report_prints_the_verdicts(tables: dict[str, pa.Table]) -> None:
    lines = "\n".join(condition_lines(*(table.to_pylist() for table in tables.values())))
    assert (
        "- Both sides withdraw, price turns (both directions, conditions at once, 5 s windows): "
        "supported. REJECT followed in 100%, the base rate at that distance is 50%"
    ) in lines
    assert "all four had held before 24 of 24 approaches that ended REJECT" in lines
    assert "ahead only had held before 0 of 24 approaches that ended BREAK." in lines


def test_one_day_proves_nothing() -> None:
    row = {
        "approach_dir": BOTH,
        "conditions_basis": "orders",
        "basis": AT_ONCE,
        "condition_window_s": 5,
        "slice": "all",
        "state": "all_four",
        "verdict": "too few episodes",
        "n_episodes": 40,
        "n_days": 1,
    }
    assert condition_claim_sentence(row).endswith("40 episodes on 1 day; one day proves nothing")
