"""Replay of recorded days: their records merged in the order of events, at any speed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster.live.feeds import FUTURE_OPTION, Chunk, Clock, Source
from spymaster.live.group_times import GroupTimes

_TICK_NS = NS_PER_S // 4


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
            span_ns: events of one span of so many ns, a part of a second, count as simultaneous,
                so that the chunks of a fast replay are not single records.

        Raises:
            ValueError: A second is no whole number of spans.
        """
        if NS_PER_S % span_ns:
            raise ValueError(f"a second is no whole number of spans of {span_ns} ns")
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
            is_before = self._rank < until[1:]
            end = int(np.searchsorted(self._spans, until[0], "right" if is_before else "left"))
        part = slice(self._at, end)
        self._at = end
        return Chunk(self._source, self._records[part]), self._times[part]
