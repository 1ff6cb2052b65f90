"""The files that a warehouse refers to, and the removal of files without readers.

They are files of partitioned relations, and of vector libraries and their indexes. Views, lists of
files and manifests of the published file name them, so a file that a new build does not
need must outlive readers of the previous publication: it goes two publications later.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
from spymaster_ingest.durable import (
    HASH_SUFFIX,
    TEMPORARY_PREFIX,
    hash_file,
    remove_temporary,
    write_text,
)
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import SCHEMAS, Lake

from spymaster_warehouse.own_files import ENGINE_RELATIONS, is_own, own_folders
from spymaster_warehouse.view_files import files_of_relations

# columns of manifests that name files below the lake
_LIBRARY_FILES = {
    "retrieval_library": ("vectors_path", "rows_path"),
    "spot_library": ("vectors_path", "rows_path"),
    "retrieval_index_manifest": ("index_path",),
}
_LIBRARIES = "root=*/approach_dir=*"
# of an earlier version: the files of the book engine, with a marker in each partition
_FORMER_ENGINE = "silver/book_engine"
_FORMER_MARKER = "_DONE.json"
_RELATION_PARTITIONS = "*/*=*/dt=*"
_BUILT = re.compile(
    r"(?:silver/book_engine|(?:silver|gold|steps)/relations/[^/']+)"
    r"/(?:symbol|root)=[^/']+/dt=[^/']+/[^/']+\.parquet"
)


def files_in_use(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the files of partitions and libraries that a warehouse names, relative to the lake."""
    named = {path for path in files_of_relations(connection) if _BUILT.fullmatch(path)}
    return named | _libraries(connection)


def _libraries(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the files of libraries and indexes."""
    there = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'gold'"
    ).fetchall()
    named: set[str] = set()
    for table, columns in _LIBRARY_FILES.items():
        if (table,) in there:
            query = f"select {', '.join(columns)} from gold.{table}"  # noqa: S608
            named.update(name for row in connection.execute(query).fetchall() for name in row)
    return named


def read_files_in_use(lake: Lake) -> set[str]:
    """Return the files that the last publication refers to, relative to the lake.

    Raises:
        SpymasterError: The record cannot be read.
    """
    record = lake.publication_record
    if not record.exists():
        return set()
    try:
        files = json.loads(record.read_text(encoding="utf-8"))
    except ValueError:
        files = None
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
        raise SpymasterError(
            record,
            "is not a list of files",
            "remove it when nobody reads what was published before",
        )
    return set(files)


def write_files_in_use(lake: Lake, files: set[str]) -> None:
    """Remember files for the next publication, which must not remove them."""
    write_text(lake.publication_record, json.dumps(sorted(files), indent=1) + os.linesep)


def remove_outdated(lake: Lake, keep: set[str]) -> None:
    """Remove all files of the lake's own form but those to keep, and directories left empty.

    Follows no link.
    """
    former = lake.root / _FORMER_ENGINE
    for partition in own_folders(lake, former, "symbol=*/dt=*"):
        _remove_from(lake, partition, keep, ENGINE_RELATIONS)
        if not any(partition.glob("*.parquet")):
            (partition / _FORMER_MARKER).unlink(missing_ok=True)
        _remove_when_empty(partition, former)
    for relations in map(lake.relations, SCHEMAS):
        for partition in own_folders(lake, relations, _RELATION_PARTITIONS):
            _remove_from(lake, partition, keep, [partition.parents[1].name])
            _remove_when_empty(partition, relations)
    for library in own_folders(lake, lake.indexes, _LIBRARIES):
        # fits of the learned space stay: a hash of their inputs names them
        for path in library.rglob("*"):
            if is_own(lake, path) and lake.relative(path) not in keep:
                _remove(path)


def _remove_from(lake: Lake, partition: Path, keep: set[str], relations: Sequence[str]) -> None:
    """Remove a partition's files of relations, except those to keep."""
    names = "|".join(map(re.escape, relations))
    # of a writer in dbt's own process, or of one of several
    on_its_way = re.compile(
        rf"{re.escape(TEMPORARY_PREFIX)}(?:[0-9a-f]{{32}}-)?(?:{names})(?:-[0-9a-f]+)?"
        rf"\.parquet(?:{re.escape(HASH_SUFFIX)})?"
    )
    for path in list(partition.glob("*.parquet*")):
        is_leftover = on_its_way.fullmatch(path.name) is not None and not path.is_symlink()
        if is_leftover or (is_own(lake, path) and lake.relative(path) not in keep):
            _remove(path)


def _remove(path: Path) -> None:
    """Remove a file, and its hash afterwards, so that no hash is missing where a file is."""
    path.unlink(missing_ok=True)
    hash_file(path).unlink(missing_ok=True)


def _remove_when_empty(partition: Path, root: Path) -> None:
    """Remove a partition without files, and parents left empty below ``root``."""
    if any(partition.glob("*.parquet")):
        return
    remove_temporary(partition)
    directory = partition
    # not empty: other partitions, or a file that is nobody's here
    with contextlib.suppress(OSError):
        while directory != root:
            directory.rmdir()
            directory = directory.parent
