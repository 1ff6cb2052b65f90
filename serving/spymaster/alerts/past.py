"""The alerts of a past day: the rules over the rows of the published file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse.settings.alerts import AlertSettings

from spymaster.alerts.alert import Alert
from spymaster.alerts.evaluate import Evaluator
from spymaster.alerts.known import NEEDED, read_known
from spymaster.live.clock import Clock, clock_of
from spymaster.published import open_published, relations_of

# seconds that are evaluated at once, which bounds memory
_AT_ONCE = dt.timedelta(seconds=1_800)


class PublishedRows:
    """Rows of a contract-day in the published file, as a session gives its own.

    Args:
        connection: the published file.
        symbol: raw symbol of a contract.
        day: UTC date of the partition.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, symbol: str, day: dt.date) -> None:
        self._connection, self._partition = connection, [symbol, day]
        self._clocks: dict[str, Clock] = {}

    def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> pa.Table:
        """Return rows whose seconds end in (from_ts, to_ts], UTC, without a zone."""
        seconds = self._clock(relation).between(from_ts, to_ts)
        return self._connection.execute(
            f"select * from {relation} where symbol = ? and dt = ? and {seconds}",  # noqa: S608
            self._partition,
        ).to_arrow_table()

    def _clock(self, relation: str) -> Clock:
        if relation not in self._clocks:
            described = self._connection.execute(f"describe from {relation}").fetchall()
            clock = clock_of([name for name, *_ in described])
            if clock is None:
                raise SpymasterError(relation, "has no column that says the second of a row")
            self._clocks[relation] = clock
        return self._clocks[relation]


def past_alerts(
    lake: Lake,
    symbol: str,
    span: tuple[dt.datetime, dt.datetime],
    day: dt.date,
    settings: AlertSettings,
    say: Callable[[str], None],
) -> Iterator[Alert]:
    """Yield what the rules would have said on a past day, in order.

    Args:
        lake: with a published file.
        symbol: raw symbol of a contract.
        span: the seconds whose ends lie in (from, to], UTC, without a zone.
        day: UTC date of the partition.
        settings: rules of alerts.
        say: takes a line on what rules cannot do.

    Raises:
        SpymasterError: The published file or the contract-day is missing.
    """
    with open_published(lake, NEEDED) as connection:
        there = relations_of(connection)
        known = read_known(connection, symbol, day)
        evaluator = Evaluator(known, settings, there, "in the published file", say)
        rows = PublishedRows(connection, symbol, day)
        at, to_ts = span
        try:
            while at < to_ts:
                until = min(at + _AT_ONCE, to_ts)
                yield from evaluator.alerts(rows, at, until)
                at = until
        finally:
            evaluator.close()
