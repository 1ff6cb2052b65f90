"""Replay: the order in which records of several inputs come, and when."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spymaster.live.feeds import FUTURE, FUTURE_OPTION
from spymaster.live.group_times import GroupTimes
from spymaster.live.recorded import LandedDay, RecordedFile
from spymaster.live.replay import Replay
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S
from support import dbn_files
from support.dbn_files import DAY_START_NS, bbo
from support.landing_lake import land_ok, mbo_partition
from support.live_feeds import MS, FakeClock, Given, bids, joined, source, write_records
from support.strategies.mbo import random_stream

FUTURES = source()
OPTIONS = source(FUTURE_OPTION, "ESH4")


def plain_times(records: np.ndarray) -> list[int]:
    """Return the time of each record's group, raised to that of the records before."""
    groups: dict[int, tuple[bool, int]] = {}
    found = [0]
    for record in records:
        number, is_snapshot = int(record["instrument_id"]), bool(record["flags"] & 32)
        if number not in groups or groups[number][0] != is_snapshot:
            groups[number] = (is_snapshot, int(record["ts_recv" if is_snapshot else "ts_event"]))
        found.append(max(found[-1], groups[number][1]))
        if record["flags"] & 128 or record["action"] == b"R":
            del groups[number]
    return found[1:]


@pytest.mark.parametrize("seed", range(5))
def test_times_of_groups_are_the_plain_ones(seed: int) -> None:
    rng = np.random.default_rng(seed)
    records = random_stream(rng, 300)
    records["instrument_id"] = rng.integers(1, 4, len(records))
    times = GroupTimes()
    cuts = np.sort(rng.integers(0, len(records), 20))
    found = [time for part in np.split(records, cuts) for time in times(part).tolist()]
    assert found == plain_times(records)


def test_best_quotes_of_an_interval_belong_to_the_second_that_they_end() -> None:
    records = bbo(2, start=DAY_START_NS + 5 * NS_PER_S, step=NS_PER_S)
    records["ts_event"] = DAY_START_NS
    assert (GroupTimes()(records) // NS_PER_S - DAY_START_NS // NS_PER_S).tolist() == [4, 5]


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    times=st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=12), min_size=1, max_size=3),
    cuts=st.lists(st.integers(0, 12), max_size=4),
    of_options=st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_records_come_by_time_then_futures_first_then_in_file_order(
    times: list[list[int]], cuts: list[int], of_options: list[bool]
) -> None:
    inputs, expected = [], []
    for number, at_ms in enumerate(times):
        kind = FUTURE_OPTION if of_options[number] else FUTURE
        records = bids(*at_ms)
        records["order_id"] = 100 * number + np.arange(len(records))
        given_ = Given(source(kind, f"P{number}"), records, sorted(cuts))
        inputs.append(given_)
        expected += [
            (time, of_options[number], number, at, given_.source.name, int(order))
            for at, (time, order) in enumerate(
                zip(plain_times(records), records["order_id"], strict=True)
            )
        ]
    found = joined([*Replay(inputs, FakeClock())])
    assert found == [row[4:] for row in sorted(expected)]
    assert joined([*Replay(inputs, FakeClock(), speed=3.0)]) == found


def test_spans_let_simultaneous_records_of_a_source_come_together() -> None:
    inputs = [Given(OPTIONS, bids(0, 2, 4, 250)), Given(FUTURES, bids(1, 3, 5))]
    chunks = [*Replay(inputs, FakeClock(), span_ns=250 * MS)]
    assert [(c.source.product_type, len(c.records)) for c in chunks] == [
        (FUTURE, 3),
        (FUTURE_OPTION, 4),
    ]
    with pytest.raises(ValueError, match="no whole number of spans"):
        Replay(inputs, FakeClock(), span_ns=300 * MS)


@pytest.mark.parametrize("speed", [1, 2])
def test_each_record_comes_when_it_is_due(speed: float) -> None:
    """The wall time between two records is that of their events by the speed, without drift."""
    clock = FakeClock(5_000)
    inputs = [Given(FUTURES, bids(0, 1, 1, 700, 4_000)), Given(OPTIONS, bids(3, 700))]
    found = []
    for chunk in Replay(inputs, clock, speed=speed):
        found += [(clock.time_ns, int(time)) for time in chunk.records["ts_event"]]
        # the work of a reader delays no later record
        clock.time_ns += MS // 4
    assert len(found) == 7
    for wall_ns, event_ns in found:
        due_ns = 5_000 + (event_ns - DAY_START_NS) / speed
        assert 0 <= wall_ns - due_ns <= MS
    assert found == sorted(found)


def test_a_long_wait_is_told_by_empty_chunks() -> None:
    clock = FakeClock()
    sizes = [len(c.records) for c in Replay([Given(FUTURES, bids(0, 1_100))], clock, speed=1)]
    assert sizes == [1, 0, 0, 0, 0, 1]
    assert all(end - start <= 250 * MS for start, end in pairwise([DAY_START_NS, *clock.waits]))


def test_a_landed_day_gives_the_records_of_its_file(tmp_path: Path) -> None:
    records = bids(*range(500))
    records["action"][7], records["side"][7] = b"N", b"N"
    records["price"][7] = 2**63 - 1
    path = write_records(tmp_path / "day.mbo.dbn", records)
    lake = Lake(tmp_path / "lake")
    land_ok(lake, path)
    day = LandedDay(mbo_partition(lake))
    assert np.array_equal(np.concatenate([*day.chunks()]), records)
    copy = tmp_path / "copy.mbo.dbn"
    copy.write_bytes(day.source.header + records.tobytes())
    [interval] = DbnFile(copy).header.mappings
    assert (interval.instrument_id, interval.symbol) == (dbn_files.ESH4, "ESH4")


def test_a_partition_that_is_not_finished_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(SpymasterError, match=r"is no finished partition \(land the file"):
        _ = LandedDay(tmp_path).source


def test_a_file_gives_the_records_of_one_contract(tmp_path: Path) -> None:
    records = bids(*range(10), instrument_id=[1, 2] * 5)
    file = DbnFile(write_records(tmp_path / "two.mbo.dbn", records))
    one = RecordedFile(file, FUTURE, "ESH4", frozenset({2}))
    assert np.array_equal(np.concatenate([*one.chunks()]), records[1::2])
    whole = RecordedFile(file, FUTURE, "ES")
    assert np.array_equal(np.concatenate([*whole.chunks()]), records)
    assert whole.source.header == dbn_files.metadata("mbo", {dbn_files.ESH4: "ESH4"})
