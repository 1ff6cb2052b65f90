"""Read what a lake holds: partitions from the manifests, the rest from the published file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import (
    MANIFEST_NAME,
    has_remote_records,
    read_manifest,
    read_remote_manifest,
)
from spymaster_warehouse.settings.changes import changes_of, settings_of_build
from spymaster_warehouse.settings.in_force import settings_that_differ, vars_in_force
from spymaster_warehouse.view_files import files_of_relations

from spymaster.published import Row, ask_rows, open_published, relations_of

_QUERIES = Path(__file__).parent / "queries"
# query and relations of each part of the status
_QUERIES_BY_FIELD = {
    "days": ("usable_seconds", {"silver.book_snapshot_1s"}),
    "gaps": ("gaps", {"silver.recording_gaps"}),
    "processed": ("processed", {"silver.book_engine_manifest"}),
    "episodes": ("episodes", {"gold.approach_episodes"}),
    "libraries": ("library", {"gold.retrieval_library", "steps.retrieval_library_days"}),
    "verdicts": ("verdicts", {"gold.eval_retrieval_verdict"}),
    "verdict_days": ("verdict_days", {"gold.eval_retrieval_verdict_asof"}),
}
_RECORDS = "mbo"


@dataclass(frozen=True)
class Partition:
    """A landed partition, from its manifest; whether its records lie outside of the lake."""

    product_type: str
    symbol: str
    table: str
    schemas: tuple[str, ...]
    dt: date
    path: str
    content_hash: str
    created_at: datetime
    is_remote: bool = False


@dataclass(frozen=True)
class Status:
    """What a lake holds.

    Attributes:
        root: folder of the lake.
        published_at: time of the last publish, UTC; None if nothing is published.
        landed: finished partitions.
        unreadable: unfinished partitions and partitions without a manifest, relative to the lake.
        days: contract-days with usable seconds, causes of unusable seconds, and recording gaps.
        episodes: approaches to levels by contract.
        libraries: libraries of past approaches.
        verdicts: on retrieval, of all levels together.
        verdict_days: first and last day on which a verdict was formed.
        new, changed, vanished: partitions that landing has added, replaced or removed since the
            last build, as paths relative to the lake.
        settings: settings of spymaster.toml that differ from the defaults, by name.
        built_otherwise: settings in force with another value than the built relations were made
            with: pairs of that value and the one in force, by name.
    """

    root: Path
    published_at: datetime | None
    landed: list[Partition]
    unreadable: list[str]
    days: list[Row] = field(default_factory=list)
    episodes: list[Row] = field(default_factory=list)
    libraries: list[Row] = field(default_factory=list)
    verdicts: list[Row] = field(default_factory=list)
    verdict_days: list[Row] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    built_otherwise: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def read_status(lake: Lake) -> Status:
    """Return what a lake holds; nothing is opened for writing.

    Raises:
        SpymasterError: The published file or the lake's settings cannot be read.
    """
    landed, unreadable = _landed(lake)
    settings = settings_that_differ(lake)
    if not lake.published.is_file():
        return Status(
            lake.root,
            None,
            landed,
            unreadable,
            new=[partition.path for partition in landed],
            settings=settings,
        )
    published_at = datetime.fromtimestamp(lake.published.stat().st_mtime, UTC)
    with open_published(lake) as connection:
        found = {name: _query(connection, *answer) for name, answer in _QUERIES_BY_FIELD.items()}
        built = {path for path in files_of_relations(connection) if path.endswith(MANIFEST_NAME)}
        before = settings_of_build(connection)
    gaps = {(row["symbol"], row["dt"]): row for row in found.pop("gaps")}
    hashes = {(row["symbol"], row["dt"]): row for row in found.pop("processed")}
    nothing = {"gaps": 0, "gap_s": 0}
    found["days"] = [
        nothing | row | gaps.get((row["symbol"], row["dt"]), {}) for row in found["days"]
    ]
    there = {partition.path for partition in landed}
    return Status(
        lake.root,
        published_at,
        landed,
        unreadable,
        **found,
        new=sorted(there - built),
        changed=[
            partition.path
            for partition in landed
            if partition.path in built and _has_changed(partition, hashes, published_at)
        ],
        vanished=sorted(built - there - {f"{path}/{MANIFEST_NAME}" for path in unreadable}),
        settings=settings,
        built_otherwise={
            each.name: (json.loads(each.before), json.loads(each.now))
            for each in changes_of(before or {}, vars_in_force(lake))
        },
    )


def _query(connection: duckdb.DuckDBPyConnection, query: str, needs: set[str]) -> list[Row]:
    if not needs <= relations_of(connection):
        return []
    return ask_rows(connection, _QUERIES / f"{query}.sql", {})


def _has_changed(
    partition: Partition,
    processed: dict[tuple[str, date], Row],
    published_at: datetime,
) -> bool:
    """Return whether a partition was landed again since the last build.

    Futures records are compared by content hash; other tables by the time of landing.
    """
    row = processed.get((partition.symbol, partition.dt))
    if partition.table == _RECORDS and partition.product_type == "future" and row is not None:
        return partition.content_hash != row["input_content_hash"]
    return partition.created_at > published_at


def _landed(lake: Lake) -> tuple[list[Partition], list[str]]:
    """Return the finished partitions, and the paths of unfinished partitions."""
    partitions, unreadable = [], []
    for directory, manifest in _manifests(lake):
        if manifest is None:
            unreadable.append(lake.relative(directory))
            continue
        product_type, symbol, table, day = (
            part.partition("=")[2] for part in directory.relative_to(lake.bronze).parts
        )
        partitions.append(
            Partition(
                product_type,
                symbol,
                table,
                tuple(sorted({source["schema"] for source in manifest["inputs"]})),
                date.fromisoformat(day),
                lake.relative(directory / MANIFEST_NAME),
                manifest["content_hash"],
                datetime.fromisoformat(manifest["created_at"]),
                has_remote_records(directory),
            )
        )
    return partitions, unreadable


def _manifests(lake: Lake) -> Iterator[tuple[Path, Row | None]]:
    for directory in sorted(lake.bronze.glob("product_type=*/symbol=*/table=*/dt=*")):
        yield directory, read_manifest(directory) or read_remote_manifest(directory)
