"""Hashes of content: of column values, independent of how rows were cut into batches."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

_CHUNK_BYTES = 1 << 20


class ColumnHasher:
    """Hash of a set of equally long columns that arrive in batches."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._hashers = {name: hashlib.sha256() for name in names}

    def update(self, columns: dict[str, np.ndarray]) -> None:
        """Append a batch; every column must be present, one-dimensional and contiguous."""
        for name, hasher in self._hashers.items():
            hasher.update(np.ascontiguousarray(columns[name]).view(np.uint8).data)

    def hexdigest(self) -> str:
        """Return the hash of all columns so far, as 64 hexadecimal digits."""
        return hash_of({name: hasher.hexdigest() for name, hasher in self._hashers.items()})


def hash_of(value: object) -> str:
    """Return the sha256 of a JSON-serialisable value in canonical form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return text_sha256(text)


def text_sha256(text: str) -> str:
    """Return the sha256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    hasher = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            hasher.update(chunk)
    return hasher.hexdigest()
