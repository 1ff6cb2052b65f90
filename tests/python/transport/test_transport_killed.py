"""Server, producer, gateway and persister are killed while messages flow; nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake
from support.nats_server import PATIENCE_S, NatsServer, kill, nats_server, wait_for
from support.transport_runs import CHUNK, RUN, payload, whole
from websockets.sync.client import connect

N_CHUNKS = 60


class Program:
    """A program of its own that a test can kill and start again."""

    def __init__(self, *arguments: str, lake: Path) -> None:
        self._arguments, self._lake = arguments, lake
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ
            | {
                LAKE_VARIABLE: str(self._lake),
                "PYTHONPATH": str(PROJECT_ROOT / "tests" / "python"),
            },
        )

    def kill(self) -> None:
        kill(self.process)

    def give(self, numbers: range) -> None:
        assert self.process.stdin
        self.process.stdin.write("".join(f"{number}\n" for number in numbers).encode())
        self.process.stdin.flush()

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().decode().strip()


@contextmanager
def program(*arguments: str, lake: Path) -> Iterator[Program]:
    started = Program(*arguments, lake=lake)
    try:
        yield started
    finally:
        started.kill()


@contextmanager
def command(*arguments: str, lake: Path) -> Iterator[Program]:
    with program("-c", "from spymaster.cli import main; main()", *arguments, lake=lake) as started:
        yield started


def rows(lake: Lake) -> list[tuple[str, str, str]]:
    """Return subject, key and payload of what lies in Parquet.

    Each file is opened once: DuckDB opens it twice, and it may be another one by then.
    """
    found: list[tuple[str, str, str]] = []
    for path in lake.messages.glob("*/run=*/[!.]*.parquet"):
        with path.open("rb") as opened:
            read = pq.read_table(opened, columns=["key", "payload"]).to_pydict()
        subject = path.parent.parent.name
        found += zip(repeat(subject), read["key"], read["payload"], strict=False)
    return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with nats_server(tmp_path) as started:
        yield started


def test_nothing_is_lost_and_nothing_doubled(server: NatsServer, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    program_of = str(PROJECT_ROOT / "tests/python/support/transport_runs.py")
    producing = [program_of, server.url, str(lake.live / RUN)]
    at = ("--nats", server.url)
    with (
        program(*producing, lake=lake.root) as producer,
        command("persist", *at, lake=lake.root) as persister,
        command("gateway", *at, "--port", "0", lake=lake.root) as gateway,
    ):
        producer.give(range(10))
        wait_for(lambda: rows(lake), "nothing is persisted")

        server.kill()
        # the producer does not wait for the server
        producer.give(range(10, 20))
        server.start()
        producer.give(range(20, 25))
        wait_for(lambda: len(rows(lake)) > 15 * CHUNK, "no more after the server")

        # the server is away while the producer dies, whose backlog goes with it
        server.kill()
        producer.give(range(25, 35))
        wait_for(lambda: producer.line() == "34", "not captured")
        producer.kill()
        server.start()
        producer.start()
        # it goes on from its checkpoint: what lies before comes from its files
        producer.give(range(34, 40))

        wait_for(lambda: len(rows(lake)) > 30 * CHUNK, "no more after the producer")
        producer.give(range(40, 50))
        persister.kill()
        producer.give(range(50, N_CHUNKS))
        persister.start()

        address = gateway.line()
        gateway.kill()
        gateway.start()
        address = gateway.line()
        with connect(address, proxy=None) as client:
            wait_for(lambda: json.loads(client.recv(PATIENCE_S))["ts"] == last_ts(), "not newest")

        found = whole(N_CHUNKS)
        # all but its end
        wait_for(lambda: len(rows(lake)) >= len(found) - 1, "not all was persisted")
        assert producer.process.stdin
        producer.process.stdin.close()
        assert producer.process.wait(PATIENCE_S) == 0
        wait_for(lambda: len(rows(lake)) >= len(found), "the end was not persisted")
    assert Counter(rows(lake)) == Counter(
        (message.subject, message.key, message.payload.decode()) for message in found
    )
    assert {path.parent.name for path in lake.messages.rglob("*.parquet")} == {f"run={RUN}"}


def last_ts() -> int:
    return json.loads(payload(N_CHUNKS - 1))["ts"]
