"""Price levels and best quotes land as the vendor's reader sees them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import PART_NAME
from support.dbn_files import DAY_START_NS, TICK, bbo, mbp, metadata, plain, trades, write
from support.landing_lake import land_ok, land_one_error, manifest_of, partition_of, rows
from support.vendor_reader import values

UNDEFINED_PRICE = 2**63 - 1
UNDEFINED_TIME = 2**64 - 1
LEVELS = [f"{level:02d}" for level in range(10)]
LEVEL_FIELDS = [
    f"{side}_{what}_{level}"
    for level in LEVELS
    for what in ("px", "sz", "ct")
    for side in ("bid", "ask")
]
EVENT_FIELDS = ["ts_event", "ts_recv", "rtype", "instrument_id", "side", "price", "size", "flags"]
UPDATE_FIELDS = [*EVENT_FIELDS, "sequence", "action", "depth", "ts_in_delta"]
CROSS_SCHEMA = "es_cross_schema/futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def landed(partition: Path, fields: list[str]) -> list[tuple]:
    """Return fields of the landed rows, named as the vendor names them."""
    one_level = "bid_px_int" in pq.ParquetFile(partition / PART_NAME).schema_arrow.names
    names = []
    for field in fields:
        name = field.removesuffix("_00") if one_level else field
        name = f"{name}_int" if "px" in name or name == "price" else name
        names.append(f"epoch_ns({name})" if name in ("ts_event", "ts_recv") else name)
    return rows(partition, ", ".join(names))


def test_ten_levels_equal_the_vendors(lake: Lake, shared_data: Path) -> None:
    path = shared_data / "es_mbo_vs_mbp10" / "glbx-stub.mbp-10.dbn.zst"
    land_ok(lake, path)
    partition = partition_of(lake, "market_by_price_10", "ESH1", dt.date(2020, 12, 28))
    fields = [*UPDATE_FIELDS, *LEVEL_FIELDS]
    assert landed(partition, fields) == values(path, fields)
    assert manifest_of(partition)["dataset"] == "bronze.future.market_by_price_10"
    assert manifest_of(partition)["counts_per_action"] == {"A": 4}


def test_best_quotes_equal_the_vendors(lake: Lake, shared_data: Path) -> None:
    path = shared_data / CROSS_SCHEMA
    land_ok(lake, path)
    fields = [*UPDATE_FIELDS, *LEVEL_FIELDS[:6]]
    days = [dt.date(2024, 7, 1), dt.date(2024, 7, 2)]
    found = [row for day in days for row in landed(partition_of(lake, "bbo", "ESU4", day), fields)]
    assert found == values(path, fields)
    assert manifest_of(partition_of(lake, "bbo", "ESU4", days[1]))["counts_per_flags"]["168"] == 1


def test_trades_are_the_trades_among_the_updates(lake: Lake, shared_data: Path) -> None:
    land_ok(lake, shared_data / "es_cross_schema" / "futures_definition.dbn.zst")
    land_ok(lake, shared_data / CROSS_SCHEMA)
    (path,) = (shared_data / "es_cross_schema").glob("*trades*")
    land_ok(lake, path)
    fields = "ts_event, ts_recv, price_int, size, side, sequence"
    for day in (dt.date(2024, 7, 1), dt.date(2024, 7, 2)):
        updates = rows(
            partition_of(lake, "bbo", "ESU4", day), fields, "where action = 'T' order by all"
        )
        sold = rows(partition_of(lake, "trades", "ESU4", day), fields, "order by all")
        assert updates == sold != []


def test_minutes_equal_the_vendors(lake: Lake, shared_data: Path) -> None:
    (path,) = (shared_data / "es_options").glob("futures_bbo-1m*")
    land_ok(lake, path)
    fields = [*EVENT_FIELDS, "sequence", *LEVEL_FIELDS[:6]]
    day = dt.date(2024, 5, 9)
    found = [
        row
        for symbol in ("ESM4", "NQM4")
        for row in landed(partition_of(lake, "bbo", symbol, day), fields)
    ]
    assert sorted(found) == sorted(values(path, fields))
    absent = rows(partition_of(lake, "bbo", "ESM4", day), "action, depth, ts_in_delta")
    assert set(absent) == {(None, None, None)}
    assert manifest_of(partition_of(lake, "bbo", "ESM4", day))["counts_per_action"] == {}


def random_books(generator: np.random.Generator, count: int) -> np.ndarray:
    """Return price updates with books of random prices, gaps, depths and empty levels."""
    records = mbp(count)
    for side, sign in (("bid", -1), ("ask", 1)):
        steps = generator.integers(1, 9, (count, 10)).cumsum(axis=1)
        prices = TICK * (20_000 + sign * steps)
        lots = generator.integers(1, 5_000, (count, 10))
        orders = np.minimum(lots, generator.integers(1, 300, (count, 10)))
        empty = np.arange(10) >= generator.integers(0, 11, (count, 1))
        for level, name in enumerate(LEVELS):
            gone = empty[:, level]
            records[f"{side}_px_{name}"] = np.where(gone, UNDEFINED_PRICE, prices[:, level])
            records[f"{side}_sz_{name}"] = np.where(gone, 0, lots[:, level])
            records[f"{side}_ct_{name}"] = np.where(gone, 0, orders[:, level])
    return records


def test_random_books_equal_the_vendors(tmp_path: Path) -> None:
    records = random_books(np.random.default_rng(1), 3_000)
    path = plain(tmp_path / "a.dbn.zst", records)
    fields = [*UPDATE_FIELDS, *LEVEL_FIELDS]
    expected = values(path, fields)
    hashes = set()
    for chunk_records in (1 << 17, 700):
        lake = Lake(tmp_path / f"lake{chunk_records}")
        land_ok(lake, path, chunk_records=chunk_records)
        partition = partition_of(lake, "market_by_price_10")
        assert landed(partition, fields) == expected
        hashes.add(manifest_of(partition)["content_hash"])
    assert len(hashes) == 1


def test_wide_rows_fill_row_groups_by_bytes(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spymaster_ingest.landing.partition._ROW_GROUP_BYTES", 368 * 1_000)
    land_ok(lake, plain(tmp_path / "a.dbn", mbp(2_500)), chunk_records=500)
    file = pq.ParquetFile(partition_of(lake, "market_by_price_10") / PART_NAME)
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    assert sizes == [1_000, 1_000, 500]


def test_every_column_reads_in_duckdb(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, plain(tmp_path / "a.dbn", mbp(100)))
    part = partition_of(lake, "market_by_price_10") / PART_NAME
    described = duckdb.sql(f"describe from read_parquet('{part}', hive_partitioning = false)")
    types = {row[0]: row[1] for row in described.fetchall()}
    assert len(types) == 14 + 60
    assert types["bid_px_09_int"] == "BIGINT"
    assert types["ask_ct_00"] == "UINTEGER"


def test_state_before_the_first_trade(lake: Lake, tmp_path: Path) -> None:
    records = bbo(4)
    records["ts_event"][:2] = UNDEFINED_TIME
    records["price"][:2] = UNDEFINED_PRICE
    land_ok(lake, plain(tmp_path / "a.dbn", records))
    partition = partition_of(lake, "bbo")
    assert [row[0] is None for row in rows(partition, "ts_event")] == [True, True, False, False]
    first = str(np.datetime64(int(records["ts_event"][2]), "ns"))
    assert manifest_of(partition)["min_ts_event"] == first
    records["ts_event"] = UNDEFINED_TIME
    land_ok(lake, plain(tmp_path / "a.dbn", records), overwrite=True)
    assert manifest_of(partition)["min_ts_event"] is None
    assert manifest_of(partition)["max_ts_event"] is None


def test_last_trade_may_be_days_old(lake: Lake, tmp_path: Path) -> None:
    records = bbo(3, ts_event=DAY_START_NS - 5 * 86_400 * 10**9)
    land_ok(lake, plain(tmp_path / "a.dbn", records))


def test_a_crossed_book_lands(lake: Lake, tmp_path: Path) -> None:
    records = mbp(3, levels=1)
    records["bid_px_00"] = records["ask_px_00"] + TICK
    land_ok(lake, plain(tmp_path / "a.dbn", records))
    assert rows(partition_of(lake, "bbo"), "bid_px_int > ask_px_int") == [(True,)] * 3


def test_an_update_without_a_side_lands(lake: Lake, tmp_path: Path) -> None:
    records = mbp(3, side=b"N", flags=168)
    land_ok(lake, plain(tmp_path / "a.dbn", records))
    assert rows(partition_of(lake, "market_by_price_10"), "side") == [("N",)] * 3


def test_two_schemas_never_share_a_partition(lake: Lake, tmp_path: Path) -> None:
    updates = plain(tmp_path / "a.dbn", mbp(5, levels=1))
    seconds = plain(tmp_path / "b.dbn", bbo(5, start=DAY_START_NS + 7_200 * 10**9))
    for overwrite in (False, True):
        error = land_one_error(lake, updates, seconds, overwrite=overwrite)
        assert error.startswith(f"{seconds}: ")
        assert "ESH4 2024-03-05" in error
        assert manifest_of(partition_of(lake, "bbo"))["row_count"] == 5
        assert rows(partition_of(lake, "bbo"), "distinct rtype", "") == [(1,)]
    land_ok(lake, seconds, overwrite=True)
    assert rows(partition_of(lake, "bbo"), "distinct rtype", "") == [(195,)]


def test_trades_with_quotes_are_trades(lake: Lake, tmp_path: Path) -> None:
    records = mbp(6, levels=1, action=b"T")
    land_ok(lake, plain(tmp_path / "a.dbn", records, schema="tbbo"))
    other = Lake(tmp_path / "other")
    same = trades(6, side=records["side"], flags=records["flags"])
    land_ok(other, plain(tmp_path / "b.dbn", same))
    first, second = (
        rows(partition_of(each_lake, "trades"), "* exclude (rtype)") for each_lake in (lake, other)
    )
    assert first == second


@pytest.mark.parametrize("schema", ["mbp-10", "mbp-1", "tbbo", "bbo-1s", "bbo-1m"])
def test_second_run_writes_nothing(lake: Lake, tmp_path: Path, schema: str) -> None:
    records = {
        "mbp-10": lambda: mbp(9),
        "mbp-1": lambda: mbp(9, levels=1),
        "tbbo": lambda: mbp(9, levels=1, action=b"T"),
        "bbo-1s": lambda: bbo(9),
        "bbo-1m": lambda: bbo(9, rtype=196),
    }[schema]()
    path = write(tmp_path / "a.dbn.zst", metadata(schema), records)
    assert [partition.status for partition in land_ok(lake, path).partitions] == ["landed"]
    assert [partition.status for partition in land_ok(lake, path).partitions] == ["unchanged"]
