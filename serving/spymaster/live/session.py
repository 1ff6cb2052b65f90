"""A session: the records of a contract-day become the rows of its live relations, as they come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
from spymaster_ingest.dbn.layouts import FLAG_LAST, FLAG_MAYBE_BAD_BOOK, FLAG_SNAPSHOT
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.batches import landed_batch

from spymaster.live.engines import Engine, EngineRows, Engines
from spymaster.live.feeds import FUTURE, Chunk
from spymaster.live.models import KEPT
from spymaster.live.recorded import LandedDay
from spymaster.live.seconds import Ended
from spymaster.live.tables import LiveTables
from spymaster.published import NotPublishedError, ask_rows, open_published

_QUERIES = Path(__file__).parent / "queries"
_RECORDS = "steps.book_records"
_BOOK = "book_engine"
# outputs of the kernel of the book that relations read
_OF_BOOK = ("book_snapshot_1s", "wall_surface_1s", "reprice_flow_1s")
FED = (*(f"{KEPT}.{output}" for output in _OF_BOOK), _RECORDS)
_TRADE = b"T"
_COLUMNS = ("ts_event", "ts_recv", "action", "side", "price_int", "size", "flags")
_FLAGS = {
    "is_last": FLAG_LAST,
    "is_snapshot": FLAG_SNAPSHOT,
    "is_maybe_bad_book": FLAG_MAYBE_BAD_BOOK,
}
_EPOCH = dt.datetime(1970, 1, 1)


class Session:
    """A contract-day with orders, whose live relations follow its records.

    What is neither made of the records nor live comes from the published file: rows of options,
    calibrations, levels of earlier sessions, and answers.

    Args:
        lake: with a published file that knows the contract-day.
        symbol: of the contract.
        day: UTC date.
        wanted: relations with their schema; those that they read run too. None for all.
        keep_s: seconds for which rows stay that no model reads.

    Attributes:
        engines: to be advanced by the day's records.
        tables: the rows.
        at: up to when the seconds have run, UTC, without a zone.

    Raises:
        SpymasterError: Nothing is published, or the contract-day has no orders.
    """

    def __init__(
        self,
        lake: Lake,
        symbol: str,
        day: dt.date,
        *,
        wanted: Collection[str] | None = None,
        keep_s: int = 0,
    ) -> None:
        with open_published(lake, require=["silver.contract_days"]) as published:
            found = ask_rows(
                published, _QUERIES / "book_settings.sql", {"symbol": symbol, "dt": day}
            )
        if not found:
            raise NotPublishedError(f"{symbol} {day}", "is not built", "run `spymaster build`")
        [book] = found
        if book["book_source"] != "mbo":
            raise SpymasterError(
                f"{symbol} {day}", "has no orders, which a session is made of", "land schema mbo"
            )
        self._symbol, self._day = symbol, day
        self._partition = (lake.root / book["book_path"]).parent
        self._engine = Engine(
            _BOOK, "book_engine", "orders", "mbo", FUTURE, symbol, None, book["settings"]
        )
        self.engines = HeardEngines([self._engine])
        self.at = dt.datetime.combine(day, dt.time())
        self._n_records = 0
        self._held: dict[str, list[pa.RecordBatch]] = {relation: [] for relation in FED}
        self.tables = LiveTables(lake, symbol, day, wanted=wanted, fed=FED, keep_s=keep_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.tables.close()

    def landed(self) -> LandedDay:
        """Return the landed records of the day."""
        return LandedDay(self._partition)

    def steps(
        self,
        ended: Iterable[Ended],
        start: dt.datetime,
        end: dt.datetime,
        is_due: Callable[[dt.datetime], bool] = lambda _: True,
    ) -> Iterator[dt.datetime]:
        """Yield the time up to which there are rows, each time that seconds were run.

        The first step also makes the rows of the day so far.

        Args:
            ended: seconds of ``engines``.
            start: when the first second ends, at the earliest, UTC, without a zone.
            end: when the last second ends, at the latest.
            is_due: whether seconds up to a time are run now, or with those that follow.

        Raises:
            SpymasterError: The disk takes no more, a record fails a check, or a model's SQL fails.
        """
        pending: dt.datetime | None = None
        for second in ended:
            self._hold(second.rows, self.engines.taken())
            if second.second_s is None:
                continue
            now = min(_EPOCH + dt.timedelta(seconds=second.second_s + 1), end)
            if now < start:
                continue
            if self.at < start:
                yield self._advance(start)
            if now > self.at:
                pending = now
                if now == end or is_due(now):
                    yield self._advance(now)
                    pending = None
            if self.at >= end:
                return
        if pending is not None:
            yield self._advance(pending)

    def _advance(self, to_ts: dt.datetime) -> dt.datetime:
        """Run the seconds up to a time over what is kept; return the time."""
        self._append()
        self.tables.advance(self.at, to_ts)
        self.at = to_ts
        return to_ts

    def _hold(self, rows: list[EngineRows], chunks: list[Chunk]) -> None:
        """Keep the rows of ended seconds, and the records up to their end, for the next step."""
        for of_engine in rows:
            if of_engine.output in _OF_BOOK:
                self._held[f"{KEPT}.{of_engine.output}"].append(of_engine.rows)
        self._held[_RECORDS] += [self._records(chunk) for chunk in chunks]

    def _append(self) -> None:
        """Feed what is kept."""
        for relation, batches in self._held.items():
            if batches:
                self.tables.append(relation, self._of_day(pa.Table.from_batches(batches)))
                batches.clear()

    def _records(self, chunk: Chunk) -> pa.RecordBatch:
        """Return the trades of records as rows of steps.book_records, numbered as when landed.

        No live relation reads other records.
        """
        records = chunk.records
        places = np.flatnonzero((records["action"] == _TRADE) & (records["size"] > 0))
        batch = landed_batch(self._engine.table, records[places], _COLUMNS)
        flags = batch.column("flags").to_numpy(zero_copy_only=False)
        columns: dict[str, Any] = {name: batch.column(name) for name in _COLUMNS if name != "flags"}
        columns["rec_ordinal"] = self._n_records + places
        self._n_records += len(records)
        columns |= {name: flags & bit != 0 for name, bit in _FLAGS.items()}
        return pa.RecordBatch.from_pydict(columns)

    def _of_day(self, rows: pa.Table) -> pa.Table:
        """Return rows with the columns of their partition."""
        symbols = pa.array([self._symbol] * len(rows), pa.string())
        days = pa.array([self._day] * len(rows), pa.date32())
        return rows.append_column("symbol", symbols).append_column("dt", days)


class HeardEngines(Engines):
    """Engines that keep the chunks that they were fed until someone takes them."""

    def __init__(self, engines: list[Engine]) -> None:
        super().__init__(engines)
        self._chunks: list[Chunk] = []

    def feed(self, chunk: Chunk) -> list[EngineRows]:
        """Apply a chunk as ``Engines.feed`` does."""
        self._chunks.append(chunk)
        return super().feed(chunk)

    def taken(self) -> list[Chunk]:
        """Return the chunks since the last call."""
        chunks, self._chunks = self._chunks, []
        return chunks
