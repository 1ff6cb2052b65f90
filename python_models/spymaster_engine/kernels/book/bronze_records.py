"""Landed market-by-order records, read back as the columns the book engine takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from spymaster_engine.door.landed import ORDERS
from spymaster_engine.door.streams import batches_of
from spymaster_engine.kernels.book.kernel_state import UNDEFINED_PRICE

if TYPE_CHECKING:
    from spymaster_engine.kernels.book.engine import Records

CHUNK_RECORDS = ORDERS.chunk_rows


def read_records(path: Path, chunk_records: int = CHUNK_RECORDS) -> Iterator[Records]:
    """Yield the records of one landed partition in ``rec_ordinal`` order, chunk by chunk."""
    stream = replace(ORDERS, chunk_rows=chunk_records)
    return records_of(batches_of(stream, path, path.name) or ())


def records_of(batches: Iterable[pa.RecordBatch]) -> Iterator[Records]:
    """Return batches of landed orders as records, one by one."""
    return map(records_in, batches)


def records_in(batch: pa.RecordBatch) -> Records:
    """Return a batch of landed orders as records."""
    # imported when records are read: it brings a compiler along
    from spymaster_engine.kernels.book.engine import Records

    return Records(
        ts_event=nanoseconds(batch["ts_event"]),
        ts_recv=nanoseconds(batch["ts_recv"]),
        instrument_id=batch["instrument_id"].to_numpy(),
        order_id=batch["order_id"].to_numpy(),
        price=batch["price_int"].fill_null(UNDEFINED_PRICE).to_numpy(),
        size=batch["size"].to_numpy(),
        flags=batch["flags"].to_numpy(),
        action=letters(batch["action"]),
        side=letters(batch["side"]),
    )


def nanoseconds(column: pa.Array) -> np.ndarray:
    """Return a timestamp column as int64 ns UTC."""
    return column.view(pa.int64()).to_numpy()


def letters(column: pa.DictionaryArray) -> np.ndarray:
    """Return a dictionary column of single letters as ASCII codes."""
    codes = np.array([ord(letter) for letter in column.dictionary.to_pylist()], np.uint8)
    return codes[column.indices.to_numpy()]
