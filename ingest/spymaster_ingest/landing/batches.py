"""Records as rows of a landed table, without a file between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from spymaster_ingest.dbn.layouts import RecordLayout
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.landing.columns import TermColumn
from spymaster_ingest.landing.table_schemas import TableSchema


def landed_batch(
    table: TableSchema, records: np.ndarray, names: Sequence[str] | None = None
) -> pa.RecordBatch:
    """Return records as columns of a landed table, as they would be read back from its file.

    Args:
        table: schema of the landed table.
        records: structured array in the vendor's layout, shape (n,), whose values were checked.
        names: of the columns; None for all that are read from records.
    """
    fields = Records(records)
    columns = {x.name: x for x in table.columns if not isinstance(x, TermColumn)}
    arrays = {
        name: columns[name].arrow(columns[name].values(fields), len(fields))
        for name in (columns if names is None else names)
    }
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def vendor_records(
    table: TableSchema, layout: RecordLayout, batch: pa.RecordBatch, version: int
) -> np.ndarray:
    """Return landed rows as records in the vendor's layout: the inverse of ``landed_batch``.

    Args:
        table: schema of the landed table.
        layout: of the schema that the rows were landed from.
        batch: n rows with all columns of the table.
        version: DBN version of the records.

    Returns:
        Structured array, shape (n,). Bytes that no column keeps are zero.
    """
    dtype = layout.dtype(version)
    records = np.zeros(batch.num_rows, dtype)
    records["length"] = layout.length_words(version)
    for column in table.columns:
        if isinstance(column, TermColumn) or column.source not in (dtype.names or ()):
            continue
        values = batch.column(column.name)
        if column.letters:
            letters = np.array([ord(x) for x in values.dictionary.to_pylist()], np.uint8)
            records[column.source] = letters[values.indices.to_numpy()].view("S1")
            continue
        if pa.types.is_timestamp(column.type):
            values = values.view(pa.int64()).cast(pa.uint64(), safe=False)
        if values.null_count:
            values = pc.fill_null(values, pa.scalar(column.undefined, values.type))
        records[column.source] = values.to_numpy(zero_copy_only=False)
    return records
