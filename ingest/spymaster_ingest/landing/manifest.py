"""The manifest of a landed partition: its content, its inputs, its hashes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from spymaster_ingest.landing.report import PartitionResult

MANIFEST_NAME = "_MANIFEST.json"
SUCCESS_NAME = "_SUCCESS"
PART_NAME = "part-00000.parquet"

# Fields that manifests of earlier versions lack; their partitions are landed again.
_REQUIRED = frozenset({"root", "tick_int", "definition_roots"})


def ingest_version() -> str:
    """Return the version of the code that lands files."""
    return version("spymaster")


def read_manifest(partition: Path) -> dict[str, Any] | None:
    """Return the manifest of a finished partition directory, None when it is not finished.

    An unreadable manifest, or one that lacks a field, counts as not finished.
    """
    if not (partition / SUCCESS_NAME).exists():
        return None
    try:
        manifest = json.loads((partition / MANIFEST_NAME).read_text())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and manifest.keys() >= _REQUIRED else None


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
