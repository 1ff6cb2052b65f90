"""Wakes coroutines, also those of other threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Bell:
    """Whoever listens is woken when it rings."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listening: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def ring(self) -> None:
        """Wake all that listen."""
        with self._lock:
            for loop, event in self._listening:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(event.set)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """Give an event that every ring sets; its waiter clears it before it looks."""
        of = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._listening.append(of)
        try:
            yield of[1]
        finally:
            with self._lock:
                self._listening.remove(of)
