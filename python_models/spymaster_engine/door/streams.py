"""Tables too large to be held: batches of records in, and Parquet files of batches out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from spymaster_engine.door.tables import checked

# of a schema: columns with statistics
_STATISTICS = b"statistics"


@dataclass(frozen=True)
class Stream:
    """A table that comes in batches.

    Attributes:
        schema: of its batches; the file may have further columns.
        chunk_rows: rows of a batch that is read from a file.
    """

    schema: pa.Schema
    chunk_rows: int = 1 << 18


def batches_of(
    stream: Stream, source: Path | str | pa.Table | Iterable[pa.RecordBatch] | None, what: str
) -> Iterator[pa.RecordBatch] | None:
    """Return the batches of a stream in order; None without a source.

    Args:
        stream: what is taken.
        source: a Parquet file, a table, or batches.
        what: names the stream in a message.
    """
    if source is None:
        return None
    if isinstance(source, Path | str):
        batches: Iterable[pa.RecordBatch] = _read(stream, Path(source))
    elif isinstance(source, pa.Table):
        batches = source.to_batches(max_chunksize=stream.chunk_rows)
    else:
        batches = source
    return (checked(batch, stream.schema, what) for batch in batches)


def _read(stream: Stream, path: Path) -> Iterator[pa.RecordBatch]:
    texts = [field.name for field in stream.schema if pa.types.is_dictionary(field.type)]
    with pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False) as file:
        # a file without a column is refused with its name
        names = [name for name in stream.schema.names if name in file.schema_arrow.names]
        yield from file.iter_batches(batch_size=stream.chunk_rows, columns=names)


def with_statistics(fields: Sequence[Any], names: Sequence[str]) -> pa.Schema:
    """Return a schema whose files have statistics only of some columns, those searched by."""
    schema = pa.schema(fields)
    chosen = [name for name in names if name in schema.names]
    return schema.with_metadata({_STATISTICS: ",".join(chosen)})


def write_streams(
    folder: Path,
    schemas: Mapping[str, pa.Schema],
    batches: Iterable[tuple[str, pa.RecordBatch]],
) -> None:
    """Write batches to a Parquet file per output, replaced when it exists."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                pq.ParquetWriter(
                    folder / f"{name}.parquet",
                    schema.remove_metadata(),
                    compression="zstd",
                    compression_level=1,
                    # measured: plain numbers compress better and quicker than dictionary indices
                    use_dictionary=[field.name for field in schema if _is_text(field.type)],
                    write_statistics=_statistics(schema),
                )
            )
            for name, schema in schemas.items()
        }
        for name, batch in batches:
            writers[name].write_batch(batch.cast(schemas[name].remove_metadata()))


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_dictionary(kind) or pa.types.is_string(kind)


def _statistics(schema: pa.Schema) -> list[str] | bool:
    names = (schema.metadata or {}).get(_STATISTICS)
    return True if names is None else names.decode().split(",")
