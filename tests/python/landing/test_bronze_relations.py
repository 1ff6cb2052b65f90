"""The published bronze relations: names, types, and values derived from the landed ones."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from support import lakes
from support.dbn_files import (
    DAY_NS,
    DAY_START_NS,
    SECOND_NS,
    bars,
    bbo,
    definition,
    definitions,
    mbo,
    mbp,
    plain,
    statistics,
    status,
    trades,
)

FUTURE, SAME_DAY, WEEK, LATER = 17077, 200, 201, 202
NAMES = {FUTURE: "ESH4", SAME_DAY: "E1AH4 C5000", WEEK: "EW2H4 P4990", LATER: "ESM4 C5100"}
OPTIONS = [SAME_DAY, WEEK, LATER]
# 16:00 New York on the day, seven days and eight days after it
EXPIRATIONS = {SAME_DAY: 0, WEEK: 7, LATER: 8}
CLOSE_NS = 21 * 3600 * SECOND_NS
STRIKE = 5_000 * 10**9
DAY_AFTER_NS = DAY_START_NS + DAY_NS

KEY = ["symbol VARCHAR", "dt DATE", "rec_ordinal BIGINT"]
TIMES = ["ts_event TIMESTAMP_NS", "ts_recv TIMESTAMP_NS"]
ID = ["instrument_id UINTEGER"]
FLAGS, SEQUENCE = ["flags UTINYINT"], ["sequence UINTEGER"]
BITS = [
    f"{name} BOOLEAN"
    for name in (
        "is_last", "is_tob", "is_snapshot", "is_mbp", "is_bad_ts_recv", "is_maybe_bad_book",
    )
]  # fmt: skip
QUOTES = ["bid_px_int BIGINT", "ask_px_int BIGINT", "bid_sz BIGINT", "ask_sz BIGINT"]
TERMS = ["right VARCHAR", "strike_price_int BIGINT", "strike DOUBLE", "expiration TIMESTAMP_NS"]
STATISTIC = [
    "stat_type USMALLINT", "price_int BIGINT", "quantity BIGINT", "ts_ref TIMESTAMP_NS",
    "update_action UTINYINT", "stat_flags UTINYINT",
]  # fmt: skip
ORDER = [
    "ts_in_delta INTEGER", "rtype UTINYINT", "channel_id UTINYINT", "publisher_id USMALLINT",
    *ID, "order_id UBIGINT", "action VARCHAR", "side VARCHAR", "price_int BIGINT", "price DOUBLE",
    "size BIGINT", *FLAGS, *BITS, *SEQUENCE,
]  # fmt: skip
BAR = [
    *KEY, TIMES[0], "bar_end_ts TIMESTAMP", *ID,
    *(f"{name}_price_int BIGINT" for name in ("open", "high", "low", "close")),
    *(f"{name}_price DOUBLE" for name in ("open", "high", "low", "close")), "volume BIGINT",
]  # fmt: skip
COLUMNS = {
    "future_mbo": [*KEY, *TIMES, *ORDER],
    "option_mbo": [
        *KEY, *TIMES, *ORDER, "option_symbol VARCHAR", "underlying VARCHAR", *TERMS,
        "is_0dte BOOLEAN", "days_to_expiry INTEGER",
    ],
    "market_by_price_10": [
        *KEY, *TIMES, *ID, "action VARCHAR", "side VARCHAR", "depth UTINYINT", "price_int BIGINT",
        "size BIGINT", *FLAGS, *BITS, *SEQUENCE,
        *(
            f"{side}_{what} BIGINT"
            for level in range(10)
            for what in (f"px_{level:02d}_int", f"sz_{level:02d}", f"ct_{level:02d}")
            for side in ("bid", "ask")
        ),
    ],
    "future_bbo": [*KEY, *TIMES, *ID, *FLAGS, *SEQUENCE, *QUOTES, "bid_ct BIGINT", "ask_ct BIGINT"],
    "future_trades": [
        *KEY, *TIMES, *ID, *FLAGS, *SEQUENCE, "price_int BIGINT", "price DOUBLE", "size BIGINT",
        "side VARCHAR", "aggressor TINYINT",
    ],
    "future_ohlcv_1s": BAR,
    "future_ohlcv_1m": BAR,
    "option_nbbo": [
        *KEY, *TIMES, *ID, *FLAGS, *SEQUENCE, "option_symbol VARCHAR", TERMS[0], TERMS[1],
        TERMS[3], *QUOTES,
    ],
    "option_trades": [
        *KEY, *TIMES, *ID, *FLAGS, *SEQUENCE, "option_symbol VARCHAR", "underlying VARCHAR", *TERMS,
        "price_int BIGINT", "price DOUBLE", "size BIGINT", "aggressor TINYINT", "opt_bid DOUBLE",
        "opt_ask DOUBLE",
    ],
    "future_statistics": [*KEY, *TIMES, *ID, *SEQUENCE, "contract VARCHAR", *STATISTIC],
    "option_statistics": [*KEY, *TIMES, *ID, *SEQUENCE, "option_symbol VARCHAR", *STATISTIC],
    "future_status": [
        *KEY, *TIMES, *ID, "action USMALLINT", "reason USMALLINT", "trading_event USMALLINT",
        "is_trading BOOLEAN", "is_quoting BOOLEAN", "is_short_sell_restricted BOOLEAN",
    ],
}  # fmt: skip


def of_options(records: np.ndarray) -> np.ndarray:
    records["instrument_id"] = np.resize(OPTIONS, len(records))
    return records


def chain(path: Path, start_ns: int) -> Path:
    """Write one day's definitions: the future, and options of three expiries."""
    listed = [definition(FUTURE, "ESH4", ts_recv=start_ns)]
    for number, days in EXPIRATIONS.items():
        option = definition(
            number,
            NAMES[number],
            "P" if number == WEEK else "C",
            ts_recv=start_ns,
            asset=b"ES",
            underlying=b"ESH4",
            strike_price=STRIKE,
            expiration=DAY_START_NS + days * DAY_NS + CLOSE_NS,
        )
        listed.append(option)
    return definitions(path, *listed, start=start_ns, end=start_ns + DAY_NS)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("relations")
    raw = folder / "raw"
    chain(raw / "a.dbn", DAY_START_NS)
    chain(raw / "b.dbn", DAY_AFTER_NS)
    option_statistics = of_options(statistics(6))
    option_statistics["stat_type"] = 9
    option_statistics["quantity"][:3] = [1_234, 0, 2**63 - 1]
    first_second = of_options(mbo(9, start=DAY_START_NS))
    sold = of_options(mbp(6, levels=1, action=b"T", side=[b"A", b"B", b"N"] * 2))
    flags = status(3)
    flags["is_trading"] = [b"Y", b"N", b"~"]
    minute = bars(1, rtype=33)
    files = {
        "mbo": mbo(5),
        "mbo-options": first_second,
        "mbp-10": mbp(5),
        "bbo-1s": bbo(5),
        "ohlcv-1s": bars(60),
        "ohlcv-1m": minute,
        "tbbo-futures": mbp(6, levels=1, action=b"T", side=[b"A", b"B", b"N"] * 2),
        "mbp-1": of_options(mbp(6, levels=1)),
        "tbbo": sold,
        "statistics": statistics(4, price=2**63 - 1),
        "statistics-options": option_statistics,
        "status": flags,
    }
    for name, records in files.items():
        schema = name.removesuffix("-options").removesuffix("-futures")
        plain(raw / f"{name}.dbn", records, schema, symbols=NAMES)
    after = of_options(trades(3, start=DAY_AFTER_NS))
    plain(raw / "after.dbn", after, symbols=NAMES, start=DAY_AFTER_NS, end=None)
    lake = Lake(folder / "lake")
    lakes.land_raw(lake, raw)
    lakes.build(lake, "--select", "tag:bronze")
    return lake


@pytest.mark.parametrize("relation", COLUMNS)
def test_names_and_types(lake: Lake, relation: str) -> None:
    described = lakes.ask(lake, f"describe bronze.{relation}")
    assert sorted(f"{row[0]} {row[1]}" for row in described) == sorted(COLUMNS[relation])
    assert [row[0] for row in described][:3] == ["symbol", "dt", "rec_ordinal"]
    assert lakes.ask(lake, f"select count(*) > 0 from bronze.{relation}") == [(True,)]


def test_empty_relations_have_the_same_types(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.make_root()
    lakes.build(lake, "--select", "tag:bronze")
    for relation, columns in COLUMNS.items():
        described = lakes.ask(lake, f"describe bronze.{relation}")
        assert sorted(f"{row[0]} {row[1]}" for row in described) == sorted(columns)


def test_terms_of_option_orders(lake: Lake) -> None:
    rows = lakes.ask(
        lake,
        'select distinct option_symbol, underlying, "right", strike, expiration, is_0dte, '
        "days_to_expiry from bronze.option_mbo order by option_symbol",
    )
    close = dt.datetime(2024, 3, 5, 21)
    assert rows == [
        ("E1AH4 C5000", "ESH4", "C", 5000.0, close, True, 0),
        ("EW2H4 P4990", "ESH4", "P", 5000.0, close + dt.timedelta(days=7), False, 7),
    ]


def test_midnight_orders_belong_to_the_day(lake: Lake) -> None:
    """At 00:00 UTC New York is a day behind; the snapshot still belongs to the day's expiry."""
    query = "select rec_ordinal from bronze.option_mbo where is_0dte order by rec_ordinal"
    assert lakes.ask(lake, query) == [(0,), (3,), (6,)]


@pytest.mark.parametrize(("days", "left"), [(0, 1), (8, 3)])
def test_later_expiries_can_be_requested(lake: Lake, days: int, left: int) -> None:
    copy = lakes.landed_copy(lake, lake.root.with_name(f"dte{days}"))
    lakes.build(copy, "--select", "option_mbo", option_max_dte=days)
    assert lakes.ask(copy, "select count(distinct option_symbol) from bronze.option_mbo") == [
        (left,)
    ]


def test_option_trades_with_and_without_quotes(lake: Lake) -> None:
    rows = lakes.ask(
        lake,
        "select dt = '2024-03-05', option_symbol, price, size, aggressor, opt_bid, opt_ask "
        "from bronze.option_trades order by dt, rec_ordinal",
    )
    symbols = [NAMES[number] for number in OPTIONS]
    expected = [
        (True, symbols[at % 3], 5000 + at / 4, at + 1, (-1, 1, 0)[at % 3], 4999.75, 5000.0)
        for at in range(6)
    ]
    expected += [(False, symbols[at], 5000 + at / 4, at + 1, 1, None, None) for at in range(3)]
    assert rows == expected


def test_statistics_distinguish_sentinels_from_zero(lake: Lake) -> None:
    rows = lakes.ask(
        lake,
        "select option_symbol, quantity, price_int is null from bronze.option_statistics "
        "where stat_type = 9 order by rec_ordinal limit 3",
    )
    symbols = [NAMES[number] for number in OPTIONS]
    assert rows == list(zip(symbols, [1_234, 0, None], [False] * 3, strict=True))
    rows = lakes.ask(lake, "select distinct contract, price_int from bronze.future_statistics")
    assert rows == [("ESH4", None)]


def test_values_that_the_venue_omits_are_null(lake: Lake) -> None:
    query = "select is_trading, is_quoting from bronze.future_status order by rec_ordinal"
    assert lakes.ask(lake, query) == [(True, None), (False, None), (None, None)]


def test_trades_with_quotes_are_trades_with_an_aggressor(lake: Lake) -> None:
    rows = lakes.ask(
        lake, "select side, aggressor, size from bronze.future_trades order by rec_ordinal"
    )
    assert rows == [
        (side, aggressor, 1 + at)
        for at, (side, aggressor) in enumerate([("A", -1), ("B", 1), ("N", 0)] * 2)
    ]
    [(inputs,)] = lakes.ask(
        lake,
        "select inputs from bronze.ingest_manifest where dataset_key = 'bronze.future.trades'",
    )
    assert [source["schema"] for source in inputs] == ["tbbo"]


def test_a_minute_and_its_seconds(lake: Lake) -> None:
    """The bar of a minute starts with the first of its seconds."""
    rows = lakes.ask(
        lake,
        """
        select minutes.symbol, minutes.bar_end_ts, count(*), max(seconds.bar_end_ts)
        from bronze.future_ohlcv_1m as minutes
        inner join bronze.future_ohlcv_1s as seconds
            on
                minutes.symbol = seconds.symbol
                and seconds.ts_event >= minutes.ts_event
                and seconds.bar_end_ts <= minutes.bar_end_ts
        group by all
        """,
    )
    end = dt.datetime(2024, 3, 5, 1, 1)
    assert rows == [("ESH4", end, 60, end)]


def test_levels_by_name(lake: Lake) -> None:
    rows = lakes.ask(
        lake,
        "select bid_px_00_int, ask_px_09_int, bid_sz_09, ask_ct_00, is_last "
        "from bronze.market_by_price_10 order by rec_ordinal limit 1",
    )
    assert rows == [(19_999 * 250_000_000, 20_009 * 250_000_000, 11, 1, True)]


def test_the_manifest_covers_every_dataset(lake: Lake) -> None:
    keys = {row[0] for row in lakes.ask(lake, "select dataset_key from bronze.ingest_manifest")}
    assert keys == {
        "bronze.shared.instrument_definitions", "bronze.future_mbo.mbo",
        "bronze.future_option_mbo.mbo", "bronze.future.market_by_price_10", "bronze.future.bbo",
        "bronze.future.trades", "bronze.future.ohlcv_1s", "bronze.future.ohlcv_1m",
        "bronze.future.statistics", "bronze.future.status", "bronze.future_option.trades",
        "bronze.future_option.nbbo", "bronze.future_option.statistics",
    }  # fmt: skip
