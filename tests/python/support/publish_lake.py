"""A hand-made copy of a built lake: contract-days, passes of the engine and partitions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
from spymaster_engine.kernels.book.surface_files import QA, REPRICE, SNAPSHOT, WALL
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import hash_file
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


def file_of(lake: Lake, relation: str, version: str, day: dt.date = DAY) -> Path:
    """Return the file of a partition."""
    partition = lake.relations("silver") / relation / f"symbol={SYMBOL}" / f"dt={day}"
    return partition / name_of(relation, version)


def run_pass(lake: Lake, version: str, day: dt.date = DAY) -> dict[str, Path]:
    """Write the output of a pass of the engine: a file per relation, with its hash."""
    files = {relation: file_of(lake, relation, version, day) for relation in RELATIONS}
    for path in files.values():
        _write(path, version)
        hash_file(path).write_text(f"{file_sha256(path)}  {path.name}\n")
    return files


def _write(path: Path, version: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"copy (select '{version}' as version) to '{path}'")


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


def list_passes(lake: Lake, *passes: dict[str, Path]) -> None:
    """List the files of passes as the materialization does."""
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema if not exists meta")
        for relation in RELATIONS:
            paths = [lake.relative(files[relation]) for files in passes]
            connection.execute(
                f"create or replace macro meta.files_of_{relation}() as {paths}::varchar[]"
            )


def write_partition(lake: Lake, version: str, day: dt.date = DAY) -> Path:
    """Write a file per partition, as a relation built partition by partition does."""
    path = file_of(lake, BANDS, version, day)
    _write(path, version)
    return path


def write_partition_view(lake: Lake, *paths: Path, schema: str = "silver") -> None:
    """Create the view as the materialization does when every partition exists."""
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(
            f"create or replace view {schema}.{BANDS} as select version "
            f"from read_parquet({[str(path) for path in paths]}, hive_partitioning = true)"
        )


def write_view(lake: Lake, path: Path) -> None:
    """Create a view of the walls that names its file."""
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema if not exists silver")
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
    """Return a lake with a landed day, a pass over it, and a warehouse with both."""
    lake = Lake(folder / "lake")
    land_day(lake)
    files = run_pass(lake, "a")
    list_passes(lake, files)
    write_view(lake, files[WALL])
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(
            f"create table silver.numbers as select range as i, hash(range) as h from range({ROWS})"
        )
    return lake
