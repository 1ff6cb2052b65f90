"""Real files land as the vendor's client reads them, and land the same way every time."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import databento
import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from spymaster.commands.land import command
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_ingest.landing import land
from spymaster_ingest.landing.manifest import PART_NAME
from spymaster_ingest.landing.table_schemas import RELATIONS, SCHEMAS
from support.dbn_files import DAY, DAY_NS, DAY_START_NS, mbo, metadata, plain, write
from support.landing_lake import (
    MANIFEST_TIME,
    files_in,
    land_ok,
    manifest_of,
    mbo_partition,
    rows,
)

CHRISTMAS = dt.date(2023, 12, 25)
TABLES = {table.dataset: table for landing in SCHEMAS.values() for table in landing.tables}
ESH4_CHRISTMAS = "es_mbo/esh4-glbx-mdp3-20231225.mbo.dbn.zst"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture(scope="module")
def real_lake(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("real") / "lake")
    land_ok(
        lake, shared_data / "es_mbo", shared_data / "es_trades_rth", shared_data / "definitions"
    )
    return lake


def test_counts_of_christmas_2023(real_lake: Lake) -> None:
    manifest = manifest_of(mbo_partition(real_lake, "ESH4", CHRISTMAS))
    assert manifest["row_count"] == manifest["records_in"] == 68_792
    assert manifest["counts_per_action"] == {
        "A": 29_216, "C": 17_999, "F": 6_371, "M": 12_233, "T": 2_973,
    }  # fmt: skip
    assert manifest["counts_per_flags"] == {"0": 13_045, "128": 1, "130": 47_021, "40": 8_725}


@pytest.mark.parametrize(
    ("name", "symbol", "day"),
    [
        ("esh4-glbx-mdp3-20231224.mbo.dbn.zst", "ESH4", dt.date(2023, 12, 24)),
        ("esh4-glbx-mdp3-20231225.mbo.dbn.zst", "ESH4", CHRISTMAS),
        ("esm4-glbx-mdp3-20240508-first-2s.mbo.dbn.zst", "ESM4", dt.date(2024, 5, 8)),
    ],
)
def test_every_value_equals_the_vendors(
    real_lake: Lake, shared_data: Path, name: str, symbol: str, day: dt.date
) -> None:
    theirs = databento.DBNStore.from_file(shared_data / "es_mbo" / name).to_ndarray()
    part = mbo_partition(real_lake, symbol, day) / PART_NAME
    ours = duckdb.sql(f"select * from read_parquet('{part}') order by rec_ordinal").fetchnumpy()
    np.testing.assert_array_equal(ours["rec_ordinal"], np.arange(len(theirs)))
    for column in ("ts_event", "ts_recv"):
        np.testing.assert_array_equal(ours[column].astype(np.int64), theirs[column], column)
    for column in (
        "ts_in_delta", "rtype", "publisher_id", "instrument_id", "channel_id", "order_id",
        "size", "flags", "sequence",
    ):  # fmt: skip
        np.testing.assert_array_equal(ours[column], theirs[column], column)
    for column in ("action", "side"):
        np.testing.assert_array_equal(ours[column].astype("S1"), theirs[column], column)
    undefined = theirs["price"] == 2**63 - 1
    np.testing.assert_array_equal(np.ma.getmaskarray(ours["price_int"]), undefined)
    np.testing.assert_array_equal(ours["price_int"][~undefined], theirs["price"][~undefined])


def test_types_as_duckdb_reads_them(real_lake: Lake) -> None:
    part = mbo_partition(real_lake, "ESH4", CHRISTMAS) / PART_NAME
    described = duckdb.sql(
        f"describe from read_parquet('{part}', hive_partitioning = false)"
    ).fetchall()
    assert {row[0]: row[1] for row in described} == {
        "rec_ordinal": "BIGINT", "ts_event": "TIMESTAMP_NS", "ts_recv": "TIMESTAMP_NS",
        "ts_in_delta": "INTEGER", "rtype": "UTINYINT", "publisher_id": "USMALLINT",
        "instrument_id": "UINTEGER", "channel_id": "UTINYINT", "order_id": "UBIGINT",
        "action": "VARCHAR", "side": "VARCHAR", "price_int": "BIGINT", "size": "UINTEGER",
        "flags": "UTINYINT", "sequence": "UINTEGER",
    }  # fmt: skip


def test_trades_equal_the_vendors(real_lake: Lake, shared_data: Path) -> None:
    (path,) = (shared_data / "es_trades_rth").glob("*.trades.dbn.zst")
    theirs = databento.DBNStore.from_file(path).to_ndarray()
    partition = real_lake.bronze_partition("future", "ESM4", "trades", dt.date(2024, 6, 10))
    read = rows(partition, "price_int, size, side, sequence, depth, epoch_ns(ts_event)")
    fields = ("price", "size", "side", "sequence", "depth", "ts_event")
    expected = zip(*(theirs[field].tolist() for field in fields), strict=True)
    assert read == [(*row[:2], row[2].decode(), *row[3:]) for row in expected]
    assert sum(row[1] for row in read) == 12_191


def test_definitions_of_options_land_under_the_root_of_their_future(real_lake: Lake) -> None:
    day = dt.date(2023, 8, 1)
    partition = real_lake.bronze_partition("shared", "ES", "instrument_definitions", day)
    assert set(rows(partition, "raw_symbol, instrument_class, underlying, strike")) == {
        ("ESM4 C4250", "C", "ESM4", 4250.0),
        ("ESM4 C3550", "C", "ESM4", 3550.0),
        ("ESH5-ESM5", "S", None, None),
        ("ESM4-ESU4", "S", None, None),
    }
    assert rows(
        partition,
        '"group", unit_of_measure_qty, contract_multiplier, min_price_increment_int, currency, '
        "underlying_id, maturity_year, maturity_day, expiration::varchar",
        "where raw_symbol = 'ESM4 C4250'",
    ) == [("EW", 50.0, None, None, "USD", 5602, 2024, None, "2024-06-21 13:30:00")]


def test_manifest(real_lake: Lake, shared_data: Path) -> None:
    partition = mbo_partition(real_lake, "ESH4", CHRISTMAS)
    manifest = manifest_of(partition)
    raw, part = shared_data / ESH4_CHRISTMAS, partition / PART_NAME
    assert manifest["dataset"] == "bronze.future_mbo.mbo"
    assert manifest["partition_key"] == "ESH4|2023-12-25"
    assert manifest["file_bytes"] == part.stat().st_size
    assert manifest["file_sha256"] == hashlib.sha256(part.read_bytes()).hexdigest()
    (source,) = manifest["inputs"]
    assert source["sha256"] == hashlib.sha256(raw.read_bytes()).hexdigest()
    assert (real_lake.root / source["path"]).resolve() == raw.resolve()
    assert (source["dbn_version"], source["schema"], source["bytes"]) == (1, "mbo", 997_238)
    assert manifest["min_ts_recv"] == "2023-12-25T00:00:00.000000000"
    assert manifest["max_ts_recv"] == "2023-12-25T23:59:59.446821072"
    assert manifest["min_ts_event"] == "2023-12-24T13:00:05.243925307"
    assert manifest["allow_missing_definitions"] is True
    assert manifest["notes"] == [f"{raw.name}: last record 0.553 s before the header's end"]


def test_real_file_shrinks(real_lake: Lake, shared_data: Path) -> None:
    manifest = manifest_of(mbo_partition(real_lake, "ESH4", CHRISTMAS))
    assert manifest["file_bytes"] <= 0.72 * (shared_data / ESH4_CHRISTMAS).stat().st_size


def test_content_hash_covers_the_values(lake: Lake, tmp_path: Path) -> None:
    records = mbo(5_000)
    hashes = set()
    for number, (chunk, name) in enumerate(
        [(1 << 17, "a.dbn"), (1_000, "b.dbn.zst"), (4_999, "c.dbn"), (1, "d.dbn")]
    ):
        other = Lake(tmp_path / f"lake{number}")
        land_ok(other, plain(tmp_path / name, records), chunk_records=chunk)
        hashes.add(manifest_of(mbo_partition(other))["content_hash"])
    assert len(hashes) == 1
    for field, value in (("size", 77), ("sequence", 4_000_000), ("order_id", 2**63 + 5)):
        changed = records.copy()
        changed[field][4_321] = value
        other = Lake(tmp_path / f"lake-{field}")
        land_ok(other, plain(tmp_path / f"{field}.dbn", changed))
        hashes.add(manifest_of(mbo_partition(other))["content_hash"])
    assert len(hashes) == 4


def test_row_groups_do_not_change_the_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plain(tmp_path / "a.dbn", mbo(5_000))
    one, other = Lake(tmp_path / "one"), Lake(tmp_path / "other")
    land_ok(one, path)
    monkeypatch.setattr("spymaster_ingest.landing.partition.ROW_GROUP_ROWS", 1_500)
    land_ok(other, path, chunk_records=700)
    groups = [
        pq.ParquetFile(mbo_partition(which) / PART_NAME).num_row_groups for which in (one, other)
    ]
    assert groups == [1, 3]
    assert rows(mbo_partition(one)) == rows(mbo_partition(other))
    first, second = (manifest_of(mbo_partition(which)) for which in (one, other))
    assert first["content_hash"] == second["content_hash"]


def test_order_ids_beyond_signed_64_bits(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, plain(tmp_path / "a.dbn", mbo(2, order_id=[2**64 - 1, 2**63])))
    assert rows(mbo_partition(lake), "order_id") == [(2**64 - 1,), (2**63,)]


def test_second_run_writes_nothing(real_lake: Lake, shared_data: Path) -> None:
    before = {
        path: path.stat().st_mtime_ns for path in real_lake.bronze.rglob("*") if path.is_file()
    }
    report = land_ok(real_lake, shared_data / "es_mbo", shared_data / "definitions")
    assert {result.status for result in report.partitions} == {"unchanged"}
    after = {
        path: path.stat().st_mtime_ns for path in real_lake.bronze.rglob("*") if path.is_file()
    }
    before.pop(lock := real_lake.bronze / ".land.lock")
    after.pop(lock)
    assert after == before


def test_two_runs_give_the_same_bytes(tmp_path: Path, shared_data: Path) -> None:
    manifests = []
    for name in ("one", "two"):
        lake = Lake(tmp_path / name)
        land_ok(lake, shared_data / ESH4_CHRISTMAS)
        manifest = manifest_of(mbo_partition(lake, "ESH4", CHRISTMAS))
        manifest.pop(MANIFEST_TIME)
        manifests.append(manifest)
    assert manifests[0] == manifests[1]


def test_manifest_reads_as_a_relation(real_lake: Lake) -> None:
    pattern = real_lake.bronze / "*" / "*" / "*" / "*" / "_MANIFEST.json"
    found = duckdb.sql(
        f"""
        select symbol, dt, row_count, counts_per_action['A'], inputs[1].sha256, min_ts_recv
        from read_json('{pattern}', columns = {{
            symbol: 'VARCHAR', dt: 'DATE', "table": 'VARCHAR', dataset: 'VARCHAR',
            row_count: 'BIGINT', counts_per_action: 'MAP(VARCHAR, BIGINT)',
            inputs: 'STRUCT(path VARCHAR, sha256 VARCHAR)[]', min_ts_recv: 'TIMESTAMP_NS'}})
        where dataset = 'bronze.future_mbo.mbo' and dt = '2023-12-25'
        """
    ).fetchall()
    (row,) = found
    assert row[:4] == ("ESH4", CHRISTMAS, 68_792, 29_216)


def test_a_file_over_midnight_gives_two_partitions(lake: Lake, tmp_path: Path) -> None:
    records = mbo(10, start=DAY_START_NS + DAY_NS - 4 * 10**9)
    path = plain(tmp_path / "a.dbn", records, end=DAY_START_NS + 2 * DAY_NS)
    report = land_ok(lake, path)
    assert [(result.day, result.rows) for result in report.partitions] == [
        (DAY, 4),
        (DAY + dt.timedelta(days=1), 6),
    ]
    second = manifest_of(mbo_partition(lake, day=DAY + dt.timedelta(days=1)))
    assert (second["records_in"], second["rows_out"]) == (10, 6)
    assert second["dropped"] == {"other_partition": 4}
    assert rows(mbo_partition(lake, day=DAY + dt.timedelta(days=1)), "rec_ordinal")[0] == (0,)


def test_undefined_price_is_null(lake: Lake, tmp_path: Path) -> None:
    records = mbo(3)
    records["action"][0], records["side"][0], records["order_id"][0] = b"R", b"N", 0
    records["price"][0], records["size"][0] = 2**63 - 1, 0
    land_ok(lake, plain(tmp_path / "a.dbn", records))
    assert rows(mbo_partition(lake), "action, price_int is null") == [
        ("R", True),
        ("A", False),
        ("A", False),
    ]


def test_raw_files_are_not_changed(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn.zst", mbo(10))
    bad = write(tmp_path / "b.dbn.zst", metadata("mbo"))
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in (path, bad)]
    land([path, bad], lake, allow_missing_definitions=True)
    land([path, bad], lake, allow_missing_definitions=True, overwrite=True)
    assert [(file.read_bytes(), file.stat().st_mtime_ns) for file in (path, bad)] == before


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPYMASTER_LAKE", str(tmp_path / "lake"))
    good = plain(tmp_path / "in" / "good.dbn.zst", mbo(1_000))
    write(tmp_path / "in" / "bad.dbn.zst", metadata("mbo"))
    arguments = ["--allow-missing-definitions", str(tmp_path / "in")]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 1
    assert "bronze.future_mbo ESH4 2024-03-05 1000 rows landed" in result.stdout
    assert result.stderr.count("\n") == 1
    assert "bad.dbn.zst: holds no records" in result.stderr
    result = CliRunner().invoke(command, ["--allow-missing-definitions", str(good)])
    assert result.exit_code == 0
    assert "ESH4 2024-03-05 1000 rows unchanged" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("dataset", RELATIONS)
def test_the_relation_that_is_printed_reads_the_landed_table(dataset: str) -> None:
    table = TABLES[dataset]
    schema, name = table.relation.split(".")
    (model,) = (PROJECT_ROOT / "models" / schema).rglob(f"{name}.sql")
    assert f"read_landed_table('{table.product_type}', '{table.table}', '{name}'" in (
        model.read_text(encoding="utf-8")
    )


def test_the_lake_holds_nothing_but_partitions(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, plain(tmp_path / "a.dbn", mbo(10)))
    base = "product_type=future/symbol=ESH4/table=mbo/dt=2024-03-05"
    names = ("_MANIFEST.json", "_SUCCESS", "part-00000.parquet")
    assert [name for name in files_in(lake) if name.startswith(f"{base}/")] == [
        f"{base}/{name}" for name in names
    ]
    assert json.loads((lake.bronze / base / "_MANIFEST.json").read_text())["symbol"] == "ESH4"
