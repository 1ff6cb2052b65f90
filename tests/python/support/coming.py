"""A day whose records come as a clock goes, and what hears of its run."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
from spymaster.live.feeds import Chunk, times_of
from spymaster.live.outlets import Rows, Snap
from spymaster.live.recorded import LandedDay
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
    in parts of any size, each as the clock passes its last record.
    """

    def __init__(self, inputs: Sequence[LandedDay], clock: FakeClock, seed: int) -> None:
        self.inputs = inputs
        self.clock = clock
        self.is_heard = threading.Event()
        self._rng = np.random.default_rng(seed)

    def __iter__(self) -> Iterator[Chunk]:
        start_ns = ns_of(START)
        end_ns = start_ns + SECONDS * NS
        self.clock.time_ns = start_ns - NS // 2
        given = []
        for day in self.inputs:
            records = np.concatenate(list(day.chunks()))
            times = np.maximum.accumulate(times_of(records).astype(np.int64))
            # of now are the records of the last seconds
            at = int(np.searchsorted(times, start_ns - 10 * NS))
            # an empty chunk would say that nothing of the past comes any more
            if at:
                yield Chunk(day.source, records[:at])
            given.append((day.source, records, times, at))
        step_ns = NS // 20
        for until_ns in range(start_ns - 10 * NS, end_ns + 1, step_ns):
            if until_ns == start_ns:
                yield Chunk(given[0][0], given[0][1][:0])
                assert self.is_heard.wait(120)
            for number, (source, records, times, at) in enumerate(given):
                end = int(np.searchsorted(times, until_ns))
                if until_ns > start_ns and end > at:
                    self.clock.time_ns = max(self.clock.time_ns, int(times[end - 1]))
                # a part may be a single record
                cuts = np.sort(self._rng.integers(at, end + 1, 2)).tolist()
                for first, last in pairwise([at, *cuts, end]):
                    if last > first:
                        yield Chunk(source, records[first:last])
                given[number] = (source, records, times, end)
        self.clock.time_ns = end_ns + NS // 10
        yield Chunk(given[0][0], given[0][1][:0])


class Heard:
    """An outlet that keeps payloads by the end of their second."""

    def __init__(self) -> None:
        self.payloads: dict[dt.datetime, str] = {}
        self.n_records = 0
        self.reason: str | None = "not ended"

    def captured(self, chunk: Chunk, first: int) -> None:
        self.n_records += len(chunk.records)

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        found: pa.Table = rows.rows(SIGNALS, from_ts, to_ts)
        for row in found.to_pylist():
            assert row["window_end_ts"] not in self.payloads
            self.payloads[row["window_end_ts"]] = row["payload"]

    def snapped(self, snap: Snap) -> None:
        # not before the second that it says
        assert dt.datetime.fromtimestamp(snap.as_of_ns / NS, dt.UTC).replace(tzinfo=None) == max(
            self.payloads
        )

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
