"""Encoded seconds, cached for all clients."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass

from spymaster.stream.frames import Frame, encode_seconds
from spymaster.stream.reader import ContractDay, SurfaceReader
from spymaster.stream.reader_pool import ReaderPool, Reading, Steps
from spymaster.stream.turns import Client

# windows that are read at once: most of a query's time does not depend on them
CHUNK_S = 120
MAX_BYTES = 256 << 20


@dataclass(frozen=True)
class Source:
    """What a client streams; clients with equal sources share chunks."""

    of: ContractDay
    surfaces: tuple[str, ...]
    layout: str
    max_ticks: int

    def windows_with(self, window_s: int) -> range:
        """Return the windows that are read with one.

        While the day grows, the last ones are read from that window on: they are new.
        """
        start = window_s // CHUNK_S * CHUNK_S
        of = self.of.windows
        if self.of.is_growing and start + CHUNK_S > of.stop:
            start = window_s
        return range(max(start, of.start), min(window_s // CHUNK_S * CHUNK_S + CHUNK_S, of.stop))


# contract-day, what is streamed of it, and windows: the same while the day grows
_Key = tuple[tuple[str, dt.date], tuple[str, ...], str, int, range]


@dataclass(frozen=True)
class Chunk:
    """Some windows of a source, encoded.

    Attributes:
        windows: ends of the windows, seconds since 1970.
        frames: one frame a window, by surface.
    """

    windows: range
    frames: dict[str, tuple[Frame, ...]]

    def batch(self, window_s: int) -> dict[str, Frame]:
        """Return the frames of a window by surface."""
        place = window_s - self.windows.start
        return {name: frames[place] for name, frames in self.frames.items()}

    @property
    def size(self) -> int:
        """Bytes of all frames."""
        return sum(len(frame.payload) for frames in self.frames.values() for frame in frames)


@dataclass(eq=False)
class _Shared:
    """A chunk that is read or was, and who wants it while it is read."""

    reading: Reading[Chunk]
    task: asyncio.Task[Chunk]
    clients: set[Client]


class ChunkCache:
    """The last used chunks up to a number of bytes; each is read once, however many wait for it."""

    def __init__(self, readers: ReaderPool, max_bytes: int = MAX_BYTES) -> None:
        self._readers = readers
        self._max_bytes = max_bytes
        self._chunks: OrderedDict[_Key, _Shared] = OrderedDict()
        self._sizes: dict[_Key, int] = {}

    async def get(
        self, source: Source, window_s: int, client: Client, *, is_urgent: bool = True
    ) -> Chunk:
        """Return the chunk of a window.

        Args:
            source: what is streamed.
            window_s: end of the window, seconds since 1970.
            client: who asks.
            is_urgent: whether somebody watches and waits.

        Raises:
            SpymasterError: The published file cannot be read, or lacks a surface by now.
        """
        return await asyncio.shield(self._shared(source, window_s, client, is_urgent).task)

    def prefetch(self, source: Source, window_s: int, client: Client) -> None:
        """Begin to read the chunk of a window."""
        self._shared(source, window_s, client, False)

    def leave(self, client: Client) -> None:
        """Stop reading what only this client wanted."""
        for shared in self._chunks.values():
            shared.clients.discard(client)
            if not shared.clients:
                # one that was read stays
                shared.task.cancel()

    def clear(self) -> None:
        """Forget all chunks, after a publication."""
        self._chunks.clear()
        self._sizes.clear()

    def _shared(self, source: Source, window_s: int, client: Client, is_urgent: bool) -> _Shared:
        windows = source.windows_with(window_s)
        key = source.of.key, source.surfaces, source.layout, source.max_ticks, windows
        shared = self._chunks.get(key)
        # one that is cancelled is gone from here only when the event loop has gone round
        if shared is None or shared.task.cancelling():
            reading = self._readers.submit(_steps(source, windows), client, is_urgent=is_urgent)
            task = asyncio.create_task(_answer(reading))
            shared = self._chunks[key] = _Shared(reading, task, set())
            task.add_done_callback(lambda _: self._keep(key, shared))
        elif is_urgent and not shared.task.done():
            self._readers.hasten(shared.reading, client)
        if not shared.task.done():
            shared.clients.add(client)
        self._chunks.move_to_end(key)
        return shared

    def _keep(self, key: _Key, shared: _Shared) -> None:
        shared.clients.clear()
        if self._chunks.get(key) is not shared:
            return
        if shared.task.cancelled() or shared.task.exception() is not None:
            # the next client tries again
            del self._chunks[key]
            return
        self._sizes[key] = shared.task.result().size
        while sum(self._sizes.values()) > self._max_bytes and len(self._sizes) > 1:
            oldest = next(other for other in self._chunks if other in self._sizes)
            del self._chunks[oldest], self._sizes[oldest]


async def _answer(reading: Reading[Chunk]) -> Chunk:
    return await asyncio.wrap_future(reading.future)


def _steps(source: Source, windows: range) -> Steps[Chunk]:
    """Return the query of a chunk, which lets others read after each surface."""

    def steps(reader: SurfaceReader) -> Generator[None, None, Chunk]:
        frames = {}
        for name in source.surfaces:
            rows = reader.read(name, source.layout, source.of, windows, source.max_ticks)
            frames[name] = encode_seconds(rows, source.layout, source.of, windows)
            yield
        return Chunk(windows, frames)

    return steps
