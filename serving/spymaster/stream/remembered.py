"""What was read of a published file before, for the threads that read it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

Found = TypeVar("Found")


class Remembered:
    """The answers that were used last; whoever gets one must not change it."""

    def __init__(self, most: int) -> None:
        """Remember up to ``most`` answers."""
        self._most = most
        self._answers: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """Return the answer of a key, found now unless it is remembered."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]  # type: ignore[return-value]
        # two threads may find the same: neither waits for the other
        found = find()
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return found
