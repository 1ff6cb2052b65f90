"""Threads that run calls in the background, with a bounded backlog."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class BackgroundWorker:
    """Runs calls in order in a thread, at most ``backlog`` of them waiting.

    A bound on waiting calls is a bound on the memory they hold. An exception in a call is raised
    in the caller's thread by the next :meth:`submit` or :meth:`drain`.
    """

    def __init__(self, backlog: int = 1) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._backlog = backlog
        self._waiting: deque[Future[Any]] = deque()

    def submit(self, call: Callable[..., Any], *arguments: Any) -> None:
        """Queue ``call``, waiting for older ones while the backlog is full."""
        while len(self._waiting) >= self._backlog:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(call, *arguments))

    def drain(self) -> None:
        """Wait until every call has ended."""
        while self._waiting:
            self._waiting.popleft().result()

    def stop(self) -> None:
        """Drop calls that have not begun, wait for the running call, end the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class Workers:
    """The two threads of a landing: one hashes the values of columns, one writes them."""

    def __init__(self) -> None:
        self.hashing = BackgroundWorker()
        self.writing = BackgroundWorker()

    def drain(self) -> None:
        """Wait until both are idle."""
        self.hashing.drain()
        self.writing.drain()

    def stop(self) -> None:
        """Drop calls that have not begun and end both threads."""
        self.hashing.stop()
        self.writing.stop()
