"""Partitions of a built lake, added to a store."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
from spymaster_ingest.console import err
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import hash_file, read_hashes
from spymaster_ingest.lake import Lake

from spymaster_warehouse.access import connect
from spymaster_warehouse.jobs.job import ROWS_OF_TABLE
from spymaster_warehouse.partitions import PartitionRecord, file_of
from spymaster_warehouse.store.key import StoreKey
from spymaster_warehouse.store.store import Store
from spymaster_warehouse.store.upkeep import Selection, Watcher

_META = "select table_name from duckdb_tables() where schema_name = 'meta'"
_NO_NAMES = (
    "(select relation, owner, dt, null as store_name, [] as files from meta.partition_state)"
)
_PARTITIONS = Path(__file__).parents[1] / "queries" / "partitions_to_push.sql"


class _Built(NamedTuple):
    """A partition of the lake, as the query finds it."""

    schema: str
    relation: str
    is_table: bool
    owner_column: str
    owner: str
    dt: dt.date
    input_fingerprint: str
    model_checksum: str
    store_name: str | None
    files: list[str]


class Pushed(NamedTuple):
    """What became of the partitions of a lake.

    Attributes:
        added: that the store did not have.
        unnamed: left out, because a version that kept no names of partitions built them.
    """

    added: int
    unnamed: int


def push(lake: Lake, store: Store, selection: Selection, watch: Watcher) -> Pushed:
    """Add the partitions of a lake to a store, as they were built.

    A damaged file is named, and its partition left out.

    Args:
        lake: locked by the caller.
        store: takes them.
        selection: of the partitions.
        watch: told of every partition.

    Raises:
        SpymasterError: The warehouse is open elsewhere, or the store cannot be written.
    """
    added = unnamed = 0
    if not lake.warehouse.exists():
        return Pushed(0, 0)
    with connect(lake) as connection, tempfile.TemporaryDirectory(prefix="spymaster-") as scratch:
        for built in _built(connection):
            if built.store_name is None:
                unnamed += 1
                continue
            version, _, runtime = built.store_name.partition("-")
            key = StoreKey(
                built.relation, built.owner_column, built.owner, built.dt, version, runtime
            )
            if not selection.takes(key):
                continue
            watch(key)
            if store.has(key):
                continue
            places = _places(lake, connection, built, Path(scratch))
            if places is not None:
                added += store.add(key, places)
    return Pushed(added, unnamed)


def _built(connection: duckdb.DuckDBPyConnection) -> Iterator[_Built]:
    query = _PARTITIONS.read_text(encoding="utf-8")
    tables = {name for (name,) in connection.execute(_META).fetchall()}
    if "partition_state" not in tables:
        # a lake that was never built
        return
    if "store_names" not in tables:
        # of an older version, which kept none
        query = query.replace("meta.store_names", _NO_NAMES)
    yield from (_Built(*row) for row in connection.execute(query).fetchall())


def _places(
    lake: Lake, connection: duckdb.DuckDBPyConnection, built: _Built, scratch: Path
) -> dict[str, Path] | None:
    """Return the files of a partition by the names that a store has for them; None if damaged."""
    record = PartitionRecord(built.input_fingerprint, built.model_checksum)
    places = {
        name: lake.relations(built.schema)
        / file_of(name, built.owner_column, (built.owner, built.dt), record)
        for name in built.files
    }
    for path in places.values():
        try:
            is_whole = file_sha256(path) in read_hashes(hash_file(path), path.name)
        except (OSError, ValueError):
            is_whole = False
        if not is_whole:
            err.print(f"{path} is not what was written; its partition is left out", markup=False)
            return None
    if built.is_table:
        places[ROWS_OF_TABLE] = scratch / "rows.parquet"
        connection.execute(
            f'copy (from "{built.schema}"."{built.relation}" where {built.owner_column} = $owner '
            f"and dt = $dt) to '{places[ROWS_OF_TABLE]}' (format parquet, compression zstd)",
            {"owner": built.owner, "dt": built.dt},
        )
    return places
