"""Queries with the project's macros, over its seeds."""

from __future__ import annotations

import json
from collections.abc import Callable

import duckdb
import pytest
from spymaster_ingest.lake import PROJECT_ROOT

from support.model_sql import model_connection, rendered
from support.relations_of_models import create_relation

Rows = list[dict]
Ask = Callable[..., Rows]
_SEEDS = "seeds"


@pytest.fixture(scope="module")
def ask() -> Ask:
    """Answer a query with the project's macros; it may refer to seeds, and to no model."""
    connection = model_connection()

    def answer(query: str, **variables: object) -> Rows:
        replaced = {"ref": lambda name: _seed(connection, name)}
        return rows_of(connection, rendered(query, connection, variables, replaced))

    return answer


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    """Return the rows of a query in its order; times are texts."""
    [answered] = connection.execute(
        f"select cast(to_json(list(q)) as varchar) from ({query}) as q"
    ).fetchall()
    return [] if answered[0] is None else json.loads(answered[0])


def _seed(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    relation = f"{_SEEDS}.{name}"
    if not connection.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?", [_SEEDS, name]
    ).fetchall():
        create_relation(connection, relation)
        connection.execute(
            f"insert into {relation} by name select * from read_csv(?, all_varchar = true)",
            [str(PROJECT_ROOT / "seeds" / f"{name}.csv")],
        )
    return relation
