"""The screen of a run: an outlet that serves the page while the run goes on."""

from __future__ import annotations

import datetime as dt
import threading
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import numpy as np
import pyarrow as pa
from spymaster_ingest.console import err
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.live.feeds import Chunk, Clock
from spymaster.live.outlets import Rows, Snap
from spymaster.stream.app import create_app
from spymaster.stream.errors import reason_of
from spymaster.stream.guard import Access
from spymaster.stream.live.news import RunNews
from spymaster.stream.live.reader import LiveSource
from spymaster.stream.live.relations import RECORDS
from spymaster.stream.live.rows import LiveRows
from spymaster.stream.reader import ContractDay, SurfaceReader
from spymaster.stream.reader_pool import ReaderPool
from spymaster.stream.server import listen, server_of, token_of
from spymaster.stream.start import warm_up
from spymaster.stream.timing import MonotonicClock

# of the day so far, relations with many rows a second are taken in parts of so long
_PART = dt.timedelta(minutes=30)
_MANY_ROWS = {"silver.wall_surface_1s", "silver.vacuum_surface_1s", RECORDS}
_PATIENCE_S = 10.0


class _Step:
    """Rows of some seconds, by relation."""

    def __init__(self, tables: dict[str, list[pa.Table]], to_ts: dt.datetime) -> None:
        self.tables, self.to_ts = tables, to_ts


class _End:
    """The end of the run."""

    def __init__(self, reason: str | None) -> None:
        self.reason = reason


class LiveScreen:
    """Serves the page of a contract-day whose seconds a run adds; an outlet of the run.

    The run's thread copies the rows of a step and goes on. One thread of the screen adds them to
    the rows that are served, another runs the server; a browser that does not read holds neither.

    Args:
        lake: with a published file that knows the contract-day.
        symbol: of the contract.
        day: UTC date.
        words: beside the clock of the page, such as ``live`` or ``replay 10x``.
        host: to listen on. Beyond this machine a request needs a token, as ``spymaster serve``.
        port: to listen on, 0 for a free one.
        clock: whose time less that of the newest record is the lag of the feed; None for a replay.

    Attributes:
        wanted: live relations that the session of the run must hold.
        url: of the page, with the token if one was made.

    Raises:
        SpymasterError: Nothing is published, or the port is taken.
    """

    def __init__(
        self,
        lake: Lake,
        symbol: str,
        day: dt.date,
        *,
        words: str,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
    ) -> None:
        token, is_new = token_of(host)
        self._rows = LiveRows(lake, symbol, day)
        self.wanted = frozenset(self._rows.wanted)
        self._news = RunNews(words, clock)
        self._readers = ReaderPool(LiveSource(self._rows))
        self._newest_ns: int | None = None
        self._has_failed = False
        self._listening = listen(host, port)
        port = self._listening.getsockname()[1]
        access = Access.of(host, port, token)
        self._server = server_of(
            create_app(self._readers, access, MonotonicClock(), news=self._news)
        )
        self.url = _address(host, port, symbol, day, token if is_new else None)
        self._steps: SimpleQueue[_Step | _End | None] = SimpleQueue()
        self._serving = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listening]}, name="screen-server"
        )
        self._adding = threading.Thread(target=self._add, name="screen-rows", daemon=True)
        self._serving.start()
        self._adding.start()
        if not self._news.wait(_PATIENCE_S):
            self.close()
            raise SpymasterError(f"{host}:{port}", "the server did not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def captured(self, chunk: Chunk, first: int) -> None:
        """Take the time of records that the capture has."""
        if len(chunk.records):
            newest_ns = int(np.max(chunk.records["ts_event"]))
            self._newest_ns = max(newest_ns, self._newest_ns or 0)

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Take the rows of seconds whose ends lie in (from_ts, to_ts]."""
        if self._has_failed:
            return
        try:
            tables = {name: _rows_of(rows, name, from_ts, to_ts) for name in sorted(self.wanted)}
        except KeyError as error:
            self._fail(SpymasterError("the run", f"does not hold {error}", "see `wanted`"))
            return
        except Exception as error:
            self._fail(error)
            return
        self._steps.put(_Step(tables, to_ts))

    def ended(self, reason: str | None) -> None:
        """Say on the page that the run has ended; the server goes on until ``close``."""
        self._steps.put(_End(reason))

    def alert(self, alert: Mapping[str, Any]) -> None:
        """Show an alert, from any thread: ``text``, ``ts`` and whatever else it carries."""
        self._news.post(partial(self._news.alert, dict(alert)))

    def snapped(self, snap: Snap) -> None:
        """Show spot, quotes and the distances of levels between two seconds."""
        fields = {
            "ts_ns": str(snap.time_ns),
            "as_of_ns": str(snap.as_of_ns),
            "spot": snap.spot,
            "bid": snap.bid,
            "ask": snap.ask,
            "levels": snap.levels,
        }
        self._news.post(partial(self._news.snap, fields))

    def wait(self) -> None:
        """Wait until the server ends, which nothing but ``close`` or an error makes it do."""
        self._serving.join()

    def close(self) -> None:
        """End the server and forget the rows."""
        self._steps.put(None)
        self._adding.join()
        self._server.should_exit = True
        self._serving.join(_PATIENCE_S)
        self._listening.close()
        self._readers.close()
        self._rows.close()

    def _add(self) -> None:
        """Add the rows of all steps that wait, at once, until the screen closes."""
        is_first = True
        taken: list[_End | None] = []
        while (item := taken.pop() if taken else self._steps.get()) is not None:
            if isinstance(item, _End):
                self._news.post(partial(self._news.stop, item.reason))
                continue
            steps = [item]
            while not taken and not self._steps.empty():
                following = self._steps.get()
                if isinstance(following, _Step):
                    steps.append(following)
                else:
                    taken.append(following)
            try:
                tables: dict[str, list[pa.Table]] = defaultdict(list)
                for each in steps:
                    for relation, parts in each.tables.items():
                        tables[relation] += parts
                self._rows.add(tables, steps[-1].to_ts)
                if self._rows.first_s is None:
                    # no book yet
                    continue
                of = self._readers.run(self._day)
                if is_first:
                    self._readers.run(self._warm_up)
                    is_first = False
                self._news.post(partial(self._news.reach, of, self._newest_ns))
            except Exception as error:
                self._fail(error)
                return

    def _day(self, reader: SurfaceReader) -> ContractDay:
        return reader.contract_day(self._rows.symbol, self._rows.day)

    def _warm_up(self, reader: SurfaceReader) -> None:
        warm_up(reader, self._day(reader))

    def _fail(self, error: Exception) -> None:
        """Say that the screen goes on no more; the run does."""
        self._has_failed = True
        reason = f"the screen cannot go on: {reason_of(error)}"
        err.print(reason, markup=False)
        self._news.post(partial(self._news.stop, reason))


def _rows_of(rows: Rows, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> list[pa.Table]:
    part = _PART if relation in _MANY_ROWS else to_ts - from_ts
    found = []
    while from_ts < to_ts:
        end_ts = min(from_ts + part, to_ts)
        found.append(rows.rows(relation, from_ts, end_ts))
        from_ts = end_ts
    return found


def _address(host: str, port: int, symbol: str, day: dt.date, token: str | None) -> str:
    asked = {"symbol": symbol, "dt": str(day)} | ({} if token is None else {"token": token})
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/?{urlencode(asked)}"
