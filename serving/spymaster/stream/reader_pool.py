"""The threads that read the published file, and open the next one when it is replaced."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import ExitStack
from typing import Any, Generic, TypeVar

import duckdb
from spymaster_ingest.errors import SpymasterError, one_line

from spymaster.stream.reader import Identity, SurfaceReader, SurfaceSource
from spymaster.stream.turns import Client, Job, Turns

Answer = TypeVar("Answer")
Query = Callable[[SurfaceReader], Answer]
# a query that lets others read at each yield
Steps = Callable[[SurfaceReader], Generator[None, None, Answer]]
# one for what takes long, such as an explanation, and one for the others meanwhile
_THREADS = 2


class Reading(Job, Generic[Answer]):
    """A query that waits or runs.

    Attributes:
        future: the answer. To cancel it drops the steps that have not begun.
        opened: identity of the file that the steps so far have read.
    """

    def __init__(self, steps: Steps[Answer], client: Client, is_urgent: bool) -> None:
        super().__init__(client, is_urgent)
        self.future: Future[Answer] = Future()
        self.future.add_done_callback(self._forget)
        self.opened: Identity = None
        self._query = steps
        self._steps: Generator[None, None, Answer] | None = None

    def step(self, reader: SurfaceReader, opened: Identity) -> bool:
        """Run the next step, or the first again on another file; return whether it was the last.

        Raises:
            Exception: Whatever the query raises.
        """
        if self._steps is None or self.opened != opened:
            self._steps, self.opened = self._query(reader.again()), opened
        try:
            next(self._steps)
        except StopIteration as end:
            self.end(answer=end.value)
            return True
        return False

    def end(self, answer: Any = None, error: BaseException | None = None) -> None:
        """Hand out the answer or the error, unless nobody wants it."""
        if not self.future.set_running_or_notify_cancel():
            return
        if error is None:
            self.future.set_result(answer)
        else:
            self.future.set_exception(error)

    def _forget(self, _: Future[Answer]) -> None:
        self.is_wanted = False


class ReaderPool:
    """Runs queries in turns of their clients; publications are noticed before each step.

    DuckDB keeps one instance of a path in a process, so the old file is closed before the new one
    is opened: when no step runs.

    Attributes:
        opened: identity of the open file; None without one.
    """

    def __init__(self, source: SurfaceSource, threads: int = _THREADS) -> None:
        self._source = source
        self._stack = ExitStack()
        self._reader: SurfaceReader | None = None
        self.opened: Identity = None
        # guards all below; threads wait for it to tell of a change
        self._changed = threading.Condition()
        self._turns: Turns[Reading[Any]] = Turns()
        self._n_reading = 0
        self._is_opening = self._is_closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"published-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def client(self) -> Client:
        """Return a new client."""
        with self._changed:
            return self._turns.client()

    def submit(self, steps: Steps[Answer], client: Client, *, is_urgent: bool) -> Reading[Answer]:
        """Let a query of several steps wait for its turn; its future raises what ``ask`` does."""
        reading = Reading(steps, client, is_urgent)
        with self._changed:
            self._turns.add(reading)
            self._changed.notify_all()
        return reading

    def hasten(self, reading: Reading[Any], client: Client) -> None:
        """Note that another client waits for what is read already."""
        with self._changed:
            reading.hasten(client)

    def run(self, query: Query[Answer]) -> Answer:
        """Run a query and wait for it; for callers outside the event loop.

        Raises:
            SpymasterError: Nothing is published, or the file cannot be read.
        """
        return self.submit(_in_one_step(query), self.client(), is_urgent=True).future.result()

    async def ask(self, query: Query[Answer], client: Client) -> Answer:
        """Run a query for someone who waits; to cancel it takes it out of the queue.

        Raises:
            SpymasterError: Nothing is published, or the file cannot be read.
        """
        return await self.ask_in_steps(_in_one_step(query), client)

    async def ask_in_steps(self, steps: Steps[Answer], client: Client) -> Answer:
        """Run a query of several steps for someone who waits; others read between them.

        Raises:
            SpymasterError: Nothing is published, or the file cannot be read.
        """
        return await asyncio.wrap_future(self.submit(steps, client, is_urgent=True).future)

    @property
    def is_outdated(self) -> bool:
        """Whether another file lies in the place of the one that is open."""
        return self._source.identity() not in (None, self.opened)

    def close(self) -> None:
        """Let the steps that run end, close the file and end the threads."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        self._close()

    def _work(self) -> None:
        while (reading := self._next()) is not None:
            is_done = True
            try:
                is_done = self._step(reading)
            except BaseException as error:
                reading.end(error=error)
            with self._changed:
                self._n_reading -= 1
                self._is_opening = False
                self._turns.end_step(reading, is_done=is_done)
                self._changed.notify_all()

    def _next(self) -> Reading[Any] | None:
        """Wait for a step to run; None at the end."""
        with self._changed:
            while not self._is_closed:
                must_open = self._reader is None or self._source.identity() != self.opened
                may_begin = not self._is_opening and not (must_open and self._n_reading)
                reading = self._turns.take() if may_begin else None
                if reading is not None:
                    self._n_reading += 1
                    self._is_opening = must_open
                    return reading
                self._changed.wait()
        return None

    def _step(self, reading: Reading[Any]) -> bool:
        """Run a step and return whether it was the last."""
        if self._is_opening:
            self._open()
        assert self._reader is not None  # noqa: S101 (for the type checker)
        opened = self.opened
        try:
            return reading.step(self._reader, opened)
        except duckdb.Error as error:
            if self._source.identity() not in (None, opened):
                # a publication has removed files that the old one read
                return False
            raise SpymasterError(self._source.path, f"cannot be read: {one_line(error)}") from error

    def _open(self) -> None:
        self._close()
        identity = self._source.identity()
        self._reader = self._stack.enter_context(self._source.open())
        self.opened = identity
        with self._changed:
            self._is_opening = False
            self._changed.notify_all()

    def _close(self) -> None:
        self._reader = self.opened = None
        self._stack.close()


def _in_one_step(query: Query[Answer]) -> Steps[Answer]:
    def steps(reader: SurfaceReader) -> Generator[None, None, Answer]:
        yield from ()
        return query(reader)

    return steps
