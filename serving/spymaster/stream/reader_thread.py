"""The one thread that reads the published file, and opens the next one when it is replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

import duckdb
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import Lake

from spymaster.stream.reader import SurfaceReader, open_reader

Answer = TypeVar("Answer")
# inode, time of change in ns and size of the published file
_Identity = tuple[int, int, int] | None


class ReaderThread:
    """Runs queries one after the other; publications are noticed before a query.

    DuckDB keeps one instance of a path in a process, so the old file is closed before the new one
    is opened.

    Attributes:
        opened: identity of the open file; None without one.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="published")
        self._stack = ExitStack()
        self._reader: SurfaceReader | None = None
        self.opened: _Identity = None

    def run(self, query: Callable[[SurfaceReader], Answer]) -> Answer:
        """Run a query and wait for it; for callers outside the event loop.

        Raises:
            SpymasterError: Nothing is published, or the file cannot be read.
        """
        return self._thread.submit(self._answer, query).result()

    async def ask(self, query: Callable[[SurfaceReader], Answer]) -> Answer:
        """Run a query.

        Raises:
            SpymasterError: Nothing is published, or the file cannot be read.
        """
        return await asyncio.wrap_future(self._thread.submit(self._answer, query))

    @property
    def is_outdated(self) -> bool:
        """Whether another file lies in the place of the one that is open."""
        return self._identity() not in (None, self.opened)

    def close(self) -> None:
        """Close the file and end the thread."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _answer(self, query: Callable[[SurfaceReader], Answer]) -> Answer:
        reader = self._current()
        try:
            return query(reader)
        except duckdb.Error as error:
            if self.is_outdated:
                # a publication has removed files that the old one read
                return query(self._current())
            raise SpymasterError(
                self._lake.published, f"cannot be read: {one_line(error)}"
            ) from error

    def _current(self) -> SurfaceReader:
        identity = self._identity()
        if self._reader is None or identity != self.opened:
            self._close()
            self._reader = self._stack.enter_context(open_reader(self._lake))
            self.opened = identity
        return self._reader

    def _close(self) -> None:
        self._reader = self.opened = None
        self._stack.close()

    def _identity(self) -> _Identity:
        try:
            found = self._lake.published.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
