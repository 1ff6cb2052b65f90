"""Read surfaces of a contract-day from the published file as Arrow tables."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S

from spymaster.book_source import missing_orders
from spymaster.clock import clock_of
from spymaster.contracts import built_instead
from spymaster.levels.read import read_claims, read_ladder_step
from spymaster.levels.settings import WordSettings
from spymaster.published import Row, ask, ask_rows, open_published, relations_of
from spymaster.stream.compact import to_compact
from spymaster.stream.errors import NotFoundError
from spymaster.stream.remembered import Remembered
from spymaster.stream.surfaces import COMPACT, SURFACES, Surface

# lists of contract-days and of what is in them, by the last days that were opened
_MOST_REMEMBERED = 64
REQUIRED = ("bronze.ingest_manifest", "silver.book_snapshot_1s")
_QUERIES = Path(__file__).parent / "queries"
# inode, time of change in ns and size of the published file; None without one
Identity = tuple[int, int, int] | None


@dataclass(frozen=True)
class ContractDay:
    """A built contract-day; windows are counted in whole seconds since 1970.

    Attributes:
        symbol: raw symbol.
        day: UTC date.
        tick_int: minimum price increment, 1e-9 units.
        first_s: end of the first window.
        last_s: end of the last window.
        is_growing: whether seconds are still added.
    """

    symbol: str
    day: dt.date
    tick_int: int
    first_s: int
    last_s: int
    is_growing: bool = False

    @property
    def key(self) -> tuple[str, dt.date]:
        """Symbol and day: what stays while a day grows."""
        return self.symbol, self.day

    @property
    def base_s(self) -> int:
        """Midnight UTC of the day, from which ``second`` of the compact layout counts."""
        return int(dt.datetime.combine(self.day, dt.time(), dt.UTC).timestamp())

    @property
    def windows(self) -> range:
        """Ends of all windows."""
        return range(self.first_s, self.last_s + 1)

    def last_windows(self, end_s: int | None, count: int) -> range:
        """Return the ends of the last ``count`` windows up to ``end_s``, fewer at the start.

        Args:
            end_s: end of the newest window; None for the last of the day.
            count: most windows.
        """
        newest = self.last_s if end_s is None else min(end_s, self.last_s)
        return range(max(self.first_s, newest - count + 1), newest + 1)


class SurfaceReader:
    """Queries against an open published file; one thread may use it.

    Attributes:
        connection: the published file.
        relations: relations that it holds, with their schema.
        clock: the lake's clock.
        schema_hashes: hash of the schema by surface and layout, of those asked for so far.
        remembered: what was asked of whole contract-days, which the file never changes.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.relations = frozenset(relations_of(connection))
        self.clock = clock_of(connection)
        self.schema_hashes: dict[tuple[str, str], str] = {}
        self.remembered = Remembered(_MOST_REMEMBERED)
        self._contract_days: dict[tuple[str, dt.date], ContractDay] = {}
        self._wall_reaches: dict[tuple[str, dt.date], int] = {}
        self._claims_by_day: dict[tuple[str, dt.date], dict[str, str]] = {}

    def again(self) -> SurfaceReader:
        """Return a reader of the same file, for another thread; it closes with this one."""
        other = copy.copy(self)
        other.connection = self.connection.cursor()
        return other

    def days(self) -> list[Row]:
        """Return the built contract-days with first and last window and number of seconds."""
        return self.remembered.get("days", lambda: self.ask_rows("days"))

    def contract_day(self, symbol: str, day: dt.date) -> ContractDay:
        """Return a contract-day.

        Raises:
            NotFoundError: It is not built.
        """
        if (symbol, day) not in self._contract_days:
            found = self.ask_rows("contract_day", symbol=symbol, dt=day)
            if not found:
                raise NotFoundError(
                    f"{symbol} {day}",
                    "there is no such contract-day",
                    built_instead(self.connection, symbol),
                )
            self._contract_days[symbol, day] = ContractDay(symbol, day, **found[0])
        return self._contract_days[symbol, day]

    def known_ns(self, of: ContractDay, until_ns: int | None) -> int | None:
        """Return the moment up to which something is known, at the latest the one that is asked.

        Args:
            of: contract-day.
            until_ns: moment that is asked, ns since 1970; None asks for all.
        """
        return until_ns

    def is_live(self, symbol: str, day: dt.date) -> bool:
        """Return whether seconds are still added to a contract-day."""
        return False

    def missing(self, surface: Surface) -> list[str]:
        """Return the relations of a surface that the build left out."""
        return [relation for relation in surface.relations if relation not in self.relations]

    def surface(self, name: str, layout: str) -> Surface:
        """Return a surface that can be read.

        Raises:
            NotFoundError: There is none of this name or layout, or the build left it out.
        """
        surface = SURFACES.get(name)
        if surface is None:
            raise NotFoundError(name, "is no surface", f"there are {', '.join(SURFACES)}")
        if layout not in surface.layouts:
            raise NotFoundError(name, f"has no layout {layout}", "ask for layout=full")
        for relation in self.missing(surface):
            raise NotFoundError(name, f"{relation} is not in the published file")
        return surface

    def read(
        self, name: str, layout: str, of: ContractDay, windows: range, max_ticks: int
    ) -> pa.Table:
        """Return the rows of a surface in order of time.

        Args:
            name: surface.
            layout: ``full`` or ``compact``.
            of: contract-day.
            windows: ends of the windows, seconds since 1970.
            max_ticks: largest distance from spot of a surface with ticks.

        Returns:
            The columns of the layout, with what a decoder needs in the metadata of the schema.

        Raises:
            NotFoundError: The surface cannot be read.
        """
        surface = self.surface(name, layout)
        values = {
            "symbol": of.symbol,
            "dt": of.day,
            # bounds of the starts of windows, by which the files are sorted
            "start_ts": _utc(windows.start - 1),
            "end_ts": _utc(windows.stop - 1),
            "tick_int": of.tick_int,
            "max_ticks": max_ticks,
        }
        if name == "ladder":
            values["ladder_step"] = self._ladder_step(of)
        rows = ask(self.connection, surface.query(layout), values).to_arrow_table()
        if layout == COMPACT:
            rows = to_compact(name, rows, self.clock, self._word_settings, lambda: self._claims(of))
        metadata = {
            "symbol": of.symbol,
            "dt": str(of.day),
            "surface": name,
            "layout": layout,
            "base_ts_ns": str(of.base_s * NS_PER_S),
            "tick_int": str(of.tick_int),
        }
        if surface.has_ticks:
            metadata["max_ticks"] = str(max_ticks)
        if name == "wall":
            # within them a cell without a row is measured zero, beyond them it is unknown
            metadata["max_ticks"] = str(min(max_ticks, self._wall_reach(of)))
        return rows.replace_schema_metadata(metadata)

    def ask_rows(self, name: str, **values: object) -> list[Row]:
        """Return the rows of a query file."""
        return ask_rows(self.connection, _QUERIES / f"{name}.sql", values)

    def _wall_reach(self, of: ContractDay) -> int:
        if of.key not in self._wall_reaches:
            [row] = self.ask_rows("wall_reach", symbol=of.symbol, dt=of.day)
            self._wall_reaches[of.key] = row["reach_ticks"]
        return self._wall_reaches[of.key]

    def _claims(self, of: ContractDay) -> dict[str, str]:
        if of.key not in self._claims_by_day:
            is_net = missing_orders(self.connection, of.symbol, of.day) is not None
            found = read_claims(self.connection, self.relations, of.symbol, is_net=is_net)
            self._claims_by_day[of.key] = found
        return self._claims_by_day[of.key]

    def _ladder_step(self, of: ContractDay) -> float | None:
        def read() -> float | None:
            return read_ladder_step(self.connection, self.relations, of.symbol, of.day)

        return self.remembered.get(("ladder_step", of.key), read)

    def _word_settings(self) -> WordSettings:
        [row] = self.ask_rows("word_settings")
        return WordSettings.of(row)


class SurfaceSource(Protocol):
    """What surfaces are read from."""

    @property
    def path(self) -> Path:
        """Return the file that an error names."""

    def identity(self) -> Identity:
        """Return what differs once something else is to be opened."""

    def open(self) -> AbstractContextManager[SurfaceReader]:
        """Open it.

        Raises:
            SpymasterError: Nothing is published, or the file cannot be read.
        """


class PublishedFile:
    """The published file of a lake.

    Attributes:
        path: of the file.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self.path = lake.published

    def identity(self) -> Identity:
        """Return which file lies there; what is wrong with it, opening it says."""
        return identity_of(self.path)

    def open(self) -> AbstractContextManager[SurfaceReader]:
        """Open the file."""
        return open_reader(self._lake)


def identity_of(path: Path) -> Identity:
    """Return which file lies at a path; None without one."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def open_reader(lake: Lake) -> Iterator[SurfaceReader]:
    """Open the published file of a lake for reading surfaces.

    Raises:
        SpymasterError: Nothing is published, or the file cannot be read.
    """
    with open_published(lake, REQUIRED) as connection:
        yield SurfaceReader(connection)


def _utc(second: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(second, dt.UTC).replace(tzinfo=None)
