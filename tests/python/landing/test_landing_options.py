"""Options land under their underlying, with the contract terms known at the time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from support.dbn_files import (
    DAY,
    DAY_NS,
    DAY_START_NS,
    SECOND_NS,
    bbo,
    definition,
    definitions,
    mbo,
    mbp,
    plain,
    statistics,
    trades,
)
from support.landing_lake import (
    files_in,
    land_ok,
    land_one_error,
    manifest_of,
    mbo_partition,
    partition_of,
    rows,
)
from support.vendor_reader import values

ESH4, CALL, PUT, OTHER, SPREAD, NAKED = 17077, 200, 201, 202, 203, 204
NAMES = {
    ESH4: "ESH4", CALL: "E1AH4 C5000", PUT: "E1AH4 P5000", OTHER: "ESM4 C5100",
    SPREAD: "UD:1V: VT 1", NAKED: "E1AH4 C9",
}  # fmt: skip
STRIKE = 5_000 * 10**9
NOON_NS = DAY_START_NS + 12 * 3600 * SECOND_NS
TERMS = 'option_symbol, "right", strike_price_int, epoch_ns(expiration)'
EXPIRATION_NS = DAY_START_NS + 21 * 3600 * SECOND_NS


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def option(number: int, letter: str, **fields: Any) -> np.ndarray:
    """Return the definition of an option, of DBN version 3."""
    values_ = {
        "asset": b"E1A", "underlying": b"ESH4", "security_type": b"OOF",
        "strike_price": STRIKE, "expiration": EXPIRATION_NS,
        "min_price_increment": 2**63 - 1, **fields,
    }  # fmt: skip
    return definition(number, NAMES[number], letter, **values_)


def chain(path: Path, *more: np.ndarray) -> Path:
    """Write the definitions of a future, two options on it and an option on another future."""
    return definitions(
        path,
        definition(ESH4, "ESH4"),
        option(CALL, "C"),
        option(PUT, "P"),
        option(OTHER, "C", asset=b"ES", underlying=b"ESM4", strike_price=STRIKE + 10**11),
        definition(SPREAD, NAMES[SPREAD], "T", underlying=b"ESH4"),
        *more,
    )


def around(numbers: list[int], records: np.ndarray) -> np.ndarray:
    """Assign the records to the instruments in turn."""
    records["instrument_id"] = np.resize(numbers, len(records))
    return records


def option_terms(numbers: list[int], count: int) -> list[tuple]:
    """Return the terms expected for records that cycle through the options of the chain."""
    known = {
        CALL: ("E1AH4 C5000", "C", STRIKE, EXPIRATION_NS),
        PUT: ("E1AH4 P5000", "P", STRIKE, EXPIRATION_NS),
    }
    return [known[number] for number in np.resize(numbers, count).tolist()]


def test_a_mixed_file_feeds_futures_and_options(lake: Lake, tmp_path: Path) -> None:
    records = around([ESH4, CALL, PUT, OTHER, SPREAD], mbo(50))
    path = plain(tmp_path / "a.dbn.zst", records, symbols=NAMES)
    report = land_ok(lake, chain(tmp_path / "d.dbn"), path, allow_missing_definitions=False)
    assert [
        (partition.dataset, partition.symbol, partition.rows) for partition in report.partitions[1:]
    ] == [
        ("bronze.future_mbo.mbo", "ESH4", 10),
        ("bronze.future_option_mbo.mbo", "ESH4", 20),
        ("bronze.future_option_mbo.mbo", "ESM4", 10),
    ]
    partition = partition_of(lake, "mbo", options=True)
    assert rows(partition, TERMS) == option_terms([CALL, PUT], 20)
    order_ids = sorted([*range(2, 51, 5), *range(3, 51, 5)])
    assert rows(partition, "rec_ordinal, order_id") == list(enumerate(order_ids))
    manifest = manifest_of(partition)
    assert (manifest["root"], manifest["tick_int"]) == ("ES", None)
    assert manifest["dropped"] == {"class_T": 10, "other_partition": 20}
    assert manifest["instrument_ids"] == [CALL, PUT]
    assert manifest["row_count"] + sum(manifest["dropped"].values()) == manifest["records_in"]


@pytest.mark.parametrize(
    ("schema", "table", "records"),
    [
        ("mbo", "mbo", mbo(40)),
        ("trades", "trades", trades(40)),
        ("tbbo", "trades", mbp(40, levels=1, action=b"T")),
        ("mbp-1", "nbbo", mbp(40, levels=1)),
        ("bbo-1s", "nbbo", bbo(40)),
        ("bbo-1m", "nbbo", bbo(40, rtype=196)),
        ("statistics", "statistics", statistics(40)),
    ],
)
@pytest.mark.parametrize("chunk_records", [1 << 17, 7])
def test_every_schema_of_options(
    lake: Lake, tmp_path: Path, schema: str, table: str, records: np.ndarray, chunk_records: int
) -> None:
    path = plain(tmp_path / "a.dbn", around([CALL, PUT], records), schema, symbols=NAMES)
    report = land_ok(lake, chain(tmp_path / "d.dbn"), path, chunk_records=chunk_records)
    assert [(partition.symbol, partition.rows) for partition in report.partitions[1:]] == [
        ("ESH4", 40)
    ]
    partition = partition_of(lake, table, options=True)
    assert rows(partition, TERMS) == option_terms([CALL, PUT], 40)
    fields = ["ts_recv", "instrument_id"]
    assert rows(partition, "epoch_ns(ts_recv), instrument_id") == values(path, fields)
    assert [partition.status for partition in land_ok(lake, path).partitions] == ["unchanged"]


def test_options_keep_their_finer_prices(lake: Lake, tmp_path: Path) -> None:
    price = 50_000_000
    path = plain(tmp_path / "a.dbn", mbo(3, instrument_id=CALL, price=price), symbols=NAMES)
    land_ok(lake, chain(tmp_path / "d.dbn"), path)
    assert rows(partition_of(lake, "mbo", options=True), "price_int") == [(price,)] * 3


def test_quotes_of_trades(lake: Lake, tmp_path: Path) -> None:
    with_quotes = mbp(3, levels=1, action=b"T", instrument_id=CALL)
    with_quotes["ask_px_00"][1] = 2**63 - 1
    with_quotes["ask_sz_00"][1] = with_quotes["ask_ct_00"][1] = 0
    path = plain(tmp_path / "a.dbn", with_quotes, "tbbo", symbols=NAMES)
    land_ok(lake, chain(tmp_path / "d.dbn"), path)
    partition = partition_of(lake, "trades", options=True)
    quotes = [(4_999_750_000_000, 5_000 * 10**9)] * 3
    quotes[1] = (quotes[1][0], None)
    assert rows(partition, "bid_px_int, ask_px_int") == quotes
    without = plain(tmp_path / "b.dbn", trades(3, instrument_id=CALL), symbols=NAMES)
    land_ok(lake, without, overwrite=True)
    assert rows(partition, "bid_px_int, ask_sz, bid_ct") == [(None, None, None)] * 3


def test_a_definition_holds_only_from_its_own_time(lake: Lake, tmp_path: Path) -> None:
    """The first definition holds from 00:00 UTC even if it came later; a second does not."""
    early = option(CALL, "C", ts_recv=NOON_NS - 7_200 * SECOND_NS)
    late = option(CALL, "C", ts_recv=NOON_NS, strike_price=STRIKE + 10**9)
    again = option(CALL, "C", ts_recv=NOON_NS + SECOND_NS, strike_price=STRIKE + 10**9)
    moments = [DAY_START_NS, NOON_NS - 1, NOON_NS, NOON_NS + 1, NOON_NS + 2 * SECOND_NS]
    records = mbo(5, instrument_id=CALL, ts_recv=moments, ts_event=moments)
    path = plain(tmp_path / "a.dbn", records, symbols=NAMES)
    for number, order in enumerate(([early, late, again], [again, early, late])):
        other = Lake(tmp_path / f"lake{number}")
        land_ok(other, definitions(tmp_path / f"d{number}.dbn", *order), path)
        strikes = rows(partition_of(other, "mbo", options=True), "strike_price_int")
        assert strikes == [(STRIKE,)] * 2 + [(STRIKE + 10**9,)] * 3


def test_snapshot_records_use_the_terms_at_capture_time(lake: Lake, tmp_path: Path) -> None:
    late = option(CALL, "C", ts_recv=NOON_NS, strike_price=STRIKE + 10**9)
    old = mbo(2, instrument_id=CALL, start=NOON_NS, flags=40, ts_event=DAY_START_NS - 9 * DAY_NS)
    path = plain(tmp_path / "a.dbn", old, symbols=NAMES)
    land_ok(lake, chain(tmp_path / "d.dbn", late), path)
    strikes = rows(partition_of(lake, "mbo", options=True), "strike_price_int")
    assert strikes == [(STRIKE + 10**9,)] * 2


def test_a_new_underlying_moves_the_records(lake: Lake, tmp_path: Path) -> None:
    moved = option(CALL, "C", ts_recv=NOON_NS, underlying=b"ESM4")
    records = mbo(10, instrument_id=CALL, start=NOON_NS - 4 * SECOND_NS)
    path = plain(tmp_path / "a.dbn", records, symbols=NAMES)
    report = land_ok(lake, chain(tmp_path / "d.dbn", moved), path)
    assert [(partition.symbol, partition.rows) for partition in report.partitions[1:]] == [
        ("ESH4", 4),
        ("ESM4", 6),
    ]


def test_one_option_without_definition_fails_the_file(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, chain(tmp_path / "d.dbn"))
    before = files_in(lake)
    path = plain(tmp_path / "a.dbn", around([CALL, PUT, NAKED], mbo(30)), symbols=NAMES)
    for allowed in (False, True):
        error = land_one_error(lake, path, allow_missing_definitions=allowed)
        assert f"no definition of instrument {NAKED} (E1AH4 C9) is landed for {DAY}" in error
        assert ("--allow-missing-definitions" in error) is not allowed
        assert files_in(lake) == before


def test_all_instruments_without_definition_are_counted(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, chain(tmp_path / "d.dbn"))
    numbers = [CALL, *range(1_000, 1_009)]
    path = plain(tmp_path / "a.dbn", around(numbers, mbo(50)), symbols=NAMES)
    for chunk_records in (1 << 17, 4):
        error = land_one_error(lake, path, chunk_records=chunk_records)
        assert (
            "no definition of 9 instruments, 1000 (unnamed), 1001 (unnamed), 1002 (unnamed), "
            "1003 (unnamed), 1004 (unnamed), ..., is landed for 2024-03-05" in error
        )


def test_options_are_dropped_where_only_futures_are_known(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", around([ESH4, CALL], mbo(10)), symbols=NAMES)
    report = land_ok(lake, path)
    assert [(partition.dataset, partition.rows) for partition in report.partitions] == [
        ("bronze.future_mbo.mbo", 5)
    ]
    assert manifest_of(mbo_partition(lake))["dropped"] == {"no_definition": 5}


def test_an_option_without_underlying_is_dropped(lake: Lake, tmp_path: Path) -> None:
    bare = option(NAKED, "C", asset=b"ES", underlying=b"")
    path = plain(tmp_path / "a.dbn", around([CALL, NAKED], mbo(10)), symbols=NAMES)
    land_ok(lake, chain(tmp_path / "d.dbn", bare), path)
    manifest = manifest_of(partition_of(lake, "mbo", options=True))
    assert manifest["dropped"] == {"no_underlying": 5}


def test_ten_levels_of_options_are_not_kept(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbp(5, instrument_id=CALL), symbols=NAMES)
    report = land_ok(lake, chain(tmp_path / "d.dbn"), path)
    assert report.notes == [f"{path}: keeps no record, drops 5 class_C"]


def test_two_options_of_one_symbol_are_an_error(lake: Lake, tmp_path: Path) -> None:
    double = option(NAKED, "C", raw_symbol=NAMES[CALL].encode())
    path = plain(tmp_path / "a.dbn", around([CALL, NAKED], mbo(10)), symbols=NAMES)
    land_ok(lake, chain(tmp_path / "d.dbn", double))
    assert "instruments 200 and 204 are both E1AH4 C5000" in land_one_error(lake, path)


def test_other_definitions_need_overwrite(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(3, instrument_id=CALL), symbols=NAMES)
    terms = chain(tmp_path / "d.dbn")
    land_ok(lake, terms, path)
    definitions(terms, option(CALL, "C", strike_price=STRIKE + 10**9))
    land_ok(lake, terms, overwrite=True)
    assert "is landed by other definitions" in land_one_error(lake, path)
    land_ok(lake, path, overwrite=True)
    partition = partition_of(lake, "mbo", options=True)
    assert rows(partition, "strike_price_int") == [(STRIKE + 10**9,)] * 3


def test_the_content_hash_covers_the_terms(tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", around([CALL, PUT], mbo(100)), symbols=NAMES)
    hashes = []
    for number, (strike, chunk_records) in enumerate([(0, 100), (0, 7), (10**9, 100)]):
        lake = Lake(tmp_path / f"lake{number}")
        terms = definitions(
            tmp_path / f"d{number}.dbn",
            option(CALL, "C", strike_price=STRIKE + strike),
            option(PUT, "P"),
        )
        land_ok(lake, terms, path, chunk_records=chunk_records)
        hashes.append(manifest_of(partition_of(lake, "mbo", options=True))["content_hash"])
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_terms_of_every_dbn_version(lake: Lake, tmp_path: Path, version: int) -> None:
    terms = definitions(tmp_path / "d.dbn", option_of(version), version=version)
    path = plain(tmp_path / "a.dbn", mbo(2, instrument_id=CALL), symbols=NAMES)
    land_ok(lake, terms, path)
    assert rows(partition_of(lake, "mbo", options=True), TERMS) == option_terms([CALL], 2)


def option_of(version: int) -> np.ndarray:
    """Return the call's definition in a DBN version."""
    return definition(
        CALL,
        NAMES[CALL],
        "C",
        version=version,
        asset=b"E1A",
        underlying=b"ESH4",
        strike_price=STRIKE,
        expiration=EXPIRATION_NS,
    )


def test_real_quotes_of_options(lake: Lake, shared_data: Path) -> None:
    folder = shared_data / "es_options"
    land_ok(lake, folder / "20240509_options_definition.dbn.zst")
    (path,) = folder.glob("*options_mbp-1*")
    land_ok(lake, path, allow_missing_definitions=False)
    partition = partition_of(lake, "nbbo", "ESM4", dt.date(2024, 5, 9), options=True)
    fields = ["ts_event", "ts_recv", "instrument_id", "flags", "sequence", "action", "side"]
    fields += ["bid_px_00", "ask_px_00", "bid_sz_00", "ask_sz_00", "bid_ct_00", "ask_ct_00"]
    read = rows(
        partition,
        "epoch_ns(ts_event), epoch_ns(ts_recv), instrument_id, flags, sequence, action, side, "
        "bid_px_int, ask_px_int, bid_sz, ask_sz, bid_ct, ask_ct",
    )
    assert read == values(path, fields)
    assert len(read) == 560
    assert set(rows(partition, f"instrument_id, {TERMS}")) == {
        (42449452, "ESM4 P5230", "P", 5_230_000_000_000, 1_718_976_600_000_000_000),
        (4163986, "ESM4 P5250", "P", 5_250_000_000_000, 1_718_976_600_000_000_000),
    }


def test_real_minutes_of_options(lake: Lake, shared_data: Path) -> None:
    folder = shared_data / "es_options"
    land_ok(lake, folder / "20240509_options_definition.dbn.zst")
    (path,) = folder.glob("options_bbo-1m*")
    land_ok(lake, path)
    partition = partition_of(lake, "nbbo", "ESM4", dt.date(2024, 5, 9), options=True)
    fields = ["ts_event", "ts_recv", "instrument_id", "price", "bid_px_00", "ask_px_00"]
    read = "epoch_ns(ts_event), epoch_ns(ts_recv), instrument_id, price_int, bid_px_int, ask_px_int"
    assert rows(partition, read) == values(path, fields)
