"""Compare hashes of the lake's files with its manifests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spymaster_engine.engine_files import DONE_MARKER
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import HASH_SUFFIX, TEMPORARY_PREFIX, hash_file
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import MANIFEST_NAME, SUCCESS_NAME
from spymaster_warehouse.view_files import files_of_views, published_root, unreadable_views

from spymaster.published import open_published

_ENGINE_PATTERN = "silver/book_engine/symbol=*/dt=*"


@dataclass(frozen=True)
class Difference:
    """A file that differs from its manifest: its path below the lake and why."""

    path: str
    reason: str


@dataclass
class VerifyReport:
    """Hashed files and bytes, built files without a hash, and differences."""

    files: int = 0
    bytes: int = 0
    without_hash: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when nothing differs."""
        return not self.differences


@dataclass(frozen=True)
class _Expected:
    """A file that a manifest describes; a file that is not ``required`` may be missing.

    ``bytes`` is None where only the hash is known.
    """

    path: Path
    bytes: int | None
    sha256: str
    required: bool = True


def verify(lake: Lake, on_file: Callable[[int], None] = lambda files: None) -> VerifyReport:
    """Compare every file the lake's manifests name with its size and sha256.

    Covers landed partitions, their raw files if these are in the lake, files of the book engine and
    of partitioned relations, and libraries and indexes of vectors. Counts files of partitioned
    relations, libraries and indexes that have no hash. Opens every view of the published file.

    Args:
        lake: the lake to check.
        on_file: called with 1 after each file.
    """
    report = VerifyReport()
    expected: dict[Path, _Expected] = {}
    for item in (*_landed(lake), *_engine(lake), *_built(lake, report), *_published(lake)):
        if isinstance(item, Difference):
            report.differences.append(item)
        else:
            expected.setdefault(item.path, item)
    with ThreadPoolExecutor() as pool:
        for item, reason in zip(
            expected.values(), pool.map(_compare, expected.values()), strict=True
        ):
            on_file(1)
            if reason is not None:
                report.differences.append(Difference(lake.relative(item.path), reason))
            if item.path.exists():
                report.files += 1
                report.bytes += item.path.stat().st_size
    report.differences.sort(key=lambda difference: difference.path)
    return report


def _compare(item: _Expected) -> str | None:
    """Return why the file differs, None when it does not."""
    try:
        size = item.path.stat().st_size
        if item.bytes is not None and size != item.bytes:
            return f"has {size} bytes, its manifest says {item.bytes}"
        if file_sha256(item.path) != item.sha256:
            return "its sha256 is not the manifest's"
    except FileNotFoundError:
        return "is missing" if item.required else None
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None


def _landed(lake: Lake) -> Iterator[_Expected | Difference]:
    for partition in sorted(lake.bronze.glob("product_type=*/symbol=*/table=*/dt=*")):
        if not (partition / SUCCESS_NAME).exists():
            yield Difference(
                lake.relative(partition), f"is unfinished (no {SUCCESS_NAME}): land it again"
            )
            continue
        yield from _manifest_files(lake, partition, MANIFEST_NAME, _partition_files)


def _partition_files(
    lake: Lake, partition: Path, manifest: dict[str, Any]
) -> Iterator[_Expected | Difference]:
    yield _Expected(
        partition / manifest["file_name"], manifest["file_bytes"], manifest["file_sha256"]
    )
    known = {manifest["file_name"], MANIFEST_NAME, SUCCESS_NAME}
    for extra in sorted(path for path in partition.iterdir() if path.name not in known):
        yield Difference(lake.relative(extra), "is named by no manifest")
    for source in manifest["inputs"]:
        path = (lake.root / source["path"]).resolve()
        if path.is_relative_to(lake.root.resolve() / "raw"):
            yield _Expected(path, source["bytes"], source["sha256"], required=False)


def _engine(lake: Lake) -> Iterator[_Expected | Difference]:
    for partition in sorted(lake.root.glob(_ENGINE_PATTERN)):
        # Without the marker the engine has not finished, and nothing reads the files.
        if (partition / DONE_MARKER).exists():
            yield from _manifest_files(lake, partition, DONE_MARKER, _engine_files)


def _engine_files(
    lake: Lake, partition: Path, manifest: dict[str, Any]
) -> Iterator[_Expected | Difference]:
    for entry in manifest["files"]:
        yield _Expected(partition / entry["name"], entry["bytes"], entry["sha256"])


def _built(lake: Lake, report: VerifyReport) -> Iterator[_Expected | Difference]:
    """Yield files of relations, libraries and indexes; count those without a hash."""
    for folder, pattern, suffixes in (
        (lake.relations, "*/*=*/dt=*/*", (".parquet",)),
        (lake.indexes, "root=*/approach_dir=*/**/*", (".npy", ".parquet", ".faiss")),
    ):
        for path in sorted(folder.glob(pattern)):
            if path.suffix == HASH_SUFFIX:
                yield _hashed(lake, path)
            elif path.suffix in suffixes and not path.name.startswith(TEMPORARY_PREFIX):
                report.without_hash += not hash_file(path).exists()


def _hashed(lake: Lake, path: Path) -> _Expected | Difference:
    """Return the file that a hash file describes."""
    try:
        sha256, name = path.read_text(encoding="utf-8").split()
    except (OSError, ValueError) as error:
        return Difference(lake.relative(path), f"cannot be read: {error}")
    if name != path.name.removesuffix(HASH_SUFFIX):
        return Difference(lake.relative(path), f"is the hash of {name!r}")
    return _Expected(path.with_name(name), None, sha256)


def _published(lake: Lake) -> Iterator[Difference]:
    """Yield what readers of the published file cannot open."""
    if not lake.published.exists():
        return
    name = lake.relative(lake.published)
    try:
        with open_published(lake) as connection:
            root = published_root(connection)
            if root is not None and Path(root).resolve() != lake.root.resolve():
                yield Difference(
                    name, f"was published when the lake lay at {root}: run `spymaster publish`"
                )
            for path, view in files_of_views(connection).items():
                if not (lake.root / path).exists():
                    yield Difference(path, f"is missing, and {view} reads it")
            for view, error in unreadable_views(connection):
                yield Difference(name, f"{view} cannot be read: {one_line(error)}")
    except SpymasterError as error:
        yield Difference(name, f"{error.why}: {error.remedy}")


def _manifest_files(
    lake: Lake,
    partition: Path,
    name: str,
    files: Callable[[Lake, Path, dict[str, Any]], Iterator[_Expected | Difference]],
) -> Iterator[_Expected | Difference]:
    try:
        yield from files(lake, partition, json.loads((partition / name).read_text()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Difference(lake.relative(partition / name), f"cannot be read: {error}")
