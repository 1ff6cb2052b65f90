"""Check every row of the published file by the checks that it was built with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb
from spymaster_ingest.lake import Lake

from spymaster.published import open_published

_PARTITIONS = "select owner, dt from meta.partition_state where relation = ? order by dt, owner"


@dataclass(frozen=True)
class FailedCheck:
    """Rows of a relation that fail a check.

    Attributes:
        relation: with its schema.
        partition: its owner and date; None for a relation that is not partitioned.
        check: name of the check.
        rows: how many fail.
        is_warning: whether a build goes on with such rows.
    """

    relation: str
    partition: str | None
    check: str
    rows: int
    is_warning: bool


def failed_checks(
    lake: Lake, on_query: Callable[[int], None] = lambda queries: None
) -> Iterator[FailedCheck]:
    """Yield the checks that rows of the published file fail, one partition at a time.

    Args:
        lake: with a published file.
        on_query: called with 1 after each query, of which there is one per partition and kind of
            check.

    Raises:
        SpymasterError: Nothing was published, or it was built before checks were kept.
    """
    with open_published(lake, require=["meta.row_checks"]) as connection:
        checks = connection.execute(
            "select relation, owner_column, is_warning, query from meta.row_checks order by all"
        ).fetchall()
        for relation, owner_column, is_warning, query in checks:
            for rows, values, partition in _parts(connection, relation, owner_column):
                found = connection.execute(query.replace("__rows__", rows), values).fetchall()
                on_query(1)
                for check, count in found:
                    yield FailedCheck(relation, partition, check, count, is_warning)


def _parts(
    connection: duckdb.DuckDBPyConnection, relation: str, owner_column: str | None
) -> Iterator[tuple[str, dict[str, object], str | None]]:
    """Yield the rows of each partition as SQL, the values that it names, and its name."""
    if owner_column is None:
        yield relation, {}, None
        return
    _, name = relation.split(".")
    for owner, day in connection.execute(_PARTITIONS, [name]).fetchall():
        rows = f'{relation} where "{owner_column}" = $owner and dt = $dt'
        yield rows, {"owner": owner, "dt": day}, f"{owner} {day}"
