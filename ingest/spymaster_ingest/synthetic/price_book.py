"""The vendor's book of a feed by order, and its changes per message, in Numba.

Orders lie in a hash table of fixed size, prices in a ladder. The kernels write a record for every
message that changes one of the ten best prices of its side, with the book after it (before it for
a trade), and the best quotes at the end of every second in which they changed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from spymaster_ingest.dbn.layouts import (
    BBO_1S,
    BOOK_LEVELS,
    FLAG_LAST,
    FLAG_SNAPSHOT,
    MBP_10,
    UNDEFINED_PRICE,
)
from spymaster_ingest.dbn.records import field_names
from spymaster_ingest.synthetic.compiled import entry, kernel
from spymaster_ingest.synthetic.contract_days import ORDER_SLOTS
from spymaster_ingest.synthetic.event_records import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_CLEAR,
    ACTION_MODIFY,
    ACTION_TRADE,
    DBN_VERSION,
    FLAGS_LIVE_LAST,
    SIDE_BID,
)
from spymaster_ingest.synthetic.market_arrays import ASK, BID, NONE
from spymaster_ingest.units import NS_PER_S

MBP_DTYPE = MBP_10.dtype(DBN_VERSION)
BBO_DTYPE = BBO_1S.dtype(DBN_VERSION)

# At most half full: a search ends soon.
_TABLE_BITS = ORDER_SLOTS.bit_length()
TABLE_SIZE = 1 << _TABLE_BITS
_TABLE_MASK = TABLE_SIZE - 1
# The golden ratio in 64 bits spreads consecutive ids over the table (Knuth, TAOCP 3, 6.4).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - _TABLE_BITS)

PAIR = np.dtype(
    [
        ("bid_px", np.int64),
        ("ask_px", np.int64),
        ("bid_sz", np.uint32),
        ("ask_sz", np.uint32),
        ("bid_ct", np.uint32),
        ("ask_ct", np.uint32),
    ]
)
# a resting order of the feed; size 0 where the table is empty
ENTRY = np.dtype(
    [("order_id", np.uint64), ("level", np.int32), ("size", np.int32), ("side", np.int64)]
)
CELL = np.dtype([("depth", np.int32), ("count", np.int32)])
STATE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "best_bid",
            "best_ask",
            "lowest_tick",
            "tick_int",
            "n_mbp",
            "n_bbo",
            "last_of_event",
            "interval_end_ns",
            "is_changed",
            "trade_price",
            "trade_size",
            "trade_side",
        )
    ]
    + [("trade_ns", np.uint64), ("sequence", np.uint32)]
)


def _head_of(dtype: np.dtype) -> np.dtype:
    """Return a record's fields before its levels, with characters as numbers."""
    first = field_names(dtype).index("bid_px_00")
    return np.dtype(
        [
            (name, "u1" if dtype[name].str == "|S1" else dtype[name].str)
            for name in field_names(dtype)[:first]
        ]
    )


_MBP_HEAD, _BBO_HEAD = _head_of(MBP_DTYPE), _head_of(BBO_DTYPE)


class FeedBook(NamedTuple):
    """The feed's book: ``orders`` ENTRY, ``cells`` (2, prices) CELL, ``state`` (1,) STATE."""

    orders: np.ndarray
    cells: np.ndarray
    state: np.ndarray


class FeedOutput(NamedTuple):
    """Output of the kernel: heads (n,), levels (n, 10) and (n, 1) PAIR."""

    mbp: np.ndarray
    mbp_levels: np.ndarray
    bbo: np.ndarray
    bbo_levels: np.ndarray


def empty_output(capacity: int) -> FeedOutput:
    """Return room for ``capacity`` records of either schema."""
    return FeedOutput(
        np.zeros(capacity, _MBP_HEAD),
        np.zeros((capacity, BOOK_LEVELS), PAIR),
        np.zeros(capacity, _BBO_HEAD),
        np.zeros((capacity, 1), PAIR),
    )


@entry
def rest_orders(book, orders, output):
    """Rest the midnight orders (ORDER) and write the levels of their record."""
    for i in range(orders.size):
        order = orders[i]
        _insert(book, order.order_id, order.side, order.level, order.size)
    write_levels(book, output.mbp_levels[0])
    book.state[0].n_mbp = 1


@entry
def derive(book, records, output):
    """Apply records of the MBO schema and write their records of both other schemas.

    The snapshot is skipped: the book holds its orders from the start, whether or not the file of
    orders has them.
    """
    s = book.state[0]
    for i in range(records.size):
        record = records[i]
        if record.flags & FLAG_SNAPSHOT:
            continue
        captured_ns = np.int64(record.ts_recv)
        if captured_ns >= s.interval_end_ns:
            end_interval(book, output)
            s.interval_end_ns = (captured_ns // NS_PER_S + 1) * NS_PER_S
        s.sequence = record.sequence
        action = record.action
        if action == ACTION_TRADE:
            s.trade_price, s.trade_size = record.price, record.size
            s.trade_side, s.trade_ns = record.side, record.ts_event
            s.is_changed = 1
            _write_message(book, record, 0, output)
        elif action == ACTION_CLEAR:
            clear_orders(book)
            s.is_changed = 1
            _write_message(book, record, 0, output)
        elif action in (ACTION_ADD, ACTION_CANCEL, ACTION_MODIFY):
            rank = apply_message(book, record)
            if rank < BOOK_LEVELS:
                _write_message(book, record, rank, output)
        if record.flags & FLAG_LAST:
            if s.last_of_event != NONE:
                output.mbp[s.last_of_event].flags = FLAGS_LIVE_LAST
            s.last_of_event = NONE


@entry
def end_interval(book, output):
    """Write the best quotes and the last trade if they have changed."""
    s = book.state[0]
    if s.is_changed == 0:
        return
    s.is_changed = 0
    head = output.bbo[s.n_bbo]
    head.ts_event = s.trade_ns
    head.price = s.trade_price
    head.size = s.trade_size
    head.side = s.trade_side
    head.flags = FLAGS_LIVE_LAST
    head.ts_recv = s.interval_end_ns
    head.sequence = s.sequence
    write_levels(book, output.bbo_levels[s.n_bbo])
    s.n_bbo += 1


@kernel
def apply_message(book, record):
    """Change the book; return the rank of the changed price, BOOK_LEVELS when far away."""
    s = book.state[0]
    side = BID if record.side == SIDE_BID else ASK
    level = record.price // s.tick_int - s.lowest_tick
    if record.action == ACTION_ADD:
        rank = _rank(book, side, level)
        _insert(book, record.order_id, side, level, np.int64(record.size))
    else:
        entry_of_order = book.orders[_find(book, record.order_id)]
        rank = _rank(book, side, entry_of_order.level)
        left = np.int64(record.size)
        if record.action == ACTION_CANCEL:
            left = entry_of_order.size - left
        _remove(book, record.order_id)
        if left > 0:
            _insert(book, record.order_id, side, level, left)
            if record.action == ACTION_MODIFY:
                new_rank = _rank(book, side, level)
                s.is_changed |= rank == 0
                rank = new_rank if new_rank < BOOK_LEVELS else rank
    s.is_changed |= rank == 0
    return rank


@kernel
def _rank(book, side, level):
    """Return the number of better prices with orders, at most BOOK_LEVELS."""
    s = book.state[0]
    step = -1 if side == BID else 1
    at = s.best_bid if side == BID else s.best_ask
    rank = 0
    while (level - at) * step > 0 and rank < BOOK_LEVELS:
        if book.cells[side, at].count > 0:
            rank += 1
        at += step
    return rank


@kernel
def _write_message(book, record, rank, output):
    """Write the record of a message, with the present book."""
    s = book.state[0]
    head = output.mbp[s.n_mbp]
    head.ts_event = record.ts_event
    head.price = record.price
    head.size = record.size
    head.action = record.action
    head.side = record.side
    head.flags = 0
    head.depth = rank
    head.ts_recv = record.ts_recv
    head.ts_in_delta = record.ts_in_delta
    head.sequence = record.sequence
    write_levels(book, output.mbp_levels[s.n_mbp])
    s.last_of_event = s.n_mbp
    s.n_mbp += 1


@kernel
def write_levels(book, pairs):
    """Write the best prices of both sides, as many as ``pairs`` has room for."""
    s = book.state[0]
    bid, ask = s.best_bid, s.best_ask
    n_levels = book.cells.shape[1]
    for i in range(pairs.shape[0]):
        pair = pairs[i]
        while bid >= 0 and book.cells[BID, bid].count == 0:
            bid -= 1
        while ask < n_levels and book.cells[ASK, ask].count == 0:
            ask += 1
        pair.bid_px = UNDEFINED_PRICE
        pair.ask_px = UNDEFINED_PRICE
        if bid >= 0:
            cell = book.cells[BID, bid]
            pair.bid_px = (s.lowest_tick + bid) * s.tick_int
            pair.bid_sz = cell.depth
            pair.bid_ct = cell.count
            bid -= 1
        if ask < n_levels:
            cell = book.cells[ASK, ask]
            pair.ask_px = (s.lowest_tick + ask) * s.tick_int
            pair.ask_sz = cell.depth
            pair.ask_ct = cell.count
            ask += 1


@kernel
def _insert(book, order_id, side, level, size):
    at = _find(book, order_id)
    entry_of_order = book.orders[at]
    entry_of_order.order_id = order_id
    entry_of_order.level = level
    entry_of_order.size = size
    entry_of_order.side = side
    cell = book.cells[side, level]
    cell.depth += size
    cell.count += 1
    s = book.state[0]
    if side == BID:
        s.best_bid = max(s.best_bid, level)
    else:
        s.best_ask = min(s.best_ask, level)


@kernel
def _home(order_id):
    return np.int64((order_id * _GOLDEN) >> _SHIFT)


@kernel
def _find(book, order_id):
    """Return the position of an order in the table, or of the empty place for it."""
    at = _home(order_id)
    while book.orders[at].size > 0 and book.orders[at].order_id != order_id:
        at = (at + 1) & _TABLE_MASK
    return at


@kernel
def _remove(book, order_id):
    """Remove an order, and move up the orders that its place had displaced (Knuth, 6.4 R)."""
    s = book.state[0]
    hole = _find(book, order_id)
    gone = book.orders[hole]
    side, level = gone.side, gone.level
    cell = book.cells[side, level]
    cell.depth -= gone.size
    cell.count -= 1
    gone.size = 0
    at = (hole + 1) & _TABLE_MASK
    while book.orders[at].size > 0:
        home = _home(book.orders[at].order_id)
        if ((at - home) & _TABLE_MASK) >= ((at - hole) & _TABLE_MASK):
            book.orders[hole] = book.orders[at]
            book.orders[at].size = 0
            hole = at
        at = (at + 1) & _TABLE_MASK
    n_levels = book.cells.shape[1]
    while s.best_bid >= 0 and book.cells[BID, s.best_bid].count == 0:
        s.best_bid -= 1
    while s.best_ask < n_levels and book.cells[ASK, s.best_ask].count == 0:
        s.best_ask += 1


@kernel
def clear_orders(book):
    """Remove every order."""
    s = book.state[0]
    for i in range(book.orders.shape[0]):
        book.orders[i].size = 0
    for side in (BID, ASK):
        for level in range(book.cells.shape[1]):
            book.cells[side, level].depth = 0
            book.cells[side, level].count = 0
    s.best_bid = NONE
    s.best_ask = book.cells.shape[1]
