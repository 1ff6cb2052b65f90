"""Streams of orders for the tests of fingerprints: one written by hand, and drawn ones."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
from naive.model import NS_PER_S
from spymaster_engine.kernels.book import Records
from spymaster_engine.kernels.patterns.fingerprint_day import FingerprintSettings
from spymaster_engine.kernels.patterns.fingerprint_pass import FingerprintPass

from support.strategies.mbo_script import DAY_START_NS, TICK_INT, message, script

DAY_S = DAY_START_NS // NS_PER_S
MS = 1_000_000
SETTINGS = FingerprintSettings(
    tick_int=TICK_INT,
    day_start_s=DAY_S,
    surfaces_s=None,
    max_ticks=20,
    requote_ms=50,
    requote_max_ticks=2,
    chase_ms=50,
    withdraw_ms=20,
    withdraw_max_ticks=4,
    refill_ms=20,
    periodicity_min_arrivals=12,
    periodicity_sizes=10,
    periodicity_fundamental_share=0.35,
    periodicity_fundamental_min=12.0,
)
Row = dict[str, object]


def _at(s: float) -> int:
    return round(s * 1_000) * MS + round(s * 1_000_000) % 1_000 * 1_000


def book_at(at_ns: int, middle: int = 1_000) -> list[np.ndarray]:
    """A clear, bids from ``middle`` down and asks from one tick above it."""
    levels = [("B", 0, 5), ("B", -1, 4), ("B", -2, 6), ("B", -4, 3)]
    levels += [("A", 1, 5), ("A", 2, 7), ("A", 3, 2)]
    return [message("R", at_ns=at_ns)] + [
        message("A", side, number, middle + ticks, size, at_ns)
        for number, (side, ticks, size) in enumerate(levels, start=1)
    ]


def scripted(middle: int = 1_000) -> np.ndarray:
    """Every fingerprint once, in the window from 60 s to 65 s; see the answers in the test."""

    def record(s: float, action: str, side: str, number: int, ticks: int, size: int, flags=128):
        return message(action, side, number, middle + ticks, size, _at(s), flags)

    return script(
        *book_at(_at(59.0), middle),
        # a short life, and a bid that comes back lower
        record(60.0, "A", "B", 10, -1, 2),
        record(60.004, "C", "B", 10, -1, 2),
        record(60.030, "A", "B", 11, -2, 2),
        record(60.100, "A", "B", 12, -3, 2),
        # a trade empties the best ask; asks flee, follow and refill
        record(61.0, "T", "B", 0, 1, 5, 0),
        record(61.0, "F", "A", 5, 1, 5, 0),
        record(61.0, "C", "A", 5, 1, 5),
        record(61.0005, "C", "A", 7, 3, 2),
        record(61.010, "A", "A", 13, 4, 2),
        record(61.015, "A", "A", 14, 1, 5),
        record(61.018, "C", "A", 13, 4, 2),
        record(61.500, "C", "A", 6, 2, 3),
        # a hidden bid is hit and refills; afterwards it only grows
        record(62.0, "T", "A", 0, 0, 8, 0),
        record(62.0, "F", "B", 1, 0, 8, 0),
        record(62.0, "M", "B", 1, 0, 5),
        record(62.003, "C", "B", 2, -1, 1),
        record(62.010, "M", "B", 1, 0, 7),
        # the best bid leaves; what lies behind it withdraws, and some comes back
        record(63.0, "C", "B", 1, 0, 7),
        record(63.005, "M", "B", 3, -3, 6),
        record(63.010, "C", "B", 4, -4, 3),
        record(63.030, "C", "B", 12, -3, 2),
        record(63.040, "A", "B", 16, 0, 7),
        record(63.050, "M", "B", 16, 0, 4),
        record(63.060, "A", "B", 17, -2, 3),
        # beyond 20 ticks, and at 20 ticks
        record(63.070, "A", "A", 18, 21, 2),
        record(63.080, "A", "A", 19, 20, 2),
        # nothing changes
        record(64.0, "M", "A", 19, 20, 2),
        record(65.0, "A", "B", 20, -100, 1),
    )


def mirrored(records: np.ndarray, middle_2: int = 2_001) -> np.ndarray:
    """Bids as asks and asks as bids, prices reflected; ``middle_2`` is twice the middle, ticks."""
    result = records.copy()
    result["side"] = np.where(
        records["side"] == b"A", b"B", np.where(records["side"] == b"B", b"A", records["side"])
    )
    is_priced = records["price"] != np.iinfo(np.int64).max
    result["price"] = np.where(is_priced, middle_2 * TICK_INT - records["price"], records["price"])
    return result


def fingerprints(
    records: np.ndarray, chunks: int = 1, **settings: object
) -> tuple[list[Row], list[Row]]:
    """Return rows of windows and of icebergs, as dictionaries, from records cut into chunks."""
    changed = dataclasses.replace(SETTINGS, **settings)
    parts = [Records.from_vendor(part) for part in np.array_split(records, chunks) if len(part)]
    one = FingerprintPass(vars(changed))
    portions = [portion for part in parts for portion in one.feed(part)] + [*one.finish()]
    rows: dict[str, list[Row]] = {"windows": [], "iceberg_1s": []}
    for portion in portions:
        for name, columns in one.columns(portion):
            rows[name] += _rows(columns)
    for row in rows["iceberg_1s"]:
        start_ts = row.pop("window_start_ts").replace(tzinfo=dt.UTC)
        row["window_s"] = int(start_ts.timestamp())
    return rows["windows"], rows["iceberg_1s"]


def _rows(columns: dict) -> list[Row]:
    names = list(columns)
    return [
        dict(zip(names, row, strict=True))
        for row in zip(*(column.to_pylist() for column in columns.values()), strict=True)
    ]


def window(rows: list[Row], end_s: int, side: str) -> Row:
    """Return the row of a window, by its end in seconds after the day's start."""
    [row] = [row for row in rows if row["window_end_s"] == DAY_S + end_s and row["side"] == side]
    return row
