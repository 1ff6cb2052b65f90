"""Persisting: acknowledged after the disk has it, and ended by Ctrl-C with its counts."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from spymaster.transport.in_process import InProcess
from spymaster.transport.interface import Delivery
from spymaster.transport.messages import MARKET_DATA
from spymaster.transport.parquet_store import ParquetStore, Written
from spymaster.transport.persist import persist
from spymaster_ingest.lake import LAKE_VARIABLE
from support.nats_server import PATIENCE_S, nats_server, wait_for
from support.transport_runs import expected


def test_what_the_disk_does_not_take_comes_again(tmp_path: Path) -> None:
    class Full(ParquetStore):
        def write(self, deliveries: Sequence[Delivery]) -> Written:
            raise OSError(28, "No space left on device")

    async def run() -> list[Delivery]:
        transport = InProcess()
        await transport.publish(expected(1))
        with pytest.raises(OSError, match="No space left"):
            await persist(transport, Full(tmp_path), "test")
        return await (await transport.consume(MARKET_DATA, "test")).fetch(1_000, 0.01)

    assert len(asyncio.run(run())) == 100


def test_ctrl_c_ends_it_with_its_counts(tmp_path: Path) -> None:
    with (
        nats_server(tmp_path) as server,
        subprocess.Popen(
            [
                *(sys.executable, "-c", "from spymaster.cli import main; main()"),
                *("persist", "--nats", server.url),
            ],
            env=os.environ | {LAKE_VARIABLE: str(tmp_path / "lake")},
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        ) as process,
    ):
        try:
            assert process.stderr
            wait_for(lambda: "writing nats" in process.stderr.readline())
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE_S) == 0
            assert "0 messages written" in process.stderr.read()
        finally:
            process.kill()
