"""A server in a thread, and clients of it over real sockets."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from spymaster.stream.app import PAGE, create_app
from spymaster.stream.guard import Access
from spymaster.stream.reader import PublishedFile
from spymaster.stream.reader_pool import ReaderPool
from spymaster.stream.server import listen, server_of
from spymaster.stream.timing import Clock, MonotonicClock
from spymaster_ingest.lake import Lake
from websockets.sync.client import ClientConnection, connect

from support.hud_lake import DAY, SYMBOL

OF = {"symbol": SYMBOL, "dt": str(DAY)}
# longest time to wait for what must come
PATIENCE_S = 20


class FakeClock:
    """A clock that the test moves; it wakes whoever waits for a time that has come."""

    def __init__(self) -> None:
        self._now = 0.0
        self._waiting: list[tuple[float, asyncio.Event, asyncio.AbstractEventLoop]] = []

    def now(self) -> float:
        return self._now

    async def wait(self, woken: asyncio.Event, until: float | None) -> None:
        passed = asyncio.Event()
        if until is not None:
            self._waiting.append((until, passed, asyncio.get_running_loop()))
            if until <= self._now:
                return
        tasks = [asyncio.create_task(event.wait()) for event in (woken, passed)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def advance(self, seconds: float) -> None:
        self._now += seconds
        for until, passed, loop in tuple(self._waiting):
            if until <= self._now:
                self._waiting.remove((until, passed, loop))
                loop.call_soon_threadsafe(passed.set)


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of an HTTP answer."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def table(self) -> pa.Table:
        return decode(self.body)

    def parts(self) -> dict[str, pa.Table]:
        """Return the tables of a multipart body, read by the lengths that the parts state."""
        boundary = b"--" + self.headers.get_param("boundary").encode()
        tables, rest = {}, self.body
        while rest != boundary + b"--\r\n":
            head, rest = rest.removeprefix(boundary + b"\r\n").split(b"\r\n\r\n", 1)
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            name = fields["Content-Disposition"].removeprefix('inline; name="').removesuffix('"')
            assert fields["Content-Type"] == "application/vnd.apache.arrow.stream"
            length = int(fields["Content-Length"])
            tables[name] = decode(rest[:length])
            assert rest[length : length + 2] == b"\r\n"
            rest = rest[length + 2 :]
        return tables


@dataclass(frozen=True)
class Batch:
    """One second as a client got it."""

    seq: int
    window_s: int
    skipped: int
    payloads: dict[str, bytes] = field(repr=False)

    def tables(self) -> dict[str, pa.Table]:
        return {name: decode(payload) for name, payload in self.payloads.items()}


class Client:
    """A client of the WebSocket that checks the order of messages."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, **message: object) -> None:
        self.connection.send(json.dumps(message))

    def ack(self, batch: Batch) -> None:
        self.send(type="ack", seq=batch.seq)

    def message(self, timeout: float = PATIENCE_S) -> dict[str, Any]:
        text = self.connection.recv(timeout)
        assert isinstance(text, str)
        return json.loads(text)

    def batch(self, *, ack: bool = True) -> Batch:
        return self.batch_after(self.message(), ack=ack)

    def batch_after(self, start: dict[str, Any], *, ack: bool = True) -> Batch:
        """Receive the batch that a message begins."""
        assert start["type"] == "batch_start", start
        payloads = {}
        for surface in start["surfaces"]:
            header = self.message()
            assert header == {
                "type": "surface_header",
                "seq": start["seq"],
                "surface": surface["name"],
                "window_end_ts_ns": start["window_end_ts_ns"],
                "rows": surface["rows"],
            }
            payload = self.connection.recv(PATIENCE_S)
            assert isinstance(payload, bytes)
            payloads[surface["name"]] = payload
        assert self.message() == {"type": "batch_end", "seq": start["seq"]}
        window_s, rest = divmod(int(start["window_end_ts_ns"]), 10**9)
        assert rest == 0
        batch = Batch(start["seq"], window_s, start["skipped"], payloads)
        if ack:
            self.ack(batch)
        return batch

    def is_silent(self, seconds: float = 0.15) -> bool:
        """Whether nothing arrives for a while."""
        try:
            self.connection.recv(seconds)
        except TimeoutError:
            return True
        return False


@dataclass(frozen=True)
class Served:
    """A running server."""

    port: int
    lake: Lake
    app: Any

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def get(self, path: str, headers: dict[str, str] | None = None, **asked: object) -> Answer:
        query = f"?{urlencode(asked)}" if asked else ""
        return self.request("GET", f"{path}{query}", None, headers or {})

    def request(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def api(self, endpoint: str, **asked: object) -> Answer:
        return self.get(f"/v1/hud/{endpoint}", **(OF | asked))

    @contextmanager
    def client(
        self,
        headers: dict[str, str] | None = None,
        max_queue: int | None = None,
        **asked: object,
    ) -> Iterator[Client]:
        """Connect; what is not received is kept, unless ``max_queue`` messages are waiting."""
        address = f"ws://{self.host}/v1/hud/stream?{urlencode(OF | asked)}"
        with connect(
            address,
            additional_headers=headers,
            compression=None,
            max_size=None,
            max_queue=max_queue,
            close_timeout=0.5,
            proxy=None,
        ) as connection:
            yield Client(connection)


@contextmanager
def serving(
    lake: Lake,
    clock: Clock | None = None,
    token: str | None = None,
    page: Path = PAGE,
    *,
    allows_levels: bool = False,
) -> Iterator[Served]:
    """Run a server on a free port of this machine."""
    readers = ReaderPool(PublishedFile(lake))
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        app = create_app(
            readers,
            Access.of("127.0.0.1", port, token),
            clock or MonotonicClock(),
            page,
            levels_of=lake if allows_levels else None,
        )
        server = server_of(app)
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        running.start()
        try:
            _wait_for(lambda: server.started or not running.is_alive())
            yield Served(port, lake, app)
        finally:
            server.should_exit = True
            running.join(PATIENCE_S)
            readers.close()
            assert not running.is_alive()


def _wait_for(condition: Any) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.005)


def decode(payload: bytes) -> pa.Table:
    """Return the table of an Arrow stream."""
    with pa.ipc.open_stream(payload) as stream:
        return stream.read_all()
