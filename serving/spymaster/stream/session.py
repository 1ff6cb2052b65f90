"""One client of the WebSocket: receive its messages, send it batches."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from spymaster_ingest.errors import SpymasterError
from starlette.websockets import WebSocket, WebSocketDisconnect

from spymaster.stream import messages, requests
from spymaster.stream.bootstrap import chosen_surfaces
from spymaster.stream.chunks import Chunk, Source
from spymaster.stream.errors import RequestError, reason_of
from spymaster.stream.frames import Frame
from spymaster.stream.live.news import RunNews
from spymaster.stream.playback import End, Playback, Send, Wait
from spymaster.stream.protocols import abort
from spymaster.stream.publication import Publication
from spymaster.stream.reader import SurfaceReader
from spymaster.stream.timing import Clock, MessageBudget, MonotonicClock

# messages other than acknowledgements of new batches
_MESSAGES_PER_S, _MESSAGES_AT_ONCE = 20.0, 60
# a client that does not read does not read its error either
_LAST_WORDS_S = 2.0
# longest time in which a client takes a batch
_SEND_WITHIN_S = 15.0
_ABNORMAL, _POLICY_VIOLATION, _INTERNAL_ERROR = 1006, 1008, 1011


async def serve_session(websocket: WebSocket, publication: Publication, clock: Clock) -> None:
    """Stream to an accepted client until it leaves; an error is sent before the end."""
    try:
        session = await _begin(websocket, publication, clock)
        await session.run()
    except (WebSocketDisconnect, asyncio.IncompleteReadError, ConnectionError):
        return
    except RequestError as error:
        await say_goodbye(websocket, str(error), _POLICY_VIOLATION)
    except SpymasterError as error:
        await say_goodbye(websocket, reason_of(error), _INTERNAL_ERROR)
    except Exception as error:
        await say_goodbye(websocket, reason_of(error), _INTERNAL_ERROR)
        raise


async def say_goodbye(websocket: WebSocket, reason: str, code: int) -> None:
    """Send an error and close; a client that does not read is dropped."""
    with suppress(Exception):
        async with asyncio.timeout(_LAST_WORDS_S):
            await websocket.send_text(messages.error(reason))
            await websocket.close(code)


async def _begin(websocket: WebSocket, publication: Publication, clock: Clock) -> Session:
    parameters = requests.known(websocket.query_params, "stream")
    query = requests.query(parameters)
    speed = requests.speed(parameters.get("speed", "1"))

    def find(reader: SurfaceReader) -> Source:
        of = reader.contract_day(query.symbol, query.day)
        chosen = chosen_surfaces(reader, query.surfaces, query.layout)
        return Source(of, chosen, query.layout, query.max_ticks)

    source = await publication.readers.ask(find, publication.checks)
    start_s = source.of.first_s
    if "start_ts_ns" in parameters:
        start_s = requests.at_or_after(requests.nanoseconds(parameters, "start_ts_ns"))
    session = Session(
        websocket,
        publication,
        clock,
        source,
        start_s,
        speed,
        follows=requests.flag(parameters, "follow"),
    )
    if requests.flag(parameters, "paused"):
        session.pause()
    return session


class Session:
    """State of a client and the two tasks that serve it; only one of them sends."""

    def __init__(
        self,
        websocket: WebSocket,
        publication: Publication,
        clock: Clock,
        source: Source,
        start_s: int,
        speed: float,
        *,
        follows: bool = False,
    ) -> None:
        """Prepare a client.

        Raises:
            RequestError: The start lies outside the contract-day.
        """
        self._websocket = websocket
        self._publication = publication
        self._client = publication.readers.client()
        self._clock = clock
        self._source = source
        of = source.of
        self._playback = Playback(
            of.windows, start_s, speed, clock.now(), is_growing=of.is_growing, follows=follows
        )
        self._news = publication.news if source.of.is_growing else None
        self._seen_news: int | None = None
        self._chunk: Chunk | None = None
        self._woken = asyncio.Event()
        self._is_published = False

    def pause(self) -> None:
        """Send nothing but news until the client asks for more."""
        self._playback.pause(self._clock.now())

    async def run(self) -> None:
        """Serve the client until it leaves.

        Raises:
            RequestError: A message of the client cannot be followed.
            WebSocketDisconnect: The client left.
        """
        stop_listening = self._publication.listen(self._on_published)
        stop_hearing = self._news.listen(self._woken.set) if self._news else None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._receive())
                tasks.create_task(self._send())
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group
        finally:
            stop_listening()
            if stop_hearing:
                stop_hearing()
            self._publication.chunks.leave(self._client)

    def _on_published(self) -> None:
        self._is_published = True
        self._woken.set()

    async def _receive(self) -> None:
        budget = MessageBudget(_MESSAGES_PER_S, _MESSAGES_AT_ONCE, MonotonicClock().now())
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            text = message.get("text")
            if text is None:
                raise RequestError("message", "must be text")
            is_ack = messages.apply(text, self._playback, self._clock.now())
            if not is_ack and not budget.spend(MonotonicClock().now()):
                raise RequestError("messages", "are too many")
            self._woken.set()

    async def _send(self) -> None:
        while True:
            self._woken.clear()
            if self._is_published:
                await self._take_publication()
            if self._news is not None:
                await self._take_news(self._news)
            match self._playback.step(self._clock.now()):
                case Send() as send:
                    await self._send_batch(send)
                case End():
                    await self._in_time(self._websocket.send_text(messages.END))
                case Wait(until):
                    await self._clock.wait(self._woken, until)

    async def _in_time(self, sending: Coroutine[Any, Any, None]) -> None:
        try:
            async with asyncio.timeout(_SEND_WITHIN_S):
                await sending
        except TimeoutError:
            abort(self._websocket.scope)
            raise WebSocketDisconnect(_ABNORMAL) from None

    async def _take_publication(self) -> None:
        self._is_published = False
        of = self._source.of

        def find(reader: SurfaceReader) -> Source:
            for name in self._source.surfaces:
                reader.surface(name, self._source.layout)
            found = reader.contract_day(of.symbol, of.day)
            return Source(found, self._source.surfaces, self._source.layout, self._source.max_ticks)

        self._source = await self._publication.readers.ask(find, self._client)
        # read from the old file
        self._chunk = None
        await self._in_time(self._websocket.send_text(messages.PUBLISHED))
        self._playback.extend(self._source.of.windows, self._clock.now())

    async def _take_news(self, news: RunNews) -> None:
        """Take the seconds that were added, and say what is new."""
        if news.of is not None and news.of.last_s > self._source.of.last_s:
            self._source = replace(self._source, of=news.of)
            self._playback.extend(news.of.windows, self._clock.now())
        texts, self._seen_news = news.since(self._seen_news)
        for text in texts:
            await self._in_time(self._websocket.send_text(text))

    async def _send_batch(self, send: Send) -> None:
        frames = (await self._chunk_of(send.window_s)).batch(send.window_s)
        await self._in_time(self._send_frames(send, frames))
        # what lies in a buffer is sent without waiting, and would let nobody else in
        await asyncio.sleep(0)

    async def _send_frames(self, send: Send, frames: dict[str, Frame]) -> None:
        websocket = self._websocket
        await websocket.send_text(messages.batch_start(send, frames))
        for name, frame in frames.items():
            await websocket.send_text(messages.surface_header(send, name, frame))
            await websocket.send_bytes(frame.payload)
        await websocket.send_text(messages.batch_end(send))

    async def _chunk_of(self, window_s: int) -> Chunk:
        chunks = self._publication.chunks
        if self._chunk is None or window_s not in self._chunk.windows:
            # at speed 0 nobody watches
            is_urgent = self._playback.speed > 0
            self._chunk = await chunks.get(
                self._source, window_s, self._client, is_urgent=is_urgent
            )
        following = self._chunk.windows.stop
        is_half_way = 2 * (window_s - self._chunk.windows.start) >= len(self._chunk.windows)
        if is_half_way and following in self._source.of.windows:
            chunks.prefetch(self._source, following, self._client)
        return self._chunk
