"""Compiles in advance the kernels that a first build would otherwise wait for alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from spymaster_engine.kernels.book import BookConfig, BookEngine
from spymaster_engine.kernels.book.bronze_records import read_records
from spymaster_engine.kernels.options.option_day import OptionBooks

# an order of the first second, in the columns of a landed partition
_RECORD = pa.table(
    {
        "ts_event": pa.array([0], pa.timestamp("ns")),
        "ts_recv": pa.array([0], pa.timestamp("ns")),
        "instrument_id": pa.array([1], pa.uint32()),
        "order_id": pa.array([1], pa.uint64()),
        "price_int": pa.array([1], pa.int64()),
        "size": pa.array([1], pa.uint32()),
        "flags": pa.array([0], pa.uint8()),
        "action": pa.array(["A"]),
        "side": pa.array(["B"]),
    }
)


def compile_book_replay() -> None:
    """Compile the kernels that replay the records of a future, unless they are cached.

    Numba compiles for the types of its arguments, so this replays one record, read like a landed
    partition.
    """
    with _landed_record() as source:
        engine = BookEngine(BookConfig(tick_int=1, day_start_ns=0, surface_windows_ns=()))
        for records in read_records(source):
            for output in engine.feed(records):
                engine.recycle(output)
        for output in engine.finish():
            engine.recycle(output)
        engine.check_day()


def compile_option_replay() -> None:
    """Compile the kernels that replay the records of options; see :func:`compile_book_replay`."""
    with _landed_record() as source:
        books = OptionBooks(0, lambda _: None)
        for records in read_records(source):
            books.feed(records)
        books.finish()


@contextmanager
def _landed_record() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "records.parquet"
        pq.write_table(_RECORD, source)
        yield source
