"""Why a contract-day without orders has no odds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from spymaster.published import ask_rows

RELATIONS = ("gold.retrieval_families", "bronze.ingest_manifest")
_QUERY = Path(__file__).parent / "queries" / "day_without_order_flow.sql"


def nothing_to_compare(
    connection: duckdb.DuckDBPyConnection, symbol: str, day: dt.date
) -> str | None:
    """Return why answers cannot compare a contract-day; None if they can.

    Args:
        connection: the published file, with ``RELATIONS``.
        symbol: raw symbol of a contract.
        day: UTC date of the partition.
    """
    for row in ask_rows(connection, _QUERY, {"symbol": symbol, "dt": day}):
        return (
            f"answers for {row['root']} compare order flow at the level, and no market-by-order "
            "file is landed for this day"
        )
    return None
