"""Levels that hold from one moment to another, made anew as the sessions of the day go on.

The published file knows those that held when the day was opened. The high of the night, a swing, or
the close of the session that ends within the UTC day come later: the SQL of the build makes them of
the trades and bars so far. A row says from when on it holds, so that earlier seconds do not change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb
from spymaster_warehouse.jobs.job import filled

from spymaster.live.models import relations_named
from spymaster.live.statements import quoted
from spymaster.published import ask_rows

_QUERIES = Path(__file__).parent / "queries"
LEVELS, _SESSIONS = "steps.step_levels", "steps.session_prices"
_TRADES, _SETTLEMENTS = "steps.contract_trades", "bronze.future_statistics"
# what changes other than with a trade or a settlement does so on a whole minute
_MINUTE = dt.timedelta(minutes=1)
_EPOCH = dt.datetime(1970, 1, 1)


def records_of_levels(published: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the views over records that the levels rest on."""
    found = ask_rows(published, _QUERIES / "table.sql", {"relation": LEVELS})
    return relations_named(row["sql"] for row in found) & {_SETTLEMENTS}


class StepLevels:
    """The levels of a session's tables.

    Attributes:
        inputs: relations that its SQL reads.
        earlier: those of which rows of the contract's earlier days are read, and today's come.
    """

    def __init__(
        self, published: duckdb.DuckDBPyConnection, partition: Mapping[str, str | None]
    ) -> None:
        """Read the SQL of the build.

        Args:
            published: the file.
            partition: values of the placeholders of the contract-day.
        """
        texts = {
            name: ask_rows(published, _QUERIES / "table.sql", {"relation": name})[0]["sql"]
            for name in (LEVELS, _SESSIONS)
        }
        self._partition = partition
        self._sql = texts[LEVELS]
        self._of_sessions = filled(texts[_SESSIONS], partition)
        self.inputs: Collection[str] = relations_named(texts.values())
        self.earlier = {_SESSIONS, _SETTLEMENTS} & {*self.inputs}
        self._n_settlements = -1
        # of the published file, which a run that goes on was ahead of
        self._are_of_opening = True

    def is_due(
        self, connection: duckdb.DuckDBPyConnection, from_ts: dt.datetime, to_ts: dt.datetime
    ) -> bool:
        """Return whether the seconds of a step may bring a level."""
        if self._are_of_opening or (to_ts - _EPOCH) // _MINUTE > (from_ts - _EPOCH) // _MINUTE:
            return True
        if _SETTLEMENTS in self.inputs and self._counted(connection) != self._n_settlements:
            return True
        # the first trade of a session comes after a while without
        [(is_first,)] = connection.execute(
            "select coalesce(max(window_start_ts) >= $from_ts and coalesce("  # noqa: S608
            "max(window_start_ts) filter (window_start_ts < $from_ts) < $from_ts - $minute, true"
            f"), false) from {quoted(_TRADES)}",
            {"from_ts": from_ts, "minute": _MINUTE},
        ).fetchall()
        return bool(is_first)

    def renew(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the levels of what the tables hold."""
        of_day = "symbol = $symbol and dt = cast($dt as date)"
        values = {name: self._partition[name] for name in ("symbol", "dt")}
        for relation, sql in ((_SESSIONS, self._of_sessions), (LEVELS, self._sql)):
            connection.execute(f"delete from {quoted(relation)} where {of_day}", values)  # noqa: S608
            connection.execute(
                f"insert into {quoted(relation)} by name select * from ({sql}) where {of_day}",  # noqa: S608
                values,
            )
        self._are_of_opening = False
        if _SETTLEMENTS in self.inputs:
            self._n_settlements = self._counted(connection)

    def _counted(self, connection: duckdb.DuckDBPyConnection) -> int:
        [(count,)] = connection.execute(f"select count(*) from {quoted(_SETTLEMENTS)}").fetchall()  # noqa: S608
        return int(count)
