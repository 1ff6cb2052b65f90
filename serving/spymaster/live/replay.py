"""Replay of recorded days: their records merged in the order of events, at any speed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from spymaster_ingest.dbn.layouts import FLAG_LAST, FLAG_SNAPSHOT
from spymaster_ingest.dbn.records import field_names
from spymaster_ingest.units import NS_PER_S

from spymaster.live.feeds import FUTURE_OPTION, Chunk, Clock, Source

_TICK_NS = NS_PER_S // 4
_CLEAR = b"R"


class Recorded(Protocol):
    """Records of one source, in file order."""

    @property
    def source(self) -> Source:
        """Return what they are."""

    def chunks(self) -> Iterator[np.ndarray]:
        """Yield them as structured arrays, shape (n,), n >= 1."""


class Replay:
    """A feed of recorded days.

    Records are merged by the time of their event group, then futures before options, then in the
    order of the inputs; inside one input the order is the file's. The same inputs give the same
    chunks at every speed but for where they are cut.
    """

    def __init__(
        self,
        inputs: Sequence[Recorded],
        clock: Clock,
        *,
        speed: float = 0,
        span_ns: int = 1,
    ) -> None:
        """Make the feed.

        Args:
            inputs: what is replayed.
            clock: paces it.
            speed: event time by wall time; 0 is as fast as possible.
            span_ns: events of one span of so many ns count as simultaneous, so that the chunks
                of a fast replay are not single records.
        """
        self._inputs = inputs
        self._clock = clock
        self._speed = speed
        self._span_ns = span_ns

    def __iter__(self) -> Iterator[Chunk]:
        """Yield the records; with a speed, each when it is due."""
        return self._paced() if self._speed else (chunk for chunk, _ in self._merged())

    def _merged(self) -> Iterator[tuple[Chunk, np.ndarray]]:
        """Yield chunks with the time of each record, ns UTC."""
        cursors = [
            cursor
            for number, given in enumerate(self._inputs)
            if (cursor := _Cursor(given, number, self._span_ns)).fill()
        ]
        while cursors:
            cursors.sort(key=lambda cursor: cursor.key)
            first = cursors[0]
            yield first.take(cursors[1].key if len(cursors) > 1 else None)
            if not first.fill():
                del cursors[0]

    def _paced(self) -> Iterator[Chunk]:
        start_ns = first_ns = None
        for chunk, times in self._merged():
            if start_ns is None or first_ns is None:
                start_ns, first_ns = self._clock.now_ns(), int(times[0])
            due_ns = start_ns + ((times - first_ns) / self._speed).astype(np.int64)
            at = 0
            while at < len(times):
                while (now_ns := self._clock.now_ns()) < due_ns[at]:
                    tick_ns = now_ns + _TICK_NS
                    self._clock.wait_until(min(int(due_ns[at]), tick_ns))
                    if tick_ns < due_ns[at]:
                        yield Chunk(chunk.source, chunk.records[:0])
                end = max(int(np.searchsorted(due_ns, now_ns, side="right")), at + 1)
                yield Chunk(chunk.source, chunk.records[at:end])
                at = end


class _Cursor:
    """Where a replay stands in one input."""

    def __init__(self, given: Recorded, number: int, span_ns: int) -> None:
        self._source = given.source
        self._chunks = given.chunks()
        self._times_of = GroupTimes()
        self._records = np.empty(0, self._source.dtype)
        self._times = self._spans = np.empty(0, np.int64)
        self._at = 0
        self._span_ns = span_ns
        self._rank = (self._source.product_type == FUTURE_OPTION, number)

    @property
    def key(self) -> tuple[int, bool, int]:
        """Return the place of the next record among those of all inputs."""
        return (int(self._spans[self._at]), *self._rank)

    def fill(self) -> bool:
        """Read on when all records were taken; return whether there are more."""
        if self._at == len(self._records):
            self._records = next(self._chunks, self._records[:0])
            self._times = self._times_of(self._records)
            self._spans = self._times // self._span_ns
            self._at = 0
        return len(self._records) > 0

    def take(self, until: tuple[int, bool, int] | None) -> tuple[Chunk, np.ndarray]:
        """Return the records before the next one of the other inputs, with their times."""
        end = len(self._records)
        if until is not None:
            side = "right" if self._rank < until[1:] else "left"
            end = int(np.searchsorted(self._spans, until[0], side=side))
        part = slice(self._at, end)
        self._at = end
        return Chunk(self._source, self._records[part]), self._times[part]


class GroupTimes:
    """The time of each record's event group, by which files are merged; it never falls.

    A group runs up to a record with LAST, a clear, or a change of snapshot. Its time is the
    ts_event of its first record, of a snapshot the ts_recv. Records of other schemas have their
    capture time, bars the start of their interval.
    """

    def __init__(self) -> None:
        """Begin with the first record of a file."""
        self._has_ended = True
        self._is_snapshot = False
        self._group_ns = 0
        self._last_ns = 0

    def __call__(self, records: np.ndarray) -> np.ndarray:
        """Return the times of the next records of the file, int64 ns UTC, shape (n,)."""
        names = field_names(records.dtype)
        if not len(records):
            return np.empty(0, np.int64)
        if {"flags", "action", "ts_recv"} <= set(names):
            times = self._of_groups(records)
        else:
            times = records["ts_recv" if "ts_recv" in names else "ts_event"].astype(np.int64)
        times = np.maximum.accumulate(np.maximum(times, self._last_ns))
        self._last_ns = int(times[-1])
        return times

    def _of_groups(self, records: np.ndarray) -> np.ndarray:
        is_snapshot = records["flags"] & FLAG_SNAPSHOT != 0
        ends = (records["flags"] & FLAG_LAST != 0) | (records["action"] == _CLEAR)
        begins = np.empty(len(records), np.bool_)
        begins[0] = self._has_ended or is_snapshot[0] != self._is_snapshot
        begins[1:] = ends[:-1] | (is_snapshot[1:] != is_snapshot[:-1])
        own = np.where(is_snapshot, records["ts_recv"], records["ts_event"]).astype(np.int64)
        first = np.maximum.accumulate(np.where(begins, np.arange(len(records)), -1))
        times = np.where(first < 0, self._group_ns, own[first])
        self._has_ended, self._is_snapshot = bool(ends[-1]), bool(is_snapshot[-1])
        self._group_ns = int(times[-1])
        return times
