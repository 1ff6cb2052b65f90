"""Read a contract-day that goes on, and the others from the published file."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
from spymaster_ingest.units import NS_PER_S

from spymaster.published import Row, ask_rows
from spymaster.stream.errors import NotFoundError
from spymaster.stream.live.relations import PUBLISHED, TODAY
from spymaster.stream.live.rows import LiveRows
from spymaster.stream.reader import ContractDay, Identity, SurfaceReader

_QUERIES = Path(__file__).parent / "queries"


class LiveReader(SurfaceReader):
    """Queries against the rows of a run and the published file; one thread may use it.

    Args:
        rows: of the run.
    """

    def __init__(self, rows: LiveRows) -> None:
        super().__init__(rows.cursor(PUBLISHED))
        self._rows = rows
        self._key = rows.symbol, rows.day
        self._today = _Today(rows)

    def again(self) -> SurfaceReader:
        """Return a reader of the same rows, for another thread."""
        other = copy.copy(self)
        other.connection = self._rows.cursor(PUBLISHED)
        other._today = copy.copy(self._today)
        other._today.connection = self._rows.cursor(TODAY)
        return other

    def days(self) -> list[Row]:
        """Return the contract-days, that of the run up to the second that it has reached."""
        others = [row for row in super().days() if (row["symbol"], row["dt"]) != self._key]
        of = self._today.now()
        if of is None:
            return others
        today = {
            "symbol": of.symbol,
            "dt": of.day,
            "first_window_end_ts_ns": of.first_s * NS_PER_S,
            "last_window_end_ts_ns": of.last_s * NS_PER_S,
            "seconds": self._today.count(),
        }
        return sorted([*others, today], key=lambda row: (row["symbol"], row["dt"]))

    def contract_day(self, symbol: str, day: date) -> ContractDay:
        """Return a contract-day, that of the run up to the second that it has reached."""
        if (symbol, day) != self._key:
            return super().contract_day(symbol, day)
        of = self._today.now()
        if of is None:
            raise NotFoundError(f"{symbol} {day}", "the run has no second yet", "ask again")
        return of

    def read(
        self, name: str, layout: str, of: ContractDay, windows: range, max_ticks: int
    ) -> pa.Table:
        """Return the rows of a surface as ``SurfaceReader.read`` does."""
        if of.key != self._key:
            return super().read(name, layout, of, windows, max_ticks)
        return self._today.read(name, layout, of, windows, max_ticks)

    def ask_rows(self, name: str, **values: object) -> list[Row]:
        """Return the rows of a query file."""
        if (values.get("symbol"), values.get("dt")) != self._key:
            return super().ask_rows(name, **values)
        return self._today.ask_rows(name, **values)

    def known_ns(self, of: ContractDay, until_ns: int | None) -> int | None:
        """Return the moment up to which something is known, at the latest the one that is asked."""
        if of.key != self._key:
            return until_ns
        now_ns = of.last_s * NS_PER_S
        return now_ns if until_ns is None else min(until_ns, now_ns)

    def is_live(self, symbol: str, day: date) -> bool:
        """Return whether a contract-day is that of the run."""
        return (symbol, day) == self._key


class _Today(SurfaceReader):
    """Queries against the relations of today."""

    def __init__(self, rows: LiveRows) -> None:
        super().__init__(rows.cursor(TODAY))
        self._rows = rows

    def now(self) -> ContractDay | None:
        """Return the contract-day up to the second that the run has reached; None before any."""
        rows = self._rows
        if rows.first_s is None or rows.reached_s is None:
            return None
        of = ContractDay(rows.symbol, rows.day, rows.tick_int, rows.first_s, rows.reached_s)
        return replace(of, is_growing=True)

    def count(self) -> int:
        """Return how many seconds there are."""
        [row] = ask_rows(self.connection, _QUERIES / "seconds.sql", {})
        return row["n_seconds"]

    def _wall_reach(self, of: ContractDay) -> int:
        return self._rows.wall_reach


class LiveSource:
    """A run beside the published file that it began with.

    Attributes:
        path: of the published file.
    """

    def __init__(self, rows: LiveRows) -> None:
        self._rows = rows
        self.path = rows.path

    def identity(self) -> Identity:
        """Return nothing that changes: a publication shows with the next run."""
        return (0, 0, 0)

    @contextmanager
    def open(self) -> Iterator[SurfaceReader]:
        """Open the rows for reading."""
        yield LiveReader(self._rows)
