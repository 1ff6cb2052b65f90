"""A large chain of options from a small chain: interleaved copies of landed records.

A synthetic day has one chain of some 140 options at the pace of its future. Copies of the chain
under other ids make a chain of three times as many; copies of its orders within each option,
milliseconds apart, make its books denser and busier. Every copy is complete (its orders are added,
filled and cancelled as in the day), so the books stay consistent.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.land import land
from spymaster_ingest.synthetic import write_day

from bench.inputs import FIRST_DAY, OUT, market_of

_CHAINS = 3
# records of the future on the copied day
_FUTURE_RECORDS = 2_000_000
_CHUNK_RECORDS = 1 << 15
_COPY_DELAY_NS = 13_700_000
_SNAPSHOT = 32
_ID_STEP = 1_000_000
_ROW_GROUP_RECORDS = 1 << 18


@dataclass(frozen=True)
class OptionRecords:
    """Landed option orders.

    Attributes:
        part: Parquet file in the layout of a landed partition.
        records: number of records.
        instruments: number of options.
    """

    part: Path
    records: int
    instruments: int


def option_records(records: int) -> OptionRecords:
    """Return about the given number of option records; make them if missing."""
    home = OUT / "options" / str(records)
    facts = home / "records.json"
    part = home / "part-00000.parquet"
    if not facts.exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        base = _base_part()
        dense = max(1, round(records / (_CHAINS * pq.read_metadata(base).num_rows)))
        count, ids = _write_copies(base, dense, records, part)
        facts.write_text(json.dumps({"records": count, "instruments": ids}), encoding="utf-8")
    return OptionRecords(part, **json.loads(facts.read_text(encoding="utf-8")))


def _base_part() -> Path:
    """Return the landed option orders of the synthetic day."""
    home = OUT / "options" / "base"
    pattern = "bronze/**/product_type=future_option/**/table=mbo/**/part-00000.parquet"
    if not (home / "_DONE").exists():
        shutil.rmtree(home, ignore_errors=True)
        schemas = ("definition", "option-mbo")
        write_day(market_of(_FUTURE_RECORDS), FIRST_DAY, home / "raw", schemas=schemas)
        report = land([home / "raw"], Lake(home / "lake"))
        if not report.ok:
            raise report.errors[0]
        shutil.rmtree(home / "raw")
        (home / "_DONE").touch()
    (part,) = (home / "lake").glob(pattern)
    return part


def _write_copies(base: Path, dense: int, records: int, target: Path) -> tuple[int, int]:
    """Write copies of the base records and return (records, instruments)."""
    count, ids = 0, set()
    with pq.ParquetFile(base) as file:
        schema = file.schema_arrow.remove_metadata()
        with pq.ParquetWriter(
            target, schema, compression="zstd", use_dictionary=["action", "side", "right"]
        ) as writer:
            for part in _merged(file, dense):
                part = part.slice(0, records - count)
                count += part.num_rows
                ids.update(np.unique(part["instrument_id"].to_numpy()).tolist())
                writer.write_table(part.cast(schema), row_group_size=_ROW_GROUP_RECORDS)
                if count >= records:
                    break
    return count, len(ids)


def _merged(file: pq.ParquetFile, dense: int) -> Iterator[pa.Table]:
    """Yield all copies of the records in capture order, chunk by chunk."""
    waiting: pa.Table | None = None
    for batch in file.iter_batches(_CHUNK_RECORDS):
        chunk = pa.Table.from_batches([batch])
        copies = [_copy(chunk, c, d) for d in range(dense) for c in range(_CHAINS)]
        together = pa.concat_tables([*([waiting] if waiting else []), *copies])
        captured = together["ts_recv"].cast(pa.int64()).to_numpy()
        order = np.argsort(captured, kind="stable")
        until = chunk["ts_recv"].cast(pa.int64()).to_numpy()[-1]
        ready = int(np.searchsorted(captured[order], until, side="right"))
        together = together.take(pa.array(order))
        waiting = together.slice(ready)
        yield together.slice(0, ready)
    if waiting is not None:
        yield waiting


def _copy(chunk: pa.Table, chain: int, number: int) -> pa.Table:
    """Return a copy of records with another option, other order ids and later times."""
    is_snapshot = (chunk["flags"].to_numpy() & _SNAPSHOT) != 0
    if number:
        # a clear would empty the book of earlier copies
        action = np.array(chunk["action"].to_pylist())
        keep = pa.array(~(is_snapshot & (action == "R")))
        chunk, is_snapshot = chunk.filter(keep), is_snapshot[keep.to_numpy(zero_copy_only=False)]
    columns = {name: chunk[name] for name in chunk.column_names}
    ids = chunk["instrument_id"].to_numpy() + np.uint32(chain * _ID_STEP)
    columns["instrument_id"] = pa.array(ids)
    orders = chunk["order_id"].to_numpy()
    columns["order_id"] = pa.array(orders + np.uint64(number) * (orders != 0) * np.uint64(1 << 40))
    delay = np.where(is_snapshot, 0, number * _COPY_DELAY_NS)
    for name in ("ts_event", "ts_recv"):
        times = chunk[name].cast(pa.int64()).to_numpy() + delay
        columns[name] = pa.array(times).cast(pa.timestamp("ns"))
    return pa.table(columns)
