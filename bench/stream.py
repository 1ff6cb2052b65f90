"""``python -m bench.stream``: what a screen waits for, and many screens at once.

Starts `spymaster serve` on the lake of `$SPYMASTER_LAKE` in a process of its own, and measures from
this one over loopback: the first picture, one client without waiting, and many clients at once.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import click
from websockets.asyncio.client import ClientConnection, connect

from bench.builds import Row, at_most, report
from bench.inputs import OUT
from bench.machine import machine_line
from bench.measure import CORES

_FIRST_PICTURE_GOAL_S = 1.5
_COMPACT_GOAL_MB = 6.0
_MEMORY_GROWTH_GOAL = 1.25
_WINDOWS = 1_800
_NS_PER_S = 1_000_000_000
_REPLAYED = 1_500
# seeks of one client, their distance in seconds of the day, and who replays beside it
_SEEKS, _APART_S, _OTHERS = 20, 300, 8
_SEEK_GOAL = 2.0


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        port: its port.
        process: its process.
        of: symbol and day that it opens.
        last_ns: end of the day's last window.
    """

    port: int
    process: int
    of: dict[str, str]
    last_ns: int

    def get(self, endpoint: str, **asked: object) -> tuple[bytes, float]:
        """Return the body of an answer and the seconds it took."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        began = time.perf_counter()
        connection.request("GET", f"/v1/hud/{endpoint}?{urlencode(self.of | asked)}")
        response = connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - began
        connection.close()
        if response.status != 200:
            raise RuntimeError(body.decode())
        return body, seconds

    def stream(self, **asked: object) -> str:
        """Return the address of a stream."""
        return f"ws://127.0.0.1:{self.port}/v1/hud/stream?{urlencode(self.of | asked)}"

    @property
    def resident_mb(self) -> float:
        """Resident memory of the server."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) / 1024


@dataclass
class Received:
    """What a client got.

    Attributes:
        seconds: from the connection to the last batch.
        batches: number of batches.
        skipped: seconds that the server left out.
        payload_bytes: bytes of Arrow.
        delays_s: how much later than by the pace each batch came, against the earliest.
    """

    seconds: float = 0.0
    batches: int = 0
    skipped: int = 0
    payload_bytes: int = 0
    delays_s: list[float] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server on the newest day of the lake."""
    command = [sys.executable, "-c", "from spymaster.cli import main; main()", "serve", "--port=0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            address = urlsplit(process.stdout.readline().strip())
            if address.port is None:
                raise RuntimeError("the server did not start")
            asked = parse_qs(address.query)
            of = {name: asked[name][0] for name in ("symbol", "dt")}
            server = Server(address.port, process.pid, of, 0)
            meta = json.loads(server.get("meta")[0])
            yield Server(address.port, process.pid, of, int(meta["last_window_end_ts_ns"]))
        finally:
            process.terminate()


async def receive(address: str, seconds: float, batches: int, speed: float) -> Received:
    """Read and acknowledge batches for a time, or up to a number."""
    received, began, first_s, earliest = Received(), time.perf_counter(), 0, float("inf")
    async with connect(
        address, compression=None, max_size=None, close_timeout=1, proxy=None
    ) as connection:
        while received.batches < batches and time.perf_counter() - began < seconds:
            message = await connection.recv()
            if isinstance(message, bytes):
                received.payload_bytes += len(message)
                continue
            if '"surface_header"' in message:
                continue
            parsed = json.loads(message)
            if parsed["type"] == "batch_start":
                received.skipped += parsed["skipped"]
                window_s = int(parsed["window_end_ts_ns"]) // _NS_PER_S
                first_s = first_s or window_s
            elif parsed["type"] == "batch_end":
                received.batches += 1
                await connection.send(json.dumps({"type": "ack", "seq": parsed["seq"]}))
                if speed:
                    delay = time.perf_counter() - began - (window_s - first_s) / speed
                    earliest = min(earliest, delay)
                    received.delays_s.append(delay)
            else:
                raise RuntimeError(message)
        received.seconds = time.perf_counter() - began
    received.delays_s = [delay - earliest for delay in received.delays_s]
    return received


def replay(server: Server, layout: str) -> float:
    """Return batches per second of one client without waiting, read from the file."""
    start = server.last_ns - _REPLAYED * _NS_PER_S
    address = server.stream(start_ts_ns=start, speed=0, layout=layout)
    received = asyncio.run(receive(address, 600, _REPLAYED, 0))
    return received.batches / received.seconds


def crowd(
    server: Server, clients: int, seconds: float, speed: float, layout: str, apart_s: int
) -> list[Received]:
    """Return what clients got that begin some seconds of the day apart."""
    longest = int(seconds * speed) + 60
    starts = [server.last_ns - (longest + place * apart_s) * _NS_PER_S for place in range(clients)]

    async def run() -> list[Received]:
        return await asyncio.gather(
            *(
                receive(
                    server.stream(start_ts_ns=start, speed=speed, layout=layout),
                    seconds,
                    10**9,
                    speed,
                )
                for start in starts
            )
        )

    return asyncio.run(run())


async def seek(server: Server, first_ns: int, count: int) -> list[float]:
    """Return how long one client waited for a second that nobody had read, for each of its seeks.

    Args:
        server: server to ask.
        first_ns: end of the window of the first seek; each next one lies past what is read ahead.
        count: number of seeks, each right after the answer to the one before.
    """
    places = [first_ns + number * _APART_S * _NS_PER_S for number in range(count + 1)]
    waits = []
    async with connect(
        server.stream(start_ts_ns=places[0], speed=1, layout="compact"),
        compression=None,
        max_size=None,
        close_timeout=1,
        proxy=None,
    ) as connection:
        await _batch_of(connection, places[0])
        for place in places[1:]:
            began = time.perf_counter()
            await connection.send(json.dumps({"type": "seek", "window_end_ts_ns": str(place)}))
            await _batch_of(connection, place)
            waits.append(time.perf_counter() - began)
    return waits


async def _batch_of(connection: ClientConnection, window_ns: int) -> None:
    """Receive and acknowledge until the batch of a window is whole."""
    is_there = False
    while True:
        message = await connection.recv()
        if isinstance(message, bytes):
            continue
        parsed = json.loads(message)
        if parsed["type"] == "batch_start":
            is_there = parsed["window_end_ts_ns"] == str(window_ns)
        elif parsed["type"] == "batch_end":
            await connection.send(json.dumps({"type": "ack", "seq": parsed["seq"]}))
            if is_there:
                return
        elif parsed["type"] != "surface_header":
            raise RuntimeError(message)


def replay_all(server: Server, first_ns: int, apart_s: int, clients: int, seconds: float) -> int:
    """Return how many batches clients at speed 0 got that begin some seconds of the day apart."""

    async def run() -> int:
        starts = [first_ns + place * apart_s * _NS_PER_S for place in range(clients)]
        found = await asyncio.gather(
            *(
                receive(
                    server.stream(start_ts_ns=start, speed=0, layout="compact"), seconds, 10**9, 0
                )
                for start in starts
            )
        )
        return sum(each.batches for each in found)

    return asyncio.run(run())


def rows_of_seeks(server: Server) -> list[Row]:
    """Measure seeks of one client alone, and beside clients that replay without waiting."""
    end_s = _SEEKS * _APART_S
    first_ns = server.last_ns - 2 * end_s * _NS_PER_S
    alone = statistics.median(asyncio.run(seek(server, first_ns, _SEEKS)))
    # of a process of its own, so that it takes no time from the one that measures
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        others = pool.submit(
            replay_all, server, server.last_ns - 6 * end_s * _NS_PER_S, end_s // 4, _OTHERS, 30.0
        )
        time.sleep(3)
        found = asyncio.run(seek(server, first_ns + end_s * _NS_PER_S, _SEEKS))
        batches = others.result()
    beside = statistics.median(found)
    name = f"a seek to an unread second beside {_OTHERS} clients without waiting"
    return [
        ("a seek to an unread second alone, s", alone, "", None),
        (f"{name}, s", beside, "", None),
        (f"{name}, longest, s", max(found), "", None),
        at_most(f"{name}, times that alone", beside / alone, _SEEK_GOAL),
        ("batches per second of those clients", batches / 30.0, "", None),
    ]


@click.command()
@click.option("--clients", default=20, show_default=True, help="Clients at once.")
@click.option("--seconds", default=30.0, show_default=True, help="How long they stay.")
@click.option("--speed", default=10.0, show_default=True, help="Their speed.")
@click.option("--rounds", default=3, show_default=True, help="First pictures of each layout.")
def main(clients: int, seconds: float, speed: float, rounds: int) -> None:
    """Measure the server on the newest day of the lake."""
    OUT.mkdir(parents=True, exist_ok=True)
    machine = machine_line(CORES)
    rows: list[Row] = []
    with serving() as server:
        rows += rows_of_seeks(server)
        for layout in ("full", "compact"):
            pictures = [server.get("bootstrap", layout=layout) for _ in range(rounds)]
            size = len(pictures[0][0]) / 1e6
            took = statistics.median(each for _, each in pictures)
            name = f"first picture, {_WINDOWS:,} s of ±100 ticks, {layout}"
            rows += [
                at_most(f"{name}, seconds", took, _FIRST_PICTURE_GOAL_S)
                if layout == "compact"
                else (f"{name}, seconds", took, "", None),
                at_most(f"{name}, MB", size, _COMPACT_GOAL_MB)
                if layout == "compact"
                else (f"{name}, MB", size, "", None),
            ]
        for layout in ("full", "compact"):
            for cached in ("from the file", "from the cache"):
                rate = replay(server, layout)
                rows.append((f"batches per second, one client, {layout}, {cached}", rate, "", None))
        for apart_s, where in ((0, "all at one second"), (60, "a minute apart")):
            for layout in ("compact", "full"):
                before = server.resident_mb
                found = crowd(server, clients, seconds, speed, layout, apart_s)
                after = server.resident_mb
                delays = sorted(delay for each in found for delay in each.delays_s)
                name = f"{clients} clients at {speed:g}x, {where}, {layout}"
                rows += [
                    at_most(f"{name}: dropped batches", sum(each.skipped for each in found), 0),
                    (f"{name}: batches", sum(each.batches for each in found), "", None),
                    (f"{name}: late, 99 %, s", delays[int(0.99 * len(delays))], "", None),
                    (f"{name}: latest, s", delays[-1], "", None),
                    (f"{name}: server MB at start", before, "", None),
                    (f"{name}: server MB at end", after, "", None),
                ]
        again = server.resident_mb
        crowd(server, clients, seconds, speed, "full", 60)
        rows.append(
            at_most(
                "server memory after the last again",
                server.resident_mb / again,
                _MEMORY_GROWTH_GOAL,
            )
        )
        title = f"{server.of['symbol']} {server.of['dt']}"
    report(title, machine, rows, "stream.json", clients=clients, seconds=seconds, speed=speed)


if __name__ == "__main__":
    main()
