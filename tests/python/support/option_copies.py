"""Copies of a landed day of options under another contract that change from a moment on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import MANIFEST_NAME, PART_NAME, SUCCESS_NAME

OPEN_INTEREST = 9
SNAPSHOT = 32
OPTION_TICK_INT = 50_000_000
Change = Callable[[pa.Table, str, int], pa.Table]


def from_moment_on(records: pa.Table, moment_ns: int) -> np.ndarray:
    """Return which records are at the moment or later, shape (records,) bool.

    Orders use the time of their event, which a group shares; other records their capture time.
    """
    is_orders = "order_id" in records.column_names and "bid_px_int" not in records.column_names
    name = "ts_event" if is_orders else "ts_recv"
    late = records[name].cast(pa.int64()).to_numpy() >= moment_ns
    return late & ((records["flags"].to_numpy() & SNAPSHOT) == 0) if is_orders else late


def cut(records: pa.Table, table: str, moment_ns: int) -> pa.Table:
    """Return the records before a moment."""
    return records.filter(pa.array(~from_moment_on(records, moment_ns)))


def silence_options(records: pa.Table, table: str, moment_ns: int) -> pa.Table:
    """Return the records of options before a moment, and all records of the future."""
    is_of_option = "option_symbol" in records.column_names
    return cut(records, table, moment_ns) if is_of_option else records


def change(records: pa.Table, table: str, moment_ns: int) -> pa.Table:
    """Return the records with changed sizes from a moment on; option prices rise by a tick.

    Every open interest is published again at the moment: doubled plus five.
    """
    if table == "statistics":
        interest = records.filter(
            pc.and_(pc.equal(records["stat_type"], OPEN_INTEREST), pc.is_valid(records["quantity"]))
        )
        first = interest["rec_ordinal"].to_numpy().max() + 1_000
        later = {
            "rec_ordinal": pa.array(first + np.arange(interest.num_rows)),
            "ts_recv": pa.array(np.full(interest.num_rows, moment_ns)).cast(pa.timestamp("ns")),
            "quantity": pc.add(pc.multiply(interest["quantity"], 2), 5),
        }
        for name, values in later.items():
            at = interest.column_names.index(name)
            interest = interest.set_column(at, interest.schema.field(name), values)
        return pa.concat_tables([records, interest])
    late = from_moment_on(records, moment_ns)
    steps = {"size": 3}
    if "option_symbol" in records.column_names:
        steps |= dict.fromkeys(("price_int", "bid_px_int", "ask_px_int"), OPTION_TICK_INT)
    for name, step in steps.items():
        if name in records.column_names:
            values = records[name]
            changed = pc.if_else(pa.array(late), pc.add(values, step), values)
            at = records.column_names.index(name)
            field = records.schema.field(name)
            records = records.set_column(at, field, changed.cast(field.type))
    return records


def copy_contract(
    lake: Lake, symbol: str, copy_symbol: str, changed: Change, moment_ns: int
) -> None:
    """Land a copy of all partitions of a contract, and of the definitions of its options."""
    pattern = f"source=databento/product_type=future*/symbol={symbol}/table=*/dt=*"
    for partition in sorted(lake.root.glob(f"bronze/{pattern}")):
        other = Path(str(partition).replace(f"symbol={symbol}", f"symbol={copy_symbol}"))
        other.mkdir(parents=True)
        table = partition.parent.name.removeprefix("table=")
        records = pq.read_table(partition / PART_NAME, partitioning=None)
        pq.write_table(changed(records, table, moment_ns), other / PART_NAME)
        manifest = json.loads((partition / MANIFEST_NAME).read_text())
        manifest["symbol"] = copy_symbol
        manifest["content_hash"] = f"{manifest['content_hash']}-{changed.__name__}"
        (other / MANIFEST_NAME).write_text(json.dumps(manifest))
        (other / SUCCESS_NAME).touch()
    (part,) = lake.root.glob(f"bronze/source=databento/product_type=shared/*/*/*/{PART_NAME}")
    definitions = pq.read_table(part, partitioning=None)
    mine = definitions.filter(pc.equal(definitions["underlying"], symbol))
    underlying = pa.array([copy_symbol] * mine.num_rows)
    mine = mine.set_column(mine.column_names.index("underlying"), "underlying", underlying)
    pq.write_table(pa.concat_tables([definitions, mine]), part)
