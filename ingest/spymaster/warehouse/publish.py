"""Publishing: readers get a whole new database file at once, or keep the one they have.

dbt writes ``warehouse.duckdb``, which one process locks against every other. Publishing copies
it to ``spymaster.duckdb`` under a temporary name and renames the copy into place: connections
that are open keep reading the file they opened, new ones see the new file.

Views of the published file name Parquet files of the lake, so a file that a new build no longer
needs must outlive the readers of the previous publication: it is removed two publications later.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import duckdb
from spymaster_engine.book.contract_day import DONE_MARKER
from spymaster_engine.durable import (
    put_in_place,
    remove_temporary,
    temporary_sibling,
    write_text,
)

from spymaster.errors import SpymasterError
from spymaster.lake import Lake
from spymaster.warehouse.access import connect

_PUBLICATION = ".publication.json"
_RELATIONS = ("book_snapshot_1s", "wall_surface_1s", "reprice_flow_1s", "book_engine_qa")


def publish(lake: Lake) -> Path:
    """Copy the warehouse to the file analysts open and return its path.

    Raises:
        SpymasterError: There is no warehouse, or another process is writing it.
    """
    if not lake.warehouse.exists():
        raise SpymasterError(
            lake.warehouse, "there is no warehouse to publish", "run `spymaster build` first"
        )
    in_use = _settle(lake)
    remove_temporary(lake.root)
    temporary = temporary_sibling(lake.published)
    shutil.copyfile(lake.warehouse, temporary)
    put_in_place(temporary, lake.published)
    _remove_outdated(lake, in_use)
    return lake.published


def _settle(lake: Lake) -> set[str]:
    """Flush the warehouse into its one file; return the engine files it refers to."""
    with connect(lake) as connection:
        connection.execute("checkpoint")
        if not _has_engine_manifest(connection):
            return set()
        files = ", ".join(f"{relation}_file" for relation in _RELATIONS)
        query = f"select symbol, dt, {files} from silver.book_engine_manifest"  # noqa: S608
        return {
            lake.relative(lake.engine_partition(symbol, day) / name)
            for symbol, day, *names in connection.execute(query).fetchall()
            for name in names
        }


def _has_engine_manifest(connection: duckdb.DuckDBPyConnection) -> bool:
    query = (
        "select count(*) from duckdb_tables() "
        "where schema_name = 'silver' and table_name = 'book_engine_manifest'"
    )
    return connection.execute(query).fetchone()[0] > 0


def _remove_outdated(lake: Lake, in_use: set[str]) -> None:
    """Remove engine files that neither this nor the previous publication refers to."""
    record = lake.root / _PUBLICATION
    previous = set(json.loads(record.read_text())) if record.exists() else set()
    engine = lake.root / "silver" / "book_engine"
    keep = in_use | previous | _named_by_markers(lake, engine)
    for path in engine.glob("symbol=*/dt=*/*.parquet"):
        if lake.relative(path) not in keep:
            path.unlink()
    write_text(record, json.dumps(sorted(in_use), indent=1) + os.linesep)


def _named_by_markers(lake: Lake, engine: Path) -> set[str]:
    """Return files of finished passes, which the next build may refer to."""
    return {
        lake.relative(marker.parent / file["name"])
        for marker in engine.glob(f"symbol=*/dt=*/{DONE_MARKER}")
        for file in json.loads(marker.read_text())["files"]
    }
