"""Copies of the bronze storage in a lake's bronze: manifests, small tables, and empty files.

What was landed in the lake itself comes first and is left alone.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from spymaster_ingest.console import err
from spymaster_ingest.durable import sync, temporary_sibling, write_text
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.columns import parquet_schema
from spymaster_ingest.landing.land import landing_lock
from spymaster_ingest.landing.landed_tables import TABLES, has_records
from spymaster_ingest.landing.manifest import (
    MANIFEST_NAME,
    PART_NAME,
    REMOTE_NAME,
    SUCCESS_NAME,
    require_as_landed,
)

from spymaster_warehouse.remote.storage import (
    BronzeStorage,
    Partition,
    Stamps,
    damaged,
    storage_of_environment,
)

# small files, of which each waits for the network
_AT_ONCE = 8


def mirror_bronze(lake: Lake) -> None:
    """Copy what is new or changed at ``$SPYMASTER_BRONZE`` into a lake, and remove what is gone.

    Does nothing when the variable is not set.

    Args:
        lake: locked by the caller.

    Raises:
        SpymasterError: The storage cannot be read, or a file there is not what was landed.
    """
    storage = storage_of_environment()
    if storage is None:
        return
    there = {key: stamps for key, stamps in storage.partitions().items() if _is_known(key)}
    gone = sorted(set(_mirrored(lake)) - {_folder(lake, key) for key in there})
    changed = {
        key: _marker_text(storage, stamps)
        for key, stamps in there.items()
        if not _is_current(_folder(lake, key), _marker_text(storage, stamps))
    }
    if not gone and not changed:
        return
    with landing_lock(lake):
        # first: from here on some files may have no rows
        write_text(lake.remote_bronze, f"{storage.address}\n")
        for folder in gone:
            shutil.rmtree(folder)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda item: _mirror(lake, storage, *item), changed.items()))
    err.print(
        f"{storage.address}: {len(changed)} partitions are new or changed, {len(gone)} are gone",
        markup=False,
    )


def _is_known(partition: Partition) -> bool:
    """Return whether this version has such a table."""
    return (partition.product_type, partition.table) in TABLES


def _folder(lake: Lake, partition: Partition) -> Path:
    return lake.bronze_partition(
        partition.product_type,
        partition.symbol,
        partition.table,
        dt.date.fromisoformat(partition.dt),
    )


def _mirrored(lake: Lake) -> Iterator[Path]:
    for marker in lake.bronze.glob(f"product_type=*/symbol=*/table=*/dt=*/{REMOTE_NAME}"):
        yield marker.parent


def _is_current(folder: Path, marker: str) -> bool:
    """Return whether a partition is a copy of what the storage has, or was landed here."""
    if not (folder / REMOTE_NAME).exists():
        return folder.exists()
    return (folder / REMOTE_NAME).read_text(encoding="utf-8") == marker


def _marker_text(storage: BronzeStorage, stamps: Stamps) -> str:
    files = {name: list(stamp) for name, stamp in sorted(stamps.items())}
    return json.dumps({"address": storage.address, "files": files}) + "\n"


def _mirror(lake: Lake, storage: BronzeStorage, partition: Partition, marker: str) -> None:
    """Put the copy of a partition in place, whole."""
    final = _folder(lake, partition)
    copy = temporary_sibling(final)
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    try:
        manifest = _fetch_manifest(storage, partition, copy)
        table = TABLES[partition.product_type, partition.table]
        if has_records(table):
            # the other marker says that the records are here
            (copy / SUCCESS_NAME).unlink()
            pq.write_table(parquet_schema(table.columns).empty_table(), copy / PART_NAME)
        else:
            storage.fetch(partition, PART_NAME, copy / PART_NAME, manifest)
        write_text(copy / REMOTE_NAME, marker)
        if final.exists():
            shutil.rmtree(final)
        copy.rename(final)
        sync(final.parent)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _fetch_manifest(storage: BronzeStorage, partition: Partition, copy: Path) -> dict[str, Any]:
    """Copy the manifest of a partition and its marker, and return the manifest."""
    for name in (MANIFEST_NAME, SUCCESS_NAME):
        storage.fetch(partition, name, copy / name)
    where = storage.path_of(partition, MANIFEST_NAME)
    try:
        require_as_landed(copy)
        manifest = json.loads((copy / MANIFEST_NAME).read_text(encoding="utf-8"))
        describes = (manifest["symbol"], manifest["dt"], manifest["file_name"])
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(where, str(error)) from error
    if describes != (partition.symbol, partition.dt, PART_NAME):
        raise damaged(where, "it describes another partition")
    return manifest
