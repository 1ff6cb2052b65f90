"""Empty tables with the columns that the contracts of the models declare."""

from __future__ import annotations

from functools import cache

import duckdb
import yaml
from spymaster_ingest.lake import PROJECT_ROOT


def create_relation(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Create an empty table as its model or seed declares it.

    Args:
        connection: an open database.
        relation: schema and name, for example ``silver.wall_surface_1s``.
    """
    schema, name = relation.split(".")
    columns = ", ".join(f'"{column}" {kind}' for column, kind in _columns(name).items())
    connection.execute(f"create schema if not exists {schema}")
    connection.execute(f"create table {relation} ({columns})")


@cache
def _columns(name: str) -> dict[str, str]:
    """Return the type of each column in the order of the contract."""
    [path] = [
        *PROJECT_ROOT.glob(f"models/**/{name}.yml"),
        *PROJECT_ROOT.glob(f"python_models/**/{name}.yml"),
        *PROJECT_ROOT.glob(f"seeds/{name}.yml"),
    ]
    described = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "seeds" in described:
        return described["seeds"][0]["config"]["column_types"]
    return {column["name"]: column["data_type"] for column in described["models"][0]["columns"]}
