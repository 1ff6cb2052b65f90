"""Tables too large to be held: batches of records in, and Parquet files of batches out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from spymaster_engine.door.tables import checked


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


def write_streams(
    folder: Path, schemas: Mapping[str, pa.Schema], batches: Iterable[tuple[str, pa.RecordBatch]]
) -> Path:
    """Write batches to a Parquet file per output, replaced when it exists; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                pq.ParquetWriter(
                    folder / f"{name}.parquet", schema, compression="zstd", compression_level=1
                )
            )
            for name, schema in schemas.items()
        }
        for name, batch in batches:
            writers[name].write_batch(batch.cast(schemas[name]))
    return folder
