"""The venue's feed: turns events of the matching engine into records, in Numba.

As on a real day of the vendor's feed, the records of a trade (T per price level, F per resting
order) share a packet; their changes of the book (C, M, A) follow in the next packet with the same
``ts_event``; only the last record of an event carries LAST.
"""

from __future__ import annotations

import databento_dbn
import numpy as np
from spymaster_ingest.dbn.layouts import (
    DBN_VERSIONS,
    FLAG_BAD_TS_RECV,
    FLAG_LAST,
    FLAG_PUBLISHER_SPECIFIC,
    FLAG_SNAPSHOT,
    MBO,
    TRADES,
    UNDEFINED_PRICE,
)
from spymaster_ingest.dbn.records import field_names
from spymaster_ingest.synthetic.compiled import code, kernel
from spymaster_ingest.synthetic.market_arrays import BID, FEED
from spymaster_ingest.synthetic.random_streams import next_below, next_exponential, next_unit

DBN_VERSION = DBN_VERSIONS[-1]
MBO_DTYPE = MBO.dtype(DBN_VERSION)
# The vendor's record with its two character fields as numbers, which kernels can write.
KERNEL_MBO_DTYPE = np.dtype(
    [(name, "u1" if kind == "S1" else kind) for name, kind in databento_dbn.MBOMsg._dtypes]
)
TRADE_DTYPE = TRADES.dtype(DBN_VERSION)

RTYPE_MBO = MBO.rtype
MBO_LENGTH_WORDS = MBO.length_words(DBN_VERSION)
PUBLISHER_ID = 1
CHANNEL_ID = 0
ACTION_ADD, ACTION_CANCEL, ACTION_MODIFY = map(code, b"ACM")
ACTION_TRADE, ACTION_FILL, ACTION_NONE, ACTION_CLEAR = map(code, b"TFNR")
SIDE_BID, SIDE_ASK, SIDE_NONE = map(code, b"BAN")
FLAGS_LIVE_LAST = FLAG_LAST | FLAG_PUBLISHER_SPECIFIC
FLAGS_SNAPSHOT = FLAG_SNAPSHOT | FLAG_BAD_TS_RECV

_SHORTEST_LATENCY_NS = 79_000
_MEAN_LATENCY_NS = 25_000
_BURST_SHARE = 0.08
_MEAN_BURST_LATENCY_NS = 350_000
_SHORTEST_SEND_NS = 12_000
_MEAN_SEND_NS = 3_000


@kernel
def open_packet(st):
    """Start the packet of a new event now, with a drawn latency."""
    s = st.scalars[0]
    mean = _MEAN_LATENCY_NS
    if next_unit(st.states, FEED) < _BURST_SHARE:
        mean = _MEAN_BURST_LATENCY_NS
    latency = _SHORTEST_LATENCY_NS + int(mean * next_exponential(st.states, FEED, st.exponential))
    s.ts_recv = max(s.ts_recv, s.now_ns + latency)
    s.sequence += 1
    s.ts_in_delta = _SHORTEST_SEND_NS + int(
        _MEAN_SEND_NS * next_exponential(st.states, FEED, st.exponential)
    )


@kernel
def follow_packet(st):
    """Start another packet of the same event, a few microseconds after the last."""
    s = st.scalars[0]
    s.ts_recv += 9_000 + int(4_000 * next_exponential(st.states, FEED, st.exponential))
    s.sequence += 1
    s.ts_in_delta = _SHORTEST_SEND_NS + int(
        _MEAN_SEND_NS * next_exponential(st.states, FEED, st.exponential)
    )


@kernel
def emit(st, action, side, order_id, level, size):
    """Append one record of the current packet and return its position.

    Args:
        st: Market.
        action: one of the ACTION_ codes.
        side: one of the SIDE_ codes.
        order_id: the venue's order id, uint64.
        level: price as a level of the ladder.
        size: contracts.
    """
    s = st.scalars[0]
    position = s.written
    record = st.out[position]
    record.length = MBO_LENGTH_WORDS
    record.rtype = RTYPE_MBO
    record.publisher_id = PUBLISHER_ID
    record.instrument_id = s.instrument_id
    record.ts_event = s.now_ns
    record.order_id = order_id
    record.price = (s.lowest_tick + level) * s.tick_int
    record.size = size
    record.flags = 0
    record.channel_id = CHANNEL_ID
    record.action = action
    record.side = side
    record.ts_recv = s.ts_recv
    record.ts_in_delta = s.ts_in_delta
    record.sequence = s.sequence
    s.written += 1
    s.w_records += 1
    return position


@kernel
def close_event(st):
    """Mark the end of an event, on its last record or as a record of its own."""
    s = st.scalars[0]
    s.w_groups += 1
    if s.closing_records == 0:
        st.out[s.written - 1].flags = FLAGS_LIVE_LAST
        return
    position = emit(st, ACTION_NONE, SIDE_NONE, np.uint64(0), 0, 0)
    st.out[position].price = UNDEFINED_PRICE
    st.out[position].flags = FLAG_LAST


@kernel
def venue_side(side):
    """Return the venue's code of a side of the book."""
    return SIDE_BID if side == BID else SIDE_ASK


@kernel
def take_order_id(st, stream):
    """Return a new order id; ids in between belong to other products."""
    s = st.scalars[0]
    order_id = s.next_order_id
    s.next_order_id = order_id + np.uint64(1 + next_below(st.states, stream, 3))
    return order_id


@kernel
def announce(st, action, slot):
    """Emit a whole event: the arrival or the new state of an order."""
    order = st.orders[slot]
    open_packet(st)
    emit(st, action, venue_side(order.side), order.order_id, order.level, order.size)
    close_event(st)


def trades_of(records: np.ndarray) -> np.ndarray:
    """Return the trades schema of MBO records: their T records, in TRADE_DTYPE."""
    prints = records[records["action"] == b"T"]
    trades = np.zeros(prints.size, TRADE_DTYPE)
    for name in field_names(TRADE_DTYPE):
        if name in field_names(prints.dtype):
            trades[name] = prints[name]
    trades["length"] = TRADES.length_words(DBN_VERSION)
    trades["rtype"] = TRADES.rtype
    return trades
