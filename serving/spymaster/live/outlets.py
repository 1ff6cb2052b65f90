"""Where a run goes: the screen, standard output, NATS, alerts."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import pyarrow as pa

from spymaster.live.feeds import Chunk


class Rows(Protocol):
    """Rows of the relations of a run, as a session holds them."""

    def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> pa.Table:
        """Return rows whose seconds end in (from_ts, to_ts], UTC, without a zone."""


class Outlet(Protocol):
    """What hears of a run. It is called from the thread of the run, so it may not wait.

    It does not fail: what it cannot send, it says, and the run goes on.
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

    def ended(self, reason: str | None) -> None:
        """Take the end of the run; a reason where it stopped before its feed did."""
