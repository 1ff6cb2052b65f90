"""A webhook against servers on loopback that work, fail, hang and drip; two seconds in all."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from spymaster.alerts.alert import Alert
from spymaster.alerts.webhook import Pace, Webhook, address_of, webhooks_of
from spymaster_ingest.errors import SpymasterError
from support.alert_rows import START

# deadline of what ends by itself
LONG_S = 60.0
ALERT = Alert(
    START, "ESZ5", "near", "near", "near", "pm_high", 1.0, 2.0, 4, None, None, None, "not evaluated"
)


@dataclass
class Server:
    """What a server was sent, and what it answers by number of the request."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    leave: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(answer: Callable[[Server, int, BaseHTTPRequestHandler], None]) -> Iterator[Server]:
    """Serve on loopback; the answer takes the number of the request, from 1."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            state.bodies.append(json.loads(self.rfile.read(length)))
            state.came.release()
            answer(state, len(state.bodies), self)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/hook/TOKEN?key=SECRET"
    try:
        yield state
    finally:
        state.leave.set()
        server.shutdown()
        thread.join(LONG_S)
        server.server_close()


def status(code: int) -> Callable[[Server, int, BaseHTTPRequestHandler], None]:
    def answer(state: Server, number: int, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Location", "/elsewhere")
        handler.end_headers()

    return answer


def posted(
    url: str, n_alerts: int, pace: Pace, wait: Callable[[float], object] | None = None
) -> tuple[tuple[int, int], list[str]]:
    """Return what came of alerts, sent and lost, and what was said, after the last one."""
    said: list[str] = []
    webhook = Webhook(url, said.append, pace, wait)
    for _ in range(n_alerts):
        webhook(ALERT)
    webhook.close()
    webhook.join()
    assert not any("TOKEN" in line or "SECRET" in line for line in said)
    return webhook.counts, said


def test_an_alert_is_posted_as_json() -> None:
    with serving(status(204)) as server:
        counts, said = posted(server.url, 3, Pace(timeout_s=LONG_S))
    assert counts == (3, 0)
    assert server.bodies == [ALERT.as_json()] * 3
    assert not said


def test_a_server_that_fails_twice_gets_it_with_the_third_attempt() -> None:
    waits: list[float] = []

    def answer(state: Server, number: int, handler: BaseHTTPRequestHandler) -> None:
        status(503 if number < 3 else 200)(state, number, handler)

    with serving(answer) as server:
        webhook = Webhook(
            server.url, print, Pace(timeout_s=LONG_S, back_off_s=(1, 5, 20)), waits.append
        )
        webhook(ALERT)
        for _ in range(3):
            assert server.came.acquire(timeout=LONG_S)
        webhook.close()
        webhook.join()
    assert webhook.counts == (1, 0)
    assert waits == [1, 5]


@pytest.mark.parametrize(
    ("code", "attempts", "words"),
    [(500, 3, "it answers 500"), (404, 1, "it answers 404"), (302, 1, "it answers 302")],
)
def test_what_a_server_refuses_is_lost_and_said(code: int, attempts: int, words: str) -> None:
    """An error of the server is tried again; a refusal and a redirection are not."""
    said: list[str] = []
    lost = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        lost.set()

    with serving(status(code)) as server:
        webhook = Webhook(
            server.url,
            say,
            Pace(timeout_s=LONG_S, back_off_s=(1, 5)),
            lambda seconds: None,
        )
        webhook(ALERT)
        for _ in range(attempts):
            assert server.came.acquire(timeout=LONG_S)
        # closing earlier would end the attempts
        assert lost.wait(LONG_S)
        webhook.close()
        webhook.join()
    assert webhook.counts == (0, 1)
    assert len(server.bodies) == attempts
    assert said == [
        f"webhook 127.0.0.1: 1 lost so far: {words}",
        "webhook 127.0.0.1: 0 alerts sent, 1 lost",
    ]


def test_a_server_that_hangs_loses_alerts_and_blocks_nothing() -> None:
    """What the queue has no room for is lost at once; at the end one attempt fails for all."""

    def hang(state: Server, number: int, handler: BaseHTTPRequestHandler) -> None:
        state.leave.wait(LONG_S)

    with serving(hang) as server:
        pace = Pace(timeout_s=0.05, back_off_s=(1,), queued=4)
        waiting, go_on = threading.Event(), threading.Event()

        def wait(seconds: float) -> None:
            waiting.set()
            go_on.wait(LONG_S)

        said: list[str] = []
        webhook = Webhook(server.url, said.append, pace, wait)
        webhook(ALERT)
        # its first attempt has failed
        assert waiting.wait(LONG_S)
        for _ in range(10):
            webhook(ALERT)
        # room for four, one of them the alert that is tried
        assert webhook.counts == (0, 7)
        webhook.close()
        go_on.set()
        webhook.join()
    assert webhook.counts == (0, 11)
    assert "webhook 127.0.0.1: 1 lost so far: too many alerts wait for it" in said
    assert "webhook 127.0.0.1: 8 lost so far: it does not answer" in said
    assert said[-1] == "webhook 127.0.0.1: 0 alerts sent, 11 lost"
    webhook(ALERT)
    assert webhook.counts == (0, 11)


def test_a_server_that_answers_byte_by_byte_is_cut_off() -> None:
    def drip(state: Server, number: int, handler: BaseHTTPRequestHandler) -> None:
        try:
            while not state.leave.wait(0.005):
                handler.wfile.write(b"X")
                handler.wfile.flush()
        except OSError:
            pass

    with serving(drip) as server:
        counts, said = posted(server.url, 1, Pace(timeout_s=0.2, back_off_s=()))
    assert counts == (0, 1)
    assert said


def test_a_server_that_is_not_there_is_said() -> None:
    with serving(status(200)) as server:
        url = server.url
    counts, said = posted(url, 2, Pace(timeout_s=LONG_S))
    assert counts == (0, 2)
    assert "Connection refused" in said[0]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "https://",
        "https://user:SECRET@desk.example/",
        "http://desk.example:99999/",
        "http://desk.example:0/",
        "http://desk.example/a b",
        "http://desk.example/\r\nX: y",
        "desk.example/SECRET",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_text(url: str) -> None:
    with pytest.raises(SpymasterError, match="is no http:// or https:// address") as raised:
        webhooks_of([url], print)
    assert "SECRET" not in str(raised.value)


def test_an_address_may_come_from_the_environment() -> None:
    assert address_of("https://a/", "near", {}) == "https://a/"
    assert address_of("$DESK", "near", {"DESK": "https://b/"}) == "https://b/"
    for environment in ({}, {"DESK": ""}):
        with pytest.raises(SpymasterError, match=r"alert rule near: .* DESK, which is not set"):
            address_of("$DESK", "near", environment)
