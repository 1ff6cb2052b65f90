"""Connections of clients that ask nothing, or do not take what they asked for."""

from __future__ import annotations

import asyncio
import base64
import logging
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from spymaster.stream import app as application
from spymaster.stream import protocols, responses, session
from spymaster.stream import server as server_module
from spymaster.stream.protocols import HTTPProtocol
from spymaster.stream.server import server_of
from spymaster_ingest.lake import Lake
from starlette.applications import Starlette
from support.hud_lake import DAY, SYMBOL
from support.stream_server import PATIENCE_S, Served, serving
from uvicorn.server import ServerState

BOOTSTRAP = f"/v1/hud/bootstrap?symbol={SYMBOL}&dt={DAY}"
# of a client that wants all surfaces of all seconds at once
STREAM = f"/v1/hud/stream?symbol={SYMBOL}&dt={DAY}&speed=0"
WEBSOCKET = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}",
)


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """What the server logs."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)


def ask_and_not_read(server: Served, path: str, *headers: str) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.settimeout(PATIENCE_S)
    connection.connect(("127.0.0.1", server.port))
    lines = (f"GET {path} HTTP/1.1", f"Host: {server.host}", *headers)
    connection.sendall("\r\n".join((*lines, "", "")).encode())
    return connection


def is_cut(connection: socket.socket) -> bool:
    """Whether the server ends a connection, within a while."""
    connection.settimeout(PATIENCE_S)
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_clients_of_the_stream_that_never_read_are_dropped(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, logged: list[logging.LogRecord]
) -> None:
    monkeypatch.setattr(session, "_SEND_WITHIN_S", 0.5)
    monkeypatch.setattr(application, "MAX_SESSIONS", 2)
    with serving(lake) as server:
        silent = [ask_and_not_read(server, STREAM, *WEBSOCKET) for _ in range(2)]

        def is_served() -> bool:
            with server.client(surfaces="snap") as client:
                return client.message()["type"] == "batch_start"

        until(lambda: not is_served())
        until(is_served)
        assert all(map(is_cut, silent))
    assert [record.getMessage() for record in logged if record.levelno >= logging.ERROR] == []


def test_clients_that_do_not_take_their_answer_are_dropped(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, logged: list[logging.LogRecord]
) -> None:
    monkeypatch.setattr(responses, "_PROGRESS_WITHIN_S", 0.5)
    with serving(lake) as server:
        slow = [ask_and_not_read(server, BOOTSTRAP) for _ in range(application.MAX_LARGE_ANSWERS)]
        small = {"surfaces": "snap", "windows": "1"}
        until(lambda: server.api("bootstrap", **small).status == 503)
        until(lambda: server.api("bootstrap", **small).status == 200)
        assert all(map(is_cut, slow))
    assert [record.getMessage() for record in logged if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-a: ",
        # bytes after an answer keep the connection no more than bytes before one
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET",
    ],
)
def test_a_connection_without_a_whole_request_is_cut(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(protocols, "_HEAD_WITHIN_S", 0.5)
    with serving(lake) as server:
        begin = time.monotonic()
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
        connection.sendall(sent)
        for _ in range(3):
            # what drips gives no more time
            time.sleep(0.1)
            connection.sendall(b"a" if sent else b"")
        assert is_cut(connection)
        assert time.monotonic() - begin < 3


def test_a_connection_with_a_request_is_not_cut(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocols, "_HEAD_WITHIN_S", 0.2)
    with serving(lake) as server, server.client(surfaces="snap", speed="10") as client:
        begin = time.monotonic()
        while time.monotonic() - begin < 0.6:
            client.batch()


def ask_for_the_stream(server: Served, *headers: str, path: str = STREAM) -> socket.socket:
    """Ask for a WebSocket as a page of another site would."""
    foreign = ("Host: other.example", "Origin: http://other.example")
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
    lines = (f"GET {path} HTTP/1.1", *foreign, *WEBSOCKET, *headers)
    connection.sendall("\r\n".join((*lines, "", "")).encode())
    return connection


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"{STREAM}&x={'x' * 9_000}", (), b"414"),
        (STREAM, (f"X-long: {'x' * 9_000}",), b"431"),
        (STREAM, tuple(f"X-{number}: x" for number in range(200)), b"431"),
        # a body before the handshake
        (STREAM, ("Content-Length: 5",), b""),
    ],
    ids=["long line", "long header", "many headers", "body"],
)
def test_an_upgrade_that_cannot_be_read_is_answered_and_cut(
    lake: Lake, path: str, headers: tuple[str, ...], status: bytes
) -> None:
    with serving(lake) as server:
        connection = ask_for_the_stream(server, *headers, path=path)
        answer = connection.makefile("rb").read()
        assert answer.split(b" ", 2)[1:2] == ([status] if status else [])


def test_upgrades_that_cannot_be_read_keep_no_place(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_MOST_CONNECTIONS", 4)
    with serving(lake) as server:
        long = f"{STREAM}&x={'x' * 9_000}"
        kept = [ask_for_the_stream(server, path=long) for _ in range(8)]
        until(lambda: server.get("/v1/hud/health").status == 200)
        for connection in kept:
            connection.close()


def test_a_connection_that_is_gone_can_be_cut() -> None:
    """A client takes the last bytes after the connection was closed and before its deadline."""

    async def run() -> None:
        ours, theirs = socket.socketpair()
        config = server_of(Starlette()).config
        config.load()
        protocol = HTTPProtocol(config, ServerState(), {})
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, ours)
        transport.write(bytes(8 << 20))
        transport.close()
        with theirs:
            taken = await asyncio.to_thread(lambda: len(theirs.makefile("rb").read()))
        assert taken == 8 << 20
        async with asyncio.timeout(PATIENCE_S):
            while transport.get_protocol() is not None:
                await asyncio.sleep(0)
        protocols.abort({"state": protocol.app_state})

    asyncio.run(run())


def test_one_other_machine_has_so_many_connections(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocols, "_MOST_OF_ONE_ADDRESS", 3)
    with serving(lake) as server:
        address = ("127.0.0.1", server.port)
        # this machine may have more
        own = [socket.create_connection(address, timeout=PATIENCE_S) for _ in range(5)]
        assert server.get("/v1/hud/health").status == 200
        for connection in own:
            connection.close()
        monkeypatch.setattr(protocols, "is_loopback", lambda host: False)
        time.sleep(0.1)
        others = [socket.create_connection(address, timeout=PATIENCE_S) for _ in range(3)]
        assert is_cut(socket.create_connection(address, timeout=PATIENCE_S))
        others.pop().close()
        until(lambda: _is_answered(server))


def _is_answered(server: Served) -> bool:
    try:
        return server.get("/v1/hud/health").status == 200
    except ConnectionError:
        return False
