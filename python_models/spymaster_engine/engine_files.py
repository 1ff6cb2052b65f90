"""What programs without the engine look for: the files of a pass, and the marker of its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spymaster_ingest.content_hash import hash_of

# relations of a pass, each a file
SNAPSHOT, WALL, REPRICE, QA = (
    "book_snapshot_1s",
    "wall_surface_1s",
    "reprice_flow_1s",
    "book_engine_qa",
)

# written last; a contract-day without it is not finished
DONE_MARKER = "_DONE.json"

_HASH = "marker_sha256"
# all that markers of versions without the hash hold
_WITHOUT_HASH = {"manifest", "files"}


def marker_text(marker: Mapping[str, Any]) -> str:
    """Return a marker as it is written: with the hash of its own values."""
    return json.dumps({**marker, _HASH: hash_of(dict(marker))}, indent=1) + "\n"


def read_marker(path: Path) -> dict[str, Any]:
    """Return the marker of a finished pass.

    Raises:
        ValueError: It is no JSON document, or its values are not those that were written.
    """
    marker = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(marker, dict):
        raise ValueError("it is no marker of the engine")
    if marker.keys() <= _WITHOUT_HASH:
        return marker
    written = marker.pop(_HASH, None)
    if hash_of(marker) != written:
        raise ValueError("its values are not those that were written")
    return marker


def has_marker_hash(path: Path) -> bool:
    """Return whether a marker holds its hash; those of earlier versions do not."""
    return _HASH in json.loads(path.read_text(encoding="utf-8"))
