"""Records that wait between a source that does not wait and its reader."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence

from spymaster_ingest.errors import SpymasterError

from spymaster.live.feeds import Chunk, Feed, Source

_POLL_S = 0.05
MOST_RECORDS = 1 << 20


class Waiting:
    """Feeds that are read in threads of their own, so that their sources never wait.

    Chunks come in the order in which they were read. When more records wait than there is room for,
    nothing further is read: the reader gets all that came, then the reason why the run stops.
    Nothing is left out in between.

    Attributes:
        sources: what the feeds may give, as far as it is known.
    """

    def __init__(
        self,
        *feeds: Feed,
        most_records: int = MOST_RECORDS,
        sources: Sequence[Source] = (),
    ) -> None:
        """Make the feed.

        Args:
            feeds: what is read, until all have ended.
            most_records: how many may wait.
            sources: what the feeds may give, as far as it is known.
        """
        self.sources = sources
        self._feeds = feeds
        self._most_records = most_records
        self._chunks: queue.SimpleQueue[tuple[int, Chunk | BaseException | None]] = (
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
                target=self._read, args=(number, feed), name="feed", daemon=True
            ).start()
        busy = set(range(len(self._feeds)))
        n_left = len(self._feeds)
        last: Chunk | None = None
        try:
            while n_left:
                try:
                    number, item = self._chunks.get(timeout=_POLL_S)
                except queue.Empty:
                    if last is not None and not busy:
                        yield Chunk(last.source, last.records[:0])
                    continue
                if item is None:
                    n_left -= 1
                    busy.discard(number)
                    continue
                if isinstance(item, BaseException):
                    raise item
                last = item
                if not len(item.records):
                    busy.discard(number)
                    if not busy and self._chunks.empty():
                        yield item
                    continue
                busy.add(number)
                with self._count:
                    self._n_waiting -= len(item.records)
                yield item
        finally:
            self._is_abandoned.set()

    def _read(self, number: int, feed: Feed) -> None:
        try:
            for chunk in feed:
                with self._count:
                    self._n_waiting += len(chunk.records)
                    n_waiting = self._n_waiting
                self._chunks.put((number, chunk))
                if n_waiting > self._most_records:
                    raise SpymasterError(
                        chunk.source.name,
                        f"the run stops: {n_waiting:,} records wait, there is room for "
                        f"{self._most_records:,}",
                        "what came was captured; run fewer engines, or on a faster machine",
                    )
                if self._is_abandoned.is_set():
                    return
            self._chunks.put((number, None))
        except BaseException as error:
            self._chunks.put((number, error))
