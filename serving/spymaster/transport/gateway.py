"""The gateway: the newest payload of ``levels.signals`` for clients of a WebSocket.

It is a publisher like NATS, so that a run or a relay can publish to it. A client gets the newest
payload of each contract; what came while it did not read is skipped.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from spymaster_ingest.errors import SpymasterError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from spymaster.stream.guard import Access, Guard
from spymaster.stream.protocols import abort, abort_later
from spymaster.stream.responses import NoStoreJSON
from spymaster.stream.session import say_goodbye
from spymaster.transport.bell import Bell
from spymaster.transport.interface import Consumer, Delivery, Transport
from spymaster.transport.messages import LEVEL_SIGNALS, SIGNALS, Key, Message

MAX_CLIENTS = 64
DIRECTIONS = {"SUPPORT": "DOWN", "RESISTANCE": "UP", None: None}
ACTIONS = {
    "BREAK": "BREAK",
    "REJECT": "BOUNCE",
    "CONTESTED": "NO_TRADE",
    "NEUTRAL": "NO_TRADE",
    None: None,
}
# longest time in which a client takes a payload
_SEND_WITHIN_S = 15.0
_TRY_AGAIN_LATER = 1013
_AT_ONCE = 500
_FETCH_S = 1.0


def mapped(payload: bytes) -> str:
    """Return a payload with the words of the gateway; all else stays.

    A level's ``direction`` SUPPORT becomes DOWN, RESISTANCE UP; its ``signal`` REJECT becomes
    BOUNCE, CONTESTED and NEUTRAL become NO_TRADE.

    Raises:
        SpymasterError: It is no payload of levels.signals.
    """
    try:
        found = json.loads(payload)
        for level in found["levels"]:
            level["direction"] = DIRECTIONS[level["direction"]]
            level["signal"] = ACTIONS[level["signal"]]
        for level in found.get("all_levels", ()):
            level["signal"] = ACTIONS[level["signal"]]
    except (ValueError, KeyError, TypeError) as error:
        raise SpymasterError(SIGNALS, f"a payload cannot be read: {error!r}") from error
    return json.dumps(found, separators=(",", ":"))


@dataclass
class _Newest:
    """The newest payload of a contract, and its number among all that the gateway took."""

    key: Key
    text: str
    number: int


@dataclass
class Gateway:
    """Holds the newest payload of each contract.

    Attributes:
        n_clients: that are connected.
        n_refused: messages that were no payload.
    """

    n_clients: int = 0
    n_refused: int = 0
    bell: Bell = field(default_factory=Bell)
    _newest: dict[str, _Newest] = field(default_factory=dict)
    # by contract and table: a second ends before the moments that are sent before it
    _taken: dict[tuple[str, str], Key] = field(default_factory=dict)
    _n_taken: int = 0

    async def publish(self, messages: Sequence[Message | Delivery]) -> None:
        """Take the newest payloads; what is older than the one there, of the same run, is left."""
        for message in messages:
            key = Key.read(message.key)
            if message.subject != SIGNALS:
                continue
            if key is None:
                self.n_refused += 1
                continue
            before = self._taken.get((key.symbol, key.of))
            if before and before.run == key.run and before.time_ns >= key.time_ns:
                continue
            try:
                text = mapped(message.payload)
            except SpymasterError:
                self.n_refused += 1
                continue
            self._n_taken += 1
            self._taken[key.symbol, key.of] = key
            self._newest[key.symbol] = _Newest(key, text, self._n_taken)
        self.bell.ring()

    async def close(self) -> None:
        """Keep what is there for the clients."""

    def after(self, number: int) -> tuple[int, list[str]]:
        """Return the number of the last payload, and those newer than a number, oldest first."""
        newer = sorted(
            (one for one in tuple(self._newest.values()) if one.number > number),
            key=lambda one: one.number,
        )
        return (newer[-1].number if newer else number), [one.text for one in newer]

    def times(self) -> Iterator[tuple[str, int]]:
        """Yield contracts and the times of their payloads, ns since 1970 UTC."""
        for symbol, newest in sorted(self._newest.items()):
            yield symbol, newest.key.time_ns


def gateway_app(gateway: Gateway, access: Access) -> ASGIApp:
    """Return the application: ``/ws/stream`` and ``/health``."""
    app = Starlette(routes=[WebSocketRoute("/ws/stream", _stream), Route("/health", _health)])
    app.state.gateway = gateway
    return Guard(app, access)


async def relay(consumer: Consumer, gateway: Gateway) -> None:
    """Pass what a consumer gives on to the gateway, until it is cancelled."""
    while True:
        deliveries = await consumer.fetch(_AT_ONCE, _FETCH_S)
        await gateway.publish(deliveries)
        await consumer.acknowledge(deliveries)


@asynccontextmanager
async def relaying(
    transport: Transport, gateway: Gateway, failed: Callable[[], None]
) -> AsyncIterator[None]:
    """Relay what a transport gives; close the transport at the end.

    Args:
        transport: that is connected.
        gateway: gets the newest payloads.
        failed: called when nothing more is relayed; the error is raised at the end.
    """
    try:
        consumer = await transport.consume(LEVEL_SIGNALS, None)
        task = asyncio.create_task(relay(consumer, gateway))
        task.add_done_callback(lambda _: failed())
        try:
            yield
            if task.done():
                task.result()
        finally:
            # NATS takes the cancellation of who waits on a closed connection for an error of it
            task.cancel()
            await asyncio.wait([task])
    finally:
        await transport.close()


async def _health(request: Request) -> Response:
    gateway: Gateway = request.app.state.gateway
    return NoStoreJSON(
        {
            "clients": gateway.n_clients,
            "refused": gateway.n_refused,
            "newest_ts_ns": {symbol: str(time_ns) for symbol, time_ns in gateway.times()},
        }
    )


async def _stream(websocket: WebSocket) -> None:
    await websocket.accept()
    gateway: Gateway = websocket.app.state.gateway
    if gateway.n_clients >= MAX_CLIENTS:
        await say_goodbye(websocket, f"{MAX_CLIENTS} clients are connected", _TRY_AGAIN_LATER)
        return
    gateway.n_clients += 1
    tasks: list[asyncio.Task[Any]] = [
        asyncio.create_task(_send(websocket, gateway)),
        asyncio.create_task(_until_it_leaves(websocket)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gateway.n_clients -= 1
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        abort_later(websocket.scope)


async def _send(websocket: WebSocket, gateway: Gateway) -> None:
    number = 0
    with gateway.bell.listening() as rung:
        while True:
            rung.clear()
            number, texts = gateway.after(number)
            for text in texts:
                try:
                    async with asyncio.timeout(_SEND_WITHIN_S):
                        await websocket.send_text(text)
                except TimeoutError:
                    abort(websocket.scope)
                    return
            await rung.wait()


async def _until_it_leaves(websocket: WebSocket) -> None:
    """Read what a client sends, which means nothing, until it leaves."""
    try:
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass
    except (WebSocketDisconnect, RuntimeError):
        return
