"""Rows of a run as lines of JSON on standard output."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable

from spymaster.live.feeds import Chunk
from spymaster.live.outlets import Rows, Snap

SIGNALS = "gold.level_signals"


def of_origin(payload: str, origin: str) -> str:
    """Return a payload of level_signals with another source than the replay that it names."""
    return payload.replace('"source":"replay"', f'"source":"{origin}"', 1)


class Lines:
    """An outlet that prints the rows of a relation, of level_signals the payload."""

    def __init__(
        self, relation: str, origin: str, start: dt.datetime, write: Callable[[str], object]
    ) -> None:
        """Make an outlet.

        Args:
            relation: its name with its schema.
            origin: what a payload says of its source.
            start: rows of seconds that end later are printed, UTC, without a zone.
            write: takes a line.
        """
        self._relation = relation
        self._origin = origin
        self._start = start
        self._write_line = write
        # seconds and snaps come from two threads
        self._writing = threading.Lock()

    def captured(self, chunk: Chunk, first: int) -> None:
        """Records are no rows."""

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Print the rows of seconds."""
        if to_ts <= self._start:
            return
        for row in rows.rows(self._relation, max(from_ts, self._start), to_ts).to_pylist():
            if self._relation == SIGNALS:
                self._write(of_origin(row["payload"], self._origin))
            else:
                self._write(json.dumps(row, default=str))

    def snapped(self, snap: Snap) -> None:
        """Print the payload of a moment between two seconds."""
        if self._relation == SIGNALS and snap.payload is not None:
            self._write(of_origin(snap.payload, self._origin))

    def ended(self, reason: str | None) -> None:
        """The command says why a run stops."""

    def _write(self, line: str) -> None:
        with self._writing:
            self._write_line(line)
