"""The real ESH4 day 2023-12-25, read from the published file, against independent answers.

``known_answers.json`` comes from a plain replay of the vendor's file in Python; the other
constants are the acceptance values of the book engine's contract.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from support import lakes
from support.known_day import FILE

# the two hours with records, in New York
LIVE_HOURS = ("17:00", "19:00")
LAST_SECOND = "timestamp '2023-12-25 23:59:59'"
REOPEN = "timestamp '2023-12-25 23:00:00'"


@pytest.fixture(scope="module")
def answers(shared_data: Path) -> dict:
    return json.loads((shared_data / "known_answers.json").read_text())["esh4_20231225"]


@pytest.fixture(scope="module")
def lake(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("real") / "lake")
    lakes.land_raw(lake, shared_data / FILE, allow_missing_definitions=True)
    lakes.build(lake, *lakes.WITHOUT_RETRIEVAL, surface_window=LIVE_HOURS)
    return lake


def only_row(lake: Lake, query: str) -> tuple:
    [row] = lakes.ask(lake, query)
    return row


def counts(lake: Lake, query: str) -> dict:
    return dict(lakes.ask(lake, query))


def test_landed_counts(lake: Lake) -> None:
    by_action = "select action, count(*) from bronze.future_mbo group by action"
    assert counts(lake, by_action) == {"A": 29216, "C": 17999, "M": 12233, "F": 6371, "T": 2973}
    by_flags = "select flags, count(*) from bronze.future_mbo group by flags"
    assert counts(lake, by_flags) == {130: 47021, 0: 13045, 40: 8725, 128: 1}
    decoded = (
        "select count(*) filter (is_last), count(*) filter (is_snapshot), "
        "count(*) filter (is_bad_ts_recv), count(*) from bronze.future_mbo"
    )
    assert only_row(lake, decoded) == (47022, 8725, 8725, 68792)


def test_counters_of_the_engine(lake: Lake) -> None:
    expected = {
        "n_records": 68792,
        "n_A": 29216,
        "n_C": 17999,
        "n_M": 12233,
        "n_R": 0,
        "n_T": 2973,
        "n_F": 6371,
        "n_N": 0,
        "n_windows": 86400,
        "n_valid_windows": 3600,
        "n_clears": 1,
        "n_snapshot_records": 8725,
        "snapshot_orders": 8725,
        "median_resting_orders": 10576,
        "dup_add": 0,
        "unknown_cancel": 0,
        "over_cancel": 0,
        "unknown_modify": 0,
        "side_change": 0,
        "off_tick": 0,
        "matched_fill_qty": 9990,
        "hidden_fill_qty": 197,
        "unknown_fill_qty": 14,
        "unmatched_fill_qty": 0,
        "refill_count": 83,
        "exact_fill_match_count": 6210,
        "fill_match_count": 6307,
        "unterminated_groups": 0,
        "crossed_trading_windows": 0,
        "negative_depth_moments": 0,
        "trade_qty": 9892,
        "fill_msg_qty": 10201,
        "final_best_bid_price_int": 4_810_000_000_000,
        "final_best_ask_price_int": 4_810_250_000_000,
        "final_bid_depth_total": 22050,
        "final_ask_depth_total": 20110,
    }
    row = only_row(lake, f"select {', '.join(expected)} from silver.book_engine_qa")
    assert dict(zip(expected, row, strict=True)) == expected


def test_depth_of_the_day_adds_up(lake: Lake) -> None:
    totals = {
        flow: "+".join(
            f"{side}_{flow}_{where}" for side in ("bid", "ask") for where in ("inside", "outside")
        )
        for flow in ("reset", "add", "pull", "fill")
    }
    row = only_row(lake, f"select {', '.join(totals.values())} from silver.book_engine_qa")
    assert row == (38304, 87433, 73587, 9990)
    assert 38304 + 87433 - 73587 - 9990 == 22050 + 20110


def test_wall_and_outside_of_the_live_hours_add_up_to_the_day(lake: Lake) -> None:
    """All flow but the snapshot falls into the two hours for which walls are written."""
    wall = only_row(
        lake,
        "select sum(add_qty), sum(pull_qty_total), sum(fill_qty), sum(reset_qty) "
        "from silver.wall_surface_1s",
    )
    outside = only_row(
        lake,
        f"""
        select
            sum(bid_outside_add + ask_outside_add),
            sum(bid_outside_pull + ask_outside_pull),
            sum(bid_outside_fill + ask_outside_fill),
            sum(bid_outside_reset + ask_outside_reset)
        from silver.book_snapshot_1s
        where window_start_ts >= {REOPEN} - interval 1 hour
        """,
    )
    assert tuple(map(sum, zip(wall, outside, strict=True))) == (87433, 73587, 9990, 0)
    assert only_row(lake, "select sum(qty) from silver.reprice_flow_1s") == (25208,)


def test_book_at_the_end_of_the_day(lake: Lake, answers: dict) -> None:
    assert only_row(
        lake,
        "select best_bid_price, best_ask_price, bid_depth_total, ask_depth_total, "
        "bid_order_count + ask_order_count, last_trade_price_int, spot_ref_price, spot_source "
        f"from silver.book_snapshot_1s where window_start_ts = {LAST_SECOND}",
    ) == (
        4810.0,
        4810.25,
        22050,
        20110,
        answers["orders"],
        answers["last_trade_px"],
        4810.0,
        "trade",
    )
    for side, order, name in (("B", "desc", "bids_top10"), ("A", "asc", "asks_top10")):
        levels = lakes.ask(
            lake,
            "select price_int, depth_qty_end, order_count_end from silver.wall_surface_1s "
            f"where window_start_ts = {LAST_SECOND} and side = '{side}' and depth_qty_end > 0 "
            f"order by price_int {order} limit 10",
        )
        assert [list(level) for level in levels] == answers[name]


def test_valid_seconds_are_those_of_continuous_trading(lake: Lake) -> None:
    first, last, seconds = only_row(
        lake,
        "select min(window_start_ts), max(window_start_ts), count(*) "
        "from silver.book_snapshot_1s where window_valid",
    )
    assert (f"{first:%H:%M:%S}", f"{last:%H:%M:%S}", seconds) == ("23:00:00", "23:59:59", 3600)


def test_the_book_is_known_from_the_first_record_after_the_snapshot(lake: Lake) -> None:
    [(first,)] = lakes.ask(
        lake, "select min(window_start_ts) from silver.book_snapshot_1s where book_valid"
    )
    [(first_live,)] = lakes.ask(
        lake,
        "select date_trunc('second', min(ts_event)) from bronze.future_mbo where not is_snapshot",
    )
    assert first == first_live
    assert f"{first:%H:%M}" == "22:00"


def test_crossed_seconds_end_with_the_auction(lake: Lake, answers: dict) -> None:
    before, after, first = only_row(
        lake,
        f"""
        select
            count(*) filter (window_start_ts < {REOPEN}),
            count(*) filter (window_start_ts >= {REOPEN}),
            min(window_start_ts)
        from silver.book_snapshot_1s
        where best_bid_price_int > best_ask_price_int
        """,
    )
    first_crossed = np.datetime64(answers["first_crossed_ts_event"], "ns").astype("M8[s]")
    assert before > 0
    assert after == 0
    assert np.datetime64(first, "s") == first_crossed


def test_trades(lake: Lake, answers: dict) -> None:
    trades, volume, first = only_row(
        lake,
        "select sum(trade_count), sum(trade_qty_buy + trade_qty_sell + trade_qty_none), "
        "min(window_start_ts) filter (trade_count > 0) from silver.book_snapshot_1s",
    )
    assert (trades, volume) == (2973, 9892) == (answers["trades"], answers["trade_volume"])
    assert np.datetime64(first, "ns") == np.datetime64(answers["first_trade"], "ns")
    by_side = counts(
        lake, "select side, sum(size) from bronze.future_mbo where action = 'T' group by side"
    )
    assert only_row(
        lake,
        "select sum(trade_qty_buy), sum(trade_qty_sell), sum(trade_qty_none) "
        "from silver.book_snapshot_1s",
    ) == tuple(by_side.get(side, 0) for side in "BAN")


def test_best_quotes_at_every_whole_minute(lake: Lake, answers: dict) -> None:
    """Windows use ts_event, answers ts_recv: minutes with a record between them are left out."""
    straddled = {
        minute
        for (minute,) in lakes.ask(
            lake,
            "select distinct epoch_ns(date_trunc('minute', ts_recv)) from bronze.future_mbo "
            "where not is_snapshot and ts_event < date_trunc('minute', ts_recv)",
        )
    }
    quotes = {
        minute: [[bid, bid_qty], [ask, ask_qty]]
        for minute, bid, bid_qty, ask, ask_qty in lakes.ask(
            lake,
            "select epoch_ns(window_end_ts), best_bid_price_int, best_bid_qty, "
            "best_ask_price_int, best_ask_qty from silver.book_snapshot_1s "
            "where second(window_end_ts) = 0",
        )
    }
    expected = {
        int(minute): [quote[:2] for quote in both]
        for minute, both in answers["bbo_at_minute_ts_recv"].items()
        if int(minute) in quotes and int(minute) not in straddled
    }
    assert len(expected) > 80
    assert {minute: quotes[minute] for minute in expected} == expected
