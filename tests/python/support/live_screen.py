"""A screen of a run whose rows are those of a build, second by second, as a test asks for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from spymaster.live.feeds import Clock
from spymaster.stream.live.screen import LiveScreen
from spymaster_ingest.lake import Lake

from support.live_days import SECOND, SYMBOL, LiveDay, live_day
from support.stream_server import Served
from support.synthetic_book import DAY

MIDNIGHT = dt.datetime.combine(DAY, dt.time())
# in the second minute of the surfaces of ``explain_lake``
FIRST = MIDNIGHT + dt.timedelta(hours=13, minutes=31)
FIRST_S = int(FIRST.replace(tzinfo=dt.UTC).timestamp())
OF = {"symbol": SYMBOL, "dt": str(DAY)}


@dataclass
class Run:
    """A run without a session.

    Attributes:
        screen: its outlet.
        day: whose rows it has.
        at: end of its last second.
    """

    screen: LiveScreen
    day: LiveDay
    at: dt.datetime = MIDNIGHT

    @property
    def served(self) -> Served:
        """The server, for clients."""
        return served_by(self.screen, self.day.lake)

    def go_to(self, second: int) -> None:
        """End all seconds up to one, counted from ``FIRST``, in one step."""
        to_ts = FIRST + second * SECOND
        self.screen.stepped(_Built(self.day), self.at, to_ts)
        self.at = to_ts


def served_by(screen: LiveScreen, lake: Lake) -> Served:
    """Return the server of a screen, for clients."""
    return Served(int(urlsplit(screen.url).port or 0), lake, None)


class _Built:
    def __init__(self, day: LiveDay) -> None:
        self._day = day

    def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> Any:
        return self._day.built(relation, from_ts, to_ts)


@contextmanager
def run_of(lake: Lake, words: str = "replay 10x", clock: Clock | None = None) -> Iterator[Run]:
    """Open the screen of a run that has no second yet."""
    with (
        live_day(lake) as day,
        LiveScreen(lake, SYMBOL, DAY, words=words, clock=clock) as screen,
    ):
        yield Run(screen, day)
