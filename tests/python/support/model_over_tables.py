"""The rows of one model over hand-made tables, with the project's macros and vars."""

from __future__ import annotations

from collections.abc import Mapping

from support.inline_query import Rows, rows_of
from support.model_sql import GIVEN, model_connection, model_sql
from support.relations_of_models import create_relation


def model_rows(
    model: str,
    inputs: Mapping[str, str],
    partition: Mapping[str, str] | None = None,
    **variables: object,
) -> Rows:
    """Return the rows of a model; everything that its tables leave out is NULL.

    Args:
        model: its name.
        inputs: for each relation that it reads, schema and name, a query by column name.
        partition: values of the partition, by column; the inputs are those of one partition.
        variables: vars of the project that have another value.
    """
    with model_connection() as connection:
        connection.execute(f"create schema {GIVEN}")
        for relation, query in inputs.items():
            create_relation(connection, relation)
            connection.execute(f"insert into {relation} by name {query}")
            name = relation.split(".")[1]
            connection.execute(f"create view {GIVEN}.{name} as select * from {relation}")
        query = model_sql(model, connection, variables, partition or {}, {})
        return rows_of(connection, query)
