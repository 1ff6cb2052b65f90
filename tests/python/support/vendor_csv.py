"""A vendor's records as text: market by order and market by price of the same minutes."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
from naive.model import UNDEFINED_PRICE

from support.strategies.mbo_records import MBO_DTYPE

PRICE_SCALE = 10**9


def csv_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a file, by column."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def time_ns(text: str) -> int:
    """A vendor's time, ns since 1970."""
    return int(np.datetime64(text.removesuffix("Z"), "ns").astype(np.int64))


def price_int(text: str) -> int:
    """A vendor's price in 1e-9 points."""
    return int(Decimal(text) * PRICE_SCALE)


def mbo_records(rows: list[dict[str, str]]) -> np.ndarray:
    """Records of market by order, shape (n,)."""
    records = np.zeros(len(rows), MBO_DTYPE)
    for record, row in zip(records, rows, strict=True):
        for name in ("order_id", "size", "flags", "sequence"):
            record[name] = int(row[name])
        for name in ("ts_event", "ts_recv"):
            record[name] = time_ns(row[name])
        for name in ("action", "side"):
            record[name] = row[name].encode()
        record["price"] = price_int(row["price"]) if row["price"] else UNDEFINED_PRICE
    return records


def vendor_levels(row: dict[str, str], name: str) -> list[tuple[int, int, int]]:
    """Occupied levels of a side (`bid`, `ask`): price_int, contracts, orders."""
    levels = [[row[f"{name}_{part}_{i:02}"] for part in ("px", "sz", "ct")] for i in range(10)]
    return [(price_int(px), int(size), int(count)) for px, size, count in levels if px]
