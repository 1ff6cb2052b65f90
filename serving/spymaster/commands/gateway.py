"""``spymaster gateway``: the newest levels.signals for clients of a WebSocket."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import click
from spymaster_ingest.console import out

from spymaster.transport.settings import NatsSettings, nats_option

_EXAMPLES = """\b
Examples:
  spymaster gateway
  spymaster gateway --port 9001 --nats nats://127.0.0.1:4333
"""


@click.command(name="gateway", epilog=_EXAMPLES)
@nats_option
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Beyond this machine every request needs a token as bearer: that of "
    "SPYMASTER_SERVE_TOKEN, or one that is made and printed.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8_766,
    show_default=True,
    help="Port to listen on, 0 for a free one.",
)
def command(nats_url: str, host: str, port: int) -> None:
    """Relay the newest levels.signals to clients of the WebSocket /ws/stream, until Ctrl-C.

    A client gets the newest payload of each contract, and skips what came while it did not read.
    Of a level, direction SUPPORT becomes DOWN and RESISTANCE UP; signal REJECT becomes BOUNCE,
    CONTESTED and NEUTRAL become NO_TRADE. Needs the extra `nats`.
    """
    from spymaster.stream.guard import Access
    from spymaster.stream.server import listen, server_of, token_of
    from spymaster.transport.gateway import Gateway, gateway_app, relaying
    from spymaster.transport.nats_transport import NatsTransport

    settings = NatsSettings.of(nats_url)
    token, is_new = token_of(host)

    async def run(listening: socket.socket) -> None:
        transport = NatsTransport(settings)
        await transport.connect()
        gateway = Gateway()
        port = listening.getsockname()[1]
        server = server_of(gateway_app(gateway, Access.of(host, port, token)))
        async with relaying(transport, gateway, lambda: setattr(server, "should_exit", True)):
            out.print(f"ws://{f'[{host}]' if ':' in host else host}:{port}/ws/stream", markup=False)
            if is_new:
                out.print(f"token {token}", markup=False)
            await server.serve(sockets=[listening])

    with listen(host, port) as listening, suppress(KeyboardInterrupt):
        asyncio.run(run(listening))
