"""The monotonic clock of the stream, and waiting by it; tests bring their own."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """A clock to wait by."""

    def now(self) -> float:
        """Return seconds that only ever grow."""

    async def wait(self, woken: asyncio.Event, until: float | None) -> None:
        """Wait until an event is set or a time of the clock is reached, None for the event only."""


class MonotonicClock:
    """The clock of the system."""

    def now(self) -> float:
        """Return seconds since some moment."""
        return time.monotonic()

    async def wait(self, woken: asyncio.Event, until: float | None) -> None:
        """Wait until an event is set or a time of the clock is reached."""
        delay = None if until is None else max(0.0, until - self.now())
        try:
            async with asyncio.timeout(delay):
                await woken.wait()
        except TimeoutError:
            return


class MessageBudget:
    """How many messages a client may send: some at once, then so many a second [token bucket]."""

    def __init__(self, per_s: float, burst: int, now: float) -> None:
        self._per_s, self._burst = per_s, burst
        self._left, self._at = float(burst), now

    def spend(self, now: float) -> bool:
        """Count a message; return whether it is within the budget."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
