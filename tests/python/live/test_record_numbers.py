"""A run that starts again publishes its records under the same numbers: each is kept once."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from spymaster.live.attached import Attached
from spymaster.live.captured_run import CapturedRun
from spymaster.live.feeds import Chunk
from spymaster.live.live_run import lived
from spymaster.live.run_folder import RunFolder
from spymaster.live.session import Session
from spymaster.transport.in_process import InProcess
from spymaster.transport.interface import Delivery
from spymaster.transport.kinds import SUBJECTS
from spymaster.transport.messages import MARKET_DATA
from spymaster.transport.outlet import PublishingOutlet
from spymaster.transport.parquet_store import ParquetStore, Written
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S, epoch_ns
from support.explain_lake import SYMBOL
from support.explained_seconds import SPAN, START
from support.live_coming import SIGNALS, Coming
from support.live_feeds import FakeClock
from support.synthetic_book import DAY
from support.transport_runs import KeepingDoubles

SECOND = dt.timedelta(seconds=1)


class Rest:
    """A day that comes, without the records that were captured; its end may be cut off."""

    def __init__(
        self, coming: Coming, clock: FakeClock, captured: Mapping[str, int], until: dt.datetime
    ) -> None:
        self.coming, self.clock, self.captured = coming, clock, captured
        self.until_ns = epoch_ns(until)

    def __iter__(self) -> Iterator[Chunk]:
        left = Counter(self.captured)
        for chunk in self.coming:
            n_there = min(left[chunk.source.name], len(chunk.records))
            left[chunk.source.name] -= n_there
            self.clock.time_ns = max(self.clock.time_ns, self.coming.clock.time_ns)
            if n_there < len(chunk.records) or not len(chunk.records):
                yield Chunk(chunk.source, chunk.records[n_there:])
            if self.clock.time_ns >= self.until_ns:
                raise SpymasterError("the feed", "breaks off")


def start(lake: Lake, folder: RunFolder, clock: FakeClock, to: InProcess, until: dt.datetime):
    captured: Counter[str] = Counter()
    for path in folder.whole_captures:
        part = CapturedRun(path)
        captured.update({source.name: len(part.records(source)) for source in part.sources})
    with Session(lake, SYMBOL, DAY, wanted=[SIGNALS]) as session:
        coming = Coming(session.landed(), FakeClock(), SPAN, seed=len(folder.captures))

    async def connect() -> InProcess:
        return to

    outlet = PublishingOutlet(connect, folder.name, "sim", SYMBOL)

    def attach(_: dt.datetime) -> Attached:
        coming.is_heard.set()
        return Attached([SIGNALS], [outlet])

    feed = Rest(coming, clock, captured, until)
    lived(lake, (SYMBOL, DAY), folder, feed, clock, attach, lambda _: None)


def delivered(transport: InProcess) -> list[Delivery]:
    async def fetch() -> list[Delivery]:
        return await (await transport.consume(MARKET_DATA, "test")).fetch(10**7, 0.01)

    return asyncio.run(fetch())


def kept(folder: Path) -> dict[str, list[tuple[int, bytes]]]:
    """Return number and bytes of the records in Parquet, by the name of their source."""
    found = defaultdict(list)
    for path in folder.glob("*/run=*/*.parquet"):
        if path.parent.parent.name in SUBJECTS:
            for payload in pq.ParquetFile(path).read(["payload"])["payload"].to_pylist():
                event = json.loads(payload)
                found[event["feed"]].append((event["seq"], base64.b64decode(event["record"])))
    return {name: sorted(records) for name, records in found.items()}


def test_every_record_of_the_capture_is_kept_once(explained: Lake, tmp_path: Path) -> None:
    """Cut after a checkpoint and started again, then again without a sound one."""
    folder, transport = RunFolder(explained.live / "numbered"), KeepingDoubles(10**7)
    clock = FakeClock(epoch_ns(START) - NS_PER_S // 2)
    n_told: list[int] = []
    for number, seconds in enumerate((15, 18, 20)):
        before = len(delivered(transport))
        if number == 2:
            folder.checkpoint.write_bytes(folder.checkpoint.read_bytes()[:-1])
        with pytest.raises(SpymasterError, match="breaks off"):
            start(explained, folder, clock, transport, START + seconds * SECOND)
        assert folder.checkpoint.exists() and not folder.is_ended
        n_told.append(len(delivered(transport)) - before)
    parts = [CapturedRun(path) for path in folder.captures]
    assert len(parts) == 3
    # a checkpoint lies between the first record and the cut; without one all comes again
    n_parts = [sum(len(part.records(x)) for x in part.sources) for part in parts]
    n_records = sum(n_parts)
    assert n_parts[1] < n_told[1] < n_parts[0] + n_parts[1]
    assert n_told[2] > n_records
    store, written = ParquetStore(tmp_path / "kept"), Written()
    messages = delivered(transport)
    written += store.write(messages)
    assert written.n_different == written.n_without_key == 0
    found = kept(tmp_path / "kept")
    captured: dict[str, list[bytes]] = defaultdict(list)
    for part in parts:
        for source in part.sources:
            captured[source.name] += [record.tobytes() for record in part.records(source)]
    assert found == {name: [*enumerate(records)] for name, records in captured.items()}
    # beside the records there is a header of each source
    assert written.n_new == n_records + len(captured)
