"""A lake of MBP-10 alone gives the seconds, trades and levels of the lake with every order."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from spymaster_engine.kernels.book.surface_files import WHOLE_BOOK
from spymaster_ingest.lake import Lake
from support import lakes, mbp_lakes
from support.mbp_lakes import ByPrice

# of retest_events: the form of the conditions, and what the book did at the retest
OF_THE_BOOK = (
    *("conditions_basis", "c1", "c2", "c3", "c4", "turn_state", "recent_turn_state", "missing"),
    *("held_s", "above_score", "below_score", "bid_states", "ask_states"),
)
# relations that must agree, and columns whose values are those of the source
SAME = {
    "silver.book_snapshot_1s": ("n_records", "n_groups", *WHOLE_BOOK),
    "silver.trading_intervals": (),
    "steps.contract_trades": ("rec_ordinal",),
    "silver.bars": (),
    "silver.levels_1s": (),
    "silver.level_offset_1s": (),
    "steps.approach_windows_5s": (),
    "silver.approach_course_1s": (),
    "silver.level_decisions": (),
    "gold.approach_episodes": (),
    "gold.level_labels": (),
    "gold.level_outcomes": (),
    "gold.setup_events": (),
    "gold.retest_events": OF_THE_BOOK,
}
# relations that need order flow
ABSENT = (
    "silver.wall_surface_1s",
    "silver.reprice_flow_1s",
    "silver.vacuum_surface_1s",
    "silver.physics_bands_1s",
    "steps.turn_states_1s",
    "gold.turn_conditions_1s",
)
QA = "silver.book_engine_qa"


@pytest.fixture(scope="module")
def by_order(by_price: ByPrice, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = mbp_lakes.landed(by_price.raw, tmp_path_factory.mktemp("by_order"), "mbo")
    relations = (f"+{relation.partition('.')[2]}" for relation in (*SAME, *ABSENT, QA))
    lakes.run_models(lake, "--select", *relations, surface_window=mbp_lakes.SURFACE_WINDOW)
    return lake


@pytest.fixture(scope="module")
def both(by_order: Lake, by_price: ByPrice) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name, lake in (("by_order", by_order), ("by_price", by_price.lake)):
        connection.execute(f"attach '{lake.warehouse}' as {name} (read_only)")
    return connection


@pytest.mark.parametrize("relation", SAME)
def test_relation_is_that_of_the_orders(both: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Rows of the last minute aside: the last record of one source may lie before the other's."""
    [(last,)] = both.execute(
        "select least("
        "(select max(window_end_ts) from by_order.silver.book_snapshot_1s), "
        "(select max(window_end_ts) from by_price.silver.book_snapshot_1s))"
    ).fetchall()
    columns = {name for name, *_ in both.execute(f"describe by_order.{relation}").fetchall()} - set(
        SAME[relation]
    )
    names = ", ".join(sorted(columns))
    ends = sorted({"window_end_ts", "ts_event", "last_window_end_ts", "bar_end_ts"} & columns)
    until = f"where {ends[0]} <= timestamp '{last}'" if ends else ""
    rows = {
        name: f"select {names} from {name}.{relation} {until}" for name in ("by_order", "by_price")
    }
    [(count,)] = both.execute(f"select count(*) from ({rows['by_order']})").fetchall()
    assert count > 0
    for first, second in (("by_order", "by_price"), ("by_price", "by_order")):
        query = f"select * from ({rows[first]} except all {rows[second]}) limit 3"
        assert both.execute(query).fetchall() == []


def test_retests_name_the_form_of_the_conditions(both: duckdb.DuckDBPyConnection) -> None:
    found = {
        name: both.execute(
            "select list(distinct conditions_basis), count(retest_ts) > 0, count(above_score), "
            f"count(bid_states), count(ask_states) from {name}.gold.retest_events"
        ).fetchone()
        for name in ("by_order", "by_price")
    }
    assert found["by_order"][:2] == (["orders"], True)
    assert found["by_price"] == (["net"], True, 0, 0, 0)


def test_order_flow_is_absent(both: duckdb.DuckDBPyConnection) -> None:
    for relation in ABSENT:
        counts = [
            both.execute(f"select count(*) from {name}.{relation}").fetchone()[0]
            for name in ("by_order", "by_price")
        ]
        assert counts[0] > 0, relation
        assert counts[1] == 0, relation


def test_totals_of_the_whole_book_are_null(both: duckdb.DuckDBPyConnection) -> None:
    known = " + ".join(f"count({name})" for name in WHOLE_BOOK)
    for name, expected in (("by_order", True), ("by_price", False)):
        [(count,)] = both.execute(f"select {known} from {name}.silver.book_snapshot_1s").fetchall()
        assert (count > 0) is expected


def test_counters_that_need_orders_are_null(both: duckdb.DuckDBPyConnection) -> None:
    [row] = both.execute(
        "select n_T, trade_qty, off_tick, fill_msg_qty, unknown_cancel, final_bid_depth_total, "
        "bid_add_inside, max_resting_orders from by_price.silver.book_engine_qa"
    ).fetchall()
    [(trades, quantity)] = both.execute(
        "select n_T, trade_qty from by_order.silver.book_engine_qa"
    ).fetchall()
    assert row == (trades, quantity, 0, None, None, None, None, None)


def test_orders_are_preferred(by_price: ByPrice, by_order: Lake, tmp_path: Path) -> None:
    """A day landed in both schemas has the files of its orders, with the same fingerprint."""
    lake = lakes.landed_copy(by_order, tmp_path / "lake")
    raw = by_price.raw
    files = sorted(raw.rglob("*.mbp-10.dbn.zst")) + sorted(raw.rglob("*.definition.dbn.zst"))
    lakes.land_raw(lake, *files)
    lakes.run_models(lake, "--select", "+book_engine_qa", surface_window=mbp_lakes.SURFACE_WINDOW)
    query = "select * from silver.book_engine_manifest"
    found = []
    for database in (lake.warehouse, by_order.warehouse):
        with duckdb.connect(str(database), read_only=True) as connection:
            found.append(connection.execute(query).fetchall())
    assert found[0] == found[1]
