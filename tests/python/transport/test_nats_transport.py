"""NATS JetStream as a transport, with its real server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from nats.js.api import StreamConfig
from spymaster.transport.interface import Consumer, Delivery, NotSentError
from spymaster.transport.messages import LEVEL_SIGNALS, MARKET_DATA, STREAMS, Message
from spymaster.transport.nats_transport import NatsTransport
from spymaster.transport.parquet_store import ParquetStore, Written
from spymaster.transport.settings import NatsSettings
from spymaster_ingest.errors import SpymasterError
from support.nats_server import PATIENCE_S, NatsServer, nats_server
from support.transport_runs import expected

MESSAGES = expected(2)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with nats_server(tmp_path) as started:
        yield started


def using(server: NatsServer, use: Callable[[NatsTransport], Awaitable[None]]) -> None:
    async def run() -> None:
        transport = NatsTransport(NatsSettings(server.url))
        await transport.connect(PATIENCE_S)
        try:
            await use(transport)
        finally:
            await transport.close()

    asyncio.run(run())


async def fetched(transport: NatsTransport, n: int, durable: str | None = "test") -> list[Delivery]:
    """Return n messages of the records' stream, not acknowledged."""
    consumer = await transport.consume(MARKET_DATA, durable)
    found: list[Delivery] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(found) < n:
            found += await consumer.fetch(n - len(found), 1.0)
    return found


def test_streams_are_made_once_and_stay_as_they_are(server: NatsServer) -> None:
    async def change(transport: NatsTransport) -> None:
        manager = transport._client.jsm()
        for stream in STREAMS:
            config = (await manager.stream_info(stream.name)).config
            assert (config.subjects, config.max_age) == ([stream.subjects], 24 * 60 * 60)
        await manager.update_stream(
            StreamConfig(name="MARKET_DATA", subjects=["market.>"], max_age=3_600)
        )

    async def look(transport: NatsTransport) -> None:
        manager = transport._client.jsm()
        assert (await manager.stream_info("MARKET_DATA")).config.max_age == 3_600
        await manager.delete_stream("MARKET_DATA")
        await manager.add_stream(StreamConfig(name="MARKET_DATA", subjects=["other.>"]))

    using(server, change)
    using(server, look)
    with pytest.raises(SpymasterError, match=r"MARKET_DATA: is there and does not take market\.>"):
        using(server, look)


def test_a_message_published_again_is_kept_once(server: NatsServer, tmp_path: Path) -> None:
    store = ParquetStore(tmp_path / "parquet")

    async def use(transport: NatsTransport) -> None:
        await transport.publish(MESSAGES)
        server.kill()
        with pytest.raises(NotSentError):
            await transport.publish(MESSAGES)
        server.start()
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    await transport.publish(MESSAGES)
                    break
                except NotSentError:
                    await asyncio.sleep(0.05)
        manager = transport._client.jsm()
        counts = [(await manager.stream_info(x.name)).state.messages for x in STREAMS]
        assert counts == [200, 2, 0]

        # what is not acknowledged comes again
        first = await fetched(transport, 200)
        assert store.write(first) == Written(n_new=200)
        files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
        for delivery in first[:50]:
            await delivery.handle.nak()
        again = await fetched(transport, 50)
        assert {x.key for x in again} == {x.key for x in first[:50]}
        assert store.write(again) == Written(n_known=50)
        assert files == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}

    using(server, use)


def test_a_consumer_in_order_gives_again_what_is_open_before_what_is_later(
    server: NatsServer,
) -> None:
    records = [x.key for x in MESSAGES if x.subject.startswith("market")]

    async def use(transport: NatsTransport) -> None:
        async def read(consumer: Consumer, n: int) -> list[Delivery]:
            found: list[Delivery] = []
            async with asyncio.timeout(PATIENCE_S):
                while len(found) < n:
                    found += await consumer.fetch(n - len(found), 1.0)
            return found

        await transport.publish(MESSAGES)
        n_done = 0
        consumer: Consumer = await transport.consume(MARKET_DATA, "test", in_order=True)
        for is_killed in (False, True, False):
            found = await read(consumer, 50)
            # a server that is killed may have forgotten what was acknowledged
            first = records.index(found[0].key)
            assert first <= n_done
            assert [x.key for x in found] == records[first : first + 50]
            # the server takes acknowledgements before it makes the consumer anew
            for delivery in found[:20]:
                await delivery.handle.ack_sync(PATIENCE_S)
            n_done = first + 20
            if is_killed:
                server.kill()
                server.start()
            else:
                consumer = await transport.consume(MARKET_DATA, "test", in_order=True)
        rest = await read(consumer, len(records) - n_done)
        assert [x.key for x in rest] == records[n_done:]

    using(server, use)


def test_a_consumer_that_keeps_no_place_begins_with_the_newest(server: NatsServer) -> None:
    async def use(transport: NatsTransport) -> None:
        await transport.publish(MESSAGES)
        consumer = await transport.consume(LEVEL_SIGNALS, None)
        async with asyncio.timeout(PATIENCE_S):
            while not (found := await consumer.fetch(10, 1.0)):
                pass
        newest = [x for x in MESSAGES if x.subject == "levels.signals"][-1]
        assert [x.payload for x in found] == [newest.payload]
        # also when the server forgot it
        server.kill()
        server.start()
        later = Message(newest.subject, b"{}", "run-1:ESH4:level_signals:9")
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    await transport.publish([later])
                    break
                except NotSentError:
                    await asyncio.sleep(0.05)
            while not (found := await consumer.fetch(10, 1.0)):
                pass
        assert [x.payload for x in found][-1] == b"{}"

    using(server, use)


def test_a_server_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    async def connect(settings: NatsSettings) -> None:
        await NatsTransport(settings).connect(1.0)

    with nats_server(tmp_path, "--auth", "right-secret") as server:
        with pytest.raises(SpymasterError, match=r"NATS cannot be reached: .*Authorization") as no:
            asyncio.run(connect(NatsSettings(server.url, token="wrong-secret")))
        assert "secret" not in str(no.value)
        asyncio.run(connect(NatsSettings(server.url, token="right-secret")))
        url = server.url
    with pytest.raises(SpymasterError, match=r"NATS cannot be reached.*spymaster nats"):
        asyncio.run(connect(NatsSettings(url)))
