"""The plain book engine on hand-made scenarios."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from naive.book import replay
from naive.model import NS_PER_S, NaiveResult
from support.strategies.mbo_script import (
    DAY_START_NS,
    LAST,
    SNAPSHOT,
    SNAPSHOT_LAST,
    TICK_INT,
    message,
    script,
    script_config,
)

MS = 1_000_000
FLOWS = ("add_qty", "pull_qty_total", "pull_qty_rest", "fill_qty")
OPENING = (
    message("R", flags=SNAPSHOT),
    message("A", "B", 1, 100, 10, flags=SNAPSHOT),
    message("A", "A", 2, 101, 10, flags=SNAPSHOT_LAST),
)
# Keeps the side, spot and the wall when the best bid leaves.
DEEP_BID = message("A", "B", 50, 90, 1)


def run(*messages: np.ndarray, **fields: object) -> NaiveResult:
    return replay(script(*messages), script_config(**fields))


def wall(result: NaiveResult, second: int, side: str, ticks: int) -> dict[str, Any]:
    rows = [
        row
        for row in result.wall
        if row["window_start_s"] == DAY_START_NS // NS_PER_S + second
        and (row["side"], row["price_int"]) == (side, ticks * TICK_INT)
    ]
    assert len(rows) == 1
    return rows[0]


def flows(row: dict[str, Any]) -> tuple[int, ...]:
    """add, pull, rested pull and fill of a wall row."""
    return tuple(row[name] for name in FLOWS)


def test_nothing_gives_nothing() -> None:
    result = run()
    assert (result.snapshot, result.wall, result.reprice) == ([], [], [])
    assert result.qa["median_resting_orders"] is None
    assert result.qa["latency_ns_q50"] is None


def test_iceberg_refill_is_fill_and_add() -> None:
    result = run(
        *OPENING,
        message("T", "A", 0, 100, 10, NS_PER_S, 0),
        message("F", "B", 1, 100, 10, NS_PER_S, 0),
        message("M", "B", 1, 100, 10, NS_PER_S),
    )
    row = wall(result, 1, "B", 100)
    assert flows(row) == (10, 0, 0, 10)
    assert (row["depth_qty_start"], row["depth_qty_end"]) == (10, 10)
    assert (result.qa["refill_count"], result.refill_qty) == (1, 10)
    assert (result.qa["fill_match_count"], result.qa["exact_fill_match_count"]) == (1, 0)


@pytest.mark.parametrize(
    ("fill", "answer", "expected", "hidden"),
    [
        (4, message("C", "B", 1, 100, 4, NS_PER_S), (0, 0, 0, 4), 0),
        (4, message("C", "B", 1, 100, 10, NS_PER_S), (0, 6, 6, 4), 0),
        (4, message("C", "B", 1, 100, 3, NS_PER_S), (0, 0, 0, 3), 1),
        (15, message("C", "B", 1, 100, 10, NS_PER_S), (0, 0, 0, 10), 5),
        (4, message("M", "B", 1, 100, 6, NS_PER_S), (0, 0, 0, 4), 0),
        (4, message("M", "B", 1, 100, 5, NS_PER_S), (0, 1, 1, 4), 0),
        (4, message("M", "B", 1, 100, 9, NS_PER_S), (3, 0, 0, 4), 0),
        (4, message("M", "B", 1, 100, 0, NS_PER_S), (0, 6, 6, 4), 0),
        (4, message("M", "B", 1, 99, 8, NS_PER_S), (0, 6, 6, 4), 0),
        (15, message("M", "B", 1, 99, 8, NS_PER_S), (0, 0, 0, 10), 5),
        (4, message("M", "A", 1, 100, 8, NS_PER_S), (0, 6, 6, 4), 0),
        (4, message("C", "B", 1, 100, 4, NS_PER_S - 1), (0, 4, 4, 0), 4),
    ],
)
def test_attribution_after_a_fill(
    fill: int, answer: np.ndarray, expected: tuple[int, ...], hidden: int
) -> None:
    filled = message("F", "B", 1, 100, fill, NS_PER_S, 0)
    result = run(*OPENING, DEEP_BID, filled, answer)
    assert flows(wall(result, 1, "B", 100)) == expected
    assert result.qa["hidden_fill_qty"] == hidden


def test_reprice_moves_the_rest_after_the_fill() -> None:
    result = run(
        *OPENING,
        message("F", "B", 1, 100, 4, NS_PER_S, 0),
        message("M", "B", 1, 99, 8, NS_PER_S),
    )
    old, new = wall(result, 1, "B", 100), wall(result, 1, "B", 99)
    assert (old["reprice_out_qty"], new["reprice_in_qty"]) == (6, 6)
    assert flows(new) == (8, 0, 0, 0)
    (move,) = result.reprice
    assert (move["price_from_int"], move["price_to_int"]) == (100 * TICK_INT, 99 * TICK_INT)
    assert (move["qty"], move["qty_rest"], move["n_orders"]) == (6, 6, 1)


def test_change_of_side_is_no_reprice() -> None:
    result = run(*OPENING, DEEP_BID, message("M", "A", 1, 102, 7, NS_PER_S))
    assert flows(wall(result, 1, "A", 102)) == (7, 0, 0, 0)
    assert result.reprice == []
    assert result.qa["side_change"] == 1


def test_fills_without_answer_are_unmatched_or_unknown() -> None:
    result = run(
        *OPENING,
        message("F", "B", 1, 100, 3, NS_PER_S),
        message("C", "B", 1, 100, 3, NS_PER_S + 1),
        message("F", "B", 77, 100, 2, NS_PER_S + 2),
        message("F", "B", 1, 100, 5, NS_PER_S + 3),
    )
    qa = result.qa
    assert (qa["unmatched_fill_qty"], qa["unknown_fill_qty"], qa["matched_fill_qty"]) == (8, 2, 0)
    assert flows(wall(result, 1, "B", 100)) == (0, 3, 3, 0)


@pytest.mark.parametrize(("age_ns", "rested"), [(499_999_999, 0), (500_000_000, 5)])
def test_age_limit(age_ns: int, rested: int) -> None:
    entered = NS_PER_S + 10 * MS
    result = run(
        *OPENING,
        message("A", "B", 3, 99, 5, entered),
        message("C", "B", 3, 99, 5, entered + age_ns),
    )
    assert flows(wall(result, 1, "B", 99)) == (5, 5, rested, 0)


@pytest.mark.parametrize(("age_ns", "rested"), [(499_999_999, 0), (500_000_000, 5)])
def test_age_limit_of_resting_depth(age_ns: int, rested: int) -> None:
    result = run(*OPENING, message("A", "B", 3, 99, 5, 2 * NS_PER_S - age_ns))
    assert wall(result, 1, "B", 99)["depth_qty_rest"] == rested


@pytest.mark.parametrize(("ticks", "rested"), [(99, 5), (98, 0)])
def test_only_a_new_price_resets_the_age(ticks: int, rested: int) -> None:
    result = run(
        *OPENING,
        message("A", "B", 3, 99, 4, NS_PER_S),
        message("M", "B", 3, ticks, 5, NS_PER_S + 300 * MS),
        message("C", "B", 3, ticks, 5, NS_PER_S + 600 * MS),
    )
    assert wall(result, 1, "B", ticks)["pull_qty_rest"] == rested


def test_snapshot_orders_have_their_true_age() -> None:
    old = message("A", "B", 1, 100, 10, -9 * NS_PER_S, SNAPSHOT, recv_ns=600 * MS)
    young = message("A", "A", 2, 101, 10, 600 * MS, SNAPSHOT_LAST)
    result = run(old, young)
    assert wall(result, 0, "B", 100)["depth_qty_rest"] == 10
    assert wall(result, 0, "A", 101)["depth_qty_rest"] == 0
    assert wall(result, 0, "B", 100)["reset_qty"] == 10


def flags_of(result: NaiveResult) -> list[int]:
    return [row["invalid_flags"] for row in result.snapshot]


SNAPSHOT_STARTS = {"clear": (message("R", flags=SNAPSHOT),), "plain": ()}
SNAPSHOT_ENDS = {
    "last": (message("A", "A", 2, 101, 10, flags=SNAPSHOT_LAST),),
    "closing record": (
        message("A", "A", 2, 101, 10, flags=SNAPSHOT),
        message("N", flags=SNAPSHOT_LAST),
    ),
    "none": (message("A", "A", 2, 101, 10, flags=SNAPSHOT),),
}


@pytest.mark.parametrize("end", SNAPSHOT_ENDS)
@pytest.mark.parametrize("start", SNAPSHOT_STARTS)
def test_snapshot_variants(start: str, end: str) -> None:
    load = (message("A", "B", 1, 100, 10, flags=SNAPSHOT), *SNAPSHOT_ENDS[end])
    live = message("A", "B", 3, 99, 1, 2 * NS_PER_S)
    result = run(*SNAPSHOT_STARTS[start], *load, live)
    # Without LAST, only the next record shows that the snapshot is complete.
    assert flags_of(result) == ([2, 0, 0] if end != "none" else [3, 1, 0])
    assert (result.qa["n_clears"], result.qa["snapshot_orders"]) == (1, 2)
    assert result.snapshot[-1]["bid_depth_total"] == 11

    second = (message("A", "B", 9, 90, 4, 0, SNAPSHOT, recv_ns=3 * NS_PER_S),)
    again = run(*SNAPSHOT_STARTS[start], *load, live, *second)
    assert again.snapshot[-1]["bid_depth_total"] == 4
    assert again.snapshot[-1]["invalid_flags"] == 1 | 2 | 8
    assert again.qa["n_clears"] == 2


def test_reset_without_last_gives_a_known_empty_book() -> None:
    result = run(
        *OPENING,
        message("F", "B", 1, 100, 2, NS_PER_S, 0),
        message("R", at_ns=NS_PER_S, flags=0),
        message("A", "B", 1, 100, 3, 3 * NS_PER_S),
    )
    assert flags_of(result) == [2, 2 | 8, 8, 8]
    assert result.qa["unmatched_fill_qty"] == 2
    assert [row["n_groups"] for row in result.snapshot] == [2, 1, 0, 1]
    assert result.snapshot[1]["bid_outside_reset"] == -10


def test_stream_without_snapshot_never_becomes_valid() -> None:
    result = run(message("A", "B", 1, -3_700, 10), message("A", "A", 2, -3_699, 10, 5 * NS_PER_S))
    assert len(result.snapshot) == 6
    assert all(flags & 1 for flags in flags_of(result))
    assert result.snapshot[-1]["spot_ref_price_int"] == -3_700 * TICK_INT


def test_doubt_lasts_until_the_next_snapshot() -> None:
    result = run(
        *OPENING,
        message("A", "B", 3, 99, 1, NS_PER_S, LAST | 4),
        message("R", at_ns=2 * NS_PER_S),
        message("A", "B", 4, 99, 1, 3 * NS_PER_S),
        message("A", "A", 5, 102, 1, 3 * NS_PER_S),
        message("A", "B", 6, 99, 1, 0, SNAPSHOT, recv_ns=4 * NS_PER_S),
        message("A", "A", 7, 102, 1, 0, SNAPSHOT_LAST, recv_ns=4 * NS_PER_S),
        message("N", at_ns=5 * NS_PER_S),
    )
    assert flags_of(result) == [2, 4, 2 | 4 | 8, 4, 2, 0]


def test_continuous_trading_starts_with_the_first_trade_after_the_open() -> None:
    at = [DAY_START_NS + second * NS_PER_S for second in (2, 4, 5, 7)]
    result = run(
        *OPENING,
        message("T", "B", 0, 101, 1, NS_PER_S),
        message("T", "N", 0, 101, 0, 2 * NS_PER_S),
        message("T", "N", 0, 101, 1, 3 * NS_PER_S),
        message("T", "A", 0, 100, 1, 6 * NS_PER_S),
        message("N", at_ns=7 * NS_PER_S),
        trading_intervals=((at[0], at[1], False), (at[2], at[3], False)),
    )
    assert flags_of(result) == [2 | 16, 16, 16, 0, 16, 16, 0, 16]
    assert result.snapshot[3]["trade_qty_none"] == 1


def test_trade_in_the_second_of_the_open_counts() -> None:
    open_ns = DAY_START_NS + NS_PER_S
    result = run(
        *OPENING,
        message("T", "B", 0, 101, 1, NS_PER_S),
        trading_intervals=((open_ns, open_ns + 60 * NS_PER_S, False),),
    )
    assert flags_of(result) == [2 | 16, 0]


def test_wall_ends_at_its_greatest_distance() -> None:
    result = run(
        *OPENING,
        message("A", "B", 3, 97, 4, NS_PER_S),
        message("A", "B", 4, 96, 5, NS_PER_S),
        message("C", "B", 4, 96, 2, NS_PER_S),
        wall_max_ticks=3,
    )
    now_s = DAY_START_NS // NS_PER_S + 1
    shown = {row["rel_ticks"]: row for row in result.wall if row["window_start_s"] == now_s}
    assert sorted(shown) == [-3, 0, 1]
    assert flows(shown[-3]) == (4, 0, 0, 0)
    row = result.snapshot[1]
    outside = ("depth_start", "depth_end", "add", "pull", "fill", "reset")
    assert [row[f"bid_outside_{name}"] for name in outside] == [0, 3, 5, 2, 0, 0]
    assert (result.qa["bid_add_inside"], result.qa["bid_add_outside"]) == (4, 5)


def test_unknown_cancels_count_over_the_last_seconds() -> None:
    unknown = message("C", "B", 99, 100, 1, NS_PER_S)
    known = [message("C", "B", 1, 100, 1, NS_PER_S) for _ in range(3)]
    later = message("N", at_ns=4 * NS_PER_S)
    fields = {"unknown_cancel_min_cancels": 4, "unknown_cancel_lookback_s": 2}
    bad = run(*OPENING, unknown, *known, later, unknown_cancel_rate_max=0.24, **fields)
    assert flags_of(bad) == [2, 32, 32, 0, 0]
    at_limit = run(*OPENING, unknown, *known, later, unknown_cancel_rate_max=0.25, **fields)
    assert flags_of(at_limit) == [2, 0, 0, 0, 0]
    too_few = run(*OPENING, unknown, *known[1:], later, unknown_cancel_rate_max=0.24, **fields)
    assert flags_of(too_few) == [2, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("trades", "extra", "spot", "source"),
    [
        ((), (), 100, "mid"),
        ((101,), (), 101, "trade"),
        ((100,), (), 100, "trade"),
        ((90,), (), 100, "clamped_bid"),
        ((110,), (), 101, "clamped_ask"),
        ((101,), (message("A", "B", 3, 104, 1),), 102, "mid"),
        ((90,), (message("A", "B", 3, 101, 1),), 101, "clamped_bid"),
        ((101,), (message("C", "A", 2, 101, 10),), None, None),
    ],
)
def test_spot(trades: tuple[int, ...], extra: tuple, spot: int | None, source: str | None) -> None:
    prints = [message("T", "B", 0, ticks, 1) for ticks in trades]
    row = run(*OPENING, *prints, *extra).snapshot[-1]
    assert row["spot_ref_price_int"] == (None if spot is None else spot * TICK_INT)
    assert row["spot_source"] == source


def test_group_belongs_to_the_window_of_its_first_record() -> None:
    result = run(
        *OPENING,
        message("A", "B", 3, 99, 1, NS_PER_S - 1, 0),
        message("A", "B", 4, 99, 1, 2 * NS_PER_S, 0),
        message("A", "B", 5, 99, 1, 2 * NS_PER_S),
        message("A", "B", 6, 99, 1, 3 * NS_PER_S),
        message("A", "B", 7, 99, 1, 2 * NS_PER_S),
        message("A", "B", 8, 99, 1, -1),
        message("A", "B", 9, 99, 1, 3 * NS_PER_S, 0),
    )
    assert [row["n_records"] for row in result.snapshot] == [6, 0, 0, 4]
    assert [row["n_groups"] for row in result.snapshot] == [3, 0, 0, 4]
    qa = result.qa
    assert (qa["late_groups"], qa["early_groups"], qa["unterminated_groups"]) == (1, 1, 1)


def test_early_group_opens_the_file_at_the_start_of_the_day() -> None:
    result = run(message("A", "B", 3, 99, 1, -5), message("A", "B", 4, 99, 1, NS_PER_S))
    assert [row["window_start_s"] - DAY_START_NS // NS_PER_S for row in result.snapshot] == [0, 1]


def test_ignored_records_and_odd_sizes() -> None:
    result = run(
        *OPENING,
        message("A", "B", 1, 98, 5, NS_PER_S),
        message("A", "B", 3, 98, 0, NS_PER_S),
        message("M", "B", 4, 98, 0, NS_PER_S),
        message("M", "B", 5, 98, 6, NS_PER_S),
        message("C", "B", 6, 98, 6, NS_PER_S),
        message("C", "B", 5, 98, 9, NS_PER_S),
    )
    qa = result.qa
    names = ("dup_add", "unknown_modify", "unknown_cancel", "over_cancel", "max_resting_orders")
    assert [qa[name] for name in names] == [1, 2, 1, 1, 3]
    assert flows(wall(result, 1, "B", 98)) == (6, 6, 0, 0)


def test_price_off_the_grid_is_counted_and_floored() -> None:
    odd = message("A", "B", 3, 99, 5, NS_PER_S)
    odd["price"] += 1
    result = run(*OPENING, odd)
    assert result.qa["off_tick"] == 1
    assert wall(result, 1, "B", 99)["depth_qty_end"] == 5
