"""A run whose disk is full or whose clock is set goes on, or stops with its reason."""

from __future__ import annotations

import datetime as dt
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from spymaster.live import capture as captures
from spymaster.live import run as runs
from spymaster.live import run_rows
from spymaster.live.attached import Attached
from spymaster.live.captured_run import CapturedRun
from spymaster.live.compared import compare_run
from spymaster.live.feeds import Clock
from spymaster.live.live_run import lived
from spymaster.live.run_folder import new_run
from spymaster.live.session import Session
from spymaster.live.steady import SteadyClock
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import epoch_ns
from support.dbn_files import DAY
from support.live_coming import Coming, Heard
from support.live_days import SECOND
from support.live_feeds import SECOND_NS, FakeClock
from support.live_runs import captured_of, copied_lake

SYMBOL = "ESH4"
QUOTES = ("silver.option_book_1s", "silver.option_physics_1s")
# rows are written at each minute: at the first second, at 10:01, and at the end
START, END = (dt.datetime.combine(DAY, dt.time(10)) + s * SECOND for s in (20, 95))
HOUR_NS = 3_600 * SECOND_NS


class Quiet(Heard):
    """An outlet of a run without payloads."""

    def stepped(self, rows: Any, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Rows are read from the disk."""


class Troubled:
    """A run of the day of quotes, which is started until it has ended."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.folder = new_run(lake, SYMBOL, DAY, "live")
        self.wall = FakeClock()
        self.said: list[str] = []
        self.heard = Quiet()
        with Session(lake, SYMBOL, DAY, wanted=QUOTES) as session:
            self.inputs = session.landed()

    def go(self, clock: Clock | None = None) -> None:
        self.heard = Quiet()
        coming = Coming(self.inputs, self.wall, (START, END), n_captured=captured_of(self.folder))

        def attach(start: dt.datetime) -> Attached:
            coming.is_heard.set()
            return Attached(QUOTES, [self.heard])

        of = (SYMBOL, DAY)
        lived(self.lake, of, self.folder, coming, clock or self.wall, attach, self.said.append)

    def assert_whole(self) -> None:
        """Assert that each record was captured once, and that the rows are those of the build."""
        landed = {day.source.name: sum(map(len, day.chunks())) for day in self.inputs}
        captured = captured_of(self.folder)
        assert captured.keys() == landed.keys()
        for day in self.inputs:
            of_run = b"".join(
                part.records(source).tobytes()
                for part in map(CapturedRun, self.folder.whole_captures)
                for source in part.sources
                if source == day.source
            )
            of_day = b"".join(records.tobytes() for records in day.chunks())
            assert of_day.startswith(of_run)
        assert captured.total() > 500
        compared = compare_run(self.lake, self.folder.path, (SYMBOL, DAY), (START, END - SECOND))
        assert {one.relation for one in compared} >= set(QUOTES)
        assert [(one.relation, one.example) for one in compared if one.n_different] == []
        assert all(one.n_rows > 70 for one in compared if one.relation in QUOTES)


@pytest.fixture
def troubled(quoted: Lake, tmp_path: Path) -> Troubled:
    return Troubled(copied_lake(quoted, tmp_path / "lake"))


def _full_capture(patch: pytest.MonkeyPatch) -> None:
    """A write fails when some 500 records have been captured."""
    left, write = 40_000, os.write

    def full(descriptor: int, data: memoryview) -> int:
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = write(descriptor, data[:left])
        left -= written
        return written

    patch.setattr(captures.os, "write", full)


def _fails_from(patch: pytest.MonkeyPatch, module: object, name: str, n_good: int) -> None:
    """A function fails from a call on, as it does on a full disk."""
    done, function = 0, getattr(module, name)

    def full(*arguments: Any) -> Any:
        nonlocal done
        done += 1
        if done > n_good:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return function(*arguments)

    patch.setattr(module, name, full)


def _full_rows(patch: pytest.MonkeyPatch) -> None:
    _fails_from(patch, run_rows, "put_in_place", 30)


def _full_checkpoint(patch: pytest.MonkeyPatch) -> None:
    _fails_from(patch, runs, "put_checkpoint", 1)


@pytest.mark.parametrize("fill", [_full_capture, _full_rows, _full_checkpoint])
def test_a_full_disk_stops_a_run_which_then_goes_on(
    troubled: Troubled, fill: Callable[[pytest.MonkeyPatch], None]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fill(patch)
        with pytest.raises(SpymasterError, match=r"the run stops: .*No space left on device"):
            troubled.go()
    assert troubled.heard.reason
    assert "No space left on device" in troubled.heard.reason
    assert not troubled.folder.is_ended
    before = captured_of(troubled.folder)
    assert before
    troubled.go()
    assert troubled.heard.reason is None
    assert troubled.folder.is_ended
    assert len(troubled.folder.captures) == 2
    troubled.assert_whole()


class SetWall:
    """A machine's clock that is set by an hour for a third of the run, then back by as much."""

    def __init__(self, wall: FakeClock) -> None:
        self.wall = wall

    def now_ns(self) -> int:
        part = (self.wall.time_ns // SECOND_NS) % 60 // 20
        return self.wall.time_ns + (0, HOUR_NS, -HOUR_NS)[part]

    def wait_until(self, time_ns: int) -> None:
        self.wall.wait_until(self.wall.time_ns)


def test_a_clock_that_is_set_changes_no_row(troubled: Troubled) -> None:
    """By an hour, forward and back."""
    wall = troubled.wall
    wall.time_ns = 0
    clock = SteadyClock(troubled.said.append, SetWall(wall), lambda: wall.time_ns)
    troubled.go(clock)
    assert [line[:27] for line in troubled.said].count("the machine's clock was set") >= 3
    troubled.assert_whole()


def test_a_clock_that_stands_still_changes_no_row(troubled: Troubled) -> None:
    """Seconds end by the records; of the last two nothing says that they have ended."""
    troubled.go(FakeClock(epoch_ns(START) - SECOND_NS // 2))
    assert "seconds end by these" in troubled.said[0]
    troubled.assert_whole()
