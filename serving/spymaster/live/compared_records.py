"""Captured records beside the landed ones of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import read_manifest
from spymaster_ingest.landing.table_schemas import SCHEMAS, TableSchema
from spymaster_ingest.units import NS_PER_DAY

from spymaster.live.captured_run import CapturedRun
from spymaster.live.compared import Compared
from spymaster.live.feeds import Source, times_of
from spymaster.live.recorded import LandedDay


def compare_records(
    lake: Lake, runs: Sequence[Path], partition: tuple[str, dt.date]
) -> list[Compared]:
    """Compare what runs captured of a contract-day with the landed records, byte by byte.

    Landed records before the first captured one and after the last are left out, and captured ones
    of instruments that the landed partition does not have. Schemas of which bronze does not keep
    whole records, such as definitions, are not compared.

    Args:
        lake: with the landed day.
        runs: folders of captured runs, in their order.
        partition: symbol and UTC date.
    """
    symbol, day = partition
    opened = [CapturedRun(run) for run in runs]
    sources = {source for run in opened for source in run.sources}
    found = []
    for source in sorted(sources, key=lambda source: source.name):
        for table in SCHEMAS[source.schema].tables:
            folder = lake.bronze_partition(table.product_type, symbol, table.table, day)
            manifest = read_manifest(folder)
            if manifest is None or not _holds(table, manifest, source, symbol):
                continue
            captured = [run.records(source) for run in opened if source in run.sources]
            wanted = _of_day(captured, manifest["instrument_ids"], day)
            if len(wanted):
                landed = LandedDay(folder)
                found.append(_compared(table.relation, wanted, [*landed.chunks()]))
    return found


def _holds(table: TableSchema, manifest: dict, source: Source, symbol: str) -> bool:
    """Return whether a partition keeps whole records of a source."""
    return (
        bool(table.instrument_classes)
        and table.product_type == source.product_type
        and manifest["inputs"][0]["schema"] == source.schema
        and source.product in (symbol, manifest["root"])
    )


def _of_day(captured: Sequence[np.ndarray], ids: Sequence[int], day: dt.date) -> np.ndarray:
    start_ns = int(np.datetime64(day, "ns").astype(np.int64))
    parts = []
    for records in captured:
        times = times_of(records)
        is_of_day = (times >= start_ns) & (times < start_ns + NS_PER_DAY)
        parts.append(records[is_of_day & np.isin(records["instrument_id"], ids)])
    return np.concatenate(parts)


def _compared(relation: str, captured: np.ndarray, landed: Sequence[np.ndarray]) -> Compared:
    first, last = times_of(captured).min(), times_of(captured).max()
    within = [part[(times_of(part) >= first) & (times_of(part) <= last)] for part in landed]
    records = np.concatenate(within)
    with duckdb.connect() as connection:
        for name, side in (("captured", captured), ("landed", records)):
            connection.register(name, pa.table({"record": _binary(side)}))
        [(n_missing, n_more)] = connection.execute(
            """
            select
                (select count(*) from (from landed except all from captured)),
                (select count(*) from (from captured except all from landed))
            """
        ).fetchall()
    example = None
    if n_missing or n_more:
        example = _example(records, captured, n_missing, n_more)
    return Compared(relation, len(records), n_missing + n_more, example)


def _example(landed: np.ndarray, captured: np.ndarray, n_missing: int, n_more: int) -> str:
    """Return where two sides differ first, in their order."""
    shorter = min(len(landed), len(captured))
    differs = np.flatnonzero(landed[:shorter] != captured[:shorter])
    at = int(differs[0]) if len(differs) else shorter
    side = landed if at < len(landed) else captured
    when = np.datetime64(int(times_of(side[at : at + 1])[0]), "ns")
    return f"{when}: record {at}; {n_missing:,} are not captured, {n_more:,} are not landed"


def _binary(records: np.ndarray) -> pa.Array:
    """Return records as fixed numbers of bytes, without a copy where they lie together."""
    size = records.dtype.itemsize
    buffer = pa.py_buffer(np.ascontiguousarray(records).view(np.uint8))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), len(records), [None, buffer])
