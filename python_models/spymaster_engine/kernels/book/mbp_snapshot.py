"""Seconds of a book that is known by its best price levels only: the loop over rows.

A row of market by price has the view after it (a trade the view before it), so the view between two
event groups is that of the last row. Groups, windows, spot and validity follow the rules of the
book by order; what needs single orders stays NULL.
"""

from __future__ import annotations

import numpy as np
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

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
    BEYOND_DAY,
    CANCEL,
    CLEAR,
    DAY_END_TOLERANCE_S,
    DONE,
    INVALID_BAD_BOOK,
    INVALID_QUOTES,
    INVALID_RESET,
    MAYBE_BAD_BOOK,
    MODIFY,
    NONE,
    NULL,
    OUTPUT_FULL,
    SIDE_ASK,
    SIDE_BID,
    SNAPSHOT,
    SNAPSHOT_ROWS,
    SPOT_NONE,
    TRADE,
    UNDEFINED_PRICE,
)
from spymaster_engine.kernels.book.latency import latency_bucket
from spymaster_engine.kernels.book.windows import is_crossed_in_trading, spot_of, trading_flags
from spymaster_engine.kernels.compiled import inlined, inlined_entry, inner, kernel

# running numbers of one pass; counters from n_records on are named as in book_engine_qa
MBP_SCALARS = np.dtype(
    [
        (name, np.int64)
        for name in (
            "started",
            "window",
            # event groups
            "in_group",
            "group_is_snapshot",
            "previous_is_snapshot",
            "clear_ts",
            # the view of the last row; prices in 1e-9 units, NULL where the side is empty
            "bid_price_int",
            "ask_price_int",
            "bid_qty",
            "ask_qty",
            "bad_book",
            "last_record_ns",
            "last_trade_tick",
            "last_trade_window",
            # this window
            "reset_in_window",
            "w_records",
            "w_groups",
            "w_trades",
            "w_trade_qty_buy",
            "w_trade_qty_sell",
            "w_trade_qty_none",
            # this day
            "n_records",
            "n_A",
            "n_C",
            "n_M",
            "n_R",
            "n_T",
            "n_F",
            "n_N",
            "n_windows",
            "n_valid_windows",
            "n_clears",
            "n_snapshot_records",
            "off_tick",
            "late_groups",
            "early_groups",
            "unterminated_groups",
            "crossed_trading_windows",
            "trade_qty",
        )
    ]
)


@inlined
def _quotes(cfg, s):
    """Return (whether both sides have a quote, best bid, best ask), in ticks."""
    has_both = s.bid_price_int != NULL and s.ask_price_int != NULL
    return has_both, s.bid_price_int // cfg.tick_int, s.ask_price_int // cfg.tick_int


@kernel
def close_price_window(cfg, state, snapshot, counts):
    """End the current window and write its row; return OUTPUT_FULL, with nothing done, or DONE."""
    s = state[0]
    if counts[SNAPSHOT_ROWS] >= snapshot.shape[0]:
        return OUTPUT_FULL
    has_both, bid, ask = _quotes(cfg, s)
    spot, source = spot_of(has_both, bid, ask, s.last_trade_tick)
    flags = trading_flags(cfg, s)
    if s.reset_in_window != 0:
        flags |= INVALID_RESET
    if s.bad_book != 0:
        flags |= INVALID_BAD_BOOK
    if not has_both or bid >= ask:
        flags |= INVALID_QUOTES

    row = snapshot[counts[SNAPSHOT_ROWS]]
    row.window_s = s.window
    row.best_bid_price_int = s.bid_price_int
    row.best_ask_price_int = s.ask_price_int
    row.best_bid_qty = s.bid_qty
    row.best_ask_qty = s.ask_qty
    row.last_trade_price_int = (
        NULL if s.last_trade_tick == NULL else s.last_trade_tick * cfg.tick_int
    )
    row.spot_ref_price_int = NULL if source == SPOT_NONE else spot * cfg.tick_int
    row.spot_source = source
    row.trade_count = s.w_trades
    row.trade_qty_buy = s.w_trade_qty_buy
    row.trade_qty_sell = s.w_trade_qty_sell
    row.trade_qty_none = s.w_trade_qty_none
    row.n_records = s.w_records
    row.n_groups = s.w_groups
    row.invalid_flags = flags
    counts[SNAPSHOT_ROWS] += 1

    s.n_windows += 1
    if flags == 0:
        s.n_valid_windows += 1
    if is_crossed_in_trading(has_both, bid, ask, flags):
        s.crossed_trading_windows += 1
    s.window += 1
    s.reset_in_window = 0
    s.w_records = 0
    s.w_groups = 0
    s.w_trades = 0
    s.w_trade_qty_buy = 0
    s.w_trade_qty_sell = 0
    s.w_trade_qty_none = 0
    return DONE


@inlined_entry
def close_price_group(state):
    """End the current group."""
    s = state[0]
    s.in_group = 0
    s.w_groups += 1


@inner
def _open_group(cfg, state, snapshot, counts, t, is_snapshot):
    """Move to the window of a group that starts here, closing the windows before it."""
    s = state[0]
    is_early = t < cfg.day_start_s * NS_PER_S
    window = t // NS_PER_S
    if window >= cfg.day_start_s + S_PER_DAY + DAY_END_TOLERANCE_S:
        return BEYOND_DAY
    if s.started == 0:
        s.window = cfg.day_start_s if is_early else window
        s.started = 1
    if not is_early:
        while s.window < window:
            status = close_price_window(cfg, state, snapshot, counts)
            if status != DONE:
                return status
    if is_early:
        s.early_groups += 1
    elif window < s.window:
        s.late_groups += 1
    begin_group(s, is_snapshot)
    return DONE


@inlined
def _note_trade(cfg, s, price, side, size):
    if size == 0:
        return
    if price != UNDEFINED_PRICE:
        s.last_trade_tick = price // cfg.tick_int
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
def _count_action(s, action):
    if action == ADD:
        s.n_A += 1
    elif action == CANCEL:
        s.n_C += 1
    elif action == MODIFY:
        s.n_M += 1
    elif action == CLEAR:
        s.n_R += 1
    elif action == TRADE:
        s.n_T += 1
    elif action == NONE:
        s.n_N += 1
    else:
        s.n_F += 1


@inlined
def _see_levels(s, bid_price, ask_price, bid_qty, ask_qty):
    s.bid_price_int, s.bid_qty = NULL, NULL
    if bid_price != UNDEFINED_PRICE:
        s.bid_price_int, s.bid_qty = bid_price, np.int64(bid_qty)
    s.ask_price_int, s.ask_qty = NULL, NULL
    if ask_price != UNDEFINED_PRICE:
        s.ask_price_int, s.ask_qty = ask_price, np.int64(ask_qty)


@kernel
def replay_prices(
    cfg,
    state,
    latencies,
    snapshot,
    counts,
    ts_event,
    ts_recv,
    price,
    size,
    flags,
    action,
    side,
    bid_price,
    ask_price,
    bid_qty,
    ask_qty,
    start,
):
    """Apply rows ``start:`` of one chunk; return (index of the next row, status).

    Args:
        cfg: ``KernelConfig``.
        state: (1,) ``MBP_SCALARS``, changed in place.
        latencies: (N_BUCKETS,) int64, counted in place.
        snapshot: (m,) ``SNAPSHOT_ROW``, filled in place but for the columns ``WHOLE_BOOK``.
        counts: (3,) int64, rows filled so far; see ``Output``.
        ts_event: (n,) int64, ns UTC; likewise ts_recv.
        ts_recv: (n,) int64, ns UTC.
        price: (n,) int64, 1e-9 units, ``UNDEFINED_PRICE`` when missing; likewise bid_price and
            ask_price, the best level of the view.
        size: (n,) uint32, contracts; likewise bid_qty and ask_qty.
        flags: (n,) uint8, the vendor's bits.
        action: (n,) uint8, ASCII code.
        side: (n,) uint8, ASCII code.
        bid_price: see price.
        ask_price: see price.
        bid_qty: see size.
        ask_qty: see size.
        start: Index of the first row to apply.

    With any status but DONE the row at the returned index has not been applied yet, and the call
    can be repeated from there once the driver has dealt with the reason.
    """
    s = state[0]
    for i in range(start, ts_event.shape[0]):
        kind, flag, t = action[i], flags[i], ts_event[i]
        is_snapshot = np.int64((flag & SNAPSHOT) != 0)
        t_group = group_ns(t, ts_recv[i], is_snapshot)
        if cuts_group(s, is_snapshot):
            close_price_group(state)
        if begins_group(s, kind, t):
            status = _open_group(cfg, state, snapshot, counts, t_group, is_snapshot)
            if status != DONE:
                return i, status

        s.n_records += 1
        s.w_records += 1
        _count_action(s, kind)
        # a row that comes late has the time of the second it was moved to
        s.last_record_ns = max(s.last_record_ns, t_group, s.window * NS_PER_S)
        if is_snapshot:
            s.n_snapshot_records += 1
        if is_snapshot or kind == CLEAR:
            s.reset_in_window = 1
        if kind == CLEAR or (is_snapshot and s.previous_is_snapshot == 0):
            s.n_clears += 1
        s.previous_is_snapshot = is_snapshot
        if not is_snapshot and kind != NONE:
            latencies[latency_bucket(ts_recv[i] - t)] += 1
        if price[i] != UNDEFINED_PRICE and price[i] % cfg.tick_int != 0:
            s.off_tick += 1
        if kind == TRADE:
            _note_trade(cfg, s, price[i], side[i], np.int64(size[i]))
        _see_levels(s, bid_price[i], ask_price[i], bid_qty[i], ask_qty[i])
        s.bad_book = np.int64((flag & MAYBE_BAD_BOOK) != 0)

        if ends_group(s, kind, flag):
            close_price_group(state)
        remember_clear(s, kind, t)
    return ts_event.shape[0], DONE
