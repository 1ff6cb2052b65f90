"""Market-by-order records written out by hand, for scripted scenarios."""

from __future__ import annotations

import numpy as np
from naive.model import FLAG_LAST, FLAG_SNAPSHOT, NS_PER_S, UNDEFINED_PRICE, BookConfig

from support.strategies.mbo_records import MBO_DTYPE, RTYPE_MBO, WORD_BYTES

TICK_INT = 250_000_000
DAY_START_NS = 1_703_462_400 * NS_PER_S
SNAPSHOT = FLAG_SNAPSHOT | 8
SNAPSHOT_LAST = SNAPSHOT | FLAG_LAST
LAST = FLAG_LAST


def message(
    action: str,
    side: str = "N",
    order_id: int = 0,
    ticks: int | None = None,
    size: int = 0,
    at_ns: int = 0,
    flags: int = LAST,
    recv_ns: int | None = None,
) -> np.ndarray:
    """One record, shape (1,) of `MBO_DTYPE`; times are ns after the day's start."""
    record = np.zeros(1, MBO_DTYPE)
    record["length"] = MBO_DTYPE.itemsize // WORD_BYTES
    record["rtype"] = RTYPE_MBO
    record["action"], record["side"] = action.encode(), side.encode()
    record["order_id"], record["size"], record["flags"] = order_id, size, flags
    record["price"] = UNDEFINED_PRICE if ticks is None else ticks * TICK_INT
    record["ts_event"] = DAY_START_NS + at_ns
    record["ts_recv"] = DAY_START_NS + (at_ns if recv_ns is None else recv_ns)
    return record


def script(*messages: np.ndarray) -> np.ndarray:
    """Join single records to a stream."""
    return np.concatenate(messages) if messages else np.zeros(0, MBO_DTYPE)


def script_config(**fields: object) -> BookConfig:
    """Configuration of a market that is open all day."""
    open_all_day = ((DAY_START_NS, DAY_START_NS + 86_400 * NS_PER_S, True),)
    defaults = {
        "tick_int": TICK_INT,
        "day_start_ns": DAY_START_NS,
        "trading_intervals": open_all_day,
    }
    return BookConfig(**defaults | fields)
