"""Helpers of the landing tests: land into a temporary lake and read the result."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing import LandReport, land
from spymaster_ingest.landing.manifest import PART_NAME, read_manifest

from support.dbn_files import DAY

MANIFEST_TIME = "created_at"


def land_ok(lake: Lake, *paths: Path, **options: object) -> LandReport:
    """Land, and assert that no file failed."""
    report = land(paths, lake, **{"allow_missing_definitions": True, **options})
    assert report.ok, report.errors
    return report


def land_one_error(lake: Lake, *paths: Path, **options: object) -> str:
    """Land and return the only error, a single line."""
    report = land(paths, lake, **{"allow_missing_definitions": True, **options})
    (error,) = report.errors
    assert "\n" not in str(error)
    return str(error)


def mbo_partition(lake: Lake, symbol: str = "ESH4", day: dt.date = DAY) -> Path:
    return lake.bronze_partition("future", symbol, "mbo", day)


def definition_partition(lake: Lake, root: str = "ES", day: dt.date = DAY) -> Path:
    return lake.bronze_partition("shared", root, "instrument_definitions", day)


def partition_of(
    lake: Lake, table: str, symbol: str = "ESH4", day: dt.date = DAY, *, options: bool = False
) -> Path:
    product_type = "future_option" if options else "future"
    return lake.bronze_partition(product_type, symbol, table, day)


def manifest_of(partition: Path) -> dict:
    manifest = read_manifest(partition)
    assert manifest is not None, f"{partition} is not finished"
    return manifest


def rows(
    partition: Path,
    columns: str = "*",
    tail: str = "order by rec_ordinal",
    source: str = "part",
) -> list[tuple]:
    """Return rows of a partition read by DuckDB; ``part`` names its file in ``source``."""
    file = partition / PART_NAME
    return duckdb.sql(
        f"with part as (from read_parquet('{file}', hive_partitioning = false)) "
        f"select {columns} from {source} {tail}"
    ).fetchall()


def files_in(lake: Lake) -> list[str]:
    """Return every file and directory of the lake except the lock, relative and sorted."""
    found = [path for path in lake.bronze.rglob("*") if path.name != ".land.lock"]
    return sorted(path.relative_to(lake.bronze).as_posix() for path in found)
