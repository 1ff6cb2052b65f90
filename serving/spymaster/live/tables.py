"""The tables of a live session, and the compiled SQL of a build run over their last seconds."""

from __future__ import annotations

import datetime as dt
import re
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

from spymaster.live.clock import STEP, Clock, clock_of
from spymaster.live.models import KEPT, LiveModel, in_order, kept_rows, live_models, upstream
from spymaster.published import NotPublishedError, open_published

# the published file while a session begins
_PUBLISHED = "published"
# rows that nobody reads any more go at every so many seconds
_TIDY_EVERY_S = 10
# a plan of a statement rests on how many rows there were: it is made anew after a step that brought
# many, and after so long
_MANY_S, _PLAN_S = 60, 900
_EPOCH = dt.datetime(1970, 1, 1)
# a look-back that is extended is extended level by level
_LEVEL = "level_id"
# types of columns that rows are sorted by: sorting by a double makes 0.0 of -0.0
_SORTED = re.compile("(VARCHAR|DATE|TIMESTAMP|TIMESTAMP_NS|(TINY|SMALL|BIG)INT|INTEGER|BOOLEAN)$")
# a plan is run again over other rows: it may not rest on the values that a column had
_SETTINGS = (
    "set TimeZone = 'UTC'",
    "set disabled_optimizers = 'compressed_materialization,statistics_propagation'",
)


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

    Attributes:
        models: that run, in the order in which they do.

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
        with open_published(lake, require=["silver.contract_days"]) as published:
            live = live_models(published)
            found = published.execute(
                "select root from silver.contract_days where symbol = ? and dt = ?", [symbol, day]
            ).fetchone()
        if found is None:
            raise NotPublishedError(f"{symbol} {day}", "is not built", "run `spymaster build`")
        self._partition = {"symbol": symbol, "dt": str(day), "root": found[0]}
        running = upstream(live, live if wanted is None else wanted, fed)
        self.models = in_order(running)
        self._connection = duckdb.connect(config={"threads": 1})
        for setting in _SETTINGS:
            self._connection.execute(setting)
        register(self._connection, KERNELS.values())
        self._clock_of_input: dict[str, Clock] = {}
        # of relations whose rows come as the day goes on
        self._clocks: dict[str, Clock] = {}
        self._keys: dict[str, str] = {}
        self._with_levels: set[str] = set()
        self._make_relations(lake, {*running, *fed})
        self._statements = {model.relation: self._statement(model) for model in self.models}
        self._kept_s = self._seconds_kept(keep_s)
        self._step = (_EPOCH, _EPOCH)
        self._planned: dict[str, dt.datetime] = {}

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
            f"insert into {_quoted(relation)} by name select * from appended"  # noqa: S608
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
        self.begin(from_ts, to_ts)
        for model in self.models:
            self.run(model)
        self.finish()

    def begin(self, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Begin a step as ``advance`` does."""
        self._step = (from_ts, to_ts)
        self._connection.execute(
            f"update {STEP} set from_ts = $from_ts, to_ts = $to_ts",  # noqa: S608
            {"from_ts": from_ts, "to_ts": to_ts},
        )

    def run(self, model: LiveModel) -> None:
        """Run a model over the seconds of the step, where it is due.

        Raises:
            SpymasterError: Its SQL fails.
        """
        if not self._is_due(model.every_s):
            return
        _, to_ts = self._step
        name = f'"run {model.relation}"'
        try:
            if model.reaches_back_s:
                changing = self._clocks[model.relation].within(model.reaches_back_s)
                self._connection.execute(
                    f"delete from {_quoted(model.relation)} where {changing}"  # noqa: S608
                )
            planned_ts = self._planned.get(model.relation)
            if planned_ts is None or to_ts - planned_ts > dt.timedelta(seconds=_PLAN_S):
                self._connection.execute(f"prepare {name} as {self._statements[model.relation]}")
                self._planned[model.relation] = to_ts
            self._connection.execute(f"execute {name}")
        except duckdb.Error as error:
            raise SpymasterError(
                model.relation, f"cannot be run at {to_ts}: {one_line(error)}"
            ) from error

    def finish(self) -> None:
        """End a step as ``advance`` does: remove the rows that nobody reads any more."""
        from_ts, to_ts = self._step
        if self._is_due(_TIDY_EVERY_S):
            for name, kept_s in self._kept_s.items():
                self._connection.execute(
                    f"delete from {_quoted(name)} "  # noqa: S608
                    f"where {self._clocks[name].older(kept_s - 1)}"
                )
        if to_ts - from_ts > dt.timedelta(seconds=_MANY_S):
            self._planned.clear()

    def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> pa.Table:
        """Return rows whose seconds end in (from_ts, to_ts], sorted by all columns but doubles."""
        self.begin(from_ts, to_ts)
        return self._connection.execute(
            f"select * from {_quoted(relation)} "  # noqa: S608
            f"where {self._clocks[relation].within(0)} order by {self._keys[relation]}"
        ).to_arrow_table()

    def seconds_of(self, relation: str) -> Clock:
        """Return what says the second of a relation's rows."""
        return self._clocks[relation]

    def _is_due(self, every_s: int) -> bool:
        """Return whether a multiple of some seconds lies in the step."""
        from_ts, to_ts = self._step
        every = dt.timedelta(seconds=every_s)
        return (to_ts - _EPOCH) // every > (from_ts - _EPOCH) // every

    def _make_relations(self, lake: Lake, with_rows: set[str]) -> None:
        """Make tables for rows to come, and read from the published file all else."""
        connection = self._connection
        path = str(lake.published).replace("'", "''")
        connection.execute(f"attach '{path}' as {_PUBLISHED} (read_only)")
        connection.execute(f"attach ':memory:' as {DATABASE}")
        # its macros look for the path of their own file
        connection.execute(f"use {_PUBLISHED}")
        read = {name for model in self.models for name in model.reads}
        earlier = {model.relation for model in self.models if model.keeps_earlier_days}
        for name in sorted(read | with_rows):
            schema = name.partition(".")[0]
            connection.execute(f'create schema if not exists {DATABASE}."{schema}"')
            source = _published(name)
            columns = {
                row[0]: row[1] for row in connection.execute(f"describe from {source}").fetchall()
            }
            rows = "limit 0"
            if name in earlier:
                rows = "where symbol = $symbol and dt < cast($dt as date)"
            elif name not in with_rows:
                rows = "where true"
                if {"symbol", "dt"} <= columns.keys():
                    rows = "where symbol = $symbol and dt = cast($dt as date)"
            clock = clock_of(columns)
            if clock:
                self._clock_of_input[name] = clock
            if name in with_rows and clock:
                self._clocks[name] = clock
                self._keys[name] = ", ".join(
                    f'"{column}"' for column, kind in columns.items() if _SORTED.match(kind)
                )
                if _LEVEL in columns:
                    self._with_levels.add(name)
            values = {key: self._partition[key] for key in self._partition if f"${key}" in rows}
            connection.execute(
                f"create table {DATABASE}.{_quoted(name)} as from {source} {rows}", values
            )
        connection.execute(f"use {DATABASE}")
        connection.execute(f"detach {_PUBLISHED}")
        connection.execute(
            f"create schema live; create table {STEP} as "
            f"select timestamp '{_EPOCH}' as from_ts, timestamp '{_EPOCH}' as to_ts"
        )

    def _statement(self, model: LiveModel) -> str:
        """Return the statement that adds the rows of a step."""
        seen = {
            name: self._seen(model, name)
            for name in model.reads
            if name in self._clocks or name in model.latest_by
        }
        return (
            f"insert into {_quoted(model.relation)} by name "  # noqa: S608
            f"select * from (\n{filled(model.over(seen), self._partition)}\n) "
            f"where {self._clocks[model.relation].within(model.reaches_back_s)}"
        )

    def _seen(self, model: LiveModel, name: str) -> str:
        """Return SQL of the rows of an input that a model sees in a step."""
        clock, before_s = self._clock_of_input[name], self._before_s(model, name)
        if before_s is not None and (key := model.latest_by.get(name)):
            before = f"from {_quoted(name)} where {clock.older(before_s)}"
            return (
                f"(select * from {_quoted(name)} where {clock.within(before_s)} "  # noqa: S608
                f"union all select seen.* from {_quoted(name)} as seen "
                f"semi join (select {key}, max({clock.column}) as {clock.column} {before} "
                f"group by {key}) as latest using ({key}, {clock.column}))"
            )
        if not model.extends_by:
            return f"(select * from {_quoted(name)} where {clock.within(before_s)})"  # noqa: S608
        own = _quoted(model.relation)
        at_start = f"from {own} where {self._clocks[model.relation].at_start()}"
        longest = f"coalesce((select max({model.extends_by}) {at_start}), 0)"
        if before_s is None or not {model.relation, name} <= self._with_levels:
            return (
                f"(select * from {_quoted(name)} "  # noqa: S608
                f"where {clock.within(before_s, longest)})"
            )
        return (
            f"(select seen.* from {_quoted(name)} as seen "  # noqa: S608
            f"left join (select {_LEVEL}, max({model.extends_by}) as further_s {at_start} "
            f"group by {_LEVEL}) as extended on seen.{_LEVEL} = extended.{_LEVEL} "
            f"where {clock.within(before_s, longest)} "
            f"and {clock.since(before_s, 'coalesce(extended.further_s, 0)')})"
        )

    def _before_s(self, model: LiveModel, name: str) -> int | None:
        """Return for how many seconds before a step a model reads an input; None is the day."""
        lookback_s = model.lookback_of_inputs[name]
        return None if lookback_s is None else lookback_s - 1 + model.reaches_back_s

    def _seconds_kept(self, keep_s: int) -> dict[str, int]:
        """Return for how many seconds rows stay, by relation; without those that stay all day."""
        kept: dict[str, int] = {}
        for name in self._clocks:
            readers = [model for model in self.models if name in model.reads]
            before = [
                None if model.extends_by or name in model.latest_by else self._before_s(model, name)
                for model in readers
            ]
            own = [model.reaches_back_s for model in self.models if model.relation == name]
            known = [before_s + 1 for before_s in before if before_s is not None]
            if None not in before:
                kept[name] = max([keep_s, 1, *(back_s + 1 for back_s in own), *known])
        return kept


def _published(name: str) -> str:
    """Return where the published file has the rows of a relation."""
    schema, _, relation = name.partition(".")
    if schema == KEPT:
        return kept_rows(relation)
    return f"{_PUBLISHED}.{_quoted(name)}"


def _quoted(name: str) -> str:
    schema, _, relation = name.partition(".")
    return f'"{schema}"."{relation}"'
