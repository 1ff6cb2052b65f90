"""Results of thresholds, counted by the model's own SQL on a few hand-made candidates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import duckdb
import pytest
from spymaster_engine.door import KERNELS, register
from support.condition_record_market import BARRIER, COST, RISK, SETTINGS, rendered


class Approach(NamedTuple):
    """An episode with one candidate that predicts REJECT, and its outcome."""

    fires: bool = True
    outcome: str = "REJECT"
    x0: int = -3
    exit_x: int | None = -8
    mfe: int | None = 2
    mae: int | None = -5
    phase: str = "approaching"


QUIET = Approach(False, "CHOP", exit_x=-3)


def searched(
    days: Iterable[Iterable[Approach]],
    symbols: tuple[str, ...] = ("ESZ5",),
    phase: str = "approaching",
) -> dict:
    """Return the row of a phase and the only pair of thresholds, on the day after the last."""
    variables = {**SETTINGS, "trigger_threshold_grid": {"p_top1_min": [0.8], "margin_min": [0.25]}}
    with duckdb.connect() as connection:
        register(connection, KERNELS.values())
        connection.execute(
            "create table trigger_candidates (symbol varchar, dt date, session_date date, "
            "level_id varchar, window_end_ts timestamp, decision_phase varchar, "
            "episode_id varchar, root varchar, "
            "p_top1 double, margin double, base_top1 double, c_top1 varchar, "
            "is_similar boolean, is_confirmed boolean, ineligible_reason varchar, "
            "shape_reason varchar);"
            "create table level_labels (symbol varchar, dt date, level_id varchar, "
            "window_end_ts timestamp, horizon_id varchar, barrier_kind varchar, "
            "outcome_reached varchar, exit_x_ticks integer, x0_ticks integer, "
            "barrier_ticks integer, mfe_to_exit_ticks integer, mae_to_exit_ticks integer);"
            "create table level_decisions (symbol varchar, dt date, barrier_mode varchar);"
            "create table mbo_contract_day_selection as select 'ES' as root, "
            "cast('2025-10-01' as date) + cast(n as integer) as session_date, "
            "'ESZ5' as selected_symbol from range(9) as r (n);"
            "create table retrieval_days as select 'ES' as root, date '2025-10-20' as dt;"
        )
        connection.execute(
            f"create table trigger_thresholds as select 'ES' as root, {RISK} as "
            f"risk_q80_ticks_max, {COST} as cost_ticks"
        )
        for symbol in symbols:
            for number, day in enumerate(days):
                _write(connection, symbol, f"2025-10-{number + 1:02d}", day)
        connection.execute(
            f"create view trigger_results as {rendered('trigger_results', variables.__getitem__)}"
        )
        found = connection.execute(rendered("trigger_threshold_search", variables.__getitem__))
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    assert len(rows) == 4
    [row] = [row for row in rows if row["decision_phase"] == phase]
    return row


def _write(
    connection: duckdb.DuckDBPyConnection, symbol: str, day: str, approaches: Iterable[Approach]
) -> None:
    connection.execute("insert into level_decisions values (?, ?, 'fixed')", [symbol, day])
    for number, approach in enumerate(approaches):
        key = [symbol, day, "pm_high", f"{day} {14 + number // 60}:{number % 60:02d}:00"]
        connection.execute(
            "insert into trigger_candidates values "
            "($1, $2, $2, $3, $4, $5, $6, 'ES', $7, 0.3, 0.4, 'REJECT_DOWN', true, false, "
            "null, null)",
            [*key, approach.phase, f"{symbol}_{day}_{number}", 0.8 if approach.fires else 0.4],
        )
        connection.execute(
            f"insert into level_labels values "
            f"(?, ?, ?, ?, 's240', 'fixed', ?, ?, ?, {BARRIER}, ?, ?)",
            [*key, approach.outcome, approach.exit_x, approach.x0, approach.mfe, approach.mae],
        )


def test_a_single_lucky_fire_is_not_feasible() -> None:
    row = searched([[Approach(), *[QUIET] * 9]])
    assert (row["n_fires"], row["n_fire_days"], row["fire_rate"]) == (1, 1, 0.1)
    assert row["edge_ticks"] == pytest.approx(5 - COST)
    assert row["edge_lo"] is None
    assert not row["is_feasible"] and not row["is_chosen"]


@pytest.mark.parametrize(
    ("fires", "is_enough"),
    [([20], False), ([5, 5, 5, 5], False), ([4] * 5, True), ([3] * 6, False)],
)
def test_a_bound_needs_fires_and_days(fires: list[int], is_enough: bool) -> None:
    """All fires have the same result; the bound equals it once fires and days suffice."""
    row = searched([[Approach()] * n + [QUIET] * 20 for n in fires])
    assert (row["n_fires"], row["n_fire_days"]) == (sum(fires), len(fires))
    assert row["is_feasible"] is row["is_chosen"] is is_enough
    assert row["edge_lo"] == (pytest.approx(5 - COST) if is_enough else None)


def test_thresholds_are_those_of_a_phase() -> None:
    """What fires at the touch says nothing of approaches, and the other way round."""
    losing = Approach(outcome="BREAK", exit_x=8, mfe=11)
    at = Approach(phase="at")
    days = [[losing] * 4 + [QUIET] * 20 + [at] * 4 + [QUIET._replace(phase="at")] * 20] * 5
    before, touch, past = (searched(days, phase=phase) for phase in ("approaching", "at", "back"))
    assert (before["n_fires"], touch["n_fires"], past["n_fires"]) == (20, 20, 0)
    assert (before["n_episodes"], touch["n_episodes"], past["n_episodes"]) == (120, 120, 0)
    assert not before["is_chosen"] and touch["is_chosen"] and not past["is_chosen"]
    assert touch["edge_ticks"] == pytest.approx(5 - COST)


def test_unselected_contracts_do_not_count() -> None:
    days = [[Approach()] * 2 + [QUIET] * 20] * 5
    assert searched(days, ("ESZ5", "ESH6")) == searched(days)


@pytest.mark.parametrize(
    ("approach", "is_stopped"),
    [
        (Approach(mfe=6), False),
        (Approach(mfe=7), True),
        # the likely outcome came after the position had been closed against it
        (Approach(outcome="CHOP", exit_x=2, mfe=6), False),
        (Approach(outcome="CHOP", exit_x=2, mfe=7), True),
        (Approach(outcome="NOT_REACHED", exit_x=-8, mfe=0, mae=-9), False),
        # wrong, and closed with a gain before price came back to the level
        (Approach(outcome="BREAK", exit_x=-8, mfe=0), False),
        (Approach(outcome="BREAK", exit_x=8, mfe=11), True),
        # the other barrier is near
        (Approach(outcome="BREAK", x0=6, exit_x=8, mfe=2), True),
        # closed before the path was cut
        (Approach(outcome="CENSORED", exit_x=-8, mfe=0), False),
    ],
)
def test_a_stop_follows_from_the_position(approach: Approach, is_stopped: bool) -> None:
    row = searched([[approach, *[QUIET] * 9]])
    assert (row["n_fires"], row["stop_rate"]) == (1, float(is_stopped))
    assert row["edge_ticks"] == pytest.approx(approach.x0 - approach.exit_x - COST)


def test_positions_open_at_the_cut_do_not_count() -> None:
    cut = Approach(outcome="CENSORED", exit_x=None, mfe=None, mae=None)
    assert searched([[cut, *[QUIET] * 9]])["n_fires"] == 0
    assert searched([[cut, *[QUIET] * 9]])["n_episodes"] == 9


@pytest.mark.parametrize(
    ("numbers", "bound"), [("null", None), ("[]", None), ("[12]", None), ("[12, 4]", 4.0)]
)
def test_a_bound_needs_two_numbers(numbers: str, bound: float | None) -> None:
    with duckdb.connect() as connection:
        register(connection, KERNELS.values())
        sql = f"select lower_mean(cast({numbers} as double[]), 1000, 7)"
        assert connection.execute(sql).fetchall() == [(bound,)]
