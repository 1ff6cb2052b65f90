"""Connections: each can be cut, and one that asks nothing is."""

from __future__ import annotations

import asyncio
from functools import partial

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from spymaster.stream.guard import is_loopback

# longest time until the head of a request is complete
_HEAD_WITHIN_S = 10.0
# connections of one other machine
_MOST_OF_ONE_ADDRESS = 64
# time in which a client may take what was sent before its connection was closed
_CUT_AFTER_S = 15.0
_ABORT = "abort"


def abort(scope: Scope) -> None:
    """Cut the connection of a request at once, with what is not sent yet."""
    scope["state"][_ABORT]()


def abort_later(scope: Scope) -> None:
    """Cut a connection that is closed, unless the client takes what is left soon."""
    asyncio.get_running_loop().call_later(_CUT_AFTER_S, abort, scope)


async def cut(scope: Scope, receive: Receive) -> None:
    """Cut the connection of an HTTP request and return when it is gone."""
    abort(scope)
    while (await receive())["type"] != "http.disconnect":
        pass


def _abort(transport: asyncio.Transport) -> None:
    # asyncio fails to abort a connection that closed once its client had taken the rest
    if transport.get_protocol() is not None:
        transport.abort()


class HTTPProtocol(H11Protocol):
    """HTTP with a deadline for the head of each request, and a limit for each address."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or cut it: its address has too many."""
        super().connection_made(transport)
        self.app_state = self.app_state | {_ABORT: partial(_abort, transport)}
        if self.client is not None and not is_loopback(self.client[0]):
            others = [getattr(one, "client", None) for one in self.connections]
            if sum(bool(o and o[0] == self.client[0]) for o in others) > _MOST_OF_ONE_ADDRESS:
                transport.abort()
                return
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_expecting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take some bytes; while none of them belongs to a request under way, time runs."""
        super().data_received(data)
        is_websocket = self not in self.connections
        if is_websocket or self.transport.is_closing() or self._is_answering():
            self._stop_expecting()
        elif self._deadline is None:
            self._expect_head()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that asks nothing more, and cut it when it does not take the rest."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(_CUT_AFTER_S, _abort, self.transport)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect_head(self) -> None:
        self._deadline = self.loop.call_later(_HEAD_WITHIN_S, self._on_deadline)

    def _stop_expecting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        self._deadline = None
        if not self._is_answering():
            self.transport.abort()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that is cut when it asks what cannot be read, or when no ping is answered."""

    def data_received(self, data: bytes) -> None:
        """Take some bytes; refuse a request that the parser did, for a line that is too long say.

        The parser keeps its refusal, and no request reaches the application.
        """
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.handshake_initiated = self.handshake_complete = self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()
            self.loop.call_later(_CUT_AFTER_S, _abort, self.transport)

    def keepalive_timeout(self) -> None:
        """Cut the connection: closing it would wait for a client that does not read."""
        self.transport.abort()
