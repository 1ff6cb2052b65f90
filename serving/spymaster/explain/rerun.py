"""Run the SQL of a model again over the shown rows of its inputs, and over nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa
from spymaster_engine.door import KERNELS, kernels_called, register
from spymaster_ingest.errors import SpymasterError

from spymaster.explain.trace import Types
from spymaster.explain.wanted import Row, Wanted

_PARTITION = re.compile(r"(date )?'__partition_([a-z_]+)__'")
# also within the path of a file
_PLACEHOLDER = re.compile(r"__partition_([a-z_]+)__")
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "threads": "1",
    "memory_limit": "1GB",
}


def rerun(
    sql: str, shown: Mapping[str, pa.Table], types: Types, wanted: Wanted, keys: Iterable[str]
) -> list[Row]:
    """Return the rows that a model makes of some rows of its inputs.

    Args:
        sql: the compiled model.
        shown: rows by input relation; columns that are not there are NULL, relations that are not
            there have no rows.
        types: SQL types of the columns of all inputs.
        wanted: the contract-day and the columns.
        keys: columns that name the rows.

    Raises:
        SpymasterError: The SQL needs what only a build has.
    """
    filled, values = bind_partition(sql, wanted)
    columns = ", ".join(_quoted(name) for name in dict.fromkeys((*keys, *sorted(wanted.columns))))
    with duckdb.connect(config=_SETTINGS) as connection:
        connection.execute("set TimeZone = 'UTC'")
        register(connection, (KERNELS[name] for name in kernels_called(sql)))
        for schema, relations in types.items():
            connection.execute(f"create schema if not exists {_quoted(schema)}")
            for name, its_types in relations.items():
                _fill(connection, schema, name, its_types, shown.get(f"{schema}.{name}"))
        try:
            found = connection.execute(
                f"select {columns} from ({filled}\n)",  # noqa: S608
                values,
            )
        except duckdb.Error as error:
            line = " ".join(str(error).split())[:200]
            raise SpymasterError(wanted.relation, f"its SQL cannot be run again: {line}") from error
        return rows_of(found.to_arrow_table())


def rows_of(table: pa.Table) -> list[Row]:
    """Return the rows of a table; times of nanoseconds as integers, ns since 1970."""
    for place, one in enumerate(table.schema):
        if pa.types.is_timestamp(one.type) and one.type.unit == "ns":
            table = table.set_column(place, one.name, table[one.name].cast(pa.int64()))
    return table.to_pylist()


def bind_partition(sql: str, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Replace the values of the partition in compiled SQL by parameters; return those too.

    Raises:
        SpymasterError: The SQL needs a value that only a build has.
    """
    named = {name for _, name in _PARTITION.findall(sql)}
    unknown = named - set(wanted.partition)
    if unknown:
        raise SpymasterError(
            wanted.relation, f"its SQL needs {', '.join(sorted(unknown))}, which only a build has"
        )
    filled = _PARTITION.sub(
        lambda found: f"cast($partition_{found[2]} as {'date' if found[1] else 'varchar'})", sql
    )
    return filled, {f"partition_{name}": wanted.partition[name] for name in named}


def with_partition(sql: str, partition: Row) -> str:
    """Return compiled SQL with the values of a partition, as a reader can run it.

    What only a build knows stays as it is; comments on top say how to supply it.
    """

    def value(found: re.Match[str]) -> str:
        known = partition.get(found[1])
        return found[0] if known is None else str(known).replace("'", "''")

    filled = _PLACEHOLDER.sub(value, sql)
    return "".join(f"{line}\n" for line in _what_to_supply(filled)) + filled


def _what_to_supply(sql: str) -> list[str]:
    """Return comments on what SQL needs that the published file does not hold."""
    lines = []
    if names := kernels_called(sql):
        lines += [
            f"-- before it runs, add {', '.join(names)} to the connection in Python:",
            "-- from spymaster_engine.door import KERNELS, register; "
            "register(connection, KERNELS.values())",
        ]
    lines += [
        f"-- only a build knows {name}: put its value there"
        for name in sorted({found[0] for found in _PLACEHOLDER.finditer(sql)})
    ]
    return lines


def _fill(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    name: str,
    types: Mapping[str, str],
    rows: pa.Table | None,
) -> None:
    relation = f"{_quoted(schema)}.{_quoted(name)}"
    columns = ", ".join(f"{_quoted(column)} {kind}" for column, kind in types.items())
    connection.execute(f"create table {relation} ({columns})")
    if rows is not None and rows.num_rows:
        connection.register("shown_rows", rows)
        connection.execute(f"insert into {relation} by name select * from shown_rows")  # noqa: S608
        connection.unregister("shown_rows")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
