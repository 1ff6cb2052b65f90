"""A clock that a live run can end its seconds by, whatever becomes of the machine's."""

from __future__ import annotations

import time
from collections.abc import Callable

from spymaster_ingest.units import NS_PER_S

from spymaster.live.feeds import Clock, SystemClock

# a difference that correcting a clock by and by does not make
MOST_OFF_NS = NS_PER_S


def elapsed_ns() -> int:
    """Return ns since some time in the past, which nobody sets; the time of a suspension counts."""
    # macOS counts the time of a suspended machine in its monotonic clock
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """The machine's clock at the start of a run, and the time that has passed since.

    When the machine's clock is set during the run, the run goes on by this one and says so: seconds
    neither end hours early nor stand still.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        clock: Clock | None = None,
        elapsed: Callable[[], int] = elapsed_ns,
        most_off_ns: int = MOST_OFF_NS,
    ) -> None:
        """Begin with the time of another clock.

        Args:
            say: is given a line when the other clock is set.
            clock: the other one; None for the machine's.
            elapsed: returns ns since some time in the past.
            most_off_ns: by how much the two may differ without a word.
        """
        self._say = say
        self._clock = clock or SystemClock()
        self._elapsed = elapsed
        self._most_off_ns = most_off_ns
        self._begun_ns = self._clock.now_ns() - elapsed()
        self._off_ns = 0

    def now_ns(self) -> int:
        """Return the time, ns since the epoch."""
        now_ns = self._begun_ns + self._elapsed()
        off_ns = self._clock.now_ns() - now_ns
        if abs(off_ns - self._off_ns) > self._most_off_ns:
            self._off_ns = off_ns
            self._say(
                f"the machine's clock was set: it is {off_ns / NS_PER_S:+.3f} s off the time of "
                "this run, which goes on by its own"
            )
        return now_ns

    def wait_until(self, time_ns: int) -> None:
        """Return when a time has come, ns since the epoch."""
        while (left_ns := time_ns - self.now_ns()) > 0:
            self._clock.wait_until(self._clock.now_ns() + left_ns)
