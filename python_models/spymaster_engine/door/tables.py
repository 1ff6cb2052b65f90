"""Tables at the door: their columns checked against a schema, and as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from spymaster_engine.errors import KernelError


def columns(
    names: Sequence[str], kind: pa.DataType | None = None, nullable: Sequence[str] = ()
) -> pa.Schema:
    """Return a schema of columns of one type, int64 unless given, without NULL but in some."""
    return pa.schema(
        [pa.field(name, kind or pa.int64(), nullable=name in nullable) for name in names]
    )


def checked(batch: pa.RecordBatch, schema: pa.Schema, what: str) -> pa.RecordBatch:
    """Return the columns of a table in the order of a schema.

    Raises:
        KernelError: A column is missing, not in the schema, of another type, or NULL.
    """
    # each is made anew when it is asked for
    given, names = batch.schema.names, schema.names
    if missing := [name for name in names if name not in given]:
        raise KernelError(f"{what} has no column {', '.join(missing)}")
    if other := [name for name in given if name not in names]:
        raise KernelError(f"{what} takes no column {', '.join(other)}")
    for field in schema:
        column = batch.column(field.name)
        if not is_same(column.type, field.type):
            raise KernelError(f"{what}: {field.name} is {column.type}, not {field.type}")
        if column.null_count and not field.nullable:
            raise KernelError(f"{what}: {field.name} is NULL in {column.null_count} rows")
    return batch.select(names)


def is_same(kind: pa.DataType, other: pa.DataType) -> bool:
    """Return whether two types are the same, whatever the items of lists and the codes are."""
    if pa.types.is_list(kind) and pa.types.is_list(other):
        return is_same(kind.value_type, other.value_type)
    if pa.types.is_dictionary(kind) and pa.types.is_dictionary(other):
        return is_same(kind.value_type, other.value_type)
    if pa.types.is_struct(kind) and pa.types.is_struct(other):
        return [field.name for field in kind] == [field.name for field in other] and all(
            is_same(one.type, two.type) for one, two in zip(kind, other, strict=True)
        )
    return kind == other


def record_batch(rows: pa.RecordBatch | pa.Table | Mapping[str, Any]) -> pa.RecordBatch:
    """Return a table, or columns by name, as a batch."""
    if isinstance(rows, pa.RecordBatch):
        return rows
    if isinstance(rows, pa.Table):
        return pa.RecordBatch.from_struct_array(rows.to_struct_array().combine_chunks())
    arrays = [
        values if isinstance(values, pa.Array) else pa.array(values) for values in rows.values()
    ]
    return pa.RecordBatch.from_arrays(arrays, names=list(rows))


def arrays(
    batch: pa.RecordBatch, names: Sequence[str] | None = None, missing: int | None = None
) -> dict[str, np.ndarray]:
    """Return columns of a table as arrays.

    Args:
        batch: the table.
        names: of the columns; None for all.
        missing: stands for NULL of whole numbers; NULL of real numbers is nan.
    """
    return {name: _array(batch.column(name), missing) for name in names or batch.schema.names}


def _array(column: pa.Array, missing: int | None) -> np.ndarray:
    filled = column if missing is None else column.fill_null(missing)
    return filled.to_numpy(zero_copy_only=False)


def in_order_of(
    batch: pa.RecordBatch, key: str, names: Sequence[str] | None = None
) -> dict[str, np.ndarray]:
    """Return columns of a table as arrays, in the order of one of its columns."""
    order = np.argsort(_array(batch.column(key), None), kind="stable")
    return {name: values[order] for name, values in arrays(batch, names).items()}


def equal_lists(rows: np.ndarray) -> pa.ListArray:
    """Return the rows of a two-dimensional array as lists, nan as NULL."""
    values = np.ascontiguousarray(rows).reshape(-1)
    bounds = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    is_missing = np.isnan(values) if values.dtype.kind == "f" else None
    return pa.ListArray.from_arrays(pa.array(bounds), pa.array(values, mask=is_missing))
