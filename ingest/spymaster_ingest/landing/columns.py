"""Columns of the landed files, made from record fields or from contract terms.

The content hash runs over the *canonical* values of each column (little-endian numbers with the
vendor's sentinels, texts ended by NUL), so it does not depend on chunks, row groups, Parquet
encodings or the DBN version of the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from spymaster_ingest.dbn.layouts import UNDEFINED_PRICE, UNDEFINED_TIMESTAMP
from spymaster_ingest.dbn.records import Records

# BYTE_STREAM_SPLIT would make order ids 15 % smaller, but DuckDB reads it for floating point only.
DICTIONARY = "dictionary"
DELTA = "DELTA_BINARY_PACKED"
PLAIN = "PLAIN"

ORDINAL = "rec_ordinal"

_TIMESTAMP = pa.timestamp("ns")


@dataclass(frozen=True)
class ContractTerms:
    """Contract terms of some records, from the definitions.

    Attributes:
        codes: per record the position of its contract in each of the lists, intp, shape (n,).
        listed: values of the contracts by column name: texts and letters as bytes, numbers with
            the vendor's sentinels.
    """

    codes: np.ndarray
    listed: Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class CodedTexts:
    """Texts that repeat: record i has ``texts[codes[i]]``."""

    codes: np.ndarray
    texts: Sequence[bytes]


Values = np.ndarray | CodedTexts | None


@dataclass(frozen=True)
class Column:
    """One column of a landed file.

    Attributes:
        name: column name.
        type: Arrow type; ``pa.string()`` columns are dictionary-encoded in memory.
        encoding: Parquet encoding.
        field: record field it is read from (default: the name).
        undefined: sentinel that becomes NULL.
        letters: alphabet of a one-letter text.
        scale: divisor for a DOUBLE made from the vendor's 1e-9 integers.
        optional: records of some schemas of the table lack the field; all NULL there.
    """

    name: str
    type: pa.DataType
    encoding: str = DICTIONARY
    field: str = ""
    undefined: int | None = None
    letters: str = ""
    scale: float | None = None
    optional: bool = False

    @property
    def source(self) -> str:
        """Name of the record field."""
        return self.field or self.name

    @property
    def nullable(self) -> bool:
        """True when the column may hold NULL."""
        is_text = pa.types.is_string(self.type) and not self.letters
        return self.optional or self.undefined is not None or is_text

    def values(self, records: Records, terms: ContractTerms | None = None) -> Values:
        """Return the canonical values: one contiguous array, shape (n,); None without the field.

        Args:
            records: n records.
            terms: contract terms of the records, for columns made of them.
        """
        if self.optional and self.source not in records.names:
            return None
        column = records[self.source]
        if self.letters:
            return column.view(np.uint8)
        if pa.types.is_integer(self.type) and column.itemsize < self.type.bit_width // 8:
            return self._widened(column)
        return column

    def _widened(self, column: np.ndarray) -> np.ndarray:
        """Return integers of an older, narrower layout, whose sentinel is its largest number."""
        wide = column.astype(self.type.to_pandas_dtype())
        wide[column == np.iinfo(column.dtype).max] = self.undefined
        return wide

    def canonical(self, values: Values) -> memoryview | bytes:
        """Return the bytes of ``values`` that enter the content hash."""
        if values is None:
            return b""
        if isinstance(values, CodedTexts):
            ended = [text + b"\0" for text in values.texts]
            return b"".join(map(ended.__getitem__, values.codes.tolist()))
        if values.dtype.kind == "S":
            return b"".join(text + b"\0" for text in _texts(values))
        return values.data.cast("B")

    def arrow(self, values: Values, rows: int) -> pa.Array:
        """Return canonical ``values`` as an Arrow array of this column's type, without copying.

        Arrays are put together from buffers: ``pa.array`` would import pandas first.
        """
        if values is None:
            return pa.nulls(rows, self.memory_type)
        if isinstance(values, CodedTexts):
            codes = fixed_width(pa.int64(), values.codes)
            coded = pa.DictionaryArray.from_arrays(codes, text_array(values.texts))
            return coded.dictionary_decode()
        if self.letters:
            codes = fixed_width(pa.int8(), _letter_codes(self.letters)[values])
            letters = text_array([letter.encode() for letter in self.letters])
            return pa.DictionaryArray.from_arrays(codes, letters)
        if values.dtype.kind == "S":
            return text_array(_texts(values))
        present = None
        if self.undefined is not None:
            present = values != values.dtype.type(self.undefined)
        return fixed_width(
            self.type, values / self.scale if self.scale is not None else values, present
        )

    @property
    def memory_type(self) -> pa.DataType:
        """Arrow type as built by :meth:`arrow`."""
        return pa.dictionary(pa.int8(), pa.string()) if self.letters else self.type


class TermColumn(Column):
    """Column of a contract term: the same for all records of a contract while it holds."""

    def values(self, records: Records, terms: ContractTerms | None = None) -> Values:
        """Return the canonical values of the contracts the records belong to."""
        if terms is None:
            raise ValueError(f"{self.name} is a contract term, but the records come without terms")
        listed = terms.listed[self.name]
        if self.letters:
            return np.frombuffer(b"".join(listed), dtype=np.uint8)[terms.codes]
        if pa.types.is_string(self.type):
            return CodedTexts(terms.codes, listed)
        is_time = pa.types.is_timestamp(self.type)
        return np.array(listed, dtype=np.uint64 if is_time else np.int64)[terms.codes]


def timestamp(name: str, encoding: str) -> Column:
    """Column of a vendor timestamp (uint64 ns UTC, undefined becomes NULL)."""
    return Column(name, _TIMESTAMP, encoding, undefined=UNDEFINED_TIMESTAMP)


def price(name: str, field: str) -> Column:
    """Column of a vendor price (int64, 1e-9 points, undefined becomes NULL)."""
    return Column(name, pa.int64(), field=field, undefined=UNDEFINED_PRICE)


def fixed_width(
    type_: pa.DataType, values: np.ndarray, present: np.ndarray | None = None
) -> pa.Array:
    """Return an Arrow array over the memory of ``values``.

    Args:
        type_: Arrow type as wide as the values.
        values: contiguous, shape (n,).
        present: bool, shape (n,), false where NULL; None when nothing is.
    """
    validity = None
    if present is not None and not present.all():
        validity = pa.py_buffer(np.packbits(present, bitorder="little"))
    return pa.Array.from_buffers(type_, len(values), [validity, pa.py_buffer(values)])


def text_array(texts: Sequence[bytes]) -> pa.Array:
    """Return UTF-8 ``texts`` as an Arrow string array; an empty text becomes NULL."""
    lengths = np.array([len(text) for text in texts], dtype=np.int32)
    offsets = np.zeros(len(texts) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    validity = pa.py_buffer(np.packbits(lengths > 0, bitorder="little"))
    data = pa.py_buffer(b"".join(texts))
    return pa.Array.from_buffers(pa.string(), len(texts), [validity, pa.py_buffer(offsets), data])


class ColumnsHash:
    """Running hash of the canonical values of every column, in row order."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._digests = [hashlib.sha256() for _ in columns]

    def update(self, values: Sequence[Values]) -> None:
        """Add rows: the canonical values of each column, all of the same length."""
        for column, digest, array in zip(self._columns, self._digests, values, strict=True):
            digest.update(column.canonical(array))

    def hexdigest(self) -> str:
        """Return the hash of all rows so far, in hexadecimal."""
        whole = hashlib.sha256()
        for column, digest in zip(self._columns, self._digests, strict=True):
            whole.update(f"{column.name}:{column.type}:".encode())
            whole.update(digest.digest())
        return whole.hexdigest()


def parquet_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the Arrow schema of a landed file: ``rec_ordinal`` and the table's columns."""
    fields = [pa.field(ORDINAL, pa.int64(), nullable=False)]
    fields += [
        pa.field(column.name, column.memory_type, nullable=column.nullable) for column in columns
    ]
    return pa.schema(fields)


def _texts(values: np.ndarray) -> list[bytes]:
    """Return the vendor's NUL-terminated texts without what follows the terminator."""
    return [text.split(b"\0", 1)[0] for text in values.tolist()]


def _letter_codes(letters: str) -> np.ndarray:
    codes = np.zeros(256, dtype=np.int8)
    codes[list(letters.encode())] = np.arange(len(letters), dtype=np.int8)
    return codes
