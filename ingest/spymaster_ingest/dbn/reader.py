"""Stream the records of one DBN file and check everything its container promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import Protocol

import databento_dbn
import numpy as np
import zstandard
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.dbn.frames import ZSTD_MAGIC, FrameScan, scan_frames
from spymaster_ingest.dbn.layouts import DBN_VERSIONS, LAYOUTS, RecordLayout
from spymaster_ingest.errors import SpymasterError

# Larger chunks leave the processor caches and are slower (measured from 1 << 16 to 1 << 20 records
# of 56 bytes); wide records come in fewer per chunk.
DEFAULT_CHUNK_RECORDS = 1 << 17
_LARGEST_CHUNK_BYTES = 1 << 23

_PREFIX_BYTES = 8
_MAGIC = b"DBN"
# The longest header seen (every option of a product for a month) is under 2 MB. The bound keeps a
# damaged length, or a small file that unpacks to a huge one, from filling the memory.
_LONGEST_METADATA_BYTES = 1 << 24
_LARGEST_WINDOW_BYTES = 1 << 27
_READ_BYTES = 1 << 18
_UNDEFINED_SCHEMA = "none"


class ByteStream(Protocol):
    """Bytes that are read in order; fewer than asked for only at their end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""


_Stream = BufferedReader | zstandard.ZstdDecompressionReader


@dataclass(frozen=True)
class MappingInterval:
    """One line of the header's symbology: ``instrument_id`` was ``symbol`` in [start, end)."""

    instrument_id: int
    symbol: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class Header:
    """The metadata of a DBN file.

    Attributes:
        version: DBN version written in the file (1 to 3).
        dataset: the vendor's dataset code.
        schema: schema name.
        start_ns, end_ns: requested range in ns UTC, half open; ``end_ns`` is None when open.
        limit: largest number of records asked for, None when unlimited.
        symbols: requested symbols.
        length: bytes of the header in the decompressed stream.
    """

    version: int
    dataset: str
    schema: str
    start_ns: int
    end_ns: int | None
    limit: int | None
    symbols: tuple[str, ...]
    length: int
    metadata: databento_dbn.Metadata

    @cached_property
    def mappings(self) -> tuple[MappingInterval, ...]:
        """Symbology of the header; entries that do not map to an instrument id are left out."""
        found: list[MappingInterval] = []
        for symbol, intervals in self.metadata.mappings.items():
            found.extend(
                MappingInterval(
                    int(interval["symbol"]), symbol, interval["start_date"], interval["end_date"]
                )
                for interval in intervals
                if interval["symbol"].isdecimal()
            )
        return tuple(found)


class DbnFile:
    """One DBN file, plain or zstd-compressed, whose container has been checked.

    Opening walks the zstd frames and decodes the header. Reading raises at the first byte that
    breaks the format; the caller must then discard the records it has received.
    """

    def __init__(self, path: Path) -> None:
        """Check the container of ``path`` and decode its header.

        Raises:
            SpymasterError: empty or truncated file, trailing bytes, not DBN, unknown version,
                header that does not decode, or an unsupported schema.
        """
        self.path = path
        try:
            self.bytes = path.stat().st_size
            if not self.bytes:
                raise SpymasterError(path, "is empty")
            with path.open("rb") as raw:
                compressed = raw.read(len(ZSTD_MAGIC)) == ZSTD_MAGIC
            if path.suffix == ".zst" and not compressed:
                raise SpymasterError(path, "is not a zstd file")
            self.frames: FrameScan | None = scan_frames(path) if compressed else None
            with self._open() as stream:
                self.header = read_header(path, stream)
        except (OSError, zstandard.ZstdError) as error:
            raise _unreadable(path, error) from error

    @property
    def layout(self) -> RecordLayout:
        """Record layout of the file's schema."""
        return LAYOUTS[self.header.schema]

    def sha256(self) -> str:
        """Return the sha256 of the file on disk, in hexadecimal."""
        return file_sha256(self.path)

    def chunks(self, chunk_records: int = DEFAULT_CHUNK_RECORDS) -> Iterator[np.ndarray]:
        """Yield the records in file order.

        Args:
            chunk_records: records per chunk, fewer where the records are wide; the last chunk
                may be shorter.

        Yields:
            Structured arrays (shape (n,), n >= 1, dtype of the file's version), each with its
            own memory.

        Raises:
            SpymasterError: damaged data, a cut record, a record of another type or length, no
                record at all, or more records than the header's limit.
        """
        dtype = self.layout.dtype(self.header.version)
        chunk_records = min(chunk_records, _LARGEST_CHUNK_BYTES // dtype.itemsize)
        total = 0
        try:
            with self._open() as stream:
                stream.read(self.header.length)
                while True:
                    buffer = np.empty(chunk_records * dtype.itemsize, dtype=np.uint8)
                    filled = _fill(stream, buffer.data)
                    count, rest = divmod(filled, dtype.itemsize)
                    records = buffer[: count * dtype.itemsize].view(dtype)
                    check_records(self.path, self.header, records, total)
                    total += count
                    if rest:
                        raise SpymasterError(
                            self.path, f"ends inside a record, {rest} bytes after record {total}"
                        )
                    if count:
                        yield records
                    if filled < buffer.nbytes:
                        break
        except (OSError, zstandard.ZstdError) as error:
            raise _unreadable(self.path, error) from error
        if not total:
            raise SpymasterError(self.path, "holds no records")
        if self.header.limit is not None and total > self.header.limit:
            raise SpymasterError(
                self.path, f"holds {total} records, its header allows {self.header.limit}"
            )

    def _open(self) -> _Stream:
        raw = self.path.open("rb")
        if self.frames is None:
            return raw
        decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW_BYTES)
        return decompressor.stream_reader(
            raw, read_size=_READ_BYTES, read_across_frames=True, closefd=True
        )


def check_records(path: Path, header: Header, records: np.ndarray, first: int) -> None:
    """Raise when a record's length or type byte differs from the schema's.

    Args:
        path: names the records in a message.
        header: of the records.
        records: in the layout of the header, shape (n,).
        first: position of the first of them.
    """
    layout = LAYOUTS[header.schema]
    for field, expected in (
        ("length", layout.length_words(header.version)),
        ("rtype", layout.rtype),
    ):
        wrong = records[field] != expected
        if wrong.any():
            at = int(wrong.argmax())
            raise SpymasterError(
                path,
                f"record {first + at}: {field} is {records[field][at]}, "
                f"{header.schema} records have {expected}",
            )


def read_header(path: Path, stream: ByteStream) -> Header:
    """Read and decode the header at the start of a stream; ``path`` names it in a message.

    Raises:
        SpymasterError: no DBN, unknown version, a cut or damaged header, or unsupported schema.
    """
    prefix = stream.read(_PREFIX_BYTES)
    if len(prefix) < _PREFIX_BYTES:
        raise SpymasterError(path, "ends inside the DBN header")
    if prefix[: len(_MAGIC)] != _MAGIC:
        raise SpymasterError(path, "is not a DBN file")
    version = prefix[len(_MAGIC)]
    if version not in DBN_VERSIONS:
        raise SpymasterError(
            path,
            f"has DBN version {version}; versions {DBN_VERSIONS[0]} to {DBN_VERSIONS[-1]} are read",
        )
    length = int.from_bytes(prefix[len(_MAGIC) + 1 :], "little")
    if length > _LONGEST_METADATA_BYTES:
        raise SpymasterError(path, f"has a damaged header: its length would be {length} bytes")
    data = bytearray(prefix)
    while missing := len(prefix) + length - len(data):
        block = stream.read(min(missing, _READ_BYTES))
        if not block:
            raise SpymasterError(path, "ends inside the DBN header")
        data += block
    return _decode_header(path, bytes(data), version)


def _decode_header(path: Path, data: bytes, version: int) -> Header:
    try:
        metadata = databento_dbn.Metadata.decode(data)
        schema = str(metadata.schema) if metadata.schema is not None else _UNDEFINED_SCHEMA
        header = Header(
            version=version,
            dataset=metadata.dataset,
            schema=schema,
            start_ns=metadata.start,
            end_ns=metadata.end,
            limit=metadata.limit,
            symbols=tuple(metadata.symbols),
            length=len(data),
            metadata=metadata,
        )
        _ = header.mappings
    except (databento_dbn.DBNError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise SpymasterError(path, f"has a damaged header: {error}") from error
    if schema not in LAYOUTS:
        raise SpymasterError(path, f"has schema {schema}; read are {', '.join(sorted(LAYOUTS))}")
    if metadata.ts_out:
        raise SpymasterError(path, "is a live capture with send times (ts_out), not a data file")
    return header


def _fill(stream: _Stream, target: memoryview) -> int:
    """Read until ``target`` is full or the stream ends; return the bytes read."""
    filled = 0
    while filled < len(target):
        got = stream.readinto(target[filled:])
        if not got:
            break
        filled += got
    return filled


def _unreadable(path: Path, error: OSError | zstandard.ZstdError) -> SpymasterError:
    if isinstance(error, zstandard.ZstdError):
        return SpymasterError(path, f"zstd data is damaged: {error}")
    return SpymasterError(path, f"cannot be read: {error.strerror or error}")
