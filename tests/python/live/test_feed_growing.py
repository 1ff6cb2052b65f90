"""DBN streams that are still being written, and records that wait."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from spymaster.live.feeds import FUTURE, Chunk
from spymaster.live.growing import GrowingDbn
from spymaster.live.waiting import Waiting
from spymaster_ingest.errors import SpymasterError
from support import dbn_files
from support.live_feeds import MS, SECOND_NS, FakeClock, bids, joined, source

HEADER = dbn_files.metadata("mbo", {dbn_files.ESH4: "ESH4"})
RECORDS = bids(*range(40))


class Writer(FakeClock):
    """A clock that writes the next piece of a file whenever somebody waits."""

    def __init__(self, path: Path, pieces: list[bytes]) -> None:
        super().__init__()
        self.path, self.pieces = path, pieces
        path.touch()

    def wait_until(self, time_ns: int) -> None:
        super().wait_until(time_ns)
        if self.pieces:
            with self.path.open("ab") as stream:
                stream.write(self.pieces.pop(0))

    def has_ended(self) -> bool:
        return not self.pieces


@pytest.fixture
def opened() -> Iterator[Callable[[Path], int]]:
    descriptors: list[int] = []

    def open_(path: Path) -> int:
        descriptors.append(os.open(path, os.O_RDONLY))
        return descriptors[-1]

    yield open_
    for descriptor in descriptors:
        os.close(descriptor)


def cut(data: bytes, seed: int) -> list[bytes]:
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.integers(0, len(data), 25)).tolist()
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@pytest.mark.parametrize("seed", range(5))
def test_a_growing_file_is_read_as_it_grows(
    tmp_path: Path, opened: Callable[[Path], int], seed: int
) -> None:
    """Cut anywhere, also inside the header and inside records."""
    path = tmp_path / "growing.dbn"
    clock = Writer(path, cut(HEADER + RECORDS.tobytes(), seed))
    feed = GrowingDbn(opened(path), path, FUTURE, "ES", clock, clock.has_ended)
    chunks = [*feed]
    assert feed.source.header == HEADER
    assert np.array_equal(np.concatenate([chunk.records for chunk in chunks]), RECORDS)
    assert any(not len(chunk.records) for chunk in chunks)


def piped(*pieces: bytes) -> int:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream:
        for piece in pieces:
            stream.write(piece)
    return reading


def test_a_pipe_ends_with_its_writer() -> None:
    feed = GrowingDbn(piped(HEADER, RECORDS.tobytes()), Path("-"), FUTURE, "ES", FakeClock())
    assert np.array_equal(np.concatenate([chunk.records for chunk in feed]), RECORDS)


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ([HEADER, RECORDS.tobytes()[:-5]], "-: ends inside a record, 51 bytes after record 39"),
        ([HEADER[:50]], "-: ends inside the DBN header"),
        ([dbn_files.compress(HEADER)], "-: is a compressed stream .pass what `zstd -dc` makes"),
        ([b"no records at all"], "-: is not a DBN file"),
        (
            [HEADER, dbn_files.mbp(1).tobytes()],
            "-: record 0: length is 92, mbo records have 14",
        ),
    ],
)
def test_a_stream_that_cannot_be_read_gives_one_line(pieces: list[bytes], why: str) -> None:
    with pytest.raises(SpymasterError, match=why):
        for _ in GrowingDbn(piped(*pieces), Path("-"), FUTURE, "ES", FakeClock()):
            pass


def chunks_of(records: np.ndarray, size: int) -> list[Chunk]:
    return [Chunk(source(), records[at : at + size]) for at in range(0, len(records), size)]


def test_waiting_records_come_in_order() -> None:
    chunks = chunks_of(RECORDS, 3)
    assert joined([*Waiting(chunks)]) == joined(chunks)


def test_a_queue_that_is_full_stops_the_run_after_all_that_came() -> None:
    chunks = chunks_of(RECORDS, 10)
    found: list[Chunk] = []
    with pytest.raises(SpymasterError, match=r"ESH4\.future\.mbo: the run stops: 30 records wait"):
        for chunk in Waiting(chunks, most_records=25):
            found.append(chunk)
            for thread in threading.enumerate():
                if thread.name == "feed":
                    thread.join()
    # the first chunk may have been read before the next one came
    assert len(found) in (3, 4)
    assert joined(found) == joined(chunks[: len(found)])


def test_feeds_that_can_wait_are_not_read_ahead() -> None:
    """However slow their reader is, no more than four chunks of each wait."""
    feeds = [chunks_of(RECORDS, 2), chunks_of(RECORDS, 2)]
    found = [*Waiting(*feeds, most_records=16, can_wait=[True, True])]
    assert len(joined(found)) == 2 * len(RECORDS)


@pytest.mark.parametrize("hours", [0, 3])
def test_feeds_that_hold_the_past_are_merged(hours: int) -> None:
    """The first is read to its end before the second begins; near the clock by the second."""
    times_ms = np.arange(0, 100_000, 700)
    clock = FakeClock(dbn_files.DAY_START_NS + hours * 3_600 * SECOND_NS)
    is_read = threading.Event()

    def first() -> Iterator[Chunk]:
        yield from chunks_of(bids(*times_ms), 25)
        is_read.set()
        # nothing more for now: nobody waits for it
        yield Chunk(source(), RECORDS[:0])

    def second() -> Iterator[Chunk]:
        assert is_read.wait(60)
        options = source("future_option", "ES")
        yield from (Chunk(options, x.records) for x in chunks_of(bids(*(times_ms + 50)), 40))

    chunks = [x for x in Waiting(first(), second(), clock=clock) if len(x.records)]
    of_second = SECOND_NS * (60 if hours else 1)
    # seconds begin with what came after the grace of the one before
    begins = [(x.records["ts_recv"].astype(np.int64) - 50 * MS) // of_second for x in chunks]
    assert sum(map(len, begins)) == 2 * len(times_ms)
    assert np.all(np.diff(np.concatenate(begins)) >= 0)
    assert len(begins) > (3 if hours else 90)


def test_the_error_of_a_source_reaches_the_reader() -> None:
    def failing() -> Iterator[Chunk]:
        yield Chunk(source(), RECORDS[:1])
        raise SpymasterError("ESH4", "the line is down")

    found: list[Chunk] = []
    with pytest.raises(SpymasterError, match="the line is down"):
        found.extend(Waiting(failing()))
    assert joined(found) == [("ESH4.future.mbo", 1)]


@pytest.mark.parametrize(
    ("earlier", "n_left_out"),
    [
        ([RECORDS[:10]], 10),
        ([RECORDS[:10], RECORDS[10:10], RECORDS[10:25]], 25),
        # of another file, before this one was begun
        ([bids(7, 8, 9), RECORDS[:5]], 5),
        ([bids(7, 8, 9)], 0),
        ([RECORDS, RECORDS[:1]], 1),
        ([], 0),
    ],
)
def test_a_file_goes_on_after_what_was_captured(
    tmp_path: Path,
    opened: Callable[[Path], int],
    earlier: list[np.ndarray],
    n_left_out: int,
) -> None:
    path = tmp_path / "growing.dbn"
    path.write_bytes(HEADER + RECORDS.tobytes())
    feed = GrowingDbn(opened(path), path, FUTURE, "ESH4", FakeClock(), lambda: True)
    assert feed.go_on_after(earlier) == n_left_out
    found = np.concatenate([chunk.records for chunk in feed])
    assert np.array_equal(found, RECORDS[n_left_out:])
