"""A transport within one process: for tests, and for a gateway beside its run."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from spymaster.transport.bell import Bell
from spymaster.transport.interface import Delivery
from spymaster.transport.messages import STREAMS, Message, Stream, stream_of

MOST_KEPT = 200_000


@dataclass
class _Kept:
    """Messages of a stream by their number, and how far each durable consumer is."""

    next_number: int = 0
    messages: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    keys: set[str] = field(default_factory=set)
    places: dict[str, _Place] = field(default_factory=dict)


@dataclass
class _Place:
    """The next message of a consumer, and what it has not acknowledged."""

    next_number: int
    open: dict[int, Message] = field(default_factory=dict)


class InProcess:
    """Keeps the last messages of each stream. Any thread may publish and consume."""

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        """Make it.

        Args:
            most_kept: messages of a stream; the oldest go first.
        """
        self._most_kept = most_kept
        self._streams = {stream.name: _Kept() for stream in STREAMS}
        self._lock = threading.Lock()
        self._bell = Bell()

    async def publish(self, messages: Sequence[Message]) -> None:
        """Keep messages whose keys are not kept yet."""
        with self._lock:
            for message in messages:
                kept = self._streams[stream_of(message.subject).name]
                if message.key in kept.keys:
                    continue
                kept.keys.add(message.key)
                kept.messages[kept.next_number] = message
                kept.next_number += 1
                if len(kept.messages) > self._most_kept:
                    _, oldest = kept.messages.popitem(last=False)
                    kept.keys.discard(oldest.key)
        self._bell.ring()

    async def close(self) -> None:
        """Keep what is there: others may still take it."""

    async def consume(
        self, stream: Stream, durable: str | None, *, in_order: bool = False
    ) -> _InProcessConsumer:
        """Return a consumer; what another of its name did not acknowledge comes again, in order."""
        kept = self._streams[stream.name]
        with self._lock:
            if durable is None:
                place = _Place(max(0, kept.next_number - 1))
            else:
                place = kept.places.setdefault(durable, _Place(0))
                place.next_number = min([place.next_number, *place.open])
                place.open.clear()
        return _InProcessConsumer(kept, place, self._lock, self._bell)


class _InProcessConsumer:
    def __init__(self, kept: _Kept, place: _Place, lock: threading.Lock, bell: Bell) -> None:
        self._kept, self._place = kept, place
        self._lock, self._bell = lock, bell

    async def fetch(self, most: int, within_s: float) -> list[Delivery]:
        """Return messages in the order in which they were published."""
        with self._bell.listening() as rung:
            try:
                async with asyncio.timeout(within_s):
                    while not (taken := self._taken(most)):
                        await rung.wait()
                        rung.clear()
            except TimeoutError:
                return []
        return taken

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Forget deliveries."""
        with self._lock:
            for delivery in deliveries:
                self._place.open.pop(delivery.handle, None)

    def _taken(self, most: int) -> list[Delivery]:
        with self._lock:
            kept, place = self._kept, self._place
            first = next(iter(kept.messages), kept.next_number)
            begin = max(place.next_number, first)
            numbers = range(begin, min(begin + most, kept.next_number))
            place.next_number = numbers.stop if numbers else begin
            messages = {number: kept.messages[number] for number in numbers}
            place.open |= messages
            end = kept.next_number - 1
        return [
            Delivery(message.subject, message.payload, message.key, number, end - number)
            for number, message in messages.items()
        ]
