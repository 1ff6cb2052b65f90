"""``spymaster nats``: a server of NATS for this machine."""

from __future__ import annotations

import os

import click
from spymaster_ingest.console import err
from spymaster_ingest.lake import Lake

from spymaster.transport.settings import DEFAULT_PORT

_EXAMPLES = """\b
Examples:
  spymaster nats
  spymaster nats --port 4333
"""


@click.command(name="nats", epilog=_EXAMPLES)
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port to listen on.",
)
def command(port: int) -> None:
    """Run a server of NATS that only this machine reaches, until Ctrl-C.

    Its streams lie in live/jetstream of the lake and are kept for 24 hours. Needs the extra `nats`.
    Where others must reach it, or several machines share it, run a server of your own.
    """
    from spymaster.transport.server import server_command

    lake = Lake.from_environment()
    lake.make_root()
    arguments = server_command(lake.jetstream, port)
    err.print(f"nats://127.0.0.1:{port}", markup=False)
    # the server takes the place of this process, and its signals
    os.execv(arguments[0], arguments)  # noqa: S606 (no shell)
