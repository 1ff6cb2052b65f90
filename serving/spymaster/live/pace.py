"""When the seconds of a replay are due, and which of them are run together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from spymaster_ingest.units import NS_PER_S

from spymaster.live.feeds import Clock
from spymaster.live.seconds import Ended

# a run that is behind, or as fast as possible, runs at most so many seconds together
MOST_S = 30
_EPOCH = dt.datetime(1970, 1, 1)
_SECOND = dt.timedelta(seconds=1)


class Pace:
    """Event time by wall time, from the first second of a replay on."""

    def __init__(self, clock: Clock, span: tuple[dt.datetime, dt.datetime], speed: float) -> None:
        """Make a pace.

        Args:
            clock: paces the replay.
            span: ends of the first and of the last second, UTC, without a zone.
            speed: event time by wall time; 0 is as fast as possible.
        """
        self._clock = clock
        self._start, self._end = span
        self._speed = speed
        self._began_ns: int | None = None

    def kept(self, ended: Iterable[Ended]) -> Iterator[Ended]:
        """Yield seconds when they are due; those before the first one at once.

        Seconds end when a record of a later one comes: what comes after the last one, however much
        later, is not waited for.
        """
        for one in ended:
            if self._speed and one.second_s is not None:
                at = _EPOCH + dt.timedelta(seconds=one.second_s + 1)
                if at > self._start:
                    self._clock.wait_until(self._due_ns(min(at, self._end)))
            yield one

    def is_due(self, at: dt.datetime) -> bool:
        """Return whether the seconds up to a time are run now, or with those that follow."""
        if is_last_together(at):
            return True
        return bool(self._speed) and self._clock.now_ns() < self._due_ns(at + _SECOND)

    def _due_ns(self, at: dt.datetime) -> int:
        if self._began_ns is None:
            # the day before the first second has been run
            self._began_ns = self._clock.now_ns()
        return self._began_ns + int((at - self._start).total_seconds() * NS_PER_S / self._speed)


def is_last_together(at: dt.datetime) -> bool:
    """Return whether seconds up to a time are run, however many wait."""
    return (at - _EPOCH) % dt.timedelta(seconds=MOST_S) == dt.timedelta()
