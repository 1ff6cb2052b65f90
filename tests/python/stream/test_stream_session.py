"""The WebSocket, over a real socket."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise

import pytest
from spymaster.stream import app as application
from spymaster.stream import session
from spymaster.stream.bootstrap import read_bootstrap
from spymaster.stream.chunks import Source
from spymaster.stream.playback import MAX_UNACKNOWLEDGED
from spymaster.stream.publication import Publication
from spymaster.stream.reader import PublishedFile, open_reader
from spymaster.stream.reader_pool import ReaderPool
from spymaster.stream.surfaces import COMPACT, FULL, SURFACES
from spymaster.stream.timing import MonotonicClock
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.hud_lake import COUNT, DAY, SYMBOL, window_end_ns
from support.stream_server import PATIENCE_S, Batch, Client, FakeClock, Served
from websockets.exceptions import ConnectionClosed

NS = 10**9
SNAP = {"surfaces": "snap"}


def start(second: int) -> dict[str, str]:
    return {"start_ts_ns": str(window_end_ns(second))}


def take(client: Client, count: int) -> list[Batch]:
    return [client.batch() for _ in range(count)]


def seconds(batches: list[Batch]) -> list[int]:
    return [batch.window_s - window_end_ns(0) // NS for batch in batches]


@pytest.mark.parametrize("layout", [FULL, COMPACT])
def test_batches_are_the_seconds_of_the_bootstrap(served: Served, lake: Lake, layout: str) -> None:
    first, last = hud_lake.MISSING - 2, hud_lake.NO_GEX + 1
    names = [name for name, surface in SURFACES.items() if layout in surface.layouts]
    asked = start(first) | {"speed": "0", "layout": layout, "surfaces": ",".join(names)}
    with served.client(**asked) as client:
        batches = take(client, last - first + 1)
    assert seconds(batches) == list(range(first, last + 1))
    assert [batch.seq for batch in batches] == list(range(1, len(batches) + 1))
    assert {batch.skipped for batch in batches} == {0}
    with open_reader(lake) as reader:
        whole = read_bootstrap(
            reader,
            SYMBOL,
            DAY,
            batches[-1].window_s,
            len(batches),
            surfaces=names,
            layout=layout,
        )
    decoded = [batch.tables() for batch in batches]
    for name in names:
        newest = SURFACES[name].newest(range(len(decoded)))
        sent = [decoded[place] for place in newest]
        rows = [row for tables in sent for row in tables[name].to_pylist()]
        assert rows == whole[name].to_pylist(), name
        assert all(
            tables[name].schema.equals(whole[name].schema, check_metadata=True)
            for tables in decoded
        )
    # a second without a row is a batch of empty surfaces
    assert [table.num_rows for table in decoded[2].values()] == [0] * len(names)


def test_without_a_wish_it_begins_with_the_day_and_has_the_nine_surfaces(served: Served) -> None:
    with served.client() as client:
        batch = client.batch()
    assert seconds([batch]) == [0]
    assert list(batch.payloads) == [name for name, each in SURFACES.items() if each.is_default]
    assert len(batch.payloads) == 9


def test_two_replays_are_byte_identical(served: Served) -> None:
    replays = []
    for first in (100, 100, 117):
        with served.client(**start(first), speed="0", layout=COMPACT) as client:
            replays.append(take(client, 250 - first))
    assert [batch.payloads for batch in replays[0]] == [batch.payloads for batch in replays[1]]
    assert [batch.payloads for batch in replays[0][17:]] == [batch.payloads for batch in replays[2]]


def test_the_end(served: Served) -> None:
    with served.client(**start(COUNT - 3), speed="0", **SNAP) as client:
        assert seconds(take(client, 3)) == [COUNT - 3, COUNT - 2, COUNT - 1]
        assert client.message() == {"type": "end"}
        # the connection stays, and a seek goes on
        client.send(type="seek", window_end_ts_ns=str(window_end_ns(COUNT - 1)))
        assert seconds(take(client, 1)) == [COUNT - 1]
        assert client.message() == {"type": "end"}


def test_speed_zero_waits_for_acknowledgements_and_drops_nothing(
    paced: Served, clock: FakeClock
) -> None:
    with paced.client(**start(0), speed="0", **SNAP) as client:
        batches = [client.batch(ack=False) for _ in range(MAX_UNACKNOWLEDGED)]
        clock.advance(3_600)
        assert client.is_silent()
        client.ack(batches[0])
        batches.append(client.batch(ack=False))
        assert client.is_silent()
        client.ack(batches[-1])
        batches += take(client, 40)
    assert seconds(batches) == list(range(MAX_UNACKNOWLEDGED + 41))
    assert {batch.skipped for batch in batches} == {0}


@pytest.mark.parametrize("speed", [1, 2, 8])
def test_a_batch_comes_when_its_time_has(paced: Served, clock: FakeClock, speed: int) -> None:
    with paced.client(**start(200), speed=str(speed), **SNAP) as client:
        assert seconds(take(client, 1)) == [200]
        for second in range(201, 205):
            clock.advance(0.75 / speed)
            assert client.is_silent(0.05)
            clock.advance(0.25 / speed)
            assert seconds(take(client, 1)) == [second]
        # several that are due come at once
        clock.advance(3 / speed)
        assert seconds(take(client, 3)) == [205, 206, 207]
        assert client.is_silent(0.05)


def test_pause_resume_speed_and_seek(paced: Served, clock: FakeClock) -> None:
    with paced.client(**start(300), **SNAP) as client:
        take(client, 1)
        client.send(type="pause")
        assert client.is_silent(0.05)
        clock.advance(60)
        assert client.is_silent(0.05)
        client.send(type="resume")
        assert client.is_silent(0.05)
        clock.advance(1)
        assert seconds(take(client, 1)) == [301]
        client.send(type="speed", value=4)
        assert client.is_silent(0.05)
        clock.advance(0.25)
        assert seconds(take(client, 1)) == [302]
        client.send(type="seek", window_end_ts_ns=str(window_end_ns(2_000)))
        [batch] = take(client, 1)
        assert seconds([batch]) == [2_000]
        # numbers go on, and what was passed over by a seek was not dropped
        assert (batch.seq, batch.skipped) == (4, 0)


def test_a_client_that_reads_but_does_not_acknowledge_is_told_what_it_missed(
    paced: Served, clock: FakeClock
) -> None:
    with paced.client(**start(400), **SNAP) as client:
        batches = [client.batch(ack=False)]
        for _ in range(5):
            clock.advance(1)
            batches.append(client.batch(ack=False))
        assert seconds(batches) == list(range(400, 406))
        clock.advance(30)
        assert client.is_silent()
        client.ack(batches[-1])
        [late] = take(client, 1)
        assert (seconds([late]), late.seq, late.skipped) == ([435], 7, 29)
        clock.advance(1)
        [next_one] = take(client, 1)
        assert (seconds([next_one]), next_one.skipped) == ([436], 0)


def test_a_client_that_does_not_read_is_told_what_it_missed_and_stops_nobody(
    paced: Served, clock: FakeClock
) -> None:
    with paced.client(**start(0), speed="0") as before:
        # so that no client waits for a reader while the clock goes on
        take(before, 601)
    with (
        paced.client(**start(0), speed="100", max_queue=1) as stuck,
        paced.client(**start(0), speed="100", **SNAP) as other,
    ):
        take(other, 1)
        for _ in range(12):
            clock.advance(1)
            take(other, 100)
        # what the buffers between server and client hold, without a hole
        batches = []
        while not batches or batches[-1].skipped == 0:
            batches.append(stuck.batch())
        *held, late = batches
        assert seconds(held) == list(range(len(held)))
        assert 0 < len(held) < 502
        # then the newest second
        assert seconds([late]) == [1_200]
        assert late.skipped == 1_200 - len(held)
        assert late.seq == len(held) + 1
        clock.advance(0.01)
        assert seconds(take(stuck, 1)) == [1_201]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"symbol": "ESZ6"}, "there is no such contract-day (built: ESZ5)"),
        ({"dt": "2025-10-02"}, "there is no such contract-day"),
        ({"dt": "today"}, "is no date"),
        ({"surfaces": "snap,nothing"}, "nothing: is no surface"),
        ({"surfaces": "radar", "layout": "compact"}, "no layout compact"),
        ({"speed": "-1"}, "speed: must be a number from 0 to 1000"),
        ({"speed": "nan"}, "speed: must be a number from 0 to 1000"),
        ({"start_ts_ns": "1"}, "outside the contract-day"),
        ({"start_ts_ns": "soon"}, "must be a number"),
        ({"max_ticks": "1000"}, "from 0 to 400"),
        ({"end_ts_ns": "1"}, "'end_ts_ns': is no parameter of stream"),
    ],
)
def test_what_cannot_be_streamed_is_an_error_and_a_close(
    served: Served, asked: dict[str, str], reason: str
) -> None:
    with served.client(**asked) as client:
        message = client.message()
        assert message.keys() == {"type", "reason"}
        assert message["type"] == "error"
        assert reason in message["reason"]
        with pytest.raises(ConnectionClosed) as closed:
            client.message()
        assert closed.value.rcvd.code == 1008


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("{", "is no JSON"),
        ('{"type":"drop"}', "has no type"),
        ('{"type":"ack","seq":99}', "no such batch"),
        ('{"type":"seek","window_end_ts_ns":"1000000000"}', "outside the contract-day"),
        ('{"type":"speed","value":1e9}', "from 0 to 1000"),
        (json.dumps({"type": "pause", "x": "y" * 600}), "longer than 512"),
        (b"\x00", "must be text"),
    ],
)
def test_a_wrong_message_is_an_error_and_a_close(
    paced: Served, sent: str | bytes, reason: str
) -> None:
    with paced.client(**start(0), **SNAP) as client:
        client.batch(ack=False)
        client.connection.send(sent)
        message = client.message()
        assert message["type"] == "error"
        assert reason in message["reason"]
        with pytest.raises(ConnectionClosed) as closed:
            client.message()
        assert closed.value.rcvd.code == 1008
    assert paced.get("/v1/hud/health").status == 200


def test_an_oversized_message_closes_the_connection(paced: Served) -> None:
    with paced.client(**start(0), **SNAP) as client:
        client.batch(ack=False)
        client.connection.send("x" * 100_000)
        with pytest.raises(ConnectionClosed) as closed:
            client.message()
        assert closed.value.rcvd.code == 1009
    assert paced.get("/v1/hud/health").status == 200


def test_too_many_messages_close_the_connection(paced: Served) -> None:
    with paced.client(**start(0), **SNAP) as client:
        batch = client.batch()
        # an acknowledgement that says nothing new counts
        with pytest.raises(ConnectionClosed):
            for _ in range(10 * session._MESSAGES_AT_ONCE):
                client.ack(batch)
            while True:
                message = client.message()
                assert message == {"type": "error", "reason": "messages: are too many"}


def test_acknowledgements_of_many_batches_are_not_too_many(served: Served) -> None:
    with served.client(**start(0), speed="0", **SNAP) as client:
        assert seconds(take(client, 1_000))[-1] == 999


def test_the_number_of_clients_is_limited(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "MAX_SESSIONS", 1)
    with served.client(**start(0), **SNAP) as first:
        first.batch()
        with served.client(**start(0), **SNAP) as second:
            message = second.message()
            assert message == {"type": "error", "reason": "1 clients are connected"}
        first.send(type="seek", window_end_ts_ns=str(window_end_ns(9)))
        assert seconds(take(first, 1)) == [9]


def test_a_client_that_leaves_makes_room(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "MAX_SESSIONS", 1)
    for _ in range(3):
        while True:
            with served.client(**start(0), **SNAP) as client:
                message = client.message()
                # the one before may not have left yet
                if message["type"] == "batch_start":
                    break
                assert message["type"] == "error"


def test_no_compression_is_agreed_on(served: Served) -> None:
    with served.client(
        headers={"Sec-WebSocket-Extensions": "permessage-deflate"}, **start(0), **SNAP
    ) as client:
        assert "Sec-WebSocket-Extensions" not in client.connection.response.headers
        client.batch()


class Unhurried:
    """Stands for a WebSocket whose buffers take all, and whose client says nothing."""

    def __init__(self) -> None:
        self.n_batches = 0

    async def send_text(self, text: str) -> None:
        self.n_batches += json.loads(text)["type"] == "batch_end"

    async def send_bytes(self, payload: bytes) -> None:
        assert payload

    async def receive(self) -> None:
        await asyncio.get_running_loop().create_future()


def test_a_replay_without_waiting_lets_others_in_after_each_batch(lake: Lake) -> None:
    async def run(readers: ReaderPool) -> list[int]:
        publication = Publication(readers)
        of = await readers.ask(lambda reader: reader.contract_day(SYMBOL, DAY), publication.checks)
        source = Source(of, ("snap",), COMPACT, 100)
        websocket = Unhurried()
        replay = session.Session(websocket, publication, MonotonicClock(), source, of.first_s, 0)
        running = asyncio.create_task(replay.run())
        seen = [0]
        async with asyncio.timeout(PATIENCE_S):
            while seen[-1] < MAX_UNACKNOWLEDGED:
                await asyncio.sleep(0)
                seen.append(websocket.n_batches)
        running.cancel()
        await asyncio.wait([running])
        return seen

    readers = ReaderPool(PublishedFile(lake))
    try:
        seen = asyncio.run(run(readers))
    finally:
        readers.close()
    assert max(after - before for before, after in pairwise(seen)) == 1
