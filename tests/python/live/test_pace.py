"""The pace of a replay: seconds are shown when they are due, nothing after the last is awaited."""

from __future__ import annotations

import datetime as dt

from spymaster.live.pace import Pace
from spymaster.live.seconds import Ended
from spymaster_ingest.units import NS_PER_S, epoch_ns
from support.live_feeds import FakeClock

START = dt.datetime(2025, 10, 16, 14, 26, 57)
END = START + dt.timedelta(seconds=3)


def shown_at(seconds_after_start: list[int], speed: float) -> list[float]:
    """Return when seconds are shown that end some time after the first one, s of the clock."""
    clock = FakeClock()
    first_s, began_ns = epoch_ns(START) // NS_PER_S, clock.now_ns()
    ended = (Ended(first_s - 1 + after, []) for after in seconds_after_start)
    pace = Pace(clock, (START, END), speed)
    return [(clock.now_ns() - began_ns) / NS_PER_S for _ in pace.kept(ended)]


def test_seconds_are_shown_at_the_speed() -> None:
    assert shown_at([-60, 0, 1, 2, 3], speed=10) == [0, 0, 0.1, 0.2, 0.3]


def test_as_fast_as_possible_waits_for_nothing() -> None:
    assert shown_at([0, 1, 2, 3], speed=0) == [0, 0, 0, 0]


def test_a_record_hours_after_the_last_second_ends_it_at_once() -> None:
    # the market is silent from the last second to the close
    assert shown_at([0, 1, 2, 23_580], speed=10) == [0, 0.1, 0.2, 0.3]
