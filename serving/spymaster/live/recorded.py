"""Recorded days as sources of a replay: DBN files, and landed partitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import databento_dbn
import numpy as np
import pyarrow.parquet as pq
from spymaster_ingest.dbn.layouts import DBN_VERSIONS
from spymaster_ingest.dbn.reader import DbnFile, Header
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.landing.batches import vendor_records
from spymaster_ingest.landing.manifest import PART_NAME, read_manifest
from spymaster_ingest.landing.table_schemas import SCHEMAS, TableSchema
from spymaster_ingest.units import NS_PER_DAY

from spymaster.live.feeds import Source

_CHUNK_ROWS = 1 << 16


@dataclass(frozen=True)
class RecordedFile:
    """Records of a DBN file.

    Attributes:
        file: the file, whose container was checked.
        product_type: ``future`` or ``future_option``, by the definitions.
        product: the contract, of options the underlying one; or the root of the product.
        instruments: ids of the records that are replayed; None for all. A replay of several
            contracts takes each as an input of its own, because a partition has one.
    """

    file: DbnFile
    product_type: str
    product: str
    instruments: frozenset[int] | None = None

    @property
    def source(self) -> Source:
        """Return what the file holds."""
        header = self.file.header
        return Source(header.schema, self.product_type, self.product, _unlimited(header))

    def chunks(self) -> Iterator[np.ndarray]:
        """Yield the records in file order."""
        for records in self.file.chunks(_CHUNK_ROWS):
            if self.instruments is None:
                yield records
                continue
            wanted = np.isin(records["instrument_id"], list(self.instruments))
            if wanted.any():
                yield records[wanted]


@dataclass(frozen=True)
class LandedDay:
    """The records of a landed partition, in the layout of the vendor.

    Attributes:
        partition: its directory.
    """

    partition: Path

    @property
    def source(self) -> Source:
        """Return what the partition holds.

        Raises:
            SpymasterError: It is not finished, or no schema is landed like that.
        """
        manifest, table, schema = self._landed()
        day = dt.date.fromisoformat(manifest["dt"])
        start_ns = int(np.datetime64(day, "ns").astype(np.int64))
        header = encoded_header(
            manifest["inputs"][0]["dataset"],
            schema,
            self._symbols(manifest, table),
            day,
            (start_ns, start_ns + NS_PER_DAY),
        )
        return Source(schema, table.product_type, manifest["symbol"], header)

    def chunks(self) -> Iterator[np.ndarray]:
        """Yield the records by ``rec_ordinal``."""
        _, table, schema = self._landed()
        layout = SCHEMAS[schema].layout
        with pq.ParquetFile(self.partition / PART_NAME) as file:
            letters = [column.name for column in table.columns if column.letters]
        with pq.ParquetFile(self.partition / PART_NAME, read_dictionary=letters) as file:
            for batch in file.iter_batches(batch_size=_CHUNK_ROWS):
                yield vendor_records(table, layout, batch, DBN_VERSIONS[-1])

    def _landed(self) -> tuple[Mapping[str, Any], TableSchema, str]:
        manifest = read_manifest(self.partition)
        if manifest is None:
            raise SpymasterError(
                self.partition, "is no finished partition", "land the file of this day again"
            )
        schema = manifest["inputs"][0]["schema"]
        for table in SCHEMAS[schema].tables:
            if table.dataset == manifest["dataset"] and table.instrument_classes:
                return manifest, table, schema
        raise SpymasterError(
            self.partition,
            f"a landed {manifest['dataset']} does not keep whole records",
            "replay the DBN file it was landed from",
        )

    def _symbols(self, manifest: Mapping[str, Any], table: TableSchema) -> dict[int, str]:
        """Return the symbol of each instrument."""
        if not table.of_options:
            return dict.fromkeys(manifest["instrument_ids"], manifest["symbol"])
        names = ["instrument_id", "option_symbol"]
        rows = pq.read_table(self.partition / PART_NAME, columns=names).group_by(names)
        return dict(zip(*rows.aggregate([]).to_pydict().values(), strict=True))


def encoded_header(
    dataset: str,
    schema: str,
    symbols: Mapping[int, str],
    day: dt.date,
    span_ns: tuple[int, int | None],
    version: int = DBN_VERSIONS[-1],
) -> bytes:
    """Return the DBN header of records of a day.

    Args:
        dataset: the vendor's code.
        schema: the vendor's name.
        symbols: by instrument id, on that day.
        day: UTC date.
        span_ns: first time of the records, and the time after the last one, ns UTC; None where
            that is not known.
        version: of DBN.
    """
    next_day = day + dt.timedelta(days=1)
    mappings = [
        SimpleNamespace(
            raw_symbol=symbol,
            intervals=[SimpleNamespace(start_date=day, end_date=next_day, symbol=str(number))],
        )
        for number, symbol in sorted(symbols.items())
    ]
    return _encoded(dataset, schema, span_ns, mappings, version)


def _unlimited(header: Header) -> bytes:
    """Return a header as that of a file with any number of records."""
    mappings = [
        SimpleNamespace(raw_symbol=symbol, intervals=[SimpleNamespace(**x) for x in intervals])
        for symbol, intervals in header.metadata.mappings.items()
    ]
    span_ns = (header.start_ns, header.end_ns)
    return _encoded(header.dataset, header.schema, span_ns, mappings, header.version)


def _encoded(
    dataset: str,
    schema: str,
    span_ns: tuple[int, int | None],
    mappings: list[SimpleNamespace],
    version: int,
) -> bytes:
    return bytes(
        databento_dbn.Metadata(
            dataset=dataset,
            start=span_ns[0],
            end=span_ns[1],
            limit=None,
            schema=databento_dbn.Schema.from_str(schema),
            stype_in=databento_dbn.SType.RAW_SYMBOL,
            stype_out=databento_dbn.SType.INSTRUMENT_ID,
            symbols=[mapping.raw_symbol for mapping in mappings],
            partial=[],
            not_found=[],
            mappings=mappings,
            version=version,
        )
    )
