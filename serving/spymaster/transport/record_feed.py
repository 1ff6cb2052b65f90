"""A feed of the records that another run publishes.

A message is acknowledged once its record is on the disk. What is not comes again, in order, and
what is there already is dropped by its number.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import re
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from spymaster.live.captured_run import CapturedRun
from spymaster.live.feeds import FUTURE, Chunk, Source
from spymaster.live.recorded import encoded_header
from spymaster.transport.heard_run import HeardRun
from spymaster.transport.interface import Delivery, Transport
from spymaster.transport.messages import MARKET_DATA, checked_run
from spymaster.transport.settings import NatsSettings

_MOST = 2_000
_WITHIN_S = 0.05
# so often nothing may come while messages wait: half a minute
_MOST_SILENT = 600
_EPOCH = dt.date(1970, 1, 1)


def nats_feed(
    url: str,
    run_id: str,
    folder: Path,
    symbol: str,
    has_ended: Callable[[], bool],
    *,
    captured: Sequence[CapturedRun] = (),
    say: Callable[[str], None] = lambda line: None,
) -> RecordFeed:
    """Return the feed of a run that publishes to NATS.

    Args:
        url: of the server, as ``nats://127.0.0.1:4222``.
        run_id: name of the run that publishes.
        folder: of the run that reads: the server keeps under its name how far it is.
        symbol: of the contract.
        has_ended: whether the run that reads is over.
        captured: its earlier parts.
        say: is given a line where records are missing.

    Raises:
        SpymasterError: The extra ``nats`` is not installed, or address, credentials or name cannot
            be used.
    """
    from spymaster.transport.nats_transport import NatsTransport

    settings = NatsSettings.of(url)

    async def connect() -> Transport:
        transport = NatsTransport(settings)
        await transport.connect()
        return transport

    return RecordFeed(
        connect,
        checked_run(run_id),
        durable_of(folder),
        symbol,
        has_ended,
        captured=captured,
        say=say,
    )


def durable_of(folder: Path) -> str:
    """Return the name under which a transport keeps how far the run of a folder is.

    Runs of two machines have the same name, and each reads all.
    """
    place = f"{socket.gethostname()}:{folder.resolve()}"
    name = re.sub(r"[^A-Za-z0-9_-]", "_", folder.name)
    return f"live-{name}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"


class RecordFeed:
    """The records of a run over any transport. It ends when the run says its end."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Transport]],
        run_id: str,
        durable: str,
        symbol: str,
        has_ended: Callable[[], bool] = lambda: False,
        *,
        captured: Sequence[CapturedRun] = (),
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Make the feed; nothing is opened before it is read.

        Args:
            connect: returns a transport; called once, in the loop of the feed.
            run_id: name of the run that publishes.
            durable: name under which the transport keeps how far the feed is.
            symbol: of the contract.
            has_ended: whether the run that reads is over.
            captured: its earlier parts, after which the feed goes on.
            say: is given a line where records are missing.
        """
        self._connect, self._durable, self._symbol = connect, durable, symbol
        self._has_ended = has_ended
        self._heard = HeardRun(run_id, captured, say)
        # messages whose records are on the disk
        self._kept: list[Delivery] = []
        # fetches since the last message, after which others waited
        self._is_behind, self._n_silent = True, 0

    def __iter__(self) -> Iterator[Chunk]:
        """Yield the records that are new, and an empty chunk when none has come for a while.

        While messages wait, no chunk is empty: the clock ends seconds with it, and the records of
        the day so far would be late.

        Raises:
            SpymasterError: The server cannot be reached at the start, or a message of the run is
                not as this version writes it.
        """
        with asyncio.Runner() as runner:
            transport = runner.run(self._connected())
            try:
                consumer = runner.run(transport.consume(MARKET_DATA, self._durable, in_order=True))
                while not self._heard.is_ended and not self._has_ended():
                    deliveries = runner.run(consumer.fetch(_MOST, _WITHIN_S))
                    may_more_come = self._may_more_come(deliveries)
                    chunks, done = self._heard.chunks(deliveries)
                    if chunks:
                        yield from self._noted(chunks, done)
                    else:
                        self._kept += done
                        if not may_more_come:
                            yield self._nothing()
                    kept, self._kept = self._kept, []
                    if kept:
                        runner.run(consumer.acknowledge(kept))
            finally:
                runner.run(transport.close())

    @property
    def sources(self) -> Sequence[Source]:
        """Return the sources that the run has told of so far."""
        return self._heard.sources

    async def _connected(self) -> Transport:
        return await self._connect()

    def _noted(self, chunks: Sequence[Chunk], done: Sequence[Delivery]) -> Iterator[Chunk]:
        """Yield chunks; when the last is on the disk, their messages are."""
        yield from chunks[:-1]

        def on_disk() -> None:
            self._kept += done

        yield replace(chunks[-1], on_disk=on_disk) if done else chunks[-1]

    def _may_more_come(self, deliveries: Sequence[Delivery]) -> bool:
        """Return whether messages wait, by those that came last."""
        if deliveries:
            self._is_behind, self._n_silent = deliveries[-1].n_waiting > 0, 0
        self._n_silent += 1
        return self._is_behind and self._n_silent <= _MOST_SILENT

    def _nothing(self) -> Chunk:
        sources = self._heard.sources
        if not sources:
            header = encoded_header("", "mbo", {}, _EPOCH, (0, None))
            sources = [Source("mbo", FUTURE, self._symbol, header)]
        return Chunk(sources[0], np.empty(0, sources[0].dtype))
