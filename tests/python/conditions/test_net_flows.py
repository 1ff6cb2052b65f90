"""Net flows from market by price: hand-made books with known answers, and the plain twin."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from naive.market_quantities import level_columns
from naive.market_states import Level, State
from naive.model import FLAG_LAST, FLAG_SNAPSHOT, NS_PER_S
from naive.net_flows import SUMS, Published, net_window
from support.market_days import mbp10_records
from support.net_days import net_flows, published_rows, spot_of
from support.strategies.mbo import random_case
from support.strategies.mbo_script import DAY_START_NS, TICK_INT

DAY_S = DAY_START_NS // NS_PER_S
MID, QTY = 100, 10
# the window under test: two seconds from the end of second 0
END_S, WINDOW_S = DAY_S + 3, 2
Sides = dict[int, int]


def book(
    bids: Sides | None = None, asks: Sides | None = None, levels: int = 5
) -> tuple[Sides, Sides]:
    """Return a book of ten contracts at each price around 100, with some prices replaced."""
    whole = (
        {MID - n: QTY for n in range(1, levels + 1)} | (bids or {}),
        {MID + n: QTY for n in range(1, levels + 1)} | (asks or {}),
    )
    return tuple({tick: qty for tick, qty in side.items() if qty} for side in whole)


def record(at_s: float, sides: tuple[Sides, Sides], **values: Any) -> dict[str, Any]:
    """Return a row of market by price that publishes a book."""
    bids, asks = sides
    ladder = (
        tuple(Level(tick * TICK_INT, side[tick], 1) for tick in sorted(side, reverse=is_bid))
        for side, is_bid in ((bids, True), (asks, False))
    )
    at_ns = DAY_START_NS + round(at_s * NS_PER_S)
    row = {"ts_event": at_ns, "ts_recv": at_ns, "flags": FLAG_LAST, "action": "A", "side": "A"}
    row |= {"price_int": MID * TICK_INT, "size": 1}
    return row | level_columns(State(0, *ladder)) | values


def trade(at_s: float, sides: tuple[Sides, Sides], tick: int, qty: int, side: str) -> dict:
    """Return a trade, published with the book before it."""
    values = {"action": "T", "side": side, "price_int": tick * TICK_INT, "size": qty}
    return record(at_s, sides, **values)


def flows(
    *records: dict[str, Any],
    spot: int = MID,
    until: int = 3,
    is_quick: bool = True,
    **variables: Any,
) -> dict:
    """Return the row of the window of two seconds after the first one."""
    # updates at a quick pace, and a state in the last second, so that it is there
    pace = [records[0] | _at(0.01 * n) for n in range(1, 9)] if is_quick else []
    given = [*pace, *records, records[-1] | {"action": "A", **_at(until - 0.5)}]
    seconds = range(DAY_S, DAY_S + until)
    rows = net_flows(given, dict.fromkeys(seconds, spot), dict.fromkeys(seconds, True), **variables)
    return rows[DAY_S + until, variables.get("condition_windows_s", [WINDOW_S])[0]]


def _at(at_s: float) -> dict[str, int]:
    at_ns = DAY_START_NS + round(at_s * NS_PER_S)
    return {"ts_event": at_ns, "ts_recv": at_ns}


def test_a_pull_is_a_fall_that_no_trade_explains() -> None:
    row = flows(record(0.1, book()), record(1.2, book(asks={101: 4})))
    assert (row["ask_depth_start"], row["ask_net_pull"], row["ask_net_change"]) == (50, 6, 6)
    # ticks 1 to 5 from spot, ten contracts each
    assert (row["ask_depth_start_ticks"], row["ask_kept_end_ticks"]) == (150, 144)
    assert (row["bid_net_pull"], row["reach_ticks"], row["scrolled_qty"]) == (0, 5, 0)


def test_an_arrival_is_a_negative_pull() -> None:
    row = flows(record(0.1, book()), record(1.2, book(bids={98: 17})))
    assert (row["bid_net_pull"], row["bid_net_change"], row["ask_net_pull"]) == (-7, 7, 0)


def test_an_execution_is_neither_pull_nor_retreat() -> None:
    eaten = book(asks={101: 3})
    row = flows(record(0.1, book()), trade(1.2, book(), 101, 7, "B"), record(1.2, eaten))
    assert (row["ask_net_pull"], row["ask_kept_end"], row["ask_kept_change"]) == (0, 50, 0)
    # the trade took seven, three more were pulled
    row = flows(record(0.1, book()), trade(1.2, book(), 101, 4, "B"), record(1.2, eaten))
    assert (row["ask_net_pull"], row["ask_kept_end"], row["ask_kept_change"]) == (3, 47, 3)


def test_a_level_that_vanishes_within_the_published_range_is_pulled() -> None:
    after = book(asks={101: 0, 106: 30})
    row = flows(record(0.1, book()), record(1.2, after))
    assert (row["ask_net_pull"], row["reach_ticks"]) == (10, 5)
    # the sixth level comes into view: no arrival, but counted
    assert row["scrolled_qty"] == 30


def test_prices_that_scroll_into_and_out_of_view_are_left_out() -> None:
    inside = book(bids={100: 5, 95: 0})
    row = flows(record(0.1, book()), record(1.2, inside), spot=MID)
    assert (row["scrolled_qty"], row["reach_ticks"]) == (10, 4)
    # the new best bid is an arrival, the fifth bid is out of view
    assert (row["bid_depth_start"], row["bid_net_pull"]) == (40, -5)


def test_a_side_with_fewer_levels_than_published_is_known_as_a_whole() -> None:
    thin = book(asks={104: 0, 105: 0})
    row = flows(record(0.1, thin), record(1.2, book(asks={104: 0, 105: 8})))
    assert (row["reach_ticks"], row["ask_net_pull"], row["scrolled_qty"]) == (5, -8, 0)


@pytest.mark.parametrize(("tick", "side"), [(101, "ask"), (99, "bid")])
def test_a_trade_of_unknown_side_executes_the_side_that_shows_its_price(
    tick: int, side: str
) -> None:
    after = book(asks={101: 4}) if side == "ask" else book(bids={99: 4})
    row = flows(record(0.1, book()), trade(1.2, book(), tick, 6, "N"), record(1.2, after))
    assert (row[f"{side}_net_pull"], row["unknown_side_qty"]) == (0, 0)


def test_a_trade_of_unknown_side_between_the_quotes_is_counted_and_left_out() -> None:
    row = flows(record(0.1, book()), trade(1.2, book(), 100, 6, "N"))
    assert (row["ask_net_pull"], row["bid_net_pull"], row["unknown_side_qty"]) == (0, 0, 6)


def test_following_spot_is_no_condition() -> None:
    """Asks are eaten, bids follow two ticks up: nobody pulled, retreated or arrived."""
    moved = (
        dict.fromkeys(range(97, 102), QTY),
        dict.fromkeys(range(103, 108), QTY),
    )
    eaten = [trade(1.2, book(), tick, QTY, "B") for tick in (101, 102)]
    row = flows(record(0.1, book()), *eaten, record(1.2, moved), spot=99)
    assert row["ask_net_pull"] == row["bid_net_pull"] == 0
    assert row["ask_kept_change"] == row["bid_kept_change"] == 0
    # asks from 102, past every bid of the window, to 105; bids from 97, the last in view, to 99
    assert (row["ask_depth_start"], row["bid_depth_start"], row["reach_ticks"]) == (40, 30, 2)


def test_a_gap_a_reset_and_a_doubted_book_are_not_known() -> None:
    given = [record(0.1 * n, book()) for n in range(1, 6)] + [record(1.2, book(asks={101: 4}))]
    assert flows(*given)["ask_net_pull"] == 6
    for spoiled in (
        record(1.5, book(), flags=FLAG_LAST | FLAG_SNAPSHOT),
        record(1.5, ({}, {}), action="R"),
        record(1.5, book(asks={99: 5})),
    ):
        row = flows(*given, spoiled, record(1.6, book()))
        assert row["reach_ticks"] is row["ask_net_pull"] is row["scrolled_qty"] is None
    seconds = range(DAY_S, DAY_S + 3)
    valid = dict.fromkeys(seconds, True) | {DAY_S + 1: False}
    rows = net_flows([*given, record(2.5, book())], dict.fromkeys(seconds, MID), valid)
    assert rows[END_S, WINDOW_S]["reach_ticks"] is None


@pytest.mark.parametrize(("window_s", "is_known"), [(5, False), (6, True)])
def test_a_venue_that_publishes_every_three_seconds(window_s: int, is_known: bool) -> None:
    given = [record(0.5 + 3 * n, book(asks={101: 10 + n})) for n in range(4)]
    row = flows(
        *given,
        until=11,
        is_quick=False,
        condition_windows_s=[window_s],
        condition_window_s=window_s,
    )
    assert row["resolution_s"] == 3
    assert (row["reach_ticks"] is not None) is is_known
    if is_known:
        assert row["ask_net_pull"] == -2


def test_mirror_and_translation() -> None:
    given = [
        record(0.1, book()),
        trade(1.2, book(), 101, 3, "B"),
        record(1.2, book(asks={101: 5, 103: 2}, bids={96: 12, 94: 4})),
    ]
    row = flows(*given)
    mirrored = [_reflected(one) for one in given]
    other = flows(*mirrored)
    names = [name for name in row if name.startswith(("ask_", "bid_"))]
    for name in names:
        swapped = {"ask": "bid", "bid": "ask"}[name[:3]] + name[3:]
        assert row[name] == other[swapped], name
    assert row["reach_ticks"] == other["reach_ticks"]
    assert row["scrolled_qty"] == other["scrolled_qty"]
    up = flows(*[_shifted(one, 7) for one in given], spot=MID + 7)
    assert [up[name] for name in names] == [row[name] for name in names]


def _reflected(one: dict[str, Any]) -> dict[str, Any]:
    found = dict(one)
    for name, value in one.items():
        if name.startswith(("bid_", "ask_")):
            side = "ask" if name.startswith("bid_") else "bid"
            is_price = "_px_" in name and value is not None
            found[side + name[3:]] = 2 * MID * TICK_INT - value if is_price else value
    found["price_int"] = 2 * MID * TICK_INT - one["price_int"]
    found["side"] = {"A": "B", "B": "A"}.get(one["side"], "N")
    return found


def _shifted(one: dict[str, Any], ticks: int) -> dict[str, Any]:
    moved = {
        name: value + ticks * TICK_INT
        for name, value in one.items()
        if ("_px_" in name or name == "price_int") and value is not None
    }
    return one | moved


# Against the plain twin


def compared(rows: dict[tuple[int, int], dict], day: Published, spot: dict, valid: dict) -> int:
    """Compare every window with the twin; return the number of known ones."""
    n_known = 0
    for (end_s, window_s), row in rows.items():
        plain = net_window(day, end_s, window_s, spot, valid)
        names = [f"{side}_{name}" for side in ("ask", "bid") for name in SUMS]
        names += ["reach_ticks", "spot_move_ticks", "scrolled_qty", "unknown_side_qty"]
        if plain is None:
            assert [row[name] for name in names] == [None] * len(names), (end_s, window_s)
            continue
        found = {name: row[name] for name in [*names, "resolution_s"]}
        assert found == {name: plain[name] for name in found}, (end_s, window_s)
        n_known += 1
    return n_known


@pytest.mark.parametrize("seed", range(8))
def test_windows_of_any_stream_are_those_of_the_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng, 400)
    records = mbp10_records(case.records, case.config)
    for one in records:
        if one["action"] == "T" and rng.random() < 0.3:
            one["side"] = "N"
    tick_int = case.config.tick_int
    day = Published(records, case.config.day_start_ns, tick_int)
    spot = spot_of(day.states, tick_int)
    valid = {second: bool(rng.random() < 0.97) for second in spot}
    rows = net_flows(records, spot, valid, tick_int)
    compared(rows, day, spot, valid)


def drawn_walk(seed: int, n_seconds: int = 40) -> list[dict[str, Any]]:
    """Draw a book that walks, with trades of all kinds and ten levels of random size."""
    rng = np.random.default_rng(seed)
    mid, found = MID, []
    sides = _drawn_sides(rng, mid)
    for at_s in np.sort(rng.uniform(0, n_seconds, 12 * n_seconds)):
        if rng.random() < 0.3:
            tick = mid + int(rng.choice([-1, 0, 1]))
            side = str(rng.choice(["A", "B", "N"]))
            found.append(trade(float(at_s), sides, tick, int(rng.integers(1, 9)), side))
            found[-1]["flags"] = int(rng.choice([0, FLAG_LAST]))
        mid += int(rng.choice([-1, 0, 0, 0, 0, 1]))
        sides = _drawn_sides(rng, mid)
        found.append(record(float(at_s), sides))
    return found


def _drawn_sides(rng: np.random.Generator, mid: int) -> tuple[Sides, Sides]:
    n_levels = int(rng.choice([10, 10, 10, 9]))
    return tuple(
        {
            mid + sense * int(gap): int(rng.integers(1, 30))
            for gap in np.sort(rng.choice(np.arange(1, 16), n_levels, replace=False))
        }
        for sense in (-1, 1)
    )


@pytest.mark.parametrize("seed", range(3))
def test_windows_of_a_walk_are_those_of_the_twin(seed: int) -> None:
    records = drawn_walk(seed)
    day = Published(records, DAY_START_NS, TICK_INT)
    spot = spot_of(day.states)
    valid = dict.fromkeys(spot, True)
    rows = net_flows(records, spot, valid)
    assert compared(rows, day, spot, valid) > 60


def test_no_row_depends_on_later_records() -> None:
    records = drawn_walk(7)
    cut_s = DAY_S + 25
    spot = spot_of(Published(records, DAY_START_NS, TICK_INT).states)
    valid = dict.fromkeys(spot, True)
    whole = net_flows(records, spot, valid)
    early = [one for one in records if one["ts_event"] < cut_s * NS_PER_S]
    # the last second that the cut file shows whole
    prefix = net_flows(early, spot, valid)
    assert len(prefix) > 30
    for key, row in prefix.items():
        if key[0] < cut_s:
            assert row == whole[key], key


def test_seconds_follow_each_other() -> None:
    rows = published_rows(drawn_walk(3))
    starts = [row["window_start_ts"] for row in rows]
    assert {(later - sooner).total_seconds() for sooner, later in pairwise(starts)} == {1.0}
