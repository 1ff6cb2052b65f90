"""The books of thousands of options in one pass: best quotes and order flow, second by second.

Orders are kept in the book engine's store, which tells instruments apart. A book is little: per
side the prices that hold orders, the best one last, so that what happens near it moves little.
Rules of records, events and windows are those of the book engine, each instrument for itself:
its rows are the same as if it were alone in the file.
"""

from __future__ import annotations

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.book.layout import (
    ADD,
    ASK,
    BID,
    CANCEL,
    CLEAR,
    DONE,
    FILL,
    GROW_ORDERS,
    LAST,
    MAYBE_BAD_BOOK,
    MODIFY,
    NONE,
    NULL,
    OUTPUT_FULL,
    SIDE_BID,
    SNAPSHOT,
    UNDEFINED_PRICE,
)
from spymaster_engine.kernels.book.orders import delete_order, find_order, insert_order
from spymaster_engine.kernels.compiled import kernel

# beside the statuses of the book engine
GROW_LEVELS = 100


@kernel
def _change_depth(st, number, side, price, qty):
    """Add to the depth at a price, or take from it; a price without depth is forgotten."""
    row = 2 * number + side
    prices, quantities = st.prices[row], st.quantities[row]
    key = price if side == BID else -price
    n = st.n_levels[row]
    at = n
    while at > 0 and prices[at - 1] >= key:
        at -= 1
    if at < n and prices[at] == key:
        quantities[at] += qty
        if quantities[at] <= 0:
            for i in range(at, n - 1):
                prices[i] = prices[i + 1]
                quantities[i] = quantities[i + 1]
            st.n_levels[row] = n - 1
        return
    for i in range(n, at, -1):
        prices[i] = prices[i - 1]
        quantities[i] = quantities[i - 1]
    prices[at] = key
    quantities[at] = qty
    st.n_levels[row] = n + 1


@kernel
def _note_add(book, side, qty):
    if side == BID:
        book.bid_add_qty += qty
    else:
        book.ask_add_qty += qty


@kernel
def _note_pull(book, side, qty):
    if side == BID:
        book.bid_pull_qty += qty
    else:
        book.ask_pull_qty += qty


@kernel
def _add(st, number, instrument_id, order_id, side, price, size, is_snapshot):
    book = st.books[number]
    if size == 0:
        return
    order = st.orders[insert_order(st, instrument_id, order_id)]
    order.qty = size
    order.side = side
    order.price = price
    # the store counts both sides together
    if side == BID:
        st.scalars[0].n_orders_bid += 1
    else:
        st.scalars[0].n_orders_ask += 1
    book.n_orders += 1
    if not is_snapshot:
        _note_add(book, side, size)
    _change_depth(st, number, side, price, size)


@kernel
def _remove(st, number, slot):
    st.books[number].n_orders -= 1
    delete_order(st, slot)


@kernel
def _filled_of(order, ts_event):
    if order.pending_qty > 0 and order.pending_ts == ts_event:
        return order.pending_qty
    return np.int64(0)


@kernel
def _cancel(st, number, instrument_id, order_id, size, ts_event):
    slot = find_order(st.table, st.table_keys, st.orders, instrument_id, order_id)
    if slot < 0:
        return
    book, order = st.books[number], st.orders[slot]
    cancelled = min(size, order.qty)
    filled = min(cancelled, _filled_of(order, ts_event))
    book.fill_qty += filled
    _note_pull(book, order.side, cancelled - filled)
    order.pending_qty = 0
    if cancelled > 0:
        _change_depth(st, number, np.int64(order.side), order.price, -cancelled)
    order.qty -= cancelled
    if order.qty == 0:
        _remove(st, number, slot)


@kernel
def _modify(st, number, instrument_id, order_id, side, price, size, ts_event, is_snapshot):
    slot = find_order(st.table, st.table_keys, st.orders, instrument_id, order_id)
    if slot < 0:
        _add(st, number, instrument_id, order_id, side, price, size, is_snapshot)
        return
    book, order = st.books[number], st.orders[slot]
    filled = min(_filled_of(order, ts_event), order.qty)
    left = order.qty - filled
    old_side, old_price, old_qty = np.int64(order.side), order.price, order.qty
    book.fill_qty += filled
    order.pending_qty = 0
    if side == old_side and price == old_price:
        if size < left:
            _note_pull(book, old_side, left - size)
        else:
            _note_add(book, old_side, size - left)
        if size != old_qty:
            _change_depth(st, number, old_side, old_price, size - old_qty)
    else:
        _note_pull(book, old_side, left)
        _note_add(book, side, size)
        _change_depth(st, number, old_side, old_price, -old_qty)
        if size > 0:
            _change_depth(st, number, side, price, size)
            st.scalars[0].n_orders_bid += side - old_side
            st.scalars[0].n_orders_ask -= side - old_side
            order.side = side
            order.price = price
    order.qty = size
    if size == 0:
        _remove(st, number, slot)


@kernel
def _note_fill(st, instrument_id, order_id, size, ts_event):
    slot = find_order(st.table, st.table_keys, st.orders, instrument_id, order_id)
    if slot < 0 or size == 0:
        return
    order = st.orders[slot]
    if order.pending_ts != ts_event:
        order.pending_qty = 0
    order.pending_ts = ts_event
    order.pending_qty += size


@kernel
def _clear(st, number):
    """Empty one book: its orders leave as a reset, which is no flow."""
    book = st.books[number]
    if book.n_orders > 0:
        for slot in range(st.orders.shape[0]):
            if st.orders[slot].alive and st.orders[slot].instrument_id == book.instrument_id:
                delete_order(st, slot)
    book.n_orders = 0
    st.n_levels[2 * number + ASK] = 0
    st.n_levels[2 * number + BID] = 0


@kernel
def _best(st, number, side):
    """Return (price, quantity) of the best quote of a side, NULL and 0 without one."""
    row = 2 * number + side
    n = st.n_levels[row]
    if n == 0:
        return NULL, np.int64(0)
    key = st.prices[row, n - 1]
    return (key if side == BID else -key), st.quantities[row, n - 1]


@kernel
def _end_group(st, number):
    """Look at the quote, which may be read only now, and note when it changed."""
    book = st.books[number]
    book.in_group = 0
    bid, bid_qty = _best(st, number, BID)
    ask, ask_qty = _best(st, number, ASK)
    if (
        bid != book.bid_price_int
        or ask != book.ask_price_int
        or bid_qty != book.bid_qty
        or ask_qty != book.ask_qty
    ):
        book.bid_price_int = bid
        book.ask_price_int = ask
        book.bid_qty = bid_qty
        book.ask_qty = ask_qty
        book.last_change_ns = book.group_ns
        book.is_changed = 1


@kernel
def _end_window(st, rows, number):
    """Write a row of the second that ends, when there is something to tell."""
    s, book = st.scalars[0], st.books[number]
    valid = np.int64(book.known != 0 and book.loading == 0 and book.bad_book == 0)
    flows = book.bid_add_qty + book.ask_add_qty + book.bid_pull_qty + book.ask_pull_qty
    if book.is_changed or flows + book.fill_qty > 0 or valid != book.written_valid:
        row = rows[s.n_rows]
        s.n_rows += 1
        row.window_s = book.window
        row.instrument_id = book.instrument_id
        row.bid_price_int = book.bid_price_int
        row.ask_price_int = book.ask_price_int
        row.bid_qty = book.bid_qty
        row.ask_qty = book.ask_qty
        row.last_change_ns = book.last_change_ns
        row.book_valid = valid
        row.bid_add_qty = book.bid_add_qty
        row.ask_add_qty = book.ask_add_qty
        row.bid_pull_qty = book.bid_pull_qty
        row.ask_pull_qty = book.ask_pull_qty
        row.fill_qty = book.fill_qty
        book.written_valid = valid
    book.is_changed = 0
    book.bid_add_qty = 0
    book.ask_add_qty = 0
    book.bid_pull_qty = 0
    book.ask_pull_qty = 0
    book.fill_qty = 0


@kernel
def _begin_group(st, rows, number, t, is_snapshot, day_start_s):
    """Begin an event of a book; a later second ends the one before."""
    book = st.books[number]
    window = max(t // NS_PER_S, day_start_s)
    if book.started == 0:
        book.started = 1
        book.window = window
    elif window > book.window:
        _end_window(st, rows, number)
        book.window = window
    book.in_group = 1
    book.group_is_snapshot = is_snapshot
    book.group_ns = max(t, book.window * NS_PER_S)


@kernel
def _follow_snapshot(st, number, kind, is_snapshot):
    s, book = st.scalars[0], st.books[number]
    if is_snapshot:
        s.snapshot_seen = 1
        if kind == CLEAR or book.previous_is_snapshot == 0:
            book.loading = 1
            book.bad_book = 0
            if kind != CLEAR:
                _clear(st, number)
    elif book.loading:
        book.loading = 0
        book.known = 1
    elif s.snapshot_seen:
        # the snapshot has all that rested: what it does not name was empty
        book.known = 1
    book.previous_is_snapshot = is_snapshot


@kernel
def replay_options(
    st,
    rows,
    number,
    ts_event,
    ts_recv,
    order_id,
    price,
    size,
    flags,
    action,
    side,
    day_start_s,
    start,
):
    """Apply records ``start:`` of a chunk; return (index of the next record, status).

    Args:
        st: ``State``, changed in place.
        rows: (m,) ``ROW``, filled from ``n_rows`` on.
        number: (n,) int64, number of the record's book.
        ts_event: (n,) int64, ns UTC; likewise ts_recv.
        ts_recv: (n,) int64, ns UTC.
        order_id: (n,) uint64.
        price: (n,) int64, 1e-9 units, ``UNDEFINED_PRICE`` when missing.
        size: (n,) uint32, contracts.
        flags: (n,) uint8, the vendor's bits.
        action: (n,) uint8, ASCII code.
        side: (n,) uint8, ASCII code.
        day_start_s: first second of the day.
        start: index of the first record to apply.

    With a status other than DONE the record at the index has not been applied, and the call can
    be repeated from there once there is room.
    """
    s = st.scalars[0]
    n_levels_max = st.prices.shape[1]
    for i in range(start, ts_event.shape[0]):
        k = number[i]
        if s.n_free == 0:
            return i, GROW_ORDERS
        if s.n_rows == rows.shape[0]:
            return i, OUTPUT_FULL
        if max(st.n_levels[2 * k], st.n_levels[2 * k + 1]) == n_levels_max:
            return i, GROW_LEVELS
        book = st.books[k]
        kind, flag, t = action[i], flags[i], ts_event[i]
        is_snapshot = np.int64((flag & SNAPSHOT) != 0)
        if book.in_group and book.group_is_snapshot != is_snapshot:
            _end_group(st, k)
        # an R ends its group; a standalone record that closes the same event opens no other
        closes_clear = kind == NONE and book.clear_ts == t
        if not book.in_group and not closes_clear:
            _begin_group(st, rows, k, ts_recv[i] if is_snapshot else t, is_snapshot, day_start_s)

        _follow_snapshot(st, k, kind, is_snapshot)
        if flag & MAYBE_BAD_BOOK:
            book.bad_book = 1
        price_int = price[i] if price[i] != UNDEFINED_PRICE else np.int64(0)
        quantity = np.int64(size[i])
        side_index = BID if side[i] == SIDE_BID else ASK
        instrument_id = np.uint32(book.instrument_id)
        if kind == ADD:
            if find_order(st.table, st.table_keys, st.orders, instrument_id, order_id[i]) < 0:
                _add(
                    st, k, instrument_id, order_id[i], side_index, price_int, quantity, is_snapshot
                )
        elif kind == CANCEL:
            _cancel(st, k, instrument_id, order_id[i], quantity, t)
        elif kind == MODIFY:
            _modify(
                st,
                k,
                instrument_id,
                order_id[i],
                side_index,
                price_int,
                quantity,
                t,
                is_snapshot,
            )
        elif kind == FILL:
            _note_fill(st, instrument_id, order_id[i], quantity, t)
        elif kind == CLEAR:
            _clear(st, k)
            if not is_snapshot:
                book.known = 1
        if is_snapshot and flag & LAST and book.loading:
            book.loading = 0
            book.known = 1
        if book.in_group and (flag & LAST or kind == CLEAR):
            _end_group(st, k)
        book.clear_ts = t if kind == CLEAR else NULL
    return ts_event.shape[0], DONE


@kernel
def end_day(st, rows, n_books):
    """End the last event and second of every book; ``rows`` has room for all of them."""
    for number in range(n_books):
        if st.books[number].in_group:
            _end_group(st, number)
        _end_window(st, rows, number)
