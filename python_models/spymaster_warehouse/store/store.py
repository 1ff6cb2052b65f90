"""A folder or a bucket of partitions, which are written once and never changed.

A partition is a folder of files and an entry, ``entry.json``, that lists them with their sizes and
hashes. The entry is written last: what has none is not there. Files are named by their content, so
that two builds that add the same partition at once do each other no harm.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from pyarrow import fs
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import put_in_place, unique_temporary, write_hashes

from spymaster_warehouse.store.address import errors_in_one_line, file_system_of
from spymaster_warehouse.store.key import StoreKey

ENTRY = "entry.json"
_CHUNK_BYTES = 1 << 20
_NAME_DIGITS = 16


class DamagedError(Exception):
    """A file of a store is not what its entry says."""


class StoredFile(NamedTuple):
    """A file of an entry.

    Attributes:
        path: in the folder of the partition.
        size: in bytes.
        sha256: of its bytes.
    """

    path: str
    size: int
    sha256: str


class Store:
    """Partitions at an address: a folder, or ``s3://bucket/prefix``.

    Args:
        address: shown in errors.

    Raises:
        SpymasterError: It is no address of a store.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        files, self._root = file_system_of(address)
        self._files: Any = files
        self._is_local = isinstance(files, fs.LocalFileSystem)

    def require_access(self) -> None:
        """Raise a SpymasterError when the store cannot be read."""
        with errors_in_one_line(self.address):
            if self._is_local:
                self._files.create_dir(self._root)
            try:
                self._files.get_file_info(fs.FileSelector(self._root))
            except FileNotFoundError:
                # a prefix without objects is an empty store; its bucket must be there
                bucket = self._root.partition("/")[0]
                self._files.get_file_info(fs.FileSelector(bucket))

    def take(self, key: StoreKey, places: Mapping[str, Path]) -> bool:
        """Put the files of a partition in place; False when the store does not have it.

        Args:
            key: of the partition.
            places: where each of its files belongs, by name.

        Raises:
            DamagedError: A file is not what was written; none is put in place.
            SpymasterError: The store cannot be read.
        """
        with errors_in_one_line(self.address):
            entry = self._entry(key)
            if entry is None:
                return False
            if entry.keys() != places.keys():
                raise DamagedError(f"{self._at(key, ENTRY)} lists other files")
            fetched = []
            try:
                for name, stored in entry.items():
                    temporary = unique_temporary(places[name])
                    temporary.parent.mkdir(parents=True, exist_ok=True)
                    fetched.append((temporary, places[name], stored.sha256))
                    self._fetch(self._at(key, stored.path), temporary, stored)
            except (DamagedError, OSError):
                for temporary, _, _ in fetched:
                    temporary.unlink(missing_ok=True)
                raise
        for temporary, place, sha256 in fetched:
            write_hashes(place, [sha256])
            put_in_place(temporary, place)
        return True

    def add(self, key: StoreKey, places: Mapping[str, Path]) -> bool:
        """Add the files of a partition; False when the store has it already.

        Raises:
            SpymasterError: The store cannot be written.
        """
        with errors_in_one_line(self.address):
            if self._info(self._at(key, ENTRY)).type == fs.FileType.File:
                return False
            entry = {}
            for name, place in places.items():
                sha256 = file_sha256(place)
                path = f"{name}-{sha256[:_NAME_DIGITS]}{place.suffix}"
                entry[name] = StoredFile(path, place.stat().st_size, sha256)
                with place.open("rb") as content:
                    self._write(self._at(key, path), content)
            self._write_entry(key, entry)
        return True

    def copy_to(self, other: Store, key: StoreKey, scratch: Path) -> bool:
        """Copy a partition to another store; False when that has it already.

        Args:
            other: takes it.
            key: of the partition.
            scratch: folder for its files on the way.

        Raises:
            DamagedError: A file is not what was written.
            SpymasterError: A store cannot be read or written.
        """
        with errors_in_one_line(self.address):
            entry = self._entry(key)
        if entry is None or other.has(key):
            return False
        places = {name: scratch / stored.path for name, stored in entry.items()}
        self.take(key, places)
        return other.add(key, places)

    def has(self, key: StoreKey) -> bool:
        """Return whether the store has a partition."""
        with errors_in_one_line(self.address):
            return self._info(self._at(key, ENTRY)).type == fs.FileType.File

    def partitions(self) -> Iterator[StoreKey]:
        """Yield the keys of all folders of partitions, in order, with an entry or without."""
        with errors_in_one_line(self.address):
            found = self._files.get_file_info(
                fs.FileSelector(self._root, recursive=True, allow_not_found=True)
            )
        folders = {
            info.path.removeprefix(f"{self._root}/").rpartition("/")[0]
            for info in found
            if info.type == fs.FileType.File
        }
        yield from sorted(key for key in map(StoreKey.parse, folders) if key is not None)

    def remove(self, key: StoreKey) -> None:
        """Remove a partition: its entry first, so that nobody begins to read it."""
        with errors_in_one_line(self.address):
            if self.has(key):
                self._files.delete_file(self._at(key, ENTRY))
            self._files.delete_dir(f"{self._root}/{key.folder}")

    def _at(self, key: StoreKey, name: str) -> str:
        return f"{self._root}/{key.folder}/{name}"

    def _info(self, path: str) -> fs.FileInfo:
        return self._files.get_file_info(path)

    def _entry(self, key: StoreKey) -> dict[str, StoredFile] | None:
        path = self._at(key, ENTRY)
        if self._info(path).type != fs.FileType.File:
            return None
        with self._files.open_input_stream(path) as stream:
            text = stream.read()
        try:
            entry = json.loads(text)
            if entry["key"] != key.folder:
                raise DamagedError(f"{path} is the entry of {entry['key']}")
            found = {name: StoredFile(**stored) for name, stored in entry["files"].items()}
            if any("/" in stored.path for stored in found.values()):
                raise DamagedError(f"{path} lists files elsewhere")
            return found
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedError(f"{path} is no entry of a store") from error

    def _fetch(self, path: str, temporary: Path, stored: StoredFile) -> None:
        """Copy a file while it is checked."""
        hasher, size = hashlib.sha256(), 0
        if self._info(path).type != fs.FileType.File:
            raise DamagedError(f"{path} is missing")
        with self._files.open_input_stream(path) as source, temporary.open("wb") as target:
            while chunk := source.read(_CHUNK_BYTES):
                hasher.update(chunk)
                size += len(chunk)
                target.write(chunk)
        if size != stored.size:
            raise DamagedError(f"{path} has {size} bytes, not {stored.size}")
        if hasher.hexdigest() != stored.sha256:
            raise DamagedError(f"{path} is not what was written")

    def _write_entry(self, key: StoreKey, entry: Mapping[str, StoredFile]) -> None:
        files = {name: stored._asdict() for name, stored in entry.items()}
        text = json.dumps({"key": key.folder, "files": files}, sort_keys=True, indent=1)
        self._write(self._at(key, ENTRY), io.BytesIO(text.encode()))

    def _write(self, path: str, content: BinaryIO) -> None:
        """Write a file whole or not at all; a bucket shows an object only when it is complete."""
        if not self._is_local:
            with self._files.open_output_stream(path) as stream:
                shutil.copyfileobj(content, stream, _CHUNK_BYTES)
            return
        final = Path(path)
        final.parent.mkdir(parents=True, exist_ok=True)
        # another build may write the same file
        temporary = unique_temporary(final)
        try:
            with temporary.open("wb") as stream:
                shutil.copyfileobj(content, stream, _CHUNK_BYTES)
            put_in_place(temporary, final)
        finally:
            temporary.unlink(missing_ok=True)
