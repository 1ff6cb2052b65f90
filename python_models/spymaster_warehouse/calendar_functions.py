"""Plugin of dbt-duckdb: trading sessions of calendars, as a function of SQL.

``market_sessions(calendar, zone, first, last)`` lists the open intervals of the sessions dated
[first, last]. Named in ``profiles.yml``.
"""

from __future__ import annotations

import datetime as dt

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_ingest.market_calendars import sessions

_INTERVALS = "STRUCT(session_date DATE, open_ts TIMESTAMP, close_ts TIMESTAMP)[]"


def market_sessions(
    calendar: str, zone: str, first: dt.date, last: dt.date
) -> list[dict[str, dt.date | dt.datetime]]:
    """Return the open intervals of some sessions, UTC, in time order."""
    return [interval._asdict() for interval in sessions(calendar, zone, first, last)]


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the function known to a connection."""
    connection.create_function(
        "market_sessions", market_sessions, ["VARCHAR", "VARCHAR", "DATE", "DATE"], _INTERVALS
    )


class Plugin(BasePlugin):
    """Registers the function on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the function."""
        register(conn)
