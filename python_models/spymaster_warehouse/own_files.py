"""Which built files a build may remove: those with a name of its own form, behind no link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from spymaster_engine.engine_files import QA, REPRICE, SNAPSHOT, WALL
from spymaster_ingest.lake import Lake

ENGINE_RELATIONS = (SNAPSHOT, WALL, REPRICE, QA)

_DAY = r"dt=\d{4}-\d\d-\d\d"
_HASH = "[0-9a-f]{16}"
# below the lake; a file on its way has no hash in its name yet
_BUILT = re.compile(
    rf"silver/book_engine/symbol=[^/]+/{_DAY}/(?:{'|'.join(ENGINE_RELATIONS)})-{_HASH}\.parquet"
    rf"|(?:silver|gold|steps)/relations/(\w+)/(?:symbol|root)=[^/]+/{_DAY}/\1-{_HASH}\.parquet"
    r"|indexes/root=[^/]+/approach_dir=[^/]+/(?:\w+=[^/]+/)*"
    rf"(?:vectors-{_HASH}\.npy|rows-{_HASH}\.parquet|index-\w+-{_HASH}\.faiss)"
)


def is_own(lake: Lake, path: Path) -> bool:
    """Return whether a build wrote a file: its path has that form, and leads through no link."""
    return _BUILT.fullmatch(lake.relative(path)) is not None and not is_behind_link(lake, path)


def is_behind_link(lake: Lake, path: Path) -> bool:
    """Return whether a path below the lake is a link, or leads through one."""
    ways = (path, *path.parents)
    return any(way.is_symlink() for way in ways[: ways.index(lake.root)])


def own_folders(lake: Lake, root: Path, pattern: str) -> Iterator[Path]:
    """Yield the folders below ``root`` that match a pattern, and to which no link leads."""
    for folder in root.glob(pattern):
        if folder.is_dir() and not is_behind_link(lake, folder):
            yield folder
