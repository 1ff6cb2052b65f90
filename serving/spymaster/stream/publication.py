"""The published file as the server sees it: queries, cached chunks, and news of a publication."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from spymaster_ingest.errors import SpymasterError

from spymaster.stream.chunks import ChunkCache
from spymaster.stream.live.news import RunNews
from spymaster.stream.reader_pool import ReaderPool

# how often to look whether the file was replaced
_LOOK_EVERY_S = 1.0


class Publication:
    """What all requests share.

    Attributes:
        readers: the threads that read the file.
        chunks: encoded seconds.
        checks, lists, surfaces, explanations: clients of the requests of a kind, in the words of
            the readers: they take turns with each client of the stream.
        news: of a run that adds seconds; None without one.
    """

    def __init__(self, readers: ReaderPool, news: RunNews | None = None) -> None:
        self.readers, self.news = readers, news
        self.chunks = ChunkCache(readers)
        self.checks, self.lists = readers.client(), readers.client()
        self.surfaces, self.explanations = readers.client(), readers.client()
        self._listeners: set[Callable[[], None]] = set()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a function after each publication, until what is returned is called."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def watch(self) -> None:
        """Notice publications, for ever."""
        seen = self.readers.opened
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if self.readers.is_outdated:
                # open it; what is wrong with it, a request says
                with suppress(SpymasterError):
                    await self.readers.ask(lambda reader: None, self.checks)
            opened = self.readers.opened
            if opened is None or opened == seen:
                continue
            # the first file that is opened is no news
            if seen is not None:
                self.chunks.clear()
                for listener in tuple(self._listeners):
                    listener()
            seen = opened
