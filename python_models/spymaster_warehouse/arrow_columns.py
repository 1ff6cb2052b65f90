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
    """Register a function that takes a column per parameter and returns one.

    Args:
        connection: where SQL calls it.
        name: as SQL calls it.
        function: of pa.ChunkedArray, all of the same length, which is that of the result.
        parameters: SQL types.
        returns: SQL type.
        takes_null: the function sees NULL; else a row with one is NULL without asking.
    """
    connection.create_function(
        name,
        function,
        list(parameters),
        returns,
        type=ARROW,
        null_handling=SPECIAL if takes_null else DEFAULT,
    )
