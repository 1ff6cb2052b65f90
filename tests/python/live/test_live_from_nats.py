"""A run that lives from the records of another one, over a real server of NATS."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from spymaster.live.attached import Attached
from spymaster.live.captured_run import CapturedRun
from spymaster.live.feeds import Chunk, Feed, times_of
from spymaster.live.live_run import lived
from spymaster.live.run_folder import RunFolder
from spymaster.live.session import Session
from spymaster.live.sources import RunOfSource, open_source
from spymaster.transport.outlet import nats_outlet
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S, epoch_ns
from support.explain_lake import SYMBOL
from support.explained_seconds import SECONDS, SPAN, START, built
from support.live_coming import SIGNALS, Coming, Heard
from support.live_feeds import FakeClock
from support.nats_server import PATIENCE_S, nats_server
from support.synthetic_book import DAY

END_NS = epoch_ns(START) + SECONDS * NS_PER_S
PRODUCER = "desk.1"


class Timed:
    """A feed whose records take a clock with them, from the first second of a run on."""

    def __init__(self, feed: Feed, clock: FakeClock) -> None:
        self.feed, self.clock, self.is_heard = feed, clock, threading.Event()

    def __iter__(self) -> Iterator[Chunk]:
        nothing = None
        for chunk in self.feed:
            nothing = replace(chunk, records=chunk.records[:0], gap=None, on_disk=None)
            times = np.maximum.accumulate(times_of(chunk.records).astype(np.int64))
            at = int(np.searchsorted(times, epoch_ns(START)))
            if at == len(times):
                yield chunk
                continue
            if at:
                yield replace(chunk, records=chunk.records[:at], on_disk=None)
            assert self.is_heard.wait(PATIENCE_S)
            self.clock.time_ns = max(self.clock.time_ns, int(times[-1]))
            yield replace(chunk, records=chunk.records[at:])
        assert nothing is not None
        self.clock.time_ns = END_NS + NS_PER_S // 10
        yield nothing


def test_a_second_machine_has_the_records_and_the_rows(explained: Lake, tmp_path: Path) -> None:
    with Session(explained, SYMBOL, DAY, wanted=[SIGNALS]) as session:
        landed = session.landed()
    folder = RunFolder(explained.live / "from-nats")
    clock, heard, said = FakeClock(epoch_ns(START) - NS_PER_S // 2), Heard(), list[str]()
    with nats_server(tmp_path) as server:
        coming, n_told = Coming(landed, FakeClock(), SPAN, seed=2), Counter[str]()
        coming.is_heard.set()
        outlet = nats_outlet(server.url, PRODUCER, "replay", SYMBOL)
        for chunk in coming:
            if len(chunk.records):
                outlet.captured(chunk, n_told[chunk.source.name])
                n_told[chunk.source.name] += len(chunk.records)
        outlet.ended(None)
        assert outlet.n_not_sent == 0
        of = RunOfSource(SYMBOL, clock, folder=folder.path, nats_url=server.url, say=said.append)
        feed = Timed(open_source("nats", [PRODUCER], of), clock)

        def attach(_: dt.datetime) -> Attached:
            feed.is_heard.set()
            return Attached([SIGNALS], [heard])

        lived(explained, (SYMBOL, DAY), folder, feed, clock, attach, said.append)
    assert heard.reason is None
    # the day is the first of its lake
    [line] = said
    assert "calibrations are made of the day itself" in line
    [part] = folder.captures
    run = CapturedRun(part)
    assert {source.name for source in run.sources} == {day.source.name for day in landed}
    assert not run.gaps
    for day in landed:
        records = np.concatenate(list(day.chunks()))
        times = np.maximum.accumulate(times_of(records).astype(np.int64))
        expected = records[: int(np.searchsorted(times, END_NS))]
        found = run.records(next(x for x in run.sources if x == day.source))
        assert len(expected) == n_told[day.source.name] > 0
        assert found.tobytes() == expected.tobytes()
    last = START + dt.timedelta(seconds=SECONDS)
    expected_rows = built(explained, last)
    assert len(expected_rows) == SECONDS
    found_rows = {at: x for at, x in heard.payloads.items() if START < at <= last}
    assert found_rows == expected_rows
