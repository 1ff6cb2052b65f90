"""Moments without a level: the window in force at a time, or why it has no vector."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
from spymaster_ingest.errors import SpymasterError

from spymaster.book_source import missing_orders
from spymaster.clock import LocalClock, clock_of
from spymaster.contracts import built_instead
from spymaster.published import Row, ask_rows

_QUERIES = Path(__file__).parent / "queries"
# length of a vector's history in words
_HISTORY = "27 valid windows in a row, and no recording gap in them"


def spot_moment(
    connection: duckdb.DuckDBPyConnection, symbol: str, day: dt.date, at: dt.datetime | None
) -> Row:
    """Return the window without a level that is in force at a time.

    Args:
        connection: the published file.
        symbol: raw symbol of a contract.
        day: UTC date of the partition.
        at: time, naive UTC; None takes the day's last window with a vector.

    Raises:
        SpymasterError: There is no vector then; it says why.
    """
    key = {"symbol": symbol, "dt": day, "at": at}
    for row in ask_rows(connection, _QUERIES / "spot_moment.sql", key):
        return row | {"symbol": symbol}
    clock = clock_of(connection)
    where = f"{symbol} {day}" + (f" {clock.time(at)} {clock.city}" if at else "")
    no_orders = missing_orders(connection, symbol, day)
    if no_orders:
        raise SpymasterError(
            where, "a moment without a level compares the whole book around spot", no_orders
        )
    [window] = ask_rows(connection, _QUERIES / "spot_window.sql", key)
    if window["first_ts"] is None:
        raise SpymasterError(
            where, "no moments are known that day", built_instead(connection, symbol)
        )
    nearest = window["nearest_ts"]
    remedy = (
        "no window of that day has a vector"
        if nearest is None
        else f"the nearest window with a vector ends at {clock.time(nearest)} {clock.city}"
    )
    raise SpymasterError(where, _reason(window, at, clock), remedy)


def _reason(window: Row, at: dt.datetime | None, clock: LocalClock) -> str:
    """Return why the window in force has no vector."""
    if at is None:
        return "no window with a vector that day"
    if window["window_end_ts"] is None:
        first, last = clock.time(window["first_ts"]), clock.time(window["last_ts"])
        return f"it lies outside the study window, whose windows end from {first} to {last}"
    if not window["window_valid"]:
        return "the book was not known in a second of the window: no vector"
    if window["move_ticks"] is None:
        return "the mid of a minute before is not known: no vector"
    if window["approach_dir"] == "spot_none":
        moved, least = abs(window["move_ticks"]), window["least_move_ticks"]
        return (
            f"price moved {moved:g} ticks over the last minute; a moment without a level needs "
            f"{least:.1f}"
        )
    return f"too short a time was known: a vector needs {_HISTORY}"
