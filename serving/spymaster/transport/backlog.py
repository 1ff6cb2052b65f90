"""What waits to be sent: rows before records, and only so much of each."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from spymaster.live.feeds import Chunk
from spymaster.transport.events import Events
from spymaster.transport.messages import Message

# records that wait take this much memory at most
MOST_RECORD_BYTES = 256 << 20
# rows and alerts that wait: hours of them
MOST_ROWS = 20_000


@dataclass
class _Records:
    """Records of a chunk, of which the first are taken already."""

    chunk: Chunk
    first_seq: int


class Backlog:
    """Takes messages and records from the thread of a run, gives them as messages in another.

    When there is no room, the oldest go, and are counted.

    Attributes:
        n_dropped: messages that went.
    """

    def __init__(self, events: Events, most_record_bytes: int, most_rows: int) -> None:
        self._events = events
        self._most_bytes, self._most_rows = most_record_bytes, most_rows
        self._lock = threading.Lock()
        self._rows: deque[Message] = deque()
        self._records: deque[_Records] = deque()
        self._n_bytes = 0
        self.n_dropped = 0

    def add_row(self, message: Message) -> None:
        """Take a message."""
        with self._lock:
            self._rows.append(message)
            if len(self._rows) > self._most_rows:
                self._rows.popleft()
                self.n_dropped += 1

    def add_records(self, chunk: Chunk, first_seq: int) -> None:
        """Take records, of which nothing is kept outside."""
        own = Chunk(chunk.source, chunk.records.copy())
        with self._lock:
            self._records.append(_Records(own, first_seq))
            self._n_bytes += own.records.nbytes
            while self._n_bytes > self._most_bytes:
                oldest = self._records.popleft().chunk.records
                self._n_bytes -= oldest.nbytes
                self.n_dropped += len(oldest)

    def take(self, most: int) -> list[Message]:
        """Return the next messages, at most so many; none when nothing waits."""
        with self._lock:
            if self._rows:
                return [self._rows.popleft() for _ in range(min(most, len(self._rows)))]
            if not self._records:
                return []
            head = self._records[0]
            source, records = head.chunk.source, head.chunk.records
            taken, left = records[:most], records[most:]
            first_seq = head.first_seq
            self._n_bytes -= taken.nbytes
            if len(left):
                head.chunk, head.first_seq = Chunk(source, left), first_seq + len(taken)
            else:
                self._records.popleft()
        return self._events.messages(Chunk(source, taken), first_seq)

    def __len__(self) -> int:
        """Return how many messages wait."""
        with self._lock:
            return len(self._rows) + sum(len(item.chunk.records) for item in self._records)
