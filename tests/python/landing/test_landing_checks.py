"""An impossible record keeps its whole file from landing, with one line that says why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from support.dbn_files import (
    DAY_NS,
    DAY_START_NS,
    SECOND_NS,
    TICK,
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
from support.landing_lake import files_in, land_ok, land_one_error, mbo_partition, rows

UNDEFINED_PRICE = 2**63 - 1
UNDEFINED_TIME = 2**64 - 1
RECORDS = 50
AT = 37


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def with_record(records: np.ndarray, **fields: Any) -> np.ndarray:
    """Return the records with fields of record ``AT`` replaced."""
    for name, value in fields.items():
        records[name][AT] = value
    return records


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"action": b"Q"}, "action is byte 81, known are A, C, F, M, N, R, T"),
        ({"action": b"\0"}, "action is byte 0"),
        ({"side": b"X"}, "side is byte 88, known are A, B, N"),
        ({"flags": 129}, r"flags 129 have an unknown bit \(last \+ unknown\(1\)\)"),
        ({"rtype": 1}, "rtype is 1, mbo records have 160"),
        ({"length": 13}, "length is 13, mbo records have 14"),
        ({"publisher_id": 2}, "publisher_id is 2, the records before have 1"),
        ({"ts_recv": DAY_START_NS + 3600 * SECOND_NS + 1}, "ts_recv is earlier"),
        ({"ts_recv": 0}, "ts_recv is earlier"),
        ({"ts_recv": UNDEFINED_TIME}, "lies outside the range|ts_recv is earlier"),
        ({"ts_event": UNDEFINED_TIME}, "is later than ts_recv"),
        ({"ts_event": 2**63}, "is later than ts_recv"),
        ({"ts_event": DAY_START_NS - 2 * DAY_NS}, "over a day before ts_recv"),
        ({"price": UNDEFINED_PRICE}, "action A without a price"),
        ({"price": 5_000 * SECOND_NS + 1}, "not a multiple of the tick 250000000"),
        ({"price": -TICK - 1}, "not a multiple of the tick"),
        ({"side": b"N"}, "action A without a side"),
        ({"order_id": 0}, "action A without an order id"),
        ({"size": 0}, "an added order has size 0"),
        ({"size": 2**32 - 1}, "size 4294967295 is not a number of lots"),
        ({"action": b"M", "side": b"N"}, "action M without a side"),
        ({"action": b"M", "price": UNDEFINED_PRICE}, "action M without a price"),
        ({"action": b"F", "order_id": 0}, "action F without an order id"),
        ({"action": b"C", "order_id": 0}, "action C without an order id"),
        ({"action": b"T", "price": UNDEFINED_PRICE}, "action T without a price"),
    ],
)
@pytest.mark.parametrize("chunk_records", [RECORDS, AT, 7])
def test_bad_mbo_record(
    lake: Lake, tmp_path: Path, fields: dict[str, Any], reason: str, chunk_records: int
) -> None:
    land_ok(lake, plain(tmp_path / "good.dbn", mbo(3)))
    landed = files_in(lake)
    path = plain(tmp_path / "bad.dbn.zst", with_record(mbo(RECORDS), **fields))
    error = land_one_error(lake, path, chunk_records=chunk_records)
    assert re.search(reason, error)
    assert str(path) in error
    assert files_in(lake) == landed


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"action": b"A"}, "action A in a file of trades"),
        ({"price": UNDEFINED_PRICE}, "action T without a price"),
        ({"price": 1}, "not a multiple of the tick"),
        ({"ts_recv": 0}, "ts_recv is earlier"),
        ({"side": b"b"}, "side is byte 98"),
        ({"flags": 1}, "unknown bit"),
    ],
)
def test_bad_trade(lake: Lake, tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    path = plain(tmp_path / "bad.dbn", with_record(trades(RECORDS), **fields))
    assert reason in land_one_error(lake, path)
    assert files_in(lake) == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"action": b"Q"}, "action is byte 81"),
        ({"side": b"X"}, "side is byte 88"),
        ({"flags": 3}, "flags 3 have an unknown bit"),
        ({"rtype": 160}, "rtype is 160, mbp-10 records have 10"),
        ({"ts_recv": 0}, "ts_recv is earlier"),
        ({"ts_event": UNDEFINED_TIME}, "is later than ts_recv"),
        ({"ts_event": DAY_START_NS - 2 * DAY_NS}, "over a day before ts_recv"),
        ({"price": UNDEFINED_PRICE}, "action A without a price"),
        ({"price": 1}, "not a multiple of the tick"),
        ({"size": 2**31}, "size 2147483648 is not a number of lots"),
        ({"depth": 10}, "depth is 10"),
        ({"bid_px_00": UNDEFINED_PRICE}, "bid level 00 has a price or a size alone"),
        ({"ask_px_09": UNDEFINED_PRICE}, "ask level 09 has a price or a size alone"),
        ({"ask_sz_04": 0}, "ask level 04 has a price or a size alone"),
        ({"bid_ct_03": 0}, "bid level 03 has impossible numbers of lots and orders"),
        ({"bid_ct_03": 1_000}, "bid level 03 has impossible numbers of lots and orders"),
        ({"ask_sz_05": 2**31}, "ask level 05 has impossible numbers of lots and orders"),
        ({"bid_px_05": TICK * 20_500}, "bid level 05 is not worse than the level before"),
        ({"bid_px_05": TICK * 19_995}, "bid level 05 is not worse than the level before"),
        ({"ask_px_01": TICK * 20_000}, "ask level 01 is not worse than the level before"),
        ({"ask_px_09": -TICK}, "ask level 09 is not worse than the level before"),
        ({"bid_px_09": TICK * 10_000 + 1}, "not a multiple of the tick"),
        ({"bid_px_04": UNDEFINED_PRICE, "bid_sz_04": 0, "bid_ct_04": 0}, "bid level 05 is not"),
        ({"ask_px_04": UNDEFINED_PRICE, "ask_sz_04": 0, "ask_ct_04": 0}, "ask level 05 is not"),
    ],
)
@pytest.mark.parametrize("chunk_records", [RECORDS, 7])
def test_bad_price_update(
    lake: Lake, tmp_path: Path, fields: dict[str, Any], reason: str, chunk_records: int
) -> None:
    path = plain(tmp_path / "bad.dbn", with_record(mbp(RECORDS), **fields))
    error = land_one_error(lake, path, chunk_records=chunk_records)
    assert reason in error
    assert f"record {AT}: " in error or "not a multiple" in error
    assert files_in(lake) == []


@pytest.mark.parametrize(
    ("schema", "records", "fields", "reason"),
    [
        ("mbp-1", mbp(RECORDS, levels=1), {"bid_sz_00": 0}, "bid level 00 has a price or a size"),
        ("mbp-1", mbp(RECORDS, levels=1), {"ask_px_00": 7}, "not a multiple of the tick"),
        ("tbbo", mbp(RECORDS, levels=1, action=b"T"), {"action": b"A"}, "in a file of trades"),
        ("tbbo", mbp(RECORDS, levels=1, action=b"T"), {"ask_ct_00": 0}, "ask level 00 has impos"),
        ("bbo-1s", bbo(RECORDS), {"side": b"Q"}, "side is byte 81"),
        ("bbo-1s", bbo(RECORDS), {"flags": 1}, "unknown bit"),
        ("bbo-1s", bbo(RECORDS), {"rtype": 196}, "rtype is 196, bbo-1s records have 195"),
        ("bbo-1s", bbo(RECORDS), {"ask_px_00": UNDEFINED_PRICE}, "ask level 00 has a price or"),
        ("bbo-1s", bbo(RECORDS), {"ts_event": 2**63}, "is later than ts_recv"),
        ("bbo-1s", bbo(RECORDS), {"ts_event": 1}, "ts_event 1 is over a year from ts_recv"),
        ("bbo-1m", bbo(RECORDS, rtype=196), {"bid_px_00": 3}, "not a multiple of the tick"),
        ("statistics", statistics(RECORDS), {"stat_type": 99}, "stat_type is 99, which the vendor"),
        ("statistics", statistics(RECORDS), {"update_action": 0}, "update_action is 0"),
        ("statistics", statistics(RECORDS), {"quantity": -1}, "quantity -1 is no number"),
        ("statistics", statistics(RECORDS), {"quantity": 2**50}, "is no number of contracts"),
        ("statistics", statistics(RECORDS), {"ts_ref": 0}, "ts_ref 0 is over a year"),
        ("statistics", statistics(RECORDS), {"ts_ref": 2**63}, "is over a year from ts_recv"),
        ("statistics", statistics(RECORDS), {"ts_event": UNDEFINED_TIME}, "later than ts_recv"),
        ("status", status(RECORDS), {"action": 16}, "action is 16, which the vendor"),
        ("status", status(RECORDS), {"reason": 7}, "reason is 7, which the vendor"),
        ("status", status(RECORDS), {"trading_event": 5}, "trading_event is 5"),
        ("status", status(RECORDS), {"is_trading": b"y"}, "is_trading is byte 121"),
        ("status", status(RECORDS), {"ts_recv": 0}, "ts_recv is earlier"),
    ],
)
def test_bad_record_of_another_schema(
    lake: Lake,
    tmp_path: Path,
    schema: str,
    records: np.ndarray,
    fields: dict[str, Any],
    reason: str,
) -> None:
    path = plain(tmp_path / "bad.dbn", with_record(records.copy(), **fields), schema)
    assert reason in land_one_error(lake, path)
    assert files_in(lake) == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"instrument_class": b"Q"}, "instrument_class is byte 81"),
        ({"security_update_action": b"Q"}, "security_update_action is byte 81"),
        ({"raw_symbol": b""}, "a definition without raw_symbol"),
        ({"asset": b"E\xd3"}, "asset b'E\\xd3' is not printable text"),
        ({"underlying": b"\x01"}, "underlying b'\\x01' is not printable text"),
        ({"min_price_increment": 0}, "the tick of a future is 0"),
        ({"min_price_increment": -1}, "the tick of a future is -1"),
        ({"ts_recv": DAY_START_NS - 1}, f"ts_recv {DAY_START_NS - 1} lies outside the range"),
        ({"ts_recv": DAY_START_NS + DAY_NS}, "ts_recv 1709683200000000000 lies outside"),
    ],
)
def test_bad_definition(lake: Lake, tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    bad = definition(1, "ESH4")
    for name, value in fields.items():
        bad[name] = value
    path = definitions(tmp_path / "bad.dbn", definition(2, "ESM4"), bad)
    assert f"record 1: {reason}" in land_one_error(lake, path)
    assert files_in(lake) == []


def test_first_and_last_moment_of_the_header(lake: Lake, tmp_path: Path) -> None:
    edges = [DAY_START_NS, DAY_START_NS + DAY_NS - 1]
    land_ok(lake, plain(tmp_path / "a.dbn", mbo(2, ts_recv=edges, ts_event=edges)))
    late = [DAY_START_NS, DAY_START_NS + DAY_NS]
    path = plain(tmp_path / "b.dbn", mbo(2, ts_recv=late, ts_event=late))
    assert "record 1: ts_recv" in land_one_error(lake, path)


def test_header_without_end(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, plain(tmp_path / "a.dbn", mbo(2), end=None))


def test_equal_times_are_in_order(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, plain(tmp_path / "a.dbn", mbo(9, step=0)))


def test_snapshot_orders_may_be_old(lake: Lake, tmp_path: Path) -> None:
    old = mbo(5, ts_event=DAY_START_NS - 90 * DAY_NS, flags=40)
    land_ok(lake, plain(tmp_path / "a.dbn", old))


def test_new_style_event_end_lands(lake: Lake, tmp_path: Path) -> None:
    end = {
        "action": b"N", "side": b"N", "flags": 128, "order_id": 0, "size": 0,
        "price": UNDEFINED_PRICE,
    }  # fmt: skip
    land_ok(lake, plain(tmp_path / "a.dbn", with_record(mbo(RECORDS), **end)))
    assert rows(mbo_partition(lake), "action, price_int")[AT] == ("N", None)


def test_modify_to_nothing_and_negative_prices_land(lake: Lake, tmp_path: Path) -> None:
    records = with_record(mbo(RECORDS), action=b"M", size=0, price=-3 * TICK)
    land_ok(lake, plain(tmp_path / "a.dbn", records))
    assert rows(mbo_partition(lake), "action, size, price_int")[AT] == ("M", 0, -3 * TICK)


def test_the_tick_comes_from_the_definition(lake: Lake, tmp_path: Path) -> None:
    finer = definition(17077, "ESH4", min_price_increment=TICK // 5)
    off_seed_tick = mbo(RECORDS, price=5_000 * SECOND_NS + TICK // 5)
    path = plain(tmp_path / "a.dbn", off_seed_tick)
    assert "not a multiple of the tick 250000000" in land_one_error(lake, path)
    land_ok(lake, path, definitions(tmp_path / "d.dbn", finer))
