"""Empty tables with the columns that the contracts of the models declare, and views of models."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import duckdb
import jinja2
import yaml
from spymaster_ingest.lake import PROJECT_ROOT


def create_relation(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Create an empty table as its model or seed declares it.

    Args:
        connection: an open database.
        relation: schema and name, for example ``silver.wall_surface_1s``.
    """
    schema, name = relation.split(".")
    columns = ", ".join(f'"{column}" {kind}' for column, kind in columns_of(name).items())
    connection.execute(f"create schema if not exists {schema}")
    connection.execute(f"create table {relation} ({columns})")


def create_view(
    connection: duckdb.DuckDBPyConnection, relation: str, inputs: Iterable[str]
) -> None:
    """Create a view as its model selects it; the model names its inputs and nothing else.

    Args:
        connection: an open database that holds the inputs.
        relation: schema and name.
        inputs: relations that the model reads, with their schemas.
    """
    schema, name = relation.split(".")
    [path] = PROJECT_ROOT.glob(f"models/**/{name}.sql")
    named = {one.split(".")[1]: one for one in inputs}
    template = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(
        path.read_text(encoding="utf-8")
    )
    connection.execute(f"create schema if not exists {schema}")
    query = template.render(ref=named.__getitem__, partitioned_by=lambda *_, **__: "")
    connection.execute(f"create view {relation} as {query}")


@cache
def columns_of(name: str) -> dict[str, str]:
    """Return the type of each column in the order of the contract."""
    [path] = [
        *PROJECT_ROOT.glob(f"models/**/{name}.yml"),
        *PROJECT_ROOT.glob(f"python_models/**/{name}.yml"),
        *PROJECT_ROOT.glob(f"seeds/{name}.yml"),
    ]
    described = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    if "seeds" in described:
        return described["seeds"][0]["config"]["column_types"]
    return {column["name"]: column["data_type"] for column in described["models"][0]["columns"]}
