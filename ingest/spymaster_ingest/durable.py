"""Files that appear whole or not at all."""

from __future__ import annotations

import ctypes
import os
import re
import uuid
from collections.abc import Sequence
from pathlib import Path

from spymaster_ingest.content_hash import file_sha256

TEMPORARY_PREFIX = ".tmp-"
HASH_SUFFIX = ".sha256"
# a line of sha256sum; a file that is replaced as a whole has two while it is replaced
_HASH_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
# of fcntl.h and stdio.h
_FROM_HERE, _EXCHANGE = -100, 2
# of files that are written under temporary names
TEMPORARY_SUFFIXES = (".parquet", ".json", ".npy", ".faiss", ".npz", HASH_SUFFIX)


def temporary_sibling(path: Path) -> Path:
    """Return the temporary name under which a file is written before it is put in place."""
    return path.with_name(f"{TEMPORARY_PREFIX}{path.name}")


def unique_temporary(path: Path) -> Path:
    """Return a temporary name that no other writer of the same file has."""
    return path.with_name(f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}-{path.name}")


def put_in_place(temporary: Path, final: Path) -> None:
    """Flush a finished file to disk and give it its final name, replacing what was there."""
    sync(temporary)
    temporary.replace(final)
    sync(final.parent)


def put_in_place_with_hash(temporary: Path, final: Path) -> None:
    """Put a finished file in place, with its sha256 in a file beside it (see ``hash_file``).

    The hash covers the bytes as written, so a later change is detected.
    """
    write_hashes(final, [file_sha256(temporary)])
    put_in_place(temporary, final)


def hash_file(path: Path) -> Path:
    """Return the path of a file's sha256, which has the format of ``sha256sum``."""
    return path.with_name(f"{path.name}{HASH_SUFFIX}")


def hash_line(sha256: str, name: str) -> str:
    """Return a line of the format of ``sha256sum``."""
    return f"{sha256}  {name}\n"


def write_hashes(path: Path, hashes: Sequence[str]) -> None:
    """Write the sha256 that a file may have into the file beside it."""
    write_text(hash_file(path), "".join(hash_line(sha256, path.name) for sha256 in hashes))


def read_hashes(hashes: Path, name: str) -> list[str]:
    """Return the sha256 that a file of hashes gives for the file called ``name``.

    Raises:
        ValueError: It is no such file, or holds the hash of another file.
    """
    found = []
    for line in hashes.read_text(encoding="utf-8").splitlines(keepends=True):
        parts = _HASH_LINE.fullmatch(line.removesuffix("\n"))
        if parts is None or hash_line(*parts.groups()) != line:
            raise ValueError("holds no sha256")
        if parts[2] != name:
            raise ValueError(f"is the hash of {parts[2]!r}")
        found.append(parts[1])
    if not found:
        raise ValueError("holds no sha256")
    return found


def exchange(first: Path, second: Path) -> bool:
    """Swap the names of two directories of one file system atomically; False if unsupported.

    The call is Linux's ``renameat2``; other systems, and some file systems, have none.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    paths = (os.fsencode(first), os.fsencode(second))
    return library.renameat2(_FROM_HERE, paths[0], _FROM_HERE, paths[1], _EXCHANGE) == 0


def write_text(path: Path, text: str) -> None:
    """Write a small text file atomically and durably."""
    temporary = unique_temporary(path)
    temporary.write_text(text, encoding="utf-8")
    put_in_place(temporary, path)


def sync(path: Path) -> None:
    """Flush a file, or the entries of a directory, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_temporary(directory: Path) -> None:
    """Remove temporary files of an interrupted writer from a directory."""
    for suffix in TEMPORARY_SUFFIXES:
        for leftover in directory.glob(f"{TEMPORARY_PREFIX}*{suffix}"):
            leftover.unlink(missing_ok=True)
