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
        self._chunks: queue.SimpleQueue[Chunk | BaseException | None] = queue.SimpleQueue()
        self._n_waiting = 0
        self._count = threading.Lock()
        self._is_abandoned = threading.Event()

    def __iter__(self) -> Iterator[Chunk]:
        """Yield the chunks, and an empty one when none has come for a while.

        Raises:
            SpymasterError: More records wait than there is room for.
        """
        for feed in self._feeds:
            threading.Thread(target=self._read, args=(feed,), name="feed", daemon=True).start()
        n_left = len(self._feeds)
        last: Chunk | None = None
        try:
            while n_left:
                try:
                    item = self._chunks.get(timeout=_POLL_S)
                except queue.Empty:
                    if last is not None:
                        yield Chunk(last.source, last.records[:0])
                    continue
                if item is None:
                    n_left -= 1
                    continue
                if isinstance(item, BaseException):
                    raise item
                last = item
                with self._count:
                    self._n_waiting -= len(item.records)
                yield item
        finally:
            self._is_abandoned.set()

    def _read(self, feed: Feed) -> None:
        try:
            for chunk in feed:
                with self._count:
                    self._n_waiting += len(chunk.records)
                    n_waiting = self._n_waiting
                self._chunks.put(chunk)
                if n_waiting > self._most_records:
                    raise SpymasterError(
                        chunk.source.name,
                        f"the run stops: {n_waiting:,} records wait, there is room for "
                        f"{self._most_records:,}",
                        "what came was captured; run fewer engines, or on a faster machine",
                    )
                if self._is_abandoned.is_set():
                    return
            self._chunks.put(None)
        except BaseException as error:
            self._chunks.put(error)
