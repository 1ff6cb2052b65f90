"""The name of a partition in a store."""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple

from spymaster_warehouse.partitions import PartitionRecord, version_of

_KEY = re.compile(
    r"([a-z0-9_]+)/(symbol|root)=([^/]+)/dt=(\d{4}-\d\d-\d\d)/([0-9a-f]{32})-([0-9a-f]{16})"
)


class StoreKey(NamedTuple):
    """A partition of a relation, and everything that its rows depend on.

    Attributes:
        relation: its name.
        owner_column: `symbol` or `root`.
        owner: contract or root.
        dt: date.
        version: hash of its inputs, code and checks, see ``partitions.version_of``.
        runtime: see ``runtime.runtime_hash``.
    """

    relation: str
    owner_column: str
    owner: str
    dt: datetime.date
    version: str
    runtime: str

    @classmethod
    def of(
        cls,
        relation: str,
        owner_column: str,
        owner: str,
        day: datetime.date,
        record: PartitionRecord,
        runtime: str,
    ) -> StoreKey:
        """Return the key of a partition that is made of a record's inputs and code."""
        return cls(relation, owner_column, owner, day, version_of(record), runtime)

    @classmethod
    def parse(cls, folder: str) -> StoreKey | None:
        """Return the key that a folder below a store is named by; None for another folder."""
        match = _KEY.fullmatch(folder)
        if match is None:
            return None
        relation, owner_column, owner, day, version, runtime = match.groups()
        try:
            date = datetime.date.fromisoformat(day)
        except ValueError:
            return None
        return cls(relation, owner_column, owner, date, version, runtime)

    @property
    def folder(self) -> str:
        """Return the partition's folder below the root of a store."""
        owner = f"{self.owner_column}={self.owner}"
        name = folder_name(self.version, self.runtime)
        return f"{self.relation}/{owner}/dt={self.dt.isoformat()}/{name}"


def folder_name(version: str, runtime: str) -> str:
    """Return the name of a partition's own folder, below those of its relation, owner and date."""
    return f"{version}-{runtime}"
