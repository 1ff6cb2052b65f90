"""Arrow IPC streams of tables and of their seconds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from spymaster_ingest.units import NS_PER_S

from spymaster.stream.reader import ContractDay
from spymaster.stream.surfaces import COMPACT

MEDIA_TYPE = "application/vnd.apache.arrow.stream"


@dataclass(frozen=True)
class Frame:
    """One Arrow IPC stream.

    Attributes:
        rows: number of rows.
        payload: schema, at most one record batch, end of stream.
    """

    rows: int
    payload: bytes


def encode(table: pa.Table, layout: str) -> Frame:
    """Return a table as an Arrow IPC stream; without a row it keeps its schema.

    Buffers of the compact layout are LZ4 frames, the others are plain.
    """
    return _write(_copied(table), layout)


def encode_seconds(
    table: pa.Table, layout: str, of: ContractDay, windows: range
) -> tuple[Frame, ...]:
    """Return one frame for each window, also for those without a row.

    Args:
        table: rows of a surface in order of time.
        layout: layout of the table.
        of: contract-day of the table.
        windows: ends of the windows, seconds since 1970.
    """
    batch = _copied(table)
    nothing = _write(batch.slice(0, 0), layout)
    if layout == COMPACT:
        seconds, base, unit = table["second"], of.base_s, 1
    else:
        seconds, base, unit = table["window_end_ts_ns"], 0, NS_PER_S
    borders = (np.arange(windows.start, windows.stop + 1, dtype=np.int64) - base) * unit
    places = np.searchsorted(seconds.to_numpy(), borders).tolist()
    return tuple(
        _write(batch.slice(start, stop - start), layout) if stop > start else nothing
        for start, stop in pairwise(places)
    )


def _write(batch: pa.RecordBatch, layout: str) -> Frame:
    options = pa.ipc.IpcWriteOptions(compression="lz4" if layout == COMPACT else None)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        if batch.num_rows:
            writer.write_batch(batch)
    return Frame(batch.num_rows, sink.getvalue().to_pybytes())


def _copied(table: pa.Table) -> pa.RecordBatch:
    """Return rows in new memory, where zero lies below each NULL.

    What a query leaves below a NULL is whatever was in memory there: equal rows would differ, and
    it is no business of the client.
    """
    [batch] = table.combine_chunks().to_batches() or [_empty(table.schema)]
    return batch.take(np.arange(batch.num_rows))


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema)
