"""A day that is lived through: its records come, a clock ends its seconds."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from spymaster.live.attached import Attached
from spymaster.live.captured_run import CapturedRun, Closing
from spymaster.live.feeds import Chunk
from spymaster.live.live_run import lived
from spymaster.live.outlets import Rows
from spymaster.live.recorded import LandedDay
from spymaster.live.run_folder import new_run
from spymaster.live.run_rows import row_files
from spymaster.published import open_published
from spymaster_ingest.lake import Lake
from support.explain_lake import SYMBOL
from support.live_feeds import FakeClock
from support.synthetic_book import DAY

SIGNALS = "gold.level_signals"
START = dt.datetime.combine(DAY, dt.time(13, 30, 50))
SECONDS = 70
NS = 1_000_000_000


def ns_of(at: dt.datetime) -> int:
    return int(at.replace(tzinfo=dt.UTC).timestamp()) * NS


class Coming:
    """The records of a landed day, as a clock that goes with them lets them come.

    Those of before the first second come at once. The others wait until someone listens, then come
    in parts, each as the clock passes its last record; some seconds come late, in a burst.
    """

    def __init__(self, partition: Path, clock: FakeClock, seed: int) -> None:
        self.day = LandedDay(partition)
        self.clock = clock
        self.is_heard = threading.Event()
        self._rng = np.random.default_rng(seed)

    def __iter__(self) -> Iterator[Chunk]:
        source = self.day.source
        records = np.concatenate(list(self.day.chunks()))
        # an order of a snapshot is older than the day
        times = np.maximum.accumulate(records["ts_event"].astype(np.int64))
        start_ns = ns_of(START)
        at = int(np.searchsorted(times, start_ns))
        self.clock.time_ns = start_ns - NS // 2
        yield Chunk(source, records[:at])
        yield Chunk(source, records[:0])
        assert self.is_heard.wait(120)
        end = int(np.searchsorted(times, start_ns + SECONDS * NS))
        while at < end:
            size = int(self._rng.integers(1, 400))
            to = min(at + size, end)
            # a group is not cut by the end of a second
            self.clock.time_ns = max(self.clock.time_ns, int(times[to - 1]))
            yield Chunk(source, records[at:to])
            at = to
        self.clock.time_ns = start_ns + SECONDS * NS + NS // 10
        yield Chunk(source, records[:0])


class Heard:
    """An outlet that keeps payloads by the end of their second."""

    def __init__(self) -> None:
        self.payloads: dict[dt.datetime, str] = {}
        self.n_records = 0
        self.reason: str | None = "not ended"

    def captured(self, chunk: Chunk) -> None:
        self.n_records += len(chunk.records)

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        found: pa.Table = rows.rows(SIGNALS, from_ts, to_ts)
        for row in found.to_pylist():
            assert row["window_end_ts"] not in self.payloads
            self.payloads[row["window_end_ts"]] = row["payload"]

    def ended(self, reason: str | None) -> None:
        self.reason = reason


def built(lake: Lake, end: dt.datetime) -> dict[dt.datetime, str]:
    with open_published(lake) as published:
        return dict(
            published.execute(
                f"select window_end_ts, payload from {SIGNALS} where symbol = ? "
                "and window_end_ts > ? and window_end_ts <= ? order by all",
                [SYMBOL, START, end],
            ).fetchall()
        )


@pytest.mark.parametrize("seed", [1])
def test_payloads_are_those_of_the_build(explained: Lake, seed: int) -> None:
    clock, heard = FakeClock(), Heard()
    with open_published(explained) as published:
        [(path,)] = published.execute(
            "select book_path from silver.contract_days where symbol = ? and dt = ?",
            [SYMBOL, DAY],
        ).fetchall()
    coming = Coming((explained.root / path).parent, clock, seed)
    folder = new_run(explained, SYMBOL, DAY, "live")

    def attach(start: dt.datetime) -> Attached:
        assert start == START - dt.timedelta(seconds=1)
        coming.is_heard.set()
        return Attached([SIGNALS], [heard])

    said: list[str] = []
    end = lived(explained, (SYMBOL, DAY), folder, coming, clock, attach, said.append)
    assert end == START + dt.timedelta(seconds=SECONDS)
    assert heard.reason is None
    expected = built(explained, end)
    assert len(expected) == SECONDS
    assert {at: x for at, x in heard.payloads.items() if at > START} == expected
    # the record says where the clock ended seconds, and the rows are on the disk
    [part] = folder.captures
    closings = [step for step in CapturedRun(part) if isinstance(step, Closing)]
    assert len(closings) > SECONDS // 2
    assert sum(int(x) for x in CapturedRun(part).index["count"]) == heard.n_records
    with open_published(explained) as published:
        kept = published.execute(
            "select count(distinct window_end_ts) from read_parquet($files)",
            {"files": [str(file) for file in row_files(folder.rows, SIGNALS)]},
        ).fetchone()
    assert kept and kept[0] >= SECONDS
