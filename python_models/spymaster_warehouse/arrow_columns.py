"""Registers functions of Arrow columns as functions of SQL, and reads their lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import duckdb
import numpy as np
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


def values_of_lists(lists: pa.ChunkedArray) -> Iterator[pa.Array]:
    """Yield the values of each list; of lists of structs a ``pa.StructArray``."""
    for chunk in lists.chunks:
        starts, lengths = chunk.offsets.to_numpy(), chunk.value_lengths().to_numpy()
        for start, length in zip(starts, lengths, strict=False):
            yield chunk.values.slice(start, length)


def numbers(structs: pa.StructArray, name: str, missing: int | None = None) -> np.ndarray:
    """Return a field of structs.

    Args:
        structs: n of them.
        name: of the field.
        missing: stands for NULL; None where there is none, and NULL is an error.

    Returns:
        (n,) of the type of the field.
    """
    values = structs.field(name)
    return (values if missing is None else values.fill_null(missing)).to_numpy()
