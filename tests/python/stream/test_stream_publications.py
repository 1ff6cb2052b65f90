"""A new publication while clients are connected, and the chunks that they share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from spymaster.stream import publication
from spymaster.stream.chunks import CHUNK_S, ChunkCache, Source
from spymaster.stream.errors import RequestError
from spymaster.stream.reader import PublishedFile, SurfaceReader
from spymaster.stream.reader_pool import ReaderPool
from spymaster.stream.surfaces import COMPACT
from spymaster_ingest.lake import Lake
from support.hud_lake import DAY, SYMBOL, window_end_ns, write_lake
from support.stream_server import Client, FakeClock, serving

SNAP = {"surfaces": "snap"}


@pytest.fixture
def short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setattr(publication, "_LOOK_EVERY_S", 0.02)
    return write_lake(Lake(tmp_path / "lake"), count=50)


@pytest.fixture
def readers(lake: Lake) -> Iterator[ReaderPool]:
    opened = ReaderPool(PublishedFile(lake))
    yield opened
    opened.close()


def start(second: int) -> dict[str, str]:
    return {"start_ts_ns": str(window_end_ns(second))}


def second_of(client: Client) -> tuple[int, int]:
    batch = client.batch()
    return batch.window_s - window_end_ns(0) // 10**9, batch.skipped


def test_a_client_at_the_end_goes_on_and_one_in_the_middle_is_not_disturbed(
    short: Lake, clock: FakeClock
) -> None:
    with (
        serving(short, clock) as server,
        server.client(**start(49), **SNAP) as at_end,
        server.client(**start(10), **SNAP) as in_the_middle,
    ):
        assert second_of(at_end) == (49, 0)
        assert second_of(in_the_middle) == (10, 0)
        clock.advance(1)
        assert at_end.message() == {"type": "end"}
        assert second_of(in_the_middle) == (11, 0)
        clock.advance(0.5)

        write_lake(short, count=60)

        assert at_end.message() == {"type": "published"}
        assert in_the_middle.message() == {"type": "published"}
        assert second_of(at_end) == (50, 0)
        assert in_the_middle.is_silent(0.05)
        clock.advance(0.5)
        assert second_of(in_the_middle) == (12, 0)
        clock.advance(0.5)
        assert second_of(at_end) == (51, 0)
        # what is asked for now comes from the new file
        assert server.api("meta").json()["seconds"] == 60


def test_after_a_publication_all_rows_are_of_the_new_file(short: Lake, clock: FakeClock) -> None:
    with serving(short, clock) as server, server.client(**start(10), **SNAP) as client:
        assert second_of(client) == (10, 0)
        new = write_lake(Lake(short.root.with_name("new")), count=50)
        with duckdb.connect(str(new.published)) as connection:
            connection.execute("update silver.book_snapshot_1s set best_bid_qty = 987654")
        new.published.replace(short.published)
        assert client.message() == {"type": "published"}
        clock.advance(1)
        assert client.batch().tables()["snap"]["best_bid_qty"].to_pylist() == [987_654]


def test_many_publications_are_followed_to_the_end(short: Lake) -> None:
    with serving(short) as server, server.client(**start(48), speed="0", **SNAP) as client:
        seen = [second_of(client)[0], second_of(client)[0]]
        assert client.message() == {"type": "end"}
        for count in (51, 53, 54):
            write_lake(short, count=count)
            assert client.message() == {"type": "published"}
            seen += [second_of(client)[0] for _ in range(count - 1 - seen[-1])]
            assert client.message() == {"type": "end"}
        assert seen == list(range(48, 54))


def test_a_day_that_is_gone_after_a_publication_is_an_error(short: Lake) -> None:
    with serving(short) as server, server.client(**start(49), **SNAP) as client:
        second_of(client)
        write_lake(short, count=50, symbol="ESH6")
        messages = [client.message()]
        while messages[-1]["type"] != "error":
            messages.append(client.message())
        assert "there is no such contract-day (built: ESH6)" in messages[-1]["reason"]


def test_a_file_that_is_published_later_is_served(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with serving(lake) as server:
        answer = server.get("/v1/hud/health")
        assert answer.status == 503
        assert answer.json()["reason"].startswith("spymaster.duckdb: nothing is published yet")
        write_lake(lake, count=5)
        assert server.get("/v1/hud/health").status == 200
        lake.published.unlink()
        assert server.get("/v1/hud/health").status == 503


def test_a_path_that_leads_in_a_circle_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "_LOOK_EVERY_S", 0.02)
    lake = write_lake(Lake(tmp_path / "lake"), count=50)
    with serving(lake) as server, server.client(**start(49), speed="0", **SNAP) as client:
        second_of(client)
        assert client.message() == {"type": "end"}
        lake.published.unlink()
        lake.published.symlink_to(lake.published)
        answer = server.get("/v1/hud/health")
        reason = "spymaster.duckdb: cannot be read: Too many levels of symbolic links"
        assert (answer.status, answer.json()) == (503, {"reason": reason})
        lake.published.unlink()
        write_lake(lake, count=51)
        assert client.message() == {"type": "published"}
        assert second_of(client) == (50, 0)


def source(readers: ReaderPool, **others: object) -> Source:
    of = readers.run(lambda reader: reader.contract_day(SYMBOL, DAY))
    fields = {"surfaces": ("snap",), "layout": COMPACT, "max_ticks": 100} | others
    return Source(of, **fields)


def test_a_chunk_is_read_once_for_all_clients(
    readers: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[range] = []
    read = SurfaceReader.read

    def count(self: SurfaceReader, name: str, layout: str, of: object, windows: range, ticks: int):
        readings.append(windows)
        return read(self, name, layout, of, windows, ticks)

    monkeypatch.setattr(SurfaceReader, "read", count)
    shared = source(readers)
    first = shared.of.first_s

    async def ask() -> None:
        client, cache = readers.client(), ChunkCache(readers)
        found = await asyncio.gather(*(cache.get(shared, first + 5, client) for _ in range(20)))
        assert all(chunk is found[0] for chunk in found)
        assert len(readings) == 1
        # the chunks cover the day, each second in one
        whole = [found[0]]
        while whole[-1].windows.stop <= shared.of.last_s:
            whole.append(await cache.get(shared, whole[-1].windows.stop, client))
        covered = [second for chunk in whole for second in chunk.windows]
        assert covered == list(shared.of.windows)
        assert len(readings) == len(whole) == -(-len(covered) // CHUNK_S)

    asyncio.run(ask())


def test_the_cache_keeps_what_was_used_last_within_its_bytes(readers: ReaderPool) -> None:
    shared = source(readers)
    first = shared.of.first_s

    async def ask() -> None:
        client = readers.client()
        size = (await ChunkCache(readers).get(shared, first, client)).size
        cache = ChunkCache(readers, max_bytes=3 * size + size // 2)
        chunks = [await cache.get(shared, first + number * CHUNK_S, client) for number in range(3)]
        assert await cache.get(shared, first, client) is chunks[0]
        for number in (3, 4):
            await cache.get(shared, first + number * CHUNK_S, client)
        assert await cache.get(shared, first, client) is chunks[0]
        assert await cache.get(shared, first + CHUNK_S, client) is not chunks[1]
        assert sum(cache._sizes.values()) <= 3 * size + size // 2
        assert len(cache._chunks) == len(cache._sizes) == 3
        cache.clear()
        assert await cache.get(shared, first, client) is not chunks[0]

    asyncio.run(ask())


def test_a_chunk_that_could_not_be_read_is_tried_again(
    readers: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = source(readers)

    async def ask() -> None:
        client, cache = readers.client(), ChunkCache(readers)
        with monkeypatch.context() as patched:

            def fail(*_: object) -> None:
                raise RequestError("snap", "is gone")

            patched.setattr(SurfaceReader, "read", fail)
            with pytest.raises(RequestError):
                await cache.get(shared, shared.of.first_s, client)
        assert (await cache.get(shared, shared.of.first_s, client)).size > 0

    asyncio.run(ask())
