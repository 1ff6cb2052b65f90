"""What a run says to its screens besides rows: how far it is, quotes between seconds, alerts."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from spymaster_ingest.units import NS_PER_S
from starlette.types import ASGIApp, Receive, Scope, Send

from spymaster.live.feeds import Clock
from spymaster.stream.reader import ContractDay

# alerts that a screen shows which comes later
MAX_ALERTS = 20
# how often the lag of a feed that is silent is said
_SAY_EVERY_S = 1.0
# prefix of what needs a contract-day
_API = "/v1/hud/"
_OF_THE_SERVER = f"{_API}health"


class RunNews:
    """The news of a run, for the thread of the event loop; ``wait`` and ``post`` are for others.

    Args:
        words: beside the clock, such as ``live`` or ``replay 10x``.
        clock: whose time less that of the newest record is the lag; None for a replay.

    Attributes:
        of: the contract-day as far as the run has come; None before its first second.
    """

    def __init__(self, words: str, clock: Clock | None = None) -> None:
        self.of: ContractDay | None = None
        self._words, self._clock = words, clock
        self._reason: str | None = None
        self._newest_ns: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_heard = threading.Event()
        self._begun = asyncio.Event()
        self._listeners: set[Callable[[], None]] = set()
        self._number = 0
        # number and text of the last message of a kind
        self._last: dict[str, tuple[int, str]] = {}
        self._alerts: deque[tuple[int, dict[str, Any]]] = deque(maxlen=MAX_ALERTS)

    def wait(self, timeout_s: float) -> bool:
        """Wait in another thread until the server runs; return whether it does."""
        return self._is_heard.wait(timeout_s)

    def post(self, news: Callable[[], None]) -> None:
        """Have something said, from any thread; a server that has ended says nothing more."""
        if self._loop is None or self._loop.is_closed():
            return
        try:
            self._loop.call_soon_threadsafe(news)
        except RuntimeError:
            # it has ended between the two lines
            return

    async def watch(self) -> None:
        """Take what is posted, and say the lag again and again, for ever."""
        self._loop = asyncio.get_running_loop()
        self._is_heard.set()
        while True:
            await asyncio.sleep(_SAY_EVERY_S)
            if self._clock is not None and self._reason is None:
                self._say_run()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a function after each news, until what is returned is called."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def first(self) -> None:
        """Wait until the run has a second."""
        await self._begun.wait()

    def reach(self, of: ContractDay, newest_ns: int | None) -> None:
        """Say that there are seconds up to the last of a contract-day.

        Args:
            of: the contract-day.
            newest_ns: time of the newest record, ns since 1970; None keeps the last.
        """
        self.of = of
        self._newest_ns = newest_ns or self._newest_ns
        self._begun.set()
        self._say_run()

    def stop(self, reason: str | None) -> None:
        """Say that the run has ended; a reason where it stopped before its feed did."""
        self._reason = reason or ""
        self._begun.set()
        self._say_run()

    def snap(self, fields: Mapping[str, Any]) -> None:
        """Say spot and quotes between two seconds."""
        self._keep("snap", {"type": "snap", **fields})

    def alert(self, fields: Mapping[str, Any]) -> None:
        """Say an alert."""
        self._number += 1
        self._alerts.append((self._number, dict(fields)))
        self._tell()

    def since(self, seen: int | None) -> tuple[list[str], int]:
        """Return the messages after a number, in order, and the last number.

        Args:
            seen: last number that a screen has; None for one that has none: to it what was said
                before is not new.
        """
        after = seen or 0
        found = [(number, text) for number, text in self._last.values() if number > after]
        found += [
            (number, _text({"type": "alert", "is_new": seen is not None, "alert": alert}))
            for number, alert in self._alerts
            if number > after
        ]
        return [text for _, text in sorted(found)], self._number

    def _say_run(self) -> None:
        lag_s = None
        if self._clock is not None and self._newest_ns is not None:
            lag_s = round((self._clock.now_ns() - self._newest_ns) / NS_PER_S, 1)
        newest = None if self.of is None else str(self.of.last_s * NS_PER_S)
        self._keep(
            "run",
            {
                "type": "run",
                "words": self._words,
                "has_stopped": self._reason is not None,
                "reason": self._reason or None,
                "lag_s": lag_s,
                "newest_ts_ns": newest,
            },
        )

    def _keep(self, kind: str, fields: Mapping[str, Any]) -> None:
        self._number += 1
        self._last[kind] = self._number, _text(fields)
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


class AfterFirst:
    """Lets requests for rows wait for the first second of a run."""

    def __init__(self, app: ASGIApp, news: RunNews) -> None:
        self._app, self._news = app, news

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, when it is time."""
        path = scope.get("path", "")
        if path.startswith(_API) and path != _OF_THE_SERVER:
            await self._news.first()
        await self._app(scope, receive, send)


def _text(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, separators=(",", ":"), default=str)
