"""The dbt tests that compare the book relations pass on a good lake and fail on a damaged one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import duckdb
import pytest
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from support import lakes
from support.built_lakes import Built

# a busy second of ES, and a wall row in it well inside the range
SECOND = f"symbol = '{lakes.ES}' and dt = date '{lakes.DAYS[0]}' and " + (
    f"window_start_ts = timestamp '{lakes.DAYS[0]} 00:06:10'"
)
ROW = f"{SECOND} and side = 'B' and rel_ticks = -40"
OTHER_ROW = f"{SECOND} and side = 'B' and rel_ticks = -41"
WALL, SNAPSHOT, REPRICE = (
    f"silver.{name}" for name in ("wall_surface_1s", "book_snapshot_1s", "reprice_flow_1s")
)
BEST_BID = (
    f"{SECOND} and side = 'B' and price_int = "
    f"(select best_bid_price_int from {SNAPSHOT} where {SECOND})"
)

TOTALS = "assert_wall_and_outside_add_up_to_the_book"
MOVES = "assert_reprice_flow_adds_up_to_the_wall"
SIDES = "assert_resting_depth_lies_on_its_side_of_spot"
DISTANCE = "assert_rel_ticks_are_the_exact_distance_from_spot"
SECONDS = "assert_book_snapshot_1s_has_every_second"
SPOT = "assert_wall_agrees_with_the_snapshot"
QUOTES = "assert_wall_holds_the_best_quotes"
CARRY_OVER = "assert_wall_depth_carries_over_to_the_next_second"
SILENCE = "assert_silent_seconds_lie_in_silent_gaps"
KEY = "assert_wall_surface_1s_has_one_row_per_price"

# damage to the relations, and the tests that must detect it; others may too
DAMAGE = {
    "a wall row is lost": (f"delete from {WALL} where {ROW}", {TOTALS, CARRY_OVER}),
    "the wall of a second is lost": (f"delete from {WALL} where {SECOND}", {TOTALS}),
    "a wall row is there twice": (
        f"insert into {WALL} select * from {WALL} where {ROW}",
        {TOTALS, CARRY_OVER, KEY},
    ),
    "flow outside the range": (
        f"update {SNAPSHOT} set ask_outside_add = ask_outside_add + 1 where {SECOND}",
        {TOTALS},
    ),
    "depth outside the range": (
        f"update {SNAPSHOT} set ask_outside_depth_start = ask_outside_depth_start + 1, "
        f"ask_outside_depth_end = ask_outside_depth_end + 1 where {SECOND}",
        {TOTALS},
    ),
    "total of a side": (
        f"update {SNAPSHOT} set bid_depth_total = bid_depth_total + 1 where {SECOND}",
        {TOTALS},
    ),
    "a total is not known": (
        f"update {SNAPSHOT} set bid_order_count = null where {SECOND}",
        {"assert_book_totals_are_null_exactly_without_orders"},
    ),
    "flow of a wall row": (f"update {WALL} set add_qty = add_qty + 1 where {ROW}", {TOTALS}),
    "re-priced into a price": (
        f"update {WALL} set reprice_in_qty = reprice_in_qty + 1 where {ROW}",
        {MOVES},
    ),
    "re-priced out of a price": (
        f"update {WALL} set reprice_out_qty = reprice_out_qty + 1 where {ROW}",
        {MOVES},
    ),
    "a move is lost": (
        f"delete from {REPRICE} where rowid = (select min(rowid) from {REPRICE} where {SECOND})",
        {MOVES},
    ),
    "size of a move": (
        f"update {REPRICE} set qty = qty + 1 "
        f"where rowid = (select min(rowid) from {REPRICE} where {SECOND})",
        {MOVES},
    ),
    "a bid rests above spot": (
        f"update {WALL} set price_int = price_int + 10750000000, rel_ticks = 3 where {ROW}",
        {SIDES, QUOTES, CARRY_OVER},
    ),
    "distance off by one": (
        f"update {WALL} set rel_ticks = rel_ticks + 1 where {ROW}",
        {DISTANCE},
    ),
    "a row beyond the range": (
        f"update {WALL} set rel_ticks = -401, price_int = price_int - 90250000000 where {ROW}",
        {DISTANCE},
    ),
    "a second is lost": (f"delete from {SNAPSHOT} where {SECOND}", {SECONDS, SPOT}),
    "a second is there twice": (
        f"insert into {SNAPSHOT} select * from {SNAPSHOT} where {SECOND}",
        {SECONDS},
    ),
    "a second is off the grid": (
        f"update {SNAPSHOT} set window_start_ts = window_start_ts + interval 1 millisecond "
        f"where {SECOND}",
        {SECONDS, SPOT},
    ),
    "validity of one wall row": (
        f"update {WALL} set window_valid = not window_valid where {ROW}",
        {SPOT},
    ),
    "spot of one wall row": (
        f"update {WALL} set spot_ref_price_int = spot_ref_price_int + 250000000 where {ROW}",
        {SPOT, DISTANCE},
    ),
    "validity of a second": (
        f"update {SNAPSHOT} set window_valid = not window_valid where {SECOND}",
        {SPOT},
    ),
    "depth at the best bid": (
        f"update {SNAPSHOT} set best_bid_qty = best_bid_qty + 1 where {SECOND}",
        {QUOTES},
    ),
    "the best bid is elsewhere": (
        f"update {SNAPSHOT} set best_bid_price_int = best_bid_price_int - 250000000 where {SECOND}",
        {QUOTES},
    ),
    "the best bid does not rest": (
        f"update {WALL} set depth_qty_end = 0, pull_qty_total = pull_qty_total + depth_qty_end "
        f"where {BEST_BID}",
        {QUOTES, TOTALS, CARRY_OVER},
    ),
    "a second is silent outside of every gap": (
        f"update {SNAPSHOT} set invalid_flags = invalid_flags | 64 where {SECOND}",
        {SILENCE},
    ),
    "a silent gap has no silent second": (
        "insert into silver.recording_gaps select symbol, dt, window_start_ts - interval 3 minute, "
        f"window_start_ts, window_start_ts, 'silent' from {SNAPSHOT} where {SECOND}",
        {SILENCE},
    ),
    "a silent gap lies outside of trading": (
        f"update {SNAPSHOT} set invalid_flags = invalid_flags | 16 where {SECOND};"
        "insert into silver.recording_gaps select symbol, dt, window_start_ts, "
        "window_start_ts + interval 1 second, window_start_ts + interval 1 second, 'silent' "
        f"from {SNAPSHOT} where {SECOND}",
        {SILENCE},
    ),
    # no sum changes: only the comparison price by price detects these
    "start moved between two prices": (
        f"update {WALL} set depth_qty_start = depth_qty_start + 1, add_qty = add_qty - 1 "
        f"where {ROW};"
        f"update {WALL} set depth_qty_start = depth_qty_start - 1, add_qty = add_qty + 1 "
        f"where {OTHER_ROW}",
        {CARRY_OVER},
    ),
}


@pytest.fixture(scope="module")
def compiled(built: Built, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """SQL of the singular tests that read the book's relations alone, over all partitions."""
    book = {f"model.spymaster.{name}" for name in lakes.ENGINE_RELATIONS}
    later = {
        f"model.spymaster.{path.stem}"
        for folder in ("surfaces", "levels", "engines", "options")
        for path in (PROJECT_ROOT / "models" / "silver" / folder).rglob("*.sql")
    }
    selected = ("--select", "test_type:singular")
    copy = tmp_path_factory.mktemp("compiled") / "lake"
    lake = Lake(shutil.copytree(built.lake.root, copy))
    result = lakes.run(lake, "compile", *selected, test_all=True)
    return {
        test.node.name: test.node.compiled_code
        for test in result.result.results
        if book & set(test.node.depends_on.nodes) and not later & set(test.node.depends_on.nodes)
    }


@pytest.fixture(scope="module")
def connection(
    built: Built, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the published file in which the views over Parquet are tables."""
    path = tmp_path_factory.mktemp("damaged") / "copy.duckdb"
    shutil.copyfile(built.lake.published, path)
    with duckdb.connect(str(path)) as connection:
        for view in (WALL, REPRICE):
            connection.execute(f"create table {view}_rows as select * from {view}")
            connection.execute(f"drop view {view}")
            connection.execute(f"alter table {view}_rows rename to {view.partition('.')[2]}")
        yield connection


def noticing(
    connection: duckdb.DuckDBPyConnection, compiled: dict[str, str], damage: str = ""
) -> set[str]:
    """Return the tests that find rows, or fail to run, on the damaged relations."""
    found = set()
    for name, query in compiled.items():
        connection.begin()
        try:
            for statement in damage.split(";"):
                if statement:
                    [(changed,)] = connection.execute(statement).fetchall()
                    assert changed > 0, statement
            if connection.execute(query).fetchone():
                found.add(name)
        except duckdb.OutOfRangeException:
            found.add(name)
        finally:
            connection.rollback()
    return found


def test_nothing_fails_on_a_good_lake(
    connection: duckdb.DuckDBPyConnection, compiled: dict[str, str]
) -> None:
    assert noticing(connection, compiled) == set()


def test_every_test_has_damage_to_detect(compiled: dict[str, str]) -> None:
    assert set(compiled) == set().union(*(tests for _, tests in DAMAGE.values()))


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_detected(
    connection: duckdb.DuckDBPyConnection, compiled: dict[str, str], what: str
) -> None:
    damage, tests = DAMAGE[what]
    wanted = {name: query for name, query in compiled.items() if name in tests}
    assert noticing(connection, wanted, damage) == tests
