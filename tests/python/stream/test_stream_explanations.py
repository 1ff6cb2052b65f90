"""Explanations that wait, or that the end of the server meets."""

from __future__ import annotations

import logging
import socket
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator

import pytest
from spymaster.stream import app as application
from spymaster_ingest.lake import Lake
from support.hud_lake import DAY, SYMBOL
from support.stream_server import PATIENCE_S, Served, serving


class SlowExplanations:
    """Stands for ``explain_cell``; each explanation runs until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.may_end = threading.Event()

    def explain_cell(self, connection: object, request: dict[str, str]) -> dict[str, str]:
        self.begun.append(request["column"])
        assert self.may_end.wait(PATIENCE_S)
        return {"column": request["column"]}


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowExplanations]:
    explanations = SlowExplanations()
    module = types.SimpleNamespace(explain_cell=explanations.explain_cell)
    monkeypatch.setitem(sys.modules, "spymaster.explain", module)
    yield explanations
    explanations.may_end.set()


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """What the server logs, from its start."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)


def ask(server: Served, column: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
    path = f"/v1/hud/explain?symbol={SYMBOL}&dt={DAY}&column={column}"
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())
    return connection


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def status_of(connection: socket.socket) -> bytes:
    return connection.recv(1 << 16).split(b" ", 2)[1]


def test_surfaces_do_not_wait_for_explanations(lake: Lake, slow: SlowExplanations) -> None:
    with serving(lake) as server:
        waiting = [ask(server, "waiting") for _ in range(application.MAX_EXPLANATIONS)]
        until(lambda: server.api("explain", column="more").status == 503)
        assert server.api("bootstrap", surfaces="snap", windows="1").status == 200
        # one of them runs
        assert slow.begun == ["waiting"]
        slow.may_end.set()
        assert {status_of(connection) for connection in waiting} == {b"200"}


def test_an_explanation_that_the_end_of_the_server_meets_leaves_no_traceback(
    lake: Lake, slow: SlowExplanations, logged: list[logging.LogRecord]
) -> None:
    with serving(lake) as server:
        waiting = [ask(server, "waiting") for _ in range(3)]
        until(lambda: bool(slow.begun))
        threading.Timer(3, slow.may_end.set).start()
    assert {status_of(connection) for connection in waiting} == {b"503"}
    assert [record.getMessage() for record in logged if record.exc_info] == []
