"""The tables of a live session: for rows to come, and what a day rests on."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import duckdb
import pyarrow as pa
from spymaster_ingest.lake import Lake
from spymaster_warehouse.jobs.catalogue import DATABASE

from spymaster.live.clock import EPOCH, STEP, Clock, clock_of
from spymaster.live.models import KEPT, WRITTEN, kept_rows
from spymaster.live.statements import LEVEL, quoted

# the published file while a session begins
_PUBLISHED = "published"
# types of columns that rows are sorted by: sorting by a double makes 0.0 of -0.0
_SORTED = re.compile("(VARCHAR|DATE|TIMESTAMP|TIMESTAMP_NS|(TINY|SMALL|BIG)INT|INTEGER|BOOLEAN)$")


class HeldRelations:
    """Makes the tables of a session.

    Attributes:
        clocks: of the relations for rows to come, by name.
        keys: SQL of the columns that their rows are sorted by.
        with_levels: those whose rows are of levels.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        partition: Mapping[str, str | None],
        written: Mapping[str, pa.Schema],
        with_earlier: Collection[str],
    ) -> None:
        """Make nothing yet.

        Args:
            connection: of the session; nothing is attached to it.
            partition: values of the placeholders of the contract-day.
            written: columns of outputs of kernels that queries of models read, by relation.
            with_earlier: relations that hold the contract's earlier days too.
        """
        self._connection, self._partition = connection, partition
        self._written, self._with_earlier = written, with_earlier
        self.clocks: dict[str, Clock] = {}
        self.keys: dict[str, str] = {}
        self.with_levels: set[str] = set()

    def make(
        self,
        lake: Lake,
        with_rows: set[str],
        read: Collection[str],
        also_read: Collection[str],
        spared: Collection[str],
    ) -> None:
        """Make tables for rows to come, and read from the published file all else.

        Args:
            lake: with the published file.
            with_rows: relations whose rows come as the day goes on.
            read: relations that models read.
            also_read: relations that views over records read.
            spared: relations of which the day needs no row.
        """
        connection = self._connection
        path = str(lake.published).replace("'", "''")
        connection.execute(f"attach '{path}' as {_PUBLISHED} (read_only)")
        connection.execute(f"attach ':memory:' as {DATABASE}")
        # its macros look for the path of their own file
        connection.execute(f"use {_PUBLISHED}")
        written = sorted(self._written.keys() & {*read, *with_rows})
        # tables of a root may be read as of a day; partitions are read for their own
        partitions = {
            name
            for (name,) in connection.execute(
                f"select relation from {_PUBLISHED}.meta.model_sql "  # noqa: S608
                "where materialized = 'partitioned' and storage = 'parquet'"
            ).fetchall()
        }
        for name in written:
            self._make_written(name)
        for name in sorted({*read, *with_rows, *also_read} - {*written}):
            self._make_read(name, name in with_rows, name in partitions, name in spared)
        connection.execute(f"use {DATABASE}")
        connection.execute(f"detach {_PUBLISHED}")
        connection.execute(
            f"create schema live; create table {STEP} as "
            f"select timestamp '{EPOCH}' as from_ts, timestamp '{EPOCH}' as to_ts"
        )

    def _make_read(self, name: str, has_rows: bool, is_partitioned: bool, is_spared: bool) -> None:
        """Make the table of a relation, with the rows that are known when the session begins."""
        connection = self._connection
        connection.execute(f'create schema if not exists {DATABASE}."{name.partition(".")[0]}"')
        source = self._published(name)
        columns = {
            row[0]: row[1] for row in connection.execute(f"describe from {source}").fetchall()
        }
        rows = "limit 0"
        if name in self._with_earlier:
            until = "<" if has_rows else "<="
            rows = f"where symbol = $symbol and dt {until} cast($dt as date)"
        elif not has_rows and not is_spared:
            rows = "where true"
            owner = "root" if is_partitioned and "symbol" not in columns else "symbol"
            if {owner, "dt"} <= columns.keys():
                rows = f"where {owner} = ${owner} and dt = cast($dt as date)"
        if has_rows:
            self._note_clock(name, columns)
        values = {key: self._partition[key] for key in self._partition if f"${key}" in rows}
        connection.execute(
            f"create table {DATABASE}.{quoted(name)} as from {source} {rows}", values
        )

    def _make_written(self, name: str) -> None:
        """Make the table of an output of a kernel that a model's query reads."""
        connection = self._connection
        connection.register("columns_written", self._written[name].empty_table())
        connection.execute(f'create schema if not exists {DATABASE}."{WRITTEN}"')
        connection.execute(f"create table {DATABASE}.{quoted(name)} as from columns_written")
        described = connection.execute("describe columns_written").fetchall()
        connection.unregister("columns_written")
        self._note_clock(name, {row[0]: row[1] for row in described})

    def _note_clock(self, name: str, columns: Mapping[str, str]) -> None:
        """Note which second rows of a relation belong to, and what they are sorted by."""
        if clock := clock_of(columns):
            self.clocks[name] = clock
            self.keys[name] = ", ".join(
                f'"{column}"' for column, kind in columns.items() if _SORTED.match(kind)
            )
            if LEVEL in columns:
                self.with_levels.add(name)

    def _published(self, name: str) -> str:
        """Return where the published file has the rows of a relation."""
        schema, _, relation = name.partition(".")
        if schema == KEPT:
            return kept_rows(self._connection, relation)
        return f"{_PUBLISHED}.{quoted(name)}"
