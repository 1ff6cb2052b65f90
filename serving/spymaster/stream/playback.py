"""When a client gets which second: pacing, acknowledgements and lag, without input or output.

A second is due by the clock, counted from an anchor, so that nothing adds up over a long replay.
A client that lags gets nothing until it has acknowledged, then the newest second. While a day
grows, a client that has all of its seconds follows: it gets each new one at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from spymaster.stream.errors import RequestError

# wall time that a client may lag
MAX_LAG_S = 5.0
# unacknowledged batches at speed 0
MAX_UNACKNOWLEDGED = 64
# and of a client that follows
MAX_FOLLOWING = 16


@dataclass(frozen=True)
class Send:
    """Send the batch of a window; ``skipped`` windows were left out before it."""

    window_s: int
    seq: int
    skipped: int


@dataclass(frozen=True)
class Wait:
    """Wait until a time of the clock, or for a message only (None)."""

    until: float | None


@dataclass(frozen=True)
class End:
    """Say that there are no more windows."""


class Playback:
    """State of one client; ``now`` is always a time of the same monotonic clock, in seconds."""

    def __init__(
        self,
        windows: range,
        start_s: int,
        speed: float,
        now: float,
        *,
        is_growing: bool = False,
        follows: bool = False,
    ) -> None:
        """Begin at a window.

        Args:
            windows: ends of the windows, seconds since 1970.
            start_s: window to begin with, within the windows or right after the last.
            speed: seconds of the day in one of the clock, 0 for no waiting.
            now: time of the clock.
            is_growing: whether windows are still added.
            follows: whether the client takes all there is at once, and then each new window.
        """
        self._windows = windows
        self._speed = speed
        self._is_growing = is_growing
        self._newest_seq = self._acknowledged = 0
        self._is_paused = self._is_held = self._has_ended = False
        self.seek(start_s, now)
        self._follows = is_growing and follows
        self._held_at = now

    @property
    def next_s(self) -> int:
        """Window that comes next."""
        return self._next_s

    @property
    def speed(self) -> float:
        """Seconds of the day in one of the clock, 0 for no waiting."""
        return self._speed

    def seek(self, window_s: int, now: float) -> None:
        """Go on with another window at once.

        Raises:
            RequestError: There is no such window.
        """
        if not self._windows.start <= window_s <= self._windows.stop:
            raise RequestError("window_end_ts_ns", "lies outside the contract-day")
        self._next_s = window_s
        self._has_ended = self._is_held = self._follows = False
        self._anchor(now)

    def set_speed(self, speed: float, now: float) -> None:
        """Go on at another speed; what is left of the current second is scaled."""
        left = self._left(now)
        self._speed = speed
        self._anchor(now, left)

    def pause(self, now: float) -> None:
        """Send nothing until ``resume``."""
        if not self._is_paused:
            self._left_at_pause = self._left(now)
            self._is_paused = True
            self._follows = False

    def resume(self, now: float) -> None:
        """Go on after a pause."""
        if self._is_paused:
            self._is_paused = False
            self._anchor(now, self._left_at_pause)

    def acknowledge(self, seq: int) -> bool:
        """Note that the client has a batch; return whether that is news.

        Raises:
            RequestError: No such batch was sent.
        """
        if not 1 <= seq <= self._newest_seq:
            raise RequestError(f"ack of {seq}", "no such batch was sent")
        is_news = seq > self._acknowledged
        self._acknowledged = max(seq, self._acknowledged)
        return is_news

    def extend(self, windows: range, now: float) -> None:
        """Take the windows of a day that has more; a client at the end goes on."""
        self._windows = windows
        if self._next_s < windows.start:
            self.seek(windows.start, now)
        elif self._has_ended and self._next_s in windows:
            self.seek(self._next_s, now)

    def step(self, now: float) -> Send | Wait | End:
        """Return what to do now; a ``Send`` counts as done."""
        if self._next_s not in self._windows:
            if self._is_growing:
                self._follows = not self._is_paused
                return Wait(None)
            if self._has_ended:
                return Wait(None)
            self._has_ended = True
            return End()
        if self._is_paused:
            return Wait(None)
        unacknowledged = self._newest_seq - self._acknowledged
        if self._follows:
            return self._follow(unacknowledged, now)
        if self._speed == 0:
            return Wait(None) if unacknowledged >= MAX_UNACKNOWLEDGED else self._send(self._next_s)
        if unacknowledged > MAX_LAG_S * self._speed:
            self._is_held = True
            return Wait(None)
        due = self._due(self._next_s)
        if now < due:
            self._is_held = False
            return Wait(due)
        if self._is_held or now - due > MAX_LAG_S:
            self._is_held = False
            newest = self._anchor_s + math.floor((now - self._anchor_at) * self._speed)
            return self._send(max(self._next_s, min(newest, self._windows[-1])))
        return self._send(self._next_s)

    def _follow(self, unacknowledged: int, now: float) -> Send | Wait:
        if unacknowledged >= MAX_FOLLOWING:
            if not self._is_held:
                self._is_held, self._held_at = True, now
            return Wait(None)
        has_lagged = self._is_held and now - self._held_at > MAX_LAG_S
        window_s = self._windows[-1] if has_lagged else self._next_s
        self._is_held = False
        return self._send(window_s)

    def _send(self, window_s: int) -> Send:
        skipped = window_s - self._next_s
        self._next_s = window_s + 1
        self._newest_seq += 1
        return Send(window_s, self._newest_seq, skipped)

    def _due(self, window_s: int) -> float:
        return self._anchor_at + (window_s - self._anchor_s) / self._speed

    def _left(self, now: float) -> float:
        """Return how much of the wait for the next window is left, in seconds of the day."""
        if self._is_paused:
            return self._left_at_pause
        return max(0.0, self._due(self._next_s) - now) * self._speed if self._speed else 0.0

    def _anchor(self, now: float, left: float = 0.0) -> None:
        """Make the next window due when ``left`` seconds of the day have passed."""
        self._anchor_s = self._next_s
        self._anchor_at = now + (left / self._speed if self._speed else 0.0)
        self._left_at_pause = left
