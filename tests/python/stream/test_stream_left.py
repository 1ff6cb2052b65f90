"""Requests whose client has left, at the application itself: no socket and no clock decides."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from spymaster import explain
from spymaster.stream import app as application
from spymaster.stream import meta
from spymaster.stream.app import create_app
from spymaster.stream.chunks import CHUNK_S, ChunkCache, Source
from spymaster.stream.guard import Access
from spymaster.stream.reader import PublishedFile, SurfaceReader
from spymaster.stream.reader_pool import ReaderPool
from spymaster.stream.surfaces import COMPACT
from spymaster.stream.timing import MonotonicClock
from spymaster_ingest.lake import Lake
from starlette.types import ASGIApp, Message
from support.hud_lake import DAY, SYMBOL
from support.stream_server import OF, PATIENCE_S

HOST, PORT = "127.0.0.1", 8_765
# endpoint and the function that answers it
ANSWERED_BY = {
    "days": "days",
    "meta": "meta",
    "approaches": "approaches",
    "retests": "retests",
    "explain": "explain_cell",
}


class Asked:
    """A request under way; its client stays until it leaves."""

    def __init__(self, app: ASGIApp, endpoint: str) -> None:
        self.status: int | None = None
        self.body = b""
        self._has_asked = False
        self._left = asyncio.Event()
        query = "" if endpoint in ("days", "health") else urlencode(OF)
        scope = {
            "type": "http",
            "method": "GET",
            "path": f"/v1/hud/{endpoint}",
            "query_string": query.encode(),
            "headers": [(b"host", f"{HOST}:{PORT}".encode())],
            "state": {},
        }
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    def leave(self) -> None:
        self._left.set()

    async def answer(self) -> tuple[int | None, Any]:
        await self.task
        return self.status, json.loads(self.body)

    async def _receive(self) -> Message:
        if not self._has_asked:
            self._has_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")


class Held:
    """Stands for a query; each runs until it is let go."""

    def __init__(self) -> None:
        self.n_begun = 0
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self, *_: object) -> list[meta.Document]:
        self.n_begun += 1
        self.has_begun.set()
        assert self.may_end.wait(PATIENCE_S)
        return []


@pytest.fixture
def held() -> Iterator[Held]:
    query = Held()
    yield query
    query.may_end.set()


@pytest.fixture
def readers(lake: Lake, held: Held) -> Iterator[ReaderPool]:
    opened = ReaderPool(PublishedFile(lake))
    yield opened
    held.may_end.set()
    opened.close()


def app_of(readers: ReaderPool) -> ASGIApp:
    return create_app(readers, Access.of(HOST, PORT, None), MonotonicClock())


def within(work: Callable[[], Any]) -> None:
    async def run() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await work()

    asyncio.run(run())


@pytest.mark.parametrize("endpoint", ANSWERED_BY)
def test_requests_of_clients_that_left_do_not_run(
    endpoint: str, readers: ReaderPool, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, kind, most = meta, "lists", application.MAX_LISTS
    if endpoint == "explain":
        # imported when it is asked for
        module, kind, most = explain, "explanations", application.MAX_EXPLANATIONS
    monkeypatch.setattr(module, ANSWERED_BY[endpoint], held)

    async def work() -> None:
        app = app_of(readers)
        first = Asked(app, endpoint)
        await asyncio.to_thread(held.has_begun.wait, PATIENCE_S)
        for _ in range(3):
            abandoned = [Asked(app, endpoint) for _ in range(most - 1)]
            # they have all places but the one of the first
            status, reason = await Asked(app, endpoint).answer()
            assert (status, reason) == (503, {"reason": f"too many {kind} at once; try again"})
            for request in abandoned:
                request.leave()
            await asyncio.gather(*(request.task for request in abandoned))
        # nothing of this holds others
        assert await Asked(app, "health").answer() == (200, {"status": "ok"})
        assert held.n_begun == 1
        held.may_end.set()
        assert await first.answer() == (200, [])
        assert await Asked(app, endpoint).answer() == (200, [])
        assert held.n_begun == 2

    within(work)


def test_chunks_of_clients_that_left_are_not_read(
    readers: ReaderPool, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_from: list[int] = []
    read = SurfaceReader.read

    def note(self: SurfaceReader, name: str, layout: str, of: Any, windows: range, ticks: int):
        read_from.append(windows.start)
        return read(self, name, layout, of, windows, ticks)

    async def work() -> None:
        busy = readers.client()
        of = await readers.ask(lambda reader: reader.contract_day(SYMBOL, DAY), busy)
        monkeypatch.setattr(SurfaceReader, "read", note)
        one = asyncio.create_task(readers.ask(held, readers.client()))
        other = asyncio.create_task(readers.ask(held, readers.client()))
        while held.n_begun < 2:
            await asyncio.sleep(0)

        cache = ChunkCache(readers)
        source = Source(of, ("snap", "gex"), COMPACT, 100)
        leaving, staying = readers.client(), readers.client()
        second = (of.first_s // CHUNK_S + 2) * CHUNK_S
        places = [second + number * CHUNK_S for number in range(4)]
        waiting = [asyncio.create_task(cache.get(source, place, leaving)) for place in places[:3]]
        await asyncio.sleep(0)
        cache.prefetch(source, places[3], leaving)
        kept = asyncio.create_task(cache.get(source, places[1], staying))
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        cache.leave(leaving)
        # who comes back at once gets it
        again = asyncio.create_task(cache.get(source, places[2], staying))
        await asyncio.sleep(0)
        held.may_end.set()
        assert (await kept).windows.start == places[1]
        assert (await again).windows.start == places[2]
        await asyncio.gather(one, other)
        await readers.ask(lambda reader: None, leaving)
        assert sorted(read_from) == [places[1], places[1], places[2], places[2]]

    within(work)
