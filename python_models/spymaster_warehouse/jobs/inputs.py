"""What jobs read of dbt's database, as files that any process can read.

Views and macros are copied as they are written. Tables are written to Parquet: those that are
stored by partition a file each, all others whole, named by their content.
"""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import NamedTuple

import duckdb
from spymaster_ingest.content_hash import file_sha256, hash_of
from spymaster_ingest.durable import put_in_place, unique_temporary, write_text
from spymaster_ingest.lake import Lake

from spymaster_warehouse.jobs.catalogue import Catalogue
from spymaster_warehouse.jobs.names import Name, named_in
from spymaster_warehouse.partitions import Key, PartitionRecord, file_of

_QUERIES = Path(__file__).parents[1] / "queries"
_CREATE = re.compile("^create", re.IGNORECASE)
# it asks dbt's connection where the lake lies
_LAKE_FILE = ("meta", "lake_file")


class _Entry(NamedTuple):
    """A view, table or macro: the SQL that it is made of, empty for a table."""

    kind: str
    sql: str


class Inputs:
    """The inputs of the jobs of one build.

    Args:
        lake: that is built.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._build = uuid.uuid4().hex
        # a table is whole before a relation reads it
        self._whole: dict[Name, Path] = {}

    def catalogue_of(
        self, connection: duckdb.DuckDBPyConnection, sql: list[str], settings: dict[str, str]
    ) -> Path:
        """Return the file of the catalogue of everything that some SQL reads.

        Args:
            connection: to dbt's database.
            sql: of jobs.
            settings: of DuckDB for them.
        """
        entries = _entries(connection)
        needed = list(named_in(sql, {name: entry.sql for name, entry in entries.items()}))
        statements = {
            schema: f'create schema if not exists "{schema}"'
            for schema in sorted({schema for schema, _ in needed})
        }
        for name in needed:
            kind, text = entries[name]
            if name == _LAKE_FILE:
                root = _literal(f"{self._lake.root}/")
                text = f"create macro meta.lake_file(path) as {root} || path"
            elif kind == "table":
                text = self._view(connection, name)
            statements[".".join(name)] = _CREATE.sub("create or replace", text, count=1)
        catalogue = Catalogue(self._build, settings, statements)
        path = self._lake.inputs / f"{hash_of(catalogue._asdict())}.json"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, catalogue.to_text())
        return path

    def _view(self, connection: duckdb.DuckDBPyConnection, name: Name) -> str:
        """Return the statement of a view over the rows of a table, which it writes to files."""
        owner, files = self._partitions(connection, name)
        by_path = "false"
        if owner is None:
            files = [self._whole_table(connection, name)]
        else:
            by_path = f"true, hive_types = {{'{owner}': varchar, 'dt': date}}"
        columns = ", ".join(
            f'cast("{column}" as {data_type}) as "{column}"'
            for column, data_type in _columns(connection, name)
        )
        listed = ", ".join(_literal(str(path)) for path in files)
        rows = f"read_parquet([{listed}], hive_partitioning = {by_path})"
        return f"create view {_quoted(name)} as select {columns} from {rows}"  # noqa: S608

    def _partitions(
        self, connection: duckdb.DuckDBPyConnection, name: Name
    ) -> tuple[str | None, list[Path]]:
        """Return the owner's column and the files of a table that is stored by partition.

        The column is None for another table.
        """
        schema, table = name
        recorded = connection.execute(
            "select owner, dt, input_fingerprint, model_checksum from meta.partition_state "
            "where relation = ? order by dt, owner",
            [table],
        ).fetchall()
        if not recorded:
            return None, []
        columns = {column for column, _ in _columns(connection, name)}
        owner_column = "symbol" if "symbol" in columns else "root"
        files = []
        for owner, day, *made_of in recorded:
            path = rows_file(
                self._lake, schema, table, owner_column, (owner, day), PartitionRecord(*made_of)
            )
            if not path.exists():
                where = f"{owner_column} = {_literal(owner)} and dt = date '{day}'"
                self._write(connection, f"from {_quoted(name)} where {where}", path)
            files.append(path)
        return owner_column, files

    def _whole_table(self, connection: duckdb.DuckDBPyConnection, name: Name) -> Path:
        """Return a file with all rows of a table, named by its content."""
        if name in self._whole:
            return self._whole[name]
        temporary = unique_temporary(self._lake.inputs / "table.parquet")
        temporary.parent.mkdir(parents=True, exist_ok=True)
        _copy(connection, f"from {_quoted(name)}", temporary)
        path = self._lake.inputs / f"{file_sha256(temporary)}.parquet"
        put_in_place(temporary, path)
        self._whole[name] = path
        return path

    def _write(self, connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = unique_temporary(path)
        _copy(connection, query, temporary)
        put_in_place(temporary, path)


def rows_file(
    lake: Lake, schema: str, table: str, owner_column: str, key: Key, record: PartitionRecord
) -> Path:
    """Return where the rows of a partition that is stored as rows of a table lie for jobs."""
    return lake.inputs / schema / file_of(table, owner_column, key, record)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(f"copy ({query}) to {_literal(str(path))} (format parquet)")


def _columns(connection: duckdb.DuckDBPyConnection, name: Name) -> list[tuple[str, str]]:
    return connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and schema_name = ? and table_name = ? "
        "order by column_index",
        name,
    ).fetchall()


def _entries(connection: duckdb.DuckDBPyConnection) -> dict[Name, _Entry]:
    """Return the views, tables and macros of a database by their names."""
    query = (_QUERIES / "catalogue_entries.sql").read_text(encoding="utf-8")
    return {
        (schema, name): _Entry(kind, sql)
        for schema, name, kind, sql in connection.execute(query).fetchall()
    }


def _quoted(name: Name) -> str:
    return f'"{name[0]}"."{name[1]}"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
