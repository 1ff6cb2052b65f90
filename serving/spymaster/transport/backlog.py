"""What waits to be sent: headers, alerts, rows, then records, and only so much of each."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from spymaster.live.feeds import Chunk
from spymaster.transport.events import Events
from spymaster.transport.messages import Message
from spymaster.transport.run_files import RunFiles

# records that wait take this much memory at most
MOST_RECORD_BYTES = 256 << 20
# rows and alerts that wait: hours of them, so that the files of the run have the oldest
MOST_ROWS = 20_000


@dataclass
class Batch:
    """Messages that are sent together.

    Attributes:
        messages: the messages.
        n_records: number after the last record, by the name of its source.
        row_ns: end of the last second whose row is among them, ns UTC; 0 without one.
    """

    messages: list[Message] = field(default_factory=list)
    n_records: dict[str, int] = field(default_factory=dict)
    row_ns: int = 0


class _Numbered(NamedTuple):
    """Records of a chunk, and the number of the first."""

    chunk: Chunk
    first: int

    @property
    def end(self) -> int:
        return self.first + len(self.chunk.records)

    def from_number(self, number: int) -> _Numbered:
        """Return the records from a number on."""
        n_less = min(max(number - self.first, 0), len(self.chunk.records))
        return _Numbered(Chunk(self.chunk.source, self.chunk.records[n_less:]), self.first + n_less)


class _Row(NamedTuple):
    """A message of a row of the run, and the end of its second, ns UTC."""

    message: Message
    row_ns: int


class Backlog:
    """Takes messages and records from the thread of a run, gives them as messages in another.

    When there is no room, the oldest go. Records and rows that the run has in its files come from
    there when it is their turn; what nothing has is counted.

    Attributes:
        n_dropped: messages that went for good.
        is_full: whether something found no room.
    """

    def __init__(
        self,
        events: Events,
        most_record_bytes: int,
        most_rows: int,
        row_of: Callable[[int, str], Message],
        files: RunFiles | None = None,
        *,
        records: bool = True,
    ) -> None:
        """Make it.

        Args:
            events: make messages of records.
            most_record_bytes: how much of the records may wait.
            most_rows: how many rows may wait.
            row_of: makes a message of a row of the files: end of its second, ns UTC, and payload.
            files: of the run; None where it has none.
            records: whether records of the files are given.
        """
        self._events = events
        self._most_bytes, self._most_rows = most_record_bytes, most_rows
        self._files, self._row_of = files, row_of
        self._lock = threading.Lock()
        self._first: deque[Message] = deque()
        self._last: deque[Message] = deque()
        self._rows: deque[_Row] = deque()
        self._others: deque[Message] = deque()
        self._records: deque[_Numbered] = deque()
        self._n_bytes = self.n_dropped = 0
        self.is_full = False
        # by the name of a source: the number after what was given, and after all that there is
        self._given: Counter[str] = Counter()
        self._known: Counter[str] = Counter()
        # up to when rows that come next lie in files, and when the last one was that was given
        self._in_files_ns = self._row_ns = self._written_ns = 0
        self._rows_of_files: Iterator[tuple[int, str]] | None = None
        self._of_files: Iterator[tuple[Chunk, int]] | None = None
        self._rest: _Numbered | None = None
        self._is_in_files = False
        if files is not None:
            self._row_ns, self._in_files_ns = files.row_ns, files.written_ns
            if records:
                self._given.update(files.n_acknowledged)
                self._known.update(files.n_captured)
                self._is_in_files = self._known != self._given
        self._n_captured = Counter(self._known)

    def add_first(self, message: Message) -> None:
        """Take a message that goes before all that waits, and always finds room."""
        with self._lock:
            self._first.append(message)

    def add_last(self, message: Message) -> None:
        """Take a message that goes after all others, and always finds room."""
        with self._lock:
            self._last.append(message)

    def add_row(self, message: Message, row_ns: int) -> None:
        """Take a message of a row, which the run also writes into its files.

        Args:
            message: of the row.
            row_ns: end of its second, ns UTC.
        """
        with self._lock:
            self._rows.append(_Row(message, row_ns))
            if len(self._rows) > self._most_rows:
                self.is_full = True
                oldest = self._rows.popleft()
                if self._files is None:
                    self.n_dropped += 1
                else:
                    self._in_files_ns = max(self._in_files_ns, oldest.row_ns)

    def add_other(self, message: Message) -> None:
        """Take a message that no file has, such as an alert."""
        with self._lock:
            self._others.append(message)
            if len(self._others) > self._most_rows:
                self.is_full = True
                self._others.popleft()
                self.n_dropped += 1

    def add_records(self, chunk: Chunk, first: int) -> None:
        """Take records, of which nothing is kept outside.

        Args:
            chunk: the records.
            first: number of the first of them.
        """
        name = chunk.source.name
        own = Chunk(chunk.source, chunk.records.copy())
        # those before are given from the files
        numbered = _Numbered(own, first).from_number(self._n_captured[name])
        if not len(numbered.chunk.records):
            return
        with self._lock:
            self._known[name] = max(self._known[name], numbered.end)
            self._records.append(numbered)
            self._n_bytes += numbered.chunk.records.nbytes
            while self._n_bytes > self._most_bytes:
                self.is_full = True
                oldest = self._records.popleft().chunk.records
                self._n_bytes -= oldest.nbytes
                if self._files is None:
                    self.n_dropped += len(oldest)
                else:
                    self._is_in_files = True

    def take(self, most: int) -> Batch:
        """Return the next messages, at most so many; none when nothing waits."""
        batch = Batch()
        with self._lock:
            batch.messages += _taken(self._first, most)
            batch.messages += _taken(self._others, most - len(batch.messages))
        while len(batch.messages) < most and (row := self._next_row()) is not None:
            batch.messages.append(row.message)
            batch.row_ns = max(batch.row_ns, row.row_ns)
        while (room := most - len(batch.messages)) > 0:
            numbered = self._next_records(room)
            if numbered is None:
                break
            batch.messages += self._events.messages(numbered.chunk, numbered.first)
            batch.n_records[numbered.chunk.source.name] = numbered.end
        with self._lock:
            if not batch.messages:
                batch.messages += _taken(self._last, most)
        return batch

    def __len__(self) -> int:
        """Return how many messages wait; of rows in files it is not known."""
        with self._lock:
            if self._files is None:
                waiting = [*self._records, *([self._rest] if self._rest else ())]
                n_records = sum(len(item.chunk.records) for item in waiting)
            else:
                n_records = (self._known - self._given).total()
            n_others = len(self._first) + len(self._others) + len(self._last)
            return n_records + len(self._rows) + n_others

    def _next_row(self) -> _Row | None:
        """Return the next row; None where none waits, or the run has still to write it."""
        while True:
            with self._lock:
                until_ns = self._in_files_ns
            if self._files is not None and self._row_ns < until_ns:
                if (row := self._row_of_files(self._files, until_ns)) is not None:
                    return row
                if self._row_ns < until_ns:
                    return None
            with self._lock:
                if not self._rows:
                    return None
                row = self._rows.popleft()
            # what the files have given waits here too
            if self._files is None or row.row_ns > self._row_ns:
                self._row_ns = row.row_ns
                return row

    def _row_of_files(self, files: RunFiles, until_ns: int) -> _Row | None:
        """Return the next row up to a second, of the files; go beyond it when they have no more."""
        if self._rows_of_files is None:
            self._written_ns = files.written_ns
            self._rows_of_files = files.rows(self._row_ns)
        for row_ns, payload in self._rows_of_files:
            if row_ns > until_ns:
                break
            self._row_ns = row_ns
            return _Row(self._row_of(row_ns, payload), row_ns)
        else:
            until_ns = min(until_ns, self._written_ns)
        self._rows_of_files = None
        self._row_ns = max(self._row_ns, until_ns)
        return None

    def _next_records(self, most: int) -> _Numbered | None:
        """Return records that come next, at most so many."""
        while True:
            found = self._records_of_files() or self._waiting_records()
            if found is None:
                return None
            name = found.chunk.source.name
            # what the files have given waits here too
            new = found.from_number(self._given[name])
            if not len(new.chunk.records):
                continue
            taken = _Numbered(Chunk(new.chunk.source, new.chunk.records[:most]), new.first)
            if taken.end < new.end:
                self._rest = new.from_number(taken.end)
            with self._lock:
                self._given[name] = taken.end
            return taken

    def _records_of_files(self) -> _Numbered | None:
        """Return what was too much at once, or records that lie in files; None without any."""
        if self._rest is not None:
            found, self._rest = self._rest, None
            return found
        with self._lock:
            if self._of_files is None and self._is_in_files and self._files is not None:
                self._is_in_files = False
                self._of_files = self._files.records(Counter(self._given))
        if self._of_files is None:
            return None
        for chunk, first in self._of_files:
            return _Numbered(chunk, first)
        self._of_files = None
        return self._records_of_files()

    def _waiting_records(self) -> _Numbered | None:
        with self._lock:
            if not self._records:
                return None
            found = self._records.popleft()
            self._n_bytes -= found.chunk.records.nbytes
            return found


def _taken(waiting: deque[Message], most: int) -> list[Message]:
    return [waiting.popleft() for _ in range(min(most, len(waiting)))]
