"""The plain states of the market from both sources, and the published records of drawn days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from naive.market_by_price import MarketDay, market_by_price_10_bar5s, market_features_1s, top10_1s
from naive.market_quantities import level_columns
from naive.market_states import (
    Level,
    State,
    mbo_states,
    mbo_trades,
    mbp10_states,
    mbp10_trades,
    second_range,
)
from naive.model import FLAG_LAST, FLAG_MAYBE_BAD_BOOK, FLAG_SNAPSHOT, NS_PER_S, BookConfig
from naive.surfaces import Row
from support.market_days import comparable, comparable_case, comparable_cases, mbp10_records
from support.strategies.mbo import MarketCase
from support.strategies.mbo_script import (
    DAY_START_NS,
    SNAPSHOT,
    SNAPSHOT_LAST,
    TICK_INT,
    message,
    script,
    script_config,
)
from support.vendor_csv import csv_rows, mbo_records, price_int, time_ns, vendor_levels

DT = date(2023, 12, 25)
BAD = FLAG_MAYBE_BAD_BOOK
MS = 1_000_000


def record(
    at_ns: int,
    flags: int = FLAG_LAST,
    action: str = "A",
    bid: int = 100,
    recv_ns: int | None = None,
) -> Row:
    """A record of market by price; times are ns after the day's start, the bid is in ticks."""
    level = Level(bid * TICK_INT, 5, 1)
    row = {"ts_event": DAY_START_NS + at_ns, "action": action, "flags": flags, "side": "B"}
    row |= {"ts_recv": DAY_START_NS + (at_ns if recv_ns is None else recv_ns)}
    row |= {"price_int": level.price_int, "size": 5}
    return row | level_columns(State(0, (level,), (level._replace(price_int=101 * TICK_INT),)))


def times(states: list[State]) -> list[int]:
    return [state.time_ns - DAY_START_NS for state in states]


def kinds(states: list[State]) -> list[tuple[bool, bool, bool]]:
    return [(state.is_known, state.is_bad, state.is_reset) for state in states]


PLAIN, RESET, DOUBTED = (True, False, False), (True, False, True), (True, True, False)
UNKNOWN, LOADING = (False, False, False), (False, False, True)


# Market by price


def test_a_state_has_the_time_of_the_first_record_of_its_group() -> None:
    records = [
        record(3 * MS, flags=0, bid=99),
        record(5 * MS),
        record(4 * MS, bid=98),  # late
        record(-MS),  # before the day
        record(9 * MS, FLAG_SNAPSHOT | FLAG_LAST, recv_ns=7 * MS),
    ]
    states = mbp10_states(records, DAY_START_NS)
    assert times(states) == [3 * MS, 4 * MS, 4 * MS, 7 * MS]
    assert [state.bids[0].price_int // TICK_INT for state in states] == [100, 98, 100, 100]
    assert kinds(states) == [PLAIN, PLAIN, PLAIN, RESET]
    early = mbp10_states([record(-MS), record(0)], DAY_START_NS)
    assert times(early) == [0, 0]


def test_a_reset_without_last_counts_for_the_next_state() -> None:
    records = [record(0), record(MS, 0, "R"), record(5 * MS), record(6 * MS)]
    states = mbp10_states(records, DAY_START_NS)
    assert times(states) == [0, 5 * MS, 6 * MS]
    assert kinds(states) == [PLAIN, RESET, PLAIN]


def test_doubt_of_market_by_price_is_that_of_the_last_record() -> None:
    flags = [BAD, FLAG_LAST, BAD | FLAG_LAST, FLAG_LAST]
    records = [record(n, flag) for n, flag in enumerate(flags)]
    assert kinds(mbp10_states(records, DAY_START_NS)) == [PLAIN, DOUBTED, PLAIN]


def test_a_group_without_last_gives_no_state() -> None:
    states = mbp10_states([record(0), record(MS, 0)], DAY_START_NS)
    assert times(states) == [0]


def test_levels_end_at_the_first_empty_one() -> None:
    [state] = mbp10_states([record(0)], DAY_START_NS)
    assert (len(state.bids), len(state.asks), state.is_whole) == (1, 1, False)


def test_trades_of_market_by_price_have_the_second_of_their_group() -> None:
    records = [
        record(NS_PER_S - 1, 0, "T"),
        record(NS_PER_S + 1, FLAG_LAST, "T"),
        record(NS_PER_S + 2) | {"action": "T", "size": 0},
    ]
    trades = mbp10_trades(records, DAY_START_NS, "ESH4", DT)
    assert [trade.window_s for trade in trades] == [DAY_START_NS // NS_PER_S] * 2
    assert [trade.ordinal for trade in trades] == [1, 2]


# Market by order


def states_of(*messages: np.ndarray) -> list[State]:
    return mbo_states(script(*messages), script_config())


def test_a_book_is_unknown_until_a_clear() -> None:
    states = states_of(
        message("A", "B", 1, 100, 5),
        message("R", at_ns=MS, flags=0),
        message("N", at_ns=MS),  # closes the clear, no group of its own
        message("A", "A", 2, 101, 5, at_ns=2 * MS),
    )
    assert times(states) == [0, MS, 2 * MS]
    assert kinds(states) == [UNKNOWN, RESET, PLAIN]
    assert [state.is_two_sided for state in states] == [False, False, False]
    assert states[-1].asks == (Level(101 * TICK_INT, 5, 1),)


def test_a_snapshot_with_last_is_complete_at_once() -> None:
    states = states_of(
        message("R", flags=SNAPSHOT),
        message("A", "B", 1, 100, 5, flags=SNAPSHOT, recv_ns=MS),
        message("A", "A", 2, 101, 5, flags=SNAPSHOT_LAST, recv_ns=MS),
        message("A", "B", 3, 100, 2, at_ns=3 * MS),
    )
    assert times(states) == [0, MS, 3 * MS]
    assert kinds(states) == [LOADING, RESET, PLAIN]
    assert [state.is_valid for state in states] == [False, True, True]
    assert states[-1].bids == (Level(100 * TICK_INT, 7, 2),)


def test_a_snapshot_without_last_is_complete_with_the_next_record() -> None:
    states = states_of(
        message("A", "B", 1, 100, 5, flags=SNAPSHOT, recv_ns=MS),
        message("A", "A", 2, 101, 5, flags=SNAPSHOT, recv_ns=MS),
        message("T", "B", 0, 101, 1, at_ns=4 * MS),
    )
    assert times(states) == [MS, 4 * MS]
    assert kinds(states) == [LOADING, PLAIN]


def test_doubt_of_market_by_order_lasts_until_a_snapshot() -> None:
    states = states_of(
        message("R"),
        message("A", "B", 1, 100, 5, flags=FLAG_LAST | BAD),
        message("A", "A", 2, 101, 5),
        message("R"),
        message("A", "B", 3, 100, 5, flags=SNAPSHOT_LAST),
    )
    assert kinds(states) == [RESET, DOUBTED, DOUBTED, (True, True, True), RESET]


def test_every_price_of_a_side_is_kept() -> None:
    bids = [message("A", "B", n, 100 - n, n + 1) for n in range(14)]
    state = states_of(message("R"), *bids)[-1]
    assert [level.size for level in state.bids] == list(range(1, 15))
    assert len(state.view("bid")) == 10 and state.is_whole


def test_trades_of_market_by_order_have_the_second_of_their_group() -> None:
    records = script(
        message("T", "B", 0, 101, 1, at_ns=NS_PER_S - 1, flags=0),
        message("T", "A", 0, 100, 2, at_ns=NS_PER_S + 1),
        message("T", "N", 0, 100, 0, at_ns=NS_PER_S + 2),
        message("T", "N", 0, None, 3, at_ns=5),
    )
    trades = mbo_trades(records, script_config(), "ESH4", DT)
    seconds = [trade.window_s - DAY_START_NS // NS_PER_S for trade in trades]
    assert seconds == [0, 0, 1]
    assert [trade.price_int for trade in trades] == [101 * TICK_INT, 100 * TICK_INT, None]


# What a vendor publishes


def test_published_records_of_a_script() -> None:
    """The far bid, F and N are not published; LAST moves to the last published record."""
    bids = [message("A", "B", 100 + n, 100 - n, 5, flags=SNAPSHOT, recv_ns=MS) for n in range(10)]
    records = script(
        message("R", flags=SNAPSHOT, recv_ns=MS),
        *bids,
        message("A", "A", 2, 101, 5, flags=SNAPSHOT_LAST, recv_ns=MS),
        message("A", "B", 3, 80, 2, at_ns=2 * MS),
        message("T", "B", 0, 101, 5, at_ns=3 * MS, flags=0),
        message("F", "A", 2, 101, 5, at_ns=3 * MS, flags=0),
        message("C", "A", 2, 101, 5, at_ns=3 * MS, flags=0),
        message("C", "B", 3, 80, 2, at_ns=3 * MS),
        message("C", "B", 101, 99, 5, at_ns=4 * MS, flags=0),
        message("N", at_ns=4 * MS),
        message("R", at_ns=5 * MS, flags=0),
    )
    found = mbp10_records(records, script_config())
    assert [(row["action"], row["is_last"], row["is_snapshot"]) for row in found] == [
        ("A", True, True),
        ("T", False, False),
        ("C", True, False),
        ("C", True, False),
        ("R", True, False),
    ]
    assert [row["ask_sz_00"] for row in found] == [5, 5, 0, 0, 0]
    assert [row["depth"] for row in found] == [0, 0, 0, 1, 0]
    # the far bid was cancelled: nothing scrolls in
    assert [row["bid_px_09_int"] for row in found[2:4]] == [91 * TICK_INT, None]
    assert [row["rec_ordinal"] for row in found] == [1, 2, 3, 4, 5]


def test_a_genuine_file_is_published_as_the_vendor_did(shared_data: Path) -> None:
    folder = shared_data / "es_mbo_vs_mbp10"
    records = mbo_records(csv_rows(folder / "esz2_20220103.mbo.csv"))
    found = mbp10_records(records, BookConfig(TICK_INT, time_ns("2022-01-03T00:00:00Z"), []))
    vendor = csv_rows(folder / "esz2_20220103.mbp-10.csv")[: len(found)]
    assert len(found) == 16
    for row, expected in zip(found, vendor, strict=True):
        for name in ("ts_event", "ts_recv"):
            assert row[name] == time_ns(expected[name])
        for name in ("action", "side"):
            assert row[name] == expected[name]
        for name in ("depth", "size"):
            assert row[name] == int(expected[name])
        assert row["flags"] == int(expected["flags"]) & (FLAG_LAST | FLAG_SNAPSHOT | BAD)
        assert row["price_int"] == price_int(expected["price"])
        [state] = mbp10_states([row], 0)
        for side in ("bid", "ask"):
            assert list(state.view(side)) == vendor_levels(expected, side)


# Both sources of one day


def check_sources_agree(case: MarketCase) -> dict[str, int]:
    """Assert that both sources give the same rows where the ten levels tell a value."""
    records, config = case.records, case.config
    published = mbp10_records(records, config)
    by_order = mbo_states(records, config)
    by_price = mbp10_states(published, config.day_start_ns)
    trades = mbo_trades(records, config, "ESH4", DT)
    same_trades = mbp10_trades(published, config.day_start_ns, "ESH4", DT)
    assert [x.window_s for x in trades] == [x.window_s for x in same_trades]
    day = MarketDay("ESH4", DT, config.tick_int, "mbo", *second_range(by_order))
    assert top10_1s(by_order, day) == top10_1s(by_price, day)
    resets = {state.time_ns // NS_PER_S // 5 for state in by_order if state.is_reset}
    found = {"bars": 0, "compared": 0, "unknown": 0}
    pairs = [
        *zip(
            *(market_by_price_10_bar5s(s, trades, day) for s in (by_order, by_price)), strict=True
        ),
        *zip(*(market_features_1s(s, trades, day) for s in (by_order, by_price)), strict=True),
    ]
    for number, (row, other) in enumerate(pairs):
        for name, value in row.items():
            # market by price does not show the moment at which a snapshot clears the book
            is_count = name in ("update_count", "is_carried")
            if is_count and day.first_s // 5 + number in resets:
                continue
            if name.startswith("depth_") and other[name] is None:
                found["unknown"] += value is not None
                continue
            is_measured = isinstance(value, float)
            expected = pytest.approx(value, rel=1e-12, abs=1e-15) if is_measured else value
            assert other[name] == expected, name
            found["compared"] += is_measured
        found["bars"] += row["is_valid"]
    return found


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(comparable_cases())
def test_sources_agree_on_drawn_days(case: MarketCase) -> None:
    check_sources_agree(case)


def test_sources_agree_on_random_days() -> None:
    """And together the days have valid bars, values to compare and bands that are not known."""
    cases = [comparable_case(np.random.default_rng(seed), 300) for seed in range(4)]
    days = [check_sources_agree(case) for case in cases]
    found = {name: sum(day[name] for day in days) for name in days[0]}
    assert found["bars"] > 50 and found["compared"] > 1_000 and found["unknown"] > 10, found


def test_a_comparable_stream_is_its_own() -> None:
    records = comparable_case(np.random.default_rng(1), 200).records
    assert (comparable(records) == records).all()
