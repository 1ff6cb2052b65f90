"""The outlet of a run: nothing waits for it, and what it does not send it counts."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from spymaster.live.feeds import Chunk
from spymaster.live.outlets import Snap
from spymaster.transport.in_process import InProcess
from spymaster.transport.interface import Delivery, NotSentError, Publisher
from spymaster.transport.kinds import SUBJECTS
from spymaster.transport.messages import LEVEL_SIGNALS, MARKET_DATA, Key, Message, Stream
from spymaster.transport.outlet import PublishingOutlet
from support.dbn_files import DAY_START_NS
from support.live_feeds import SECOND_NS, source
from support.nats_server import PATIENCE_S, wait_for
from support.transport_runs import CHUNK, RUN, SECOND, START, SYMBOL, GivenRows, chunk, whole


class Held:
    """A publisher that takes nothing until it may, then fails some times."""

    def __init__(self, to: Publisher, n_failures: int = 0) -> None:
        self._to, self._n_failures = to, n_failures
        self.is_asked, self.may_go = threading.Event(), threading.Event()

    async def publish(self, messages: Sequence[Message]) -> None:
        self.is_asked.set()
        assert await asyncio.to_thread(self.may_go.wait, PATIENCE_S)
        self._n_failures -= 1
        if self._n_failures >= 0:
            # half of them arrive before it fails
            await self._to.publish(messages[: len(messages) // 2])
            raise NotSentError("held", "fails")
        await self._to.publish(messages)

    async def close(self) -> None:
        await self._to.close()


def outlet_to(publisher: Publisher, said: list[str], **options: Any) -> PublishingOutlet:
    async def connect() -> Publisher:
        return publisher

    return PublishingOutlet(connect, RUN, "sim", SYMBOL, say=said.append, **options)


def publish(outlet: PublishingOutlet, numbers: range) -> None:
    for number in numbers:
        outlet.captured(chunk(number), number * CHUNK)
        outlet.stepped(GivenRows(), START + number * SECOND, START + (number + 1) * SECOND)


def taken(transport: InProcess, stream: Stream, within_s: float = 0.01) -> list[Delivery]:
    async def fetch() -> list[Delivery]:
        return await (await transport.consume(stream, "test")).fetch(1_000_000, within_s)

    return asyncio.run(fetch())


def of(deliveries: Sequence[Delivery | Message]) -> list[tuple[str, str, bytes]]:
    return [(one.subject, one.key, one.payload) for one in deliveries]


def seqs(transport: InProcess) -> list[int]:
    """Return the numbers of the records."""
    found = taken(transport, MARKET_DATA)
    return [json.loads(one.payload)["seq"] for one in found if one.subject in SUBJECTS]


def test_a_run_is_published_the_same_twice() -> None:
    found = []
    for _ in range(2):
        transport, said = InProcess(), list[str]()
        outlet = outlet_to(transport, said)
        publish(outlet, range(12))
        outlet.ended(None)
        assert (said, outlet.n_sent, outlet.n_not_sent) == ([], 12 * (CHUNK + 1) + 2, 0)
        streams = (taken(transport, stream) for stream in (MARKET_DATA, LEVEL_SIGNALS))
        found.append([of(stream) for stream in streams])
    assert found[0] == found[1]
    wanted = of(whole(12))
    assert found[0] == [
        [one for one in wanted if one[0].startswith(prefix)] for prefix in ("market", "levels")
    ]


def test_rows_go_before_records_and_failures_are_made_good() -> None:
    transport, said = InProcess(), list[str]()
    held = Held(transport, n_failures=3)
    outlet = outlet_to(held, said)
    outlet.captured(chunk(0), 0)
    assert held.is_asked.wait(PATIENCE_S)
    # the first records are under way
    publish(outlet, range(1, 4))
    outlet.send(Message("alerts.near", b"{}", f"{RUN}:{SYMBOL}:pm_high:5"))
    held.may_go.set()
    outlet.ended(None)
    assert len(said) == 2 and said[0].startswith("held: ")
    # with the end of the run, where that was said by then
    assert said[1] in {f"messages are sent again, {n} wait" for n in (304, 305)}
    assert outlet.n_not_sent == 0
    records = of(taken(transport, MARKET_DATA))
    assert records == [x for x in of(whole(4)) if x[0].startswith("market")]
    assert len(taken(transport, LEVEL_SIGNALS)) == 3


def test_the_run_does_not_wait_and_what_finds_no_room_is_counted() -> None:
    transport, said = InProcess(), list[str]()
    held = Held(transport)
    n_bytes = chunk(0).records.nbytes
    outlet = outlet_to(held, said, most_record_bytes=3 * n_bytes, most_rows=4)
    outlet.captured(chunk(0), 0)
    assert held.is_asked.wait(PATIENCE_S)
    # it would hang here if it waited
    publish(outlet, range(1, 11))
    assert outlet.n_not_sent == 7 * CHUNK + 6
    assert len(said) == 1 and "no room" in said[0]
    held.may_go.set()
    outlet.ended("stopped")
    assert said[-1] == f"{7 * CHUNK + 6} messages were not sent; the capture has their records"
    # the oldest went
    assert seqs(transport) == [*range(CHUNK), *range(8 * CHUNK, 11 * CHUNK)]


def test_the_end_waits_only_while_something_arrives() -> None:
    said: list[str] = []

    async def connect() -> Publisher:
        raise NotSentError("nats://nowhere:1", "cannot be reached")

    outlet = PublishingOutlet(connect, RUN, "sim", SYMBOL, drain_s=0.01, say=said.append)
    publish(outlet, range(2))
    wait_for(lambda: said)
    outlet.ended(None)
    assert said == [
        "nats://nowhere:1: cannot be reached; messages wait",
        "204 messages were not sent; the capture has their records",
    ]
    # nothing fails after the end
    publish(outlet, range(1))
    outlet.ended(None)
    assert len(said) == 2


def test_a_defect_stops_the_publishing_and_not_the_run() -> None:
    class Broken(InProcess):
        async def publish(self, messages: Sequence[Message]) -> None:
            raise ValueError("a defect")

    said: list[str] = []
    outlet = outlet_to(Broken(), said)
    publish(outlet, range(1))
    wait_for(lambda: said)
    publish(outlet, range(1))
    outlet.ended(None)
    assert said == [
        "nothing more is published: a defect",
        "204 messages were not sent; the capture has their records",
    ]


def test_records_without_a_subject_are_said_once() -> None:
    transport, said = InProcess(), list[str]()
    outlet = outlet_to(transport, said)
    bars = source(schema="ohlcv-1s")
    for _ in range(2):
        outlet.captured(Chunk(bars, np.zeros(2, bars.dtype)), 0)
    outlet.captured(chunk(0), 500)
    outlet.ended(None)
    assert said == [f"{bars.name}: has no subject, its records are not published"]
    assert seqs(transport) == list(range(500, 500 + CHUNK))


def test_records_can_be_left_out() -> None:
    transport = InProcess()
    outlet = outlet_to(transport, [], records=False)
    publish(outlet, range(2))
    outlet.ended(None)
    assert not taken(transport, MARKET_DATA)
    assert len(taken(transport, LEVEL_SIGNALS)) == 2


def test_moments_have_keys_of_their_own_and_none_waits() -> None:
    transport, said = InProcess(), list[str]()
    held = Held(transport, n_failures=1)
    held.may_go.set()
    outlet = outlet_to(held, said)
    end_ns = DAY_START_NS + SECOND_NS
    snap = Snap(end_ns, end_ns - SECOND_NS, 1.0, 1.0, 1.25, [], '{"source":"replay","as_of":1}')
    # at the very end of the second
    outlet.snapped(snap)
    publish(outlet, range(1))
    outlet.snapped(snap._replace(payload=None))
    outlet.ended(None)
    found = taken(transport, LEVEL_SIGNALS)
    assert [one.key for one in found] == [
        f"{RUN}:{SYMBOL}:{table}:{end_ns}" for table in ("level_snaps", "level_signals")
    ]
    assert all(Key.read(one.key) for one in found)
    assert json.loads(found[0].payload) == {"source": "sim", "as_of": 1}
    assert {one.subject for one in found} == {"levels.signals"}
    # while the server is away
    waiting, said = Held(InProcess(), n_failures=1_000_000), list[str]()
    waiting.may_go.set()
    outlet = outlet_to(waiting, said, drain_s=0.01)
    publish(outlet, range(1))
    wait_for(lambda: bool(said))
    outlet.snapped(snap)
    outlet.ended(None)
    # records, the header of their feed, the payload of the second, and the end of the run
    assert outlet.n_not_sent == CHUNK + 3
