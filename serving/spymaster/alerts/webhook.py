"""Post alerts to an address: in a thread of its own, retried, and lost rather than waited for."""

from __future__ import annotations

import atexit
import http.client
import json
import os
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from spymaster_ingest.errors import SpymasterError

from spymaster.alerts.alert import Alert

_CONNECTIONS: dict[str, type[http.client.HTTPConnection]] = {
    "http": http.client.HTTPConnection,
    "https": http.client.HTTPSConnection,
}
# answers of a server that may take the same alert later
_LATER = (408, 425, 429, *range(500, 600))
_RETRIED = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Pace:
    """How a webhook waits.

    Attributes:
        timeout_s: seconds for the server to accept a connection, and to answer.
        back_off_s: seconds before each further attempt.
        queued: alerts that wait at most; further ones are lost.
        at_the_end_s: seconds for which the end of the program waits for what is queued.
    """

    timeout_s: float = 2.0
    back_off_s: tuple[float, ...] = (1.0, 5.0, 20.0)
    queued: int = 100
    at_the_end_s: float = 20.0


class Webhook:
    """A sink that posts alerts as JSON. It takes them at once and never fails.

    Args:
        url: http or https. It may hold a secret: only its host is ever said.
        say: takes a line, from another thread: what was lost, and why.
        pace: how it waits.
        wait: waits for some seconds, or less when the webhook closes.

    Raises:
        SpymasterError: The address cannot be used.
    """

    def __init__(
        self,
        url: str,
        say: Callable[[str], None],
        pace: Pace | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        parts = _parts_of(url)
        self._scheme, self._host, self._port = parts.scheme, str(parts.hostname), parts.port
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._say, self._pace = say, pace or Pace()
        self._closing = threading.Event()
        self._wait = wait or self._closing.wait
        self._queue: queue.Queue[bytes | None] = queue.Queue()
        self._room = threading.Semaphore(self._pace.queued)
        self._n_sent = self._n_lost = 0
        self._counting = threading.Lock()
        self._gives_up = False
        # a daemon: a run that fails before it closes this must end
        self._thread = threading.Thread(target=self._run, name=f"webhook {self._host}", daemon=True)
        self._thread.start()

    @property
    def counts(self) -> tuple[int, int]:
        """Alerts sent, and alerts lost."""
        with self._counting:
            return self._n_sent, self._n_lost

    def __call__(self, alert: Alert) -> None:
        """Take an alert; it is lost where too many wait."""
        if self._closing.is_set():
            return
        if not self._room.acquire(blocking=False):
            self._lose("too many alerts wait for it")
            return
        self._queue.put(json.dumps(alert.as_json(), allow_nan=False).encode())

    def close(self) -> None:
        """Try what waits once more each, until one fails; the end of the program waits for it."""
        if not self._closing.is_set():
            self._closing.set()
            self._queue.put(None)
            atexit.register(self.join, self._pace.at_the_end_s)

    def join(self, most_s: float | None = None) -> None:
        """Wait until the last alert is sent or lost; after ``close``.

        Args:
            most_s: seconds to wait at most; None waits for as long as it takes.
        """
        self._thread.join(most_s)

    def _run(self) -> None:
        while (body := self._queue.get()) is not None:
            self._deliver(body)
            self._room.release()
        n_sent, n_lost = self.counts
        if n_lost:
            self._say(f"webhook {self._host}: {n_sent:,} alerts sent, {n_lost:,} lost")

    def _deliver(self, body: bytes) -> None:
        if self._gives_up:
            self._lose("it failed at the end of the run")
            return
        why = ""
        for wait_s in (None, *self._pace.back_off_s):
            if wait_s is not None:
                if self._closing.is_set():
                    self._gives_up = True
                    break
                self._wait(wait_s)
            try:
                status = self._post(body)
            except _RETRIED as error:
                why = _words_of(error)
                continue
            if 200 <= status < 300:
                with self._counting:
                    self._n_sent += 1
                return
            why = f"it answers {status}"
            if status not in _LATER:
                break
        self._lose(why)

    def _post(self, body: bytes) -> int:
        """Return the status of an answer; a redirection is not followed."""
        connection = _CONNECTIONS[self._scheme](
            self._host, self._port, timeout=self._pace.timeout_s
        )
        # each part of an answer may take the time-out: all of it may not
        deadline = threading.Timer(2 * self._pace.timeout_s, _cut, [connection])
        deadline.daemon = True
        deadline.start()
        try:
            connection.request("POST", self._target, body, {"Content-Type": "application/json"})
            return connection.getresponse().status
        finally:
            deadline.cancel()
            connection.close()

    def _lose(self, why: str) -> None:
        with self._counting:
            self._n_lost += 1
            n_lost = self._n_lost
        # each power of two, so that a dead server fills no screen
        if n_lost & (n_lost - 1) == 0:
            self._say(f"webhook {self._host}: {n_lost:,} lost so far: {why}")


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a connection that another thread reads."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def address_of(webhook: str, rule: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the address that a rule names, by itself or by a variable of the environment.

    Raises:
        SpymasterError: The variable is not set.
    """
    if not webhook.startswith("$"):
        return webhook
    name = webhook.removeprefix("$")
    if not environment.get(name):
        raise SpymasterError(
            f"alert rule {rule}",
            f"its webhook is in the variable {name}, which is not set",
            f"export {name}=https://..., or change webhook in spymaster.toml",
        )
    return environment[name]


def webhooks_of(
    addresses: Iterable[str],
    say: Callable[[str], None],
    pace: Pace | None = None,
) -> dict[str, Webhook]:
    """Return a webhook for each address, with its thread begun; none where one cannot be used.

    Raises:
        SpymasterError: An address cannot be used.
    """
    wanted = dict.fromkeys(addresses)
    for address in wanted:
        _parts_of(address)
    return {address: Webhook(address, say, pace) for address in wanted}


def _parts_of(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = (
            parts.scheme in _CONNECTIONS
            and bool(parts.hostname)
            and parts.username is None
            and parts.port != 0
        )
    except ValueError:
        usable = False
    if not usable or any(character.isspace() or not character.isprintable() for character in url):
        # the address may hold a secret
        raise SpymasterError(
            "webhook", "its address is no http:// or https:// address without a user"
        )
    return parts


def _words_of(error: Exception) -> str:
    """Return why a server was not reached, without its address."""
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ssl.SSLError):
        return "its certificate or encryption is not accepted"
    return getattr(error, "strerror", None) or type(error).__name__
