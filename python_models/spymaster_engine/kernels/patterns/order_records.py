"""Market by order: replays records and notes, of each, what it says about who sent it."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

from spymaster_engine.kernels.book.event_groups import begins_group, cuts_group, group_ns
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
    DAY_END_TOLERANCE_S,
    DONE,
    FILL,
    MODIFY,
    NO_QUOTE,
    NONE,
    NULL,
    SIDE_ASK,
    SIDE_BID,
    SNAPSHOT,
    SPOT_NONE,
    TRADE,
)
from spymaster_engine.kernels.book.ladder import LADDER_CELLS, depth_at, tick_of
from spymaster_engine.kernels.book.order_store import find_order
from spymaster_engine.kernels.book.replay import apply_records
from spymaster_engine.kernels.book.sides import price_key, side_of
from spymaster_engine.kernels.book.windows import spot_of
from spymaster_engine.kernels.compiled import inlined, inlined_entry, inner, kernel
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
def _change_second(book, pr, limits, second):
    bid, ask = book.sides[BID].best_key, book.sides[ASK].best_key
    has_both = bid != NO_QUOTE and ask != NO_QUOTE
    last = book.scalars[0].last_trade_tick
    spot, source = spot_of(has_both, price_key(BID, bid), price_key(ASK, ask), last)
    open_second(pr, limits, second, source != SPOT_NONE, spot)


@inlined
def _begin_group(cfg, book, pr, limits, begun_ns):
    """Go on to the second of a group; the book is in the state before it."""
    b, s = book.scalars[0], pr.scalars[0]
    second = max(begun_ns // NS_PER_S, cfg.day_start_s)
    if b.started:
        second = max(second, b.window)
    is_beyond_day = second >= cfg.day_start_s + S_PER_DAY + DAY_END_TOLERANCE_S
    # the engine refuses a group beyond the day
    if not is_beyond_day and (s.started == 0 or second != s.second):
        _change_second(book, pr, limits, second)


@inlined
def _depth_behind(book, side, key, ticks):
    """Return a side's depth at 1 to so many ticks behind a price."""
    depth = np.int64(0)
    for behind in range(1, ticks + 1):
        tick = price_key(side, key - behind)
        cell = tick - book.scalars[0].ladder_low
        if 0 <= cell < LADDER_CELLS:
            depth += book.depth[side, cell]
        else:
            depth += depth_at(book, side, tick)
    return depth


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
                sd.approached += _depth_behind(book, side, key, limits.withdraw_ticks)
        sd.best_key = key


@inlined
def _is_event(pr, limits, tick):
    return pr.scalars[0].is_counted != 0 and is_near(pr, limits, tick)


@inlined
def _note_cancelled(pr, limits, slot, side, tick, pending, filled, pulled, left, ts_enter):
    """Note a cancel that the book has applied."""
    notes = pr.notes
    if pending > 0:
        if filled > 0 and pulled == 0 and left == 0:
            wait(pr.emptied, pr.scalars[0].clock, side, notes.shown[slot], tick, np.int64(0))
    elif pulled > 0 and _is_event(pr, limits, tick):
        note_event(pr, limits)
        note_cancel(pr, side, notes.born[slot], left == 0)
        note_taken(pr, limits, side, tick, pulled, ts_enter)


@inlined
def _note_modified(
    pr, limits, slot, side, tick, to_side, to_tick, size, pending, filled, pulled, added, ts_enter
):
    """Note a modify of an order that rested, which the book has applied."""
    clock, notes = pr.scalars[0].clock, pr.notes
    stays = side == to_side and tick == to_tick
    if size == 0 and pending > 0 and filled > 0 and pulled == 0:
        wait(pr.emptied, clock, side, notes.shown[slot], tick, np.int64(0))
    if stays and added > 0:
        last = notes.filled[slot]
        if pending > 0 or (last != NULL and clock - last <= limits.refill_ns):
            notes.filled[slot] = NULL
            note_refill(pr, side, tick, added)
    # what a fill leaves is not what was shown
    is_rest = stays and pending > 0 and pulled == 0 and added == 0
    if size > 0 and not is_rest:
        notes.shown[slot] = size
    if pending > 0 or not _is_event(pr, limits, tick):
        return
    if stays:
        if pulled > 0 or added > 0:
            note_event(pr, limits)
        if pulled > 0:
            note_taken(pr, limits, side, tick, pulled, ts_enter)
    else:
        note_event(pr, limits)
        if side == to_side and size > 0:
            note_reprice(pr, limits, side, tick, to_tick, pulled, ts_enter)


@inlined
def _note_arrived(pr, limits, slot, side, tick, size, is_snapshot):
    """Note an order that the book has taken in."""
    clock, notes = pr.scalars[0].clock, pr.notes
    notes.shown[slot] = size
    notes.filled[slot] = NULL
    notes.born[slot] = NULL if is_snapshot else clock
    if is_snapshot:
        return
    if take(pr.emptied, clock, side, size, tick, np.int64(0), limits.refill_ns) >= 0:
        note_reload(pr, side, tick, size)
    if _is_event(pr, limits, tick):
        note_event(pr, limits)
        note_arrival(pr, limits, side, tick, size)


@kernel
def observe_prints(
    cfg,
    book,
    out,
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

    Arguments and result as of ``apply_records``, with the ``Prints`` and ``Limits`` after the
    output. ``Prints`` has room for all records of the chunk.
    """
    b, s = book.scalars[0], pr.scalars[0]
    for i in range(start, ts_event.shape[0]):
        kind, t = action[i], ts_event[i]
        is_snapshot = np.int64((flags[i] & SNAPSHOT) != 0)
        is_cut = cuts_group(b, is_snapshot)
        if is_cut:
            end_group(book, pr, limits, b.group_is_snapshot == 0)
        if is_cut or begins_group(b, kind, t):
            _begin_group(cfg, book, pr, limits, group_ns(t, ts_recv[i], is_snapshot))

        # the order as it rests before the record
        slot = np.int64(-1)
        old_side = old_tick = ts_enter = left = np.int64(0)
        pending = filled = pulled = added = np.int64(0)
        quantity, tick = np.int64(size[i]), price[i] // cfg.tick_int
        new_side = side_of(side[i])
        if kind in (CANCEL, MODIFY, FILL):
            slot = find_order(
                book.table, book.table_keys, book.orders, instrument_id[i], order_id[i]
            )
        if slot >= 0 and kind != FILL:
            order = book.orders[slot]
            old_side, old_tick = np.int64(order.side), tick_of(book, np.int64(order.cell))
            ts_enter, pending = order.ts_enter, waiting_fill(order, t)
            if kind == CANCEL:
                filled, pulled = parts_of_cancel(order, quantity, t)
                left = order.qty - filled - pulled
            else:
                stays = old_side == new_side and old_tick == tick
                filled, pulled, added = parts_of_modify(order, quantity, stays, t)
        hidden_before, free_before = b.hidden_fill_qty, b.n_free

        position, status = apply_records(
            cfg,
            book,
            out,
            ts_event,
            ts_recv,
            instrument_id,
            order_id,
            price,
            size,
            flags,
            action,
            side,
            i,
            i + 1,
        )
        if status != DONE:
            return position, status

        if is_snapshot or kind == CLEAR:
            if s.is_forgotten == 0:
                forget_waiting(pr)
        elif kind != NONE:
            s.clock = max(s.clock, t)
            s.is_forgotten = 0
        if b.n_free < free_before and kind in (ADD, MODIFY):
            arrived = np.int64(book.free[b.n_free])
            _note_arrived(pr, limits, arrived, new_side, tick, quantity, is_snapshot)
        elif is_snapshot:
            pass
        elif kind == TRADE:
            if quantity > 0 and side[i] == SIDE_ASK:
                pr.sides[BID].trade_ns = s.clock
            elif quantity > 0 and side[i] == SIDE_BID:
                pr.sides[ASK].trade_ns = s.clock
        elif slot >= 0 and kind == FILL:
            if quantity > 0:
                pr.notes.filled[slot] = s.clock
        elif slot >= 0:
            note_hidden(pr, old_side, old_tick, b.hidden_fill_qty - hidden_before)
            if kind == CANCEL:
                _note_cancelled(
                    pr, limits, slot, old_side, old_tick, pending, filled, pulled, left, ts_enter
                )
            else:
                _note_modified(
                    pr,
                    limits,
                    slot,
                    old_side,
                    old_tick,
                    new_side,
                    tick,
                    quantity,
                    pending,
                    filled,
                    pulled,
                    added,
                    ts_enter,
                )
        if b.in_group == 0:
            end_group(book, pr, limits, is_snapshot == 0 and kind != CLEAR)
    return ts_event.shape[0], DONE
