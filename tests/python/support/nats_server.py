"""A server of NATS on a free port of this machine that a test can kill and start again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from spymaster.transport.server import server_command

# longest time to wait for what must come
PATIENCE_S = 60


def wait_for(condition: Callable[[], object], what: str = "what must come did not") -> None:
    """Return when a condition holds."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.05)


class NatsServer:
    """The program of the extra ``nats``, whose streams lie in a folder."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder, self._options = folder, options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, after the first time on the same port."""
        command = server_command(self._folder / "streams", self.port or -1)
        ports = self._folder / "ports"
        ports.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [*command, *self._options, "--ports_file_dir", str(ports)], stderr=subprocess.DEVNULL
        )
        if not self.port:
            file = ports / f"nats-server_{self._process.pid}.ports"
            wait_for(lambda: file.exists() and file.read_text().endswith("}"), "no server")
            [address] = json.loads(file.read_text())["nats"]
            self.port = int(address.rpartition(":")[2])
        wait_for(self._answers, "the server does not listen")

    def kill(self) -> None:
        """End it at once."""
        assert self._process
        kill(self._process)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@contextlib.contextmanager
def nats_server(folder: Path, *options: str) -> Iterator[NatsServer]:
    """Run a server."""
    server = NatsServer(folder, *options)
    try:
        yield server
    finally:
        server.kill()


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process at once, and return when it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.wait(PATIENCE_S)
