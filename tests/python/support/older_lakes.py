"""Published files of an earlier version, which kept fewer settings."""

from __future__ import annotations

import json

import duckdb
from spymaster.built_settings import RELATION as SETTINGS
from spymaster_ingest.lake import Lake

_WORDS = "silver.word_settings"


def forget_setting(lake: Lake, name: str) -> None:
    """Publish the settings of answers, evaluation and words without one of them."""
    with duckdb.connect(str(lake.published)) as connection:
        held = {
            relation: connection.execute(f"select * from {relation}").to_arrow_table().to_pylist()
            for relation in (SETTINGS, _WORDS)
            if _exists(connection, relation)
        }
        assert held
        for relation, [row] in held.items():
            kept = {
                column: _without(value, name) if relation == SETTINGS else value
                for column, value in row.items()
                if column != name
            }
            connection.execute(f"drop {_kind(connection, relation)} {relation}")
            columns = ", ".join(f"? as {column}" for column in kept)
            connection.execute(f"create table {relation} as select {columns}", [*kept.values()])


def _without(value: object, name: str) -> object:
    """Return a JSON document of vars without one of them; anything else as it is."""
    if not isinstance(value, str) or not value.startswith("{"):
        return value
    return json.dumps({key: one for key, one in json.loads(value).items() if key != name})


def _exists(connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
    return bool(_rows_about(connection, relation))


def _kind(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    [(kind,)] = _rows_about(connection, relation)
    return "view" if kind == "VIEW" else "table"


def _rows_about(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str]]:
    return connection.execute(
        "select table_type from information_schema.tables "
        "where table_schema || '.' || table_name = ?",
        [relation],
    ).fetchall()
