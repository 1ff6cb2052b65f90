"""The published file as the server sees it: queries, cached chunks, and news of a publication."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from spymaster_ingest.errors import SpymasterError

from spymaster.stream.chunks import ChunkCache
from spymaster.stream.reader import SurfaceReader
from spymaster.stream.reader_thread import Answer, ReaderThread

# how often to look whether the file was replaced
_LOOK_EVERY_S = 1.0


class Publication:
    """What all requests share.

    Attributes:
        thread: the thread that reads the file.
        chunks: encoded seconds.
        surfaces_turn: turn of the requests for surfaces.
        explanations_turn: turn of the explanations.
    """

    def __init__(self, thread: ReaderThread) -> None:
        self.thread = thread
        self.chunks = ChunkCache(thread)
        self.surfaces_turn = asyncio.Lock()
        self.explanations_turn = asyncio.Lock()
        self._listeners: set[Callable[[], None]] = set()

    async def ask_in_turn(
        self, turn: asyncio.Lock, query: Callable[[SurfaceReader], Answer]
    ) -> Answer:
        """Run a long query when those of its turn are done, so that others get between them.

        Raises:
            SpymasterError: Nothing is published, or the file cannot be read.
        """
        async with turn:
            return await self.thread.ask(query)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a function after each publication, until what is returned is called."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def watch(self) -> None:
        """Notice publications, for ever."""
        seen = self.thread.opened
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if self.thread.is_outdated:
                # open it; what is wrong with it, a request says
                with suppress(SpymasterError):
                    await self.thread.ask(lambda reader: None)
            opened = self.thread.opened
            if opened is None or opened == seen:
                continue
            # the first file that is opened is no news
            if seen is not None:
                self.chunks.clear()
                for listener in tuple(self._listeners):
                    listener()
            seen = opened
