"""A hand-made copy of a built lake: contract-days, engine passes and partitions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
from spymaster_engine.engine_files import DONE_MARKER, marker_text
from spymaster_engine.kernels.book.surface_files import QA, REPRICE, SNAPSHOT, WALL
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import (
    MANIFEST_NAME,
    PART_NAME,
    SUCCESS_NAME,
    manifest_text,
    success_text,
)

SYMBOL, DAY, OTHER_DAY = "ESZ5", dt.date(2025, 10, 1), dt.date(2025, 10, 2)
RELATIONS = (SNAPSHOT, WALL, REPRICE, QA)
BANDS = "physics_bands_1s"
ROWS = 5_000


def name_of(relation: str, version: str) -> str:
    """Return the name of a built file, whose hash is one hexadecimal digit again and again."""
    return f"{relation}-{version * 16}.parquet"


def run_pass(lake: Lake, version: str, day: dt.date = DAY) -> dict[str, str]:
    """Write the output of an engine pass: a file per relation, then the marker."""
    directory = lake.engine_partition(SYMBOL, day)
    directory.mkdir(parents=True, exist_ok=True)
    names = {relation: name_of(relation, version) for relation in RELATIONS}
    for name in names.values():
        duckdb.sql(f"copy (select '{version}' as version) to '{directory / name}'")
    files = [_entry(directory / name) for name in names.values()]
    (directory / DONE_MARKER).write_text(marker_text({"files": files}))
    return names


def land_day(lake: Lake, day: dt.date = DAY) -> Path:
    partition = lake.bronze_partition("future", SYMBOL, "mbo", day)
    partition.mkdir(parents=True)
    part = partition / PART_NAME
    duckdb.sql(f"copy (select 1 as rec_ordinal) to '{part}'")
    manifest = {f"file_{key}": value for key, value in _entry(part).items()}
    (partition / MANIFEST_NAME).write_text(manifest_text(manifest | {"inputs": []}))
    success = success_text(partition / MANIFEST_NAME)
    (partition / SUCCESS_NAME).write_text(success)
    return partition


def _entry(path: Path) -> dict[str, object]:
    """Describe a file as manifests do."""
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": file_sha256(path)}


def write_manifest(lake: Lake, names: dict[dt.date, dict[str, str]]) -> None:
    """Write the manifest as its model does."""
    columns = ", ".join(f"{relation}_file varchar" for relation in RELATIONS)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema if not exists silver")
        connection.execute(
            "create or replace table silver.book_engine_manifest "
            f"(symbol varchar, dt date, {columns})"
        )
        for day, files in names.items():
            connection.execute(
                "insert into silver.book_engine_manifest values (?, ?, ?, ?, ?, ?)",
                [SYMBOL, day, *(files[relation] for relation in RELATIONS)],
            )


def write_partition(lake: Lake, version: str, day: dt.date = DAY) -> Path:
    """Write a file per partition, as a relation built partition by partition does."""
    path = (
        lake.relations("silver")
        / BANDS
        / f"symbol={SYMBOL}"
        / f"dt={day}"
        / name_of(BANDS, version)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"copy (select '{version}' as version) to '{path}'")
    return path


def write_partition_view(lake: Lake, *paths: Path, schema: str = "silver") -> None:
    """Create the view as the materialization does when every partition exists."""
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(
            f"create or replace view {schema}.{BANDS} as select version "
            f"from read_parquet({[str(path) for path in paths]}, hive_partitioning = true)"
        )


def write_view(lake: Lake, names: dict[str, str], day: dt.date = DAY) -> None:
    """Create the view as the model of the walls does."""
    path = lake.engine_partition(SYMBOL, day) / names[WALL]
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(
            f"create or replace view silver.{WALL} as "
            f"select version from read_parquet(['{path}'], hive_partitioning = true)"
        )


def ask(lake: Lake, query: str) -> list[tuple]:
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        return connection.execute(query).fetchall()


def names_in(lake: Lake) -> set[str]:
    return {path.name for path in lake.root.iterdir()}


def built_lake(folder: Path) -> Lake:
    """Return a lake with a landed day, a finished pass over it, and a warehouse with both."""
    lake = Lake(folder / "lake")
    land_day(lake)
    names = run_pass(lake, "a")
    write_manifest(lake, {DAY: names})
    write_view(lake, names)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(
            f"create table silver.numbers as select range as i, hash(range) as h from range({ROWS})"
        )
    return lake
