"""Seconds of a run: engines advanced by a feed, and what each second that ends gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster.live.capture import Capture, captured
from spymaster.live.captured_run import Closing
from spymaster.live.engines import EngineRows, Engines
from spymaster.live.feeds import Chunk, Clock, Feed, Source, times_of
from spymaster.live.group_times import GroupTimes

LIVE_GRACE_MS = 50
# a clock so much behind the capture times of records is wrong, and not only a little off
MOST_BEHIND_NS = 5 * NS_PER_S
# records no older than this are of now
CURRENT_NS = 5 * NS_PER_S
_NS_PER_MS = 1_000_000
_JOINED_RECORDS = 1 << 15
# so many seconds before the first one that is wanted end together, or those of so many records
TOGETHER_S, TOGETHER_RECORDS = 7_200, 1 << 17


class Ended(NamedTuple):
    """What a step of the engines ended.

    Attributes:
        second_s: the last second that has ended for all engines, s UTC; None when none has yet.
        rows: of seconds up to it, in the order of the engines.
    """

    second_s: int | None
    rows: list[EngineRows]


def replayed_seconds(
    feed: Feed,
    capture: Capture | None,
    engines: Engines,
    from_s: int | None = None,
    n_seen: Mapping[str, int] | None = None,
) -> Iterator[Ended]:
    """Advance engines by event time alone and yield what each second ends.

    A second ends for all engines when a group of any source begins in a later one: a replay is
    merged by the time of groups, so nothing of the second can still come.

    Args:
        feed: a replay.
        capture: of the run; None when the feed was captured before.
        engines: of the run.
        from_s: seconds before it, s UTC, end many at once, which takes less time than one by one.
        n_seen: how many records of the feed the engines were given by an earlier run, by the name
            of their source. The time of a later record may rest on them.

    Raises:
        SpymasterError: The disk takes no more, or a record fails a check.
        KernelError: The records cannot be turned into rows.
    """
    times: dict[Source, GroupTimes] = {}
    open_s: int | None = None
    rows: list[EngineRows] = []
    earlier = _Joined()
    n_earlier, since_s = 0, None
    left = Counter(n_seen or {})
    for chunk in feed if capture is None else captured(feed, capture):
        group_ns = times.setdefault(chunk.source, GroupTimes())(chunk.records)
        seen = min(left[chunk.source.name], len(chunk.records))
        left[chunk.source.name] -= seen
        chunk, group_ns = Chunk(chunk.source, chunk.records[seen:]), group_ns[seen:]
        for part, second_s, last_s in _by_second(chunk, group_ns // NS_PER_S, from_s):
            is_later = open_s is None or second_s > open_s
            is_earlier = from_s is not None and last_s < from_s
            since_s = second_s if since_s is None else since_s
            is_full = n_earlier >= TOGETHER_RECORDS or second_s - since_s >= TOGETHER_S
            if is_earlier and not (is_full and is_later):
                open_s = last_s
                n_earlier += len(part.records)
                if (joined := earlier.joined(part)) is not None:
                    yield Ended(None, engines.feed(joined))
                continue
            if is_later:
                for rest in earlier.left():
                    rows += engines.feed(rest)
                if open_s is not None:
                    yield Ended(second_s - 1, rows + engines.close(second_s - 1))
                    rows = []
                open_s, since_s, n_earlier = last_s, second_s, 0
            rows += engines.feed(part)
    for rest in earlier.left():
        rows += engines.feed(rest)
    yield Ended(open_s, rows + engines.finish())


def live_steps(
    feed: Feed,
    capture: Capture,
    clock: Clock,
    grace_ms: int = LIVE_GRACE_MS,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Chunk | Closing]:
    """Capture what comes and yield it, with the seconds that the clock ends between its records.

    A second ends for all engines when the clock has passed its end by the grace, and either a
    record of a later one has come or nothing waits; that is written into the capture, so that its
    replay ends it before the same record. A clock that falls far
    behind the capture times of records would let no second end: then those stand for it. One that
    runs ahead cannot be told from records that come late: see ``SteadyClock``. Records that are
    older than a few seconds are the past that a source gives again: while they come, no second
    ends by the clock.

    Args:
        feed: what comes; an empty chunk when nothing does.
        capture: of the run.
        clock: in UTC.
        grace_ms: how long a second waits for its last records.
        say: is given a line when the clock falls behind, and when it has caught up.

    Raises:
        SpymasterError: The disk takes no more, or a record fails a check.
    """
    closed_s: int | None = None
    latest_ns = 0
    is_behind = False
    for chunk in captured(feed, capture):
        yield chunk
        if len(chunk.records):
            latest_ns = max(latest_ns, int(times_of(chunk.records).max()))
        now_ns = clock.now_ns()
        was_behind, is_behind = is_behind, latest_ns - now_ns > MOST_BEHIND_NS
        if is_behind:
            now_ns = latest_ns
        if is_behind != was_behind:
            say(
                f"the clock is {(latest_ns - clock.now_ns()) / NS_PER_S:.3f} s behind the records: "
                "seconds end by these"
                if is_behind
                else "the clock is no longer behind the records"
            )
        passed_s = (now_ns - grace_ms * _NS_PER_MS) // NS_PER_S - 1
        if len(chunk.records):
            if now_ns - latest_ns > CURRENT_NS:
                # the past is still coming
                continue
            # more of its second may wait, and late ones of the second before
            passed_s = min(passed_s, (latest_ns - grace_ms * _NS_PER_MS) // NS_PER_S - 1)
        if closed_s is None or passed_s > closed_s:
            capture.note_closed(passed_s)
            yield Closing(passed_s)
            closed_s = passed_s


def live_seconds(
    feed: Feed,
    capture: Capture,
    engines: Engines,
    clock: Clock,
    grace_ms: int = LIVE_GRACE_MS,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Ended]:
    """Advance engines by what comes, end seconds by the clock, and the day with the feed.

    Args and errors are those of ``live_steps`` and ``recovered_seconds``.
    """
    rows: list[EngineRows] = []
    second_s: int | None = None
    for ended in recovered_seconds(live_steps(feed, capture, clock, grace_ms, say), engines):
        if ended.second_s is None:
            rows = ended.rows
        else:
            second_s = ended.second_s
            yield ended
    yield Ended(second_s, rows + engines.finish())


def recovered_seconds(run: Iterable[Chunk | Closing], engines: Engines) -> Iterator[Ended]:
    """Advance engines by a captured live run, ending seconds where its clock did.

    The engines can go on with what comes next, or finish.

    Args:
        run: what was captured, or is as it comes.
        engines: of the run.

    Raises:
        KernelError: The records cannot be turned into rows.
    """
    rows: list[EngineRows] = []
    for step in run:
        if isinstance(step, Closing):
            yield Ended(step.second_s, rows + engines.close(step.second_s))
            rows = []
        else:
            rows += engines.feed(step)
    yield Ended(None, rows)


class _Joined:
    """Small chunks of each source joined to larger ones."""

    def __init__(self) -> None:
        self._parts: dict[Source, list[np.ndarray]] = {}

    def joined(self, chunk: Chunk) -> Chunk | None:
        """Take a chunk; return those of its source when they are many records."""
        parts = self._parts.setdefault(chunk.source, [])
        parts.append(chunk.records)
        if sum(map(len, parts)) < _JOINED_RECORDS:
            return None
        return Chunk(chunk.source, np.concatenate(self._parts.pop(chunk.source)))

    def left(self) -> list[Chunk]:
        """Return what is left of all sources."""
        parts, self._parts = self._parts, {}
        return [Chunk(source, np.concatenate(records)) for source, records in parts.items()]


def _by_second(
    chunk: Chunk, seconds: np.ndarray, from_s: int | None = None
) -> Iterator[tuple[Chunk, int, int]]:
    """Yield the records of each second, which rise; those before a second together.

    Each part comes with its first second and its last.
    """
    changes = np.flatnonzero(np.diff(seconds)) + 1
    if from_s is not None:
        changes = changes[changes >= np.searchsorted(seconds, from_s)]
    start = 0
    for end in [*changes.tolist(), len(seconds)]:
        if end > start:
            records = chunk.records[start:end]
            yield Chunk(chunk.source, records), int(seconds[start]), int(seconds[end - 1])
        start = end
