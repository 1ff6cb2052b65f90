"""``spymaster live`` is killed (SIGKILL) and started again on the same day: nothing is doubled."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from spymaster.live.captured_run import CapturedRun
from spymaster.live.compared import compare_run
from spymaster.live.feeds import times_of
from spymaster.live.lines import SIGNALS, of_origin
from spymaster.live.recorded import LandedDay
from spymaster.live.run_folder import RunFolder, runs_of
from spymaster.live.run_rows import row_files
from spymaster.live.session import Session
from spymaster.published import open_published
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S, epoch_ns
from support.explained_seconds import built as payloads
from support.live_days import SECOND, SYMBOL
from support.live_runs import copied_lake
from support.set_clock import SetClock, start_command
from support.synthetic_book import DAY

# made of the orders of the future alone, a row a second
RELATION = "silver.book_snapshot_1s"
START = dt.datetime.combine(DAY, dt.time(13, 30, 50))
# rows and a checkpoint are written at 13:31 and 13:32, with the last second of the surfaces
KILLED_AT, END = START + 25 * SECOND, START + 70 * SECOND
PATIENCE_S = 300


def wait_for(is_so: Callable[[], bool], why: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, why
        time.sleep(0.005)


class Stream:
    """The records of one source, that a test writes as they come."""

    def __init__(self, day: LandedDay, folder: Path, is_fifo: bool) -> None:
        self.source = day.source
        self.records = np.concatenate(list(day.chunks()))
        self._times = np.maximum.accumulate(times_of(self.records).astype(np.int64))
        self._is_fifo = is_fifo
        self._path = folder / f"{day.source.name}.dbn"
        self.n_written = 0
        self._open()

    @property
    def given(self) -> str:
        """The stream as an argument of the command."""
        return f"{self.source.product_type}={self._path}"

    def write(self, until_ns: int) -> None:
        """Write what has come until a time."""
        end = int(np.searchsorted(self._times, until_ns))
        self._write(self.records[self.n_written : end].tobytes())
        self.n_written = max(self.n_written, end)

    def n_captured(self, folder: RunFolder) -> int:
        """Return how many of its records the files of a run hold."""
        found = 0
        for part in folder.captures:
            path = part / f"{self.source.name}.dbn"
            size = path.stat().st_size if path.exists() else 0
            found += max(size - len(self.source.header), 0) // self.records.dtype.itemsize
        return found

    def begin_again(self) -> None:
        """A FIFO ends with its writer; a file goes on."""
        if self._is_fifo:
            self.close()
            self._path.unlink()
            self._open()

    def close(self) -> None:
        os.close(self._descriptor)

    def _open(self) -> None:
        if self._is_fifo:
            os.mkfifo(self._path)
        # a FIFO opens at once, and stays open when its reader goes
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT)
        self._write(self.source.header)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._descriptor, left) :]


class Living:
    """The command, on streams and a clock that go together."""

    def __init__(self, lake: Lake, folder: Path, is_fifo: bool, relation: str = RELATION) -> None:
        self.lake, self.relation = lake, relation
        with Session(lake, SYMBOL, DAY, wanted=[relation]) as session:
            self.streams = [Stream(day, folder, is_fifo) for day in session.landed()]
        self.clock = SetClock(folder / "clock", epoch_ns(START) - NS_PER_S // 2)
        self.printed: dict[int, str] = {}
        self._output, self._said = folder / "output", folder / "said"

    @property
    def folder(self) -> RunFolder:
        return runs_of(self.lake, SYMBOL, DAY, "live")[-1]

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[str]]:
        given = [stream.given for stream in self.streams]
        command = ("live", "--symbol", SYMBOL, "--relation", self.relation, *given)
        with self._output.open("w") as output, self._said.open("w") as said:
            process = start_command(self.lake, self.clock, *command, stdout=output, stderr=said)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            self._note()

    @property
    def said(self) -> str:
        """What the newest process said."""
        return self._said.read_text()

    def pass_to(self, at: dt.datetime) -> None:
        """Let the day go on and wait for its rows: what has come is captured before its time."""
        end_ns = epoch_ns(at)
        for until_ns in (*range(self.clock.time_ns, end_ns, NS_PER_S // 2), end_ns):
            for stream in self.streams:
                stream.write(until_ns)
            self.wait_until_captured()
            self.clock.time_ns = until_ns
        # past the grace of the last second
        self.clock.time_ns += NS_PER_S // 10
        wait_for(lambda: (self._note() or 0) >= end_ns // 1_000_000, f"no rows of {at}")

    def wait_until_captured(self) -> None:
        wait_for(
            lambda: all(x.n_captured(self.folder) >= x.n_written for x in self.streams),
            "not all was captured",
        )

    def _note(self) -> int | None:
        """Note the lines that are printed, the same whenever; return the time of the last, ms."""
        last = None
        for line in self._output.read_text().splitlines(keepends=True):
            row = json.loads(line) if line.endswith("\n") else {}
            # a moment between two seconds has a time of its own
            if row and "as_of" not in row:
                last = row["ts"] if "ts" in row else _ms_of(row["window_end_ts"])
                assert self.printed.setdefault(last, line[:-1]) == line[:-1]
        return last


def built(lake: Lake) -> list[str]:
    with open_published(lake) as published:
        rows = published.execute(
            f"select * from {RELATION} where symbol = ? and dt = ? and window_end_ts >= ? "
            "and window_end_ts <= ? order by window_end_ts",
            [SYMBOL, DAY, START, END],
        ).to_arrow_table()
    return [json.dumps(row, default=str) for row in rows.to_pylist()]


@pytest.mark.parametrize(
    "is_fifo", [False, pytest.param(True, marks=pytest.mark.long)], ids=["file", "fifo"]
)
def test_a_killed_run_goes_on(explained: Lake, tmp_path: Path, is_fifo: bool) -> None:
    """A file holds what came before, which is read again; a FIFO does not."""
    lake = copied_lake(explained, tmp_path / "lake")
    living = Living(lake, tmp_path, is_fifo)
    with living.started() as process:
        for stream in living.streams:
            stream.write(living.clock.time_ns)
        wait_for(lambda: bool(runs_of(lake, SYMBOL, DAY, "live")), "no run")
        living.wait_until_captured()
        # the day so far is written down: the run knows its first second
        wait_for(living.folder.checkpoint.exists, "no first step")
        living.pass_to(KILLED_AT)
        if not is_fifo:
            # some of it is captured, some is not
            for stream in living.streams:
                stream.write(living.clock.time_ns)
        process.send_signal(signal.SIGKILL)
    if not is_fifo:
        # the day goes on meanwhile; what is printed goes on where the checkpoint stood
        living.clock.time_ns += 3 * NS_PER_S
        for stream in living.streams:
            stream.write(living.clock.time_ns)
    for stream in living.streams:
        stream.begin_again()
    with living.started() as process:
        wait_for(lambda: "going on from" in living.said, "does not go on")
        living.pass_to(END)
        if is_fifo:
            for stream in living.streams:
                stream.close()
            assert process.wait(PATIENCE_S) == 0
        else:
            wait_for(
                lambda: len(row_files(living.folder.rows, RELATION)) == 2,
                "the last minute is not written",
            )
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE_S) == 130
    [folder] = runs_of(lake, SYMBOL, DAY, "live")
    parts = [CapturedRun(part) for part in folder.captures]
    assert len(parts) == 2
    for stream in living.streams:
        records = np.concatenate(
            [part.records(x) for part in parts for x in part.sources if x == stream.source]
        )
        assert np.array_equal(records, stream.records[: stream.n_written]), stream.source.name
    first, last = (epoch_ns(at) // 1_000_000 for at in (START, END))
    in_span = [line for ms, line in sorted(living.printed.items()) if first <= ms <= last]
    assert in_span == built(lake)
    assert len(in_span) == (END - START) // SECOND + 1
    compared = compare_run(explained, folder.path, (SYMBOL, DAY), (START, END - SECOND))
    assert [(one.relation, one.example) for one in compared if one.n_different] == []
    assert {one.relation: one.n_rows for one in compared}[RELATION] > 60


def test_files_that_hold_hours_are_read_together(explained: Lake, tmp_path: Path) -> None:
    """Of a future and its options, all of the day so far before the run starts."""
    lake = copied_lake(explained, tmp_path / "lake")
    living = Living(lake, tmp_path, False, SIGNALS)
    assert len({stream.source.product_type for stream in living.streams}) == 2
    for stream in living.streams:
        stream.write(living.clock.time_ns)
    with living.started() as process:
        wait_for(lambda: bool(runs_of(lake, SYMBOL, DAY, "live")), "no run")
        wait_for(living.folder.checkpoint.exists, "no first step")
        last = START + 12 * SECOND
        living.pass_to(last)
        wait_for(lambda: bool(row_files(living.folder.rows, SIGNALS)), "no minute is written")
        process.kill()
    expected = {
        epoch_ns(at) // 1_000_000: of_origin(payload, "direct_feed")
        for at, payload in payloads(lake, last).items()
    }
    assert len(expected) == 12
    assert {ms: line for ms, line in living.printed.items() if ms in expected} == expected
    compared = compare_run(lake, living.folder.path, (SYMBOL, DAY), (START, last - SECOND))
    assert [(one.relation, one.example) for one in compared if one.n_different] == []


def _ms_of(time_text: str) -> int:
    return epoch_ns(dt.datetime.fromisoformat(time_text)) // 1_000_000
