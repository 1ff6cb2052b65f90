"""Market by order: replays records and notes, of each, what it says about who sent it."""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.book.attribution import clear_book, expire_pending
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
    waiting_fill,
)
from spymaster_engine.kernels.book.kernel_state import (
    ADD,
    ASK,
    BID,
    CANCEL,
    CLEAR,
    DONE,
    FILL,
    MODIFY,
    NO_QUOTE,
    NONE,
    NULL,
    SIDE_ASK,
    SIDE_BID,
    SNAPSHOT,
    TRADE,
    UNDEFINED_PRICE,
)
from spymaster_engine.kernels.book.ladder import tick_of
from spymaster_engine.kernels.book.order_store import find_order
from spymaster_engine.kernels.book.sides import side_of
from spymaster_engine.kernels.book.snapshots import follow_snapshot, note_known
from spymaster_engine.kernels.compiled import inlined, inlined_entry, inner, kernel
from spymaster_engine.kernels.patterns.order_book import (
    depth_behind,
    fill_order,
    go_to_second,
    move_order,
    reduce_order,
    resize_order,
    rest_order,
    room_for_record,
    second_of_group,
    spot_in_force,
)
from spymaster_engine.kernels.patterns.order_events import (
    is_near,
    note_arrival,
    note_cancel,
    note_event,
    note_hidden,
    note_refill,
    note_reload,
    note_reprice,
    note_taken,
)
from spymaster_engine.kernels.patterns.waiting import take, wait
from spymaster_engine.kernels.patterns.windows import forget_waiting, open_second


@inner
def _change_second(cfg, book, pr, limits, second):
    """Go on to another second; the book is in the state before it."""
    status = go_to_second(cfg, book, second)
    if status == DONE:
        has_spot, spot = spot_in_force(book)
        open_second(pr, limits, second, has_spot, spot)
    return status


@kernel
def close_second(cfg, book, pr, limits):
    """End the current second, as a group of the next one would.

    Args as in ``observe_prints``. Returns DONE, or why that cannot be done yet.
    """
    return _change_second(cfg, book, pr, limits, book.scalars[0].window + 1)


@inlined
def _open_group(cfg, book, pr, limits, begun_ns, is_snapshot):
    """Begin a group; return DONE, or why that cannot be done yet."""
    second = second_of_group(cfg, book, begun_ns)
    if pr.scalars[0].started == 0 or second != pr.scalars[0].second:
        status = _change_second(cfg, book, pr, limits, second)
        if status != DONE:
            return status
    begin_group(book.scalars[0], is_snapshot)
    return DONE


@inlined_entry
def end_group(book, pr, limits, is_plain):
    """Take the best prices after a group; only plain ones, no snapshot or clear, move them."""
    clock = pr.scalars[0].clock
    for both in range(2):
        side = BID if both else ASK
        sd, key = pr.sides[side], book.sides[side].best_key
        if key == sd.best_key:
            continue
        if is_plain and key != NO_QUOTE and sd.best_key != NO_QUOTE:
            is_better = key > sd.best_key
            sd.move_ns = clock
            sd.move_direction = 1 if is_better == (side == BID) else -1
            if not is_better and (sd.open_ns == NULL or clock - sd.open_ns > limits.withdraw_ns):
                sd.open_ns = clock
                sd.open_key = key
                sd.approached += depth_behind(book, side, key, limits.withdraw_ticks)
        sd.best_key = key


@inlined
def _is_event(pr, limits, tick):
    return pr.scalars[0].is_counted != 0 and is_near(pr, limits, tick)


@inlined
def _rest(book, pr, limits, instrument_id, order_id, side, tick, size, t, is_snapshot):
    """Rest an order that arrives, and note it."""
    clock = pr.scalars[0].clock
    slot = rest_order(book, instrument_id, order_id, side, tick, size, t)
    order = book.orders[slot]
    order.shown = size
    order.filled = NULL
    order.born = NULL if is_snapshot else clock
    if is_snapshot:
        return
    if take(pr.emptied, clock, side, size, tick, np.int64(0), limits.refill_ns) >= 0:
        note_reload(pr, side, tick, size)
    if _is_event(pr, limits, tick):
        note_event(pr, limits)
        note_arrival(pr, limits, side, tick, size)


@inlined
def _cancel(book, pr, limits, slot, size, t, is_snapshot):
    """Apply a cancel, and note it."""
    order, clock = book.orders[slot], pr.scalars[0].clock
    side, tick = np.int64(order.side), tick_of(book, np.int64(order.cell))
    pending, (filled, pulled) = waiting_fill(order, t), parts_of_cancel(order, size, t)
    hidden, left = order.pending_qty - filled, order.qty - filled - pulled
    reduce_order(book, slot, filled + pulled)
    if is_snapshot:
        return
    note_hidden(pr, side, tick, hidden)
    if pending > 0:
        if filled > 0 and pulled == 0 and left == 0:
            wait(pr.emptied, clock, side, order.shown, tick, np.int64(0))
    elif pulled > 0 and _is_event(pr, limits, tick):
        note_event(pr, limits)
        note_cancel(pr, side, order.born, left == 0)
        note_taken(pr, limits, side, tick, pulled, order.ts_enter)


@inlined
def _resize(book, pr, limits, slot, size, t, is_snapshot):
    """Apply a modify that leaves an order at its price, and note it."""
    order, clock = book.orders[slot], pr.scalars[0].clock
    side, tick = np.int64(order.side), tick_of(book, np.int64(order.cell))
    pending, (filled, pulled, added) = waiting_fill(order, t), parts_of_modify(order, size, True, t)
    hidden = order.pending_qty - filled
    resize_order(book, slot, size)
    if is_snapshot:
        return
    note_hidden(pr, side, tick, hidden)
    if size == 0 and pending > 0 and filled > 0 and pulled == 0:
        wait(pr.emptied, clock, side, order.shown, tick, np.int64(0))
    if added > 0:
        last = order.filled
        if pending > 0 or (last != NULL and clock - last <= limits.refill_ns):
            order.filled = NULL
            note_refill(pr, side, tick, added)
    # what a fill leaves is not what was shown
    is_rest = pending > 0 and pulled == 0 and added == 0
    if size > 0 and not is_rest:
        order.shown = size
    if pending == 0 and (pulled > 0 or added > 0) and _is_event(pr, limits, tick):
        note_event(pr, limits)
        if pulled > 0:
            note_taken(pr, limits, side, tick, pulled, order.ts_enter)


@inlined
def _move(book, pr, limits, slot, to_side, to_tick, size, t, is_snapshot):
    """Apply a modify to another price or side, and note it."""
    order, clock = book.orders[slot], pr.scalars[0].clock
    side, tick = np.int64(order.side), tick_of(book, np.int64(order.cell))
    pending, (filled, pulled, _) = waiting_fill(order, t), parts_of_modify(order, size, False, t)
    hidden, ts_enter = order.pending_qty - filled, order.ts_enter
    move_order(book, slot, to_side, to_tick, size, t)
    if is_snapshot:
        return
    note_hidden(pr, side, tick, hidden)
    if size > 0:
        order.shown = size
    elif pending > 0 and filled > 0 and pulled == 0:
        wait(pr.emptied, clock, side, order.shown, tick, np.int64(0))
    if pending == 0 and _is_event(pr, limits, tick):
        note_event(pr, limits)
        if side == to_side and size > 0:
            note_reprice(pr, limits, side, tick, to_tick, pulled, ts_enter)


@inlined
def _apply_to_order(
    book, pr, limits, kind, instrument_id, order_id, side, tick, size, t, is_snapshot
):
    """Apply a record that names an order, and note what it says."""
    slot = find_order(book.table, book.table_keys, book.orders, instrument_id, order_id)
    if slot < 0:
        if size > 0 and kind in (ADD, MODIFY):
            _rest(book, pr, limits, instrument_id, order_id, side, tick, size, t, is_snapshot)
        return
    order = book.orders[slot]
    if kind == CANCEL:
        _cancel(book, pr, limits, slot, size, t, is_snapshot)
    elif kind == FILL:
        if size > 0:
            fill_order(book, slot, size, t)
            if not is_snapshot:
                order.filled = pr.scalars[0].clock
    elif kind == MODIFY:
        if side == order.side and tick == tick_of(book, np.int64(order.cell)):
            _resize(book, pr, limits, slot, size, t, is_snapshot)
        else:
            _move(book, pr, limits, slot, side, tick, size, t, is_snapshot)


@inlined
def _note_trade(book, pr, tick, is_priced, letter, size, is_snapshot):
    """Keep the last trade, and its time for the side that it took from."""
    if size == 0:
        return
    if is_priced:
        book.scalars[0].last_trade_tick = tick
    if not is_snapshot:
        if letter == SIDE_ASK:
            pr.sides[BID].trade_ns = pr.scalars[0].clock
        elif letter == SIDE_BID:
            pr.sides[ASK].trade_ns = pr.scalars[0].clock


@kernel
def observe_prints(
    cfg,
    book,
    pr,
    limits,
    ts_event,
    ts_recv,
    instrument_id,
    order_id,
    price,
    size,
    flags,
    action,
    side,
    start,
):
    """Apply records ``start:`` of a chunk to a book and note what each says.

    Args:
        cfg: ``KernelConfig``.
        book: ``State`` with orders of PRINT_ORDER, changed in place.
        pr: ``Prints`` with room for all records of the chunk, changed in place.
        limits: ``Limits``.
        ts_event: as in ``apply_records``, likewise the other columns.
        ts_recv: column.
        instrument_id: column.
        order_id: column.
        price: column.
        size: column.
        flags: column.
        action: column.
        side: column.
        start: Index of the first record to apply.

    Returns (index of the next record, status), as ``apply_records`` does.
    """
    b, s = book.scalars[0], pr.scalars[0]
    for i in range(start, ts_event.shape[0]):
        status = room_for_record(book)
        if status != DONE:
            return i, status
        kind, t, flag = action[i], ts_event[i], flags[i]
        is_snapshot = np.int64((flag & SNAPSHOT) != 0)
        if cuts_group(b, is_snapshot):
            b.in_group = 0
            end_group(book, pr, limits, b.group_is_snapshot == 0)
        if begins_group(b, kind, t):
            begun_ns = group_ns(t, ts_recv[i], is_snapshot)
            status = _open_group(cfg, book, pr, limits, begun_ns, is_snapshot)
            if status != DONE:
                return i, status

        b.n_records += 1
        if follow_snapshot(b, kind, flag, is_snapshot):
            clear_book(book)
        if b.n_pending and b.pending_min_ts < t:
            expire_pending(book, t)
        if is_snapshot or kind == CLEAR:
            if s.is_forgotten == 0:
                forget_waiting(book, pr)
        elif kind != NONE:
            s.clock = max(s.clock, t)
            s.is_forgotten = 0

        quantity, is_priced = np.int64(size[i]), price[i] != UNDEFINED_PRICE
        tick = np.int64(0)
        if is_priced and kind in (ADD, MODIFY, TRADE):
            tick = price[i] // cfg.tick_int
        if kind == TRADE:
            _note_trade(book, pr, tick, is_priced, side[i], quantity, is_snapshot)
        elif kind == CLEAR:
            clear_book(book)
        elif kind != NONE:
            _apply_to_order(
                book,
                pr,
                limits,
                kind,
                instrument_id[i],
                order_id[i],
                side_of(side[i]),
                tick,
                quantity,
                t,
                is_snapshot,
            )

        note_known(b, kind, flag, is_snapshot)
        if ends_group(b, kind, flag):
            b.in_group = 0
        remember_clear(b, kind, t)
        if b.in_group == 0:
            end_group(book, pr, limits, is_snapshot == 0 and kind != CLEAR)
    return ts_event.shape[0], DONE
