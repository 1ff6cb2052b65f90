"""Rows of ``book_engine_manifest``, and the contract-days that rows of its input describe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from spymaster_ingest.units import epoch_ns

from spymaster_engine.kernels.book import surface_files as files
from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.contract_day import ContractDay

MANIFEST_SCHEMA = pa.schema(
    [
        ("partition_key", pa.string()),
        ("symbol", pa.string()),
        ("dt", pa.date32()),
        ("input_fingerprint", pa.string()),
        ("engine_version", pa.string()),
        ("input_content_hash", pa.string()),
        ("output_content_hash", pa.string()),
        ("n_records", pa.int64()),
        *(
            column
            for relation in (files.SNAPSHOT, files.WALL, files.REPRICE, files.QA)
            for column in (
                (f"{relation}_file", pa.string()),
                (f"{relation}_rows", pa.int64()),
            )
        ),
    ]
)


def contract_day(
    row: Mapping[str, Any], shaping: Mapping[str, Any], lake_root: Path, output_directory: Path
) -> ContractDay:
    """Return the contract-day that one row of ``contract_days`` describes.

    Args:
        row: The row, with timestamps as ``datetime`` without zone, in UTC.
        shaping: The vars that shape the output, named as the fields of ``BookConfig``.
        lake_root: Directory that ``book_path`` is relative to.
        output_directory: Where the engine's files of this contract-day lie.

    Raises:
        ValueError: The landed partition has no tick.
    """
    if row["tick_int"] is None:
        raise ValueError(
            f"{row['symbol']}: its manifest has no tick; land its files again with --overwrite"
        )
    windows = row["surface_windows"]
    config = BookConfig(
        tick_int=row["tick_int"],
        day_start_ns=epoch_ns(dt.datetime.combine(row["dt"], dt.time())),
        trading_intervals=tuple(
            (epoch_ns(part["open_ts"]), epoch_ns(part["close_ts"]), part["is_open_at_once"])
            for part in row["trading_intervals"]
        ),
        stale_after_s=row["stale_after_s"],
        surface_windows_ns=None
        if windows is None
        else tuple((epoch_ns(part["start_ts"]), epoch_ns(part["end_ts"])) for part in windows),
        **shaping,
    )
    return ContractDay(
        symbol=row["symbol"],
        day=row["dt"],
        records_path=lake_root / row["book_path"],
        input_content_hash=row["book_content_hash"],
        output_directory=output_directory,
        config=config,
        book_source=row["book_source"],
    )


def book_manifest_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return manifest rows as a table of the published columns, empty when there are none."""
    rows = [{**row, "dt": dt.date.fromisoformat(row["dt"])} for row in rows]
    # without rows Arrow need not load pandas
    if not rows:
        return MANIFEST_SCHEMA.empty_table()
    return pa.Table.from_pylist(rows, schema=MANIFEST_SCHEMA)
