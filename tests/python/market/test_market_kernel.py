"""The market kernels against the plain states, and at the edges of books, groups and days."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from naive.market_bands import BANDS, banded
from naive.market_ofi import is_consecutive, is_one_sided, price_ofi, rank_ofi
from naive.market_quantities import level_columns
from naive.market_states import Level, State, mbo_states, mbp10_states
from naive.market_time import Timeline
from naive.model import FLAG_LAST, FLAG_SNAPSHOT, NS_PER_S
from naive.surfaces import Row
from spymaster_engine.errors import KernelError
from spymaster_engine.kernels.book import Records
from spymaster_engine.kernels.book.config import LADDER_HALF_TICKS
from spymaster_engine.kernels.market.kernel_state import LEVELS, UNKNOWN, Rows
from spymaster_engine.kernels.market.market_day import (
    market_arrays,
    seconds_of_levels,
    seconds_of_orders,
)
from spymaster_engine.market_columns import SIDES
from support.market_days import mbp10_records
from support.market_row_lakes import level_rows, random_cuts, settings_of
from support.strategies.mbo import MarketCase, random_case
from support.strategies.mbo_script import (
    DAY_START_NS,
    SNAPSHOT,
    TICK_INT,
    message,
    script,
    script_config,
)

SETTINGS = settings_of(script_config())
DAY_S = DAY_START_NS // NS_PER_S
MS = 1_000_000
FAR_TICKS = 2 * LADDER_HALF_TICKS
BEYOND_DAY_NS = (86_400 + 60) * NS_PER_S


def orders(*messages: np.ndarray) -> Rows:
    return seconds_of_orders([Records.from_vendor(script(*messages))], SETTINGS)


def ladder(rows: Rows, side: str, row: int = -1) -> list[tuple[int, int, int]]:
    """Occupied levels at the end of a second: ticks, contracts, orders."""
    number = SIDES.index(side)
    columns = (rows.price, rows.qty, rows.orders)
    levels = zip(*(column[row, number].tolist() for column in columns), strict=True)
    return [level for level in levels if level[1]]


def two_sided(at_ns: int = 0, flags: int = FLAG_LAST) -> list[np.ndarray]:
    """A clear, a bid at 100 and an ask at 101."""
    return [
        message("R", at_ns=at_ns),
        message("A", "B", 1, 100, 5, at_ns=at_ns),
        message("A", "A", 2, 101, 5, at_ns=at_ns, flags=flags),
    ]


def level_row(at_ns: int, bid_qty: int = 5, flags: int = FLAG_LAST, action: str = "A") -> Row:
    """A row of market by price with one level a side."""
    sides = [(Level(ticks * TICK_INT, qty, 1),) for ticks, qty in ((100, bid_qty), (101, 5))]
    row = {"ts_event": DAY_START_NS + at_ns, "ts_recv": DAY_START_NS + at_ns}
    return row | {"flags": flags, "action": action} | level_columns(State(0, *sides))


def levels(*rows: Row) -> Rows:
    return seconds_of_levels([level_rows(rows)], SETTINGS)


# Against the plain states


def assert_plain(rows: Rows, states: list[State], tick_int: int) -> None:
    """Assert that the whole numbers of every second are those of the plain states."""
    timeline = Timeline(states)
    first_s = states[0].time_ns // NS_PER_S
    assert rows.head["window_s"].tolist() == [*range(first_s, states[-1].time_ns // NS_PER_S + 1)]
    for row, second in enumerate(rows.head["window_s"].tolist()):
        start_ns, end_ns = second * NS_PER_S, (second + 1) * NS_PER_S
        pieces, arrivals = (x(start_ns, end_ns) for x in (timeline.pieces, timeline.arrivals))
        flows = [pair for pair in arrivals if is_consecutive(*pair)]
        end = timeline.before(end_ns)
        head = rows.head[row]
        assert head["valid_ns"] == sum(ns for state, ns in pieces if state and state.is_valid)
        assert head["one_sided_count"] == sum(is_one_sided(*pair) for pair in arrivals)
        nothing = State(0, (), ())
        updates = sum(not state.has_same_view(before or nothing) for before, state in arrivals)
        assert head["update_count"] == updates
        assert head["is_valid_end"] == end.is_valid
        assert head["ofi_price"] == sum(price_ofi(*pair, tick_int) for pair in flows)
        by_rank = [sum(rank_ofi(*pair, rank) for pair in flows) for rank in range(LEVELS)]
        assert rows.ofi[row].tolist() == by_rank
        at_end = banded(end, tick_int) if end.is_valid else None
        for number, side in enumerate(SIDES):
            assert ladder(rows, side, row) == [
                (x.price_int // tick_int, x.size, x.count) for x in end.view(side)
            ]
            for b, band in enumerate(BANDS):
                is_known = at_end is not None and at_end.is_known[side, band]
                expected = at_end.depth[side, band] if is_known else UNKNOWN
                assert rows.band[row, number, b] == expected


def drawn(seed: int) -> tuple[MarketCase, np.random.Generator]:
    rng = np.random.default_rng(seed)
    return random_case(rng, 250), rng


@pytest.mark.parametrize("seed", range(12))
def test_orders_of_any_stream_give_the_plain_states(seed: int) -> None:
    case, rng = drawn(seed)
    settings = settings_of(case.config)
    cuts = random_cuts(len(case.records), rng, parts=60)
    rows = seconds_of_orders((Records.from_vendor(case.records[cut]) for cut in cuts), settings)
    assert_plain(rows, mbo_states(case.records, case.config), case.config.tick_int)


@pytest.mark.parametrize("seed", range(6))
def test_levels_of_any_stream_give_the_plain_states(seed: int) -> None:
    case, rng = drawn(seed)
    published = mbp10_records(case.records, case.config)
    cuts = random_cuts(len(published), rng, parts=60)
    rows = seconds_of_levels([level_rows(published[cut]) for cut in cuts], settings_of(case.config))
    states = mbp10_states(published, case.config.day_start_ns)
    assert_plain(rows, states, case.config.tick_int)


# Books


def test_far_prices_beyond_the_ladder_are_levels() -> None:
    """Three bids, of which two lie beyond the dense ladder; every band is known."""
    bids = [(100, 5), (100 - FAR_TICKS, 7), (90 - FAR_TICKS, 2)]
    far = [
        message("A", "B", 10 + n, ticks, qty, at_ns=MS) for n, (ticks, qty) in enumerate(bids[1:])
    ]
    rows = orders(*two_sided(), *far, message("A", "A", 20, 101 + FAR_TICKS, 3, at_ns=MS))
    assert ladder(rows, "bid") == [(*level, 1) for level in bids]
    assert ladder(rows, "ask") == [(101, 5, 1), (101 + FAR_TICKS, 3, 1)]
    assert rows.band[-1].tolist() == [[5, 0, 0, 0, 0]] * 2
    assert rows.unknown_ns.sum() == 0


def test_empty_levels_have_no_price() -> None:
    rows = orders(*two_sided())
    arrays = market_arrays(rows, "mbo", SETTINGS)
    assert arrays["bid_px_00_int"].to_pylist() == [100 * TICK_INT]
    assert arrays["bid_px_01_int"].to_pylist() == [None]
    assert [arrays[f"bid_{part}_01"].to_pylist() for part in ("sz", "ct")] == [[0], [0]]


def test_fewer_than_ten_levels_tell_every_band() -> None:
    rows = levels(level_row(0))
    assert rows.band[-1].tolist() == [[5, 0, 0, 0, 0]] * 2
    tens = [
        tuple(Level((t + s * n) * TICK_INT, 5, 1) for n in range(10))
        for t, s in ((100, -1), (101, 1))
    ]
    rows = levels(level_row(0) | level_columns(State(0, *tens)))
    assert rows.band[-1].tolist() == [[20, 20, UNKNOWN, UNKNOWN, UNKNOWN]] * 2
    # until the second ends
    assert rows.unknown_ns[-1].tolist() == [[0, 0, *[NS_PER_S] * 3]] * 2


# Groups


def test_an_unended_last_group_counts() -> None:
    rows = orders(*two_sided(), message("A", "B", 3, 99, 2, at_ns=2 * MS, flags=0))
    assert ladder(rows, "bid") == [(100, 5, 1), (99, 2, 1)]
    assert rows.head["valid_ns"].tolist() == [NS_PER_S]
    rows = levels(level_row(0), level_row(2 * MS, bid_qty=9, flags=0))
    assert ladder(rows, "bid") == [(100, 9, 1)]
    assert rows.ofi[0, 0] == 4


def test_a_group_in_the_middle_counts_with_its_last_record() -> None:
    """Its time is that of its first record."""
    late = NS_PER_S + 2 * MS
    grown = message("M", "B", 1, 100, 9, at_ns=NS_PER_S - MS, flags=0)
    rows = orders(*two_sided(), grown, message("M", "B", 1, 100, 8, at_ns=late))
    assert ladder(rows, "bid") == [(100, 8, 1)]
    assert rows.head["update_count"].tolist() == [3]
    first = level_row(NS_PER_S - MS, bid_qty=9, flags=0)
    rows = levels(level_row(0), first, level_row(late, bid_qty=8))
    assert ladder(rows, "bid") == [(100, 8, 1)]
    assert rows.head["update_count"].tolist() == [2]


def test_the_record_that_closes_a_clear_dates_no_later_group() -> None:
    """Its event has ended, although it lacks LAST."""
    clear = message("R", at_ns=MS, flags=0)
    closing = message("N", at_ns=MS, flags=0)
    rows = orders(clear, closing, *two_sided(2 * NS_PER_S)[1:])
    assert rows.head["update_count"].tolist() == [0, 0, 2]


def test_a_snapshot_ends_an_open_group_of_rows() -> None:
    """The group without LAST gives no state, and does not date the snapshot."""
    open_row = level_row(NS_PER_S, bid_qty=9, flags=0)
    snapshot = level_row(3 * NS_PER_S, bid_qty=2, flags=FLAG_LAST | FLAG_SNAPSHOT)
    rows = levels(level_row(0), open_row, snapshot)
    assert [ladder(rows, "bid", row)[0][1] for row in range(4)] == [5, 5, 5, 2]
    assert rows.ofi.sum() == 0


def test_resets_and_doubt_are_no_one_sided_change() -> None:
    rows = orders(*two_sided(), message("R", at_ns=MS), message("A", "B", 3, 99, 2, at_ns=2 * MS))
    # the two orders after the first clear, and the one after the second
    assert rows.head["one_sided_count"].tolist() == [3]
    doubt = FLAG_LAST | 4
    rows = orders(
        message("R"),
        message("A", "B", 1, 100, 5, flags=doubt),
        message("A", "B", 2, 99, 5),
    )
    assert rows.head["one_sided_count"].tolist() == [0]
    assert orders(message("A", "B", 1, 100, 5)).head["one_sided_count"].tolist() == [0]


def test_a_snapshot_is_no_order_flow() -> None:
    again = [
        replace_flags(record, SNAPSHOT | (FLAG_LAST if n == 2 else 0))
        for n, record in enumerate(two_sided(MS))
    ]
    again[1]["size"] = 50
    rows = orders(*two_sided(), *again)
    assert ladder(rows, "bid") == [(100, 50, 1)]
    assert (rows.ofi.sum(), rows.head["ofi_price"].sum()) == (0, 0)


def replace_flags(record: np.ndarray, flags: int) -> np.ndarray:
    record["flags"] = flags
    return record


# Days


def test_no_record_gives_no_second() -> None:
    assert len(orders().head) == 0
    assert len(levels().head) == 0


def test_records_before_the_day_count_as_of_its_start() -> None:
    early = [level_row(-5 * NS_PER_S), level_row(-2 * NS_PER_S, bid_qty=7)]
    rows = levels(*early)
    assert rows.head["window_s"].tolist() == [DAY_S]
    assert rows.head["valid_ns"].tolist() == [NS_PER_S]


def test_a_minute_after_the_day_is_tolerated_and_no_more() -> None:
    last_ns = BEYOND_DAY_NS - 1
    assert levels(level_row(0), level_row(last_ns)).head["window_s"][-1] == DAY_S + 86_459
    with pytest.raises(KernelError, match="after the end of 2023-12-25"):
        levels(level_row(0), level_row(BEYOND_DAY_NS))
    with pytest.raises(KernelError, match="more than a minute"):
        levels(level_row(BEYOND_DAY_NS))
    with pytest.raises(KernelError, match="after the end of 2023-12-25"):
        orders(*two_sided(), message("A", "B", 3, 99, 2, at_ns=BEYOND_DAY_NS))


def test_other_bands_are_as_many_as_named() -> None:
    settings = replace(SETTINGS, bands=["near"], edges_ticks=[1])
    rows = seconds_of_orders([Records.from_vendor(script(*two_sided()))], settings)
    assert rows.band.shape == (1, 2, 1)
    assert market_arrays(rows, "mbo", settings)["depth_bid_near_qty"].to_pylist() == [5]
