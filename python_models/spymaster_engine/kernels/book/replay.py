"""The loop over records: it closes groups and windows, and applies each action's rule."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

from spymaster_engine.kernels.book.attribution import (
    add_order,
    cancel_order,
    clear_book,
    expire_pending,
    modify_order,
    note_fill,
)
from spymaster_engine.kernels.book.event_groups import (
    begin_group,
    begins_group,
    cuts_group,
    ends_group,
    group_ns,
    remember_clear,
)
from spymaster_engine.kernels.book.kernel_state import (
    ADD,
    ASK,
    BEYOND_DAY,
    BID,
    CANCEL,
    CLEAR,
    DAY_END_TOLERANCE_S,
    DONE,
    FILL,
    GROW_FAR,
    GROW_LISTS,
    GROW_ORDERS,
    MODIFY,
    NONE,
    SIDE_ASK,
    SIDE_BID,
    SNAPSHOT,
    STOPPED,
    TRADE,
    UNDEFINED_PRICE,
)
from spymaster_engine.kernels.book.latency import latency_bucket
from spymaster_engine.kernels.book.order_store import find_order
from spymaster_engine.kernels.book.sides import side_of
from spymaster_engine.kernels.book.snapshots import follow_snapshot, note_known
from spymaster_engine.kernels.book.windows import close_window
from spymaster_engine.kernels.compiled import inlined, inlined_entry, inner, kernel


@inlined_entry
def close_group(st):
    """End the current group; the state may be read now."""
    s = st.scalars[0]
    s.in_group = 0
    s.w_groups += 1
    if s.group_is_snapshot == 0:
        n_orders = st.sides[ASK].n_orders + st.sides[BID].n_orders
        st.resting_histogram[n_orders] += 1
        s.max_resting_orders = max(s.max_resting_orders, n_orders)


@inner
def _open_group(cfg, st, out, t, is_snapshot):
    """Move to the window of a group that starts here, closing the windows before it."""
    s = st.scalars[0]
    if t > cfg.stop_ns:
        return STOPPED
    is_early = t < cfg.day_start_s * NS_PER_S
    window = t // NS_PER_S
    if window >= cfg.day_start_s + S_PER_DAY + DAY_END_TOLERANCE_S:
        return BEYOND_DAY
    if s.started == 0:
        s.window = cfg.day_start_s if is_early else window
        s.started = 1
    if not is_early:
        while s.window < window:
            status = close_window(cfg, st, out)
            if status != DONE:
                return status
    if is_early:
        s.early_groups += 1
    elif window < s.window:
        s.late_groups += 1
    begin_group(s, is_snapshot)
    return DONE


@inlined
def _note_trade(st, tick, is_priced, side, size):
    s = st.scalars[0]
    if size == 0:
        return
    if is_priced:
        s.last_trade_tick = tick
    s.last_trade_window = s.window
    s.w_trades += 1
    s.trade_qty += size
    if side == SIDE_BID:
        s.w_trade_qty_buy += size
    elif side == SIDE_ASK:
        s.w_trade_qty_sell += size
    else:
        s.w_trade_qty_none += size


@inlined
def _is_duplicate(st, instrument_id, order_id):
    """Return whether an order to add already rests, and count it."""
    s = st.scalars[0]
    if find_order(st.table, st.table_keys, st.orders, instrument_id, order_id) < 0:
        return False
    s.dup_add += 1
    return True


@inlined
def apply_records(
    cfg,
    st,
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
    start,
    end,
):
    """Apply records ``start:end`` of one chunk; return (index of the next record, status).

    Args:
        cfg: ``KernelConfig``.
        st: ``State``, changed in place.
        out: ``Output``, filled in place.
        ts_event: (n,) int64, ns UTC; likewise ts_recv.
        ts_recv: (n,) int64, ns UTC.
        instrument_id: (n,) uint32.
        order_id: (n,) uint64.
        price: (n,) int64, 1e-9 units, ``UNDEFINED_PRICE`` when missing.
        size: (n,) uint32, contracts.
        flags: (n,) uint8, the vendor's bits.
        action: (n,) uint8, ASCII code.
        side: (n,) uint8, ASCII code.
        start: Index of the first record to apply.
        end: Index after the last one.

    With any status but DONE the record at the returned index has not been applied yet, and the
    call can be repeated from there once the driver has dealt with the reason.
    """
    s = st.scalars[0]
    n_far_max = st.far_ticks.shape[0]
    n_list_max = min(st.young.shape[0], st.pending.shape[0], st.reprices.shape[0])
    tick_int = cfg.tick_int
    for i in range(start, end):
        if s.n_free == 0:
            return i, GROW_ORDERS
        if s.n_far == n_far_max:
            return i, GROW_FAR
        if max(s.n_young, s.n_pending, s.n_reprice) == n_list_max:
            return i, GROW_LISTS
        flag = flags[i]
        kind = action[i]
        is_snapshot = np.int64((flag & SNAPSHOT) != 0)
        t = ts_event[i]
        t_group = group_ns(t, ts_recv[i], is_snapshot)
        if cuts_group(s, is_snapshot):
            close_group(st)
        if begins_group(s, kind, t):
            status = _open_group(cfg, st, out, t_group, is_snapshot)
            if status != DONE:
                return i, status

        s.n_records += 1
        s.w_records += 1
        # a record that comes late has the time of the second it was moved to
        s.last_record_ns = max(s.last_record_ns, t_group, s.window * NS_PER_S)
        if is_snapshot:
            s.n_snapshot_records += 1
        if is_snapshot or kind == CLEAR:
            s.reset_in_window = 1
        if follow_snapshot(s, kind, flag, is_snapshot):
            clear_book(st)
        if not is_snapshot and kind != NONE:
            st.latency_histogram[latency_bucket(ts_recv[i] - t)] += 1
        if s.n_pending and s.pending_min_ts < t:
            expire_pending(st, t)

        tick = np.int64(0)
        is_priced = price[i] != UNDEFINED_PRICE
        if is_priced:
            tick = price[i] // tick_int
            if tick * tick_int != price[i]:
                s.off_tick += 1
        quantity = np.int64(size[i])
        side_index = side_of(side[i])
        if kind == ADD:
            s.n_A += 1
            if not _is_duplicate(st, instrument_id[i], order_id[i]):
                add_order(
                    cfg,
                    st,
                    instrument_id[i],
                    order_id[i],
                    side_index,
                    tick,
                    quantity,
                    t,
                    is_snapshot,
                )
        elif kind == CANCEL:
            s.n_C += 1
            st.cancels[s.window % st.cancels.shape[0]] += 1
            cancel_order(cfg, st, instrument_id[i], order_id[i], quantity, t)
        elif kind == MODIFY:
            s.n_M += 1
            modify_order(
                cfg,
                st,
                instrument_id[i],
                order_id[i],
                side_index,
                tick,
                quantity,
                t,
                is_snapshot,
            )
        elif kind == TRADE:
            s.n_T += 1
            _note_trade(st, tick, is_priced, side[i], quantity)
        elif kind == FILL:
            s.n_F += 1
            note_fill(st, instrument_id[i], order_id[i], quantity, t)
        elif kind == CLEAR:
            s.n_R += 1
            clear_book(st)
        else:
            s.n_N += 1

        note_known(s, kind, flag, is_snapshot)
        if ends_group(s, kind, flag):
            close_group(st)
        remember_clear(s, kind, t)
    return end, DONE


@kernel
def replay(
    cfg,
    st,
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
    start,
    end,
):
    """Do as ``apply_records``, compiled by itself."""
    return apply_records(
        cfg,
        st,
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
        start,
        end,
    )
