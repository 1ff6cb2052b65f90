"""The threads that read the published file."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from spymaster.published import Row
from spymaster.stream.reader import PublishedFile, SurfaceReader
from spymaster.stream.reader_pool import ReaderPool
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support.hud_lake import DAY, SYMBOL, write_lake
from support.stream_server import PATIENCE_S


@pytest.fixture
def short(tmp_path: Path) -> Lake:
    return write_lake(Lake(tmp_path / "lake"), count=5)


@pytest.fixture
def readers(short: Lake) -> Iterator[ReaderPool]:
    opened = ReaderPool(PublishedFile(short))
    yield opened
    opened.close()


def seconds_of(reader: SurfaceReader) -> int:
    return reader.days()[0]["seconds"]


def test_two_read_at_once(readers: ReaderPool) -> None:
    both = threading.Barrier(2, timeout=PATIENCE_S)

    async def run() -> None:
        asked = [readers.ask(lambda reader: both.wait(), readers.client()) for _ in range(2)]
        assert sorted(await asyncio.gather(*asked)) == [0, 1]

    asyncio.run(run())


def test_each_reads_by_the_clock_of_utc(readers: ReaderPool) -> None:
    query = "select current_setting('TimeZone')"
    found = readers.run(lambda reader: reader.connection.execute(query).fetchone())
    assert found == ("UTC",)


def test_an_answer_of_several_steps_comes_from_one_file(short: Lake, readers: ReaderPool) -> None:
    seen = []

    def steps(reader: SurfaceReader) -> Generator[None, None, tuple[int, int]]:
        before = seconds_of(reader)
        seen.append(before)
        if before == 5:
            write_lake(short, count=6)
        yield
        return before, seconds_of(reader)

    assert asyncio.run(readers.ask_in_steps(steps, readers.client())) == (6, 6)
    assert seen == [5, 6]


def test_a_file_stays_open_until_nobody_reads_it(short: Lake, readers: ReaderPool) -> None:
    has_begun, may_go_on = threading.Event(), threading.Event()

    def long(reader: SurfaceReader) -> tuple[int, int]:
        before = seconds_of(reader)
        has_begun.set()
        assert may_go_on.wait(PATIENCE_S)
        return before, seconds_of(reader)

    async def run() -> None:
        first = asyncio.create_task(readers.ask(long, readers.client()))
        assert await asyncio.to_thread(has_begun.wait, PATIENCE_S)
        write_lake(short, count=6)
        others = [asyncio.create_task(readers.ask(seconds_of, readers.client())) for _ in range(3)]
        await asyncio.sleep(0)
        may_go_on.set()
        assert await first == (5, 5)
        assert await asyncio.gather(*others) == [6, 6, 6]

    asyncio.run(run())


def test_a_contract_day_is_looked_up_once_in_a_file(
    short: Lake, readers: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask_rows = SurfaceReader.ask_rows

    def note(self: SurfaceReader, name: str, **values: object) -> list[Row]:
        asked.append(name)
        return ask_rows(self, name, **values)

    monkeypatch.setattr(SurfaceReader, "ask_rows", note)
    for count in (5, 6):
        write_lake(short, count=count)
        found = [readers.run(lambda reader: reader.contract_day(SYMBOL, DAY)) for _ in range(3)]
        assert [len(of.windows) for of in found] == [count] * 3
    assert asked == ["contract_day"] * 2


def test_a_failure_leaves_the_threads_at_work(readers: ReaderPool) -> None:
    def fail(reader: SurfaceReader) -> None:
        raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            readers.run(fail)
    assert readers.run(seconds_of) == 5


def test_a_file_that_cannot_be_read_is_a_reason(tmp_path: Path) -> None:
    lake = write_lake(Lake(tmp_path / "lake"), count=5)
    readers = ReaderPool(PublishedFile(lake))
    try:
        with pytest.raises(SpymasterError, match="cannot be read"):
            readers.run(lambda reader: reader.connection.execute("select * from nowhere"))
        lake.published.write_bytes(b"not a database")
        with pytest.raises(SpymasterError, match="cannot be read"):
            readers.run(lambda reader: reader.days())
        write_lake(lake, count=6)
        assert readers.run(lambda reader: reader.days())[0]["seconds"] == 6
    finally:
        readers.close()
