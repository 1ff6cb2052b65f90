"""A small run that is published: its records, its rows, and a program that publishes them.

As a program it reads numbers from standard input, captures the chunk and the row of each, and
publishes them.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from spymaster.live.capture import Capture
from spymaster.live.captured_run import CapturedRun
from spymaster.live.feeds import FUTURE, Chunk, SystemClock
from spymaster.live.run_folder import RunFolder
from spymaster.transport.events import Events, Told, signal
from spymaster.transport.in_process import InProcess
from spymaster.transport.messages import Message
from spymaster.transport.outlet import SIGNALS_RELATION, nats_outlet

from support.dbn_files import DAY_START_NS
from support.live_feeds import SECOND_NS, bids, source

RUN, SYMBOL = "run-1", "ESH4"
CHUNK = 100
START = dt.datetime(2024, 3, 5)
SECOND = dt.timedelta(seconds=1)


def chunk(number: int) -> Chunk:
    """Return the records of a second of the run."""
    begin = number * 1_000
    records = bids(*np.linspace(begin, begin + 999, CHUNK))
    records["order_id"] = np.arange(CHUNK) + number * CHUNK + (1 << 60)
    return Chunk(source(FUTURE, SYMBOL), records)


def payload(number: int) -> str:
    """Return a payload of levels.signals as the relation has it."""
    ts = DAY_START_NS // 1_000_000 + (number + 1) * 1_000
    quotes = {"spot": 5_000.25 + number, "bid": 5_000.0 + number, "ask": None}
    found = {"ts": ts, "source": "replay", "symbol": SYMBOL, "es": quotes, "levels": []}
    return json.dumps(found | {"viewport": {"ts": ts, "targets": []}}, separators=(",", ":"))


class GivenRows:
    """The row of each second of the run."""

    def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> pa.Table:
        assert relation == SIGNALS_RELATION
        numbers = range((from_ts - START) // SECOND, (to_ts - START) // SECOND)
        return pa.table(
            {
                "window_end_ts": [START + (number + 1) * SECOND for number in numbers],
                "payload": [payload(number) for number in numbers],
            }
        )


def expected(n_chunks: int) -> list[Message]:
    """Return the messages of the first seconds of the run."""
    events = Events(RUN, "sim")
    found = []
    for number in range(n_chunks):
        found += events.messages(chunk(number), number * CHUNK)
        end_ns = DAY_START_NS + (number + 1) * SECOND_NS
        found.append(signal(RUN, "sim", SYMBOL, end_ns, payload(number)))
    return found


class KeepingDoubles(InProcess):
    """A transport that keeps what is published again, like a server after its window."""

    async def publish(self, messages: Sequence[Message]) -> None:
        for message in messages:
            for kept in self._streams.values():
                kept.keys.clear()
            await super().publish([message])


def whole(n_chunks: int) -> list[Message]:
    """Return the messages of a run of so many seconds, with its header and its end."""
    events, last = Events(RUN, "sim"), chunk(n_chunks - 1)
    told = {last.source.name: Told(n_chunks * CHUNK, int(last.records["ts_recv"][-1]))}
    return [events.header(last.source), *expected(n_chunks), events.end(SYMBOL, told)]


def write_rows(folder: RunFolder, numbers: range) -> None:
    """Write the rows of seconds of the run as its files, out of their order."""
    of_relation = folder.rows / SIGNALS_RELATION
    of_relation.mkdir(parents=True, exist_ok=True)
    ends = [START + number * SECOND for number in (numbers.start, numbers.stop)]
    rows = GivenRows().rows(SIGNALS_RELATION, *ends)
    name = "_".join(f"{end:%Y%m%dT%H%M%S}" for end in ends)
    shuffled = rows.take(pa.array([*range(1, len(rows)), 0]))
    pq.write_table(shuffled, of_relation / f"{name}.parquet")


def main(url: str, folder: RunFolder) -> None:
    """Publish the seconds that standard input names, and print each once the disk has it."""
    parts = [CapturedRun(path) for path in folder.whole_captures]
    n_captured = sum(len(part.records(x)) for part in parts for x in part.sources) // CHUNK
    outlet = nats_outlet(url, RUN, "sim", SYMBOL, folder=folder)
    capture = Capture(folder.next_capture(), SystemClock())
    for number in map(int, sys.stdin):
        if number >= n_captured:
            capture.append(chunk(number))
            capture.flush()
            write_rows(folder, range(number, number + 1))
        outlet.captured(chunk(number), number * CHUNK)
        outlet.stepped(GivenRows(), START + number * SECOND, START + (number + 1) * SECOND)
        print(number, flush=True)
    outlet.ended(None)


if __name__ == "__main__":
    main(sys.argv[1], RunFolder(Path(sys.argv[2])))
