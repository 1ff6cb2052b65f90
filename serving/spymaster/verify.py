"""Compare hashes of the lake's files with its manifests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import HASH_SUFFIX, TEMPORARY_PREFIX, hash_file, read_hashes
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import SCHEMAS, Lake
from spymaster_ingest.landing.manifest import (
    MANIFEST_NAME,
    REMOTE_NAME,
    SUCCESS_NAME,
    has_manifest_hash,
    has_remote_records,
    require_as_landed,
)
from spymaster_warehouse.access import lock_holder
from spymaster_warehouse.publish import read_every_value
from spymaster_warehouse.view_files import files_of_relations, published_root, unreadable_views

from spymaster.published import open_published

_OTHER_HASH = "its sha256 is not the manifest's"
# how often a database is hashed whose hash was replaced meanwhile
_ATTEMPTS = 3


@dataclass(frozen=True)
class Difference:
    """A file that differs from its manifest: its path below the lake and why."""

    path: str
    reason: str


@dataclass
class VerifyReport:
    """What was compared, and what differs.

    Attributes:
        files, bytes: hashed files and their size.
        without_hash: files that an earlier version wrote without a hash.
        differences: files that differ.
        not_compared: files that have no hash at the moment, and why.
    """

    files: int = 0
    bytes: int = 0
    without_hash: int = 0
    differences: list[Difference] = field(default_factory=list)
    not_compared: list[Difference] = field(default_factory=list)

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

    Covers landed partitions, their raw files if these are in the lake, files of partitioned
    relations, libraries and indexes of vectors, the published file, the warehouse, and the
    manifests themselves. Counts files that an earlier version wrote without a hash. Opens every
    view of the published file.

    The warehouse has a hash from a publication until something opens it for writing. Without one
    every value of it is read instead: DuckDB compares the checksums of its blocks.

    Args:
        lake: the lake to check.
        on_file: called with 1 after each file.
    """
    report = VerifyReport()
    expected: dict[Path, _Expected] = {}
    for item in (*_landed(lake, report), *_built(lake, report)):
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
            _count(report, item.path)
    for database, differences in ((lake.published, _published), (lake.warehouse, _warehouse)):
        if database.exists():
            report.differences.extend(differences(lake, report))
            on_file(1)
    report.differences.sort(key=lambda difference: difference.path)
    return report


def _count(report: VerifyReport, path: Path) -> None:
    if path.exists():
        report.files += 1
        report.bytes += path.stat().st_size


def _compare(item: _Expected) -> str | None:
    """Return why the file differs, None when it does not."""
    try:
        size = item.path.stat().st_size
        if item.bytes is not None and size != item.bytes:
            return f"has {size} bytes, its manifest says {item.bytes}"
        if file_sha256(item.path) != item.sha256:
            return _OTHER_HASH
    except FileNotFoundError:
        return "is missing" if item.required else None
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None


def _landed(lake: Lake, report: VerifyReport) -> Iterator[_Expected | Difference]:
    for partition in sorted(lake.bronze.glob("product_type=*/symbol=*/table=*/dt=*")):
        if has_remote_records(partition):
            continue
        success = partition / SUCCESS_NAME
        if not success.exists():
            yield Difference(
                lake.relative(partition), f"is unfinished (no {SUCCESS_NAME}): land it again"
            )
            continue
        report.without_hash += not has_manifest_hash(partition)
        yield from _unless_damaged(lake, partition / MANIFEST_NAME, _landed_files(lake, partition))


def _landed_files(lake: Lake, partition: Path) -> Iterator[_Expected | Difference]:
    require_as_landed(partition)
    manifest = json.loads((partition / MANIFEST_NAME).read_text(encoding="utf-8"))
    yield _Expected(
        partition / manifest["file_name"], manifest["file_bytes"], manifest["file_sha256"]
    )
    known = {manifest["file_name"], MANIFEST_NAME, SUCCESS_NAME, REMOTE_NAME}
    for extra in sorted(path for path in partition.iterdir() if path.name not in known):
        yield Difference(lake.relative(extra), "is named by no manifest")
    for source in manifest["inputs"]:
        path = (lake.root / source["path"]).resolve()
        if path.is_relative_to(lake.root.resolve() / "raw"):
            yield _Expected(path, source["bytes"], source["sha256"], required=False)


def _unless_damaged(
    lake: Lake, manifest: Path, files: Iterator[_Expected | Difference] | Iterator[_Expected]
) -> Iterator[_Expected | Difference]:
    """Yield the files that a manifest names, or that it cannot be read."""
    try:
        yield from files
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Difference(lake.relative(manifest), f"cannot be read: {error}")


def _built(lake: Lake, report: VerifyReport) -> Iterator[_Expected | Difference]:
    """Yield files of relations, libraries and indexes; count those without a hash."""
    for folder, pattern, suffixes in (
        *((lake.relations(schema), "*/*=*/dt=*/*", (".parquet",)) for schema in SCHEMAS),
        (lake.indexes, "root=*/approach_dir=*/**/*", (".npy", ".parquet", ".faiss")),
    ):
        for path in sorted(folder.glob(pattern)):
            if path.suffix == HASH_SUFFIX:
                yield _hashed(lake, path)
            elif path.suffix in suffixes and not path.name.startswith(TEMPORARY_PREFIX):
                report.without_hash += not hash_file(path).exists()


def _hashed(lake: Lake, path: Path) -> _Expected | Difference:
    """Return the file that a hash file describes."""
    file = path.with_name(path.name.removesuffix(HASH_SUFFIX))
    try:
        (sha256,) = read_hashes(path, file.name)
    except (OSError, ValueError) as error:
        return Difference(lake.relative(path), f"cannot be read: {error}")
    return _Expected(file, None, sha256)


def _published(lake: Lake, report: VerifyReport) -> Iterator[Difference]:
    """Yield why the published file differs from its hash, or what its readers cannot open."""
    _count(report, lake.published)
    why = _difference_from_hash(lake.published)
    if why is not None:
        yield Difference(lake.relative(lake.published), why)
        return
    name = lake.relative(lake.published)
    try:
        with open_published(lake) as connection:
            if not hash_file(lake.published).exists():
                report.without_hash += 1
                read_every_value(connection)
            root = published_root(connection)
            if root is not None and Path(root).resolve() != lake.root.resolve():
                yield Difference(
                    name, f"was published when the lake lay at {root}: run `spymaster publish`"
                )
            for path, view in files_of_relations(connection).items():
                if not (lake.root / path).exists():
                    yield Difference(path, f"is missing, and {view} reads it")
            for view, error in unreadable_views(connection):
                yield Difference(name, f"{view} cannot be read: {one_line(error)}")
    except SpymasterError as error:
        yield Difference(name, f"{error.why}: {error.remedy}")


def _warehouse(lake: Lake, report: VerifyReport) -> Iterator[Difference]:
    """Yield why the warehouse differs from its hash, or cannot be read where it has none."""
    name = lake.relative(lake.warehouse)
    why = _difference_from_hash(lake.warehouse)
    if why is not None:
        yield Difference(name, why)
        return
    if hash_file(lake.warehouse).exists():
        _count(report, lake.warehouse)
        return
    try:
        with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
            read_every_value(connection)
    except duckdb.Error as error:
        holder = lock_holder(error)
        if holder is None:
            yield Difference(name, f"cannot be read: {one_line(error)}")
        else:
            report.not_compared.append(Difference(name, f"is open in {holder} and was not read"))
        return
    report.not_compared.append(
        Difference(
            name,
            "was opened for writing after the last publication and has no hash; each of its values "
            "can be read",
        )
    )


def _difference_from_hash(database: Path) -> str | None:
    """Return why a database differs from the hash beside it; None when it has none.

    Whoever replaces or opens the database meanwhile changes its hash first.
    """
    beside = hash_file(database)
    for _ in range(_ATTEMPTS):
        try:
            hashes = read_hashes(beside, database.name)
            if file_sha256(database) in hashes:
                return None
            if read_hashes(beside, database.name) == hashes:
                return f"its sha256 is not that in {beside.name}"
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            return f"its hash {beside.name} cannot be read: {error}"
    return f"its hash {beside.name} changes all the time: run this again"
