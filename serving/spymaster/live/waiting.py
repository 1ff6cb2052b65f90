"""Records that wait between sources that do not wait and their reader, merged by time."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_S

from spymaster.live.feeds import Chunk, Clock, Feed, Source, SystemClock, times_of
from spymaster.live.seconds import LIVE_GRACE_MS

_POLL_S = 0.05
MOST_RECORDS = 1 << 20
# chunks of a feed that can wait which are read ahead
_AHEAD_CHUNKS = 4
# records of one second are merged no further, of older ones those of one minute
_GRACE_NS = LIVE_GRACE_MS * 1_000_000
_MINUTE_NS = 60 * NS_PER_S


@dataclass
class _Read:
    """What was read of a feed.

    Attributes:
        room: for chunks that are read ahead; None where the feed does not wait.
        chunks: with the span of time of each record, rising.
        last: span of the newest record; -1 without one.
        is_busy: whether more may be there at once.
    """

    room: threading.Semaphore | None
    chunks: deque[tuple[Chunk, np.ndarray]] = field(default_factory=deque)
    last: int = -1
    is_busy: bool = True

    @property
    def reached(self) -> float:
        """The span before which nothing more comes at once."""
        if self.chunks:
            return int(self.chunks[0][1][0])
        return self.last if self.is_busy else float("inf")


def _reached(of: _Read) -> float:
    return of.reached


class Waiting:
    """Feeds that are read in threads of their own, so that their sources never wait.

    Their records are merged by the second in which they were captured: those of a second come when
    every other feed has come to it, or has nothing at hand. So feeds that hold the past give it
    together, and a second can end when a record of a later one comes. When more records wait than
    there is room for, nothing further is read: the reader gets all that came, then the reason why
    the run stops. Nothing is left out in between.

    Attributes:
        sources: what the feeds may give, as far as it is known.
    """

    def __init__(
        self,
        *feeds: Feed,
        most_records: int = MOST_RECORDS,
        sources: Sequence[Source] = (),
        can_wait: Sequence[bool] = (),
        clock: Clock | None = None,
    ) -> None:
        """Make the feed.

        Args:
            feeds: what is read, until all have ended.
            most_records: how many may wait.
            sources: what the feeds may give, as far as it is known.
            can_wait: whether each feed waits for its reader, as a file does; none does by default.
            clock: says which records are old.
        """
        self.sources = sources
        self._feeds = feeds
        self._most_records = most_records
        self._clock = clock or SystemClock()
        self._read = [
            _Read(threading.Semaphore(_AHEAD_CHUNKS) if waits else None)
            for waits in can_wait or [False] * len(feeds)
        ]
        self._items: queue.SimpleQueue[tuple[int, Chunk | BaseException | None]] = (
            queue.SimpleQueue()
        )
        self._n_waiting = 0
        self._count = threading.Lock()
        self._is_abandoned = threading.Event()

    def __iter__(self) -> Iterator[Chunk]:
        """Yield the chunks, and an empty one while no feed has any.

        A feed has none from its empty chunk until its next record: one that is still being read is
        waited for.

        Raises:
            SpymasterError: More records wait than there is room for.
        """
        for number, feed in enumerate(self._feeds):
            threading.Thread(
                target=self._read_all, args=(number, feed), name="feed", daemon=True
            ).start()
        n_left = len(self._feeds)
        last: Chunk | None = None
        error: BaseException | None = None
        try:
            while n_left or any(of.chunks for of in self._read):
                while (part := self._next()) is not None:
                    last = part
                    yield part
                if error is not None:
                    raise error
                if not n_left:
                    return
                try:
                    number, item = self._items.get(timeout=_POLL_S)
                except queue.Empty:
                    if last is not None and self._is_quiet():
                        yield Chunk(last.source, last.records[:0])
                    continue
                of = self._read[number]
                if isinstance(item, BaseException):
                    # what came before it is given first
                    error = item
                    for other in self._read:
                        other.is_busy = False
                elif item is None:
                    n_left -= 1
                    of.is_busy = False
                elif len(item.records):
                    self._take(of, item)
                else:
                    of.is_busy = False
                    self._make_room(of)
                    last = item
                    if self._is_quiet() and self._items.empty():
                        yield item
        finally:
            self._is_abandoned.set()

    def _is_quiet(self) -> bool:
        return not any(of.is_busy or of.chunks for of in self._read)

    def _take(self, of: _Read, chunk: Chunk) -> None:
        """Keep records until it is their turn."""
        # before their second has ended by a clock they would have come
        times = np.maximum.accumulate(times_of(chunk.records).astype(np.int64) - _GRACE_NS)
        is_old = times < self._clock.now_ns() - _MINUTE_NS
        spans = np.where(is_old, times - times % _MINUTE_NS, times) // NS_PER_S
        spans = np.maximum(spans, of.last)
        of.chunks.append((chunk, spans))
        of.last, of.is_busy = int(spans[-1]), True

    def _next(self) -> Chunk | None:
        """Return records whose turn it is; None while a feed may have some that come before."""
        first = min((of for of in self._read if of.chunks), key=_reached, default=None)
        if first is None:
            return None
        until = min((of.reached for of in self._read if of is not first), default=float("inf"))
        if first.reached > until:
            return None
        chunk, spans = first.chunks.popleft()
        end = int(np.searchsorted(spans, until, "right"))
        part = chunk
        if end < len(spans):
            part = replace(chunk, records=chunk.records[:end], on_disk=None)
            rest = replace(chunk, records=chunk.records[end:], gap=None, n_missing=0)
            first.chunks.appendleft((rest, spans[end:]))
        else:
            self._make_room(first)
        with self._count:
            self._n_waiting -= len(part.records)
        return part

    def _make_room(self, of: _Read) -> None:
        if of.room is not None:
            of.room.release()

    def _read_all(self, number: int, feed: Feed) -> None:
        room = self._read[number].room
        try:
            for chunk in feed:
                while room is not None and not room.acquire(timeout=_POLL_S):
                    if self._is_abandoned.is_set():
                        return
                with self._count:
                    self._n_waiting += len(chunk.records)
                    n_waiting = self._n_waiting
                self._items.put((number, chunk))
                if n_waiting > self._most_records:
                    raise SpymasterError(
                        chunk.source.name,
                        f"the run stops: {n_waiting:,} records wait, there is room for "
                        f"{self._most_records:,}",
                        "what came was captured; run fewer engines, or on a faster machine",
                    )
                if self._is_abandoned.is_set():
                    return
            self._items.put((number, None))
        except BaseException as error:
            self._items.put((number, error))
