"""What is done with a store besides building: copy a part of it, and remove what nobody reads."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from spymaster_ingest.console import err

from spymaster_warehouse.store.key import StoreKey
from spymaster_warehouse.store.runtime import runtime_hash
from spymaster_warehouse.store.store import DamagedError, Store

Watcher = Callable[[StoreKey], None]


class Selection(NamedTuple):
    """Which partitions of a store to take; an empty set takes all.

    Attributes:
        first: the first day, or None.
        last: the last day, included, or None.
        owners: contracts and roots.
        relations: by name.
    """

    first: dt.date | None = None
    last: dt.date | None = None
    owners: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()

    def takes(self, key: StoreKey) -> bool:
        """Return whether it takes a partition."""
        return (
            (self.first is None or key.dt >= self.first)
            and (self.last is None or key.dt <= self.last)
            and (not self.owners or key.owner in self.owners)
            and (not self.relations or key.relation in self.relations)
        )


def pull(store: Store, folder: Store, selection: Selection, watch: Watcher) -> int:
    """Copy what builds of this code may take from a store into a folder.

    A damaged partition is named and left out.

    Args:
        store: read.
        folder: takes the copies.
        selection: of the partitions.
        watch: told of every partition.

    Returns:
        How many partitions the folder did not have.

    Raises:
        SpymasterError: The store cannot be read, or the folder not be written.
    """
    copied = 0
    for key in _selected(store, selection):
        watch(key)
        if key.runtime != runtime_hash():
            continue
        with tempfile.TemporaryDirectory(prefix="spymaster-") as scratch:
            try:
                copied += store.copy_to(folder, key, Path(scratch))
            except DamagedError as error:
                err.print(f"{store.address}: {error}; it is left out", markup=False)
    return copied


def collect_garbage(
    store: Store, selection: Selection, watch: Watcher, *, is_dry: bool = False
) -> list[StoreKey]:
    """Remove the partitions that builds of this code, libraries and processor cannot take.

    Those of another version of the inputs or the SQL stay: another lake may read them.

    Args:
        store: loses them.
        selection: of the partitions.
        watch: told of every partition.
        is_dry: whether to remove nothing.

    Returns:
        The partitions.

    Raises:
        SpymasterError: The store cannot be read or written.
    """
    found = []
    for key in _selected(store, selection):
        watch(key)
        if key.runtime != runtime_hash():
            found.append(key)
            if not is_dry:
                store.remove(key)
    return found


def _selected(store: Store, selection: Selection) -> Iterator[StoreKey]:
    return (key for key in store.partitions() if selection.takes(key))
