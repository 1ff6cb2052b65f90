"""What waits to be sent: headers, then rows, then records, and only so much of these."""

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
    first: int


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
        self._first: deque[Message] = deque()
        self._last: deque[Message] = deque()
        self._rows: deque[Message] = deque()
        self._records: deque[_Records] = deque()
        self._n_bytes = 0
        self.n_dropped = 0

    def add_last(self, message: Message) -> None:
        """Take a message that goes after all others, and always finds room."""
        with self._lock:
            self._last.append(message)

    def add_row(self, message: Message) -> None:
        """Take a message."""
        with self._lock:
            self._rows.append(message)
            if len(self._rows) > self._most_rows:
                self._rows.popleft()
                self.n_dropped += 1

    def add_records(self, chunk: Chunk, first: int, header: Message | None) -> None:
        """Take records, of which nothing is kept outside.

        Args:
            chunk: the records.
            first: number of the first of them.
            header: goes before all that waits, and always finds room.
        """
        own = Chunk(chunk.source, chunk.records.copy())
        with self._lock:
            if header is not None:
                self._first.append(header)
            self._records.append(_Records(own, first))
            self._n_bytes += own.records.nbytes
            while self._n_bytes > self._most_bytes:
                oldest = self._records.popleft().chunk.records
                self._n_bytes -= oldest.nbytes
                self.n_dropped += len(oldest)

    def take(self, most: int) -> list[Message]:
        """Return the next messages, at most so many; none when nothing waits."""
        with self._lock:
            found = _taken(self._first, most)
            found += _taken(self._rows, most - len(found))
            if not self._records and not found:
                return _taken(self._last, most)
            most -= len(found)
            if self._rows or not self._records or not most:
                return found
            head = self._records[0]
            source, records = head.chunk.source, head.chunk.records
            taken, left = records[:most], records[most:]
            first = head.first
            self._n_bytes -= taken.nbytes
            if len(left):
                head.chunk, head.first = Chunk(source, left), first + len(taken)
            else:
                self._records.popleft()
        return found + self._events.messages(Chunk(source, taken), first)

    def __len__(self) -> int:
        """Return how many messages wait."""
        with self._lock:
            n_records = sum(len(item.chunk.records) for item in self._records)
            return len(self._first) + len(self._rows) + n_records + len(self._last)


def _taken(waiting: deque[Message], most: int) -> list[Message]:
    return [waiting.popleft() for _ in range(min(most, len(waiting)))]
