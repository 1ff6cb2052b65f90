"""A kernel and its tables, declared once: named columns with their types in, and out.

A declaration serves every caller: SQL through :func:`spymaster_engine.door.register`, tests,
benchmarks and workers by calling it with Arrow tables. It names no database and no dbt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from spymaster_engine.door.passes import Begin, RunningPass
from spymaster_engine.door.streams import Stream, batches_of, write_streams
from spymaster_engine.door.tables import checked, is_same, record_batch
from spymaster_engine.errors import KernelError

Kind: TypeAlias = pa.Schema | Stream | pa.DataType
Outputs: TypeAlias = Mapping[str, pa.Schema | pa.DataType]


class Groups(NamedTuple):
    """The rows of many calls, one call after the other.

    Attributes:
        values: of all calls: an array, or columns by name.
        bounds: (n + 1,) where each call begins, and where the last one ends.
    """

    values: Any
    bounds: np.ndarray


@dataclass(frozen=True)
class Kernel:
    """A kernel with its inputs and outputs.

    Attributes:
        name: in SQL.
        inputs: by name: a schema for a table, a ``Stream`` for one too large to be held, a type
            for a single value.
        outputs: by name: a schema for a table, a type for a value; of streams also a function
            that returns them from the values of the inputs.
        run: takes the inputs by name, imported when it runs, because kernels bring a compiler
            along. A table is a ``pa.RecordBatch``, a list a ``pa.Array``, any other value one of
            Python. It returns the columns of the only output. With streams, which are iterators
            of batches or None, it yields pairs of an output's name and columns.
        version: raised when the same input gives other output; part of what a partition is made
            of.
        takes_many: whether ``run`` takes all calls of a statement at once: tables and lists as
            ``Groups``, other values as arrays. It then returns ``Groups`` or an array.
        takes_null: whether it takes NULL for a value; else the result is NULL without a call.
        begin: of a kernel whose pass can be advanced by chunks: begins one over a stream.
    """

    name: str
    inputs: Mapping[str, Kind]
    outputs: Outputs | Callable[[Mapping[str, Any]], Outputs]
    run: Callable[..., Any]
    version: int = 1
    takes_many: bool = False
    takes_null: bool = False
    begin: Begin | None = None

    @property
    def has_streams(self) -> bool:
        """Return whether it takes and returns streams."""
        return any(isinstance(kind, Stream) for kind in self.inputs.values())

    @property
    def output(self) -> tuple[str, Any]:
        """Return the only output of a kernel without streams: its name, and schema or type."""
        [output] = self.schemas({}).items()
        return output

    @property
    def result(self) -> pa.DataType:
        """Return the type of that output in SQL."""
        return type_of(self.output[1])

    def __call__(self, **inputs: Any) -> Any:
        """Run it on tables of Arrow and values of Python.

        Returns:
            The only output: a ``pa.RecordBatch``, an array, or a value. Of a kernel with streams,
            whose streams are paths, tables or iterables of batches: an iterator of pairs of an
            output's name and ``pa.RecordBatch``.

        Raises:
            KernelError: A column is missing, too many, of another type, or NULL.
        """
        if self.inputs.keys() != inputs.keys():
            raise KernelError(
                f"{self.name} takes {', '.join(self.inputs)}, not {', '.join(inputs) or 'nothing'}"
            )
        if self.has_streams:
            return self._stream(inputs)
        columns = [_of_one_call(self, name, inputs[name]) for name in self.inputs]
        found = of_columns(self, columns)[0]
        if not pa.types.is_list(self.result):
            return found.as_py()
        is_table = pa.types.is_struct(self.result.value_type)
        return pa.RecordBatch.from_struct_array(found.values) if is_table else found.values

    def write(self, folder: Path, **inputs: Any) -> None:
        """Write each output of a kernel with streams to ``<folder>/<output>.parquet``."""
        write_streams(folder, self.schemas(inputs), self(**inputs))

    def begun(self, stream: str, settings: dict[str, Any]) -> RunningPass:
        """Return a pass over one stream that is advanced by chunks of its records.

        Raises:
            KernelError: The kernel has no such stream, or takes it as a whole.
        """
        kind = self.inputs.get(stream)
        if self.begin is None or not isinstance(kind, Stream):
            raise KernelError(f"{self.name} takes no chunks of {stream}")
        schemas = self.schemas({"settings": settings})
        return RunningPass(
            self.begin(stream, settings),
            lambda batch: checked(batch, kind.schema, self.what("input", stream)),
            lambda name, rows: checked(
                record_batch(rows), schemas[name], self.what("output", name)
            ),
        )

    def schemas(self, inputs: Mapping[str, Any]) -> Outputs:
        """Return the outputs for the values of inputs."""
        return self.outputs(inputs) if callable(self.outputs) else self.outputs

    def _stream(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, pa.RecordBatch]]:
        given = {
            name: batches_of(kind, inputs[name], self.what("input", name))
            if isinstance(kind, Stream)
            else inputs[name]
            for name, kind in self.inputs.items()
        }
        if all(given[name] is None for name, k in self.inputs.items() if isinstance(k, Stream)):
            return
        schemas = self.schemas(inputs)
        for name, columns in self.run(**given):
            yield name, checked(record_batch(columns), schemas[name], self.what("output", name))

    def what(self, kind: str, name: str) -> str:
        """Return the name of an input or output in a message."""
        return f"{self.name}: {kind} {name}"


def type_of(kind: pa.Schema | pa.DataType) -> pa.DataType:
    """Return the type of a table or value in one cell of SQL."""
    return pa.list_(pa.struct(list(kind))) if isinstance(kind, pa.Schema) else kind


def of_columns(kernel: Kernel, columns: Sequence[Any]) -> pa.Array:
    """Return the result of a kernel without streams on each row of columns.

    Args:
        kernel: of the calls.
        columns: arrays of equal length, one per input: lists of structs for tables.
    """
    take = _of_all if kernel.takes_many else _of_each
    return take(kernel, list(zip(kernel.inputs.items(), columns, strict=True)))


def _of_each(kernel: Kernel, columns: list[tuple[tuple[str, Kind], Any]]) -> pa.Array:
    given = [
        [_value(kernel, name, kind, scalar) for scalar in column]
        for (name, kind), column in columns
    ]
    found = [
        _packed(kernel, kernel.run(**dict(zip(kernel.inputs, call, strict=True))))
        for call in zip(*given, strict=True)
    ]
    if not pa.types.is_list(kernel.result):
        return pa.array(found, kernel.result, from_pandas=True)
    # DuckDB passes no row where all are NULL
    joined = pa.concat_arrays([pa.array([], _plain(kernel.result.value_type)), *found])
    return _lists(np.cumsum([0, *map(len, found)]), joined)


def _of_all(kernel: Kernel, columns: list[tuple[tuple[str, Kind], Any]]) -> pa.Array:
    given = {}
    for (name, kind), column in columns:
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if not pa.types.is_list(type_of(kind)):
            given[name] = whole
            continue
        offsets = whole.offsets.to_numpy()
        rows = _rows(kernel, name, kind, whole.flatten())
        given[name] = Groups(rows, (offsets - offsets[0]).astype(np.int64))
    found = kernel.run(**given)
    if isinstance(found, Groups):
        return _lists(found.bounds, _packed(kernel, found.values))
    return _checked_array(kernel, found, kernel.result)


def _of_one_call(kernel: Kernel, name: str, value: Any) -> pa.Array:
    """Return an input of a call as a column of one row."""
    kind = kernel.inputs[name]
    if isinstance(kind, pa.Schema):
        batch = checked(record_batch(value), kind, kernel.what("input", name))
        return _lists([0, batch.num_rows], batch.to_struct_array())
    return pa.array([value.to_pylist() if isinstance(value, pa.Array) else value], kind)


def _value(kernel: Kernel, name: str, kind: Kind, scalar: pa.Scalar) -> Any:
    if pa.types.is_list(type_of(kind)):
        return _rows(kernel, name, kind, scalar.values) if scalar.is_valid else None
    return scalar.as_py()


def _rows(kernel: Kernel, name: str, kind: Kind, values: pa.Array) -> Any:
    """Return the values of lists: the rows of a table, or an array."""
    if not isinstance(kind, pa.Schema):
        return values
    return checked(pa.RecordBatch.from_struct_array(values), kind, kernel.what("input", name))


def _packed(kernel: Kernel, found: Any) -> Any:
    """Return a result as an array of the values of a list, or as it is."""
    name, kind = kernel.output
    if isinstance(kind, pa.Schema):
        batch = checked(record_batch(found), kind, kernel.what("output", name))
        return pa.StructArray.from_arrays(batch.columns, names=kind.names)
    return _checked_array(kernel, found, kind.value_type) if pa.types.is_list(kind) else found


def _checked_array(kernel: Kernel, found: Any, kind: pa.DataType) -> pa.Array:
    array = found if isinstance(found, pa.Array) else pa.array(found)
    if not is_same(array.type, kind):
        what = kernel.what("output", kernel.output[0])
        raise KernelError(f"{what} is {array.type}, not {kind}")
    return array


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return a type of rows whose fields may all be NULL."""
    if not pa.types.is_struct(kind):
        return kind
    return pa.struct([(field.name, field.type) for field in kind])


def _lists(bounds: Sequence[int] | np.ndarray, values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array(np.asarray(bounds), pa.int32()), values)
