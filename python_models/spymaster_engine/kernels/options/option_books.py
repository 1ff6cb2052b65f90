"""The books of thousands of options in one pass: best quotes and order flow, second by second.

Orders are kept in the book engine's store, which keeps instruments apart. A book is small:
per side the prices that hold orders, the best last, so that a change near it moves few entries.
The rules of groups, snapshots, fills and seconds are those of the book engine. All books share one
open second, that of the latest group of the file, so that the rows of a second are known once it
has ended: a group that begins or ends later than its second belongs to the open one. But for such
groups each instrument has the same rows as if it were alone in the file.
"""

from __future__ import annotations

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.book.event_groups import (
    begin_group,
    begins_group,
    cuts_group,
    ends_group,
    group_ns,
    remember_clear,
)
from spymaster_engine.kernels.book.fill_matching import (
    parts_of_cancel,
    parts_of_modify,
    wait_for_reduction,
)
from spymaster_engine.kernels.book.kernel_state import (
    ADD,
    ASK,
    BID,
    CANCEL,
    CLEAR,
    DONE,
    FILL,
    GROW_ORDERS,
    MODIFY,
    NONE,
    NULL,
    OUTPUT_FULL,
    SNAPSHOT,
    TRADE,
    UNDEFINED_PRICE,
)
from spymaster_engine.kernels.book.order_store import delete_order, find_order, insert_order
from spymaster_engine.kernels.book.sides import price_key, side_of
from spymaster_engine.kernels.book.snapshots import follow_snapshot, note_known
from spymaster_engine.kernels.compiled import inlined, inner, kernel

# beside the statuses of the book engine
GROW_LEVELS = 100


@inner
def _change_depth(st, number, side, price, qty):
    """Add to the depth at a price, or take from it; a price without depth is forgotten."""
    sd = st.sides[number, side]
    keys, quantities = st.keys[number, side], st.quantities[number, side]
    key = price_key(side, price)
    n = sd.n_levels
    at = n
    while at > 0 and keys[at - 1] >= key:
        at -= 1
    if at < n and keys[at] == key:
        quantities[at] += qty
        if quantities[at] <= 0:
            for i in range(at, n - 1):
                keys[i] = keys[i + 1]
                quantities[i] = quantities[i + 1]
            sd.n_levels = n - 1
        return
    for i in range(n, at, -1):
        keys[i] = keys[i - 1]
        quantities[i] = quantities[i - 1]
    keys[at] = key
    quantities[at] = qty
    sd.n_levels = n + 1


@inlined
def _add(st, number, order_id, side, price, size, is_snapshot):
    book = st.books[number]
    if size == 0:
        return
    order = st.orders[insert_order(st, np.uint32(book.instrument_id), order_id)]
    order.qty = size
    order.side = side
    order.price = price
    book.n_orders += 1
    if not is_snapshot:
        st.sides[number, side].add_qty += size
    _change_depth(st, number, side, price, size)


@inlined
def _remove(st, number, slot):
    st.books[number].n_orders -= 1
    delete_order(st, slot)


@inlined
def _cancel(st, number, slot, size, ts_event):
    book, order = st.books[number], st.orders[slot]
    side = np.int64(order.side)
    filled, pulled = parts_of_cancel(order, size, ts_event)
    book.fill_qty += filled
    st.sides[number, side].pull_qty += pulled
    order.pending_qty = 0
    cancelled = filled + pulled
    if cancelled > 0:
        _change_depth(st, number, side, order.price, -cancelled)
    order.qty -= cancelled
    if order.qty == 0:
        _remove(st, number, slot)


@inlined
def _modify(st, number, slot, side, price, size, ts_event):
    book, order = st.books[number], st.orders[slot]
    old_side, old_price, old_qty = np.int64(order.side), order.price, order.qty
    stays = side == old_side and price == old_price
    filled, pulled, added = parts_of_modify(order, size, stays, ts_event)
    book.fill_qty += filled
    st.sides[number, old_side].pull_qty += pulled
    st.sides[number, side].add_qty += added
    order.pending_qty = 0
    if stays:
        if size != old_qty:
            _change_depth(st, number, side, price, size - old_qty)
    else:
        _change_depth(st, number, old_side, old_price, -old_qty)
        if size > 0:
            _change_depth(st, number, side, price, size)
            order.side = side
            order.price = price
    order.qty = size
    if size == 0:
        _remove(st, number, slot)


@inner
def _clear(st, number):
    """Empty a book: its orders leave as a reset, which is no flow."""
    book = st.books[number]
    if book.n_orders > 0:
        for slot in range(st.orders.shape[0]):
            if st.orders[slot].alive and st.orders[slot].instrument_id == book.instrument_id:
                delete_order(st, slot)
    book.n_orders = 0
    for side in range(2):
        st.sides[number, side].n_levels = 0


@inlined
def _best(st, number, side):
    """Return (price, quantity) of the best quote of a side, NULL and 0 without one."""
    n = st.sides[number, side].n_levels
    if n == 0:
        return NULL, np.int64(0)
    return price_key(side, st.keys[number, side, n - 1]), st.quantities[number, side, n - 1]


@inlined
def _end_group(st, number):
    """Read the quote, which is complete only now, and note when it changed."""
    book = st.books[number]
    book.in_group = 0
    changed_ns = max(book.group_ns, st.scalars[0].second * NS_PER_S)
    for side in range(2):
        sd = st.sides[number, side]
        price, qty = _best(st, number, side)
        if price != sd.price_int or qty != sd.qty:
            sd.price_int = price
            sd.qty = qty
            book.last_change_ns = changed_ns
            book.is_changed = 1


@inner
def _end_second_of(st, rows, number):
    """Write a row of the second that ends, when its quote, flows or validity are new."""
    s, book = st.scalars[0], st.books[number]
    bid, ask = st.sides[number, BID], st.sides[number, ASK]
    valid = np.int64(book.known != 0 and book.loading == 0 and book.bad_book == 0)
    flows = bid.add_qty + ask.add_qty + bid.pull_qty + ask.pull_qty + book.fill_qty
    if book.is_changed or flows > 0 or valid != book.written_valid:
        row = rows[s.n_rows]
        s.n_rows += 1
        row.window_s = s.second
        row.instrument_id = book.instrument_id
        row.bid_price_int = bid.price_int
        row.ask_price_int = ask.price_int
        row.bid_qty = bid.qty
        row.ask_qty = ask.qty
        row.last_change_ns = book.last_change_ns
        row.book_valid = valid
        row.bid_add_qty = bid.add_qty
        row.ask_add_qty = ask.add_qty
        row.bid_pull_qty = bid.pull_qty
        row.ask_pull_qty = ask.pull_qty
        row.fill_qty = book.fill_qty
        book.written_valid = valid
    book.is_changed = 0
    book.fill_qty = 0
    for side in range(2):
        st.sides[number, side].add_qty = 0
        st.sides[number, side].pull_qty = 0


@kernel
def end_second(st, rows):
    """End the open second: write the rows of its books, for which ``rows`` has room.

    A book in the middle of a group is written when the second ends in which its group does.
    """
    s = st.scalars[0]
    n_kept = 0
    for i in range(s.n_touched):
        number = st.touched[i]
        if st.books[number].in_group:
            st.touched[n_kept] = number
            n_kept += 1
        else:
            st.books[number].is_touched = 0
            _end_second_of(st, rows, number)
    s.n_touched = n_kept


@inner
def _open_group(st, rows, number, t, is_snapshot, day_start_s):
    """Begin a group of a book; a later second ends the open one."""
    s, book = st.scalars[0], st.books[number]
    second = max(t // NS_PER_S, day_start_s)
    if s.started == 0:
        s.started = 1
        s.second = second
    elif second > s.second:
        end_second(st, rows)
        s.second = second
    begin_group(book, is_snapshot)
    book.group_ns = max(t, s.second * NS_PER_S)


@inlined
def _touch(st, number):
    """Note that a book has a record in the open second."""
    s, book = st.scalars[0], st.books[number]
    if book.is_touched == 0:
        book.is_touched = 1
        st.touched[s.n_touched] = number
        s.n_touched += 1


@inlined
def _take_snapshot(st, number, kind, flag, is_snapshot):
    """Follow the snapshot of all resting orders: a book that it does not name was empty."""
    s, book = st.scalars[0], st.books[number]
    if is_snapshot:
        s.snapshot_seen = 1
    elif s.snapshot_seen:
        book.known = 1
    if follow_snapshot(book, kind, flag, is_snapshot):
        _clear(st, number)


@inlined
def _apply(st, number, kind, order_id, side, price, size, ts_event, is_snapshot):
    """Apply a record to its order or book."""
    instrument_id = np.uint32(st.books[number].instrument_id)
    if kind == CLEAR:
        _clear(st, number)
        return
    slot = find_order(st.table, st.table_keys, st.orders, instrument_id, order_id)
    if slot < 0:
        if kind in (ADD, MODIFY):
            _add(st, number, order_id, side, price, size, is_snapshot)
    elif kind == CANCEL:
        _cancel(st, number, slot, size, ts_event)
    elif kind == MODIFY:
        _modify(st, number, slot, side, price, size, ts_event)
    elif kind == FILL and size > 0:
        wait_for_reduction(st.orders[slot], size, ts_event)


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
    n_levels_max = st.keys.shape[2]
    for i in range(start, ts_event.shape[0]):
        k = number[i]
        if s.n_free == 0:
            return i, GROW_ORDERS
        if s.n_rows + s.n_touched > rows.shape[0]:
            return i, OUTPUT_FULL
        if max(st.sides[k, ASK].n_levels, st.sides[k, BID].n_levels) == n_levels_max:
            return i, GROW_LEVELS
        book = st.books[k]
        kind, flag, t = action[i], flags[i], ts_event[i]
        is_snapshot = np.int64((flag & SNAPSHOT) != 0)
        if cuts_group(book, is_snapshot):
            _end_group(st, k)
        if begins_group(book, kind, t):
            t_group = group_ns(t, ts_recv[i], is_snapshot)
            _open_group(st, rows, k, t_group, is_snapshot, day_start_s)
        _touch(st, k)

        _take_snapshot(st, k, kind, flag, is_snapshot)
        if kind != NONE and kind != TRADE:
            price_int = price[i] if price[i] != UNDEFINED_PRICE else np.int64(0)
            quantity, side_index = np.int64(size[i]), side_of(side[i])
            _apply(st, k, kind, order_id[i], side_index, price_int, quantity, t, is_snapshot)
        note_known(book, kind, flag, is_snapshot)
        if ends_group(book, kind, flag):
            _end_group(st, k)
        remember_clear(book, kind, t)
    return ts_event.shape[0], DONE


@kernel
def end_day(st, rows):
    """End the last events and the open second; ``rows`` has room for its books."""
    for i in range(st.scalars[0].n_touched):
        if st.books[st.touched[i]].in_group:
            _end_group(st, st.touched[i])
    end_second(st, rows)
