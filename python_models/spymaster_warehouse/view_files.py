"""The files that views read, named so that they are found wherever the lake lies.

dbt writes them into its views in full. A published view names them relative to the lake, through
the macro ``meta.lake_file`` (see ``queries/lake_macros.sql``), so that any client that opens the
database of a lake that was moved or copied reads the files beside it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckdb
from spymaster_ingest.lake import Lake

_QUERIES = Path(__file__).with_name("queries")
# what a lake's own files are known by in the text of a view; the first group is its root
_IN_FULL = re.compile(
    r"'(/[^']*)/(?:bronze/source=databento|silver/book_engine|silver/relations)/[^']*'"
)


def name_files_by_lake(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Let every view find its files relative to the lake, and say where the lake lies now.

    Views that were made when the lake lay elsewhere read this lake's files afterwards. A view whose
    files are missing or cut off stays as it is: DuckDB looks at them when it makes a view.

    Args:
        connection: of the warehouse, open for writing.
        lake: where the warehouse lies.
    """
    macros = (_QUERIES / "lake_macros.sql").read_text(encoding="utf-8")
    connection.execute(macros.replace("$root", _literal(str(lake.root))))
    comments = _comments(connection)
    for schema, view, sql in _views(connection):
        roots = set(_IN_FULL.findall(sql))
        if roots:
            # a view that is made anew has no comments
            _execute_whole(connection, [_by_lake(sql, roots), *comments[schema, view]])


def other_root(connection: duckdb.DuckDBPyConnection, lake: Lake) -> str | None:
    """Return the place whose files views read although the lake lies elsewhere; None for none.

    Only views that name their files in full can: those of a database that was never published, or
    was by a version that left them so.
    """
    roots = {root for *_, sql in _views(connection) for root in _IN_FULL.findall(sql)}
    here = lake.root.resolve()
    return next((root for root in sorted(roots) if Path(root).resolve() != here), None)


def published_root(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return where the lake lay when it was published; None when views name no such place."""
    try:
        [(root,)] = connection.execute("select meta.published_root()").fetchall()
    except duckdb.CatalogException:
        return None
    return root


def files_of_views(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the files that views read, relative to the lake, each with a view that reads it."""
    query = (_QUERIES / "files_named_by_views.sql").read_text(encoding="utf-8")
    return {path: f"{schema}.{view}" for schema, view, path in connection.execute(query).fetchall()}


def unreadable_views(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, duckdb.Error]]:
    """Yield every view whose columns or first file DuckDB cannot look at, and why."""
    for schema, view, _ in _views(connection):
        try:
            columns = f"select * from {_name(schema, view)} limit 0"  # noqa: S608
            connection.execute(columns).fetchall()
        except duckdb.Error as error:
            yield f"{schema}.{view}", error


def _execute_whole(connection: duckdb.DuckDBPyConnection, statements: list[str]) -> None:
    """Run statements as one transaction, or none of them where DuckDB cannot."""
    try:
        connection.execute(";".join(["begin", *statements, "commit"]))
    except duckdb.Error:
        connection.execute("rollback")


def _views(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    return connection.execute(
        "select schema_name, view_name, sql from duckdb_views() where not internal order by all"
    ).fetchall()


def _comments(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    """Return the statements that put back the comments of each view and its columns."""
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
