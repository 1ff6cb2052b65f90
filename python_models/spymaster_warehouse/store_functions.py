"""Plugin of dbt-duckdb: the store of partitions as functions of SQL.

``take_from_store(partitions)`` puts the files in place of those partitions that the store has;
``add_to_store(partition)`` adds one that was built. Both take a JSON text of what
``macros/store/stored_partition`` describes. ``store_name`` is how a store names a partition. Named
in ``profiles.yml``; ``store`` has the rules.
"""

from __future__ import annotations

import json

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from spymaster_warehouse.partitions import PartitionRecord, version_of
from spymaster_warehouse.store.from_environment import store_of_environment
from spymaster_warehouse.store.key import folder_name
from spymaster_warehouse.store.runtime import runtime_hash
from spymaster_warehouse.store.stored import add_partition, take_partition


def take_from_store(partitions: str) -> str:
    """Return the keys of the partitions that the store has, whose files are in place now.

    Args:
        partitions: JSON list of partitions.

    Returns:
        A JSON list of their `partition`.

    Raises:
        SpymasterError: The store cannot be read.
    """
    store = store_of_environment()
    if store is None:
        return "[]"
    return json.dumps(
        [
            partition["partition"]
            for partition in json.loads(partitions)
            if take_partition(store, partition)
        ]
    )


def add_to_store(partition: str) -> bool:
    """Add a partition to the store; return False when it has it already.

    Args:
        partition: JSON of it.

    Raises:
        SpymasterError: The store cannot be written.
    """
    store = store_of_environment()
    return store is not None and add_partition(store, json.loads(partition))


def store_name(input_fingerprint: str, model_checksum: str, checks: str) -> str:
    """Return how a store names a partition that was built from these and passed checks.

    Args:
        input_fingerprint: of its inputs.
        model_checksum: of its code.
        checks: hash of the checks.
    """
    record = PartitionRecord(input_fingerprint, model_checksum + checks)
    return folder_name(version_of(record), runtime_hash())


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""
        for function, result in ((take_from_store, "VARCHAR"), (add_to_store, "BOOLEAN")):
            conn.create_function(
                function.__name__, function, ["VARCHAR"], result, side_effects=True
            )
        conn.create_function("store_name", store_name, ["VARCHAR"] * 3, "VARCHAR")
