"""Remedies for a contract-day that does not exist: name the days or contracts that do."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import duckdb

# contracts to name; further contracts are counted
_NAMED = 8
_BUILT = "select distinct symbol, dt from silver.book_snapshot_1s"


def built_instead(connection: duckdb.DuckDBPyConnection, symbol: str) -> str:
    """Return a remedy for a contract-day that is not built.

    Args:
        connection: the published file.
        symbol: symbol as the user wrote it.
    """
    return instead(connection.execute(_BUILT).fetchall(), symbol, "built")


def instead(days: Iterable[tuple[str, dt.date]], symbol: str, what: str) -> str:
    """Return a remedy for a contract-day that does not exist.

    Args:
        days: contract and UTC date of each existing contract-day.
        symbol: symbol as the user wrote it.
        what: their state in a word: built or landed.
    """
    dates: dict[str, list[dt.date]] = defaultdict(list)
    for contract, day in days:
        dates[contract].append(day)
    if symbol in dates:
        first, last, count = min(dates[symbol]), max(dates[symbol]), len(dates[symbol])
        return f"{what} of it: {count} UTC days from {first} to {last}"
    if symbol.upper() in dates:
        return f"did you mean {symbol.upper()}?"
    if not dates:
        return f"no contract is {what}; `spymaster status` says what the lake holds"
    names = sorted(dates)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{what}: {', '.join(names[:_NAMED])}{more}"
