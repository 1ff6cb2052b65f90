"""Writing DBN files: the vendor's metadata, records in their memory layout, zstd with checksum."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Protocol, Self

import databento_dbn as dbn
import numpy as np
import zstandard
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import put_in_place
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic.event_records import DBN_VERSION
from spymaster_ingest.synthetic.schedule import midnight_ns
from spymaster_ingest.units import NS_PER_DAY

_ZSTD_LEVEL = 3
# source=, product_type=, symbol= and table=
_RAW_LAYOUT_DEPTH = 4


@dataclass(frozen=True)
class WrittenDbnFile:
    """A finished DBN file.

    Attributes:
        path: its path.
        schema: the vendor's schema name.
        record_count: records in it.
        content_hash: sha256 (hex) over the uncompressed stream, metadata included.
        byte_count: size on disk.
        is_new: false if the same bytes existed before.
    """

    path: Path
    schema: str
    record_count: int
    content_hash: str
    byte_count: int
    is_new: bool


class MetadataInstrument(Protocol):
    """An instrument as the metadata of a DBN file names it."""

    @property
    def symbol(self) -> str:
        """The raw symbol."""

    @property
    def instrument_id(self) -> int:
        """The venue's number."""


def metadata_bytes(
    dataset: str, schema: str, day: dt.date, contracts: Sequence[MetadataInstrument]
) -> bytes:
    """Return the encoded metadata of one contract-day's file, DBN version 3."""
    tomorrow = day + dt.timedelta(days=1)
    start = midnight_ns(day)
    return dbn.Metadata(
        dataset=dataset,
        start=start,
        end=start + NS_PER_DAY,
        schema=dbn.Schema.from_str(schema),
        stype_in=dbn.SType.RAW_SYMBOL,
        stype_out=dbn.SType.INSTRUMENT_ID,
        symbols=[contract.symbol for contract in contracts],
        mappings=[
            SimpleNamespace(
                raw_symbol=contract.symbol,
                intervals=[
                    SimpleNamespace(
                        start_date=day, end_date=tomorrow, symbol=str(contract.instrument_id)
                    )
                ],
            )
            for contract in contracts
        ],
        version=DBN_VERSION,
    ).encode()


@dataclass(frozen=True)
class FinishedPart:
    """A complete DBN file under its temporary name.

    Attributes:
        path: its final name.
        partial: its present name.
        schema: the vendor's schema name.
        record_count: records in it.
        content_hash: as in :class:`WrittenDbnFile`.
    """

    path: Path
    partial: Path
    schema: str
    record_count: int
    content_hash: str

    def discard(self) -> None:
        """Remove the file, and the directories made for it."""
        self.partial.unlink(missing_ok=True)
        for parent in self.path.parents[:_RAW_LAYOUT_DEPTH]:
            with contextlib.suppress(OSError):
                parent.rmdir()

    @property
    def is_there(self) -> bool:
        """True when a file of the same bytes exists under the final name."""
        return self.path.exists() and file_sha256(self.path) == file_sha256(self.partial)

    def put_in_place(self) -> WrittenDbnFile:
        """Give the finished file its name, unless a file of the same bytes has it."""
        is_new = not self.is_there
        if is_new:
            put_in_place(self.partial, self.path)
        else:
            self.discard()
        return WrittenDbnFile(
            path=self.path,
            schema=self.schema,
            record_count=self.record_count,
            content_hash=self.content_hash,
            byte_count=self.path.stat().st_size,
            is_new=is_new,
        )


class DbnWriter:
    """Writes one ``.dbn.zst`` file in pieces, under another name until :func:`publish_dbn_files`.

    Used as a context manager. After an exception no file remains.
    """

    def __init__(self, path: Path, schema: str, metadata: bytes) -> None:
        self.path = path
        self.schema = schema
        self.partial = path.with_name(path.name + ".partial")
        self._metadata = metadata
        self._record_count = 0
        self._hash = hashlib.sha256()

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.partial.open("wb")
        compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
        self._stream = compressor.stream_writer(self._file, closefd=False)
        self._put(self._metadata)
        return self

    def write(self, records: np.ndarray) -> None:
        """Append records: a structured array in the vendor's layout."""
        self._record_count += records.size
        self._put(np.ascontiguousarray(records).view(np.uint8).data)

    def _put(self, data: bytes | memoryview) -> None:
        self._hash.update(data)
        self._stream.write(data)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        is_whole = False
        try:
            self._stream.close()
            self._file.close()
            is_whole = kind is None
        finally:
            if not is_whole:
                self.part.discard()

    @property
    def part(self) -> FinishedPart:
        """The finished file, still under its temporary name."""
        return FinishedPart(
            self.path, self.partial, self.schema, self._record_count, self._hash.hexdigest()
        )


def publish_dbn_files(parts: Sequence[FinishedPart]) -> list[WrittenDbnFile]:
    """Give finished files their names; none of them if a file of other bytes has a name.

    Raises:
        SpymasterError: a file with other content exists; raw files are never replaced.
    """
    taken = [part.path for part in parts if part.path.exists() and not part.is_there]
    if taken:
        more = f" (and {len(taken) - 1} more)" if len(taken) > 1 else ""
        raise SpymasterError(
            taken[0],
            f"exists with other content{more}, and raw files are never replaced",
            "generate into another lake, or remove it yourself",
        )
    return [part.put_in_place() for part in parts]


def hash_of_dbn_files(files: Sequence[WrittenDbnFile], root: Path) -> str:
    """Return one sha256 (hex) over names and contents of the files below ``root``."""
    total = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.path.relative_to(root).as_posix()):
        name = file.path.relative_to(root).as_posix()
        total.update(f"{name}\0{file.content_hash}\n".encode())
    return total.hexdigest()
