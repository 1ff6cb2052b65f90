"""Built days that a live session runs again, with inputs from the build, beside its rows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from spymaster.live.clock import Clock, clock_of
from spymaster.live.kernel_calls import kernel_calls, partition_values
from spymaster.live.models import KEPT, WRITTEN, kept_rows, written_rows
from spymaster.live.tables import LiveTables
from spymaster.published import open_published
from spymaster_ingest.lake import Lake

from support.synthetic_book import DAY

SYMBOL = "ESZ5"
SECOND = dt.timedelta(seconds=1)
# kernels whose outputs models read, and no build keeps
KERNELS = ("market_seconds", "option_books", "published_book", "fingerprints")
_WRITTEN = (
    f"{WRITTEN}.market_seconds_seconds",
    f"{WRITTEN}.option_books_rows",
    f"{WRITTEN}.published_book_seconds",
    f"{WRITTEN}.published_book_executions",
    f"{WRITTEN}.fingerprints_windows",
)
# what the kernels and the feed give a session
FED = (
    f"{KEPT}.book_snapshot_1s",
    f"{KEPT}.wall_surface_1s",
    f"{KEPT}.reprice_flow_1s",
    f"{KEPT}.iceberg_1s",
    *_WRITTEN,
    "steps.book_records",
    "bronze.future_status",
    "bronze.option_trades",
    "bronze.option_mbo",
    "bronze.option_nbbo",
    "steps.option_quote_trades",
)


@dataclass(frozen=True)
class LiveDay:
    """A published contract-day.

    Attributes:
        published: the file.
        lake: around it.
        written: what the kernels write that no build keeps, by relation.
        day: its date.
        symbol: of the contract.
    """

    published: duckdb.DuckDBPyConnection
    lake: Lake
    written: dict[str, pa.Table]
    day: dt.date = DAY
    symbol: str = SYMBOL

    def fed(self, fed: Collection[str] = FED, wanted: Collection[str] | None = None) -> LiveTables:
        """Return tables to which the build's rows of some relations of the whole day are fed."""
        tables = LiveTables(
            self.lake, self.symbol, self.day, wanted=wanted, fed=fed, keep_s=24 * 60 * 60
        )
        read = {name for model in tables.models for name in model.reads}
        for relation in sorted(read & set(fed)):
            tables.append(relation, self.rows(relation))
        return tables

    def built(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> pa.Table:
        """Return the build's rows whose seconds end in (from_ts, to_ts]."""
        clock = self.clock(relation)
        assert clock
        begin = "" if clock.is_end else " + interval 1 second"
        return self.rows(
            relation, f"{clock.column}{begin} > '{from_ts}' and {clock.column}{begin} <= '{to_ts}'"
        )

    def clock(self, relation: str) -> Clock | None:
        """Return the clock of a relation; None where its rows have no second."""
        if relation in self.written:
            return clock_of(set(self.written[relation].column_names))
        described = self.published.execute(f"describe from {self._source(relation)}").fetchall()
        return clock_of({name for name, *_ in described})

    def rows(self, relation: str, condition: str = "true") -> pa.Table:
        """Return the build's rows that meet a condition; outputs of kernels as they wrote them."""
        if relation in self.written:
            return self.written[relation]
        return self.published.execute(
            f"select * from {self._source(relation)} "
            f"where symbol = '{self.symbol}' and dt = '{self.day}' and {condition}"
        ).to_arrow_table()

    def _source(self, relation: str) -> str:
        schema, _, name = relation.partition(".")
        return kept_rows(self.published, name) if schema == KEPT else relation


@contextmanager
def live_day(lake: Lake, day: dt.date = DAY, symbol: str = SYMBOL) -> Iterator[LiveDay]:
    """Open a built lake of a day."""
    with open_published(lake) as published:
        yield LiveDay(published, lake, _written(published, lake, (symbol, day)), day, symbol)


def _written(
    published: duckdb.DuckDBPyConnection, lake: Lake, of: tuple[str, dt.date]
) -> dict[str, pa.Table]:
    """Run the kernels whose outputs no build keeps."""
    found = {}
    calls = kernel_calls(published, KERNELS, partition_values(published, *of))
    for name, call in calls.items():
        batches: dict[str, list[pa.RecordBatch]] = {output: [] for output in call.schemas}
        streams = {
            stream: None if path is None else lake.root / path
            for stream, path in call.streams.items()
        }
        for output, batch in call.kernel(**streams, settings=call.settings):
            batches[output].append(batch)
        for output, schema in call.schemas.items():
            parts = batches[output]
            found[written_rows(name, output)] = (
                pa.Table.from_batches(parts) if parts else schema.empty_table()
            )
    return found


def step_through(tables: LiveTables, from_ts: dt.datetime, to_ts: dt.datetime, step_s: int) -> None:
    """Advance in steps of so many seconds; the last one ends with to_ts."""
    while from_ts < to_ts:
        step_ts = min(from_ts + step_s * SECOND, to_ts)
        tables.advance(from_ts, step_ts)
        from_ts = step_ts


def differences(live: pa.Table, built: pa.Table) -> Counter[str]:
    """Return the rows, as texts, that one of two tables has more often than the other."""
    assert live.column_names == built.column_names
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        live_texts, built_texts = (
            Counter(
                text
                for (text,) in connection.execute(
                    "select cast(rows_of as varchar) from rows_of"
                ).fetchall()
            )
            for rows_of in (live, built)
        )
    return (live_texts - built_texts) + (built_texts - live_texts)
