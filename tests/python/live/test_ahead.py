"""Records are read and snaps are made while a step is under way."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from itertools import count

import pytest
from spymaster.live.ahead import Ahead
from spymaster.live.attached import Attached
from spymaster.live.feeds import Chunk
from spymaster.live.heard import HeardSecond
from spymaster.live.live_run import lived
from spymaster.live.outlets import Rows, Snap
from spymaster.live.run_folder import new_run
from spymaster.live.seconds import Ended
from spymaster.live.session import Session
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import epoch_ns
from support.explain_lake import SYMBOL
from support.explained_seconds import SECONDS, SPAN, START, built
from support.live_coming import PATIENCE_S, SIGNALS, Coming, Heard
from support.live_days import SECOND
from support.live_feeds import FakeClock
from support.synthetic_book import DAY

SLOW = START + 3 * SECOND


def second(number: int) -> HeardSecond:
    return HeardSecond(Ended(number, []), [], {}, None)


class Slow(Heard):
    """An outlet, one of whose steps does not end before a snap is out.

    Attributes:
        is_stepping: set when that step begins.
        is_done: set when it ends.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_stepping, self.is_done = threading.Event(), threading.Event()
        self._is_snapped = threading.Event()

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        super().stepped(rows, from_ts, to_ts)
        if to_ts >= SLOW and not self.is_done.is_set():
            self._is_snapped.clear()
            self.is_stepping.set()
            assert self._is_snapped.wait(PATIENCE_S)
            self.is_done.set()

    def snapped(self, snap: Snap) -> None:
        super().snapped(snap)
        self._is_snapped.set()


def test_a_snap_does_not_wait_for_a_step_whose_rows_stay_those_of_the_build(
    explained: Lake,
) -> None:
    clock, heard = FakeClock(), Slow()
    with Session(explained, SYMBOL, DAY, wanted=[SIGNALS]) as session:
        coming = Coming(session.landed(), clock, SPAN)
    folder = new_run(explained, SYMBOL, DAY, "live")

    def feed() -> Iterator[Chunk]:
        """Let two seconds come during the slow step, and the rest after it."""
        for chunk in coming:
            yield chunk
            for until, event in ((3, heard.is_stepping), (5, heard.is_done)):
                if clock.time_ns >= epoch_ns(SLOW + until * SECOND):
                    assert event.wait(PATIENCE_S)

    def attach(_: dt.datetime) -> Attached:
        coming.is_heard.set()
        return Attached([SIGNALS], [heard])

    lived(explained, (SYMBOL, DAY), folder, feed(), clock, attach, print)
    assert heard.reason is None
    assert heard.is_done.is_set()
    last = START + SECONDS * SECOND
    expected = built(explained, last)
    assert {at: x for at, x in heard.payloads.items() if START < at <= last} == expected


def test_seconds_come_in_their_order_and_an_error_after_them() -> None:
    def coming() -> Iterator[HeardSecond]:
        yield from map(second, range(20))
        raise ValueError("the disk is full")

    ahead, seen = Ahead(coming()), list[int | None]()
    with pytest.raises(ValueError, match="the disk is full"):
        seen.extend(one.ended.second_s for one in ahead)
    assert seen == [*range(20)]
    ahead.stop()


def test_a_reader_that_stops_lets_the_thread_end() -> None:
    n_taken = 0

    def coming() -> Iterator[HeardSecond]:
        nonlocal n_taken
        for number in count():
            n_taken += 1
            yield second(number)

    ahead = Ahead(coming())
    assert next(iter(ahead)).ended.second_s == 0
    ahead.stop()
    # a reader that is behind lets it wait, so it has not gone on without end
    assert n_taken < 20
