"""Paths in views, relative to the lake so that they survive a move.

dbt writes absolute paths into its views. A published view has relative paths through the macro
``meta.lake_file`` (see ``queries/lake_macros.sql``), so that any client reads the files of a moved
or copied lake.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckdb
from spymaster_ingest.lake import Lake

_QUERIES = Path(__file__).with_name("queries")
# a path of the lake in the text of a view; the first group is the root
_IN_FULL = re.compile(
    r"'(/[^']*)/(?:bronze/source=databento|silver/book_engine|(?:silver|gold|steps)/relations)/"
    r"[^']*'"
)


def name_files_by_lake(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make the paths in every view relative to the lake, and store the lake's root.

    Views created while the lake was elsewhere then read this lake's files. A view with missing or
    cut off files stays as it is: DuckDB opens them to create a view.

    Args:
        connection: of the warehouse, open for writing.
        lake: of the warehouse.
    """
    connection.execute(lake_macros_of(lake))
    comments = _comments(connection)
    for schema, view, sql in _views(connection):
        roots = set(_IN_FULL.findall(sql))
        if roots:
            # replacing a view drops its comments
            _execute_whole(connection, [_by_lake(sql, roots), *comments[schema, view]])


def lake_macros_of(lake: Lake) -> str:
    """Return the statements that create the macros by which views name a lake's files."""
    macros = (_QUERIES / "lake_macros.sql").read_text(encoding="utf-8")
    return macros.replace("$root", _literal(str(lake.root)))


def other_root(connection: duckdb.DuckDBPyConnection, lake: Lake) -> str | None:
    """Return another root whose files some views read; None without any.

    Only views with absolute paths can: those of a database that was never published, or only by a
    version that kept them.
    """
    roots = {root for *_, sql in _views(connection) for root in _IN_FULL.findall(sql)}
    here = lake.root.resolve()
    return next((root for root in sorted(roots) if Path(root).resolve() != here), None)


def published_root(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return the root of the lake at publication; None when views name none."""
    try:
        [(root,)] = connection.execute("select meta.published_root()").fetchall()
    except duckdb.CatalogException:
        return None
    return root


def files_of_relations(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the files that relations are made of, below the lake, each with such a relation."""
    query = (_QUERIES / "files_of_relations.sql").read_text(encoding="utf-8")
    return {path: f"{schema}.{name}" for schema, name, path in connection.execute(query).fetchall()}


def unreadable_views(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, duckdb.Error]]:
    """Yield every view whose columns or first file DuckDB cannot read, and why."""
    for schema, view, _ in _views(connection):
        try:
            columns = f"select * from {_name(schema, view)} limit 0"  # noqa: S608
            connection.execute(columns).fetchall()
        except duckdb.Error as error:
            yield f"{schema}.{view}", error


def _execute_whole(connection: duckdb.DuckDBPyConnection, statements: list[str]) -> None:
    """Run statements as one transaction, or none of them if one fails."""
    try:
        connection.execute(";".join(["begin", *statements, "commit"]))
    except duckdb.Error:
        connection.execute("rollback")


def _views(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    return connection.execute(
        "select schema_name, view_name, sql from duckdb_views() where not internal order by all"
    ).fetchall()


def _comments(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    """Return statements that restore the comments of each view and its columns."""
    statements: dict[tuple[str, str], list[str]] = defaultdict(list)
    query = (_QUERIES / "comments_of_views.sql").read_text(encoding="utf-8")
    for schema, view, column, text in connection.execute(query).fetchall():
        kind, names = ("view", ()) if column is None else ("column", (column,))
        statements[schema, view].append(
            f"comment on {kind} {_name(schema, view, *names)} is {_literal(text)}"
        )
    return statements


def _by_lake(sql: str, roots: set[str]) -> str:
    for root in roots:
        sql = re.sub(f"'{re.escape(root)}/([^']*)'", r"meta.lake_file('\1')", sql)
    return re.sub("^CREATE VIEW", "create or replace view", sql).rstrip(";")


def _name(*parts: str) -> str:
    return ".".join(f'"{part.replace(chr(34), chr(34) * 2)}"' for part in parts)


def _literal(text: str) -> str:
    return f"'{text.replace(chr(39), chr(39) * 2)}'"
