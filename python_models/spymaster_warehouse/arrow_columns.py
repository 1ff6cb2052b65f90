"""Registers functions of Arrow columns as functions of SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb
import pyarrow as pa
from duckdb.func import ARROW, DEFAULT, SPECIAL


def register(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    function: Callable[..., pa.Array],
    parameters: Sequence[str],
    returns: str,
    *,
    takes_null: bool = False,
) -> None:
    """Register a function that takes one column per parameter and returns a column.

    Args:
        connection: of the SQL that calls it.
        name: in SQL.
        function: takes and returns pa.ChunkedArray of the same length.
        parameters: SQL types.
        returns: SQL type.
        takes_null: whether the function gets rows with NULL; otherwise their result is NULL.
    """
    connection.create_function(
        name,
        function,
        list(parameters),
        returns,
        type=ARROW,
        null_handling=SPECIAL if takes_null else DEFAULT,
    )
