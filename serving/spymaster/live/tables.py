"""The tables of a live session, and the compiled SQL of a build run over their last seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
from spymaster_engine.door import KERNELS, register
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import Lake
from spymaster_warehouse.jobs.catalogue import DATABASE
from spymaster_warehouse.jobs.job import filled
from spymaster_warehouse.jobs.names import named_in

from spymaster.live.clock import DAY_BEGINS, TO, Clock, clock_of
from spymaster.live.models import KEPT, LiveModel, in_order, live_models, upstream
from spymaster.published import NotPublishedError, open_published

# the published file while a session begins, and the rows that compiled SQL sees cut to a window
_PUBLISHED, _ROWS = "published", "live_rows"
# rows that nobody reads any more go at every so many seconds
_TIDY_EVERY_S = 10
_FROM = "live_from"
_SECOND = dt.timedelta(seconds=1)


class LiveTables:
    """A contract-day, second by second, in a database in memory.

    What the SQL reads and neither the caller feeds nor the session runs is read once, at the start,
    from the published file: settings of the day, calibrations, definitions.

    Args:
        lake: with a published file that knows the contract-day.
        symbol: of the contract.
        day: UTC date.
        wanted: relations with their schema; None for all that are live. Those that they read run
            too, unless they are fed.
        fed: relations that the caller appends, with their schema; outputs of a kernel, as it
            writes them, have the schema ``KEPT``.
        keep_s: seconds for which rows stay that no model reads.

    Raises:
        SpymasterError: Nothing is published, or it lacks something that the models read.
    """

    def __init__(
        self,
        lake: Lake,
        symbol: str,
        day: dt.date,
        *,
        wanted: Iterable[str] | None = None,
        fed: Collection[str] = (),
        keep_s: int = 0,
    ) -> None:
        with open_published(lake) as published:
            models = live_models(published)
            contract_day = published.execute(
                "select root from silver.contract_days where symbol = ? and dt = ?", [symbol, day]
            ).fetchone()
        if contract_day is None:
            raise NotPublishedError(f"{symbol} {day}", "is not built", "run `spymaster build`")
        self._partition = {"symbol": symbol, "dt": str(day), "root": contract_day[0]}
        running = upstream(models, models if wanted is None else wanted, fed)
        self.models = in_order(running)
        self._clocks: dict[str, Clock] = {}
        self._inserts: dict[str, str] = {}
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute("set TimeZone = 'UTC'")
        register(self._connection, KERNELS.values())
        self._connection.execute(f"attach '{lake.published}' as {_PUBLISHED} (read_only)")
        for database in (DATABASE, _ROWS):
            self._connection.execute(f"attach ':memory:' as {database}")
        self._reads = {model.relation: self._read_by(model) for model in self.models}
        self._make_relations({*running, *fed})
        self._connection.execute(f"use {DATABASE}")
        self._connection.execute(f"detach {_PUBLISHED}")
        self._kept_s = self._seconds_kept(keep_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget all rows."""
        self._connection.close()

    def append(self, relation: str, rows: pa.Table) -> None:
        """Add rows to a relation that the caller feeds; columns go by their names."""
        self._connection.register("appended", rows)
        self._connection.execute(
            f"insert into {_table(relation)} by name select * from appended"  # noqa: S608
        )
        self._connection.unregister("appended")

    def advance(self, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Run the models for the seconds whose ends lie in (from_ts, to_ts], in their order.

        Args:
            from_ts: end of the last second that has run, UTC, without a zone.
            to_ts: end of the last second that is whole.

        Raises:
            SpymasterError: A model's SQL fails.
        """
        self._connection.execute(f"set variable {TO} = timestamp '{to_ts}'")
        for model in self.models:
            self.run(model, from_ts, to_ts)
        if _is_due(_TIDY_EVERY_S, from_ts, to_ts):
            self._tidy(to_ts)

    def run(self, model: LiveModel, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Run one model of ``models`` as ``advance`` does.

        Raises:
            SpymasterError: Its SQL fails.
        """
        if not _is_due(model.every_s, from_ts, to_ts):
            return
        changed_from_ts = from_ts - model.reaches_back_s * _SECOND
        variables = [(_FROM, changed_from_ts), (TO, to_ts)]
        for name, lookback_s in self._reads[model.relation].items():
            after_ts = DAY_BEGINS
            if lookback_s is not None:
                after_ts = changed_from_ts + _SECOND - lookback_s * _SECOND
            variables.append((self._clocks[name].variable, after_ts))
        self._connection.execute(
            ";".join(f"set variable {name} = timestamp '{value}'" for name, value in variables)
        )
        try:
            if model.reaches_back_s:
                seconds = self._clocks[model.relation].within(_FROM)
                self._connection.execute(
                    f"delete from {_table(model.relation)} where {seconds}"  # noqa: S608
                )
            self._connection.execute(self._inserts[model.relation])
        except duckdb.Error as error:
            raise SpymasterError(
                model.relation, f"cannot be run at {to_ts}: {one_line(error)}"
            ) from error

    def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> pa.Table:
        """Return the rows of a relation whose seconds end in (from_ts, to_ts], sorted."""
        self._connection.execute(f"set variable {_FROM} = timestamp '{from_ts}'")
        self._connection.execute(f"set variable {TO} = timestamp '{to_ts}'")
        return self._connection.execute(
            f"select * from {_table(relation)} "  # noqa: S608
            f"where {self._clocks[relation].within(_FROM)} order by all"
        ).to_arrow_table()

    def _read_by(self, model: LiveModel) -> dict[str, int | None]:
        """Return what the SQL of a model names, of what it may read, with the look-backs."""
        texts = {tuple(name.split(".")): "" for name in model.lookback_of_inputs}
        named = [".".join(name) for name in named_in([model.sql], texts)]
        return {name: model.lookback_of_inputs[name] for name in named}

    def _make_relations(self, with_rows: set[str]) -> None:
        """Make what the models read: views of rows in a window, and tables of all else."""
        read = {name for names in self._reads.values() for name in names}
        for name in sorted(read | with_rows):
            schema = name.partition(".")[0]
            for database in (DATABASE, _ROWS):
                self._connection.execute(f'create schema if not exists {database}."{schema}"')
            source = self._source(name)
            if name not in with_rows:
                self._connection.execute(
                    f"create table {_view(name)} as from {source} where {self._of_day(source)}"
                )
                self._clocks[name] = Clock.none(name)
                continue
            self._connection.execute(f"create table {_table(name)} as from {source} limit 0")
            self._clocks[name] = clock = clock_of(name, self._columns(source))
            self._connection.execute(
                f"create view {_view(name)} as "
                f"select * from {_table(name)} where {clock.within(clock.variable)}"  # noqa: S608
            )
        for model in self.models:
            sql = filled(model.sql, self._partition)
            seconds = self._clocks[model.relation].within(_FROM)
            self._inserts[model.relation] = (
                f"insert into {_table(model.relation)} by name "  # noqa: S608
                f"select * from (\n{sql}\n) where {seconds}"
            )

    def _source(self, name: str) -> str:
        """Return where the published file has the rows of a relation."""
        schema, _, relation = name.partition(".")
        self._connection.execute(f"use {_PUBLISHED}")
        if schema == KEPT:
            # the macro needs the path of the file
            return (
                f"read_parquet(meta.files_of_{relation}(), hive_partitioning = true, "
                "hive_types = {'symbol': varchar, 'dt': date})"
            )
        return f'{_PUBLISHED}."{schema}"."{relation}"'

    def _columns(self, source: str) -> list[str]:
        described = self._connection.execute(f"describe from {source}").fetchall()
        return [name for name, *_ in described]

    def _of_day(self, source: str) -> str:
        """Return the condition of the rows of the contract-day, of a relation that has several."""
        if {"symbol", "dt"} <= set(self._columns(source)):
            return filled(
                "symbol = '__partition_symbol__' and dt = date '__partition_dt__'", self._partition
            )
        return "true"

    def _seconds_kept(self, keep_s: int) -> dict[str, int]:
        """Return for how many seconds rows stay, by relation; without those that stay all day."""
        kept: dict[str, int] = {}
        for name, clock in self._clocks.items():
            lookbacks = [
                None if lookback is None else lookback + model.reaches_back_s
                for model in self.models
                for read, lookback in self._reads[model.relation].items()
                if read == name
            ]
            if clock.has_seconds and None not in lookbacks:
                own = [model.reaches_back_s for model in self.models if model.relation == name]
                known = [lookback for lookback in lookbacks if lookback is not None]
                kept[name] = max([keep_s, 1, *own, *known])
        return kept

    def _tidy(self, to_ts: dt.datetime) -> None:
        """Remove the rows that nobody reads any more."""
        for name, kept_s in self._kept_s.items():
            last_ts = to_ts + _SECOND - kept_s * _SECOND
            self._connection.execute(
                f"delete from {_table(name)} "  # noqa: S608
                f"where {self._clocks[name].until(last_ts)}"
            )


def _is_due(every_s: int, from_ts: dt.datetime, to_ts: dt.datetime) -> bool:
    """Return whether a multiple of some seconds lies in (from_ts, to_ts]."""
    every = dt.timedelta(seconds=every_s)
    return (to_ts - DAY_BEGINS) // every > (from_ts - DAY_BEGINS) // every


def _view(name: str) -> str:
    schema, _, relation = name.partition(".")
    return f'{DATABASE}."{schema}"."{relation}"'


def _table(name: str) -> str:
    schema, _, relation = name.partition(".")
    return f'{_ROWS}."{schema}"."{relation}"'
