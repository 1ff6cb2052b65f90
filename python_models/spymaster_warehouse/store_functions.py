"""Plugin of dbt-duckdb: the store of partitions as functions of SQL.

``take_from_store(partitions)`` puts the files in place of those partitions that the store has;
``add_to_store(partition)`` adds one that was built. Both take a JSON text of what
``macros/store/stored_partition`` describes. Named in ``profiles.yml``; ``store`` has the rules.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_ingest.console import err

from spymaster_warehouse.partitions import PartitionRecord
from spymaster_warehouse.store.from_environment import store_of_environment
from spymaster_warehouse.store.key import StoreKey
from spymaster_warehouse.store.runtime import runtime_hash
from spymaster_warehouse.store.store import DamagedError


def take_from_store(partitions: str) -> str:
    """Return the keys of the partitions that the store has, whose files are in place now.

    A partition with a damaged file is named, left alone, and not taken.

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
    taken = []
    for partition in json.loads(partitions):
        try:
            if store.take(_key(partition), _places(partition)):
                taken.append(partition["partition"])
        except DamagedError as error:
            err.print(f"{store.address}: {error}; it is computed anew", markup=False)
    return json.dumps(taken)


def add_to_store(partition: str) -> bool:
    """Add a partition to the store; return False when it has it already.

    Args:
        partition: JSON of it.

    Raises:
        SpymasterError: The store cannot be written.
    """
    store = store_of_environment()
    added = json.loads(partition)
    return store is not None and store.add(_key(added), _places(added))


def _key(partition: dict[str, Any]) -> StoreKey:
    return StoreKey.of(
        partition["relation"],
        partition["owner_column"],
        partition["owner"],
        dt.date.fromisoformat(partition["dt"]),
        # rows that passed other checks are no partition that may be taken
        PartitionRecord(
            partition["input_fingerprint"], partition["model_checksum"] + partition["checks"]
        ),
        runtime_hash(),
    )


def _places(partition: dict[str, Any]) -> dict[str, Path]:
    return {name: Path(path) for name, path in partition["files"].items()}


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""
        for function, result in ((take_from_store, "VARCHAR"), (add_to_store, "BOOLEAN")):
            conn.create_function(
                function.__name__, function, ["VARCHAR"], result, side_effects=True
            )
