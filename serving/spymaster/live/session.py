"""A session: the records of a contract-day become the rows of its live relations, as they come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import duckdb
import numpy as np
import pyarrow as pa
from spymaster_engine.door import KERNELS
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.batches import landed_batch
from spymaster_ingest.landing.table_schemas import SCHEMAS, TableSchema
from spymaster_ingest.units import epoch_ns

from spymaster.live.engines import Engine
from spymaster.live.feeds import FUTURE_OPTION, Chunk
from spymaster.live.heard import EngineState, HeardEngines, HeardSecond, end_of, heard_seconds
from spymaster.live.kernel_calls import KernelCall, kernel_calls, partition_values
from spymaster.live.landed_views import landed_views
from spymaster.live.models import KEPT, WRITTEN, live_models, of_day, upstream, written_rows
from spymaster.live.recorded import LandedDay
from spymaster.live.renewed import HOURS, RENEWED, Renewed
from spymaster.live.seconds import TOGETHER_RECORDS, TOGETHER_S, Ended
from spymaster.live.step_levels import LEVELS, records_of_levels
from spymaster.live.tables import LiveTables
from spymaster.published import ask_rows, open_published

_QUERIES = Path(__file__).parent / "queries"
# records that are held before they become rows, at most
_MANY_RECORDS = 1 << 20
# memory of rows that are gone is given back at so many seconds of the day
_COMPACT_EVERY_S = 300
_EPOCH = dt.datetime(1970, 1, 1)
# the kernel whose rows rest on the hours of trading
_BOOK_ENGINE = "book_engine"


class _Landed(NamedTuple):
    """Landed records of the day."""

    dataset: str
    path: str
    schema: str

    @property
    def table(self) -> TableSchema:
        """Return the table that they are landed in."""
        return next(x for x in SCHEMAS[self.schema].tables if x.dataset == self.dataset)


class Session:
    """A contract-day whose live relations follow its records.

    What is neither made of the records nor live comes from the published file: calibrations, levels
    of earlier sessions, definitions, and the library that answers rest on.

    Args:
        lake: with a published file that knows the contract-day.
        symbol: of the contract.
        day: UTC date.
        wanted: relations with their schema, live ones and views over records; those that they read
            run too. None for all.
        keep_s: seconds for which rows stay that no model reads.

    Attributes:
        engines: to be advanced by the day's records.
        tables: the rows.
        at: up to when the seconds have run, UTC, without a zone.
        state: of the engines after the last second that was taken, where it came with one.

    Raises:
        SpymasterError: Nothing is published, or no records are landed that the rows are made of.
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
            values = partition_values(published, symbol, day)
            live = of_day(published, live_models(published), values)
            all_views = landed_views(published)
            also = () if wanted is None else {*wanted} & all_views.keys()
            models = None if wanted is None else {*wanted}.difference(also)
            running = upstream(live, live if models is None else models, ())
            read = {name for model in running.values() for name in model.reads}.union(also)
            if LEVELS in read:
                read |= records_of_levels(published)
            calls = kernel_calls(published, _kernels_behind(read), values)
            views = {x: view for x, view in all_views.items() if x in read}
            landed = _landed_of_day(published, symbol, day)
            wants_hours = _BOOK_ENGINE in calls
            self._renewed = [
                renewed
                for name in RENEWED
                if name in read or (name == HOURS and wants_hours)
                if (renewed := Renewed(published, name, all_views, (symbol, day))).datasets
            ]
        self._lake, self._symbol, self._day, self._read = lake, symbol, day, read
        engines = _engines(calls.values(), {x.path: x for x in landed}, symbol)
        self.engines = HeardEngines(engines, self.hear)
        self._relation_of = _relations_of_outputs(engines, calls, read)
        self._read_datasets = {x for view in views.values() for x in view.tables}
        self._landed = [
            x
            for x in landed
            if x.dataset in self._read_datasets or any(_takes(engine, x) for engine in engines)
        ]
        if not self._landed:
            raise SpymasterError(
                f"{symbol} {day}", "has no landed records that these rows are made of", "land them"
            )
        self._dataset_of = {(x.schema, x.table.product_type): x for x in self._landed}
        self.at = dt.datetime.combine(day, dt.time())
        self.state: EngineState | None = None
        self._n_records = dict.fromkeys(self._read_datasets, 0)
        # records since the last step
        self._n_since = 0
        self._new_rows: dict[str, pa.Table] = {}
        self._rows: dict[str, list[pa.RecordBatch]] = {
            relation: [] for relation in self._relation_of.values()
        }
        self._records: dict[str, list[np.ndarray]] = {x.dataset: [] for x in self._landed}
        fed = {*(x for x in read if x.partition(".")[0] in (KEPT, WRITTEN)), *views}
        self.tables = LiveTables(lake, symbol, day, wanted=models, fed=fed, keep_s=keep_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.tables.close()

    def go_on(self, at: dt.datetime, n_fed: Mapping[str, int]) -> None:
        """Begin where another session of the day stood.

        Args:
            at: up to when its seconds had run.
            n_fed: how many records its engines had been given, by the name of their source.
        """
        self.at = at
        self.engines.n_fed.update(n_fed)
        for name, count in n_fed.items():
            product, product_type, schema = name.rsplit(".", 2)
            landed = self._dataset_of.get((schema, product_type))
            if product == self._symbol and landed and landed.dataset in self._read_datasets:
                self._n_records[landed.dataset] = count

    def hear(self, chunk: Chunk) -> None:
        """Note records that change what is known of the day: its hours, its open interest.

        A session that goes on is told of those that its engines have been given before.
        """
        for renewed in self._renewed:
            if renewed.hear(chunk) and renewed.relation == HOURS:
                intervals = [
                    {
                        "open_ns": epoch_ns(row["open_ts"]),
                        "close_ns": epoch_ns(row["close_ts"]),
                        "is_open_at_once": row["is_open_at_once"],
                    }
                    for row in renewed.rows().sort_by("interval_no").to_pylist()
                ]
                renewed.is_changed = True
                self.engines.change(_BOOK_ENGINE, trading_intervals=intervals)

    def landed(self) -> list[LandedDay]:
        """Return the landed records of the day that its rows are made of, futures first."""
        return [LandedDay((self._lake.root / landed.path).parent) for landed in self._landed]

    def steps(
        self,
        ended: Iterable[Ended],
        start: dt.datetime,
        end: dt.datetime,
        is_due: Callable[[dt.datetime], bool] = lambda _: True,
    ) -> Iterator[dt.datetime]:
        """Yield the time up to which there are rows, as ``run`` does, of seconds as they end."""
        return self.run(self.heard(ended, start, end), start, end, is_due)

    def heard(
        self,
        ended: Iterable[Ended],
        start: dt.datetime,
        end: dt.datetime,
        state_every_s: int | None = None,
    ) -> Iterator[HeardSecond]:
        """Yield seconds with all that a step over them needs.

        A thread may take them ahead of the one that runs the steps.

        Args:
            ended: seconds of ``engines``.
            start: when the first second ends, at the earliest, UTC, without a zone.
            end: when the last second ends, at the latest.
            state_every_s: the first second comes with the state of the engines, the last one, and
                the first after each multiple of so many seconds. None for no state.
        """
        return heard_seconds(
            ended,
            self.engines,
            [one for one in self._renewed if one.relation in self._read],
            (start, end),
            state_every_s,
        )

    def run(
        self,
        heard: Iterable[HeardSecond],
        start: dt.datetime,
        end: dt.datetime,
        is_due: Callable[[dt.datetime], bool],
    ) -> Iterator[dt.datetime]:
        """Yield the time up to which there are rows, each time that seconds were run.

        The rows of the day before ``start`` are made on the way; a yield tells of none of them
        but those up to ``start`` itself.

        Args:
            heard: seconds of the session.
            start: when the first second ends, at the earliest, UTC, without a zone.
            end: when the last second ends, at the latest.
            is_due: whether seconds up to a time are run now, or with those that follow. Those that
                come with a state are.

        Raises:
            SpymasterError: The disk takes no more, a record fails a check, or a model's SQL fails.
        """
        pending: dt.datetime | None = None
        for second in heard:
            self.state = second.state
            self._hold(second)
            if second.ended.second_s is None:
                continue
            now = min(end_of(second.ended.second_s), end)
            if now < start:
                is_long = now - self.at >= dt.timedelta(seconds=TOGETHER_S)
                if is_long or self._n_since >= TOGETHER_RECORDS:
                    self._advance(now)
                    self.tables.compact()
                continue
            if self.at < start:
                yield self._advance(start)
                self.tables.compact()
            if now > self.at:
                pending = now
                if now == end or self.state is not None or is_due(now):
                    yield self._advance(now)
                    pending = None
                    if _is_multiple(now, _COMPACT_EVERY_S):
                        # the rows of the step have been told of
                        self.tables.compact()
            if self.at >= end:
                return
        if pending is not None:
            yield self._advance(pending)

    def _advance(self, to_ts: dt.datetime) -> dt.datetime:
        """Run the seconds up to a time over what is kept; return the time."""
        self._append()
        self._n_since = 0
        self.tables.advance(self.at, to_ts)
        self.at = to_ts
        return to_ts

    def _hold(self, second: HeardSecond) -> None:
        """Keep the rows of ended seconds, and the records up to their end, for the next step."""
        self._new_rows.update(second.renewed)
        for of_engine in second.ended.rows:
            relation = self._relation_of.get((of_engine.engine, of_engine.output))
            if relation is not None:
                self._rows[relation].append(of_engine.rows)
        for chunk in second.chunks:
            self._n_since += len(chunk.records)
            landed = self._dataset_of.get((chunk.source.schema, chunk.source.product_type))
            if landed is None or chunk.source.product != self._symbol:
                continue
            if landed.dataset in self._read_datasets:
                self._records[landed.dataset].append(chunk.records)
        n_held = sum(len(x) for parts in self._records.values() for x in parts)
        if n_held >= _MANY_RECORDS:
            self._append()

    def _append(self) -> None:
        """Feed what is kept."""
        for relation, rows in self._new_rows.items():
            self.tables.replace(relation, rows)
        self._new_rows.clear()
        for relation, batches in self._rows.items():
            if batches:
                rows = pa.Table.from_batches(batches)
                # kept files carry the partition in their paths
                is_kept = relation.startswith(f"{KEPT}.")
                self.tables.append(relation, self._of_day(rows) if is_kept else rows)
                batches.clear()
        records = {
            landed.dataset: self._numbered(landed, np.concatenate(parts))
            for landed in self._landed
            if (parts := self._records[landed.dataset])
        }
        if records:
            self.tables.append_landed(records)
        for parts in self._records.values():
            parts.clear()

    def _numbered(self, landed: _Landed, records: np.ndarray) -> pa.Table:
        """Return records as rows of their landed table, numbered as there."""
        rows = pa.Table.from_batches([landed_batch(landed.table, records)])
        first = self._n_records[landed.dataset]
        self._n_records[landed.dataset] += len(rows)
        numbers = pa.array(np.arange(first, first + len(rows)))
        return self._of_day(rows.append_column("rec_ordinal", numbers))

    def _of_day(self, rows: pa.Table) -> pa.Table:
        """Return rows with the columns of their partition."""
        symbols = pa.array([self._symbol] * len(rows), pa.string())
        days = pa.array([self._day] * len(rows), pa.date32())
        return rows.append_column("symbol", symbols).append_column("dt", days)


def _is_multiple(at: dt.datetime, every_s: int) -> bool:
    return (at - _EPOCH) // dt.timedelta(seconds=1) % every_s == 0


def _landed_of_day(
    published: duckdb.DuckDBPyConnection, symbol: str, day: dt.date
) -> list[_Landed]:
    """Return the landed records of a contract-day, those of options last."""
    found = [
        _Landed(row["dataset_key"], row["landed_path"], row["schema"])
        for row in ask_rows(published, _QUERIES / "landed.sql", {"symbol": symbol, "dt": day})
    ]
    return sorted(found, key=lambda x: x.table.product_type == FUTURE_OPTION)


def _kernels_behind(read: Collection[str]) -> set[str]:
    """Return the kernels that write relations which models read."""
    return {
        name
        for name, kernel in KERNELS.items()
        if any(relation.startswith(f"{WRITTEN}.{name}_") for relation in read)
        or (
            not callable(kernel.outputs)
            and any(f"{KEPT}.{output}" in read for output in kernel.outputs)
        )
    }


def _engines(calls: Iterable[KernelCall], landed: dict[str, _Landed], symbol: str) -> list[Engine]:
    """Return an engine for each stream of the kernels that is landed, by its path."""
    return [
        Engine(
            f"{call.kernel.name}_{stream}",
            call.kernel.name,
            stream,
            landed[path].schema,
            landed[path].table.product_type,
            symbol,
            None,
            call.settings,
        )
        for call in calls
        for stream, path in call.streams.items()
        if path is not None
    ]


def _takes(engine: Engine, landed: _Landed) -> bool:
    return (engine.schema, engine.product_type) == (landed.schema, landed.table.product_type)


def _relations_of_outputs(
    engines: Iterable[Engine], calls: dict[str, KernelCall], read: Collection[str]
) -> dict[tuple[str, str], str]:
    """Return which relation the rows of an engine's output are of, as far as it is read."""
    found = {}
    for engine in engines:
        for output in calls[engine.kernel].schemas:
            for relation in (f"{KEPT}.{output}", written_rows(engine.kernel, output)):
                if relation in read:
                    found[engine.name, output] = relation
    return found
