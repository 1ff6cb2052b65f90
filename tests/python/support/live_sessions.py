"""A session over the records of a built day, step by step, and its rows beside the build's."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from spymaster.live.compared import Span, compare
from spymaster.live.feeds import Chunk, Feed, SystemClock
from spymaster.live.replay import Replay
from spymaster.live.seconds import replayed_seconds
from spymaster.live.session import Session
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S, epoch_ns

from support.live_days import SECOND

_EPOCH = dt.datetime(1970, 1, 1)


@dataclass(frozen=True)
class Recut:
    """A feed whose chunks have so many records, the last one of a source in a row fewer."""

    feed: Feed
    n_records: int

    def __iter__(self) -> Iterator[Chunk]:
        for chunk in self.feed:
            for first in range(0, len(chunk.records), self.n_records):
                yield Chunk(chunk.source, chunk.records[first : first + self.n_records])


@dataclass(frozen=True)
class HeldBack:
    """A feed whose chunks are held back, so many at a time, and then come together."""

    feed: Feed
    n_chunks: int

    def __iter__(self) -> Iterator[Chunk]:
        held: list[Chunk] = []
        for chunk in self.feed:
            held.append(chunk)
            if len(held) == self.n_chunks:
                yield from _joined(held)
                held = []
        yield from _joined(held)


def _joined(chunks: Sequence[Chunk]) -> Iterator[Chunk]:
    """Yield chunks, those of one source in a row as one."""
    rest = list(chunks)
    while rest:
        n_alike = next((n for n, x in enumerate(rest) if x.source != rest[0].source), len(rest))
        yield Chunk(rest[0].source, np.concatenate([x.records for x in rest[:n_alike]]))
        rest = rest[n_alike:]


def compared_session(
    lake: Lake,
    of: tuple[str, dt.date],
    span: Span,
    *,
    wanted: Sequence[str] | None = None,
    is_due: Callable[[dt.datetime], bool] = lambda _: True,
    changed: Callable[[Feed], Feed] = lambda feed: feed,
    look: Callable[[Session, dt.datetime], None] = lambda session, at: None,
    piece_s: int = 600,
) -> dict[str, int]:
    """Replay a day up to the end of a span; return the number of rows of each relation, at least.

    The day before the span is one step.

    Args:
        lake: with the day.
        of: symbol and UTC date.
        span: the first and the last second end in (from, to], UTC, without a zone.
        wanted: relations; None for all.
        is_due: whether a step ends at a time; one ends with the span.
        changed: returns the feed that is run in place of the replay.
        look: is called after each step, with the time that it ended at.
        piece_s: so many seconds are compared together.

    Raises:
        AssertionError: A row is not that of the build.
    """
    symbol, day = of
    first, last = span
    n_rows: Counter[str] = Counter()
    with Session(lake, symbol, day, wanted=wanted, keep_s=2 * piece_s) as session:
        changing_s = max(session.tables.changing_s().values())
        assert changing_s < piece_s
        feed = changed(Replay(session.landed(), SystemClock(), span_ns=NS_PER_S // 4))
        ended = replayed_seconds(feed, None, session.engines, epoch_ns(first) // NS_PER_S)
        compared = first
        for at in session.steps(ended, first, last, is_due):
            look(session, at)
            if at - compared >= piece_s * SECOND:
                _compare(lake, session, of, (compared, at), n_rows)
                # of which rows may have changed since
                compared = max(first, at - changing_s * SECOND)
        _compare(lake, session, of, (compared, session.at), n_rows)
    return n_rows


def _compare(
    lake: Lake, session: Session, of: tuple[str, dt.date], span: Span, n_rows: Counter[str]
) -> None:
    found = compare(lake, session.tables, of, span)
    different = [f"{x.relation}: {x.n_different}, {x.example}" for x in found if x.n_different]
    assert not different, "\n".join(different)
    n_rows.update({x.relation: x.n_rows for x in found})


def every(seconds: int) -> Callable[[dt.datetime], bool]:
    """Return steps that end at multiples of so many seconds."""
    return lambda at: (at - _EPOCH) % (seconds * SECOND) == dt.timedelta()


def each_second_of(spans: Sequence[Span], otherwise_s: int) -> Callable[[dt.datetime], bool]:
    """Return steps of a second in some spans, and of so many seconds elsewhere."""
    is_coarse = every(otherwise_s)
    return lambda at: is_coarse(at) or any(start <= at <= end for start, end in spans)
