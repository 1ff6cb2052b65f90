"""Overlaps the reading of chunks with the work on them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Chunk = TypeVar("Chunk")

_QUEUE_LENGTH = 2


def prefetched(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield chunks, made in a thread while the one before is being worked on."""
    ready: queue.Queue[Chunk | BaseException | None] = queue.Queue(_QUEUE_LENGTH)
    is_abandoned = threading.Event()

    def offer(item: Chunk | BaseException | None) -> bool:
        while not is_abandoned.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        try:
            for chunk in chunks:
                if not offer(chunk):
                    return
            offer(None)
        except BaseException as error:
            offer(error)

    thread = threading.Thread(target=read, name="chunk-maker", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        is_abandoned.set()
        thread.join()
