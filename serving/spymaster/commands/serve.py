"""``spymaster serve``: the screen in a browser, and the stream behind it."""

from __future__ import annotations

import datetime as dt
import webbrowser
from contextlib import suppress
from urllib.parse import urlencode

import click
from spymaster_ingest.console import err, out
from spymaster_ingest.lake import Lake

_EXAMPLES = """\b
Examples:
  spymaster serve --open
  spymaster serve --symbol ESZ5 --dt 2025-10-16 --speed 4 --port 9000
  spymaster serve --open --allow-levels
"""


@click.command(name="serve", epilog=_EXAMPLES)
@click.option("--symbol", help="Contract to open.  [default: that of the newest day]")
@click.option(
    "--dt",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="UTC date to open.  [default: the contract's newest]",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Beyond this machine every request needs a token: that of "
    "SPYMASTER_SERVE_TOKEN, or one that is made and printed.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8_765,
    show_default=True,
    help="Port to listen on, 0 for a free one.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0, 1_000),
    default=1,
    show_default=True,
    help="Seconds of the day that pass in one, 0 for no waiting.",
)
@click.option(
    "--allow-levels",
    is_flag=True,
    help="Let the screen add own levels to levels.csv of the lake, as `spymaster level add` does. "
    "[default: the screen writes nothing]",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the address in the browser.")
def command(
    symbol: str | None,
    day: dt.datetime | None,
    host: str,
    port: int,
    speed: float,
    allow_levels: bool,
    open_browser: bool,
) -> None:
    """Show the published surfaces in the browser, second by second.

    Replays a contract-day at any speed. When a publication adds seconds, a screen at the end goes
    on. Runs until Ctrl-C.
    """
    from spymaster.stream.app import create_app
    from spymaster.stream.guard import Access
    from spymaster.stream.reader import PublishedFile
    from spymaster.stream.reader_pool import ReaderPool
    from spymaster.stream.server import listen, server_of, token_of
    from spymaster.stream.start import opening_day, warm_up
    from spymaster.stream.timing import MonotonicClock

    lake = Lake.from_environment()
    token, is_new = token_of(host)
    readers = ReaderPool(PublishedFile(lake))
    try:
        of = readers.run(lambda reader: opening_day(reader, symbol, day and day.date()))
        with listen(host, port) as listening:
            with err.status(f"reading {of.symbol} {of.day}"):
                readers.run(lambda reader: warm_up(reader, of))
            port = listening.getsockname()[1]
            access = Access.of(host, port, token)
            levels_of = lake if allow_levels else None
            app = create_app(readers, access, MonotonicClock(), levels_of=levels_of)
            server = server_of(app)
            asked = {"symbol": of.symbol, "dt": str(of.day), "speed": f"{speed:g}"}
            page = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
            secret = {} if token is None else {"token": token}
            # a token of the environment is not printed
            out.print(f"{page}?{urlencode(asked | (secret if is_new else {}))}", markup=False)
            if open_browser:
                webbrowser.open(f"{page}?{urlencode(asked | secret)}")
            with suppress(KeyboardInterrupt):
                server.run(sockets=[listening])
    finally:
        readers.close()
