"""A published file made by hand: twelve seconds with every feature of a picture.

Prices are ticks of 0.25. Spot is at 26600, from second 5 on at 26602; the walls at 26606 and 26594
do not move. Second 4 has no row, second 6 is invalid, second 7 has no spot, the last two lie
outside ``surface_window``, and a recording gap reaches from the middle of second 9 into second 10.
"""

from __future__ import annotations

import datetime as dt

import duckdb
from spymaster_ingest.lake import Lake

SYMBOL = "ESZ5"
DAY = dt.date(2025, 10, 1)
START = dt.datetime(2025, 10, 1, 13, 30)
COUNT = 12
TICK_INT = 250_000_000
MISSING, INVALID, NO_SPOT, FIRST_OUTSIDE, NOTHING_BEYOND = 4, 6, 7, 10, 9
# start and end in seconds
RECORDING_GAP = (9.5, 10.25)
ASK_WALL, BID_WALL = 26606, 26594
ASK_WALL_QTY, BID_WALL_QTY = 64, 8
# the largest distance from spot of any wall row
REACH_TICKS = 12
MODE = "intraday_expanding"
# second -> score; warm-up before
SCORES = {8: (0.75, 0.25), 9: (0.5, 1.0)}
# second, action, side, tick, size
RECORDS = (
    (1, "T", "B", 26601, 3),
    (1, "T", "B", 26605, 1),
    (1, "A", "B", 26590, 9),
    (2, "T", "A", 26599, 4),
    (3, "T", "A", 26599, 1),
    (3, "T", "A", 26599, 0),
    (8, "T", "N", 26602, 2),
)


def spot_tick(second: int) -> int | None:
    """Return spot of a second."""
    if second == NO_SPOT:
        return None
    return 26600 if second < 5 else 26602


def depth(second: int) -> dict[tuple[str, int], int]:
    """Return resting contracts by side and tick; empty where no walls are written."""
    spot = spot_tick(second)
    if second == MISSING or second >= FIRST_OUTSIDE or spot is None:
        return {}
    rows = {
        ("A", ASK_WALL): ASK_WALL_QTY,
        ("B", BID_WALL): BID_WALL_QTY,
        ("A", spot + 1): 2,
        ("B", spot - 1): 4,
        # flow without remaining depth
        ("A", 26605): 0,
    }
    if second == 0:
        rows |= {("A", spot + REACH_TICKS): 16}
    if second == INVALID:
        # crossed: more asks than bids rest at one price
        rows |= {("A", spot - 1): 32}
    return rows


def write_lake(lake: Lake, *, bands: bool = True) -> Lake:
    """Write the published file of a lake."""
    lake.make_root()
    with duckdb.connect(str(lake.published)) as connection:
        for schema in ("bronze", "silver", "steps"):
            connection.execute(f"create schema {schema}")
        _write_bronze(connection)
        _write_book(connection)
        if bands:
            _write_bands(connection)
    return lake


def _write_bronze(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table bronze.ingest_manifest "
        "(dataset_key varchar, symbol varchar, dt date, tick_int bigint)"
    )
    connection.execute(
        "insert into bronze.ingest_manifest values (?, ?, ?, ?)",
        ["bronze.future_mbo.mbo", SYMBOL, DAY, TICK_INT],
    )
    connection.execute(
        "create table steps.book_records (symbol varchar, dt date, ts_event timestamp_ns, "
        "action varchar, side varchar, price_int bigint, size bigint)"
    )
    connection.executemany(
        "insert into steps.book_records values (?, ?, ?, ?, ?, ?, ?)",
        [
            (SYMBOL, DAY, _at(second, 0.999), action, side, tick * TICK_INT, size)
            for second, action, side, tick, size in RECORDS
        ],
    )


def _write_book(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table silver.book_snapshot_1s (symbol varchar, dt date, "
        "window_start_ts timestamp, window_end_ts timestamp, best_bid_price_int bigint, "
        "best_ask_price_int bigint, spot_ref_price_int bigint, trade_qty_buy bigint, "
        "trade_qty_sell bigint, bid_outside_depth_end bigint, ask_outside_depth_end bigint, "
        "window_valid boolean)"
    )
    connection.execute(
        "create table silver.wall_surface_1s (symbol varchar, dt date, window_start_ts timestamp, "
        "side varchar, price_int bigint, rel_ticks integer, depth_qty_end bigint)"
    )
    connection.execute(
        "create table silver.recording_gaps (symbol varchar, dt date, gap_start_ts timestamp_ns, "
        "gap_end_ts timestamp_ns, known_at_ts timestamp_ns, cause varchar)"
    )
    start, end = (_at(0, moment) for moment in RECORDING_GAP)
    # another contract has a gap throughout
    for symbol, gap in ((SYMBOL, (start, end)), ("ESH6", (_at(0), _at(COUNT)))):
        connection.execute(
            "insert into silver.recording_gaps values (?, ?, ?, ?, ?, 'silent')",
            [symbol, DAY, *gap, gap[1]],
        )
    for second in range(COUNT):
        if second == MISSING:
            continue
        spot = spot_tick(second)
        quotes = [tick * TICK_INT for tick in (spot - 1, spot + 1, spot)] if spot else [None] * 3
        outside = 0 if second == NOTHING_BEYOND else 5
        connection.execute(
            "insert into silver.book_snapshot_1s values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                SYMBOL,
                DAY,
                _at(second),
                _at(second + 1),
                *quotes,
                _traded(second, "B"),
                _traded(second, "A"),
                0,
                outside,
                second not in (INVALID, NO_SPOT),
            ],
        )
        for (side, tick), qty in depth(second).items():
            connection.execute(
                "insert into silver.wall_surface_1s values (?, ?, ?, ?, ?, ?, ?)",
                [SYMBOL, DAY, _at(second), side, tick * TICK_INT, tick - spot, qty],
            )


def _write_bands(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table silver.physics_bands_1s (symbol varchar, dt date, "
        "window_start_ts timestamp, window_end_ts timestamp, window_valid boolean, "
        "above_score double, below_score double, vacuum_total_score double, "
        "calibration_mode varchar)"
    )
    for second in range(FIRST_OUTSIDE):
        if second == MISSING:
            continue
        above, below = SCORES.get(second, (None, None))
        total = None if above is None else (above + below) / 2
        valid = second not in (INVALID, NO_SPOT)
        connection.execute(
            "insert into silver.physics_bands_1s values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [SYMBOL, DAY, _at(second), _at(second + 1), valid, above, below, total, MODE],
        )


def _at(second: int, fraction_s: float = 0) -> dt.datetime:
    return START + dt.timedelta(seconds=second + fraction_s)


def _traded(second: int, side: str) -> int:
    return sum(
        size
        for at, action, aggressor, _, size in RECORDS
        if (at, action, aggressor) == (second, "T", side)
    )
