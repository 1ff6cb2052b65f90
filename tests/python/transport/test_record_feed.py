"""The records of a run, from its messages: each once, in order, and what is missing is said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spymaster.live.capture import Capture, captured
from spymaster.live.captured_run import CapturedRun
from spymaster.live.feeds import FUTURE, FUTURE_OPTION, Chunk, Gap, Source
from spymaster.transport.events import Events, Told
from spymaster.transport.heard_run import HeardRun
from spymaster.transport.in_process import InProcess
from spymaster.transport.interface import Delivery
from spymaster.transport.messages import Message, Stream
from spymaster.transport.record_feed import RecordFeed, durable_of
from spymaster_ingest.errors import SpymasterError
from support.live_feeds import FakeClock, bids, source
from support.transport_runs import RUN, SYMBOL, KeepingDoubles

N = 60
FUTURES, OPTIONS = source(), source(FUTURE_OPTION, "ES")
RECORDS = {FUTURES: bids(*range(N)), OPTIONS: bids(*range(0, 2 * N, 2), order_id=7)}
EVENTS = Events(RUN, "sim")


def of(source: Source, first: int, end: int) -> list[Message]:
    return EVENTS.messages(Chunk(source, RECORDS[source][first:end]), first)


def end_of_run() -> Message:
    told = {x.name: Told(N, int(RECORDS[x]["ts_recv"][-1])) for x in RECORDS}
    return EVENTS.end(SYMBOL, told)


HEADERS = [EVENTS.header(x) for x in RECORDS]
MIXED = [
    message
    for first in range(0, N, 20)
    for source in RECORDS
    for message in of(source, first, first + 20)
]


def published(messages: Sequence[Message]) -> InProcess:
    transport = KeepingDoubles()
    asyncio.run(transport.publish(messages))
    return transport


class Reading:
    """A run that captures what it hears, and can be stopped after a number of records."""

    def __init__(self, transport: InProcess, folder: Path) -> None:
        self.transport, self.folder = transport, folder
        self.said: list[str] = []

    def start(self, most: int | None = None) -> None:
        """Read until the end, or until so many records have come."""

        async def connect() -> InProcess:
            return self.transport

        number = len(list(self.folder.glob("*"))) + 1
        feed = RecordFeed(
            connect,
            RUN,
            durable_of(self.folder),
            SYMBOL,
            captured=self.parts,
            say=self.said.append,
        )
        capture, n_records = Capture(self.folder / str(number), FakeClock()), 0
        chunks = captured(feed, capture)
        for chunk in chunks:
            n_records += len(chunk.records)
            if most is not None and n_records >= most:
                break

    @property
    def parts(self) -> list[CapturedRun]:
        return [CapturedRun(x) for x in sorted(self.folder.glob("*")) if (x / "run.json").exists()]

    def records(self, source: Source) -> bytes:
        return b"".join(
            part.records(source).tobytes() for part in self.parts if source in part.sources
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def is_whole(reading: Reading) -> bool:
    return all(reading.records(x) == RECORDS[x].tobytes() for x in RECORDS)


def test_a_capture_is_that_of_the_run(folder: Path) -> None:
    """Between the messages of another run, with doubles of parts and of all."""
    other = Events("run-2", "sim").messages(Chunk(FUTURES, RECORDS[FUTURES][:5]), 0)
    messages = [*HEADERS, *other, *MIXED[:50], *MIXED[10:70], *HEADERS, *MIXED, end_of_run()]
    reading = Reading(published(messages), folder)
    reading.start()
    assert is_whole(reading)
    assert reading.said == []
    [part] = reading.parts
    assert {x.name: x.header for x in part.sources} == {x.name: x.header for x in RECORDS}
    assert not part.gaps


SCHEMAS = [
    *((FUTURE, schema) for schema in ("mbo", "trades", "mbp-10", "mbp-1", "bbo-1s", "definition")),
    *((FUTURE, schema) for schema in ("tbbo", "statistics", "status")),
    *((FUTURE_OPTION, schema) for schema in ("mbo", "trades", "tbbo", "mbp-1", "bbo-1s")),
    *((FUTURE_OPTION, schema) for schema in ("definition", "statistics")),
]


@pytest.mark.parametrize(("product_type", "schema"), SCHEMAS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_bytes_come_back(product_type: str, schema: str, data: st.DataObject) -> None:
    """Any bytes, sent in any parts, some of them twice."""
    of_kind = source(product_type, schema=schema)
    n = data.draw(st.integers(1, 12))
    size = n * of_kind.dtype.itemsize
    records = np.frombuffer(data.draw(st.binary(min_size=size, max_size=size)), of_kind.dtype)
    records = records.copy()
    for name in {"action", "side"} & set(records.dtype.names or ()):
        if records.dtype[name].kind == "S":
            records[name] = b"A"
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=4)))
    messages = [EVENTS.header(of_kind)]
    for first, end in pairwise([0, *cuts, n]):
        messages += EVENTS.messages(Chunk(of_kind, records[first:end]), first)
        messages += EVENTS.messages(Chunk(of_kind, records[:end]), 0)
    deliveries = [Delivery(x.subject, x.payload, x.key, None) for x in messages]
    chunks, done = HeardRun(RUN, [], print).chunks(deliveries)
    assert b"".join(chunk.records.tobytes() for chunk in chunks) == records.tobytes()
    assert all((x.source, x.source.header) == (of_kind, of_kind.header) for x in chunks)
    assert len(done) == len(messages)


@pytest.mark.parametrize("stops", [[1], [30, 10], [119]])
def test_a_run_that_starts_again_goes_on(folder: Path, stops: Sequence[int]) -> None:
    reading = Reading(published([*HEADERS, *MIXED, end_of_run()]), folder)
    for most in stops:
        reading.start(most)
    reading.start()
    assert is_whole(reading)
    assert reading.said == []


def test_what_is_not_on_the_disk_is_not_acknowledged(folder: Path) -> None:
    transport = published([*HEADERS, *MIXED, end_of_run()])
    clock, name = FakeClock(), durable_of(folder)

    async def connect() -> InProcess:
        return transport

    def n_open() -> int:
        # those that came, and are not acknowledged
        return len(transport._streams["MARKET_DATA"].places[name].open)

    capture = Capture(folder / "1", clock)
    n_messages, chunks = len(HEADERS) + len(MIXED) + 1, 0
    feed = RecordFeed(connect, RUN, name, SYMBOL, has_ended=lambda: chunks > 50)
    for chunk in feed:
        chunks += 1
        assert n_open() == n_messages
        # nothing is flushed while the clock stands
        capture.append(chunk)
    assert chunks == 6
    assert n_open() == n_messages
    capture.seal()
    assert sum(len(CapturedRun(folder / "1").records(x)) for x in RECORDS) == 2 * N


def test_records_that_the_stream_does_not_hold_are_a_gap(folder: Path) -> None:
    """At the start, between, at the end; a start after a gap goes on behind it."""
    kept = [*of(FUTURES, 10, 20), *of(OPTIONS, 0, N), *of(FUTURES, 30, 40)]
    reading = Reading(published([*HEADERS, *kept, end_of_run()]), folder)
    reading.start(most=10 + N + 5)
    reading.start()
    records = RECORDS[FUTURES]
    assert reading.records(OPTIONS) == RECORDS[OPTIONS].tobytes()
    assert reading.records(FUTURES) == np.concatenate([records[10:20], records[30:40]]).tobytes()
    times = records["ts_recv"].tolist()
    midnight = times[0] // (86_400 * 10**9) * 86_400 * 10**9
    gaps = [gap for part in reading.parts for gap in part.gaps.get(FUTURES.name, ())]
    assert gaps == [
        Gap(midnight, times[10]),
        Gap(times[19], times[30]),
        Gap(times[39], times[59]),
    ]
    missing = [part.n_missing[FUTURES.name] for part in reading.parts]
    assert sum(missing) == 40
    assert [line.split(" are missing")[0] for line in reading.said] == [
        f"{FUTURES.name}: {n} records of run {RUN}" for n in (10, 10, 20, 20)
    ]


def test_what_cannot_be_read_stops_the_run(folder: Path) -> None:
    of_older = MIXED[0].payload.replace(b'"record"', b'"other"')
    cases = [
        ([MIXED[0], end_of_run()], "the stream holds no header of its records"),
        ([Message(MIXED[0].subject, of_older, MIXED[0].key)], "is not as this version writes it"),
        ([Message(MIXED[0].subject, b"{", MIXED[0].key)], "is not as this version writes it"),
    ]
    for number, (messages, why) in enumerate(cases):
        (folder / str(number)).mkdir()
        with pytest.raises(SpymasterError, match=why):
            Reading(published(messages), folder / str(number)).start()


class Halting(InProcess):
    """A transport that gives one message at a time, and nothing in between."""

    async def consume(self, stream: Stream, durable: str | None, *, in_order: bool = False) -> Any:
        found = await super().consume(stream, durable)
        fetch, turns = found.fetch, count()

        async def one(most: int, within_s: float) -> list[Delivery]:
            return await fetch(1, within_s) if next(turns) % 2 else []

        found.fetch = one  # type: ignore[method-assign]
        return found


def test_no_chunk_is_empty_while_messages_wait() -> None:
    """The clock would end seconds whose records are still to come."""
    transport, n_read = Halting(), 0

    async def connect() -> InProcess:
        return transport

    asyncio.run(transport.publish([HEADERS[0], *of(FUTURES, 0, 5)]))
    feed = RecordFeed(connect, RUN, "test", SYMBOL, has_ended=lambda: n_read > 6)
    sizes = []
    for chunk in feed:
        n_read += 1
        sizes.append(len(chunk.records))
    assert sizes == [1, 1, 1, 1, 1, 0, 0]
