"""Prices by level, best quotes, statistics and status: consistent with the orders of the day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import databento
import databento_dbn as dbn
import numpy as np
import pytest
from spymaster_ingest.synthetic import (
    SCHEMAS,
    SessionPlan,
    SyntheticMarket,
    contracts_of,
    generate_day,
    write_day,
)
from spymaster_ingest.synthetic.contract_days import day_pieces
from spymaster_ingest.synthetic.damage import Damage
from spymaster_ingest.synthetic.price_feed import PriceFeed
from spymaster_ingest.synthetic.venue_messages import status_records
from support.plain_prices import PlainPrices, published_levels, quotes_by_second
from support.plain_records import plain_records
from support.synthetic_book import DAY, ES

SECOND_NS = 1_000_000_000
# The first minutes after the opening, and an evening; the night is almost silent.
PLAN = SessionPlan(hours=0.11, overnight_rate=0.1, premarket_rate=0.2, evening_seconds=60)
MARKET = SyntheticMarket(ES, seed=13, plan=PLAN)
CLEARED = replace(MARKET, damage=Damage(clear_at=dt.time(9, 28)))
DERIVED = ("mbo", "trades", "mbp-10", "bbo-1s", "statistics", "status")

Files = dict[str, np.ndarray]


def files_of(market: SyntheticMarket, folder: Path, **options: object) -> Files:
    """Write a day and return its records by schema, read with the vendor's library."""
    files = write_day(market, DAY, folder, schemas=DERIVED, **options)
    return {file.schema: databento.DBNStore.from_file(file.path).to_ndarray() for file in files}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return files_of(MARKET, tmp_path_factory.mktemp("day"))


@pytest.fixture(scope="module")
def midnight_ns() -> int:
    return MARKET.pace_of(DAY).midnight_ns


def moment(time: dt.time) -> int:
    """Return a time of the day in New York, nanoseconds since the epoch."""
    local = dt.datetime.combine(DAY, time, tzinfo=ZoneInfo("America/New_York"))
    return int(local.timestamp()) * SECOND_NS


def assert_top_ten(orders: np.ndarray, prices: np.ndarray, every: int = 1) -> None:
    """Check the ten best prices at the end of events against an independent book."""
    book, at, ends, checked = PlainPrices(), 0, 0, 0
    received = orders["ts_recv"].tolist()
    published, published_at = list(plain_records(prices)), prices["ts_recv"].tolist()
    for position, record in enumerate(plain_records(orders)):
        book.apply(record)
        if not record["flags"] & 128:
            continue
        is_last_now = position + 1 == orders.size or received[position + 1] > record["ts_recv"]
        while at + 1 < prices.size and published_at[at + 1] <= record["ts_recv"]:
            at += 1
        ends += 1
        if is_last_now and ends % every == 0:
            for side in (b"B", b"A"):
                assert published_levels(published[at], side, 10) == book.best(side, 10), position
            checked += 1
    assert checked > 10_000 // every


def test_the_ten_best_prices_equal_the_prices_of_the_orders(files: Files) -> None:
    assert_top_ten(files["mbo"], files["mbp-10"])


def test_the_ten_best_prices_after_a_clear(tmp_path: Path) -> None:
    files = files_of(CLEARED, tmp_path)
    (cleared,) = np.flatnonzero(files["mbp-10"]["action"] == b"R")
    assert set(files["mbp-10"][cleared][["bid_px_00", "ask_px_09"]]) == {dbn.UNDEF_PRICE}
    assert_top_ten(files["mbo"], files["mbp-10"], every=20)


def test_quotes_of_a_second_leave_out_a_record_at_its_end(files: Files, midnight_ns: int) -> None:
    trades = files["mbo"][files["mbo"]["action"] == b"T"][:2].copy()
    trades["ts_recv"] = midnight_ns + SECOND_NS // 2, midnight_ns + SECOND_NS
    trades["sequence"] = 1, 2
    feed = PriceFeed(MARKET, DAY, "front")
    _, first = feed.add(trades)
    second = feed.finish()
    for quotes, sequence, end_ns in ((first, 1, SECOND_NS), (second, 2, 2 * SECOND_NS)):
        assert quotes[["sequence", "ts_recv"]].tolist() == [(sequence, midnight_ns + end_ns)]


def test_updates_are_messages_and_all_trades_are_published(files: Files) -> None:
    orders = files["mbo"][(files["mbo"]["flags"] & 32) == 0]
    opening, updates = files["mbp-10"][0], files["mbp-10"][1:]
    assert (opening["action"], opening["side"], opening["flags"]) == (b"A", b"N", 168)
    names = ["ts_recv", "ts_event", "ts_in_delta", "sequence", "price", "size", "action", "side"]
    messages = iter(orders[names].tolist())
    assert all(update in messages for update in updates[names].tolist())
    assert 0.3 * orders.size < updates.size < orders.size
    trades = updates[updates["action"] == b"T"]
    assert trades.size == files["trades"].size > 1_000
    assert np.array_equal(trades[names], files["trades"][names])
    assert np.array_equal(trades[names], orders[orders["action"] == b"T"][names])
    # LAST on the last record of an event, and only there
    events, first = np.unique(updates["ts_event"], return_index=True)
    last = np.append(first[1:], updates.size) - 1
    assert np.array_equal(np.flatnonzero(updates["flags"] & 128), last)
    assert set(updates["flags"]) == {0, 130}
    assert events.size > 10_000


def test_a_trade_comes_with_the_book_before_it(files: Files) -> None:
    prices = files["mbp-10"]
    at = np.flatnonzero((prices["action"] == b"T") & (prices["side"] == b"B"))
    # the first price that an aggressor takes
    at = at[prices["ts_event"][at] != prices["ts_event"][at - 1]]
    assert at.size > 300
    assert np.array_equal(prices["price"][at], prices["ask_px_00"][at])
    for name in ("ask_sz_00", "bid_sz_00", "ask_ct_09"):
        assert np.array_equal(prices[name][at], prices[name][at - 1])


def test_the_best_quotes_of_every_second(files: Files, midnight_ns: int) -> None:
    quotes = files["bbo-1s"]
    expected = list(quotes_by_second(files["mbo"], midnight_ns))
    assert quotes["ts_recv"].tolist() == [row[0] for row in expected]
    assert quotes.size > 500
    for quote, (_, bid, ask, trade) in zip(quotes, expected, strict=True):
        assert published_levels(quote, b"B", 1) == bid
        assert published_levels(quote, b"A", 1) == ask
        last_trade = tuple(quote[name] for name in ("ts_event", "price", "size", "side"))
        assert last_trade == (trade or (dbn.UNDEF_TIMESTAMP, dbn.UNDEF_PRICE, 0, b"N"))


def test_prices_do_not_depend_on_the_snapshot_or_on_pieces(files: Files) -> None:
    market = replace(MARKET, snapshot="none")
    feed = PriceFeed(market, DAY, "front")
    pieces = [feed.add(p.records) for p in day_pieces(market, DAY, chunk_records=1_500)]
    assert len(pieces) > 10
    for position, schema in enumerate(("mbp-10", "bbo-1s")):
        parts = [pair[position] for pair in pieces]
        if schema == "bbo-1s":
            parts.append(feed.finish())
        records = np.concatenate(parts)
        names = [n for n in records.dtype.names if n not in ("sequence", "_reserved3")]
        assert np.array_equal(records[names], files[schema][names])


def test_contracts_of_one_file_keep_their_records(files: Files, tmp_path: Path) -> None:
    kinds = ("front", "next", "spread")
    together = files_of(MARKET, tmp_path, contracts=kinds)
    front = contracts_of(ES, DAY)["front"].instrument_id
    for schema, records in together.items():
        assert np.all(np.diff(records["ts_recv"].astype(np.int64)) >= 0), schema
        assert np.unique(records["instrument_id"]).size == 3, schema
        own = records[records["instrument_id"] == front]
        assert own.tobytes() == files[schema].tobytes(), schema


def test_a_gap_is_in_all_records(tmp_path: Path) -> None:
    market = replace(MARKET, damage=Damage(gap_start=dt.time(9, 30), gap_seconds=60))
    start, end = moment(dt.time(9, 30)), moment(dt.time(9, 31))
    damaged = files_of(market, tmp_path)
    for schema in ("mbo", "trades", "mbp-10", "bbo-1s"):
        field = "ts_recv" if schema == "bbo-1s" else "ts_event"
        time = damaged[schema][field]
        assert not np.any((time >= start) & (time < end)), schema
        after = (time >= end) & (time < end + SECOND_NS)
        assert after.any(), schema
        assert np.array_equal((damaged[schema]["flags"] & 4) != 0, after), schema


def test_statistics_count_the_trades(files: Files) -> None:
    statistics, trades = files["statistics"], files["trades"]
    session = trades[trades["ts_event"] < moment(dt.time(17))]
    evening = trades[trades["ts_event"] >= moment(dt.time(18))]
    rows = {kind: statistics[statistics["stat_type"] == kind] for kind in (1, 3, 6, 9)}
    assert rows[1]["price"].tolist() == [evening["price"][0]]
    assert rows[1]["ts_event"].tolist() == [evening["ts_event"][0]]
    assert rows[3]["price"].tolist() == [session["price"][-1]]
    assert rows[3]["quantity"].tolist() == [dbn.UNDEF_STAT_QUANTITY]
    too_low, taken_back, volume = rows[6]
    assert volume["quantity"] == session["size"].sum() > 0
    assert too_low["quantity"] == taken_back["quantity"] < volume["quantity"]
    assert rows[6]["update_action"].tolist() == [1, 2, 1]
    unknown, known = rows[9]["quantity"]
    assert unknown == dbn.UNDEF_STAT_QUANTITY
    assert 1_000_000 < known < 10_000_000
    assert statistics["ts_recv"].min() > session["ts_recv"].max()
    assert np.all(np.diff(statistics["ts_recv"].astype(np.int64)) >= 0)


def test_status_covers_exactly_the_times_of_trades() -> None:
    market = replace(
        MARKET,
        plan=replace(PLAN, hours=0.3),
        damage=Damage(halt_start=dt.time(9, 31), halt_seconds=180, gathering_seconds=60),
    )
    status = status_records(market, DAY, "front")
    clock = [("9:31", 8), ("9:33", 1), ("9:34", 7), ("17:00", 12), ("17:45", 1)]
    expected = [
        (market.pace_of(DAY).midnight_ns, 7),
        *((moment(dt.time(*map(int, at.split(":")))), action) for at, action in clock),
        (moment(dt.time(18)), 7),
    ]
    times = np.maximum(status["ts_event"], market.pace_of(DAY).midnight_ns)
    assert list(zip(times.tolist(), status["action"].tolist(), strict=True)) == expected
    assert status["ts_event"][0] == moment(dt.time(18)) - 86_400 * SECOND_NS
    trades = generate_day(market, DAY)
    trades = trades[trades["action"] == b"T"]
    said = np.searchsorted(status["ts_event"], trades["ts_event"], side="right") - 1
    assert set(status["is_trading"][said]) == {b"Y"}
    assert np.unique(said).tolist() == [0, 3, 6]


def test_no_session_begins_before_a_weekend() -> None:
    friday = DAY + dt.timedelta(days=2)
    assert status_records(MARKET, friday, "front")["action"].tolist() == [7, 12]
    close_ns = moment(dt.time(17)) + 2 * 86_400 * SECOND_NS
    assert generate_day(MARKET, friday)["ts_event"].max() < close_ns


def test_every_schema_is_written(tmp_path: Path) -> None:
    market = replace(MARKET, plan=replace(PLAN, hours=0.01))
    written = write_day(market, DAY, tmp_path, schemas=SCHEMAS)
    assert [file.schema for file in written] == list(SCHEMAS)
    assert all(file.record_count for file in written)
