"""Open the published file, check which relations it holds, and query it."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import Lake
from spymaster_warehouse.access import lock_holder
from spymaster_warehouse.view_files import other_root

if TYPE_CHECKING:
    import numpy as np

Row = dict[str, Any]
# values by column name, masked where NULL
Columns = dict[str, "np.ma.MaskedArray"]

_REMEDY = "run `spymaster build`"


class NotPublishedError(SpymasterError):
    """What a caller names is not in the published file."""


class MissingRelationError(SpymasterError):
    """The published file lacks a relation that a reader needs."""


@contextmanager
def open_published(
    lake: Lake, require: Collection[str] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file for reading; its clock is UTC.

    Args:
        lake: the lake.
        require: relations that the file must hold, with their schema.

    Raises:
        SpymasterError: Nothing is published, a relation is missing, or the file or a query cannot
            be read.
    """
    if not _is_file(lake.published):
        raise SpymasterError(lake.published, "nothing is published yet", _REMEDY)
    try:
        with duckdb.connect(str(lake.published), read_only=True) as connection:
            # of its cursors too
            connection.execute("set global TimeZone = 'UTC'")
            # on a slow machine the bar would mix with the output
            connection.execute("set enable_progress_bar = false")
            elsewhere = other_root(connection, lake)
            if elsewhere is not None:
                raise SpymasterError(
                    lake.published,
                    f"reads the files of {elsewhere}, where the lake lay when it was published",
                    "run `spymaster publish`",
                )
            there = relations_of(connection)
            for relation in require:
                if relation not in there:
                    raise MissingRelationError(relation, "is not in the published file", _REMEDY)
            yield connection
    except duckdb.Error as error:
        holder = lock_holder(error)
        if holder is not None:
            raise SpymasterError(
                lake.published, f"is open for writing in {holder}", "close it there"
            ) from error
        # the file is damaged, or another version built its relations
        raise SpymasterError(
            lake.published, f"cannot be read: {one_line(error)}", _REMEDY
        ) from error


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise SpymasterError(path, f"cannot be read: {error.strerror or error}") from error


def relations_of(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the names of all relations, with their schema."""
    rows = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables"
    ).fetchall()
    return {name for (name,) in rows}


def ask(
    connection: duckdb.DuckDBPyConnection, query: Path, values: Mapping[str, object]
) -> duckdb.DuckDBPyConnection:
    """Run a query file with the values that its parameters name.

    Raises:
        UnicodeEncodeError: a value is a text of bytes that are no UTF-8.
    """
    text = query.read_text(encoding="utf-8")
    named = {key: values[key] for key in values if f"${key}" in text}
    for value in named.values():
        if isinstance(value, str):
            # DuckDB would raise a RuntimeError that does not name the value
            value.encode("utf-8")
    return connection.execute(text, named)


def ask_rows(
    connection: duckdb.DuckDBPyConnection, query: Path, values: Mapping[str, object]
) -> list[Row]:
    """Return the rows of a query file as dictionaries by column."""
    found = ask(connection, query, values)
    names = [name for name, *_ in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def ask_columns(
    connection: duckdb.DuckDBPyConnection, query: Path, values: Mapping[str, object]
) -> Columns:
    """Return the columns of a query file."""
    return {
        name: _masked(column)
        for name, column in ask(connection, query, values).fetchnumpy().items()
    }


def _masked(values: np.ndarray) -> np.ma.MaskedArray:
    import numpy as np

    masked = np.ma.asarray(values)
    masked.mask = np.ma.getmaskarray(masked)
    return masked
