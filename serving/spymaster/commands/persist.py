"""``spymaster persist``: messages of NATS as Parquet in the lake."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import click
from spymaster_ingest.console import err
from spymaster_ingest.lake import Lake

from spymaster.transport.settings import NatsSettings, nats_option

_EXAMPLES = """\b
Examples:
  spymaster persist
  spymaster persist --nats nats://127.0.0.1:4333
  spymaster persist --durable second-lake
"""


@click.command(name="persist", epilog=_EXAMPLES)
@nats_option
@click.option(
    "--durable",
    default="persist",
    show_default=True,
    help="Name under which NATS keeps how far this lake is; each lake needs its own.",
)
def command(nats_url: str, durable: str) -> None:
    """Write market.* and levels.* of NATS to Parquet, until Ctrl-C.

    Files lie in live/nats of the lake: <subject>/run=<run>/<second>.parquet, with one row per key.
    A message is acknowledged once its file is on the disk, so none is lost; one that comes twice
    changes nothing. It goes on where it ended, within the 24 hours that NATS keeps messages. One
    process per lake. Needs the extra `nats`.
    """
    from spymaster.transport.nats_transport import NatsTransport
    from spymaster.transport.parquet_store import ParquetStore, Written
    from spymaster.transport.persist import persist

    lake = Lake.from_environment()
    lake.make_root()
    settings = NatsSettings.of(nats_url)
    store = ParquetStore(lake.messages)
    written = Written()

    def add(batch: Written) -> None:
        nonlocal written
        if batch.n_without_key and not written.n_without_key:
            err.print("messages without a key of a run are left out")
        if batch.n_different and not written.n_different:
            err.print("keys come again with other payloads: the first ones stay")
        written += batch

    async def run() -> None:
        transport = NatsTransport(settings)
        await transport.connect()
        try:
            err.print(f"writing {nats_url} to {lake.messages}", markup=False)
            await persist(transport, store, durable, add)
        finally:
            await transport.close()

    with store.locked(), suppress(KeyboardInterrupt):
        asyncio.run(run())
    err.print(
        f"{written.n_new:,} messages written, {written.n_known:,} came again, "
        f"{written.n_different:,} came with other payloads, "
        f"{written.n_without_key:,} without a key were left out"
    )
