"""Writing one partition: a temporary sibling directory, then an atomic swap.

A reader looks only at ``dt=...`` directories that hold ``_SUCCESS``, so a kill at any moment
leaves the old partition or the new one, never a mix, and none only if there was none before.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.dbn.layouts import UNDEFINED_TIMESTAMP
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.durable import (
    TEMPORARY_PREFIX,
    exchange,
    sync,
    temporary_sibling,
    write_text,
)
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.background_workers import Workers
from spymaster_ingest.landing.columns import (
    DELTA,
    DICTIONARY,
    ORDINAL,
    ColumnsHash,
    ContractTerms,
    Values,
    fixed_width,
    parquet_schema,
)
from spymaster_ingest.landing.manifest import (
    MANIFEST_NAME,
    PART_NAME,
    SUCCESS_NAME,
    manifest_text,
    success_text,
)
from spymaster_ingest.landing.table_schemas import TableSchema

ROW_GROUP_ROWS = 1 << 20
# Wide records fill a row group earlier, so that memory does not depend on the schema.
_ROW_GROUP_BYTES = 1 << 26

_TIMES = ("ts_event", "ts_recv")
# suffix of a partition's name while another replaces it
_OLD = "-old"
# names of directories of a landing that has died
_LEFTOVER = re.compile(rf"{re.escape(TEMPORARY_PREFIX)}dt=\d{{4}}-\d\d-\d\d(?:{_OLD})?")
_COMPRESSION = "zstd"
_COMPRESSION_LEVEL = 3


class PartitionWriter:
    """Collects the rows of one partition and publishes it.

    The caller's thread makes columns, a second hashes them, a third compresses and writes them.

    Attributes:
        table: schema of the landed table.
        symbol: contract, underlying contract for options, or product root for definitions.
        day: UTC date.
        root: product root.
        tick_int: minimum price increment of the contract in 1e-9 points; None for definitions and
            options.
        rows: rows so far.
        pending_rows, pending_bytes: rows held in memory, not yet written, and their size.
        sources: indices of the files that gave rows.
    """

    def __init__(
        self,
        lake: Lake,
        table: TableSchema,
        symbol: str,
        day: dt.date,
        workers: Workers,
        *,
        root: str,
        tick_int: int | None,
    ) -> None:
        self.table = table
        self.symbol = symbol
        self.day = day
        self.root = root
        self.tick_int = tick_int
        self.final = lake.bronze_partition(table.product_type, symbol, table.table, day)
        self.temporary = temporary_sibling(self.final)
        self.rows = 0
        self.pending_rows = 0
        self.pending_bytes = 0
        self.sources: set[int] = set()
        self._workers = workers
        self._hash = ColumnsHash(table.columns)
        self._names = [column.name for column in table.columns]
        self._letters = {column.name for column in table.columns if pa.types.is_string(column.type)}
        self._counts: dict[str, Counter[str]] = {field: Counter() for field in table.counted}
        self._instruments: set[int] = set()
        self._bounds: dict[str, tuple[int, int]] = {}
        self._pending: list[pa.Table] = []
        self._parquet: pq.ParquetWriter | None = None
        self._schema = parquet_schema(table.columns)

    def append(self, records: Records, terms: ContractTerms | None = None) -> None:
        """Add records at the end of the partition.

        Args:
            records: n records, n >= 1.
            terms: their contract terms, if the table has columns for them.
        """
        values = [column.values(records, terms) for column in self.table.columns]
        self._workers.hashing.submit(self._hash.update, values)
        self._observe(dict(zip(self._names, values, strict=True)))
        ordinals = np.arange(self.rows, self.rows + len(records), dtype=np.int64)
        arrays = [fixed_width(pa.int64(), ordinals)]
        arrays += [
            column.arrow(array, len(records))
            for column, array in zip(self.table.columns, values, strict=True)
        ]
        self._pending.append(pa.Table.from_arrays(arrays, schema=self._schema))
        self.rows += len(records)
        self.pending_rows += len(records)
        self.pending_bytes += records.nbytes
        if self.pending_rows >= ROW_GROUP_ROWS or self.pending_bytes >= _ROW_GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand the rows held in memory to the worker, which writes them as one row group."""
        if not self.pending_rows:
            return
        rows = pa.concat_tables(self._pending)
        self._workers.writing.submit(self._opened().write_table, rows, self.pending_rows)
        self._pending = []
        self.pending_rows = self.pending_bytes = 0

    def finish(self, origin: dict[str, Any]) -> dict[str, Any]:
        """Complete the temporary directory and return the manifest written into it.

        Args:
            origin: manifest entries about the inputs of the rows.
        """
        self.flush()
        self._workers.drain()
        self._opened().close()
        part = self.temporary / PART_NAME
        sync(part)
        manifest = {
            "dataset": self.table.dataset,
            "symbol": self.symbol,
            "dt": self.day.isoformat(),
            "partition_key": f"{self.symbol}|{self.day.isoformat()}",
            "root": self.root,
            "tick_int": self.tick_int,
            "row_count": self.rows,
            "content_hash": self._hash.hexdigest(),
            "file_name": PART_NAME,
            "file_bytes": part.stat().st_size,
            "file_sha256": file_sha256(part),
            **{
                f"{side}_{field}": _iso(self._bounds[field][position])
                if field in self._bounds
                else None
                for field in _TIMES
                for position, side in enumerate(("min", "max"))
            },
            "instrument_ids": sorted(self._instruments),
            **{
                key: {name: self._counts[field][name] for name in sorted(self._counts[field])}
                for field, key in self.table.counted.items()
            },
            **origin,
        }
        write_text(self.temporary / MANIFEST_NAME, manifest_text(manifest))
        return manifest

    def commit(self) -> None:
        """Put the finished directory in place of the old partition.

        The old partition stays until the new one replaces it in one step. On a system without
        such a step a kill can leave it under ``_displaced``; the next landing restores it.
        """
        success = success_text(self.temporary / MANIFEST_NAME)
        if not (self.final / SUCCESS_NAME).exists():
            if self.final.exists():
                shutil.rmtree(self.final)
            self.temporary.rename(self.final)
            sync(self.final.parent)
            write_text(self.final / SUCCESS_NAME, success)
            return
        write_text(self.temporary / SUCCESS_NAME, success)
        if exchange(self.temporary, self.final):
            outdated = self.temporary
        else:
            outdated = _displaced(self.final)
            self.final.rename(outdated)
            self.temporary.rename(self.final)
        sync(self.final.parent)
        shutil.rmtree(outdated)

    def discard(self) -> None:
        """Remove all files written so far, and the directories made for them."""
        if self._parquet is not None:
            # Closing writes the footer, which fails on a full disk and is not needed.
            with contextlib.suppress(OSError, pa.ArrowException):
                self._parquet.close()
        shutil.rmtree(self.temporary, ignore_errors=True)
        for parent in self.final.parents[:2]:
            with contextlib.suppress(OSError):
                parent.rmdir()

    def _opened(self) -> pq.ParquetWriter:
        """Return the writer of the rows; the first call makes the file."""
        if self._parquet is None:
            self._parquet = self._open()
        return self._parquet

    def _open(self) -> pq.ParquetWriter:
        self.temporary.mkdir(parents=True)
        encodings = {
            column.name: column.encoding
            for column in self.table.columns
            if column.encoding != DICTIONARY
        }
        return pq.ParquetWriter(
            self.temporary / PART_NAME,
            self._schema,
            compression=_COMPRESSION,
            compression_level=_COMPRESSION_LEVEL,
            use_dictionary=[
                column.name for column in self.table.columns if column.encoding == DICTIONARY
            ],
            column_encoding={ORDINAL: DELTA, **encodings},
        )

    def _observe(self, values: Mapping[str, Values]) -> None:
        """Add the canonical values of a chunk, by column, to the manifest's counts and bounds."""
        arrays = {name: one for name, one in values.items() if isinstance(one, np.ndarray)}
        for column, counter in self._counts.items():
            if column in arrays:
                for value, count in _counted(arrays[column]):
                    counter[chr(value) if column in self._letters else str(value)] += count
        numbers = arrays["instrument_id"]
        low, high = int(numbers.min()), int(numbers.max())
        self._instruments.update([low] if low == high else np.unique(numbers).tolist())
        for column in _TIMES:
            if column not in arrays:
                continue
            times = arrays[column]
            low, high = int(times.min()), int(times.max())
            if high == UNDEFINED_TIMESTAMP:
                times = times[times != UNDEFINED_TIMESTAMP]
                if not len(times):
                    continue
                low, high = int(times.min()), int(times.max())
            known_low, known_high = self._bounds.get(column, (low, high))
            self._bounds[column] = (min(low, known_low), max(high, known_high))


def _counted(values: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield every value with the number of its occurrences."""
    if values.itemsize > 1:
        found, counts = np.unique(values, return_counts=True)
        yield from zip(found.tolist(), counts.tolist(), strict=True)
        return
    counts = np.bincount(values.view(np.uint8), minlength=256)
    for value in np.flatnonzero(counts).tolist():
        yield value, int(counts[value])


def remove_leftovers(lake: Lake) -> None:
    """Restore partitions that dead processes displaced, and remove their other leftovers.

    Call it only while holding the lock.
    """
    days = f"product_type=*/symbol=*/table=*/{TEMPORARY_PREFIX}dt=*"
    for displaced in lake.bronze.glob(f"{days}{_OLD}"):
        if not _LEFTOVER.fullmatch(displaced.name):
            continue
        name = displaced.name.removeprefix(TEMPORARY_PREFIX).removesuffix(_OLD)
        final = displaced.with_name(name)
        if not final.exists() and (displaced / SUCCESS_NAME).exists():
            displaced.rename(final)
    for leftover in lake.bronze.glob(days):
        if leftover.is_symlink() or not _LEFTOVER.fullmatch(leftover.name):
            continue
        shutil.rmtree(leftover)
        for parent in (leftover.parent, leftover.parent.parent):
            with contextlib.suppress(OSError):
                parent.rmdir()


def _displaced(final: Path) -> Path:
    """Return the path of a partition while another replaces it."""
    temporary = temporary_sibling(final)
    return temporary.with_name(f"{temporary.name}{_OLD}")


def _iso(nanoseconds: int) -> str:
    return str(np.datetime64(nanoseconds, "ns"))
