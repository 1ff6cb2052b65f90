"""Plugin of dbt-duckdb: the plan of a partitioned relation as a function of SQL.

``plan_partitions(upstream, recorded, settings)`` takes all partitions of one relation and returns
an action for each; ``partition_version(input_fingerprint, model_checksum)`` returns the version of
a partition. Named in ``profiles.yml``; ``partitions`` has the rules, ``macros/partitions`` the SQL
that calls them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_engine.door import KERNELS
from spymaster_ingest.lake import Lake

from spymaster_warehouse.partitions import (
    Key,
    PartitionRecord,
    WantedPartition,
    checksum_of,
    file_of,
    fingerprint_of,
    plan,
    version_of,
)
from spymaster_warehouse.whole_files import what_is_wrong

_UPSTREAM = "STRUCT(owner VARCHAR, dt DATE, versions VARCHAR[], is_selected BOOLEAN)[]"
_RECORDED = "STRUCT(owner VARCHAR, dt DATE, input_fingerprint VARCHAR, model_checksum VARCHAR)[]"
_SETTINGS = (
    "STRUCT(schema VARCHAR, files VARCHAR[], owner_column VARCHAR, model_checksum VARCHAR, "
    "functions VARCHAR[])"
)
_STEPS = (
    "STRUCT(partition_owner VARCHAR, partition_date DATE, partition_action VARCHAR, "
    "partition_reason VARCHAR, partition_fingerprint VARCHAR, partition_checksum VARCHAR, "
    "partition_files VARCHAR)[]"
)


def plan_partitions(
    upstream: list[dict[str, Any]], recorded: list[dict[str, Any]], settings: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the action for each partition of a relation.

    Args:
        upstream: owner, date, versions of the inputs and whether it may be built, for every
            partition that should exist.
        recorded: owner, date and inputs of every recorded partition.
        settings: of the relation: its `schema`, the names of the `files` of each partition,
            `owner_column`, `model_checksum` and the names of the `functions` that its SQL calls.
    """
    folder = Lake.from_environment().relations(settings["schema"])
    functions = set(settings["functions"])

    def paths(key: Key, record: PartitionRecord) -> list[Path]:
        return [
            folder / file_of(name, settings["owner_column"], key, record)
            for name in settings["files"]
        ]

    def is_there(key: Key, record: PartitionRecord) -> bool:
        return all(what_is_wrong(path) is None for path in paths(key, record))

    steps = plan(
        {
            (row["owner"], row["dt"]): WantedPartition(
                fingerprint_of(row["versions"]), row["is_selected"]
            )
            for row in upstream
        },
        {
            (row["owner"], row["dt"]): PartitionRecord(
                row["input_fingerprint"], row["model_checksum"]
            )
            for row in recorded
        },
        checksum_of(
            settings["model_checksum"],
            {name: kernel.version for name, kernel in KERNELS.items() if name in functions},
        ),
        is_there,
    )
    return [
        {
            "partition_owner": step.owner,
            "partition_date": step.dt,
            "partition_action": step.action,
            "partition_reason": step.reason,
            "partition_fingerprint": step.record and step.record.input_fingerprint,
            "partition_checksum": step.record and step.record.model_checksum,
            "partition_files": "\n".join(map(str, paths((step.owner, step.dt), step.record)))
            if step.record
            else None,
        }
        for step in steps
    ]


def partition_version(input_fingerprint: str, model_checksum: str) -> str:
    """Return the version of a partition that was built from these."""
    return version_of(PartitionRecord(input_fingerprint, model_checksum))


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""
        conn.create_function(
            "plan_partitions",
            plan_partitions,
            [_UPSTREAM, _RECORDED, _SETTINGS],
            _STEPS,
            side_effects=True,
        )
        conn.create_function(
            "partition_version", partition_version, ["VARCHAR", "VARCHAR"], "VARCHAR"
        )
