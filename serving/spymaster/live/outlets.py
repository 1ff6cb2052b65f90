"""Where a run goes: the screen, standard output, NATS, alerts."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from spymaster.live.feeds import Chunk


class Rows(Protocol):
    """Rows of the relations of a run, as a session holds them."""

    def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> pa.Table:
        """Return rows whose seconds end in (from_ts, to_ts], UTC, without a zone."""


class Snap(NamedTuple):
    """A moment between two seconds.

    Attributes:
        time_ns: of the moment, by the clock of the run, ns since 1970 UTC.
        as_of_ns: end of the last second, of which all but quotes and distances is.
        spot: points; None without quotes on both sides.
        bid: points; None without one.
        ask: points; None without one.
        levels: active levels, the nearest first, as ``all_levels`` of the payload's schema.
        payload: of ``levels.signals``, as JSON; None while the last second has none.
    """

    time_ns: int
    as_of_ns: int
    spot: float | None
    bid: float | None
    ask: float | None
    levels: list[dict[str, Any]]
    payload: str | None


class Outlet(Protocol):
    """What hears of a run. It may not wait: the run does until it returns.

    It does not fail: what it cannot send, it says, and the run goes on. Of a live run ``captured``
    and ``snapped`` come from one thread, ``stepped`` and ``ended`` from another; after ``ended``
    nothing comes.
    """

    def captured(self, chunk: Chunk, first: int) -> None:
        """Take records that the capture has.

        A run that starts again gives those since its checkpoint again, under the same numbers.

        Args:
            chunk: n records, n >= 1.
            first: number of the first of them among all that the run captured of its source.
        """

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Take rows of seconds that end in (from_ts, to_ts]; a fast replay ends several at once."""

    def snapped(self, snap: Snap) -> None:
        """Take a moment between two seconds of a live run; a replay has none."""

    def ended(self, reason: str | None) -> None:
        """Take the end of the run; a reason where it stopped before its feed did."""
