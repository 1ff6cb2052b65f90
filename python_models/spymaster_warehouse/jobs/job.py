"""A partition to be made, as a text that any process can take, and what became of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from spymaster_ingest.lake import Lake

from spymaster_warehouse.build_settings import BRONZE_VARIABLE
from spymaster_warehouse.store.runtime import runtime_hash

DONE, REFUSED, FAILED, BROKEN = "done", "refused", "failed", "broken"
# name of the file with the rows of a partition that is stored as rows of a table
ROWS_OF_TABLE = "rows"
# stands in the query of checks for the rows that they read, and in those rows for their file
ROWS, FILE = "__rows__", "__file__"
_FILLED = ("kernel", "kernel_folder", "prepare", "query", "rows")


class PartitionJob(NamedTuple):
    """A partition of a relation, and everything that makes it.

    Attributes:
        relation: its name.
        owner: contract or root.
        dt: date.
        storage: `parquet`, `table` or `view`, see ``macros/partitions/partitioned``.
        catalogue: path of what its SQL reads, see ``catalogue``.
        kernel: SQL that runs its kernel, or empty.
        kernel_folder: where that writes to, or empty.
        prepare: SQL that runs before the query, or empty.
        query: SQL of its rows.
        rows: the rows as SQL that reads them from ``FILE``; of a view, from the query.
        checks: queries of the checks that some ``ROWS`` fail, by `row_checks` or `row_warnings`.
        files: where its files belong, by the names that a store has for them: that of the rows, the
            relation's own or ``ROWS_OF_TABLE``, and outputs of the kernel. A view has none.
        stored: the partition as the functions of the store take it.
        store: address of the store, or None.
        runtime: see ``store.runtime``.
        lake: root of the lake.
        bronze: address of the bronze storage, or None.
    """

    relation: str
    owner: str
    dt: str
    storage: str
    catalogue: str
    kernel: str
    kernel_folder: str
    prepare: str
    query: str
    rows: str
    checks: dict[str, str]
    files: dict[str, str]
    stored: dict[str, Any]
    store: str | None
    runtime: str
    lake: str
    bronze: str | None

    @property
    def name(self) -> str:
        """Return how messages call it."""
        return f"{self.relation} {self.owner} {self.dt}"

    def to_text(self) -> str:
        """Return it as JSON."""
        return json.dumps(self._asdict())

    @classmethod
    def from_text(cls, text: str) -> PartitionJob:
        """Return the job of a JSON text."""
        return cls(**json.loads(text))


class Outcome(NamedTuple):
    """What became of a job.

    Attributes:
        kind: ``DONE``; ``REFUSED`` by the kernel; ``FAILED`` checks; ``BROKEN``, could not be made.
        text: why not, or empty.
        warnings: of checks that only warn.
        n_rows: of the partition, None where they are not counted.
        sha256: of the file with its rows, or None.
        is_taken: whether the store had it.
        seconds: that it took.
        sql_s: of them, those of its kernel, its query and its checks.
        cpu_s: processor seconds of its process meanwhile.
        peak_bytes: the largest memory of its process so far, 0 where that is not known.
        worker: who did it.
    """

    kind: str
    text: str = ""
    warnings: tuple[str, ...] = ()
    n_rows: int | None = None
    sha256: str | None = None
    is_taken: bool = False
    seconds: float = 0.0
    sql_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0
    worker: str = ""

    def to_text(self) -> str:
        """Return it as JSON."""
        return json.dumps(self._asdict())

    @classmethod
    def from_text(cls, text: str) -> Outcome:
        """Return the outcome of a JSON text."""
        parts = json.loads(text)
        return cls(**{**parts, "warnings": tuple(parts["warnings"])})


def jobs_of(request: Mapping[str, Any], lake: Lake, catalogue: str) -> list[PartitionJob]:
    """Return the jobs of a relation.

    Args:
        request: what ``macros/jobs/partition_jobs`` describes.
        lake: that is built.
        catalogue: path of what their SQL reads.
    """
    return [
        PartitionJob(
            relation=request["relation"],
            owner=partition["stored"]["owner"],
            dt=partition["stored"]["dt"],
            storage=request["storage"],
            catalogue=catalogue,
            **{part: filled(request[part], partition["values"]) for part in _FILLED},
            checks=request["checks"],
            files=partition["stored"]["files"],
            stored=partition["stored"],
            store=request["store"],
            runtime=runtime_hash(),
            lake=str(lake.root),
            bronze=os.environ.get(BRONZE_VARIABLE) or None,
        )
        for partition in request["partitions"]
    ]


def filled(sql: str, values: Mapping[str, str | None]) -> str:
    """Return SQL with the values of a partition in it, as ``macros/partitions/fill_partition``.

    Args:
        sql: with placeholders.
        values: texts by column; None is NULL.
    """
    for column, value in values.items():
        name = f"__partition_{column}__"
        if value is None:
            sql = sql.replace(f"'{name}'", "null")
        else:
            sql = sql.replace(name, value.replace("'", "''"))
    return sql
