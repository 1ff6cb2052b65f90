"""Prices by level and best quotes of a synthetic day, from the same events as its orders.

What a vendor does with a feed by order: keep the orders, add them up by price, and tell of every
message that changes one of the ten best prices of its side (``mbp-10``), and of the best quotes
and the last trade once a second (``bbo-1s``). A trade comes with the book before it; only the
last record of an event carries LAST.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from spymaster.dbn.layouts import (
    BBO_1S,
    BOOK_LEVELS,
    FLAG_LAST,
    FLAG_SNAPSHOT,
    MBP_10,
    UNDEFINED_PRICE,
    UNDEFINED_TIMESTAMP,
)
from spymaster.synthetic.compiled import entry, kernel
from spymaster.synthetic.feed import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_CLEAR,
    ACTION_MODIFY,
    ACTION_TRADE,
    DBN_VERSION,
    FLAGS_LIVE_LAST,
    FLAGS_SNAPSHOT,
    KERNEL_MBO_DTYPE,
    PUBLISHER_ID,
    SIDE_BID,
    SIDE_NONE,
)
from spymaster.synthetic.layout import ASK, BID, NONE
from spymaster.synthetic.plan import SyntheticMarket
from spymaster.synthetic.schedule import NS_PER_SECOND, SECONDS_PER_DAY
from spymaster.synthetic.simulation import ORDER_SLOTS, contract_day, opening_orders

MBP_DTYPE = MBP_10.dtype(DBN_VERSION)
BBO_DTYPE = BBO_1S.dtype(DBN_VERSION)

# At most half full: a search ends soon.
_TABLE_BITS = ORDER_SLOTS.bit_length()
_TABLE_SIZE = 1 << _TABLE_BITS
_TABLE_MASK = _TABLE_SIZE - 1
# The golden ratio in 64 bits spreads consecutive ids over the table (Knuth, TAOCP 3, 6.4).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - _TABLE_BITS)

_PAIR = np.dtype(
    [
        ("bid_px", np.int64),
        ("ask_px", np.int64),
        ("bid_sz", np.uint32),
        ("ask_sz", np.uint32),
        ("bid_ct", np.uint32),
        ("ask_ct", np.uint32),
    ]
)
# a resting order as the feed told of it; size 0 where the table is empty
_ENTRY = np.dtype(
    [("order_id", np.uint64), ("level", np.int32), ("size", np.int32), ("side", np.int64)]
)
_CELL = np.dtype([("depth", np.int32), ("count", np.int32)])
_STATE = np.dtype(
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
    first = dtype.names.index("bid_px_00")
    return np.dtype(
        [
            (name, "u1" if dtype[name].str == "|S1" else dtype[name].str)
            for name in dtype.names[:first]
        ]
    )


_MBP_HEAD, _BBO_HEAD = _head_of(MBP_DTYPE), _head_of(BBO_DTYPE)


class _Book(NamedTuple):
    """The feed's book: ``orders`` _ENTRY, ``cells`` (2, prices) _CELL, ``state`` (1,) _STATE."""

    orders: np.ndarray
    cells: np.ndarray
    state: np.ndarray


class _Output(NamedTuple):
    """What the kernel writes: heads (n,), levels (n, 10) and (n, 1) _PAIR."""

    mbp: np.ndarray
    mbp_levels: np.ndarray
    bbo: np.ndarray
    bbo_levels: np.ndarray


class PriceFeed:
    """Prices by level and best quotes of one contract-day, piece by piece."""

    def __init__(self, market: SyntheticMarket, day: dt.date, kind: str) -> None:
        frame = contract_day(market, day, kind)
        orders, levels = opening_orders(market, day, kind)
        self._instrument_id = frame.contract.instrument_id
        self._midnight_ns = frame.pace.midnight_ns
        self._book = _Book(
            np.zeros(_TABLE_SIZE, _ENTRY), np.zeros((2, levels), _CELL), np.zeros(1, _STATE)
        )
        state = self._book.state
        state["best_bid"], state["best_ask"] = NONE, levels
        state["lowest_tick"], state["tick_int"] = frame.lowest_tick, frame.contract.tick_int
        state["last_of_event"] = NONE
        state["interval_end_ns"] = self._midnight_ns + NS_PER_SECOND
        state["is_changed"] = 1
        state["trade_price"], state["trade_side"] = UNDEFINED_PRICE, SIDE_NONE
        state["trade_ns"] = UNDEFINED_TIMESTAMP
        self._opening = self._open(orders)

    def add(self, records: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the next records of the day, whole events, add to both schemas.

        Args:
            records: the vendor's MBO dtype, in file order.

        Returns:
            MBP_DTYPE and BBO_DTYPE records.
        """
        output = _output(records.size + 1)
        derive(self._book, records.view(KERNEL_MBO_DTYPE), output)
        mbp, bbo = self._told(output)
        if self._opening is not None:
            mbp, self._opening = np.concatenate([self._opening, mbp]), None
        return mbp, bbo

    def finish(self) -> np.ndarray:
        """Return the best quotes of the last second with a change (BBO_DTYPE), if any.

        The very last second of the day ends with the file and has no record.
        """
        end_ns = self._midnight_ns + SECONDS_PER_DAY * NS_PER_SECOND
        if self._book.state["interval_end_ns"][0] >= end_ns:
            return np.zeros(0, BBO_DTYPE)
        output = _output(1)
        end_interval(self._book, output)
        return self._told(output)[1]

    def _open(self, orders: np.ndarray) -> np.ndarray:
        """Rest the orders of midnight and return the record that tells of the book there."""
        output = _output(1)
        rest_orders(self._book, orders, output)
        head = output.mbp[0]
        head["ts_event"] = orders["ts_enter"][-1] if orders.size else self._midnight_ns
        head["ts_recv"] = self._midnight_ns
        head["action"], head["side"], head["flags"] = ACTION_ADD, SIDE_NONE, FLAGS_SNAPSHOT
        head["flags"] |= FLAG_LAST
        head["price"] = UNDEFINED_PRICE
        if orders.size:
            tick = self._book.state["lowest_tick"][0] + orders["level"][-1]
            head["price"] = tick * self._book.state["tick_int"][0]
            head["size"] = orders["size"][-1]
        return self._told(output)[0]

    def _told(self, output: _Output) -> tuple[np.ndarray, np.ndarray]:
        """Return the filled part of the output as records, and start both anew."""
        state = self._book.state
        made = []
        for layout, dtype, count, heads, levels in (
            (MBP_10, MBP_DTYPE, "n_mbp", output.mbp, output.mbp_levels),
            (BBO_1S, BBO_DTYPE, "n_bbo", output.bbo, output.bbo_levels),
        ):
            n = int(state[count][0])
            records = np.zeros(n, dtype)
            parts = records.view([("head", heads.dtype), ("levels", _PAIR, (levels.shape[1],))])
            parts["head"], parts["levels"] = heads[:n], levels[:n]
            records["length"], records["rtype"] = layout.length_words(DBN_VERSION), layout.rtype
            records["publisher_id"] = PUBLISHER_ID
            records["instrument_id"] = self._instrument_id
            state[count] = 0
            made.append(records)
        return made[0], made[1]


def _output(capacity: int) -> _Output:
    return _Output(
        np.zeros(capacity, _MBP_HEAD),
        np.zeros((capacity, BOOK_LEVELS), _PAIR),
        np.zeros(capacity, _BBO_HEAD),
        np.zeros((capacity, 1), _PAIR),
    )


@entry
def rest_orders(book, orders, output):
    """Rest the orders of midnight (ORDER) and write the levels of the record about them."""
    for i in range(orders.size):
        order = orders[i]
        _insert(book, order.order_id, order.side, order.level, order.size)
    _write_levels(book, output.mbp_levels[0])
    book.state[0].n_mbp = 1


@entry
def derive(book, records, output):
    """Apply records of the MBO schema and write what they add to both schemas.

    The snapshot is left out: the book holds its orders from the start, whether or not the file
    of orders tells of them.
    """
    s = book.state[0]
    for i in range(records.size):
        record = records[i]
        if record.flags & FLAG_SNAPSHOT:
            continue
        captured_ns = np.int64(record.ts_recv)
        if captured_ns >= s.interval_end_ns:
            end_interval(book, output)
            s.interval_end_ns = (captured_ns // NS_PER_SECOND + 1) * NS_PER_SECOND
        s.sequence = record.sequence
        action = record.action
        if action == ACTION_TRADE:
            s.trade_price, s.trade_size = record.price, record.size
            s.trade_side, s.trade_ns = record.side, record.ts_event
            s.is_changed = 1
            _tell(book, record, 0, output)
        elif action == ACTION_CLEAR:
            _clear(book)
            s.is_changed = 1
            _tell(book, record, 0, output)
        elif action == ACTION_ADD or action == ACTION_CANCEL or action == ACTION_MODIFY:
            rank = _apply(book, record)
            if rank < BOOK_LEVELS:
                _tell(book, record, rank, output)
        if record.flags & FLAG_LAST:
            if s.last_of_event != NONE:
                output.mbp[s.last_of_event].flags = FLAGS_LIVE_LAST
            s.last_of_event = NONE


@entry
def end_interval(book, output):
    """Write the best quotes and the last trade if they changed since the last time."""
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
    _write_levels(book, output.bbo_levels[s.n_bbo])
    s.n_bbo += 1


@kernel
def _apply(book, record):
    """Change the book; return the rank of the price that counts, BOOK_LEVELS when far away."""
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
    """Return how many better prices of a side have orders, BOOK_LEVELS when that many do."""
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
def _tell(book, record, rank, output):
    """Write one record about a message, with the book as it is now."""
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
    _write_levels(book, output.mbp_levels[s.n_mbp])
    s.last_of_event = s.n_mbp
    s.n_mbp += 1


@kernel
def _write_levels(book, pairs):
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
    """Return where an order is in the table, or the empty place where it would be."""
    at = _home(order_id)
    while book.orders[at].size > 0 and book.orders[at].order_id != order_id:
        at = (at + 1) & _TABLE_MASK
    return at


@kernel
def _remove(book, order_id):
    """Take an order out, and move up those that its place had pushed on (Knuth, 6.4 R)."""
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
def _clear(book):
    s = book.state[0]
    for i in range(book.orders.shape[0]):
        book.orders[i].size = 0
    for side in (BID, ASK):
        for level in range(book.cells.shape[1]):
            book.cells[side, level].depth = 0
            book.cells[side, level].count = 0
    s.best_bid = NONE
    s.best_ask = book.cells.shape[1]
