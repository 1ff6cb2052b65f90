"""Where to look at a decision: its moment on the screen, and the command that answers it."""

from __future__ import annotations

import shlex
from urllib.parse import urlencode

from spymaster_ingest.units import epoch_ns

from spymaster.clock import LocalClock
from spymaster.published import Row

# of `spymaster serve` without options
SCREEN = "http://127.0.0.1:8765/"


def moment_of_screen(symbol: str, day: object, window_end_ns: int) -> str:
    """Return the part of the screen's address that names a moment, from its # on.

    Args:
        symbol: raw symbol of a contract.
        day: UTC date of the partition.
        window_end_ns: end of the window, ns UTC since 1970.
    """
    return f"#{urlencode({'symbol': symbol, 'dt': day, 'ts': window_end_ns})}"


def with_links(row: Row, clock: LocalClock) -> Row:
    """Return a decision with its local time, its address on the screen and its command.

    Args:
        row: symbol, dt, level_id, window_end_ts (naive UTC) and more.
        clock: the lake's clock; the time has the name of its city.
    """
    local = clock.local(row["window_end_ts"])
    at = ["--symbol", row["symbol"], "--dt", str(row["dt"])]
    if row["level_id"] != "spot":
        at += ["--level", row["level_id"]]
    command = ["spymaster", "setups", *at, "--at", f"{local:%H:%M:%S}"]
    moment = moment_of_screen(row["symbol"], row["dt"], epoch_ns(row["window_end_ts"]))
    return row | {
        clock.city.lower().replace(" ", "_"): f"{local:%Y-%m-%d %H:%M:%S}",
        "link": f"{SCREEN}{moment}",
        "command": shlex.join(command),
    }
