"""Land a group of files that may share partitions: all of their partitions or none."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.background_workers import Workers
from spymaster_ingest.landing.definitions import DefinitionCatalog
from spymaster_ingest.landing.gaps import gaps_of_day
from spymaster_ingest.landing.manifest import (
    ingest_version,
    input_hashes,
    partition_name,
    read_manifest,
    result_from_manifest,
)
from spymaster_ingest.landing.partition import PartitionWriter
from spymaster_ingest.landing.report import LANDED, UNCHANGED, PartitionResult
from spymaster_ingest.landing.routing import Route, Router
from spymaster_ingest.landing.table_schemas import SchemaLanding
from spymaster_ingest.landing.tick_grid import check_tick_grid
from spymaster_ingest.products import Products
from spymaster_ingest.units import NS_PER_S

OTHER_PARTITION = "other_partition"

_DAMAGED = "the file is damaged, or its definitions must be landed first"
# Rows held in memory over all partitions before the fullest is written.
_LARGEST_PENDING_BYTES = 1 << 26

Progress = Callable[[int], None]
# dataset key, symbol and UTC date of a partition
PartitionKey = tuple[str, str, dt.date]


@dataclass(frozen=True)
class LandingSettings:
    """Settings that a call of ``land`` uses for all its groups.

    Attributes:
        lake: the target.
        products: the known products by root.
        catalog: landed definitions.
        allow_missing_definitions: accept the header's symbology where no definition is landed.
        overwrite: replace partitions made from other files or by other definitions.
        chunk_records: records decoded at a time.
        progress: called with the number of records of each finished chunk.
        landed_schemas: schema of every partition directory written so far.
    """

    lake: Lake
    products: Products
    catalog: DefinitionCatalog
    allow_missing_definitions: bool
    overwrite: bool
    chunk_records: int
    progress: Progress
    landed_schemas: dict[Path, str] = field(default_factory=dict)


class BadFiles(Exception):
    """Some files of a group cannot land; the caller may retry with the others."""

    def __init__(self, errors: Mapping[int, SpymasterError]) -> None:
        self.errors = dict(errors)
        super().__init__(f"{len(self.errors)} bad files")


@dataclass
class _FileCount:
    """Counts of the records read from one file."""

    records: int = 0
    last_time_ns: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    kept: Counter[PartitionKey] = field(default_factory=Counter)
    definition_roots: Mapping[dt.date, set[str]] = field(default_factory=dict)

    def kept_of_read(self) -> str:
        """Return how many records are kept of those read, and why the others are not."""
        kept = self.kept.total()
        keeps = f"keeps {kept:,} of {self.records:,} records" if kept else "keeps no record"
        return f"{keeps}, drops " + ", ".join(
            f"{number:,} {reason}" for reason, number in sorted(self.dropped.items())
        )


class Transaction:
    """Reads the files of one group in order and writes their partitions.

    Args:
        files: files of one schema in file-name order.
        hashes: sha256 of each.
        landing: landing rules of the schema.
        settings: settings of the call.
    """

    def __init__(
        self,
        files: Sequence[DbnFile],
        hashes: Sequence[str],
        landing: SchemaLanding,
        settings: LandingSettings,
    ) -> None:
        self._files = files
        self._hashes = hashes
        self._landing = landing
        self._settings = settings
        self._writers: dict[PartitionKey, PartitionWriter] = {}
        self._counts = [_FileCount() for _ in files]
        self._ranges: dict[tuple[PartitionKey, int], dict[int, tuple[int, int]]] = {}
        self._workers = Workers()
        self._started = time.perf_counter()

    def run(self) -> list[PartitionResult]:
        """Land the group and return one result per partition.

        Raises:
            BadFiles: nothing of the group was landed; names the bad files.
        """
        try:
            for index, file in enumerate(self._files):
                try:
                    self._read(index, file)
                except SpymasterError as error:
                    raise BadFiles({index: _naming(file, error)}) from error
            return self._finish()
        finally:
            self._workers.stop()
            for writer in self._writers.values():
                writer.discard()

    def records_dropped(self) -> list[str]:
        """Return a note for every file of which records are dropped."""
        return [
            f"{file.path}: {count.kept_of_read()}"
            for file, count in zip(self._files, self._counts, strict=True)
            if count.dropped
        ]

    def _read(self, index: int, file: DbnFile) -> None:
        count = self._counts[index]
        check = self._landing.check(file.path, file.header)
        router = Router(
            file,
            self._landing,
            self._settings.products,
            self._settings.catalog,
            allow_missing=self._settings.allow_missing_definitions,
        )
        for packed in file.chunks(self._settings.chunk_records):
            records = Records(packed)
            check.check(records)
            for route in router.route(records):
                # The rest of such a file is read to count its instruments.
                if not router.lacks_definitions:
                    self._take(index, route)
            count.records += len(records)
            count.last_time_ns = int(records.times[-1])
            self._settings.progress(len(records))
        router.check_definitions()
        count.dropped = router.dropped
        count.definition_roots = router.definition_roots
        foreign = router.foreign_record()
        if foreign is not None:
            raise SpymasterError(file.path, f"{foreign}: {count.kept_of_read()}", _DAMAGED)

    def _take(self, index: int, route: Route) -> None:
        """Append records of one file to their partitions."""
        key = (route.table.dataset, route.symbol, route.day)
        path, symbol = self._files[index].path, route.symbol
        for field_name in route.table.tick_fields:
            if field_name in route.records.names:
                if route.tick_int is None:
                    raise SpymasterError(path, f"{symbol}: the tick of its prices is unknown")
                check_tick_grid(path, symbol, route.records[field_name], route.tick_int)
        self._check_order(key, index, route.records)
        self._append(key, route, index)
        self._counts[index].kept[key] += len(route.records)

    def _append(self, key: PartitionKey, route: Route, index: int) -> None:
        if key not in self._writers:
            self._writers[key] = PartitionWriter(
                self._settings.lake,
                route.table,
                route.symbol,
                route.day,
                self._workers,
                root=route.root,
                tick_int=route.tick_int,
            )
        writer = self._writers[key]
        if (writer.root, writer.tick_int) != (route.root, route.tick_int):
            raise SpymasterError(
                self._files[index].path,
                f"{route.symbol} {route.day} has root {route.root} and tick {route.tick_int} here, "
                f"{writer.root} and {writer.tick_int} in a file before",
            )
        writer.sources.add(index)
        writer.append(route.records, route.terms)
        if sum(other.pending_bytes for other in self._writers.values()) > _LARGEST_PENDING_BYTES:
            max(self._writers.values(), key=lambda other: other.pending_bytes).flush()

    def _check_order(self, key: PartitionKey, index: int, records: Records) -> None:
        """Raise BadFiles when two files hold the same stretch of time of one instrument."""
        if len(self._files) == 1:
            return
        numbers = records["instrument_id"]
        for number in np.unique(numbers).tolist():
            times = records.times[numbers == number]
            low, high = int(times.min()), int(times.max())
            ranges = self._ranges.setdefault((key, number), {})
            for other, (other_low, other_high) in ranges.items():
                if other == index or low > other_high:
                    continue
                if self._landing.check.ordered or high >= other_low:
                    raise BadFiles(self._overlap(key[1], number, other, index))
            known_low, known_high = ranges.get(index, (low, high))
            ranges[index] = (min(low, known_low), max(high, known_high))

    def _overlap(
        self, symbol: str, number: int, first: int, second: int
    ) -> dict[int, SpymasterError]:
        return {
            index: SpymasterError(
                self._files[index].path,
                f"its {symbol} records (instrument {number}) overlap or precede those of "
                f"{self._files[other].path.name} in time",
                "land one of the two, or name the files in time order",
            )
            for index, other in ((first, second), (second, first))
        }

    def _finish(self) -> list[PartitionResult]:
        for file, count in zip(self._files, self._counts, strict=True):
            accounted = count.kept.total() + count.dropped.total()
            if accounted != count.records:
                raise RuntimeError(f"{file.path}: {count.records} records, {accounted} accounted")
        self._refuse_other_schema()
        existing = {key: read_manifest(writer.final) for key, writer in self._writers.items()}
        if not self._settings.overwrite:
            self._refuse_changed(existing)
        seconds = time.perf_counter() - self._started
        results = []
        for key, writer in sorted(self._writers.items()):
            manifest, status = existing[key], UNCHANGED
            if manifest is None or self._settings.overwrite:
                manifest, status = writer.finish(self._origin(writer)), LANDED
                writer.commit()
                self._settings.landed_schemas[writer.final] = self._landing.schema
            results.append(
                result_from_manifest(manifest, status, seconds if status == LANDED else 0.0)
            )
        return results

    def _refuse_other_schema(self) -> None:
        """Raise when a partition was landed from another schema by this call."""
        errors: dict[int, SpymasterError] = {}
        for writer in self._writers.values():
            other = self._settings.landed_schemas.get(writer.final, self._landing.schema)
            if other != self._landing.schema:
                for index in writer.sources:
                    errors[index] = SpymasterError(
                        self._files[index].path,
                        f"{writer.table.relation} {writer.symbol} {writer.day} was just landed "
                        f"from {other}",
                        "a partition holds one schema; land one of the two",
                    )
        if errors:
            raise BadFiles(errors)

    def _refuse_changed(self, existing: Mapping[PartitionKey, dict[str, Any] | None]) -> None:
        errors: dict[int, SpymasterError] = {}
        for key, writer in self._writers.items():
            manifest = existing[key]
            if manifest is None:
                continue
            names = ", ".join(source["name"] for source in manifest["inputs"])
            why = f"{writer.symbol} {writer.day} is landed from other input ({names})"
            if input_hashes(manifest) == {self._hashes[index] for index in writer.sources}:
                if self._definition_hash(writer) == manifest["definition_input_hash"]:
                    continue
                why = f"{writer.symbol} {writer.day} is landed by other definitions"
            for index in writer.sources:
                errors[index] = SpymasterError(
                    self._files[index].path,
                    why,
                    "give all files of that day with --overwrite to replace it",
                )
        if errors:
            raise BadFiles(errors)

    def _origin(self, writer: PartitionWriter) -> dict[str, Any]:
        """Return the manifest entries about the inputs of a partition."""
        sources = sorted(writer.sources)
        dropped: Counter[str] = Counter()
        for index in sources:
            dropped += self._counts[index].dropped
        records_in = sum(self._counts[index].records for index in sources)
        elsewhere = records_in - dropped.total() - writer.rows
        if elsewhere:
            dropped[OTHER_PARTITION] = elsewhere
        return {
            "records_in": records_in,
            "rows_out": writer.rows,
            "dropped": dict(sorted(dropped.items())),
            "inputs": [self._input(index) for index in sources],
            "gaps": [
                gap for index in sources for gap in gaps_of_day(self._files[index].path, writer.day)
            ],
            "allow_missing_definitions": self._settings.allow_missing_definitions,
            "definition_roots": sorted(self._definition_roots(writer)),
            "definition_input_hash": self._definition_hash(writer),
            "notes": [note for index in sources for note in self._notes(index)],
            "ingest_version": ingest_version(),
            "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        }

    def _definition_roots(self, writer: PartitionWriter) -> set[str]:
        """Return the product roots whose definitions decided about the inputs of a partition."""
        return {
            root
            for index in writer.sources
            for root in self._counts[index].definition_roots.get(writer.day, ())
        }

    def _definition_hash(self, writer: PartitionWriter) -> str | None:
        return self._settings.catalog.input_hash(writer.day, self._definition_roots(writer))

    def _input(self, index: int) -> dict[str, Any]:
        file, count = self._files[index], self._counts[index]
        return {
            "path": self._settings.lake.relative(file.path),
            "name": file.path.name,
            "bytes": file.bytes,
            "sha256": self._hashes[index],
            "dbn_version": file.header.version,
            "dataset": file.header.dataset,
            "schema": file.header.schema,
            "records": count.records,
            "zstd_frames": file.frames.frames if file.frames else 0,
            "zstd_checksum": bool(file.frames and file.frames.all_checksums),
            "partitions": sorted(partition_name(*key) for key in count.kept),
        }

    def _notes(self, index: int) -> list[str]:
        file, count = self._files[index], self._counts[index]
        notes = []
        if file.header.end_ns is not None:
            gap_s = (file.header.end_ns - count.last_time_ns) / NS_PER_S
            notes.append(f"{file.path.name}: last record {gap_s:.3f} s before the header's end")
        if file.frames is None or not file.frames.all_checksums:
            notes.append(f"{file.path.name}: no zstd checksum, damage may pass unnoticed")
        return notes


def _naming(file: DbnFile, error: SpymasterError) -> SpymasterError:
    """Return the error with ``file`` as its place, if it names another place."""
    if error.where == str(file.path):
        return error
    return SpymasterError(file.path, str(error))
