"""Read the second of a contract-day from its landed records, with what each record did."""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_ingest.units import NS_PER_S, epoch_ns

from spymaster.explain.attribution import Order, Position, Record, SecondOfRecords, attribute

_COLUMNS = (
    *("rec_ordinal", "ts_event", "ts_recv", "action", "side", "order_id", "price_int", "size"),
    "flags",
)
_BATCH = 1 << 14


@dataclass(frozen=True)
class Replayed:
    """A second with the work behind it: records before it, and the time that it took, s."""

    second: SecondOfRecords
    records_before: int
    took_s: float


def replay_second(
    path: Path, day: dt.date, tick_int: int, rest_ns: int, window_start: dt.datetime
) -> Replayed:
    """Replay a landed contract-day to a second with the kernel, then that second record by record.

    Args:
        path: landed file of the contract-day.
        day: its UTC date.
        tick_int: tick, in 1e-9 points.
        rest_ns: age from which an order counts as rested, ns.
        window_start: start of the second, naive UTC.
    """
    # imported when records are replayed: they bring a compiler along
    from spymaster_engine.kernels.book import BookConfig, BookEngine
    from spymaster_engine.kernels.book.bronze_records import read_records
    from spymaster_engine.kernels.book.ladder_view import replay_for_view

    started = time.monotonic()
    start_ns = epoch_ns(window_start)
    day_start_ns = epoch_ns(dt.datetime.combine(day, dt.time()))
    config = BookConfig(
        tick_int=tick_int,
        day_start_ns=day_start_ns,
        rest_ns=rest_ns,
        surface_windows_ns=(),
        stop_ns=start_ns - 1,
    )
    engine = BookEngine(config)
    replay_for_view(engine, read_records(path))
    at = engine.position()
    second = attribute(
        Position(
            window_s=(at["window"] or 0) if at["started"] else day_start_ns // NS_PER_S,
            day_start_s=day_start_ns // NS_PER_S,
            previous_is_snapshot=bool(at["previous_is_snapshot"]),
            clear_ts=at["clear_ts"],
            tick_int=tick_int,
            rest_ns=rest_ns,
        ),
        _orders(engine.resting_orders()),
        at["last_trade_price_int"],
        _records_from(path, at["n_records"] or 0),
        start_ns // NS_PER_S,
    )
    return Replayed(second, at["n_records"] or 0, time.monotonic() - started)


def _orders(columns: dict[str, np.ndarray]) -> dict[int, Order]:
    names = ("order_id", "side", "price_int", "qty", "ts_enter", "pending_qty", "pending_ts")
    listed = [columns[name].tolist() for name in names]
    return {
        order_id: Order(order_id, chr(side), *rest)
        for order_id, side, *rest in zip(*listed, strict=True)
    }


def _records_from(path: Path, first: int) -> Iterator[Record]:
    """Yield the records of a landed file from a position on; it reads no row group before it."""
    with pq.ParquetFile(path) as file:
        metadata = file.metadata
        sizes = [metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
        ends = list(itertools.accumulate(sizes))
        begun = bisect.bisect_right(ends, first)
        groups = list(range(begun, len(ends)))
        skip = first - (ends[begun - 1] if begun else 0)
        for batch in file.iter_batches(_BATCH, groups, list(_COLUMNS)):
            if skip >= batch.num_rows:
                skip -= batch.num_rows
                continue
            columns = [_plain(batch[name]) for name in _COLUMNS]
            yield from map(Record._make, list(zip(*columns, strict=True))[skip:])
            skip = 0


def _plain(column: pa.Array) -> list:
    if pa.types.is_timestamp(column.type):
        column = column.view(pa.int64())
    return column.to_pylist()
