"""Statistics and trading status land as the vendor's reader sees them, in every DBN version."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from support.dbn_files import DAY_NS, DAY_START_NS, plain, statistics, status
from support.landing_lake import land_ok, land_one_error, manifest_of, partition_of, rows
from support.vendor_reader import values

UNDEFINED_TIME = 2**64 - 1
UNDEFINED_PRICE = 2**63 - 1
OPEN_INTEREST, CLEARED_VOLUME, SETTLEMENT, OPENING_PRICE = 9, 6, 3, 1
FIELDS = [
    "ts_event", "ts_recv", "instrument_id", "stat_type", "price", "quantity", "ts_ref",
    "update_action", "stat_flags", "sequence", "channel_id", "ts_in_delta",
]  # fmt: skip
READ = (
    "epoch_ns(ts_event), epoch_ns(ts_recv), instrument_id, stat_type, price_int, quantity, "
    "epoch_ns(ts_ref), update_action, stat_flags, sequence, channel_id, ts_in_delta"
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def a_day(version: int) -> np.ndarray:
    """Return a day of statistics: open interest with a correction, a sentinel, a deletion."""
    records = statistics(6, version=version)
    undefined = records["quantity"][0]
    records["stat_type"] = [OPENING_PRICE, OPEN_INTEREST, CLEARED_VOLUME, SETTLEMENT, 9, 9]
    records["quantity"] = [undefined, 2_100_000_123, undefined, undefined, 2_100_000_124, 0]
    for at in (1, 2, 4, 5):
        records["price"][at] = UNDEFINED_PRICE
    records["ts_ref"][1:] = DAY_START_NS - DAY_NS
    records["update_action"][5] = 2
    records["stat_flags"] = 255
    return records


def test_real_statistics_equal_the_vendors(lake: Lake, shared_data: Path) -> None:
    path = shared_data / "statistics" / "glbx-2-records.statistics.dbn.zst"
    land_ok(lake, path)
    partition = partition_of(lake, "statistics", "ESH1", dt.date(2020, 12, 28))
    assert rows(partition, READ) == values(path, FIELDS)
    assert manifest_of(partition)["counts_per_stat_type"] == {"5": 1, "8": 3}


def test_all_kinds_and_sentinels_of_every_version(tmp_path: Path) -> None:
    hashes = set()
    for version in (1, 2, 3):
        lake = Lake(tmp_path / f"lake{version}")
        path = plain(tmp_path / f"{version}.dbn", a_day(version), "statistics", version=version)
        land_ok(lake, path)
        partition = partition_of(lake, "statistics")
        assert rows(partition, READ) == values(path, FIELDS)
        assert rows(partition, "stat_type, quantity") == [
            (1, None), (9, 2_100_000_123), (6, None), (3, None), (9, 2_100_000_124), (9, 0),
        ]  # fmt: skip
        hashes.add(manifest_of(partition)["content_hash"])
    assert len(hashes) == 1


def test_quantities_beyond_32_bits(lake: Lake, tmp_path: Path) -> None:
    records = statistics(2, quantity=[2**31 - 1, 2**33])
    land_ok(lake, plain(tmp_path / "a.dbn", records))
    found = rows(partition_of(lake, "statistics"), "quantity")
    assert found == [(2**31 - 1,), (2**33,)]


def test_a_file_of_another_venue_is_one_clear_line(lake: Lake, shared_data: Path) -> None:
    path = shared_data / "statistics" / "opra-4-records.statistics.dbn.zst"
    assert "publisher_id is 27, the records before have 31" in land_one_error(lake, path)


def test_prices_off_the_trading_tick_are_statistics_too(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, plain(tmp_path / "a.dbn", statistics(2, price=5_000_123_456_789)))


def test_status_equals_the_vendors(lake: Lake, tmp_path: Path) -> None:
    records = status(6)
    records["action"] = [1, 7, 8, 7, 12, 14]
    records["reason"] = [1, 1, 3, 122, 1, 0]
    records["trading_event"] = [0, 2, 0, 0, 0, 3]
    records["is_trading"] = [b"N", b"Y", b"N", b"Y", b"N", b"~"]
    records["is_quoting"] = [b"Y", b"Y", b"Y", b"Y", b"N", b"~"]
    path = plain(tmp_path / "a.dbn.zst", records)
    land_ok(lake, path)
    partition = partition_of(lake, "status")
    fields = ["ts_event", "ts_recv", "instrument_id", "action", "reason", "trading_event"]
    read = "epoch_ns(ts_event), epoch_ns(ts_recv), instrument_id, action, reason, trading_event"
    assert rows(partition, read) == values(path, fields)
    letters = [tuple(letter.decode() for letter in row) for row in records[
        ["is_trading", "is_quoting", "is_short_sell_restricted"]
    ].tolist()]  # fmt: skip
    assert rows(partition, "is_trading, is_quoting, is_short_sell_restricted") == letters
    manifest = manifest_of(partition)
    assert manifest["dataset"] == "bronze.future.status"
    assert manifest["counts_per_action"] == {"1": 1, "12": 1, "14": 1, "7": 2, "8": 1}
