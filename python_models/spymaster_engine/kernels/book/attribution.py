"""What one record means for depth, flows and age: arrivals, cancellations, executions, re-prices.

``pull`` is a reduction that no fill caused; ``fill_matching`` matches fills with reductions.
"""

from __future__ import annotations

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.book.fill_matching import (
    parts_of_cancel,
    parts_of_modify,
    wait_for_reduction,
    waiting_fill,
)
from spymaster_engine.kernels.book.kernel_state import NO_QUOTE
from spymaster_engine.kernels.book.ladder import (
    BLOCK_BITS,
    cell_of,
    lower_depth,
    raise_depth,
    tick_of,
    touch,
)
from spymaster_engine.kernels.book.order_store import delete_order, find_order, insert_order
from spymaster_engine.kernels.compiled import inlined, inner, kernel


@inlined
def _start_age(cfg, st, slot, ts_event):
    """Set when an order came to its price, and note it when that may matter at a window end."""
    s = st.scalars[0]
    st.orders[slot].ts_enter = ts_event
    window_end_ns = (s.window + 1) * NS_PER_S
    if window_end_ns - ts_event < cfg.rest_ns:
        st.young[s.n_young] = slot
        s.n_young += 1


@inlined
def add_order(cfg, st, instrument_id, order_id, side, tick, size, ts_event, is_snapshot):
    """Rest a new order; by a snapshot it is a reset of depth, otherwise an arrival."""
    s = st.scalars[0]
    if size == 0:
        return
    cell = cell_of(st, tick)
    slot = insert_order(st, instrument_id, order_id)
    order = st.orders[slot]
    order.qty = size
    order.side = side
    order.cell = cell
    c = touch(st, side, cell)
    c.order_count += 1
    st.sides[side].n_orders += 1
    if is_snapshot:
        c.reset += size
        s.snapshot_orders += 1
    else:
        c.add += size
    raise_depth(st, side, cell, size)
    _start_age(cfg, st, slot, ts_event)


@inlined
def _remove_order(st, c, slot):
    """Remove an order that has no quantity left from its cell and from the store."""
    c.order_count -= 1
    st.sides[st.orders[slot].side].n_orders -= 1
    delete_order(st, slot)


@inlined
def _add_pull(c, qty, is_aged):
    c.pull += qty
    if is_aged:
        c.pull_rest += qty


@inlined
def _clear_pending(st, slot, filled):
    """Close the pending entry; filled quantity that was not displayed was hidden."""
    s = st.scalars[0]
    order = st.orders[slot]
    s.matched_fill_qty += filled
    s.hidden_fill_qty += order.pending_qty - filled
    order.pending_qty = 0


@inlined
def _count_match(st, pending, reduction):
    """Count how often the reduction at the order's price equals the fill that announced it."""
    s = st.scalars[0]
    if pending > 0:
        s.fill_match_count += 1
        if reduction == pending:
            s.exact_fill_match_count += 1


@inlined
def cancel_order(cfg, st, instrument_id, order_id, size, ts_event):
    """C: reduce an order, in part or whole."""
    s = st.scalars[0]
    slot = find_order(st.table, st.table_keys, st.orders, instrument_id, order_id)
    if slot < 0:
        s.unknown_cancel += 1
        st.unknown_cancels[s.window % st.unknown_cancels.shape[0]] += 1
        return
    order = st.orders[slot]
    if size > order.qty:
        s.over_cancel += 1
    pending = waiting_fill(order, ts_event)
    filled, pulled = parts_of_cancel(order, size, ts_event)
    cancelled = filled + pulled
    _count_match(st, pending, cancelled)

    side, cell = np.int64(order.side), np.int64(order.cell)
    c = touch(st, side, cell)
    c.fill += filled
    _add_pull(c, pulled, ts_event - order.ts_enter >= cfg.rest_ns)
    lower_depth(st, side, cell, cancelled)
    order.qty -= cancelled
    _clear_pending(st, slot, filled)
    if order.qty == 0:
        _remove_order(st, c, slot)


@inlined
def modify_order(cfg, st, instrument_id, order_id, side, tick, size, ts_event, is_snapshot):
    """M: change size, price or both; fills of the same event are read first."""
    s = st.scalars[0]
    slot = find_order(st.table, st.table_keys, st.orders, instrument_id, order_id)
    if slot < 0:
        s.unknown_modify += 1
        add_order(cfg, st, instrument_id, order_id, side, tick, size, ts_event, is_snapshot)
        return
    order = st.orders[slot]
    is_aged = ts_event - order.ts_enter >= cfg.rest_ns
    old_side, old_cell = np.int64(order.side), np.int64(order.cell)
    old_tick = tick_of(st, old_cell)
    stays = side == old_side and tick == old_tick
    pending = waiting_fill(order, ts_event)
    filled, pulled, added = parts_of_modify(order, size, stays, ts_event)
    _count_match(st, pending, order.qty - size if stays else order.qty)
    old = touch(st, old_side, old_cell)
    old.fill += filled
    _add_pull(old, pulled, is_aged)
    _clear_pending(st, slot, filled)
    order.qty = size
    if stays:
        old.add += added
        if filled > 0 and added > 0:
            s.refill_count += 1
        # one net move, so that a refilled best quote is not lost in between
        net = added - filled - pulled
        if net >= 0:
            raise_depth(st, old_side, old_cell, net)
        else:
            lower_depth(st, old_side, old_cell, -net)
        if size == 0:
            _remove_order(st, old, slot)
        return

    lower_depth(st, old_side, old_cell, filled + pulled)
    if side != old_side:
        s.side_change += 1
    if size == 0:
        _remove_order(st, old, slot)
        return

    new_cell = cell_of(st, tick)
    new = touch(st, side, new_cell)
    new.add += added
    old.order_count -= 1
    new.order_count += 1
    st.sides[old_side].n_orders -= 1
    st.sides[side].n_orders += 1
    moved = min(pulled, size)
    if side == old_side and moved > 0:
        old.reprice_out += moved
        new.reprice_in += moved
        s.reprice_out_qty += moved
        s.reprice_in_qty += moved
        _note_reprice(st, side, old_tick, tick, moved, is_aged)
    raise_depth(st, side, new_cell, size)
    order.side = side
    order.cell = new_cell
    _start_age(cfg, st, slot, ts_event)


@inlined
def _note_reprice(st, side, from_tick, to_tick, qty, is_aged):
    s = st.scalars[0]
    entry = st.reprices[s.n_reprice]
    entry.side = side
    entry.from_tick = from_tick
    entry.to_tick = to_tick
    entry.qty = qty
    entry.qty_rest = qty if is_aged else 0
    s.n_reprice += 1


@inlined
def note_fill(st, instrument_id, order_id, size, ts_event):
    """F: keep the filled quantity on its order until the C or M of the same event."""
    s = st.scalars[0]
    s.fill_msg_qty += size
    slot = find_order(st.table, st.table_keys, st.orders, instrument_id, order_id)
    if slot < 0:
        s.unknown_fill_qty += size
        return
    if size == 0:
        return
    order = st.orders[slot]
    s.unmatched_fill_qty += wait_for_reduction(order, size, ts_event)
    if order.pending_qty == size:
        if s.n_pending == 0 or ts_event < s.pending_min_ts:
            s.pending_min_ts = ts_event
        st.pending[s.n_pending] = slot
        s.n_pending += 1


@kernel
def expire_pending(st, ts_event):
    """Drop waiting fills older than ``ts_event``; no record of their event can follow."""
    s = st.scalars[0]
    kept = 0
    for i in range(s.n_pending):
        slot = st.pending[i]
        order = st.orders[slot]
        if order.pending_qty == 0:
            continue
        if order.pending_ts < ts_event:
            s.unmatched_fill_qty += order.pending_qty
            order.pending_qty = 0
            continue
        if kept == 0 or order.pending_ts < s.pending_min_ts:
            s.pending_min_ts = order.pending_ts
        st.pending[kept] = slot
        kept += 1
    s.n_pending = kept


@inner
def clear_book(st):
    """R, or the start of a snapshot: empty the book; all depth leaves as a reset."""
    s = st.scalars[0]
    s.n_clears += 1
    for i in range(s.n_pending):
        order = st.orders[st.pending[i]]
        s.unmatched_fill_qty += order.pending_qty
        order.pending_qty = 0
    s.n_pending = 0
    for slot in range(st.orders.shape[0]):
        order = st.orders[slot]
        if not order.alive:
            continue
        side, cell = np.int64(order.side), np.int64(order.cell)
        c = touch(st, side, cell)
        c.reset -= order.qty
        c.order_count -= 1
        st.depth[side, cell] -= order.qty
        st.block_depth[side, cell >> BLOCK_BITS] -= order.qty
        st.sides[side].depth -= order.qty
        order.alive = 0
        st.free[s.n_free] = slot
        s.n_free += 1
    st.table[:] = -1
    for both in range(2):
        st.sides[both].n_orders = 0
        st.sides[both].best_key = NO_QUOTE
