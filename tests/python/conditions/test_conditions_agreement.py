"""How often both forms of the conditions agree, by hand."""

from __future__ import annotations

from statistics import correlation

import pytest
from support.model_over_tables import model_rows

# per second: c1, its z and quantity from orders, then net of what arrived, and re-priced contracts
SECONDS = (
    (True, 2.0, 30, True, 1.5, 40, 10),
    (False, 0.5, 25, True, 1.2, 60, 50),
    (False, -1.0, 22, False, 0.1, 24, 0),
    (None, None, None, True, 3.0, 90, 5),
    (True, 1.1, 21, None, None, None, 5),
)


def states(first: int, others: str) -> str:
    """Return rows of a form: its columns of c1 from a position on, the rest alike."""
    rows = ", ".join(
        f"({number}, {', '.join('null' if v is None else str(v) for v in row[first : first + 3])})"
        for number, row in enumerate(SECONDS)
    )
    return f"""
        select
            'ESZ5' as symbol, date '2025-10-01' as dt, 'pm_high' as level_id,
            5 as condition_window_s, 1000 as level_price_int,
            timestamp '2025-10-01 14:00:00' + to_seconds(number) as window_start_ts,
            c1, asks_retreat_z, asks_retreat_qty, {others}
        from (values {rows}) as rows (number, c1, asks_retreat_z, asks_retreat_qty)
    """


def test_both_forms_are_compared_second_by_second() -> None:
    flows = ", ".join(f"({number}, {row[6]})" for number, row in enumerate(SECONDS))
    inputs = {
        "steps.turn_states_1s": states(
            0, "'none' as state, 7 as asks_pull_qty, 1 as bids_pull_qty"
        ),
        "steps.turn_states_mbp_1s": states(
            3, "'partial' as state, 5 as asks_pull_qty, 4 as bids_pull_qty"
        ),
        "steps.turn_flows_1s": f"""
            select timestamp '2025-10-01 14:00:00' + to_seconds(number) as window_start_ts,
                5 as condition_window_s, 100 as level_tick, repriced as ask_repriced,
                0 as bid_repriced
            from (values {flows}) as rows (number, repriced)
        """,
        "steps.contract_days": "select 'ESZ5' as symbol, 10 as tick_int",
    }
    partition = {"symbol": "ESZ5", "dt": "2025-10-01"}
    rows = model_rows("eval_conditions_agreement", inputs, partition)
    found = {row["compared"]: row for row in rows}
    assert found.keys() == {"c1", "c2", "c3", "c4", "state"}
    c1 = found["c1"]
    assert (c1["n_both"], c1["n_agree"], c1["n_exact_only"], c1["n_net_only"]) == (3, 2, 1, 1)
    assert c1["agree_share"] == pytest.approx(2 / 3)
    # exact: once of three true, net: twice
    assert c1["agree_by_chance_share"] == pytest.approx(1 / 3 * 2 / 3 + 2 / 3 * 1 / 3)
    assert c1["z_correlation"] == pytest.approx(correlation([2, 0.5, -1], [1.5, 1.2, 0.1]))
    assert (c1["agree_repriced_qty"], c1["differ_repriced_qty"]) == (5, 50)
    assert (c1["differ_exact_qty"], c1["differ_net_qty"]) == (25, 60)
    assert found["c2"]["n_both"] == 0
    assert found["c2"]["z_correlation"] is None
    state = found["state"]
    assert (state["n_both"], state["n_agree"]) == (5, 0)
    assert (state["differ_exact_qty"], state["differ_net_qty"]) == (8, 9)
