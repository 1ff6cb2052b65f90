"""The bronze storage: a folder or a bucket with landed partitions, which a build only reads."""

from __future__ import annotations

import functools
import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pyarrow import fs
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.landing.manifest import MANIFEST_NAME, PART_NAME, SUCCESS_NAME

from spymaster_warehouse.build_settings import BRONZE_VARIABLE
from spymaster_warehouse.store.address import BRONZE, errors_in_one_line, file_system_of

_SOURCE = "source=databento"
_FILES = (PART_NAME, MANIFEST_NAME, SUCCESS_NAME)
_PARTITION = re.compile(
    r"product_type=(\w+)/symbol=([^/]+)/table=(\w+)/dt=(\d{4}-\d\d-\d\d)/([\w.-]+)"
)
# a bucket answers a request for each
_CHUNK_BYTES = 8 << 20


class Partition(NamedTuple):
    """A landed partition by the names of its directories."""

    product_type: str
    symbol: str
    table: str
    dt: str

    @property
    def folder(self) -> str:
        """Return its directory below those of the source."""
        return (
            f"product_type={self.product_type}/symbol={self.symbol}/table={self.table}/dt={self.dt}"
        )


# size and time of the last change, ns, of each file of a partition, by name
Stamps = Mapping[str, tuple[int, int]]


class BronzeStorage:
    """Landed partitions at an address, below ``source=databento`` as in a lake's ``bronze``.

    Args:
        address: a folder, or ``s3://bucket/prefix``; shown in errors.

    Raises:
        SpymasterError: It is no address of a bronze storage.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        files, self._root = file_system_of(address, BRONZE)
        self._files: Any = files

    def partitions(self) -> Mapping[Partition, Stamps]:
        """Return the complete partitions.

        Raises:
            SpymasterError: The storage cannot be read, or holds no partition.
        """
        root = f"{self._root}/{_SOURCE}"
        with errors_in_one_line(self.address, BRONZE):
            try:
                found = self._files.get_file_info(fs.FileSelector(root, recursive=True))
            except FileNotFoundError:
                found = []
        partitions: dict[Partition, dict[str, tuple[int, int]]] = defaultdict(dict)
        for info in found:
            parts = _PARTITION.fullmatch(info.path.removeprefix(f"{root}/"))
            if info.type == fs.FileType.File and parts is not None and parts[5] in _FILES:
                partitions[Partition(*parts.groups()[:4])][parts[5]] = (info.size, info.mtime_ns)
        complete = {key: files for key, files in partitions.items() if len(files) == len(_FILES)}
        if not complete:
            raise SpymasterError(
                self.address,
                f"{BRONZE.name} holds no landed partition below {_SOURCE}",
                f"copy the folder bronze of a lake there, or correct {BRONZE_VARIABLE}",
            )
        return complete

    def path_of(self, partition: Partition, name: str) -> str:
        """Return the address of a file of a partition."""
        return f"{self.address}/{_SOURCE}/{partition.folder}/{name}"

    def fetch(
        self,
        partition: Partition,
        name: str,
        target: Path,
        manifest: Mapping[str, Any] | None = None,
    ) -> None:
        """Copy a file of a partition.

        Args:
            partition: whose file it is.
            name: of the file.
            target: where it goes to.
            manifest: of the partition, whose size and sha256 the landed file must have.

        Raises:
            SpymasterError: The file cannot be read, or is not what was landed.
        """
        where = self.path_of(partition, name)
        hasher, size = hashlib.sha256(), 0
        path = f"{self._root}/{_SOURCE}/{partition.folder}/{name}"
        with (
            errors_in_one_line(where, BRONZE),
            self._files.open_input_stream(path) as source,
            target.open("wb") as copy,
        ):
            while chunk := source.read(_CHUNK_BYTES):
                hasher.update(chunk)
                size += len(chunk)
                copy.write(chunk)
        if manifest is None:
            return
        if size != manifest["file_bytes"]:
            raise damaged(where, f"it has {size} bytes, its manifest says {manifest['file_bytes']}")
        if hasher.hexdigest() != manifest["file_sha256"]:
            raise damaged(where, "its sha256 is not the manifest's")


def damaged(where: str, why: str) -> SpymasterError:
    """Return the error that a file of the storage is not what was landed."""
    return SpymasterError(
        where,
        f"{BRONZE.name} cannot be used: this is not what was landed: {why}",
        "copy the partition there again",
    )


@functools.lru_cache(maxsize=1)
def storage_at(address: str) -> BronzeStorage:
    """Return the bronze storage at an address, the same while the address is the same.

    Raises:
        SpymasterError: It is no address of a bronze storage.
    """
    return BronzeStorage(address)


def storage_of_environment() -> BronzeStorage | None:
    """Return the storage at ``$SPYMASTER_BRONZE``; None when it is not set.

    Raises:
        SpymasterError: It is no address of a bronze storage.
    """
    address = os.environ.get(BRONZE_VARIABLE)
    return storage_at(address) if address else None
