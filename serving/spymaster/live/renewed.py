"""Relations of a day that change when records come: hours of trading, and open interest.

A build makes them of the records of the whole day. A row says from when on it is known, or holds,
so that what a second sees of them does not change with later records.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from spymaster_ingest.landing.batches import landed_batch
from spymaster_ingest.units import NS_PER_DAY

from spymaster.live.feeds import Chunk, times_of
from spymaster.live.landed_views import LandedRows, LandedView, reads_of
from spymaster.live.models import relations_named
from spymaster.live.statements import quoted
from spymaster.published import ask_rows

_QUERIES = Path(__file__).parent / "queries"
HOURS = "silver.trading_intervals"
RENEWED = (HOURS, "silver.option_open_interest")
_EPOCH = dt.date(1970, 1, 1)


class Renewed:
    """A relation of a contract-day, made by the SQL of its build of what has come so far.

    Attributes:
        relation: its name with its schema.
        is_changed: whether records have come since ``rows`` was called last.
    """

    def __init__(
        self,
        published: duckdb.DuckDBPyConnection,
        relation: str,
        views: Mapping[str, LandedView],
        of: tuple[str, dt.date],
    ) -> None:
        """Begin with the records that the published file knows.

        Args:
            published: the file.
            relation: its name with its schema, one of ``RENEWED``.
            views: over landed records, by relation.
            of: symbol of the contract, and UTC date.
        """
        self.relation = relation
        self.is_changed = False
        self._of = of
        [row] = ask_rows(published, _QUERIES / "table.sql", {"relation": relation})
        self._sql = row["sql"]
        named = relations_named([self._sql])
        self._views = {name: views[name] for name in sorted(named & views.keys())}
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute("set TimeZone = 'UTC'")
        for name in sorted(named | reads_of(self._views.values())):
            self._copy(published, name)
        self._tables = {
            key: table for view in self._views.values() for key, table in view.tables.items()
        }
        self._landed = LandedRows(self._connection, self._views.values(), {})
        # after those of any landed file
        self._next_ordinal = 1 << 40

    @property
    def datasets(self) -> Collection[str]:
        """Return the datasets of the records that it rests on."""
        return self._tables.keys()

    def hear(self, chunk: Chunk) -> bool:
        """Take records; return whether there are new ones of the day among them."""
        tables = {
            key: table
            for key, table in self._tables.items()
            if table in chunk.source.tables and chunk.source.product == self._of[0]
        }
        if not tables:
            return False
        days = times_of(chunk.records) // NS_PER_DAY
        records = chunk.records[days == (self._of[1] - _EPOCH).days]
        if not len(records):
            return False
        n_before = self._n_rows()
        for key, table in tables.items():
            self._landed.append({key: self._numbered(landed_batch(table, records))})
        for name in self._views:
            # what the opening of the day landed comes again
            self._connection.execute(
                f"create or replace table {quoted(name)} as "  # noqa: S608
                "select * exclude (rec_ordinal), min(rec_ordinal) as rec_ordinal "
                f"from {quoted(name)} group by all"
            )
        is_new = self._n_rows() > n_before
        self.is_changed |= is_new
        return is_new

    def rows(self) -> pa.Table:
        """Return its rows of the contract-day as they are known now."""
        self.is_changed = False
        return self._connection.execute(
            f"select * from ({self._sql}) where symbol = $symbol and dt = $dt",  # noqa: S608
            {"symbol": self._of[0], "dt": self._of[1]},
        ).to_arrow_table()

    def _copy(self, published: duckdb.DuckDBPyConnection, name: str) -> None:
        """Copy what the SQL needs of a relation: of the day, of records of earlier days too."""
        described = published.execute(f"describe from {quoted(name)}").fetchall()
        condition = "true"
        if {"symbol", "dt"} <= {column for column, *_ in described}:
            compared = "<=" if name in self._views else "="
            condition = f"symbol = $symbol and dt {compared} $dt"
        rows = published.execute(
            f"select * from {quoted(name)} where {condition}",  # noqa: S608
            {"symbol": self._of[0], "dt": self._of[1]} if "$" in condition else {},
        ).to_arrow_table()
        self._connection.register("copied", rows)
        schema = name.partition(".")[0]
        self._connection.execute(f'create schema if not exists "{schema}"')
        self._connection.execute(f"create table {quoted(name)} as from copied")
        self._connection.unregister("copied")

    def _n_rows(self) -> int:
        """Return how many rows the views have."""
        counts = " + ".join(
            f"(select count(*) from {quoted(name)})"  # noqa: S608
            for name in self._views
        )
        [(count,)] = self._connection.execute(f"select {counts}").fetchall()
        return int(count)

    def _numbered(self, batch: pa.RecordBatch) -> pa.Table:
        """Return landed rows with their partition, numbered after all that are known."""
        symbol, day = self._of
        numbers = np.arange(self._next_ordinal, self._next_ordinal + len(batch))
        self._next_ordinal += len(batch)
        return (
            pa.Table.from_batches([batch])
            .append_column("rec_ordinal", pa.array(numbers))
            .append_column("symbol", pa.array([symbol] * len(batch), pa.string()))
            .append_column("dt", pa.array([day] * len(batch), pa.date32()))
        )
