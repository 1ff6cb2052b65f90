"""The record of a run: whole, in order, on the disk before anything reads it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import databento
import numpy as np
import pytest
from spymaster.live import capture as captures
from spymaster.live.capture import CLOSED, ENTRY, INDEX, RUN, Capture, captured
from spymaster.live.captured_run import CapturedRun, Closing
from spymaster.live.feeds import FUTURE_OPTION, Chunk, Gap, Source
from spymaster.live.replay import Replay
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support.dbn_files import DAY_START_NS, ESH4
from support.landing_lake import land_ok, manifest_of, mbo_partition
from support.live_feeds import MS, FakeClock, Given, bids, joined, source, write_records

RECORDS = bids(0, 1, 1, 1, 2, 300, 301, 900, 900, 1_400)
OPTIONS = bids(1, 2, 2, 700, 901, instrument_id=[7, 8, 8, 7, 7])


def replay(clock: FakeClock, speed: float = 0) -> Replay:
    inputs = [Given(source(), RECORDS, [4]), Given(source(FUTURE_OPTION), OPTIONS)]
    return Replay(inputs, clock, speed=speed)


def test_a_captured_run_gives_its_chunks_again(tmp_path: Path) -> None:
    clock = FakeClock()
    chunks = [*captured(replay(clock), Capture(tmp_path / "run", clock))]
    run = CapturedRun(tmp_path / "run")
    assert [x.name for x in run.sources] == ["ESH4.future.mbo", "ESH4.future_option.mbo"]
    assert joined([step for step in run if isinstance(step, Chunk)]) == joined(chunks)
    assert run.index["seq"].tolist() == [0, *np.cumsum(run.index["count"])[:-1]]


def test_the_index_counts_records_by_instrument_and_event(tmp_path: Path) -> None:
    clock = FakeClock()
    assert list(captured(replay(clock), Capture(tmp_path / "run", clock)))
    run = CapturedRun(tmp_path / "run")
    for which, records in zip(run.sources, (RECORDS, OPTIONS), strict=True):
        start_ns = DAY_START_NS + MS
        expected: dict[tuple[int, int], int] = {}
        for record in records[records["ts_event"] >= start_ns]:
            key = (int(record["instrument_id"]), int(record["ts_event"]))
            expected[key] = expected.get(key, 0) + 1
        assert run.counts(which, start_ns) == expected


def test_a_captured_file_is_read_by_the_vendor_and_landed_like_the_original(tmp_path: Path) -> None:
    clock = FakeClock()
    assert list(captured(replay(clock), Capture(tmp_path / "run", clock)))
    file = tmp_path / "run" / "ESH4.future.mbo.dbn"
    assert np.array_equal(databento.DBNStore.from_file(file).to_ndarray(), RECORDS)
    hashes = []
    for name, path in (
        ("captured", file),
        ("original", write_records(tmp_path / "day.mbo.dbn", RECORDS)),
    ):
        lake = Lake(tmp_path / name)
        land_ok(lake, path)
        hashes.append(manifest_of(mbo_partition(lake))["content_hash"])
    assert hashes[0] == hashes[1]


def test_records_are_written_before_they_are_read(tmp_path: Path) -> None:
    clock, seen = FakeClock(), 0
    for chunk in captured(replay(clock), Capture(tmp_path / "run", clock)):
        path = tmp_path / "run" / f"{chunk.source.name}.dbn"
        assert path.read_bytes().endswith(chunk.records.tobytes())
        seen += 1
    assert seen > 3


def test_the_disk_has_all_records_every_quarter_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After every chunk, records that were captured a quarter second ago are synced and indexed."""
    clock, synced = FakeClock(), dict[int, int]()

    def fsync(descriptor: int) -> None:
        synced[os.fstat(descriptor).st_ino] = os.fstat(descriptor).st_size

    monkeypatch.setattr(captures.os, "fsync", fsync)
    capture = Capture(tmp_path / "run", clock)
    came: list[tuple[int, int]] = []
    for chunk in captured(replay(clock, speed=1), capture):
        came += [(clock.time_ns, len(chunk.records))]
        index = tmp_path / "run" / INDEX
        size = synced.get(index.stat().st_ino, 0)
        entries = np.frombuffer(index.read_bytes()[:size], ENTRY)
        old = sum(count for at_ns, count in came if at_ns <= clock.time_ns - 250 * MS)
        assert entries["count"].sum() >= old
        named = int(entries["count"][entries["source"] == 0].sum())
        file = tmp_path / "run" / "ESH4.future.mbo.dbn"
        on_disk = synced.get(file.stat().st_ino, 0)
        assert not named or on_disk >= len(source().header) + named * RECORDS.itemsize
    assert capture.seq == len(RECORDS) + len(OPTIONS)


@pytest.mark.parametrize("room", [0, 30, 56 * 3 + 30])
def test_a_full_disk_stops_the_run_and_keeps_whole_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    clock, write = FakeClock(), os.write
    left = len(source().header) + room

    def full(descriptor: int, data: memoryview) -> int:
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = write(descriptor, data[: min(left, 40)])
        left -= written
        return written

    capture = Capture(tmp_path / "run", clock)
    monkeypatch.setattr(captures.os, "write", full)
    read: list[Chunk] = []
    with pytest.raises(SpymasterError, match=r"run stops: No space left on device \(free space on"):
        read.extend(captured(Replay([Given(source(), RECORDS)], clock, speed=1), capture))
    monkeypatch.undo()
    kept = joined([step for step in CapturedRun(tmp_path / "run") if isinstance(step, Chunk)])
    assert kept[: len(joined(read))] == joined(read)
    # the second chunk, of three records, is kept as a whole or not at all
    assert len(kept) == min(room // RECORDS.itemsize, 1)


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_run_is_read_as_far_as_the_disk_has_it(tmp_path: Path, seed: int) -> None:
    """Files end anywhere: inside a record, inside an entry, the index before or after the files."""
    clock, rng = FakeClock(), np.random.default_rng(seed)
    chunks = joined([*captured(replay(clock), Capture(tmp_path / "run", clock))])
    shutil.copytree(tmp_path / "run", tmp_path / "killed")
    for path in (tmp_path / "killed").iterdir():
        least = 0 if path.name == INDEX else len(source().header)
        if path.name != RUN:
            os.truncate(path, int(rng.integers(least, path.stat().st_size + 1)))
    run = CapturedRun(tmp_path / "killed")
    found = joined([step for step in run if isinstance(step, Chunk)])
    for which in run.sources:
        of_source = [row for row in chunks if row[0] == which.name]
        size = (tmp_path / "killed" / f"{which.name}.dbn").stat().st_size
        whole = (size - len(which.header)) // RECORDS.itemsize
        assert [row for row in found if row[0] == which.name] == of_source[:whole]
    assert run.index["seq"].tolist() == [0, *np.cumsum(run.index["count"])[:-1]][: len(run.index)]


def test_the_seconds_that_the_clock_ended_stand_between_the_records(tmp_path: Path) -> None:
    capture = Capture(tmp_path / "run", FakeClock())
    parts = [Chunk(source(), part) for part in np.split(RECORDS, [3, 5])]
    capture.note_closed(41)
    capture.append(parts[0])
    capture.note_closed(42)
    capture.note_closed(43)
    capture.append(parts[1])
    capture.append(parts[2])
    capture.note_closed(44)
    capture.seal()
    steps = [*CapturedRun(tmp_path / "run")]
    assert [
        step.second_s if isinstance(step, Closing) else len(step.records) for step in steps
    ] == [*(41, 3, 42, 43, 7, 44)]
    assert (CapturedRun(tmp_path / "run").index["source"] == CLOSED).sum() == 4


def test_a_record_that_fails_a_check_is_captured_and_stops_the_run(tmp_path: Path) -> None:
    records = RECORDS.copy()
    records["side"][6] = b"X"
    with pytest.raises(SpymasterError, match=r"ESH4\.future\.mbo\.dbn: record 6: side is byte 88"):
        list(captured(Replay([Given(source(), records)], FakeClock()), _capture(tmp_path)))
    [kept] = [step for step in CapturedRun(tmp_path / "run") if isinstance(step, Chunk)]
    assert np.array_equal(kept.records, records)


def _capture(folder: Path) -> Capture:
    return Capture(folder / "run", FakeClock())


def test_a_folder_with_a_run_is_not_used_again(tmp_path: Path) -> None:
    _capture(tmp_path).seal()
    with pytest.raises(SpymasterError, match=r"holds another run \(name a new folder\)"):
        _capture(tmp_path)


def test_a_folder_without_a_run_or_with_one_of_another_format_gives_one_line(
    tmp_path: Path,
) -> None:
    with pytest.raises(SpymasterError, match="holds no captured run"):
        CapturedRun(tmp_path)
    (tmp_path / RUN).write_text('{"format": 99}')
    with pytest.raises(SpymasterError, match="holds a run of format 99, read is 1"):
        CapturedRun(tmp_path)


def test_sources_are_told_apart_without_their_headers() -> None:
    other = Source("mbo", "future", "ESH4", b"DBN\x03another")
    assert other == source()
    assert other != source(FUTURE_OPTION)
    assert other.version == 3
    assert ESH4 in RECORDS["instrument_id"]


def test_a_gap_is_on_the_disk_before_the_records_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes no more stops the run there too."""
    capture = Capture(tmp_path / "run", FakeClock())
    capture.append(Chunk(source(), RECORDS[:3]))
    capture.append(Chunk(source(), RECORDS[3:5], Gap(1, 2)))
    capture.append(Chunk(source(), RECORDS[5:], Gap(3, 4)))
    assert CapturedRun(tmp_path / "run").gaps == {"ESH4.future.mbo": [(1, 2), (3, 4)]}
    named = len(CapturedRun(tmp_path / "run").records(source()))

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(captures, "write_text", full)
    with pytest.raises(SpymasterError, match=r"gaps.json: the run stops: No space left on device"):
        capture.append(Chunk(source(), RECORDS, Gap(5, 6)))
    run = CapturedRun(tmp_path / "run")
    assert len(run.records(source())) == named == len(RECORDS)
    assert len(run.gaps["ESH4.future.mbo"]) == 2
