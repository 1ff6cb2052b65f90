"""Trade bars land as the vendor's reader sees them, and agree with the trades they are made of."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.land import land
from support import lakes
from support.dbn_files import (
    DAY,
    DAY_NS,
    DAY_START_NS,
    SECOND_NS,
    TICK,
    bars,
    metadata,
    plain,
    write,
)
from support.landing_lake import files_in, land_ok, land_one_error, manifest_of, partition_of, rows
from support.vendor_reader import values

UNDEFINED_PRICE = 2**63 - 1
FIELDS = ["ts_event", "rtype", "instrument_id", "open", "high", "low", "close", "volume"]
LANDED = (
    "epoch_ns(ts_event), rtype, instrument_id, open_price_int, high_price_int, low_price_int, "
    "close_price_int, volume"
)
CROSS_SCHEMA = "es_cross_schema"
MINUTES = f"{CROSS_SCHEMA}/futures_ohlcv-1m_2024-07-01T23-40_2024-07-02T00-10.dbn.zst"
TRADES = f"{CROSS_SCHEMA}/futures_trades_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"
RECORDS, AT = 50, 37


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def test_minutes_equal_the_vendors(lake: Lake, shared_data: Path) -> None:
    path = shared_data / MINUTES
    land_ok(lake, path)
    days = [dt.date(2024, 7, 1), dt.date(2024, 7, 2)]
    found = [
        row
        for symbol in ("ESU4", "NQU4")
        for day in days
        for row in rows(partition_of(lake, "ohlcv_1m", symbol, day), LANDED)
    ]
    expected = values(path, FIELDS)
    assert Counter(found) == Counter(expected)
    # each contract keeps the order of its bars
    numbers = dict.fromkeys(row[2] for row in found)
    assert found == [row for number in numbers for row in expected if row[2] == number]


def test_minutes_land_by_their_definitions(lake: Lake, shared_data: Path) -> None:
    folder = shared_data / "es_options"
    definitions, minutes = sorted(folder.glob("20240509_futures_*"))
    land_ok(lake, definitions, minutes, allow_missing_definitions=False)
    partition = partition_of(lake, "ohlcv_1m", "ESM4", dt.date(2024, 5, 9))
    assert rows(partition, LANDED) == values(minutes, FIELDS)
    manifest = manifest_of(partition)
    assert manifest["dataset"] == "bronze.future.ohlcv_1m"
    assert manifest["row_count"] == manifest["records_in"] == 5
    assert manifest["min_ts_event"] == "2024-05-09T10:00:00.000000000"
    assert manifest["max_ts_event"] == "2024-05-09T10:04:00.000000000"
    assert manifest["min_ts_recv"] is None
    assert manifest["max_ts_recv"] is None


def test_volume_and_prices_are_those_of_the_trades(lake: Lake, shared_data: Path) -> None:
    """The known answer of the sample: 18, 23, 175 and 37 contracts in four minutes."""
    land_ok(lake, shared_data / MINUTES, shared_data / TRADES)
    lakes.build(lake, "--select", "future_ohlcv_1m", "future_trades")
    traded = lakes.ask(
        lake,
        """
        select
            date_trunc('minute', ts_recv) as minute_ts, sum(size),
            arg_min(price, rec_ordinal), max(price), min(price), arg_max(price, rec_ordinal)
        from bronze.future_trades group by minute_ts order by minute_ts
        """,
    )
    minutes = lakes.ask(
        lake,
        """
        select
            cast(ts_event as timestamp) as minute_ts, volume,
            open_price, high_price, low_price, close_price
        from bronze.future_ohlcv_1m
        where
            symbol = 'ESU4' and ts_event >= '2024-07-01 23:58:00'
            and bar_end_ts <= '2024-07-02 00:02:00'
        order by minute_ts
        """,
    )
    assert minutes == traded
    assert [row[1] for row in minutes] == [18, 23, 175, 37]


def test_relation_of_seconds(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, plain(tmp_path / "a.dbn", bars(3)))
    lakes.build(lake, "--select", "tag:bars")
    found = lakes.ask(
        lake,
        "select symbol, dt, rec_ordinal, epoch_ns(ts_event), epoch_ns(bar_end_ts), open_price, "
        "high_price_int, low_price, close_price_int, volume from bronze.future_ohlcv_1s",
    )
    start = DAY_START_NS + 3600 * SECOND_NS
    middle = 5_000 * SECOND_NS
    assert found == [
        (
            "ESH4", DAY, at, start + at * SECOND_NS, start + (at + 1) * SECOND_NS,
            5_000 + at * 0.25, middle + (at + 3) * TICK, 5_000 + (at - 2) * 0.25,
            middle + (at + 1) * TICK, at + 1,
        )
        for at in range(3)
    ]  # fmt: skip
    assert lakes.ask(lake, "select count(*) from bronze.future_ohlcv_1m") == [(0,)]


def test_bars_of_two_lengths_share_a_day(lake: Lake, tmp_path: Path) -> None:
    seconds = plain(tmp_path / "a.dbn", bars(120))
    records = bars(2, rtype=33)
    records["ts_event"] = DAY_START_NS + 60 * SECOND_NS * np.arange(2)
    minutes = plain(tmp_path / "b.dbn", records, "ohlcv-1m")
    report = land_ok(lake, seconds, minutes)
    assert [(result.dataset, result.rows) for result in report.partitions] == [
        ("bronze.future.ohlcv_1s", 120),
        ("bronze.future.ohlcv_1m", 2),
    ]
    again = land_ok(lake, seconds, minutes)
    assert [result.status for result in again.partitions] == ["unchanged", "unchanged"]


def test_a_file_over_midnight_gives_two_partitions(lake: Lake, tmp_path: Path) -> None:
    records = bars(10)
    records["ts_event"] += np.uint64(23 * 3600 * SECOND_NS - 4 * SECOND_NS)
    path = plain(tmp_path / "a.dbn", records, end=DAY_START_NS + 2 * DAY_NS)
    report = land_ok(lake, path, chunk_records=3)
    assert [(result.day, result.rows) for result in report.partitions] == [
        (DAY, 4),
        (DAY + dt.timedelta(days=1), 6),
    ]


def test_files_that_overlap_are_refused(lake: Lake, tmp_path: Path) -> None:
    first, second = bars(5), bars(5)
    second["ts_event"] += np.uint64(4 * SECOND_NS)
    paths = [plain(tmp_path / "a.dbn", first), plain(tmp_path / "b.dbn", second)]
    errors = land(paths, lake, allow_missing_definitions=True).errors
    assert [str(error).split(": ")[0] for error in errors] == [str(path) for path in paths]
    assert all("overlap or precede" in str(error) for error in errors)
    second["ts_event"] += np.uint64(SECOND_NS)
    land_ok(lake, paths[0], plain(tmp_path / "b.dbn", second))
    assert rows(partition_of(lake, "ohlcv_1s"), "count(*)", "") == [(10,)]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"rtype": 33}, "rtype is 33, ohlcv-1s records have 32"),
        ({"volume": 0}, f"record {AT}: volume 0 is no number of traded contracts"),
        ({"volume": 2**50}, f"record {AT}: volume {2**50} is no number of traded contracts"),
        ({"open": UNDEFINED_PRICE}, f"record {AT}: a bar without open"),
        ({"high": UNDEFINED_PRICE}, f"record {AT}: a bar without high"),
        ({"low": 5_100 * SECOND_NS}, f"record {AT}: open 5009250000000 lies outside low 5100"),
        ({"open": 5_100 * SECOND_NS}, f"record {AT}: open 5100000000000 lies outside low 5008"),
        ({"close": 4_900 * SECOND_NS}, f"record {AT}: close 4900000000000 lies outside low"),
        ({"high": 5_100 * SECOND_NS + 1}, "price 5100000000001 is not a multiple of the tick"),
        ({"low": 4_900 * SECOND_NS - 1}, "is not a multiple of the tick"),
        ({"ts_event": DAY_START_NS}, f"record {AT}: ts_event is earlier than in the record"),
        (
            {"ts_event": DAY_START_NS + (3600 + AT) * SECOND_NS + 1},
            f"record {AT}: ts_event 1709600437000000001 is no start of a bar of 1 s",
        ),
        (
            {"ts_event": DAY_START_NS + (3600 + AT - 1) * SECOND_NS},
            f"record {AT}: instrument 17077 has two bars that start at 1709600436000000000",
        ),
    ],
)
@pytest.mark.parametrize("chunk_records", [RECORDS, AT, 7])
def test_bad_bar(
    lake: Lake, tmp_path: Path, fields: dict[str, Any], reason: str, chunk_records: int
) -> None:
    records = bars(RECORDS)
    for name, value in fields.items():
        records[name][AT] = value
    path = plain(tmp_path / "bad.dbn.zst", records)
    assert reason in land_one_error(lake, path, chunk_records=chunk_records)
    assert files_in(lake) == []


def test_a_minute_starts_on_the_minute(lake: Lake, tmp_path: Path) -> None:
    path = write(tmp_path / "a.dbn", metadata("ohlcv-1m"), bars(2, rtype=33))
    error = land_one_error(lake, path)
    assert "record 1: ts_event 1709600401000000000 is no start of a bar of 60 s" in error


def test_bars_of_hours_and_days_are_not_read(lake: Lake, tmp_path: Path) -> None:
    for schema in ("ohlcv-1h", "ohlcv-1d"):
        path = write(tmp_path / "a.dbn", metadata(schema), bars(2))
        error = land_one_error(lake, path)
        assert f"has schema {schema}; read are bbo-1m" in error
        assert "ohlcv-1m, ohlcv-1s" in error
