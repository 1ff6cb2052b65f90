"""The manifest of a landed partition: its content, its inputs, its hashes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import hash_line, read_hashes
from spymaster_ingest.landing.report import PartitionResult

MANIFEST_NAME = "_MANIFEST.json"
SUCCESS_NAME = "_SUCCESS"
PART_NAME = "part-00000.parquet"
# marker of a partition that was copied from bronze outside of the lake; without the other marker
# its records are still there, and its file here has none
REMOTE_NAME = "_REMOTE"

# Fields that manifests of earlier versions lack; their partitions are landed again.
_REQUIRED = frozenset({"root", "tick_int", "definition_roots"})


def ingest_version() -> str:
    """Return the version of the code that lands files."""
    return version("spymaster")


def read_manifest(partition: Path) -> dict[str, Any] | None:
    """Return the manifest of a finished partition directory, None when it is not finished.

    A manifest that is unreadable, is not what was landed, or lacks a field counts as not finished.
    """
    if not (partition / SUCCESS_NAME).exists():
        return None
    try:
        require_as_landed(partition)
        return _read(partition)
    except (OSError, ValueError):
        return None


def has_remote_records(partition: Path) -> bool:
    """Return whether the records of a partition directory lie outside of the lake."""
    return (partition / REMOTE_NAME).exists() and not (partition / SUCCESS_NAME).exists()


def read_remote_manifest(partition: Path) -> dict[str, Any] | None:
    """Return the manifest of a partition directory whose records lie outside of the lake.

    None for any other directory, and for a manifest that is unreadable or lacks a field.
    """
    if not has_remote_records(partition):
        return None
    try:
        return _read(partition)
    except (OSError, ValueError):
        return None


def _read(partition: Path) -> dict[str, Any] | None:
    manifest = json.loads((partition / MANIFEST_NAME).read_text(encoding="utf-8"))
    return manifest if isinstance(manifest, dict) and manifest.keys() >= _REQUIRED else None


def has_manifest_hash(partition: Path) -> bool:
    """Return whether the marker of a finished partition holds the hash of its manifest.

    Markers of earlier versions are empty.
    """
    return (partition / SUCCESS_NAME).stat().st_size > 0


def require_as_landed(partition: Path) -> None:
    """Raise a ValueError when a finished partition's manifest is not the one that was landed.

    Its marker holds the hash of the manifest.
    """
    if not has_manifest_hash(partition):
        return
    try:
        hashes = read_hashes(partition / SUCCESS_NAME, MANIFEST_NAME)
    except ValueError as error:
        raise ValueError(f"its {SUCCESS_NAME} {error}") from error
    if file_sha256(partition / MANIFEST_NAME) not in hashes:
        raise ValueError(f"its sha256 is not that in {SUCCESS_NAME}")


def success_text(manifest: Path) -> str:
    """Return what the marker of a finished partition holds: the hash of its manifest."""
    return hash_line(file_sha256(manifest), MANIFEST_NAME)


def manifest_text(manifest: dict[str, Any]) -> str:
    """Return the manifest as it is written to disk."""
    return json.dumps(manifest, indent=1) + "\n"


def input_hashes(manifest: dict[str, Any]) -> frozenset[str]:
    """Return the sha256 of every raw file the partition was made from."""
    return frozenset(source["sha256"] for source in manifest["inputs"])


def partition_name(dataset: str, symbol: str, day: dt.date | str) -> str:
    """Return how an input's entry in a manifest names a partition."""
    return f"{dataset}|{symbol}|{day}"


def result_from_manifest(
    manifest: Mapping[str, Any], status: str, seconds: float = 0.0
) -> PartitionResult:
    """Return the result line of a partition from its manifest."""
    return PartitionResult(
        dataset=manifest["dataset"],
        schema=manifest["inputs"][0]["schema"],
        symbol=manifest["symbol"],
        day=dt.date.fromisoformat(manifest["dt"]),
        rows=manifest["row_count"],
        status=status,
        bytes=manifest["file_bytes"],
        seconds=seconds,
    )
