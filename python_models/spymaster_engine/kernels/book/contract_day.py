"""One contract-day: landed records in, four Parquet relations and a done-marker out.

A contract-day shares nothing with any other, so the same function serves one machine and a
fleet. A done-marker with the expected fingerprint means that nothing is left to do.
"""

from __future__ import annotations

import datetime as dt
import queue
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_ingest.content_hash import file_sha256, hash_of
from spymaster_ingest.durable import (
    put_in_place,
    remove_temporary,
    temporary_sibling,
    write_text,
)

from spymaster_engine import ENGINE_VERSION
from spymaster_engine.engine_files import DONE_MARKER, marker_text, read_marker
from spymaster_engine.kernels.book import surface_files as files
from spymaster_engine.kernels.book.bronze_records import CHUNK_RECORDS, read_records
from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.errors import BookEngineError
from spymaster_engine.kernels.book.kernel_state import Output
from spymaster_engine.kernels.prefetched import prefetched

# what the book of a contract-day is made of, the column book_source of book_engine_input
BY_ORDER, BY_PRICE = "mbo", "mbp10"

_QUEUE_LENGTH = 2


@dataclass(frozen=True)
class ContractDay:
    """What one pass needs to know.

    Attributes:
        symbol: Raw symbol of the contract.
        day: UTC date of the partition.
        records_path: Landed Parquet file of its records.
        input_content_hash: Content hash of that file's records, from its manifest.
        output_directory: Directory of the engine's files for this contract-day.
        config: What shapes the output.
        book_source: ``BY_ORDER``, or ``BY_PRICE`` for records of the ten best levels.
    """

    symbol: str
    day: dt.date
    records_path: Path
    input_content_hash: str
    output_directory: Path
    config: BookConfig
    book_source: str = BY_ORDER

    @property
    def partition_key(self) -> str:
        """Return the key of the manifest row, ``symbol|dt``."""
        return f"{self.symbol}|{self.day.isoformat()}"

    @property
    def fingerprint(self) -> str:
        """Return the hash of everything the output depends on."""
        inputs: dict[str, object] = {
            "engine_version": ENGINE_VERSION,
            "input_content_hash": self.input_content_hash,
            "config": asdict(self.config),
        }
        if self.book_source != BY_ORDER:
            inputs["book_source"] = self.book_source
        return hash_of(inputs)


def process_contract_day(
    contract_day: ContractDay, chunk_records: int = CHUNK_RECORDS
) -> dict[str, object]:
    """Return the manifest row of a contract-day, running the engine unless that was done.

    Raises:
        BookEngineError: The records cannot be turned into a book.
    """
    done = finished_row(contract_day)
    if done is not None:
        return done
    directory = contract_day.output_directory
    directory.mkdir(parents=True, exist_ok=True)
    remove_temporary(directory)
    try:
        summary, written = _run_engine(contract_day, chunk_records)
    except BookEngineError as error:
        raise BookEngineError(f"{contract_day.partition_key}: {error}") from error
    output_content_hash = hash_of(
        {"files": {file.relation: file.content_hash for file in written}, "summary": summary}
    )
    written.append(_write_summary(contract_day, summary, output_content_hash))
    row = _manifest_row(contract_day, summary, written, output_content_hash)
    marker = {"manifest": row, "files": [asdict(file) for file in written]}
    write_text(directory / DONE_MARKER, marker_text(marker))
    return row


def process_contract_days(
    contract_days: Iterable[ContractDay],
) -> tuple[list[dict[str, object]], list[str]]:
    """Process contract-days; one that fails does not stop the others.

    Returns their manifest rows, and a line for each that failed. The next pass finds the
    done-markers of those that are finished.
    """
    rows, failures = [], []
    for contract_day in contract_days:
        try:
            rows.append(process_contract_day(contract_day))
        except BookEngineError as error:
            failures.append(f"{error} (remove its landed partition, or select other days)")
    return rows, failures


def finished_row(contract_day: ContractDay) -> dict[str, object] | None:
    """Return the manifest row of an earlier pass over the same inputs whose files are all there.

    A marker that is damaged counts as not finished.
    """
    path = contract_day.output_directory / DONE_MARKER
    if not path.exists():
        return None
    try:
        marker = read_marker(path)
        fingerprint = marker["manifest"]["input_fingerprint"]
        present = all((path.parent / file["name"]).exists() for file in marker["files"])
    except (ValueError, LookupError, TypeError):
        return None
    return marker["manifest"] if present and fingerprint == contract_day.fingerprint else None


def _run_engine(
    contract_day: ContractDay, chunk_records: int
) -> tuple[dict[str, int | None], list[files.WrittenSurfaceFile]]:
    """Replay the records with reading, replay and writing overlapped in three threads."""
    # imported when there is a day to replay: they bring a compiler along
    from spymaster_engine.kernels.book.engine import BookEngine
    from spymaster_engine.kernels.book.mbp_day import PriceBookEngine, read_price_rows

    is_by_price = contract_day.book_source == BY_PRICE
    engine: Any = (PriceBookEngine if is_by_price else BookEngine)(contract_day.config)
    read: Any = read_price_rows if is_by_price else read_records
    directory = contract_day.output_directory
    writers = (
        files.RelationWriter(directory, files.SNAPSHOT, files.SNAPSHOT_SCHEMA),
        files.RelationWriter(directory, files.WALL, files.WALL_SCHEMA),
        files.RelationWriter(directory, files.REPRICE, files.REPRICE_SCHEMA),
    )

    def write(output: Output) -> None:
        for writer, columns in zip(
            writers,
            (files.snapshot_columns, files.wall_columns, files.reprice_columns),
            strict=True,
        ):
            writer.write(columns(output))
        engine.recycle(output)

    try:
        with _Consumer(write) as consumer:
            for records in prefetched(read(contract_day.records_path, chunk_records)):
                for output in engine.feed(records):
                    consumer.put(output)
            for output in engine.finish():
                consumer.put(output)
        engine.check_day()
    except BaseException:
        for writer in writers:
            writer.close()
        remove_temporary(directory)
        raise
    return engine.summary(), [writer.finish() for writer in writers]


def _write_summary(
    contract_day: ContractDay, summary: dict[str, int | None], output_content_hash: str
) -> files.WrittenSurfaceFile:
    """Write the one-row QA relation."""
    row = {
        **summary,
        "engine_version": ENGINE_VERSION,
        "input_content_hash": contract_day.input_content_hash,
        "output_content_hash": output_content_hash,
    }
    schema = pa.schema(
        [
            (name, pa.string() if isinstance(value, str) else pa.int64())
            for name, value in row.items()
        ]
    )
    content_hash = hash_of(row)
    name = f"{files.QA}-{content_hash[:16]}.parquet"
    final = contract_day.output_directory / name
    temporary = temporary_sibling(final)
    pq.write_table(pa.Table.from_pylist([row], schema=schema), temporary)
    sha256 = file_sha256(temporary)
    put_in_place(temporary, final)
    return files.WrittenSurfaceFile(files.QA, name, 1, final.stat().st_size, sha256, content_hash)


def _manifest_row(
    contract_day: ContractDay,
    summary: dict[str, int | None],
    written: list[files.WrittenSurfaceFile],
    output_content_hash: str,
) -> dict[str, object]:
    row: dict[str, object] = {
        "partition_key": contract_day.partition_key,
        "symbol": contract_day.symbol,
        "dt": contract_day.day.isoformat(),
        "input_fingerprint": contract_day.fingerprint,
        "engine_version": ENGINE_VERSION,
        "input_content_hash": contract_day.input_content_hash,
        "output_content_hash": output_content_hash,
        "n_records": summary["n_records"],
    }
    for file in written:
        row[f"{file.relation}_file"] = file.name
        row[f"{file.relation}_rows"] = file.rows
    return row


class _Consumer:
    """A thread that writes buffers while the next ones are filled."""

    def __init__(self, write) -> None:
        self._write = write
        self._queue: queue.Queue[Output | None] = queue.Queue(_QUEUE_LENGTH)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="surface-writer", daemon=True)

    def __enter__(self) -> _Consumer:
        self._thread.start()
        return self

    def put(self, output: Output) -> None:
        """Hand over a buffer; raise the error of an earlier write."""
        if self._error is not None:
            raise self._error
        self._queue.put(output)

    def __exit__(self, *exception: object) -> None:
        self._queue.put(None)
        self._thread.join()
        if self._error is not None and exception[0] is None:
            raise self._error

    def _run(self) -> None:
        while (output := self._queue.get()) is not None:
            if self._error is not None:
                continue
            try:
                self._write(output)
            except BaseException as error:
                self._error = error
