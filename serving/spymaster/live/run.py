"""A run: the records of a feed become the rows of a session, for all that hear of them.

A start and a recovery are one path: a run reads what its earlier parts captured, from where its
checkpoint stood, then what comes.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
from spymaster_ingest.errors import SpymasterError

from spymaster.live.captured_run import CapturedRun, Closing
from spymaster.live.checkpoint import checkpoint_bytes, put_checkpoint, restore_checkpoint
from spymaster.live.feeds import Chunk
from spymaster.live.heard import EngineState, HeardSecond
from spymaster.live.outlets import Outlet
from spymaster.live.run_folder import RunFolder
from spymaster.live.run_rows import remove_open_rows, restore_rows, write_rows
from spymaster.live.seconds import Ended
from spymaster.live.session import Session
from spymaster.live.snaps import Snaps, Tick

Step = Chunk | Closing | Tick
# rows and checkpoint are written at every so many seconds of the day
CHECKPOINT_S = 60
# seconds before the first one whose rows are told of with it: what a screen shows at its start
HISTORY_S = 1_800
_EPOCH = dt.datetime(1970, 1, 1)


class Run:
    """A session that writes down where it stands, and tells of its rows.

    Attributes:
        session: makes the rows.
        folder: of the run.
    """

    def __init__(
        self,
        session: Session,
        folder: RunFolder,
        outlets: Sequence[Outlet],
        earlier: Sequence[Path],
        snaps: Snaps | None = None,
    ) -> None:
        """Make a run.

        Args:
            session: that has not begun.
            folder: of the run, new or of a run that was killed.
            outlets: what hears of it.
            earlier: captured parts of it, the oldest first.
            snaps: what is told of between seconds; None for a replay.
        """
        self.session = session
        self.folder = folder
        self._outlets = outlets
        self._snaps = snaps
        self._parts = [CapturedRun(path) for path in earlier]
        self._fed: Counter[str] = Counter()
        self._writer: threading.Thread | None = None
        self._failure: BaseException | None = None
        # guards what is told of from two threads
        self._telling = threading.Lock()
        self._has_ended = False

    @property
    def n_captured(self) -> Counter[str]:
        """Return how many records earlier parts hold, by the name of their source."""
        found: Counter[str] = Counter()
        for part in self._parts:
            for number, source in enumerate(part.sources):
                found[source.name] += int(part.index["count"][part.index["source"] == number].sum())
        return found

    def restore(self) -> dt.datetime | None:
        """Go on from the checkpoint of an earlier part.

        Returns:
            Its time; None without a sound one of this version: the capture is read from its start.
        """
        if not self.folder.checkpoint.exists():
            return None
        try:
            where = restore_checkpoint(
                self.folder.checkpoint,
                self.session.engines,
                {"tables": self.session.tables.version},
            )
        except SpymasterError:
            return None
        at = dt.datetime.fromisoformat(where["at"])
        self._fed = Counter(where["fed"])
        self.session.go_on(at, where["fed"])
        restore_rows(self.session.tables, self.folder.rows, at)
        return at

    @property
    def n_seen(self) -> Counter[str]:
        """Return how many records the checkpoint has seen, by the name of their source."""
        return Counter(self._fed)

    def steps(
        self, coming: Iterable[Step], *, all_records: bool = False
    ) -> Iterator[Chunk | Closing]:
        """Yield what earlier parts captured and what comes, and tell of what is new.

        Args:
            coming: what comes after the records of the earlier parts.
            all_records: whether the records that the checkpoint has seen are yielded too.
        """
        left, n_before = self.n_seen, Counter[str]()
        for step in self._all(coming):
            if isinstance(step, Tick):
                # the engines were given all that came before
                self._snap(step)
                continue
            if isinstance(step, Chunk):
                name = step.source.name
                seen = min(left[name], len(step.records))
                left[name] -= seen
                first = n_before[name] + seen
                n_before[name] += len(step.records)
                if seen:
                    self.session.hear(replace(step, records=step.records[:seen]))
                new = replace(step, records=step.records[seen:]) if seen else step
                if len(new.records):
                    with self._telling:
                        for outlet in self._heard_by:
                            outlet.captured(new, first)
                elif not all_records:
                    continue
                step = step if all_records else new
            yield step

    def heard(
        self, ended: Iterable[Ended], start: dt.datetime, end: dt.datetime
    ) -> Iterator[HeardSecond]:
        """Yield the seconds of the session's engines as ``go`` takes them.

        A thread may take them ahead of it.
        """
        return self.session.heard(ended, start, end, CHECKPOINT_S)

    def go(
        self,
        heard: Iterable[HeardSecond],
        start: dt.datetime,
        end: dt.datetime,
        is_due: Callable[[dt.datetime], bool],
    ) -> dt.datetime:
        """Run the seconds, and tell of them; return when the last one ends.

        Args:
            heard: seconds of the run.
            start: when the first second ends, at the earliest, UTC, without a zone.
            end: when the last second ends, at the latest.
            is_due: whether seconds up to a time are run now, or with those that follow.

        Raises:
            SpymasterError: The disk takes no more, a record fails a check, or a model's SQL fails.
        """
        at = self.session.at
        written = at if at >= start else None
        before = max(at, start - dt.timedelta(seconds=HISTORY_S))
        try:
            for at in self.session.run(heard, start, end, is_due):
                for outlet in self._outlets:
                    outlet.stepped(self.session.tables, before, at)
                if self._snaps is not None:
                    self._snaps.note(self.session.tables, before, at)
                before = at
                if written is None or _minute(at) > _minute(written):
                    self._write(written, at)
                    if written is None:
                        # what is told of from here on is told of again after a kill
                        self._wait()
                    written = at
            if written is not None and before > written:
                self._write(written, before)
            self._wait()
        except BaseException as error:
            self._end(str(error) or type(error).__name__)
            raise
        self.folder.end(f"ended at {before} UTC")
        self._end(None)
        return before

    @property
    def _heard_by(self) -> Sequence[Outlet]:
        """What hears of records and snaps: nothing, once the run has ended."""
        return () if self._has_ended else self._outlets

    def _end(self, reason: str | None) -> None:
        with self._telling:
            self._has_ended = True
        for outlet in self._outlets:
            outlet.ended(reason)

    def _snap(self, tick: Tick) -> None:
        """Tell of a moment between two seconds."""
        if self._snaps is None:
            return
        snap = self._snaps.at(tick.time_ns, self.session.engines.quotes())
        if snap is not None:
            with self._telling:
                for outlet in self._heard_by:
                    outlet.snapped(snap)

    def _all(self, coming: Iterable[Step]) -> Iterator[Step]:
        for part in self._parts:
            yield from part
        yield from coming

    def _write(self, from_ts: dt.datetime | None, to_ts: dt.datetime) -> None:
        """Write rows and a checkpoint, beside what follows."""
        self._wait()
        # after the last second the engines do not go on
        state = self.session.state or self.session.engines.state()
        where = {
            "at": to_ts.isoformat(),
            "fed": state.n_fed,
            "tables": self.session.tables.version,
        }
        snapshot = self.session.tables.snapshot()
        self._writer = threading.Thread(
            target=self._write_down,
            args=(snapshot, state, where, from_ts, to_ts),
            name="rows",
            daemon=True,
        )
        self._writer.start()

    def _write_down(
        self,
        snapshot: duckdb.DuckDBPyConnection,
        state: EngineState,
        where: Mapping[str, Any],
        from_ts: dt.datetime | None,
        to_ts: dt.datetime,
    ) -> None:
        try:
            with snapshot:
                write_rows(self.session.tables, snapshot, self.folder.rows, from_ts, to_ts)
            # what it goes on from is there before it is
            data = checkpoint_bytes(self.session.engines.version, state.saved, where)
            put_checkpoint(self.folder.checkpoint, data)
            remove_open_rows(self.folder.rows, to_ts)
        except BaseException as error:
            self._failure = error

    def _wait(self) -> None:
        """Wait for the rows to be on the disk.

        Raises:
            SpymasterError: The disk takes no more.
        """
        if self._writer is not None:
            self._writer.join()
        if isinstance(self._failure, OSError | duckdb.Error):
            raise SpymasterError(
                self.folder.path, f"the run stops: {self._failure}", "see to its disk"
            ) from self._failure
        if self._failure is not None:
            raise self._failure


def _minute(at: dt.datetime) -> int:
    return (at - _EPOCH) // dt.timedelta(seconds=CHECKPOINT_S)
