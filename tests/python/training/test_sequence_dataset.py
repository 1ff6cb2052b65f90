"""Sequences before a decision, by hand: what each row holds, and which rows are not known."""

from __future__ import annotations

from typing import Any

import pytest
from support.model_sql import GIVEN, model_connection, model_sql

TICK = 250_000_000
TICK_INT = f"cast({TICK} as bigint)"
LEVEL_TICKS = 20_000
# seconds of the day; the decision is the end of the last window
ROWS, ROW_S, SECONDS, DECISION_S = 4, 5, 40, 30
PARTITION = {"symbol": "ESZ5", "dt": "2025-10-01"}
KEY = "'ESZ5' as symbol, date '2025-10-01' as dt"
START = "timestamp '2025-10-01 14:00:00'"


def at(second: int | str) -> str:
    return f"{START} + to_seconds({second})"


def inputs(**changes: str) -> dict[str, str]:
    """Return the queries of a market that rises by a tick a second, one level above it.

    A value of the future is a thousand times as large. ``changes`` replace queries.
    """
    seconds = f"(select unnest(range(1, {SECONDS + 1})) as s)"
    times = f"{KEY}, {at('s')} as window_end_ts"
    late = f"if(s > {DECISION_S}, 1000, 1)"
    of_level = f"'pm_high' as level_id, cast({LEVEL_TICKS - 19_900} - s as integer) as k_ticks"
    queries = {
        "gold.mbo_trigger_vectors": " union all by name ".join(
            f"select {KEY}, date '2025-10-01' as session_date, 'pm_high' as level_id, "
            f"{at(end)} as window_end_ts, cast({LEVEL_TICKS * TICK} as bigint) as level_price_int, "
            f"cast({100 - end} as integer) as k_ticks, 'approach_up' as approach_dir, "
            f"'{phase}' as decision_phase, 15 as candle_id, 'episode' as episode_id"
            for end, phase in ((DECISION_S, "approaching"), (35, "approaching"), (40, "at"))
        ),
        "silver.contract_days": f"select {KEY}, 'ES' as root, {TICK_INT} as tick_int",
        "silver.book_snapshot_1s": f"select {times}, {at('s - 1')} as window_start_ts, "
        f"s != 18 as window_valid, "
        f"cast((19900 + s) * {TICK_INT} * {late} as bigint) as mid_price_int "
        f"from {seconds}",
        "silver.level_offset_1s": f"select {times}, {of_level}, "
        f"cast(s * {late} as double) as k_vol, 0.5 as sigma_1s_ticks, 1.0 as closing_speed_15s "
        f"from {seconds}",
        "silver.market_features_1s": f"select {times}, s / 100.0 as book_imbalance_l1, "
        f"cast(10 * s as bigint) as ofi_5s from {seconds}",
        "silver.physics_bands_1s": f"select {times}, 0.25 as above_score, 0.75 as below_score, "
        f"0.5 as vacuum_total_score from {seconds}",
        "silver.level_corridor_1s": f"select {times}, {of_level}, 9.0 as spot_depth_per_tick, "
        f"s / 10.0 as corridor_rel_depth, 2.0 as beyond_rel_depth from {seconds} "
        "union all by name "
        f"select {times}, 'other' as level_id, cast(-3 as integer) as k_ticks, "
        f"9.0 as spot_depth_per_tick from {seconds}",
        "gold.turn_conditions_1s": f"select {times}, {of_level}, 1.0 as asks_retreat_z, "
        f"2.0 as asks_pull_z, 3.0 as bids_recede_z, -4.0 as bids_pull_z from {seconds}",
        "silver.gex_surface_1s": f"select {times}, "
        f"cast(({LEVEL_TICKS} + 20 * n + 5) * {TICK_INT} as bigint) as strike_price_int, "
        f"n / 10.0 as gex_imbalance_ratio from {seconds} cross join "
        "(select unnest([-1, 0, 1]) as n)",
        "silver.recording_gaps": f"select {KEY}, cast(null as timestamp_ns) as gap_start_ts, "
        "cast(null as timestamp_ns) as gap_end_ts, cast(null as timestamp_ns) as known_at_ts "
        "where false",
        "gold.level_labels": " union all by name ".join(
            f"select {KEY}, 'pm_high' as level_id, {at(DECISION_S)} as window_end_ts, "
            f"'{kind}' as barrier_kind, '{horizon}' as horizon_id, '{outcome}' as outcome_reached, "
            f"{at(270)} as label_end_ts"
            for kind, horizon, outcome in (
                ("fixed", "s240", "BREAK"),
                ("vol", "s240", "REJECT"),
                ("fixed", "s120", "CHOP"),
            )
        ),
        "silver.level_decisions": " union all by name ".join(
            f"select {KEY}, 'pm_high' as level_id, {at(end)} as window_end_ts, "
            "'fixed' as barrier_mode"
            for end in (DECISION_S, 35, 40)
        ),
    }
    return queries | changes


def sequences(**changes: str) -> list[dict[str, Any]]:
    with model_connection() as connection:
        connection.execute(f"create schema {GIVEN}")
        for relation, query in inputs(**changes).items():
            # its columns are all that the model reads
            connection.execute(f"create table {GIVEN}.{relation.split('.')[1]} as {query}")
        values = {"sequence_rows": ROWS}
        query = model_sql("sequence_dataset", connection, values, PARTITION, {})
        return connection.execute(query).to_arrow_table().to_pylist()


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return sequences()


def test_a_decision_is_the_first_of_its_phase(rows: list[dict[str, Any]]) -> None:
    ends = [(row["window_end_ts"].second, row["decision_phase"]) for row in rows]
    assert ends == [(DECISION_S, "approaching"), (40, "at")]


def test_each_row_holds_what_was_known_at_its_end(rows: list[dict[str, Any]]) -> None:
    """Rows end at 15, 20, 25 and 30 s; the book was not valid in a second of the second one."""
    row = rows[0]
    assert row["is_known"] == [True, False, True, True]
    close = pytest.approx
    assert row["k_ticks_shares"] == [close(85 / 20), None, close(75 / 20), close(70 / 20)]
    assert row["k_vols"] == [15.0, None, 25.0, 30.0]
    # a tick a second; not over a row that is not valid
    assert row["mid_return_ticks"] == [5.0, None, None, 5.0]
    assert row["book_imbalances_l1"] == [close(0.15), None, close(0.25), close(0.3)]
    assert row["ofi_5s_rel_depths"] == [15.0, None, 25.0, 30.0]
    assert row["corridor_rel_depths"] == [close(1.5), None, close(2.5), close(3.0)]
    # the nearest strike lies 5 ticks above the level
    assert row["gex_imbalance_ratios"] == [0.0, None, 0.0, 0.0]
    assert row["bids_pull_zs"] == [-4.0, None, -4.0, -4.0]
    assert row["vacuum_total_scores"] == [0.5, None, 0.5, 0.5]


def test_the_label_is_that_of_the_contracts_barriers(rows: list[dict[str, Any]]) -> None:
    assert rows[0]["outcome"] == "BREAK"
    assert (rows[0]["label_end_ts"] - rows[0]["window_end_ts"]).total_seconds() == 240
    assert rows[1]["outcome"] is None


@pytest.mark.parametrize(("known_at_s", "is_known"), [(DECISION_S, False), (DECISION_S + 1, True)])
def test_a_gap_counts_from_when_it_is_known(known_at_s: int, is_known: bool) -> None:
    gap = (
        f"select {KEY}, cast({at(26)} as timestamp_ns) as gap_start_ts, "
        f"cast({at(27)} as timestamp_ns) as gap_end_ts, "
        f"cast({at(known_at_s)} as timestamp_ns) as known_at_ts"
    )
    row = sequences(**{"silver.recording_gaps": gap})[0]
    assert row["is_known"] == [True, False, True, is_known]
    assert (row["k_vols"][-1] is not None) == is_known


def test_a_level_without_a_value_is_not_known() -> None:
    later = inputs()["silver.level_offset_1s"] + " where s >= 25"
    row = sequences(**{"silver.level_offset_1s": later})[0]
    assert row["is_known"] == [False, False, True, True]


def test_nothing_of_the_future_enters(rows: list[dict[str, Any]]) -> None:
    """Without the seconds after the decision its row is the same."""
    changes = {
        name: f"select * from ({query}) where window_end_ts <= {at(DECISION_S)}"
        for name, query in inputs().items()
        if "union all" not in query and "contract_days" not in name and "gaps" not in name
    }
    assert sequences(**changes)[0] == rows[0]
