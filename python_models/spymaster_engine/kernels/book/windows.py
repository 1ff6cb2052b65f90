"""What a second looks like at its end: spot, validity, surface rows and totals."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.book.ladder import LADDER_CELLS, sum_depth
from spymaster_engine.kernels.book.layout import (
    ASK,
    BID,
    BROKEN_IDENTITY,
    DONE,
    INVALID_BAD_BOOK,
    INVALID_NO_SNAPSHOT,
    INVALID_NOT_TRADING,
    INVALID_QUOTES,
    INVALID_RESET,
    INVALID_SILENT,
    INVALID_UNKNOWN_CANCELS,
    NO_ASK,
    NO_BID,
    NULL,
    OUTPUT_FULL,
    OVERFLOW,
    RECENTRE,
    SPOT_CLAMPED_ASK,
    SPOT_CLAMPED_BID,
    SPOT_MID,
    SPOT_NONE,
    SPOT_TRADE,
)
from spymaster_engine.kernels.book.rows import write_reprices, write_snapshot, write_walls
from spymaster_engine.kernels.compiled import kernel

_NOT_VALID_BOOK = INVALID_NO_SNAPSHOT | INVALID_RESET | INVALID_BAD_BOOK


@kernel
def _spot(s):
    """Return (spot in ticks, source code): the last trade clamped into the best quotes."""
    bid, ask = s.best_bid, s.best_ask
    if bid == NO_BID or ask == NO_ASK:
        return np.int64(0), SPOT_NONE
    last = s.last_trade_tick
    if bid > ask or last == NULL:
        return (bid + ask) // 2, SPOT_MID
    if last < bid:
        return bid, SPOT_CLAMPED_BID
    if last > ask:
        return ask, SPOT_CLAMPED_ASK
    return last, SPOT_TRADE


@kernel
def _trading_since(cfg, s):
    """Return the open (s) of the interval of continuous trading that holds the current window.

    NULL outside every interval, and in one that waits for its first trade.
    """
    for i in range(cfg.interval_open_s.shape[0]):
        open_s = cfg.interval_open_s[i]
        if open_s <= s.window < cfg.interval_close_s[i]:
            if cfg.interval_open_at_once[i] or s.last_trade_window >= open_s:
                return open_s
            return NULL
    return NULL


@kernel
def _is_silent(cfg, s, trading_since_s):
    """Return whether the last record, or the open after it, lies too far before window end."""
    heard_ns = max(s.last_record_ns, trading_since_s * NS_PER_S)
    return (s.window + 1) * NS_PER_S - heard_ns > cfg.stale_after_ns


@kernel
def _is_written(cfg, window):
    """Tell whether wall and re-price rows are written for a window."""
    for i in range(cfg.surface_start_s.shape[0]):
        if cfg.surface_start_s[i] <= window < cfg.surface_end_s[i]:
            return True
    return False


@kernel
def _unknown_cancels_exceed(cfg, st):
    """Tell whether too many cancels of the last minute named unknown orders."""
    cancels = st.cancels.sum()
    if cancels == 0 or cancels < cfg.unknown_cancel_min_cancels:
        return False
    return st.unknown_cancels.sum() / cancels > cfg.unknown_cancel_rate_max


@kernel
def _invalid_flags(cfg, st):
    s = st.scalars[0]
    flags = 0
    if s.known == 0 or s.loading != 0:
        flags |= INVALID_NO_SNAPSHOT
    if s.reset_in_window != 0:
        flags |= INVALID_RESET
    if s.bad_book != 0:
        flags |= INVALID_BAD_BOOK
    if s.best_bid == NO_BID or s.best_ask == NO_ASK or s.best_bid >= s.best_ask:
        flags |= INVALID_QUOTES
    trading_since_s = _trading_since(cfg, s)
    if trading_since_s == NULL:
        flags |= INVALID_NOT_TRADING
    elif _is_silent(cfg, s, trading_since_s):
        flags |= INVALID_SILENT
    if _unknown_cancels_exceed(cfg, st):
        flags |= INVALID_UNKNOWN_CANCELS
    return flags


@kernel
def _measure_young(cfg, st, window_end_ns):
    """Sum, per cell, the quantity of orders that have not yet rested at this window end."""
    s = st.scalars[0]
    for i in range(s.n_young):
        order = st.orders[st.young[i]]
        if not order.alive or order.young_stamp == s.serial:
            continue
        if window_end_ns - order.ts_enter < cfg.rest_ns:
            order.young_stamp = np.int32(s.serial)
            st.cells[order.side, order.cell].young += order.qty


@kernel
def _forget_young(cfg, st, next_window_end_ns):
    """Zero the young sums and keep only the orders that will still be young next time."""
    s = st.scalars[0]
    kept = 0
    for i in range(s.n_young):
        slot = st.young[i]
        order = st.orders[slot]
        if not order.alive:
            continue
        st.cells[order.side, order.cell].young = 0
        # the stamp of the next window marks an order as kept once
        if order.young_stamp == s.serial + 1 or next_window_end_ns - order.ts_enter >= cfg.rest_ns:
            continue
        order.young_stamp = np.int32(s.serial + 1)
        st.young[kept] = slot
        kept += 1
    for i in range(kept):
        st.orders[st.young[i]].young_stamp = np.int32(s.serial)
    s.n_young = kept


@kernel
def _split_side(st, side, low, high, row_outside):
    """Sum a side's depth and flows outside cells [low, high) and return the day-inside flows.

    ``row_outside`` (6 int64) receives depth_start, depth_end, add, pull, fill, reset outside.
    Returns (add, pull, fill, reset) inside and whether every touched cell is conserved.
    """
    s = st.scalars[0]
    depth = st.depth[side]
    inside_end = sum_depth(st, side, low, high)
    outside_end = sum_depth(st, side, 0, low) + sum_depth(st, side, high, LADDER_CELLS + s.n_far)
    outside_start = outside_end
    inside_start = inside_end
    row_outside[:] = 0
    add = pull = fill = reset = np.int64(0)
    is_conserved = True
    n_touched = s.n_touched_bid if side == BID else s.n_touched_ask
    for i in range(n_touched):
        cell = st.touched[side, i]
        c = st.cells[side, cell]
        change = c.add - c.pull - c.fill + c.reset
        if c.depth_start + change != depth[cell]:
            is_conserved = False
        if low <= cell < high:
            inside_start += c.depth_start - depth[cell]
            add += c.add
            pull += c.pull
            fill += c.fill
            reset += c.reset
        else:
            outside_start += c.depth_start - depth[cell]
            row_outside[2] += c.add
            row_outside[3] += c.pull
            row_outside[4] += c.fill
            row_outside[5] += c.reset
    row_outside[0] = outside_start
    row_outside[1] = outside_end
    total_start = s.depth_start_bid if side == BID else s.depth_start_ask
    total_end = s.depth_bid if side == BID else s.depth_ask
    if inside_end + outside_end != total_end or inside_start + outside_start != total_start:
        is_conserved = False
    return add, pull, fill, reset, is_conserved


@kernel
def _count_window(s, flags):
    s.n_windows += 1
    if flags == 0:
        s.n_valid_windows += 1
    is_crossed = s.best_bid != NO_BID and s.best_ask != NO_ASK and s.best_bid > s.best_ask
    if is_crossed and flags & (_NOT_VALID_BOOK | INVALID_NOT_TRADING) == 0:
        s.crossed_trading_windows += 1


@kernel
def _open_next_window(cfg, st):
    s = st.scalars[0]
    _forget_young(cfg, st, (s.window + 2) * NS_PER_S)
    s.window += 1
    s.serial += 1
    s.n_touched_ask = 0
    s.n_touched_bid = 0
    s.n_reprice = 0
    s.depth_start_ask = s.depth_ask
    s.depth_start_bid = s.depth_bid
    s.reset_in_window = 0
    s.w_records = 0
    s.w_groups = 0
    s.w_trades = 0
    s.w_trade_qty_buy = 0
    s.w_trade_qty_sell = 0
    s.w_trade_qty_none = 0
    position = s.window % st.cancels.shape[0]
    st.cancels[position] = 0
    st.unknown_cancels[position] = 0


@kernel
def close_window(cfg, st, out):
    """End the current window: write its rows, add to the day, open the next one.

    Returns a status; unless it is DONE nothing has changed and the call can be repeated once
    the driver has made room.
    """
    s = st.scalars[0]
    spot, source = _spot(s)
    low = high = np.int64(0)
    if source != SPOT_NONE:
        low = spot - cfg.wall_max_ticks - s.ladder_low
        high = spot + cfg.wall_max_ticks + 1 - s.ladder_low
        if low < 0 or high > LADDER_CELLS:
            s.recentre_tick = spot
            return RECENTRE
    is_written = _is_written(cfg, s.window)
    if out.counts[0] >= out.snapshot.shape[0]:
        return OUTPUT_FULL
    if is_written and (
        out.counts[1] + 2 * (high - low) > out.wall.shape[1]
        or out.counts[2] + s.n_reprice > out.reprice.shape[1]
    ):
        return OUTPUT_FULL

    flags = _invalid_flags(cfg, st)
    row = out.snapshot[out.counts[0]]
    write_snapshot(cfg, st, row, spot, source, flags)

    outside = st.outside
    add, pull, fill, reset, is_conserved = _split_side(st, BID, low, high, outside)
    row.bid_outside_depth_start = outside[0]
    row.bid_outside_depth_end = outside[1]
    row.bid_outside_add = outside[2]
    row.bid_outside_pull = outside[3]
    row.bid_outside_fill = outside[4]
    row.bid_outside_reset = outside[5]
    s.bid_add_inside += add
    s.bid_pull_inside += pull
    s.bid_fill_inside += fill
    s.bid_reset_inside += reset
    s.bid_add_outside += outside[2]
    s.bid_pull_outside += outside[3]
    s.bid_fill_outside += outside[4]
    s.bid_reset_outside += outside[5]
    if not is_conserved:
        return BROKEN_IDENTITY
    add, pull, fill, reset, is_conserved = _split_side(st, ASK, low, high, outside)
    row.ask_outside_depth_start = outside[0]
    row.ask_outside_depth_end = outside[1]
    row.ask_outside_add = outside[2]
    row.ask_outside_pull = outside[3]
    row.ask_outside_fill = outside[4]
    row.ask_outside_reset = outside[5]
    s.ask_add_inside += add
    s.ask_pull_inside += pull
    s.ask_fill_inside += fill
    s.ask_reset_inside += reset
    s.ask_add_outside += outside[2]
    s.ask_pull_outside += outside[3]
    s.ask_fill_outside += outside[4]
    s.ask_reset_outside += outside[5]
    if not is_conserved:
        return BROKEN_IDENTITY
    out.counts[0] += 1

    for i in range(s.n_reprice):
        s.reprice_flow_qty += st.reprices[i].qty
    if is_written:
        _measure_young(cfg, st, (s.window + 1) * NS_PER_S)
        fits = write_walls(cfg, st, out, ASK, low, high, spot, flags == 0)
        fits &= write_walls(cfg, st, out, BID, low, high, spot, flags == 0)
        if not fits:
            return OVERFLOW
        write_reprices(cfg, st, out, flags == 0)
    _count_window(s, flags)
    _open_next_window(cfg, st)
    return DONE
