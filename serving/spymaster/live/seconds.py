"""Seconds of a run: engines advanced by a feed, and what each second that ends gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster.live.capture import Capture, captured
from spymaster.live.captured_run import CapturedRun, Closing
from spymaster.live.engines import EngineRows, Engines
from spymaster.live.feeds import Chunk, Clock, Feed, Source
from spymaster.live.group_times import GroupTimes

LIVE_GRACE_MS = 50
_NS_PER_MS = 1_000_000


class Ended(NamedTuple):
    """What a step of the engines ended.

    Attributes:
        second_s: the last second that has ended for all engines, s UTC; None before the first.
        rows: of seconds up to it, in the order of the engines.
    """

    second_s: int | None
    rows: list[EngineRows]


def replayed_seconds(
    feed: Feed, capture: Capture | None, engines: Engines, first_s: int | None = None
) -> Iterator[Ended]:
    """Advance engines by event time alone and yield what each second ends.

    A second ends for all engines when a group of any source begins in a later one: a replay is
    merged by the time of groups, so nothing of the second can still come.

    Args:
        feed: a replay.
        capture: of the run; None when the feed was captured before.
        engines: of the run.
        first_s: seconds before it, s UTC, end together, which takes less time; None for none.

    Raises:
        SpymasterError: The disk takes no more, or a record fails a check.
        KernelError: The records cannot be turned into rows.
    """
    times: dict[Source, GroupTimes] = {}
    open_s: int | None = None
    rows: list[EngineRows] = []
    for chunk in feed if capture is None else captured(feed, capture):
        group_ns = times.setdefault(chunk.source, GroupTimes())(chunk.records)
        for part, second_s in _by_second(chunk, group_ns // NS_PER_S, first_s):
            if open_s is None or second_s > open_s:
                if open_s is not None and (first_s is None or second_s >= first_s):
                    yield Ended(second_s - 1, rows + engines.close(second_s - 1))
                    rows = []
                open_s = second_s
            rows += engines.feed(part)
    yield Ended(open_s, rows + engines.finish())


def live_seconds(
    feed: Feed,
    capture: Capture,
    engines: Engines,
    clock: Clock,
    grace_ms: int = LIVE_GRACE_MS,
) -> Iterator[Ended]:
    """Advance engines by what comes, and end seconds by the clock.

    A second ends for all engines when the clock has passed its end by the grace; that is written
    into the capture, so that its replay ends it before the same record.

    Args:
        feed: what comes; an empty chunk when nothing does.
        capture: of the run.
        engines: of the run.
        clock: in UTC.
        grace_ms: how long a second waits for its last records.

    Raises:
        SpymasterError: The disk takes no more, or a record fails a check.
        KernelError: The records cannot be turned into rows.
    """
    closed_s: int | None = None
    rows: list[EngineRows] = []
    for chunk in captured(feed, capture):
        rows += engines.feed(chunk)
        passed_s = (clock.now_ns() - grace_ms * _NS_PER_MS) // NS_PER_S - 1
        if closed_s is None or passed_s > closed_s:
            capture.note_closed(passed_s)
            yield Ended(passed_s, rows + engines.close(passed_s))
            closed_s, rows = passed_s, []
    yield Ended(closed_s, rows + engines.finish())


def recovered_seconds(run: CapturedRun, engines: Engines) -> Iterator[Ended]:
    """Advance engines by a captured live run, ending seconds where its clock did.

    The engines can go on with what comes next, or finish.

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


def _by_second(
    chunk: Chunk, seconds: np.ndarray, first_s: int | None
) -> Iterator[tuple[Chunk, int]]:
    """Yield the records of each second, which rise; those before the first second together."""
    bounds = np.flatnonzero(np.diff(seconds)) + 1
    if first_s is not None:
        bounds = bounds[seconds[bounds] >= first_s]
    ends = [*bounds.tolist(), len(seconds)]
    start = 0
    for end in ends:
        if end > start:
            yield Chunk(chunk.source, chunk.records[start:end]), int(seconds[end - 1])
        start = end
