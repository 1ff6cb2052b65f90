"""Partitions of a day that goes on, of which no record has come yet."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.background_workers import Workers
from spymaster_ingest.landing.manifest import ingest_version, read_manifest
from spymaster_ingest.landing.partition import PartitionWriter
from spymaster_ingest.landing.table_schemas import TableSchema

_FUTURE = "future"


def begin_partition(lake: Lake, path: Path, table: TableSchema, symbol: str, day: dt.date) -> None:
    """Land a file without records, so that a build knows that its records may come.

    Args:
        lake: in which records of the contract's future of the day are landed.
        path: DBN file with a header alone.
        table: of the records to come.
        symbol: contract, of options the underlying one.
        day: UTC date.

    Raises:
        SpymasterError: No records of the contract are landed, or the file is none of DBN.
    """
    known = _of_contract(lake, symbol, day)
    file = DbnFile(path)
    workers = Workers()
    writer = PartitionWriter(
        lake,
        table,
        symbol,
        day,
        workers,
        root=known["root"],
        tick_int=None if table.of_options else known["tick_int"],
    )
    try:
        writer.finish(_origin(lake, file, known))
        writer.commit()
    finally:
        workers.stop()


def remove_begun(lake: Lake, day: dt.date) -> list[Path]:
    """Remove the partitions of a day of which no record came; return them."""
    removed = []
    for partition in sorted(lake.bronze.glob(f"product_type=*/symbol=*/table=*/dt={day}")):
        manifest = read_manifest(partition)
        if manifest is not None and not manifest["records_in"]:
            shutil.rmtree(partition)
            for file in manifest["inputs"]:
                (lake.root / file["path"]).unlink(missing_ok=True)
            removed.append(partition)
    return removed


def _of_contract(lake: Lake, symbol: str, day: dt.date) -> dict:
    """Return the manifest of landed records of a future."""
    pattern = f"product_type={_FUTURE}/symbol={symbol}/table=*/dt={day}"
    for partition in sorted(lake.bronze.glob(pattern)):
        manifest = read_manifest(partition)
        if manifest is not None and manifest["tick_int"] is not None:
            return manifest
    raise SpymasterError(f"{symbol} {day}", "has no landed records", "land its book first")


def _origin(lake: Lake, file: DbnFile, known: dict) -> dict:
    """Return the manifest entries about a file without records."""
    return {
        "records_in": 0,
        "rows_out": 0,
        "dropped": {},
        "inputs": [
            {
                "path": lake.relative(file.path),
                "name": file.path.name,
                "bytes": file.bytes,
                "sha256": file.sha256(),
                "dbn_version": file.header.version,
                "dataset": file.header.dataset,
                "schema": file.header.schema,
                "records": 0,
                "zstd_frames": file.frames.frames if file.frames else 0,
                "zstd_checksum": bool(file.frames and file.frames.all_checksums),
                "partitions": [],
            }
        ],
        "gaps": [],
        "allow_missing_definitions": known["allow_missing_definitions"],
        "definition_roots": known["definition_roots"],
        "definition_input_hash": known["definition_input_hash"],
        "notes": [],
        "ingest_version": ingest_version(),
        "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
