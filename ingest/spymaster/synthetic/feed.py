"""The venue's feed: how an event of the matching engine becomes records, in Numba.

Facts imitated from a real day of the vendor's feed: the records of a trade (T per price level,
F per resting order) share one packet; what they do to the book (C, M, A) follows in the next
packet with the same ``ts_event``; only the last record of an event carries LAST.
"""

from __future__ import annotations

import databento_dbn
import numba as nb
import numpy as np

from spymaster.dbn.layouts import (
    DBN_VERSIONS,
    FLAG_BAD_TS_RECV,
    FLAG_LAST,
    FLAG_PUBLISHER_SPECIFIC,
    FLAG_SNAPSHOT,
    MBO,
    TRADES,
    UNDEFINED_PRICE,
)
from spymaster.synthetic.random_streams import next_exponential, next_unit

DBN_VERSION = DBN_VERSIONS[-1]
MBO_DTYPE = MBO.dtype(DBN_VERSION)
# The vendor's record with its two one-character fields as numbers, which kernels can write.
KERNEL_MBO_DTYPE = np.dtype(
    [(name, "u1" if kind == "S1" else kind) for name, kind in databento_dbn.MBOMsg._dtypes]
)
TRADE_DTYPE = TRADES.dtype(DBN_VERSION)

RTYPE_MBO = MBO.rtype
MBO_LENGTH_WORDS = MBO.length_words(DBN_VERSION)
PUBLISHER_ID = 1
CHANNEL_ID = 0
ACTION_ADD, ACTION_CANCEL, ACTION_MODIFY = ord("A"), ord("C"), ord("M")
ACTION_TRADE, ACTION_FILL, ACTION_NONE, ACTION_CLEAR = ord("T"), ord("F"), ord("N"), ord("R")
SIDE_BID, SIDE_ASK, SIDE_NONE = ord("B"), ord("A"), ord("N")
FLAGS_LIVE_LAST = FLAG_LAST | FLAG_PUBLISHER_SPECIFIC
FLAGS_SNAPSHOT = FLAG_SNAPSHOT | FLAG_BAD_TS_RECV

# Positions in the writer's state (int64).
TS_EVENT, TS_RECV, SEQUENCE, TS_IN_DELTA, WRITTEN, CLOSING_RECORDS = 0, 1, 2, 3, 4, 5
INSTRUMENT_ID, TICK_INT, LOWEST_TICK = 6, 7, 8
WRITER_SIZE = 9

_SHORTEST_LATENCY_NS = 79_000
_MEAN_LATENCY_NS = 25_000
_BURST_SHARE = 0.08
_MEAN_BURST_LATENCY_NS = 350_000
_SHORTEST_SEND_NS = 12_000
_MEAN_SEND_NS = 3_000


@nb.njit(cache=True)
def open_packet(writer: np.ndarray, states: np.ndarray, stream: int, table: np.ndarray) -> None:
    """Start the packet of a new event at the writer's TS_EVENT, with a drawn latency."""
    mean = _MEAN_LATENCY_NS
    if next_unit(states, stream) < _BURST_SHARE:
        mean = _MEAN_BURST_LATENCY_NS
    latency = _SHORTEST_LATENCY_NS + int(mean * next_exponential(states, stream, table))
    writer[TS_RECV] = max(writer[TS_RECV], writer[TS_EVENT] + latency)
    writer[SEQUENCE] += 1
    writer[TS_IN_DELTA] = _SHORTEST_SEND_NS + int(
        _MEAN_SEND_NS * next_exponential(states, stream, table)
    )


@nb.njit(cache=True)
def follow_packet(writer: np.ndarray, states: np.ndarray, stream: int, table: np.ndarray) -> None:
    """Start another packet of the same event, a few microseconds after the last one."""
    writer[TS_RECV] += 9_000 + int(4_000 * next_exponential(states, stream, table))
    writer[SEQUENCE] += 1
    writer[TS_IN_DELTA] = _SHORTEST_SEND_NS + int(
        _MEAN_SEND_NS * next_exponential(states, stream, table)
    )


@nb.njit(cache=True)
def emit(
    out: np.ndarray,
    writer: np.ndarray,
    action: int,
    side: int,
    order_id: np.uint64,
    level: int,
    size: int,
) -> int:
    """Append one record of the current packet and return its position.

    Args:
        out: shape (capacity,), KERNEL_MBO_DTYPE.
        writer: the writer's state, see the positions above.
        action: one of the ACTION_ codes.
        side: one of the SIDE_ codes.
        order_id: the venue's order id.
        level: price as a level of the ladder.
        size: contracts.
    """
    position = writer[WRITTEN]
    record = out[position]
    record["length"] = MBO_LENGTH_WORDS
    record["rtype"] = RTYPE_MBO
    record["publisher_id"] = PUBLISHER_ID
    record["instrument_id"] = writer[INSTRUMENT_ID]
    record["ts_event"] = writer[TS_EVENT]
    record["order_id"] = order_id
    record["price"] = (writer[LOWEST_TICK] + level) * writer[TICK_INT]
    record["size"] = size
    record["flags"] = 0
    record["channel_id"] = CHANNEL_ID
    record["action"] = action
    record["side"] = side
    record["ts_recv"] = writer[TS_RECV]
    record["ts_in_delta"] = writer[TS_IN_DELTA]
    record["sequence"] = writer[SEQUENCE]
    writer[WRITTEN] += 1
    return position


@nb.njit(cache=True)
def close_event(out: np.ndarray, writer: np.ndarray) -> None:
    """Mark the end of an event, on its last record or as a record of its own."""
    if writer[CLOSING_RECORDS] == 0:
        out[writer[WRITTEN] - 1]["flags"] = FLAGS_LIVE_LAST
        return
    position = emit(out, writer, ACTION_NONE, SIDE_NONE, np.uint64(0), 0, 0)
    out[position]["price"] = UNDEFINED_PRICE
    out[position]["flags"] = FLAG_LAST


def trades_of(records: np.ndarray) -> np.ndarray:
    """Return the trades schema of MBO records: their T records, in TRADE_DTYPE."""
    prints = records[records["action"] == b"T"]
    trades = np.zeros(prints.size, TRADE_DTYPE)
    for name in TRADE_DTYPE.names:
        if name in prints.dtype.names:
            trades[name] = prints[name]
    trades["length"] = TRADES.length_words(DBN_VERSION)
    trades["rtype"] = TRADES.rtype
    return trades
