"""Partitions of a build, as ``macros/store/stored_partition`` describes them, and a store."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spymaster_ingest.console import err

from spymaster_warehouse.partitions import PartitionRecord
from spymaster_warehouse.store.key import StoreKey
from spymaster_warehouse.store.runtime import runtime_hash
from spymaster_warehouse.store.store import DamagedError, Store


@functools.lru_cache(maxsize=1)
def store_at(address: str) -> Store:
    """Return the store at an address, the same while the address is the same.

    Raises:
        SpymasterError: It is no address of a store.
    """
    return Store(address)


def take_partition(store: Store, partition: Mapping[str, Any]) -> bool:
    """Put a partition's files in place; False when the store does not have it.

    A partition with a damaged file is named, left alone, and not taken.

    Raises:
        SpymasterError: The store cannot be read.
    """
    try:
        return store.take(_key(partition), _places(partition))
    except DamagedError as error:
        err.print(f"{store.address}: {error}; it is computed anew", markup=False)
        return False


def add_partition(store: Store, partition: Mapping[str, Any]) -> bool:
    """Add a partition; False when the store has it already.

    Raises:
        SpymasterError: The store cannot be written.
    """
    return store.add(_key(partition), _places(partition))


def _key(partition: Mapping[str, Any]) -> StoreKey:
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


def _places(partition: Mapping[str, Any]) -> dict[str, Path]:
    return {name: Path(path) for name, path in partition["files"].items()}
