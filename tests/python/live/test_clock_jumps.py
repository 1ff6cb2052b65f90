"""A machine whose clock is set while a run ends its seconds by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spymaster.live.capture import Capture
from spymaster.live.captured_run import CapturedRun
from spymaster.live.engines import Engines
from spymaster.live.feeds import Chunk
from spymaster.live.seconds import live_seconds, recovered_seconds
from spymaster.live.steady import SteadyClock, elapsed_ns
from support.dbn_files import DAY_START_NS
from support.live_feeds import SECOND_NS, FakeClock, bids, source

HOUR_NS = 3_600 * SECOND_NS
# of a record of a second that comes 10 ms after it
LAG_NS = SECOND_NS // 100
DAY_S = DAY_START_NS // SECOND_NS


class Machine:
    """A machine whose clock a test sets; time passes while somebody waits, or as a test says."""

    def __init__(self) -> None:
        self.passed_ns = 77
        self.wall = FakeClock()

    def passes(self, ns: int) -> None:
        self.passed_ns += ns
        self.wall.time_ns += ns


def test_a_clock_that_is_set_changes_no_time_of_a_run() -> None:
    machine, said = Machine(), list[str]()
    clock = SteadyClock(said.append, machine.wall, lambda: machine.passed_ns)
    # set by hours, forward and back, and by less than is worth a word
    for set_by_ns, n_said in ((3 * HOUR_NS, 1), (0, 1), (-4 * HOUR_NS, 2), (SECOND_NS // 2, 2)):
        machine.wall.time_ns += set_by_ns
        machine.passes(SECOND_NS)
        for _ in range(2):
            assert clock.now_ns() == DAY_START_NS + machine.passed_ns - 77
        assert len(said) == n_said
    assert "it is +10800.000 s off" in said[0]
    assert "it is -3600.000 s off" in said[1]


def test_the_steady_clock_waits_as_long_as_it_is_told() -> None:
    machine = Machine()
    # of which every wait brings half
    clock = SteadyClock(lambda line: None, machine.wall, lambda: machine.passed_ns)

    def wait_until(time_ns: int) -> None:
        machine.passes(max((time_ns - machine.wall.time_ns) // 2, 1))

    machine.wall.wait_until = wait_until  # type: ignore[method-assign]
    clock.wait_until(DAY_START_NS + 100)
    assert machine.passed_ns == 77 + 100
    assert elapsed_ns() <= elapsed_ns()


def test_seconds_end_by_the_records_while_the_clock_is_behind_them(tmp_path: Path) -> None:
    """The clock is set back by an hour at 4 s and put right at 8 s."""
    clock, said = FakeClock(), list[str]()
    records = bids(*(1_000 * second + 500 for second in range(12)))

    def feed() -> Iterator[Chunk]:
        for second in range(12):
            off_ns = -HOUR_NS if 4 <= second < 8 else 0
            clock.time_ns = int(records["ts_recv"][second]) + LAG_NS + off_ns
            yield Chunk(source(), records[second : second + 1])

    capture = Capture(tmp_path / "run", clock)
    ended = [
        step.second_s for step in live_seconds(feed(), capture, Engines([]), clock, say=said.append)
    ]
    # at the end of the feed nothing further ends
    assert ended[:-1] == [DAY_S - 1 + second for second in range(12)]
    assert len(said) == 2
    assert "the clock is 3599.990 s behind the records: seconds end by these" in said[0]
    again = recovered_seconds(CapturedRun(tmp_path / "run"), Engines([]))
    assert [step.second_s for step in again][:-1] == ended[:-1]
