"""A run over the landed records of a day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from spymaster_ingest.units import NS_PER_S, epoch_ns

from spymaster.live.capture import Capture, captured
from spymaster.live.feeds import Chunk, Clock, Feed
from spymaster.live.outlets import Outlet
from spymaster.live.pace import Pace
from spymaster.live.replay import Replay
from spymaster.live.run import Run
from spymaster.live.run_folder import RunFolder
from spymaster.live.seconds import replayed_seconds
from spymaster.live.session import Session

# records so close to each other count as simultaneous
_SPAN_NS = NS_PER_S // 4


def replayed(
    session: Session,
    folder: RunFolder,
    outlets: Sequence[Outlet],
    clock: Clock,
    span: tuple[dt.datetime, dt.datetime],
    speed: float,
) -> dt.datetime:
    """Replay the landed records of a session's day; return when the last second ends.

    Args:
        session: that has not begun.
        folder: of the run; one of a run that was killed goes on.
        outlets: what hears of it.
        clock: paces it.
        span: the seconds that end in (start, end] are told of, UTC, without a zone.
        speed: event time by wall time from the first second on; 0 is as fast as possible.

    Raises:
        SpymasterError: The disk takes no more, a record fails a check, or a model's SQL fails.
    """
    run = Run(session, folder, outlets, folder.whole_captures)
    at = run.restore()
    start, end = span
    feed = Replay(session.landed(), clock, span_ns=_SPAN_NS)
    rest = _After(feed, run.n_captured)
    steps = run.steps(captured(rest, Capture(folder.next_capture(), clock)), all_records=True)
    pace = Pace(clock, (start if at is None else max(at, start), end), speed)
    from_s = epoch_ns(start) // NS_PER_S
    ended = replayed_seconds(_Chunks(steps), None, session.engines, from_s, run.n_seen)
    heard = run.heard(pace.kept(ended), start, end)
    return run.go(heard, start, end, pace.is_due)


@dataclass(frozen=True)
class _Chunks:
    """The records of steps: the clock ends no second of a replay."""

    steps: Iterator

    def __iter__(self) -> Iterator[Chunk]:
        return (step for step in self.steps if isinstance(step, Chunk))


@dataclass(frozen=True)
class _After:
    """A feed without the records that it began with, so many of each source."""

    feed: Feed
    n_captured: Mapping[str, int]

    def __iter__(self) -> Iterator[Chunk]:
        left = Counter(self.n_captured)
        for chunk in self.feed:
            skipped = min(left[chunk.source.name], len(chunk.records))
            left[chunk.source.name] -= skipped
            yield replace(chunk, records=chunk.records[skipped:])
