"""A feed that is captured in a thread of its own: the record grows whatever its reader does.

The reader gets what the record has, in its order: the records, and where the clock ended seconds.
A run that goes on after a kill reads the same from the disk (``captured_run``).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

from spymaster_ingest.dbn.layouts import UNDEFINED_TIMESTAMP
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_S

from spymaster.live.capture import Capture
from spymaster.live.captured_run import Closing
from spymaster.live.feeds import Chunk, Clock, Feed, Source
from spymaster.live.seconds import CURRENT_NS, LIVE_GRACE_MS, live_steps
from spymaster.live.snaps import SNAP_MS, Tick

# a busy hour of a future by order, some 2 GB
MOST_RECORDS = 40_000_000
_NS_PER_MS = 1_000_000
_Step = Chunk | Closing | Tick | BaseException | None


class Capturing:
    """The steps of a captured feed, as they come."""

    def __init__(
        self,
        feed: Feed,
        capture: Capture,
        clock: Clock,
        say: Callable[[str], None],
        grace_ms: int = LIVE_GRACE_MS,
        most_records: int = MOST_RECORDS,
        snap_ms: int = SNAP_MS,
    ) -> None:
        """Begin to capture.

        Args:
            feed: what comes; an empty chunk when nothing does.
            capture: of the run.
            clock: ends seconds, in UTC.
            say: is given a line when the clock falls behind, and when it has caught up.
            grace_ms: how long a second waits for its last records.
            most_records: how many may wait for the reader.
            snap_ms: time between two ticks, which come while records are of now.
        """
        self._feed = feed
        self._capture = capture
        self._clock = clock
        self._grace_ms = grace_ms
        self._say = say
        self._most_records = most_records
        self._snap_ns = snap_ms * _NS_PER_MS
        self._ticked = -1
        self._steps: queue.SimpleQueue[_Step] = queue.SimpleQueue()
        self._n_waiting = self._n_ticks = self._n_seconds = 0
        self._lock = threading.Lock()
        self._sources: set[Source] = set()
        self._is_current = self._is_ended = False
        # guards the three above
        self._changed = threading.Condition()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    @property
    def is_caught_up(self) -> bool:
        """Whether the reader has all seconds that have ended."""
        with self._lock:
            return not self._n_seconds

    def __iter__(self) -> Iterator[Chunk | Closing | Tick]:
        """Yield the steps; of ticks that wait the last one.

        Raises:
            SpymasterError: The disk takes no more, a record fails a check, or too many wait.
        """
        while (step := self._steps.get()) is not None:
            if isinstance(step, BaseException):
                raise step
            if isinstance(step, Closing):
                with self._lock:
                    self._n_seconds -= 1
            if isinstance(step, Tick):
                with self._lock:
                    self._n_ticks -= 1
                    is_late = self._n_ticks > 0
                if is_late:
                    continue
            if isinstance(step, Chunk):
                with self._lock:
                    self._n_waiting -= len(step.records)
            yield step

    def wait_for(self, is_wanted: Callable[[Source], bool]) -> None:
        """Return when records of a source have come up to now, or the feed has ended.

        A feed that replays the day so far is waited for.

        Args:
            is_wanted: whether a source is one of those that are waited for.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_ended or (self._is_current and any(map(is_wanted, self._sources)))
            )

    def stop(self) -> None:
        """Let the feed end; what was captured can still be read."""
        self._is_stopping.set()
        self._thread.join()

    def _run(self) -> None:
        closed_s = last_s = -1
        steps = live_steps(
            self._until_stopped(), self._capture, self._clock, self._grace_ms, self._say
        )
        try:
            for step in steps:
                if isinstance(step, Closing):
                    closed_s = step.second_s
                    self._end(closed_s)
                    continue
                if len(step.records):
                    self._put(step)
                    events = step.records["ts_event"]
                    known = events[events != UNDEFINED_TIMESTAMP]
                    last_s = max(last_s, int(known.max(initial=0)) // NS_PER_S)
                self._note(step, last_s)
                self._tick()
            # nothing of the last second comes any more
            if last_s > closed_s:
                self._end(last_s)
            self._steps.put(None)
        except BaseException as error:
            self._steps.put(error)
        finally:
            with self._changed:
                self._is_ended = True
                self._changed.notify_all()

    def _note(self, chunk: Chunk, last_s: int) -> None:
        """Note what has come, and whether more of the past may come."""
        with self._changed:
            if len(chunk.records):
                self._sources.add(chunk.source)
            behind_ns = self._clock.now_ns() - last_s * NS_PER_S
            self._is_current = not len(chunk.records) or behind_ns <= CURRENT_NS
            self._changed.notify_all()

    def _end(self, second_s: int) -> None:
        with self._lock:
            self._n_seconds += 1
        self._steps.put(Closing(second_s))

    def _tick(self) -> None:
        """Let the reader say how it stands, when it is time and no more of the past comes."""
        now_ns = self._clock.now_ns()
        number = now_ns // self._snap_ns
        if number <= self._ticked or not self._is_current:
            return
        self._ticked = number
        with self._lock:
            self._n_ticks += 1
            self._steps.put(Tick(now_ns))

    def _until_stopped(self) -> Iterator[Chunk]:
        for chunk in self._feed:
            yield chunk
            if self._is_stopping.is_set():
                return

    def _put(self, chunk: Chunk) -> None:
        with self._lock:
            self._n_waiting += len(chunk.records)
            n_waiting = self._n_waiting
        if n_waiting > self._most_records:
            raise SpymasterError(
                chunk.source.name,
                f"the run stops: {n_waiting:,} records wait, there is room for "
                f"{self._most_records:,}",
                "what came was captured; ask for fewer relations, or take a faster machine",
            )
        self._steps.put(chunk)
