"""The synthetic option market: books that follow from their records, quotes around the truth."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path

import databento
import databento_dbn as dbn
import duckdb
import numpy as np
import pytest
from spymaster_ingest.synthetic import SessionPlan, raw_path, write_day
from spymaster_ingest.synthetic.damage import Damage
from spymaster_ingest.synthetic.options.chain import option_chain
from spymaster_ingest.synthetic.options.option_days import option_day
from spymaster_ingest.synthetic.truth_files import attach_truth
from support import plain_black76
from support.plain_prices import published_levels, quotes_by_second
from support.plain_records import plain_records
from support.synthetic_book import DAY, Replay
from support.synthetic_options import (
    MARKET,
    SECOND_NS,
    Files,
    books_at,
    by_instrument,
    option_files,
)

FRAME = option_day(MARKET, DAY)
SPREAD_ID = FRAME.chain.spread.instrument_id
LEG_IDS = {leg.instrument_id for leg in FRAME.chain.spread.legs}
MIDNIGHT_NS = MARKET.pace_of(DAY).midnight_ns
DENSE_SECONDS = round(MARKET.plan.hours * 3600)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("options")


@pytest.fixture(scope="module")
def files(folder: Path) -> Files:
    return option_files(MARKET, folder, truth=True)


@pytest.fixture(scope="module")
def truth(files: Files, folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    attach_truth(connection, folder)
    return connection


def is_leg_print(records: np.ndarray) -> np.ndarray:
    return (records["action"] == b"T") & (records["side"] == b"N")


def test_books_follow_from_their_records(files: Files) -> None:
    records = files["option-mbo"]
    assert np.all(np.diff(records["ts_recv"].astype(np.int64)) >= 0)
    live = records[(records["flags"] & 32) == 0]
    assert np.all(np.diff(live["ts_event"].astype(np.int64)) >= 0)
    assert live.size > 15_000
    partial = crossed = two_sided = 0
    for part in by_instrument(records[~is_leg_print(records)]).values():
        book = Replay()
        for record in plain_records(part):
            partial += record["action"] == b"M" and record["order_id"] in book.pending
            book.apply(record)
            if record["flags"] & 128:
                bid, ask = book.best(b"B"), book.best(b"A")
                if bid is not None and ask is not None:
                    two_sided += 1
                    crossed += bid >= ask
        assert +book.complaints == Counter()
        assert not book.pending
        assert book.traded == 0, "traded contracts are filled"
        assert all(size > 0 for _, _, size in book.orders.values())
        assert part["flags"][-1] & 128
    assert crossed == 0
    assert two_sided > 10_000
    assert partial > 50


def test_a_day_has_every_kind_of_record(files: Files) -> None:
    records = files["option-mbo"]
    opening = records[(records["flags"] & 32) != 0]
    assert set(opening["action"]) == {b"R", b"A"}
    assert np.count_nonzero(opening["action"] == b"R") == len(FRAME.chain.contracts)
    assert set(opening["ts_recv"]) == {MIDNIGHT_NS}
    for part in by_instrument(opening).values():
        assert part["action"][0] == b"R"
        assert np.flatnonzero(part["flags"] & 128).tolist() == [part.size - 1]
    live = records[opening.size :]
    count = Counter(live["action"].tolist())
    assert min(count[action] for action in (b"A", b"C", b"M", b"F", b"T")) > 500
    assert count[b"M"] > live.size / 2, "quotes follow the future"
    sides = Counter(live["side"][live["action"] == b"T"].tolist())
    assert min(sides[b"A"], sides[b"B"]) > 200
    assert sides[b"N"] > 10
    assert set(live["flags"]) == {0, 130}
    assert np.unique(live["instrument_id"]).size == len(FRAME.chain.contracts)
    orders = np.concatenate([records["order_id"], files["mbo"]["order_id"]])
    added = np.concatenate([records["action"], files["mbo"]["action"]]) == b"A"
    assert np.unique(orders[added]).size == np.count_nonzero(added), "an id names one order"


def test_the_day_is_quoted_from_the_dense_open_to_its_end(files: Files) -> None:
    pace = MARKET.pace_of(DAY)
    records = files["option-mbo"]
    live = records[(records["flags"] & 32) == 0]
    second = (live["ts_event"].astype(np.int64) - MIDNIGHT_NS) // SECOND_NS
    assert second[0] == pace.dense_start_s
    assert second[-1] == pace.dense_end_s
    # the last messages: the maker cancels its quotes
    assert set(live["action"][second == pace.dense_end_s]) == {b"C"}


def test_prices_lie_on_the_ticks_of_their_premium(files: Files) -> None:
    product = FRAME.chain.product
    records = files["option-mbo"]
    booked = records[np.isin(records["action"], [b"A", b"M"])]
    ticks = booked["price"] // product.tick_int
    assert np.all(booked["price"] % product.tick_int == 0)
    assert np.all(ticks > 0)
    options = booked["instrument_id"] != SPREAD_ID
    dear = ticks[options & (ticks > product.coarse_above_ticks)]
    assert dear.size > 1_000
    assert np.all(dear % product.coarse_ticks == 0)
    cheap = ticks[options & (ticks < product.coarse_above_ticks)]
    assert np.any(cheap % product.coarse_ticks)


def test_a_trade_of_the_spread_is_published_in_both_options(files: Files) -> None:
    records = files["option-mbo"]
    prints = records[is_leg_print(records)]
    assert set(prints["instrument_id"]) == LEG_IDS
    first, second = (
        prints[prints["instrument_id"] == leg.instrument_id] for leg in FRAME.chain.spread.legs
    )
    assert np.array_equal(first["ts_event"], second["ts_event"])
    spread = records[(records["instrument_id"] == SPREAD_ID) & (records["action"] == b"T")]
    at = np.searchsorted(spread["ts_event"], first["ts_event"], side="right") - 1
    assert np.array_equal(spread["ts_event"][at], first["ts_event"])
    assert np.array_equal(first["price"] - second["price"], spread["price"][at])
    assert np.array_equal(first["size"], second["size"])
    assert set(prints["order_id"]) == {0}
    assert set(prints["flags"]) == {130}


def test_trades_equal_the_trades_of_the_orders(files: Files) -> None:
    prints = files["option-mbo"][files["option-mbo"]["action"] == b"T"]
    trades = files["option-trades"]
    assert trades.size == prints.size > 1_000
    for name in set(trades.dtype.names) - {"length", "rtype", "depth"}:
        assert np.array_equal(trades[name], prints[name]), name


def test_best_quotes_equal_the_best_orders(files: Files) -> None:
    quotes = by_instrument(files["option-bbo-1s"])
    assert np.all(np.diff(files["option-bbo-1s"]["ts_recv"].astype(np.int64)) >= 0)
    rows = 0
    for number, part in by_instrument(files["option-mbo"]).items():
        expected = list(quotes_by_second(part, MIDNIGHT_NS))
        assert len(expected) == quotes[number].size
        for record, (end_ns, bid, ask, last_trade) in zip(quotes[number], expected, strict=True):
            assert record["ts_recv"] == end_ns
            assert published_levels(record, b"B", 1) == bid
            assert published_levels(record, b"A", 1) == ask
            if last_trade is None:
                assert record["ts_event"] == dbn.UNDEF_TIMESTAMP
            else:
                names = ["ts_event", "price", "size", "side"]
                assert tuple(record[names]) == tuple(last_trade)
        rows += len(expected)
    assert rows == files["option-bbo-1s"].size > 5_000


def test_quotes_contain_the_theoretical_price_and_give_back_the_volatility(
    files: Files, truth: duckdb.DuckDBPyConnection
) -> None:
    """The volatility of the mid equals the truth to within the volatility of half the spread."""
    pace, number = MARKET.pace_of(DAY), {o.symbol: o.instrument_id for o in FRAME.chain.options}
    seconds = np.arange(pace.dense_start_s + 5, pace.dense_end_s, 15)
    compared, errors, shares = 0, [], []
    for moment, books in books_at(files["option-mbo"], MIDNIGHT_NS + (seconds + 1) * SECOND_NS):
        rows = truth.execute(
            """
            select option_symbol, "right", f_price, strike_price_int / 1e9, implied_vol, t_years,
                rate, price
            from truth.truth_options
            where epoch_ns(window_end_ts) = ? and is_priced_in
                and if("right" = 'C', strike_price_int / 1e9 >= f_price,
                    strike_price_int / 1e9 < f_price)
            """,
            [moment],
        ).fetchall()
        for symbol, right, forward, strike, sigma, years, rate, theory in rows:
            expected = plain_black76.price(right, forward, strike, sigma, years, rate)
            assert theory == pytest.approx(expected, abs=1e-9)
            (bid, _, _), (ask, _, _) = (side[0] for side in books[number[symbol]])
            assert ask != dbn.UNDEF_PRICE
            low, high = 0.0 if bid == dbn.UNDEF_PRICE else bid / 1e9, ask / 1e9
            assert low <= theory <= high, symbol
            if low == 0.0 or high - low > max(0.10, 0.25 * (high + low) / 2):
                continue
            below, middle, above = (
                plain_black76.implied_volatility(right, forward, strike, value, years, rate)
                for value in (low, (low + high) / 2, high)
            )
            assert below <= middle <= above
            assert abs(middle - sigma) <= max(above - middle, middle - below)
            errors.append(abs(middle - sigma))
            shares.append(abs(middle - sigma) / ((above - below) / 2))
            compared += 1
    assert compared > 1_000
    assert np.median(errors) < 0.01
    assert np.median(shares) < 0.5, "the theoretical price lies well inside the quotes"


def test_the_maker_catches_up_within_nearly_every_second(
    truth: duckdb.DuckDBPyConnection,
) -> None:
    [(share, rows, seconds)] = truth.execute(
        "select avg(is_priced_in::int), count(*), count(distinct window_end_ts) "
        "from truth.truth_options"
    ).fetchall()
    assert share > 0.98
    assert seconds == DENSE_SECONDS
    assert rows == seconds * len(FRAME.chain.options)


def test_the_forward_is_the_mid_of_the_future(truth: duckdb.DuckDBPyConnection) -> None:
    [(differing, compared)] = truth.execute(
        """
        select
            count(*) filter (
                where o.f_price != (b.best_bid_price_int + b.best_ask_price_int) / 2e9
            ),
            count(*)
        from (select distinct window_end_ts, f_price from truth.truth_options) as o
        inner join truth.truth_book_1s as b using (window_end_ts)
        """
    ).fetchall()
    assert compared == DENSE_SECONDS
    assert differing == 0


def test_gamma_exposure_is_gamma_times_open_interest(truth: duckdb.DuckDBPyConnection) -> None:
    rows = truth.execute(
        "select f_price, strike_price_int / 1e9, implied_vol, t_years, rate, gamma, "
        'open_interest, gex, "right" from truth.truth_options using sample 500 rows '
        "(reservoir, 1)"
    ).fetchall()
    for forward, strike, sigma, years, rate, gamma, interest, exposure, right in rows:
        step = 0.02 * forward * sigma * years**0.5
        around = [
            plain_black76.price("C", forward + n * step, strike, sigma, years, rate)
            for n in (-2, -1, 0, 1, 2)
        ]
        second = np.dot([-1, 16, -30, 16, -1], around) / 12 / step**2
        assert gamma == pytest.approx(second, rel=1e-4, abs=1e-8)
        sign = 1 if right == "C" else -1
        assert exposure == pytest.approx(sign * gamma * interest * 50.0, rel=1e-12)


def test_open_interest_follows_the_statistics_published_by_then(
    files: Files, truth: duckdb.DuckDBPyConnection
) -> None:
    statistics = files["option-statistics"]
    assert np.all(np.diff(statistics["ts_recv"].astype(np.int64)) >= 0)
    interest = statistics[statistics["stat_type"] == 9]
    unknown = interest["quantity"] == dbn.UNDEF_STAT_QUANTITY
    assert np.count_nonzero(unknown) == 1
    taken_back = interest["update_action"] == 2
    assert np.count_nonzero(taken_back) == 1
    evening = {MIDNIGHT_NS - 86_400 * SECOND_NS}
    assert set(interest["ts_ref"]) == evening
    known = interest[~unknown & ~taken_back]
    assert known.size == len(FRAME.chain.options) + 1
    symbols = {o.instrument_id: o.symbol for o in FRAME.chain.options}
    rows = truth.execute(
        "select option_symbol, epoch_ns(window_end_ts), open_interest from truth.truth_options "
        "where window_end_ts in (select unnest([min(window_end_ts), max(window_end_ts)]) "
        "from truth.truth_options)"
    ).fetchall()
    assert len(rows) == 2 * len(symbols)
    for symbol, moment, quantity in rows:
        own = [r for r in known if symbols[int(r["instrument_id"])] == symbol]
        by_then = [int(r["quantity"]) for r in own if r["ts_recv"] < moment]
        assert quantity == by_then[-1] > 0


def test_a_correction_counts_from_its_own_time(tmp_path: Path) -> None:
    market = replace(MARKET, plan=replace(MARKET.plan, hours=0.45))
    option_files(market, tmp_path, truth=True)
    connection = duckdb.connect()
    attach_truth(connection, tmp_path)
    changes = connection.execute(
        """
        select min(window_end_ts), count(distinct open_interest)
        from truth.truth_options
        group by option_symbol having count(distinct open_interest) > 1
        """
    ).fetchall()
    assert len(changes) == 1
    moments = connection.execute(
        """
        select min(window_end_ts) from truth.truth_options
        group by option_symbol, open_interest order by 1 desc limit 1
        """
    ).fetchone()
    cash_s = market.pace_of(DAY).cash_s
    expected = dt.datetime.combine(DAY, dt.time()) + dt.timedelta(seconds=cash_s + 1_201)
    assert moments == (expected,)


def test_opening_prices_are_the_first_trades(files: Files) -> None:
    opening = files["option-statistics"]
    opening = opening[opening["stat_type"] == 1]
    trades = by_instrument(files["option-trades"])
    assert opening.size == len(trades) > 50
    for record in opening:
        first = trades[int(record["instrument_id"])][0]
        assert (record["ts_event"], record["price"]) == (first["ts_event"], first["price"])


def test_options_trade_only_while_the_future_does(tmp_path: Path) -> None:
    halt = Damage(halt_start=dt.time(9, 31), halt_seconds=60, gathering_seconds=20)
    halted = replace(MARKET, damage=halt)
    records = option_files(halted, tmp_path)["option-mbo"]
    live = records[(records["flags"] & 32) == 0]
    second = (live["ts_event"].astype(np.int64) - MIDNIGHT_NS) // SECOND_NS
    start = MARKET.second_of(DAY, dt.time(9, 31))
    # activity at the start of the halt ends within the second
    assert not np.any((second > start) & (second < start + 60))
    assert np.any(second >= start + 60)


def test_a_gap_is_missing_and_flagged(files: Files, tmp_path: Path) -> None:
    gap = Damage(gap_start=dt.time(9, 31), gap_seconds=30)
    cut = option_files(replace(MARKET, damage=gap), tmp_path)
    start = MIDNIGHT_NS + MARKET.second_of(DAY, dt.time(9, 31)) * SECOND_NS
    for name in ("option-mbo", "option-trades"):
        event = files[name]["ts_event"].astype(np.int64)
        kept = files[name][(event < start) | (event >= start + 30 * SECOND_NS)]
        assert 0 < kept.size < files[name].size
        assert np.array_equal(
            cut[name]["order_id" if "mbo" in name else "price"],
            kept["order_id" if "mbo" in name else "price"],
        )
        assert np.any(cut[name]["flags"] & 4)


def test_an_expiry_leaves_nothing_behind(tmp_path: Path) -> None:
    """On Christmas Eve the options of the day expire at the early close, inside the day."""
    day = dt.date(2025, 12, 24)
    plan = SessionPlan(
        hours=3.85, dense_rate=2.0, overnight_rate=0.01, premarket_rate=0.01, evening_seconds=0
    )
    market = replace(MARKET, plan=plan)
    chain = option_chain(market, day)
    write_day(market, day, tmp_path, schemas=("option-mbo",))
    path = raw_path(tmp_path, "ES", "option-mbo", day)
    records = databento.DBNStore.from_file(path).to_ndarray()
    expiry_ns = int(chain.expirations[0].timestamp()) * SECOND_NS
    assert str(chain.expirations[0]) == "2025-12-24 18:15:00+00:00"
    todays = {o.instrument_id for o in chain.options if o.expiration == chain.expirations[0]}
    todays.add(chain.spread.instrument_id)
    own = np.isin(records["instrument_id"], list(todays))
    event = records["ts_event"].astype(np.int64)
    assert expiry_ns - 61 * SECOND_NS < event[own].max() < expiry_ns - 58 * SECOND_NS
    for number, part in by_instrument(records[own & ~is_leg_print(records)]).items():
        book = Replay()
        for record in plain_records(part):
            book.apply(record)
        assert not book.orders, number
        assert +book.complaints == Counter()
    before = records[own & (event > expiry_ns - 600 * SECOND_NS)]
    assert before.size > 1_000, "quoted until expiry"
