"""What a second looks like at its end: spot, validity, surface rows and totals."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.book.kernel_state import (
    ASK,
    BID,
    BROKEN_IDENTITY,
    DONE,
    INSIDE,
    INVALID_BAD_BOOK,
    INVALID_NO_SNAPSHOT,
    INVALID_NOT_TRADING,
    INVALID_QUOTES,
    INVALID_RESET,
    INVALID_SILENT,
    INVALID_UNKNOWN_CANCELS,
    NO_QUOTE,
    NULL,
    OUTPUT_FULL,
    OUTSIDE,
    OVERFLOW,
    RECENTRE,
    REPRICE_ROWS,
    SNAPSHOT_ROWS,
    SPOT_CLAMPED_ASK,
    SPOT_CLAMPED_BID,
    SPOT_MID,
    SPOT_NONE,
    SPOT_TRADE,
    WALL_ROWS,
)
from spymaster_engine.kernels.book.ladder import LADDER_CELLS, sum_depth
from spymaster_engine.kernels.book.output_rows import write_reprices, write_snapshot, write_walls
from spymaster_engine.kernels.book.sides import price_key
from spymaster_engine.kernels.compiled import inner, kernel

_NOT_VALID_BOOK = INVALID_NO_SNAPSHOT | INVALID_RESET | INVALID_BAD_BOOK


@inner
def _best_quotes(st):
    """Return (whether both sides have one, best bid, best ask), in ticks."""
    bid, ask = st.sides[BID].best_key, st.sides[ASK].best_key
    return bid != NO_QUOTE and ask != NO_QUOTE, price_key(BID, bid), price_key(ASK, ask)


@kernel
def spot_of(has_both, bid, ask, last):
    """Return (spot in ticks, source code): the last trade clamped into the best quotes.

    ``last`` is NULL before the first trade; without ``has_both`` bid and ask have no meaning.
    """
    if not has_both:
        return np.int64(0), SPOT_NONE
    if bid > ask or last == NULL:
        return (bid + ask) // 2, SPOT_MID
    if last < bid:
        return bid, SPOT_CLAMPED_BID
    if last > ask:
        return ask, SPOT_CLAMPED_ASK
    return last, SPOT_TRADE


@inner
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


@inner
def _is_silent(cfg, s, trading_since_s):
    """Return whether the last record, or the open after it, lies too far before window end."""
    heard_ns = max(s.last_record_ns, trading_since_s * NS_PER_S)
    return (s.window + 1) * NS_PER_S - heard_ns > cfg.stale_after_ns


@inner
def trading_flags(cfg, s):
    """Return the bits of the current window that depend on trading and on silence.

    ``s`` has ``window`` and ``last_trade_window`` in s, and ``last_record_ns``.
    """
    trading_since_s = _trading_since(cfg, s)
    if trading_since_s == NULL:
        return INVALID_NOT_TRADING
    return INVALID_SILENT if _is_silent(cfg, s, trading_since_s) else 0


@inner
def is_crossed_in_trading(has_both, bid, ask, flags):
    """Return whether bids lie above asks in continuous trading, in a book that is known."""
    return has_both and bid > ask and flags & (_NOT_VALID_BOOK | INVALID_NOT_TRADING) == 0


@inner
def _is_written(cfg, window):
    """Return whether wall and re-price rows are written for a window."""
    for i in range(cfg.surface_start_s.shape[0]):
        if cfg.surface_start_s[i] <= window < cfg.surface_end_s[i]:
            return True
    return False


@inner
def _unknown_cancels_exceed(cfg, st):
    """Return whether too many cancels of the last minute named unknown orders."""
    cancels = st.cancels.sum()
    if cancels == 0 or cancels < cfg.unknown_cancel_min_cancels:
        return False
    return st.unknown_cancels.sum() / cancels > cfg.unknown_cancel_rate_max


@inner
def _invalid_flags(cfg, st):
    s = st.scalars[0]
    flags = 0
    if s.known == 0 or s.loading != 0:
        flags |= INVALID_NO_SNAPSHOT
    if s.reset_in_window != 0:
        flags |= INVALID_RESET
    if s.bad_book != 0:
        flags |= INVALID_BAD_BOOK
    has_both, bid, ask = _best_quotes(st)
    if not has_both or bid >= ask:
        flags |= INVALID_QUOTES
    flags |= trading_flags(cfg, s)
    if _unknown_cancels_exceed(cfg, st):
        flags |= INVALID_UNKNOWN_CANCELS
    return flags


@inner
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


@inner
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


@inner
def _sum_side(st, side, low, high):
    """Sum a side's depth and flows inside cells [low, high) and outside, for window and day.

    Returns whether every touched cell and the whole side are conserved.
    """
    sd, depth = st.sides[side], st.depth[side]
    inside, outside = st.totals[side, INSIDE], st.totals[side, OUTSIDE]
    end = LADDER_CELLS + st.scalars[0].n_far
    inside.depth_end = sum_depth(st, side, low, high)
    outside.depth_end = sum_depth(st, side, np.int64(0), low) + sum_depth(st, side, high, end)
    for place in range(2):
        total = st.totals[side, place]
        total.depth_start = total.depth_end
        total.add = 0
        total.pull = 0
        total.fill = 0
        total.reset = 0
    is_conserved = True
    for i in range(sd.n_touched):
        cell = st.touched[side, i]
        c = st.cells[side, cell]
        if c.depth_start + c.add - c.pull - c.fill + c.reset != depth[cell]:
            is_conserved = False
        total = st.totals[side, INSIDE if low <= cell < high else OUTSIDE]
        total.depth_start += c.depth_start - depth[cell]
        total.add += c.add
        total.pull += c.pull
        total.fill += c.fill
        total.reset += c.reset
    for place in range(2):
        total, day = st.totals[side, place], st.day_totals[side, place]
        day.add += total.add
        day.pull += total.pull
        day.fill += total.fill
        day.reset += total.reset
    if (
        inside.depth_end + outside.depth_end != sd.depth
        or inside.depth_start + outside.depth_start != sd.depth_start
    ):
        is_conserved = False
    return is_conserved


@inner
def _count_window(st, flags):
    s = st.scalars[0]
    s.n_windows += 1
    if flags == 0:
        s.n_valid_windows += 1
    has_both, bid, ask = _best_quotes(st)
    if is_crossed_in_trading(has_both, bid, ask, flags):
        s.crossed_trading_windows += 1


@inner
def _open_next_window(cfg, st):
    s = st.scalars[0]
    _forget_young(cfg, st, (s.window + 2) * NS_PER_S)
    s.window += 1
    s.serial += 1
    for side in range(2):
        st.sides[side].n_touched = 0
        st.sides[side].depth_start = st.sides[side].depth
    s.n_reprice = 0
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
    has_both, bid, ask = _best_quotes(st)
    spot, source = spot_of(has_both, bid, ask, s.last_trade_tick)
    low = high = np.int64(0)
    if source != SPOT_NONE:
        low = spot - cfg.wall_max_ticks - s.ladder_low
        high = spot + cfg.wall_max_ticks + 1 - s.ladder_low
        if low < 0 or high > LADDER_CELLS:
            s.recentre_tick = spot
            return RECENTRE
    is_written = _is_written(cfg, s.window)
    if out.counts[SNAPSHOT_ROWS] >= out.snapshot.shape[0]:
        return OUTPUT_FULL
    if is_written and (
        out.counts[WALL_ROWS] + 2 * (high - low) > out.wall.shape[1]
        or out.counts[REPRICE_ROWS] + s.n_reprice > out.reprice.shape[1]
    ):
        return OUTPUT_FULL

    for side in range(2):
        if not _sum_side(st, side, low, high):
            return BROKEN_IDENTITY
    flags = _invalid_flags(cfg, st)
    write_snapshot(cfg, st, out.snapshot[out.counts[SNAPSHOT_ROWS]], spot, source, flags)
    out.counts[SNAPSHOT_ROWS] += 1

    for i in range(s.n_reprice):
        s.reprice_flow_qty += st.reprices[i].qty
    if is_written:
        _measure_young(cfg, st, (s.window + 1) * NS_PER_S)
        for side in range(2):
            if not write_walls(cfg, st, out, side, low, high, spot, flags == 0):
                return OVERFLOW
        write_reprices(cfg, st, out, flags == 0)
    _count_window(st, flags)
    _open_next_window(cfg, st)
    return DONE
