"""The tables of a live session, and the compiled SQL of a build run over their last seconds."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
from spymaster_engine.door import KERNELS, register
from spymaster_engine.door.retrieval import kept_open
from spymaster_ingest.content_hash import hash_of
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import Lake
from spymaster_warehouse.jobs.catalogue import DATABASE

from spymaster.live.clock import EPOCH, STEP, Clock
from spymaster.live.held_relations import HeldRelations
from spymaster.live.kernel_calls import kernel_calls, partition_values
from spymaster.live.landed_views import LandedRows, landed_views, needed_rows, reads_of
from spymaster.live.models import (
    WRITTEN,
    LiveModel,
    in_order,
    live_models,
    of_day,
    upstream,
    written_rows,
)
from spymaster.live.side_by_side import SideBySide
from spymaster.live.statements import Statements, before_s, quoted
from spymaster.live.step_levels import LEVELS, StepLevels
from spymaster.published import open_published

# rows that nobody reads any more go at every so many seconds
_TIDY_EVERY_S = 10
# a plan of a statement rests on how many rows there were: it is made anew after a step that brought
# many, and after so long
_MANY_S, _PLAN_S = 60, 900
# A plan that sorts for an as-of join breaks DuckDB when it is run again. Plans of steps of a few
# seconds compare all rows instead, which are few; those of long steps are run once.
_ASOF_SORTED, _ASOF_COMPARED = (
    "reset asof_loop_join_threshold",
    f"set asof_loop_join_threshold = {1 << 40}",
)
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
            writes them, have the schemas ``KEPT`` and ``WRITTEN``. Those that the running models
            read need not be named.
        keep_s: seconds for which rows stay that no model reads.

    Attributes:
        models: that run, in the order in which they do.
        version: hash of their SQL and of all that was read from the published file.

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
            self._partition = partition_values(published, symbol, day)
            live = of_day(published, live_models(published), self._partition)
            running = upstream(live, live if wanted is None else wanted, fed)
            self.models = in_order(running)
            calls = kernel_calls(
                published, {model.kernel for model in self.models if model.kernel}, self._partition
            )
            views = [view for name, view in landed_views(published).items() if name in fed]
            has_levels = any(LEVELS in model.reads for model in self.models)
            self._levels = StepLevels(published, self._partition) if has_levels else None
        self._written = {
            written_rows(kernel, output): schema
            for kernel, call in calls.items()
            for output, schema in call.schemas.items()
        }
        # a model is a statement of one thread; several models run side by side
        self._connection = duckdb.connect(config={"threads": 1})
        for setting in _SETTINGS:
            self._connection.execute(setting)
        answers = kept_open(lake.root)
        register(self._connection, (KERNELS | {answers.name: answers}).values())
        # of kernels that the running models have
        fed = {name for name in fed if name.partition(".")[0] != WRITTEN or name in self._written}
        read = {name for model in self.models for name in model.reads}
        self._with_earlier = {model.relation for model in self.models if model.keeps_earlier_days}
        if self._levels is not None:
            read |= {*self._levels.inputs}
            self._with_earlier |= self._levels.earlier
        held = HeldRelations(self._connection, self._partition, self._written, self._with_earlier)
        spared = {x for model in self.models for x in model.spared}.difference(running, fed)
        held.make(lake, {*running, *fed}, read, reads_of(views), spared)
        self._clocks, self._keys = held.clocks, held.keys
        self._landed = LandedRows(self._connection, views, needed_rows(views, self.models))
        self._sql = Statements(self._partition, self._clocks, held.with_levels)
        self._statements = {model.relation: self._sql.of(model) for model in self.models}
        self._kept_s = self._seconds_kept(keep_s)
        # models that look back further while something lasts
        self._extending = {
            name: [model for model in self._readers(name) if model.extends_by]
            for name in self._kept_s
        }
        self.version = self._version()
        self._step = (EPOCH, EPOCH)
        self._planned: dict[str, dt.datetime] = {}
        self._of_models = {model.relation: self._further() for model in self.models}
        # these make the levels anew before they run
        with_levels = {x.relation for x in self.models if self._levels and LEVELS in x.reads}
        made_of = self._levels.inputs if self._levels is not None else ()
        self._side_by_side = SideBySide(self.models, dict.fromkeys(with_levels, made_of))

    @property
    def made(self) -> set[str]:
        """Return the relations that the running models make, with their schema."""
        return {model.relation for model in self.models}

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
        self._side_by_side.close()
        for connection in self._of_models.values():
            connection.close()
        self._connection.close()

    def append(self, relation: str, rows: pa.Table) -> None:
        """Add rows to a relation that the caller feeds; columns go by their names."""
        self._connection.register("appended", rows)
        self._connection.execute(
            f"insert into {quoted(relation)} by name select * from appended"  # noqa: S608
        )
        self._connection.unregister("appended")

    def replace(self, relation: str, rows: pa.Table) -> None:
        """Put rows in place of those of a relation that the session has read at its start."""
        self._connection.execute(f"delete from {quoted(relation)}")  # noqa: S608
        self.append(relation, rows)

    def append_landed(self, records: Mapping[str, pa.Table]) -> None:
        """Add landed records to the views over them that the caller feeds.

        Args:
            records: by dataset key, numbered in ``rec_ordinal``, with ``symbol`` and ``dt``; of
                options without the terms of contracts.
        """
        self._landed.append(records)

    def advance(self, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Run the models for the seconds whose ends lie in (from_ts, to_ts].

        Each runs after those that it reads; those that do not read each other run side by side.

        Args:
            from_ts: end of the last second that has run, UTC, without a zone.
            to_ts: end of the last second that is whole.

        Raises:
            SpymasterError: A model's SQL fails.
        """
        self.begin(from_ts, to_ts)
        self._side_by_side.run(self.run)
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
        from_ts, to_ts = self._step
        if (
            self._levels is not None
            and LEVELS in model.reads
            and self._levels.is_due(self._connection, from_ts, to_ts)
        ):
            self._levels.renew(self._connection)
        is_long = to_ts - from_ts > dt.timedelta(seconds=_MANY_S)
        name = f'"run {model.relation}"'
        connection = self._of_models[model.relation]
        try:
            if model.reaches_back_s:
                changing = self._clocks[model.relation].within(model.reaches_back_s)
                connection.execute(
                    f"delete from {quoted(model.relation)} where {changing}"  # noqa: S608
                )
            planned_ts = self._planned.get(model.relation)
            if is_long or planned_ts is None or to_ts - planned_ts > dt.timedelta(seconds=_PLAN_S):
                connection.execute(_ASOF_SORTED if is_long else _ASOF_COMPARED)
                connection.execute(f"prepare {name} as {self._statements[model.relation]}")
                self._planned[model.relation] = to_ts
            connection.execute(f"execute {name}")
        except duckdb.Error as error:
            raise SpymasterError(
                model.relation, f"cannot be run at {to_ts}: {one_line(error)}"
            ) from error

    def finish(self) -> None:
        """End a step as ``advance`` does: remove the rows that nobody reads any more."""
        from_ts, to_ts = self._step
        if self._is_due(_TIDY_EVERY_S):
            for name, kept_s in self._kept_s.items():
                further = self._sql.furthest(self._extending[name])
                older = self._clocks[name].older(kept_s - 1, further)
                stays = [
                    f" and not {self._sql.is_last(name, kept_s - 1, key, further)}"
                    for key in self._keys_of(name)
                ]
                self._connection.execute(
                    f"delete from {quoted(name)} where {older}{''.join(stays)}"  # noqa: S608
                )
        if to_ts - from_ts > dt.timedelta(seconds=_MANY_S):
            self._planned.clear()

    def n_held(self) -> dict[str, int]:
        """Return how many rows there are, by relation whose rows come as the day goes on."""
        counts = [
            f"select '{name}', count(*) from {quoted(name)}"  # noqa: S608
            for name in sorted(self._clocks)
        ]
        return dict(self._connection.execute(" union all ".join(counts)).fetchall())

    def compact(self) -> None:
        """Give back the memory of rows that are gone; wait for the next call while others read."""
        with contextlib.suppress(duckdb.TransactionException):
            self._connection.execute(f"checkpoint {DATABASE}")

    def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> pa.Table:
        """Return rows whose seconds end in (from_ts, to_ts], sorted by all columns but doubles."""
        self.begin(from_ts, to_ts)
        return self._connection.execute(
            f"select * from {quoted(relation)} "  # noqa: S608
            f"where {self._clocks[relation].within(0)} order by {self._keys[relation]}"
        ).to_arrow_table()

    def order_of(self, relation: str) -> str:
        """Return the columns by which rows are sorted: all but doubles, as SQL."""
        return self._keys[relation]

    def changing_s(self) -> dict[str, int]:
        """Return for how many seconds rows change, by relation whose rows have seconds."""
        back = {model.relation: model.reaches_back_s for model in self.models}
        return {name: back.get(name, 0) for name in sorted(self._clocks)}

    def is_fed(self, relation: str) -> bool:
        """Return whether the caller appends the rows of a relation."""
        return all(model.relation != relation for model in self.models)

    def kept_after(self, relation: str, to_ts: dt.datetime) -> dt.datetime | None:
        """Return after which time rows end that seconds after another look back on; None: all."""
        kept_s = self._kept_s.get(relation)
        if kept_s is None or self._keys_of(relation) or self._extending[relation]:
            return None
        return to_ts - dt.timedelta(seconds=kept_s)

    def looked_back_on(self, relation: str, to_ts: dt.datetime) -> str | None:
        """Return the condition of rows that seconds after a step look back on; None: of all rows.

        Args:
            relation: its name with its schema.
            to_ts: end of the step, the last one that was made.
        """
        kept_s = self._kept_s.get(relation)
        if kept_s is None or self._keys_of(relation):
            return None
        further = self._sql.furthest(self._extending[relation])
        return self._clocks[relation].later(to_ts, kept_s, further)

    def read(self, relation: str, files: list[str]) -> None:
        """Add the rows of Parquet files to a relation."""
        if files:
            # rows of earlier days are there already
            of_day = "where dt = cast($dt as date)" if relation in self._with_earlier else ""
            values = {"dt": self._partition["dt"]} if of_day else {}
            self._connection.execute(
                f"insert into {quoted(relation)} by name from read_parquet($files) {of_day}",
                {"files": files, **values},
            )

    def snapshot(self) -> duckdb.DuckDBPyConnection:
        """Return a further connection, for another thread, that sees the rows as they are now."""
        connection = self._further()
        connection.execute("begin")
        # the transaction sees what was there at its first query
        connection.execute(f"from {STEP}").fetchall()
        return connection

    def seconds_of(self, relation: str) -> Clock:
        """Return what says the second of a relation's rows."""
        return self._clocks[relation]

    def _further(self) -> duckdb.DuckDBPyConnection:
        """Return a further connection, with the same settings."""
        connection = self._connection.cursor()
        for setting in _SETTINGS:
            connection.execute(setting)
        connection.execute(f"use {DATABASE}")
        return connection

    def _is_due(self, every_s: int) -> bool:
        """Return whether a multiple of some seconds lies in the step."""
        from_ts, to_ts = self._step
        every = dt.timedelta(seconds=every_s)
        return (to_ts - EPOCH) // every > (from_ts - EPOCH) // every

    def _version(self) -> str:
        """Return a hash of the statements and of the rows of relations that nobody appends to."""
        contents: dict[str, object] = dict(self._statements)
        for name in sorted({name for model in self.models for name in model.reads}):
            if name not in self._clocks:
                [content] = self._connection.execute(
                    f"select [count(*), bit_xor(hash(x))] from {quoted(name)} as x"  # noqa: S608
                ).fetchall()
                contents[name] = [str(part) for part in content]
        return hash_of(contents)

    def _keys_of(self, name: str) -> list[str]:
        """Return the columns by whose values the last rows of a relation stay."""
        found = {model.last_by_of_inputs.get(name) for model in self.models}
        return sorted(key for key in found if key is not None)

    def _readers(self, name: str) -> list[LiveModel]:
        """Return the models that read rows of a relation, be they their own."""
        return [
            model
            for model in self.models
            if name in model.reads or (name == model.relation and model.goes_on)
        ]

    def _seconds_kept(self, keep_s: int) -> dict[str, int]:
        """Return for how many seconds rows stay, by relation; without those that stay all day."""
        kept: dict[str, int] = {}
        for name in self._clocks:
            readers = self._readers(name)
            before = [before_s(model, name) for model in readers]
            own = [model.reaches_back_s for model in self.models if model.relation == name]
            known = [before_s + 1 for before_s in before if before_s is not None]
            if None not in before and name not in self._with_earlier:
                kept[name] = max([keep_s, 1, *(back_s + 1 for back_s in own), *known])
        return kept
