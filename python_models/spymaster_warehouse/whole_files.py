"""Quick checks for cut off or overwritten files of the lake, run by every build.

``spymaster verify`` reads every byte.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import hash_file
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import SCHEMAS, Lake
from spymaster_ingest.landing.manifest import (
    MANIFEST_NAME,
    PART_NAME,
    SUCCESS_NAME,
    require_as_landed,
)

from spymaster_warehouse.own_files import is_own

_PARQUET = b"PAR1"
# a Parquet file ends with the length of its footer and the magic bytes that it begins with
_PARQUET_END = struct.Struct("<i4s")
_BUILT = (
    *(f"{schema}/relations/*/*=*/dt=*/*.parquet" for schema in SCHEMAS),
    "indexes/root=*/approach_dir=*/**/*.npy",
    "indexes/root=*/approach_dir=*/**/*.parquet",
    "indexes/root=*/approach_dir=*/**/*.faiss",
)


def what_is_wrong(path: Path) -> str | None:
    """Return why a file of the lake cannot be read; None if it looks intact.

    Checks both ends of a Parquet file; compares a file of vectors, which has no footer, with its
    stored hash.

    Args:
        path: of a file in the lake.
    """
    try:
        if path.suffix == ".parquet":
            return None if _has_both_ends(path) else "is cut off or no Parquet file"
        if path.suffix in (".npy", ".faiss") and hash_file(path).exists():
            written = hash_file(path).read_text(encoding="utf-8").partition(" ")[0]
            return None if file_sha256(path) == written else "is not what was written"
        path.stat()
    except FileNotFoundError:
        return "is missing"
    except (OSError, ValueError) as error:
        return f"cannot be read: {error}"
    return None


def require_landed(lake: Lake) -> None:
    """Raise a SpymasterError when a landed partition cannot be read: no build can restore it."""
    for success in sorted(lake.bronze.glob(f"product_type=*/symbol=*/table=*/dt=*/{SUCCESS_NAME}")):
        manifest = success.with_name(MANIFEST_NAME)
        for path, why in (
            (manifest, _what_is_wrong_with_manifest(manifest)),
            (success.with_name(PART_NAME), what_is_wrong(success.with_name(PART_NAME))),
        ):
            if why is not None:
                raise SpymasterError(
                    path,
                    f"{why}, nothing was built",
                    "land its files again with `spymaster land --overwrite`, or remove the "
                    "partition's folder",
                )


def remove_damaged(lake: Lake) -> list[Path]:
    """Remove built files that cannot be read, so that a build rebuilds them.

    Files with another name than builds give, and what lies behind a link, stay.

    Returns:
        The removed files.
    """
    damaged = [
        path
        for pattern in _BUILT
        for path in sorted(lake.root.glob(pattern))
        if is_own(lake, path) and what_is_wrong(path) is not None
    ]
    for path in damaged:
        path.unlink(missing_ok=True)
        hash_file(path).unlink(missing_ok=True)
    return damaged


def _what_is_wrong_with_manifest(path: Path) -> str | None:
    try:
        is_document = isinstance(json.loads(path.read_text(encoding="utf-8")), dict)
    except (OSError, ValueError):
        is_document = False
    if not is_document:
        return "is no manifest"
    try:
        require_as_landed(path.parent)
    except (OSError, ValueError) as error:
        return f"is not what was landed, {error}"
    return None


def _has_both_ends(path: Path) -> bool:
    size = path.stat().st_size
    if size < len(_PARQUET) + _PARQUET_END.size:
        return False
    with path.open("rb") as stream:
        begins = stream.read(len(_PARQUET)) == _PARQUET
        stream.seek(-_PARQUET_END.size, 2)
        footer, ends = _PARQUET_END.unpack(stream.read())
    return begins and ends == _PARQUET and 0 < footer < size
