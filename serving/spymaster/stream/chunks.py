"""Encoded seconds, cached for all clients."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from spymaster.stream.frames import Frame, encode_seconds
from spymaster.stream.reader import ContractDay, SurfaceReader
from spymaster.stream.reader_thread import ReaderThread

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


class ChunkCache:
    """The last used chunks up to a number of bytes; each is read once, however many wait for it."""

    def __init__(self, thread: ReaderThread, max_bytes: int = MAX_BYTES) -> None:
        self._thread = thread
        self._max_bytes = max_bytes
        self._chunks: OrderedDict[tuple[Source, int], asyncio.Task[Chunk]] = OrderedDict()
        self._sizes: dict[tuple[Source, int], int] = {}

    async def get(self, source: Source, window_s: int) -> Chunk:
        """Return the chunk of a window.

        Raises:
            SpymasterError: The published file cannot be read, or lacks a surface by now.
        """
        return await asyncio.shield(self._task(source, window_s))

    def prefetch(self, source: Source, window_s: int) -> None:
        """Begin to read the chunk of a window."""
        self._task(source, window_s)

    def clear(self) -> None:
        """Forget all chunks, after a publication."""
        self._chunks.clear()
        self._sizes.clear()

    def _task(self, source: Source, window_s: int) -> asyncio.Task[Chunk]:
        key = source, window_s // CHUNK_S
        task = self._chunks.get(key)
        if task is None:
            task = asyncio.create_task(self._read(*key))
            self._chunks[key] = task
            task.add_done_callback(lambda done: self._keep(key, done))
        self._chunks.move_to_end(key)
        return task

    async def _read(self, source: Source, number: int) -> Chunk:
        whole = range(number * CHUNK_S, (number + 1) * CHUNK_S)
        of = source.of.windows
        windows = range(max(whole.start, of.start), min(whole.stop, of.stop))

        def encode(reader: SurfaceReader) -> Chunk:
            return Chunk(
                windows,
                {
                    name: encode_seconds(
                        reader.read(name, source.layout, source.of, windows, source.max_ticks),
                        source.layout,
                        source.of,
                        windows,
                    )
                    for name in source.surfaces
                },
            )

        return await self._thread.ask(encode)

    def _keep(self, key: tuple[Source, int], task: asyncio.Task[Chunk]) -> None:
        if self._chunks.get(key) is not task:
            return
        if task.cancelled() or task.exception() is not None:
            # the next client tries again
            del self._chunks[key]
            return
        self._sizes[key] = task.result().size
        while sum(self._sizes.values()) > self._max_bytes and len(self._sizes) > 1:
            oldest = next(other for other in self._chunks if other in self._sizes)
            del self._chunks[oldest], self._sizes[oldest]
