"""The outlet of a run that publishes its records and its rows of ``gold.level_signals``.

A thread of its own sends; the run only puts things into a backlog. What finds no room there, and
what a killed run had not sent, comes from the run's files, whose capture is the record of truth.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from spymaster_ingest.console import err
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.units import epoch_ns

from spymaster.live.feeds import Chunk, Source, times_of
from spymaster.live.lines import SIGNALS
from spymaster.live.outlets import Rows, Snap
from spymaster.live.run_folder import RunFolder
from spymaster.transport.backlog import MOST_RECORD_BYTES, MOST_ROWS, Backlog, Batch
from spymaster.transport.events import Events, Origin, Told, signal
from spymaster.transport.interface import NotSentError, Publisher
from spymaster.transport.kinds import kind_of
from spymaster.transport.messages import SNAPS_TABLE, Message
from spymaster.transport.run_files import RunFiles
from spymaster.transport.settings import NatsSettings

SIGNALS_RELATION = SIGNALS
# after the end of a run the rest is sent for as long as some of it arrives within this time
DRAIN_S = 10.0
_AT_ONCE = 500
_RETRY_S = 0.25
# what the publisher has is written down at most so often
KEEP_S = 1.0


def nats_outlet(
    url: str,
    run_id: str,
    source: Origin,
    symbol: str,
    *,
    records: bool = True,
    folder: RunFolder | None = None,
) -> PublishingOutlet:
    """Return an outlet of a run that publishes to NATS.

    A server that cannot be reached stops nothing: what waits is sent once it can.

    Args:
        url: of the server, as ``nats://127.0.0.1:4222``.
        run_id: name of the run; a run that starts again under its name publishes the same keys.
        source: what the messages say: ``replay``, ``sim`` or ``direct_feed``.
        symbol: of the contract whose rows are published.
        records: publish records too, not only rows.
        folder: of the run; with it a run that goes on publishes what it had not sent.

    Raises:
        SpymasterError: The extra ``nats`` is not installed, address, credentials or name cannot be
            used, or a captured part is of another version.
    """
    from spymaster.transport.nats_transport import NatsTransport

    settings = NatsSettings.of(url)

    async def connect() -> Publisher:
        transport = NatsTransport(settings)
        await transport.connect()
        return transport

    files = None if folder is None else RunFiles(folder, url)
    return PublishingOutlet(connect, run_id, source, symbol, records=records, files=files)


class PublishingOutlet:
    """An ``Outlet`` over any publisher.

    Attributes:
        n_sent: messages that the publisher has.
        n_not_sent: messages that it will not get.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Publisher]],
        run_id: str,
        source: Origin,
        symbol: str,
        *,
        records: bool = True,
        files: RunFiles | None = None,
        most_record_bytes: int = MOST_RECORD_BYTES,
        most_rows: int = MOST_ROWS,
        drain_s: float = DRAIN_S,
        keep_s: float = KEEP_S,
        say: Callable[[str], None] = lambda line: err.print(line, markup=False),
    ) -> None:
        """Start the thread that sends.

        Args:
            connect: returns a publisher; called in the thread, again after an error.
            run_id: name of the run.
            source: what the messages say of their source.
            symbol: of the contract whose rows are published.
            records: publish records too.
            files: of the run, which have what it did not send before; None where it has none.
            most_record_bytes: how much of the records may wait.
            most_rows: how many rows may wait.
            drain_s: after the end of the run, the longest time in which nothing arrives.
            keep_s: time between two notes of what the publisher has.
            say: prints a line.
        """
        self._connect, self._say, self._drain_s = connect, say, drain_s
        self._run_id, self._source, self._symbol = run_id, source, symbol
        self._with_records = records
        self._events = Events(run_id, source)
        self._backlog = Backlog(
            self._events, most_record_bytes, most_rows, self._row_of, files, records=records
        )
        self._files, self._keep_s = files, keep_s
        self._told: dict[str, Told] = {}
        self._n_acknowledged, self._row_ns = Counter[str](), 0
        if files is not None:
            self._n_acknowledged, self._row_ns = Counter(files.n_acknowledged), files.row_ns
            for name, of_files in files.sources.items() if records else ():
                self._told[name] = Told(files.n_captured[name], files.last_ns[name])
                self._backlog.add_first(self._events.header(of_files))
        self._kept_s = time.monotonic()
        self._without_subject: set[Source] = set()
        self._batch = Batch()
        self._is_full_said = False
        self._is_waiting = False
        self.n_sent = 0
        self._loop = asyncio.new_event_loop()
        self._woken, self._over = asyncio.Event(), asyncio.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="outlet", daemon=True)
        self._thread.start()

    @property
    def n_not_sent(self) -> int:
        """Messages that the publisher will not get."""
        left = 0
        if not self._thread.is_alive():
            left = len(self._backlog) + len(self._batch.messages)
        return self._backlog.n_dropped + left

    def captured(self, chunk: Chunk, first: int) -> None:
        """Publish records."""
        if not self._with_records or not len(chunk.records):
            return
        if kind_of(chunk.source) is None:
            if chunk.source not in self._without_subject:
                self._without_subject.add(chunk.source)
                self._say(f"{chunk.source.name}: has no subject, its records are not published")
            return
        name, n_told = chunk.source.name, first + len(chunk.records)
        if name not in self._told:
            self._backlog.add_first(self._events.header(chunk.source))
        if name not in self._told or n_told > self._told[name].records:
            self._told[name] = Told(n_told, int(times_of(chunk.records[-1:])[0]))
        self._backlog.add_records(chunk, first)
        self._wake()

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Publish the rows of seconds."""
        found = rows.rows(SIGNALS_RELATION, from_ts, to_ts)
        columns = (found.column(name).to_pylist() for name in ("window_end_ts", "payload"))
        for end_ts, payload in zip(*columns, strict=True):
            row_ns = epoch_ns(end_ts)
            self._backlog.add_row(self._row_of(row_ns, str(payload)), row_ns)
        self._wake()

    def snapped(self, snap: Snap) -> None:
        """Publish a moment between two seconds; while messages wait, none joins them."""
        if snap.payload is None or self._is_waiting:
            return
        self.send(
            signal(
                self._run_id, self._source, self._symbol, snap.time_ns, snap.payload, SNAPS_TABLE
            )
        )

    def send(self, message: Message) -> None:
        """Publish a further message, such as an alert, before the records that wait."""
        self._backlog.add_other(message)
        self._wake()

    def ended(self, reason: str | None) -> None:
        """Send the rest, for as long as that goes on, and say what was not sent."""
        if self._is_over:
            return
        self._is_over = True
        # a run that stopped early may go on
        if reason is None and self._with_records:
            self._backlog.add_last(self._events.end(self._symbol, self._told))
        self._set(self._over)
        self._thread.join()
        if self.n_not_sent:
            self._say(f"{self.n_not_sent:,} messages were not sent; the capture has their records")

    def _row_of(self, row_ns: int, payload: str) -> Message:
        return signal(self._run_id, self._source, self._symbol, row_ns, payload)

    def _wake(self) -> None:
        if self._backlog.is_full and not self._is_full_said:
            self._is_full_said = True
            what = (
                "the oldest messages are left out"
                if self._files is None
                else "the oldest records and rows will come from the files of the run"
            )
            self._say(f"no room for what waits to be sent: {what}")
        self._set(self._woken)

    def _set(self, event: asyncio.Event) -> None:
        # the loop is closed once nothing more is published
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(event.set)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        sending = asyncio.create_task(self._send_all())
        over = asyncio.create_task(self._over.wait())
        await asyncio.wait({sending, over}, return_when=asyncio.FIRST_COMPLETED)
        n_sent = -1
        while not sending.done() and self.n_sent > n_sent:
            n_sent = self.n_sent
            await asyncio.wait({sending}, timeout=self._drain_s)
        over.cancel()
        sending.cancel()
        await asyncio.gather(sending, over, return_exceptions=True)

    async def _send_all(self) -> None:
        """Send until the run is over and nothing waits."""
        publisher: Publisher | None = None
        try:
            while True:
                self._woken.clear()
                if not self._batch.messages:
                    self._batch = self._backlog.take(_AT_ONCE)
                if not self._batch.messages:
                    if self._over.is_set():
                        return
                    await self._next()
                    continue
                try:
                    publisher = publisher or await self._connect()
                    await publisher.publish(self._batch.messages)
                except SpymasterError as error:
                    await self._wait(error)
                    continue
                self._note(self._batch)
                self._say_again()
                if time.monotonic() - self._kept_s >= self._keep_s:
                    await asyncio.to_thread(self._keep)
        except Exception as error:
            self._say(f"nothing more is published: {one_line(error)}")
            raise
        finally:
            self._keep()
            if publisher is not None:
                await publisher.close()

    def _note(self, batch: Batch) -> None:
        """Note that the publisher has a batch."""
        self.n_sent += len(batch.messages)
        for name, count in batch.n_records.items():
            self._n_acknowledged[name] = max(self._n_acknowledged[name], count)
        self._row_ns = max(self._row_ns, batch.row_ns)
        self._batch = Batch()

    def _keep(self) -> None:
        """Write down what the publisher has; a run that goes on sends the rest."""
        if self._files is None:
            return
        self._kept_s = time.monotonic()
        try:
            self._files.keep(self._n_acknowledged, self._row_ns)
        except OSError as error:
            # the run itself stops when its disk is full
            self._say(f"what was sent is not written down: {one_line(error)}")

    async def _next(self) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (self._woken, self._over)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _wait(self, error: SpymasterError) -> None:
        """Say once that messages wait, and why, and let a moment pass."""
        if not self._is_waiting:
            self._is_waiting = True
            what = "" if isinstance(error, NotSentError) else ", which is tried again"
            self._say(f"{error}{what}; messages wait")
        await asyncio.sleep(_RETRY_S)

    def _say_again(self) -> None:
        if self._is_waiting:
            self._is_waiting = False
            self._say(f"messages are sent again, {len(self._backlog):,} wait")
