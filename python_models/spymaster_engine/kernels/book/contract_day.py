"""One contract-day: landed records in, four Parquet relations and a done-marker out.

A contract-day shares nothing with any other, so the same function serves one machine and a
fleet. A done-marker with the expected fingerprint means that nothing is left to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from spymaster_ingest.content_hash import file_sha256, hash_of
from spymaster_ingest.durable import (
    TEMPORARY_PREFIX,
    put_in_place,
    remove_temporary,
    write_text,
)

from spymaster_engine import ENGINE_VERSION
from spymaster_engine.door.book import BOOK_ENGINE, CONTENTS
from spymaster_engine.door.landed import BEST_PRICES, ORDERS
from spymaster_engine.door.streams import batches_of
from spymaster_engine.engine_files import DONE_MARKER, QA, marker_text, read_marker
from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.errors import BookEngineError

# what the book of a contract-day is made of, the column book_source of contract_days
BY_ORDER, BY_PRICE = "mbo", "mbp10"

_NAME_DIGITS = 16


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
    contract_day: ContractDay, chunk_records: int = ORDERS.chunk_rows
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
        contents = _run_engine(contract_day, chunk_records)
    except BookEngineError as error:
        remove_temporary(directory)
        raise BookEngineError(f"{contract_day.partition_key}: {error}") from error
    except BaseException:
        remove_temporary(directory)
        raise
    [summary] = pq.read_table(directory / f"{TEMPORARY_PREFIX}{QA}.parquet").to_pylist()
    files = [_put_in_place(directory, **row) for row in contents]
    row = _manifest_row(contract_day, summary, files)
    write_text(directory / DONE_MARKER, marker_text({"manifest": row, "files": files}))
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


def _run_engine(contract_day: ContractDay, chunk_records: int) -> list[dict[str, Any]]:
    """Write the outputs of a pass under temporary names; return rows and content hash of each."""
    is_by_price = contract_day.book_source == BY_PRICE
    stream = replace(BEST_PRICES if is_by_price else ORDERS, chunk_rows=chunk_records)
    records = batches_of(stream, contract_day.records_path, contract_day.partition_key)
    directory = contract_day.output_directory
    BOOK_ENGINE.write(
        directory,
        prefix=TEMPORARY_PREFIX,
        orders=None if is_by_price else records,
        prices=records if is_by_price else None,
        settings=_settings(contract_day),
    )
    contents = directory / f"{TEMPORARY_PREFIX}{CONTENTS}.parquet"
    rows = pq.read_table(contents).to_pylist()
    contents.unlink()
    return rows


def _settings(contract_day: ContractDay) -> dict[str, Any]:
    config = asdict(contract_day.config)
    # a pass of a build replays the whole day
    del config["stop_ns"]
    names = ("open_ns", "close_ns", "is_open_at_once")
    return {
        **config,
        "trading_intervals": [
            dict(zip(names, part, strict=True)) for part in config["trading_intervals"]
        ],
        "input_content_hash": contract_day.input_content_hash,
    }


def _put_in_place(directory: Path, relation: str, n_rows: int, content_hash: str) -> dict[str, Any]:
    """Give a file of a pass the name that carries its content hash; return its entry."""
    temporary = directory / f"{TEMPORARY_PREFIX}{relation}.parquet"
    final = directory / f"{relation}-{content_hash[:_NAME_DIGITS]}.parquet"
    sha256 = file_sha256(temporary)
    put_in_place(temporary, final)
    return {
        "relation": relation,
        "name": final.name,
        "rows": n_rows,
        "bytes": final.stat().st_size,
        "sha256": sha256,
        "content_hash": content_hash,
    }


def _manifest_row(
    contract_day: ContractDay, summary: dict[str, Any], files: list[dict[str, Any]]
) -> dict[str, object]:
    row: dict[str, object] = {
        "partition_key": contract_day.partition_key,
        "symbol": contract_day.symbol,
        "dt": contract_day.day.isoformat(),
        "input_fingerprint": contract_day.fingerprint,
        "engine_version": ENGINE_VERSION,
        "input_content_hash": contract_day.input_content_hash,
        "output_content_hash": summary["output_content_hash"],
        "n_records": summary["n_records"],
    }
    for file in files:
        row[f"{file['relation']}_file"] = file["name"]
        row[f"{file['relation']}_rows"] = file["rows"]
    return row
