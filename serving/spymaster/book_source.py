"""What is missing on a contract-day whose book is market by price, and why."""

from __future__ import annotations

import datetime as dt

import duckdb

from spymaster.published import relations_of

BY_ORDER, BY_PRICE = "bronze.future_mbo.mbo", "bronze.future.market_by_price_10"
_MANIFEST = "bronze.ingest_manifest"
_DATASETS = f"select dataset_key from {_MANIFEST} where symbol = $symbol and dt = $dt"  # noqa: S608


def without_orders(what: str = "this day") -> str:
    """Return the sentence that says what a day without market by order lacks.

    Args:
        what: the day or days, in words.
    """
    return (
        f"No market-by-order file is landed for {what}: single orders and depth beyond ten levels "
        "are not known, and pulls and the four conditions only net of what arrived. Land its "
        ".mbo.dbn files to see them."
    )


def missing_orders(connection: duckdb.DuckDBPyConnection, symbol: str, day: dt.date) -> str | None:
    """Return that sentence if the book of a contract-day is market by price, else None.

    Args:
        connection: the published file.
        symbol: raw symbol of a contract.
        day: UTC date of the partition.
    """
    if _MANIFEST not in relations_of(connection):
        return None
    rows = connection.execute(_DATASETS, {"symbol": symbol, "dt": day}).fetchall()
    landed = {name for (name,) in rows}
    return without_orders() if BY_PRICE in landed and BY_ORDER not in landed else None
