"""The rows of a run that the screen reads, in a database of their own beside the published file."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from spymaster_ingest.lake import Lake

from spymaster.published import NotPublishedError, ask_rows, open_published
from spymaster.stream.live.relations import (
    HELD,
    PUBLISHED,
    RECORDS,
    TODAY,
    make_relations,
    quoted,
    relations_to_hold,
)
from spymaster.stream.reader import REQUIRED

_QUERIES = Path(__file__).parent / "queries"
_SNAPSHOT = "silver.book_snapshot_1s"
_WALL = "silver.wall_surface_1s"
_MEMORY_LIMIT = "1GB"


class LiveRows:
    """The rows of a contract-day as far as a run has come.

    Three databases lie in one instance of DuckDB: ``published``, the file of the lake; ``held``,
    the rows of the run, in a temporary file, so that memory does not grow with the day; and
    ``today``, relations with the names of the published ones, of the contract-day up to the second
    that the run has reached. One thread adds rows while others read.

    Args:
        lake: with a published file that knows the contract-day.
        symbol: of the contract.
        day: UTC date.

    Attributes:
        wanted: live relations that the run is to hold, with their schema.
        tick_int: minimum price increment, 1e-9 units.
        first_s: end of the first second, seconds since 1970; None before it.
        reached_s: end of the last second that is there; None before the first.
        wall_reach: largest distance from spot of any wall row so far, ticks.

    Raises:
        SpymasterError: Nothing is published, or a build of before live models wrote the file.
    """

    def __init__(self, lake: Lake, symbol: str, day: dt.date) -> None:
        self.symbol, self.day = symbol, day
        self.path = lake.published
        self.first_s: int | None = None
        self.reached_s: int | None = None
        self.wall_reach = 0
        with open_published(lake, REQUIRED) as opened:
            self.wanted = relations_to_hold(opened)
            found = ask_rows(opened, _QUERIES / "tick.sql", {"symbol": symbol, "dt": day})
        if not found:
            raise NotPublishedError(f"{symbol} {day}", "is not built", "run `spymaster build`")
        self.tick_int: int = found[0]["tick_int"]
        self._folder = tempfile.TemporaryDirectory(prefix="spymaster-screen-")
        # a view of the published file finds its files by this folder, wherever the lake lies
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": f"{self.path}.tmp",
        }
        self._instance = duckdb.connect(config=config)
        self._instance.execute("set global TimeZone = 'UTC'")
        self._instance.execute("set enable_progress_bar = false")
        self._attach(self.path, PUBLISHED, "(read_only)")
        self._attach(Path(self._folder.name) / "rows.duckdb", HELD, "")
        self._make_tables()
        self._writing = self._instance.cursor()

    def cursor(self, database: str) -> duckdb.DuckDBPyConnection:
        """Return a connection for another thread, in which relations are those of a database."""
        connection = self._instance.cursor()
        connection.execute(f"use {database}")
        return connection

    def add(self, tables: Mapping[str, Sequence[pa.Table]], reached_ts: dt.datetime) -> None:
        """Add the rows of seconds up to one; readers see all of them at once, or none.

        Args:
            tables: rows by relation, after those that are there.
            reached_ts: end of the last second, UTC, without a zone.
        """
        writing = self._writing
        writing.execute("begin")
        for relation, parts in tables.items():
            rows = pa.concat_tables(parts)
            if relation == RECORDS:
                # orders are not shown
                rows = rows.filter(pc.equal(rows["action"], "T"))
            if not rows.num_rows:
                continue
            if relation == _SNAPSHOT and self.first_s is None:
                self.first_s = _seconds(pc.min(rows["window_end_ts"]).as_py())
            if relation == _WALL:
                self.wall_reach = max(
                    self.wall_reach, pc.max(pc.abs(rows["rel_ticks"])).as_py() or 0
                )
            writing.register("added", rows)
            writing.execute(
                f"insert into {HELD}.main.{_table(relation)} by name select * from added"  # noqa: S608
            )
            writing.unregister("added")
        writing.execute(f"update {HELD}.main.run set reached_ts = $1", [reached_ts])  # noqa: S608
        writing.execute("commit")
        self.reached_s = _seconds(reached_ts)

    def close(self) -> None:
        """Forget all rows."""
        self._instance.close()
        self._folder.cleanup()

    def _attach(self, path: Path, name: str, options: str) -> None:
        literal = str(path).replace("'", "''")
        self._instance.execute(f"attach '{literal}' as {name} {options}")

    def _make_tables(self) -> None:
        instance = self._instance
        instance.execute(
            f"create table {HELD}.main.run as select $1 as symbol, cast($2 as date) as dt, "
            "cast('-infinity' as timestamp) as reached_ts",
            [self.symbol, self.day],
        )
        instance.execute(f"use {PUBLISHED}")
        for relation in sorted(self.wanted):
            instance.execute(
                f"create table {HELD}.main.{_table(relation)} as from {quoted(relation)} limit 0"
            )
        instance.execute(f"attach ':memory:' as {TODAY}")
        make_relations(instance, self.wanted)


def _table(relation: str) -> str:
    return f'"{relation}"'


def _seconds(moment: dt.datetime) -> int:
    """Return seconds since 1970 of a time in UTC without a zone."""
    return int(moment.replace(tzinfo=dt.UTC).timestamp())
