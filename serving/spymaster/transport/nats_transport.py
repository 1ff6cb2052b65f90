"""NATS JetStream as a transport. Only this module knows its library."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from spymaster_ingest.errors import SpymasterError, one_line

from spymaster.transport.interface import Delivery, NotSentError
from spymaster.transport.messages import STREAMS, Message, Stream
from spymaster.transport.settings import NatsSettings, missing_extra

try:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.errors import Error
    from nats.js.api import ConsumerConfig, DeliverPolicy, Header, StreamConfig
    from nats.js.errors import NotFoundError
except ModuleNotFoundError as error:
    raise missing_extra() from error

RETENTION_S = 24 * 60 * 60
# a message that is published again within this time is dropped by the server
DUPLICATE_WINDOW_S = 10 * 60
# a consumer that does not acknowledge within this time gets a message again
ACKNOWLEDGE_WITHIN_S = 10
MOST_OPEN = 100_000
_CONNECT_WITHIN_S = 5.0
_STORE_WITHIN_S = 5.0
_RECONNECT_S = 0.25
_FORGET_AFTER_S = 60
_FAILURES = (Error, OSError, TimeoutError)


class NatsTransport:
    """Messages in the streams of a server; it connects again for as long as it is used.

    Use it in one event loop.
    """

    def __init__(self, settings: NatsSettings) -> None:
        self._settings = settings
        self._client = Client()
        self._streams = self._client.jetstream(timeout=_STORE_WITHIN_S)
        self._storing: set[asyncio.Future[Any]] = set()
        self._are_streams_made = False
        self._last_error: Exception | None = None
        self.n_connections = 0

    async def connect(self, within_s: float | None = _CONNECT_WITHIN_S) -> None:
        """Connect and make the streams.

        Args:
            within_s: longest time to try; None to try until the task is cancelled.

        Raises:
            SpymasterError: The server cannot be reached, or does not let us in.
        """
        settings = self._settings
        credentials = None if settings.credentials is None else str(settings.credentials)
        try:
            async with asyncio.timeout(within_s):
                await self._client.connect(
                    settings.url,
                    token=settings.token,
                    user_credentials=credentials,
                    error_cb=self._on_error,
                    disconnected_cb=self._on_disconnected,
                    reconnected_cb=self._on_reconnected,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=_RECONNECT_S,  # type: ignore[arg-type]
                )
                self.n_connections += 1
                await self._make_streams()
        except (*_FAILURES, ValueError) as error:
            await self.close()
            raise self._unreachable(self._last_error or error) from error

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return when the server has stored all messages.

        Raises:
            NotSentError: It did not say so for all of them.
        """
        if not self._client.is_connected:
            raise NotSentError(self._settings.url, "is not connected")
        try:
            async with asyncio.timeout(_STORE_WITHIN_S):
                if not self._are_streams_made:
                    await self._make_streams()
                for message in messages:
                    self._storing.add(
                        await self._streams.publish_async(
                            message.subject, message.payload, headers={Header.MSG_ID: message.key}
                        )
                    )
                results = await asyncio.gather(*self._storing, return_exceptions=True)
        except _FAILURES as error:
            raise self._not_stored(error) from error
        finally:
            for future in self._storing:
                future.cancel()
            self._storing.clear()
        for result in results:
            if isinstance(result, BaseException):
                raise self._not_stored(result) from result

    async def consume(
        self, stream: Stream, durable: str | None, *, in_order: bool = False
    ) -> NatsConsumer:
        """Return a pull consumer of a stream."""
        return NatsConsumer(self, stream, durable, in_order)

    async def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(*_FAILURES):
            await self._client.close()

    async def begin_again(self, stream: Stream, durable: str) -> Any:
        """Return a subscription of a durable that gives all that it has not seen acknowledged.

        The server gives again what is not acknowledged, but after what comes later: a durable that
        is made anew from there on gives all in order.
        """
        manager, start = self._client.jsm(), 1
        with contextlib.suppress(NotFoundError):
            info = await manager.consumer_info(stream.name, durable)
            floor = 0 if info.ack_floor is None else info.ack_floor.stream_seq
            start = max(floor + 1, info.config.opt_start_seq or 1)
            await manager.delete_consumer(stream.name, durable)
        config = ConsumerConfig(
            ack_wait=ACKNOWLEDGE_WITHIN_S,
            max_ack_pending=MOST_OPEN,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=start,
            inactive_threshold=RETENTION_S,
        )
        return await self._streams.pull_subscribe(
            stream.subjects, durable=durable, stream=stream.name, config=config
        )

    async def pull(self, stream: Stream, durable: str | None) -> Any:
        """Return a subscription of a pull consumer, which is made when it is not there."""
        config = ConsumerConfig(
            ack_wait=ACKNOWLEDGE_WITHIN_S,
            max_ack_pending=MOST_OPEN,
            deliver_policy=DeliverPolicy.LAST if durable is None else DeliverPolicy.ALL,
            inactive_threshold=_FORGET_AFTER_S if durable is None else None,
        )
        return await self._streams.pull_subscribe(
            stream.subjects, durable=durable, stream=stream.name, config=config
        )

    async def _make_streams(self) -> None:
        """Make the streams that are not there; one that is there stays as its operator wants it."""
        manager = self._client.jsm()
        for stream in STREAMS:
            try:
                found = await manager.stream_info(stream.name)
            except NotFoundError:
                await manager.add_stream(
                    StreamConfig(
                        name=stream.name,
                        subjects=[stream.subjects],
                        max_age=RETENTION_S,
                        duplicate_window=DUPLICATE_WINDOW_S,
                    )
                )
                continue
            if stream.subjects not in (found.config.subjects or []):
                raise SpymasterError(
                    f"stream {stream.name}",
                    f"is there and does not take {stream.subjects}",
                    "rename it, or give it these subjects",
                )
        self._are_streams_made = True

    async def _on_error(self, error: Exception) -> None:
        self._last_error = error

    async def _on_disconnected(self) -> None:
        # a server that starts again may have lost its streams
        self._are_streams_made = False
        for future in self._storing:
            if not future.done():
                future.set_exception(ConnectionResetError("the connection is lost"))

    async def _on_reconnected(self) -> None:
        self.n_connections += 1

    def _not_stored(self, error: BaseException) -> NotSentError:
        return NotSentError(self._settings.url, f"does not store: {one_line(error)}")

    def _unreachable(self, error: Exception) -> SpymasterError:
        return SpymasterError(
            self._settings.url,
            f"NATS cannot be reached: {one_line(error)}",
            "start it, for one machine with `spymaster nats`, or check --nats",
        )


class NatsConsumer:
    """A pull consumer; it begins again after each connection."""

    def __init__(
        self, transport: NatsTransport, stream: Stream, durable: str | None, in_order: bool
    ) -> None:
        self._transport, self._stream, self._durable = transport, stream, durable
        self._in_order = in_order
        self._pulling: Any = None
        self._connection = 0
        # deliveries since the durable was made
        self._n_delivered = 0

    async def fetch(self, most: int, within_s: float) -> list[Delivery]:
        """Return messages as the server has them; none while it cannot be reached."""
        try:
            async with asyncio.timeout(within_s + _STORE_WITHIN_S) as limit:
                if self._pulling is None or self._connection != self._transport.n_connections:
                    await self._begin()
                messages = await self._pulling.fetch(most, timeout=within_s)
        except TimeoutError:
            if limit.expired():
                # it may have had messages
                self._pulling = None
            return []
        except (Error, OSError):
            self._pulling = None
            await asyncio.sleep(_RECONNECT_S)
            return []
        if self._in_order:
            messages = messages[: self._n_in_order(messages)]
        return [_delivery(message) for message in messages]

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledge; what does not reach the server comes again."""
        with contextlib.suppress(*_FAILURES):
            for delivery in deliveries:
                await delivery.handle.ack()

    def _n_in_order(self, messages: Sequence[Msg]) -> int:
        """Return how many messages come before a lost one; from that on all come again."""
        for number, message in enumerate(messages):
            self._n_delivered += 1
            if message.metadata.sequence.consumer != self._n_delivered:
                self._pulling = None
                return number
        return len(messages)

    async def _begin(self) -> None:
        connection = self._transport.n_connections
        if self._pulling is not None:
            with contextlib.suppress(*_FAILURES):
                await self._pulling.unsubscribe()
            self._pulling = None
        self._n_delivered = 0
        if self._in_order and self._durable is not None:
            self._pulling = await self._transport.begin_again(self._stream, self._durable)
        else:
            self._pulling = await self._transport.pull(self._stream, self._durable)
        self._connection = connection


def _delivery(message: Msg) -> Delivery:
    key = (message.headers or {}).get(Header.MSG_ID, "")
    n_waiting = message.metadata.num_pending
    return Delivery(message.subject, message.data, key, message, n_waiting)
