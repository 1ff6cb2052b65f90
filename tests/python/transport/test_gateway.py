"""The gateway: words, newest payloads, clients that do not read, and who may ask."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from spymaster.stream.guard import Access
from spymaster.stream.server import listen, server_of
from spymaster.transport.gateway import Gateway, gateway_app, mapped, relaying
from spymaster.transport.in_process import InProcess
from spymaster.transport.interface import Delivery
from spymaster.transport.messages import SIGNALS, Message, Stream
from spymaster_ingest.errors import SpymasterError
from support.nats_server import PATIENCE_S, wait_for
from support.transport_payloads import SIGNALS_SCHEMA, instance
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

TOKEN = "a-token-of-this-test"


@dataclass
class Served:
    """A gateway behind a transport."""

    port: int
    transport: InProcess = field(default_factory=InProcess)
    gateway: Gateway = field(default_factory=Gateway)

    def publish(self, number: int, run: str = "run", symbol: str = "ESH4", **more: Any) -> None:
        payload = {"ts": number, "symbol": symbol, "levels": []} | more
        key = f"{run}:{symbol}:level_signals:{number}"
        message = Message(SIGNALS, json.dumps(payload).encode(), key)
        asyncio.run(self.transport.publish([message]))

    def client(self, **options: Any) -> ClientConnection:
        address = f"ws://127.0.0.1:{self.port}/ws/stream"
        return connect(address, proxy=None, max_size=None, close_timeout=0.5, **options)


@contextmanager
def serving(token: str | None = None) -> Iterator[Served]:
    with listen("127.0.0.1", 0) as listening:
        served = Served(listening.getsockname()[1])
        access = Access.of("127.0.0.1", served.port, token)
        server = server_of(gateway_app(served.gateway, access))

        async def run() -> None:
            async with relaying(served.transport, served.gateway, lambda: None):
                await server.serve(sockets=[listening])

        running = threading.Thread(target=lambda: asyncio.run(run()))
        running.start()
        try:
            wait_for(lambda: server.started or not running.is_alive())
            yield served
        finally:
            server.should_exit = True
            running.join(PATIENCE_S)
            assert not running.is_alive()


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    with serving() as served:
        yield served


def received(client: ClientConnection) -> dict[str, Any]:
    return json.loads(client.recv(PATIENCE_S))


@pytest.mark.parametrize(
    ("key", "given", "becomes"),
    [
        ("direction", "SUPPORT", "DOWN"),
        ("direction", "RESISTANCE", "UP"),
        ("direction", None, None),
        ("signal", "BREAK", "BREAK"),
        ("signal", "REJECT", "BOUNCE"),
        ("signal", "CONTESTED", "NO_TRADE"),
        ("signal", "NEUTRAL", "NO_TRADE"),
        ("signal", None, None),
    ],
)
def test_words_become_those_of_the_gateway(key: str, given: object, becomes: object) -> None:
    payload = instance(json.loads(SIGNALS_SCHEMA.read_text()))
    [level] = payload["levels"]
    level |= {"direction": "SUPPORT", "signal": "REJECT", key: given}
    found = json.loads(mapped(json.dumps(payload).encode()))
    level |= {"direction": "DOWN", "signal": "BOUNCE", key: becomes}
    assert found == payload
    assert list(found["levels"][0]) == list(level)


def test_every_word_of_the_schema_is_mapped() -> None:
    schema = json.loads(SIGNALS_SCHEMA.read_text())
    payload = instance(schema)
    words = schema["properties"]["levels"]["items"]["properties"]
    for key in ("direction", "signal"):
        for word in words[key]["enum"]:
            [level] = payload["levels"]
            mapped(json.dumps(payload | {"levels": [level | {key: word}]}).encode())


@pytest.mark.parametrize("payload", [b"{", b"[]", b"{}", b'{"levels":[{}]}', b"\xff"])
def test_what_is_no_payload_is_refused_and_counted(payload: bytes) -> None:
    with pytest.raises(SpymasterError, match=r"levels\.signals: a payload cannot be read"):
        mapped(payload)
    gateway = Gateway()
    sent = [Message(SIGNALS, payload, "run:ESH4:level_signals:1"), Message(SIGNALS, b"{}", "none")]
    asyncio.run(gateway.publish(sent))
    assert (gateway.n_refused, gateway.after(0)) == (2, (0, []))


def test_an_older_payload_of_a_run_is_left() -> None:
    gateway, found = Gateway(), []
    for run, number in (("run", 5), ("run", 4), ("run", 5), ("other", 3), ("run", 1)):
        message = Message(SIGNALS, b'{"levels":[]}', f"{run}:ESH4:level_signals:{number}")
        asyncio.run(gateway.publish([message]))
        found.append(dict(gateway.times())["ESH4"])
    assert found == [5, 5, 5, 3, 1]


def test_a_second_follows_the_moments_that_were_sent_before_it() -> None:
    """Its end lies before them, and what it says is newer."""
    gateway, found = Gateway(), []
    for table, number in (
        *(("level_signals", 5), ("level_snaps", 7), ("level_snaps", 6)),
        *(("level_signals", 6), ("level_signals", 5), ("level_snaps", 8)),
    ):
        message = Message(SIGNALS, b'{"levels":[]}', f"run:ESH4:{table}:{number}")
        asyncio.run(gateway.publish([message]))
        found.append(dict(gateway.times())["ESH4"])
    assert found == [5, 7, 7, 6, 6, 8]


def test_clients_get_the_newest_of_each_contract(shared: Served) -> None:
    for number in (100, 101):
        shared.publish(number)
        shared.publish(number, symbol="NQH4")
    wait_for(lambda: dict(shared.gateway.times()) == {"ESH4": 101, "NQH4": 101})
    with shared.client() as client:
        found = [received(client) for _ in range(2)]
        assert [(one["symbol"], one["ts"]) for one in found] == [("ESH4", 101), ("NQH4", 101)]
        # what is older does not come again; another run begins where it likes
        shared.publish(99)
        shared.publish(50, run="second-run")
        assert received(client)["ts"] == 50
    wait_for(lambda: not shared.gateway.n_clients)


def test_a_client_that_does_not_read_holds_nobody_up() -> None:
    n_payloads, text = 60, "x" * 400_000
    with serving() as served, served.client(max_queue=1) as idle, served.client() as reader:
        wait_for(lambda: served.gateway.n_clients == 2)
        for number in range(n_payloads):
            served.publish(number, text=text)
            # the reader has each before the next is published
            assert received(reader)["ts"] == number
        found = [received(idle)["ts"]]
        while found[-1] < n_payloads - 1:
            found.append(received(idle)["ts"])
    assert found == sorted(found)
    assert len(found) < n_payloads


def test_pages_of_other_sites_and_other_names_are_refused(shared: Served) -> None:
    for headers in ({"Origin": "http://elsewhere.example"}, {"Origin": "null"}):
        with pytest.raises(InvalidStatus) as refused, shared.client(additional_headers=headers):
            pass
        assert refused.value.response.status_code == 403
    with shared.client(additional_headers={"Origin": f"http://127.0.0.1:{shared.port}"}):
        pass
    connection = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=PATIENCE_S)
    connection.request("GET", "/health", headers={"Host": "elsewhere.example"})
    assert connection.getresponse().status == 403
    connection.close()


def test_a_token_is_asked_for() -> None:
    with serving(TOKEN) as served:
        for headers in ({}, {"Authorization": "Bearer another-token-altogether"}):
            with pytest.raises(InvalidStatus) as refused, served.client(additional_headers=headers):
                pass
            assert refused.value.response.status_code == 401
        served.publish(1)
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        with served.client(additional_headers=bearer) as client:
            assert received(client)["ts"] == 1
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
        connection.request("GET", "/health", headers=bearer)
        health = json.loads(connection.getresponse().read())
        assert health["newest_ts_ns"] == {"ESH4": "1"}
        connection.close()


class Deaf:
    """A transport whose consumers take a cancellation for an error once it is closed, as NATS's."""

    def __init__(self) -> None:
        self.is_closed = False
        self.n_after_close = 0

    async def consume(self, stream: Stream, durable: str | None, *, in_order: bool = False) -> Deaf:
        return self

    async def fetch(self, most: int, within_s: float) -> list[Delivery]:
        if self.n_after_close:
            raise SpymasterError("stream", "is fetched after it was closed")
        try:
            await asyncio.sleep(PATIENCE_S)
        except asyncio.CancelledError:
            if not self.is_closed:
                raise
            self.n_after_close += 1
        return []

    async def publish(self, messages: Sequence[Message]) -> None:
        raise NotImplementedError

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        pass

    async def close(self) -> None:
        self.is_closed = True


def test_the_relay_ends_before_its_transport_is_closed() -> None:
    transport = Deaf()

    async def run() -> None:
        async with relaying(transport, Gateway(), lambda: None):
            await asyncio.sleep(0)

    asyncio.run(run())
    assert transport.is_closed
    assert transport.n_after_close == 0


def test_what_ends_the_relay_is_raised() -> None:
    transport = Deaf()

    async def fails(most: int, within_s: float) -> list[Delivery]:
        raise SpymasterError("stream", "is gone")

    async def run() -> None:
        failed = asyncio.Event()
        transport.fetch = fails  # type: ignore[method-assign]
        async with relaying(transport, Gateway(), failed.set):
            await failed.wait()

    with pytest.raises(SpymasterError, match="is gone"):
        asyncio.run(run())
    assert transport.is_closed
