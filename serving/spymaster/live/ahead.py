"""Seconds that are taken ahead by a thread, while a step makes those before them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator

from spymaster.live.heard import HeardSecond

# a reader that is so far behind lets the thread wait
_MOST_WAITING = 4


class Ahead:
    """Seconds of a session, taken by a thread of its own and given in their order.

    Args:
        heard: is taken by the thread from now on.
    """

    def __init__(self, heard: Iterable[HeardSecond]) -> None:
        self._heard = heard
        self._queue: queue.Queue[HeardSecond | BaseException | None] = queue.Queue(_MOST_WAITING)
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ahead", daemon=True)
        self._thread.start()

    @property
    def is_read(self) -> bool:
        """Whether the reader has all that was taken."""
        return self._queue.empty()

    def __iter__(self) -> Iterator[HeardSecond]:
        """Yield the seconds.

        Raises:
            BaseException: What taking one raised, after those before it.
        """
        while (found := self._queue.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found

    def stop(self) -> None:
        """Leave what was not read, and return when the thread has ended.

        What is taken has to come to an end, or to a further second.
        """
        self._is_stopping.set()
        while self._thread.is_alive():
            # the thread may wait for room
            while not self._queue.empty():
                self._queue.get_nowait()
            self._thread.join(0.01)

    def _run(self) -> None:
        try:
            for second in self._heard:
                if self._is_stopping.is_set():
                    return
                self._queue.put(second)
            self._queue.put(None)
        except BaseException as error:
            self._queue.put(error)
