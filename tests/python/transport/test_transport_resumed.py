"""A run that goes on publishes from its files what it had not sent: each message once, by key."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from spymaster.live.capture import Capture
from spymaster.live.feeds import FUTURE_OPTION, Chunk
from spymaster.live.run_folder import RunFolder
from spymaster.transport.backlog import Backlog
from spymaster.transport.events import Events, signal
from spymaster.transport.in_process import InProcess
from spymaster.transport.interface import NotSentError, Publisher
from spymaster.transport.messages import END, HEADER, Message
from spymaster.transport.outlet import PublishingOutlet
from spymaster.transport.run_files import PUBLISHED, RunFiles
from support.dbn_files import DAY_START_NS
from support.live_feeds import SECOND_NS, FakeClock, bids, source
from support.nats_server import PATIENCE_S, wait_for
from support.transport_runs import (
    CHUNK,
    RUN,
    SECOND,
    START,
    SYMBOL,
    GivenRows,
    chunk,
    whole,
    write_rows,
)

OPTIONS = source(FUTURE_OPTION, "ES")
# of options, which send but once
N_OPTIONS = 7
SERVER = "nats://127.0.0.1:4222"


class Dying(InProcess):
    """A transport that keeps what comes twice, and dies after a number of messages.

    The last batch arrives in part, and is not acknowledged.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Message] = []
        self.room: float = 0

    async def publish(self, messages: Sequence[Message]) -> None:
        n_taken = int(min(self.room, len(messages)))
        self.kept += messages[:n_taken]
        self.room -= n_taken
        if n_taken < len(messages):
            raise NotSentError("the server", "is away")


class Desk:
    """A run in a folder: it captures, writes its rows, and is told of both."""

    def __init__(self, folder: Path) -> None:
        self.folder = RunFolder(folder)
        self.transport = Dying()
        self.said: list[str] = []

    def start(self, to: str = SERVER, *, is_killed: bool = False, **options: Any) -> None:
        """Start its process again: what it held in memory is gone."""
        files = RunFiles(self.folder, to)
        self.capture = Capture(self.folder.next_capture(), FakeClock())

        async def connect() -> Publisher:
            return self.transport

        self.outlet = PublishingOutlet(
            connect,
            RUN,
            "sim",
            SYMBOL,
            files=files,
            keep_s=0,
            drain_s=0.01 if is_killed else PATIENCE_S,
            say=self.said.append,
            **options,
        )

    def capture_options(self) -> None:
        given = Chunk(OPTIONS, bids(*range(N_OPTIONS), order_id=9))
        self.capture.append(given)
        self.outlet.captured(given, 0)

    def go(self, numbers: range, is_new: bool = True) -> None:
        """Let seconds of the run pass; those after a checkpoint come from an earlier part."""
        for number in numbers:
            if is_new:
                self.capture.append(chunk(number))
            self.outlet.captured(chunk(number), number * CHUNK)
            self.outlet.stepped(GivenRows(), START + number * SECOND, START + (number + 1) * SECOND)

    def write_rows(self, numbers: range) -> None:
        """Write the rows of seconds, which a checkpoint rests on."""
        write_rows(self.folder, numbers)

    def kill(self) -> None:
        """End the process with nothing sent any more."""
        self.transport.room = 0
        self.outlet.ended("killed")
        self.capture.seal()

    def assert_whole(self, n_chunks: int) -> None:
        """Assert that each message of the run has arrived, and none beside them."""
        messages = [*whole(n_chunks)[:-1]]
        given = Chunk(OPTIONS, bids(*range(N_OPTIONS), order_id=9))
        events = Events(RUN, "sim")
        messages += [events.header(OPTIONS), *events.messages(given, 0)]
        by_key = {message.key: message for message in messages}
        kept = [message for message in self.transport.kept if message.subject != END]
        assert {message.key: message for message in kept} == by_key

    def n_doubled(self) -> int:
        """Return how many messages came more than once, beside headers."""
        keys = Counter(x.key for x in self.transport.kept if x.subject != HEADER)
        return sum(count - 1 for count in keys.values())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / RUN)


@pytest.mark.parametrize("n_arrived", [0, 1, 4 * CHUNK, 9 * CHUNK + 3])
def test_what_a_dead_server_missed_comes_after_a_kill(desk: Desk, n_arrived: int) -> None:
    """A checkpoint lies after the tenth second; the server took less, in its order."""
    desk.start(is_killed=True)
    desk.transport.room = n_arrived
    desk.capture_options()
    desk.go(range(10))
    desk.write_rows(range(10))
    desk.go(range(10, 12))
    wait_for(lambda: desk.said, "the server is not away")
    desk.kill()
    # it goes on from its checkpoint, on what an earlier part captured and on what comes
    desk.start()
    desk.transport.room = float("inf")
    desk.go(range(10, 12), is_new=False)
    desk.go(range(12, 15))
    desk.outlet.ended(None)
    desk.assert_whole(15)
    assert desk.outlet.n_not_sent == 0
    # of one batch it was not known whether it had arrived
    assert desk.n_doubled() <= 500
    # and the order is that of the run
    seqs = [
        event["seq"]
        for x in dict.fromkeys(desk.transport.kept)
        if x.subject == "market.futures.mbo"
        for event in [json.loads(x.payload)]
    ]
    assert seqs == list(range(15 * CHUNK))


def test_a_run_that_is_killed_again_and_again_loses_nothing(desk: Desk) -> None:
    desk.start(is_killed=True)
    desk.capture_options()
    for number in range(6):
        if number:
            desk.start(is_killed=True)
        desk.transport.room = 150
        # each time all but the newest second is behind the checkpoint
        if number:
            desk.go(range(2 * number - 1, 2 * number), is_new=False)
        desk.go(range(2 * number, 2 * number + 2))
        desk.write_rows(range(2 * number, 2 * number + 1))
        if number:
            desk.write_rows(range(2 * number - 1, 2 * number))
        wait_for(lambda: desk.transport.room == 0, "the server did not die")
        desk.kill()
    assert len(desk.folder.whole_captures) == 6
    desk.start()
    desk.transport.room = float("inf")
    desk.go(range(11, 12), is_new=False)
    desk.outlet.ended(None)
    desk.assert_whole(12)


def test_what_had_no_room_comes_from_the_files(desk: Desk) -> None:
    """The server is away for longer than there is room in memory."""
    n_bytes = chunk(0).records.nbytes
    desk.start(most_record_bytes=2 * n_bytes, most_rows=3)
    desk.transport.room = CHUNK + 7
    desk.capture_options()
    desk.go(range(30))
    desk.write_rows(range(30))
    alert = Message("alerts.near", b"{}", f"{RUN}:{SYMBOL}:pm_high:5")
    desk.outlet.send(alert)
    desk.transport.room = float("inf")
    desk.go(range(30, 33))
    desk.outlet.ended("stopped")
    assert desk.outlet.n_not_sent == 0
    assert sum("will come from the files of the run" in line for line in desk.said) == 1
    assert desk.transport.kept.count(alert) == 1
    desk.transport.kept.remove(alert)
    desk.assert_whole(33)


def test_what_was_acknowledged_is_not_sent_again(desk: Desk) -> None:
    """Not even where a run has no checkpoint, or starts from an older one."""
    desk.start()
    desk.transport.room = float("inf")
    desk.capture_options()
    desk.go(range(5))
    desk.outlet.ended("killed")
    desk.capture.seal()
    desk.write_rows(range(5))
    said = json.loads((desk.folder.path / PUBLISHED).read_text())
    assert said["records"] == {chunk(0).source.name: 5 * CHUNK, OPTIONS.name: N_OPTIONS}
    assert said["row_ns"] == DAY_START_NS + 5 * SECOND_NS
    desk.start()
    desk.outlet.captured(Chunk(OPTIONS, bids(*range(N_OPTIONS), order_id=9)), 0)
    desk.go(range(5), is_new=False)
    desk.go(range(5, 7))
    desk.outlet.ended(None)
    desk.assert_whole(7)
    assert desk.n_doubled() == 0
    # the end says how many records of each source there are
    end = json.loads(desk.transport.kept[-1].payload)
    assert {x["feed"]: x["records"] for x in end["feeds"]} == {
        chunk(0).source.name: 7 * CHUNK,
        OPTIONS.name: N_OPTIONS,
    }


def test_another_server_gets_all(desk: Desk) -> None:
    desk.start()
    desk.transport.room = float("inf")
    desk.capture_options()
    desk.go(range(4))
    desk.write_rows(range(4))
    desk.outlet.ended("killed")
    desk.capture.seal()
    desk.transport.kept.clear()
    desk.start("nats://elsewhere:4222")
    desk.outlet.ended("killed")
    desk.assert_whole(4)


def test_records_of_files_and_of_memory_come_once_whatever_is_taken(desk: Desk) -> None:
    """A backlog gives them in the order of the capture, in batches of any size."""
    for number in range(3):
        capture = Capture(desk.folder.next_capture(), FakeClock())
        for second in range(4 * number, 4 * number + 4):
            capture.append(chunk(second))
            capture.append(Chunk(OPTIONS, bids(second)))
        capture.seal()
    events, row_of = Events(RUN, "sim"), lambda ns, text: signal(RUN, "sim", SYMBOL, ns, text)
    for most in (1, 33, 100, 250, 5_000):
        backlog = Backlog(events, 1 << 20, 10, row_of, RunFiles(desk.folder, SERVER))
        assert len(backlog) == 12 * (CHUNK + 1)
        # a part is told again
        backlog.add_records(chunk(11), 11 * CHUNK)
        backlog.add_records(chunk(12), 12 * CHUNK)
        found: list[Message] = []
        counts: dict[str, int] = {}
        while (batch := backlog.take(most)).messages:
            assert len(batch.messages) <= most
            found += batch.messages
            counts |= batch.n_records
        expected: list[Message] = []
        for second in range(12):
            expected += events.messages(chunk(second), second * CHUNK)
            expected += events.messages(Chunk(OPTIONS, bids(second)), second)
        expected += events.messages(chunk(12), 12 * CHUNK)
        assert found == expected
        assert counts == {chunk(0).source.name: 13 * CHUNK, OPTIONS.name: 12}
        assert len(backlog) == 0


def test_nothing_waits_where_nothing_can_be_written_down(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk stops the run, not its outlet."""

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(RunFiles, "keep", full)
    desk.start()
    desk.transport.room = float("inf")
    desk.capture_options()
    desk.go(range(2))
    desk.outlet.ended("full")
    desk.assert_whole(2)
    assert any("is not written down: No space left" in line for line in desk.said)
