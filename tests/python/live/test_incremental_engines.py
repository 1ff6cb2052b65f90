"""Kernels advanced by chunks against their pass over the whole day, to the last bit."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spymaster_engine.door import KERNELS, KernelError
from support.door_passes import DAYS, KernelDay, joined
from support.strategies.mbo import MarketCase, market_cases, random_case

NS_PER_S = 1_000_000_000
# the second of a row, by output; the others are known at the end of a day
SECOND = {
    "book_snapshot_1s": "window_start_ts",
    "wall_surface_1s": "window_start_ts",
    "reprice_flow_1s": "window_start_ts",
    "seconds": "window_s",
    "rows": "window_s",
    "executions": "second_s",
    "windows": "window_end_s",
    "iceberg_1s": "window_start_ts",
}


def day_of(kind: str, seed: int, commands: int = 250) -> KernelDay:
    return DAYS[kind](random_case(np.random.default_rng(seed), commands))


def with_ended_groups(day: KernelDay) -> KernelDay:
    """Return a day each record of which ends its group."""
    flags = pa.array(day.rows["flags"].to_numpy() | 128)
    place = day.rows.schema.get_field_index("flags")
    return replace(day, rows=day.rows.set_column(place, "flags", flags))


def fed(day: KernelDay, cuts: list[int]) -> list[tuple[str, pa.RecordBatch]]:
    """Return all rows of a day that is cut before some of its records."""
    one = day.begun()
    rows = [
        row
        for start, end in pairwise([0, *cuts, day.rows.num_rows])
        for row in one.feed(day.batch(start, end))
    ]
    return rows + one.finish()


def assert_same(found: list[tuple[str, pa.RecordBatch]], whole: dict[str, pa.Table]) -> None:
    tables = joined(found)
    assert tables.keys() == whole.keys()
    for name, table in whole.items():
        assert tables[name].equals(table), name


def seconds_of(name: str, batch: pa.RecordBatch) -> np.ndarray:
    names = batch.schema.names
    column = batch["second_s" if "second_s" in names else SECOND[name]]
    if pa.types.is_timestamp(column.type):
        return column.view(pa.int64()).to_numpy() // 1_000_000
    # a window ends with its last second
    return column.to_numpy() - (name == "windows")


@pytest.mark.parametrize("kind", DAYS)
@pytest.mark.parametrize("chunk", [1, 7, 100, 5_000])
def test_the_size_of_chunks_changes_no_row(kind: str, chunk: int) -> None:
    day = day_of(kind, seed=chunk)
    assert_same(fed(day, [*range(chunk, day.rows.num_rows, chunk)]), day.whole())


@pytest.mark.parametrize("kind", DAYS)
@pytest.mark.parametrize("seed", range(2))
def test_bursts_change_no_row(kind: str, seed: int) -> None:
    """Records are held back and released together, from none to hundreds of them."""
    rng = np.random.default_rng(seed)
    day = day_of(kind, 100 + seed, 600)
    cuts = np.cumsum(rng.geometric(rng.choice([0.01, 0.3]), 400) - 1)
    assert_same(fed(day, cuts[cuts < day.rows.num_rows].tolist()), day.whole())


@pytest.mark.parametrize("kind", DAYS)
@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(case=market_cases(max_commands=40), data=st.data())
def test_drawn_cuts_change_no_row(kind: str, case: MarketCase, data: st.DataObject) -> None:
    day = DAYS[kind](case)
    places = st.lists(st.integers(0, day.rows.num_rows), max_size=8)
    assert_same(fed(day, sorted(data.draw(places))), day.whole())


@pytest.mark.parametrize("kind", DAYS)
def test_a_second_is_handed_out_once_a_later_one_begins(kind: str) -> None:
    """Record by record: no row of the second that is open, none of a second handed out before."""
    day, last = day_of(kind, 3), 0
    one = day.begun()
    open_s = day.settings.get("day_start_s", day.settings.get("day_start_ns", 0) // NS_PER_S)
    handed_out = 0
    for at in range(day.rows.num_rows):
        record = day.batch(at, at + 1)
        event_s = max(
            record[name].view(pa.int64())[0].as_py() // NS_PER_S for name in ("ts_event", "ts_recv")
        )
        open_s = max(open_s, event_s)
        for name, batch in one.feed(record):
            seconds = seconds_of(name, batch)
            handed_out += len(seconds)
            assert seconds.max() < open_s
            if name == next(iter(KERNELS[day.kernel].schemas({"settings": day.settings}))):
                assert seconds.min() > last
                last = seconds.max()
    assert handed_out > 20


@pytest.mark.parametrize("kind", DAYS)
@pytest.mark.parametrize("seed", range(2))
def test_the_clock_ends_seconds_as_a_later_record_would(kind: str, seed: int) -> None:
    """Before a group of a later second the clock may have ended all seconds before it."""
    day = day_of(kind, 200 + seed, 250)
    if kind == "option_books":
        # the clock waits for no group of a single option
        day = with_ended_groups(day)
    times = day.rows["ts_event"].combine_chunks().view(pa.int64()).to_numpy()
    received = day.rows["ts_recv"].combine_chunks().view(pa.int64()).to_numpy()
    is_snapshot = day.rows["flags"].to_numpy() & 32 != 0
    seconds = np.where(is_snapshot, received, times) // NS_PER_S
    one, rows = day.begun(), []
    for at in range(day.rows.num_rows):
        # where the clock may end seconds without making a record late
        rows += one.close(int(seconds[at:].min()) - 1)
        rows += one.feed(day.batch(at, at + 1))
    assert_same(rows + one.finish(), day.whole())


@pytest.mark.parametrize("kind", DAYS)
def test_quiet_seconds_after_the_last_record_end_by_the_clock(kind: str) -> None:
    day = day_of(kind, 5)
    if kind == "fingerprints":
        day = with_ended_groups(day)
    one = day.begun()
    rows = one.feed(day.batch())
    last_s = int(max(seconds_of(name, batch).max() for name, batch in rows)) + 1
    closed = one.close(last_s + 30)
    ended = one.finish()
    seconds = {int(x) for name, b in closed if name in SECOND for x in seconds_of(name, b)}
    if kind == "option_books":
        # only changes are rows
        assert seconds <= {last_s}
    elif kind == "fingerprints":
        assert seconds >= {x for x in range(last_s + 1, last_s + 31) if x % 5 == 4}
    else:
        assert seconds >= set(range(last_s + 1, last_s + 31)) or not closed
    # what the clock began and no record used is no second of the day
    left = [name for name, _ in ended if name in SECOND]
    assert not left or not closed


@pytest.mark.parametrize("kind", DAYS)
def test_a_record_after_its_second_belongs_to_the_open_one(kind: str) -> None:
    day = day_of(kind, 6)
    middle = day.rows.num_rows // 2
    one = day.begun()
    rows = one.feed(day.batch(0, middle))
    far_s = int(day.rows["ts_event"][middle].value) // NS_PER_S + 20
    rows += one.close(far_s - 1)
    handed_out = {int(x) for name, batch in rows if name in SECOND for x in seconds_of(name, batch)}
    rows = one.feed(day.batch(middle)) + one.finish()
    late = {int(x) for name, batch in rows if name in SECOND for x in seconds_of(name, batch)}
    assert late
    assert min(late) >= max(handed_out)


@pytest.mark.parametrize("kind", DAYS)
def test_a_day_without_records_has_no_second(kind: str) -> None:
    day = day_of(kind, 7)
    one = day.begun()
    assert one.feed(day.batch(0, 0)) == []
    assert one.close(2_000_000_000) == []
    assert not [name for name, _ in one.finish() if name in SECOND]


@pytest.mark.parametrize("kind", ["book_engine of prices", "published_book"])
def test_the_clock_ends_no_second_after_the_day(kind: str) -> None:
    day = day_of(kind, 8)
    day_start_s = day.settings.get("day_start_s") or day.settings["day_start_ns"] // NS_PER_S
    one = day.begun()
    [(name, rows), *_] = one.feed(day.batch())[-1:]
    # the last group has no end
    last_s = int(seconds_of(name, rows).max())
    for name, rows in one.close(day_start_s + 200_000):
        last_s = max(last_s, int(seconds_of(name, rows).max()))
    assert last_s == day_start_s + 86_399
    assert one.close(day_start_s + 200_000) == []


def test_wrong_chunks_give_one_line() -> None:
    day = day_of("book_engine of orders", 9)
    with pytest.raises(KernelError, match="first_hits takes no chunks of trades"):
        KERNELS["first_hits"].begun("trades", {})
    with pytest.raises(KernelError, match="takes no chunks of settings"):
        KERNELS["book_engine"].begun("settings", day.settings)
    with pytest.raises(KernelError, match="book_engine: input orders has no column flags"):
        day.begun().feed(day.batch().drop_columns(["flags"]))


@pytest.mark.parametrize("kind", ["book_engine of orders", "book_engine of prices"])
def test_quotes_between_seconds_are_those_of_a_second_that_ends_there(kind: str) -> None:
    """Another pass that is fed as far ends its day there."""
    day = day_of(kind, 5)
    names = ("best_bid_price_int", "best_ask_price_int", "spot_ref_price_int")
    one, seen = day.begun(), set()
    for start, end in pairwise(np.linspace(0, day.rows.num_rows, 20, dtype=int).tolist()):
        one.feed(day.batch(start, end))
        other = day.begun()
        other.restore({name: array.copy() for name, array in one.saved().items()})
        rows = dict(other.finish())
        found = one.quotes()
        last = rows["book_snapshot_1s"].slice(rows["book_snapshot_1s"].num_rows - 1).to_pylist()[0]
        assert found == {name: last[name] for name in names}
        seen.add(tuple(found.values()))
    assert len(seen) >= 5
