"""Messages of NATS become Parquet; acknowledged once they lie on the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from spymaster.transport.interface import Consumer, Delivery, Transport
from spymaster.transport.messages import LEVEL_SIGNALS, MARKET_DATA
from spymaster.transport.parquet_store import ParquetStore, Written

DURABLE = "persist"
# messages come together for this long, or until there are so many
_GATHER_S, _MOST = 2.0, 20_000


async def persist(
    transport: Transport,
    store: ParquetStore,
    durable: str = DURABLE,
    heard: Callable[[Written], None] = lambda _: None,
) -> None:
    """Write ``market.>`` and ``levels.>`` until cancelled.

    Args:
        transport: that keeps the messages.
        store: of the lake, held by this process.
        durable: name under which the transport keeps how far this lake is.
        heard: gets what became of each batch.

    Raises:
        OSError: The disk takes no more.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            for stream in (MARKET_DATA, LEVEL_SIGNALS):
                consumer = await transport.consume(stream, durable)
                tasks.create_task(_follow(consumer, store, heard))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from group


async def _follow(
    consumer: Consumer, store: ParquetStore, heard: Callable[[Written], None]
) -> None:
    while True:
        deliveries = await _gathered(consumer)
        if deliveries:
            written = await asyncio.to_thread(store.write, deliveries)
            await consumer.acknowledge(deliveries)
            heard(written)


async def _gathered(consumer: Consumer) -> list[Delivery]:
    """Return what has come by the end of a while, so that a file is not written for each."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _GATHER_S
    found: list[Delivery] = []
    while len(found) < _MOST and (left := end - loop.time()) > 0:
        found += await consumer.fetch(_MOST - len(found), left)
    return found
