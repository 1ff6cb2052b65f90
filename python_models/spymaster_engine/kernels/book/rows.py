"""Rows of one second, appended to the output buffers."""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.book.ladder import LADDER_CELLS
from spymaster_engine.kernels.book.layout import ASK, BID, NO_ASK, NO_BID, NULL, SPOT_NONE
from spymaster_engine.kernels.compiled import kernel

_INT32_MAX = np.iinfo(np.int32).max


@kernel
def write_walls(cfg, st, out, side, low, high, spot, is_valid):
    """Append the wall rows of one side; return False when a number does not fit 32 bits."""
    s = st.scalars[0]
    n = out.counts[1]
    wall = out.wall
    fits = True
    depth = st.depth[side]
    for cell in range(low, high):
        end = depth[cell]
        c = st.cells[side, cell]
        if end == 0 and c.mark != s.serial:
            continue
        if c.mark == s.serial:
            if (
                end == 0
                and c.depth_start == 0
                and c.add == 0
                and c.pull == 0
                and c.fill == 0
                and c.reset == 0
            ):
                continue
            if max(c.depth_start, end, c.add, c.pull, c.fill, abs(c.reset)) > _INT32_MAX:
                fits = False
            wall[1, n] = c.depth_start
            wall[3, n] = c.add
            wall[4, n] = c.pull
            wall[5, n] = c.pull_rest
            wall[6, n] = c.fill
            wall[7, n] = c.reprice_in
            wall[8, n] = c.reprice_out
            wall[9, n] = c.reset
        else:
            if end > _INT32_MAX:
                fits = False
            wall[1, n] = end
            for column in range(3, 10):
                wall[column, n] = 0
        tick = s.ladder_low + cell
        wall[0, n] = tick - spot
        wall[2, n] = end
        wall[10, n] = end - c.young
        wall[11, n] = c.order_count
        out.wall_window_s[n] = s.window
        out.wall_spot_price_int[n] = spot * cfg.tick_int
        out.wall_price_int[n] = tick * cfg.tick_int
        out.wall_side[n] = side
        out.wall_valid[n] = is_valid
        n += 1
    out.counts[1] = n
    return fits


@kernel
def write_reprices(cfg, st, out, is_valid):
    """Append every re-price of this window; the driver sums them per pair of prices."""
    s = st.scalars[0]
    n = out.counts[2]
    for i in range(s.n_reprice):
        entry = st.reprices[i]
        out.reprice_window_s[n] = s.window
        out.reprice_side[n] = entry.side
        out.reprice_valid[n] = is_valid
        out.reprice_from_price_int[n] = entry.from_tick * cfg.tick_int
        out.reprice_to_price_int[n] = entry.to_tick * cfg.tick_int
        out.reprice[0, n] = entry.qty
        out.reprice[1, n] = entry.qty_rest
        n += 1
    out.counts[2] = n


@kernel
def _price(cfg, tick, missing):
    return NULL if tick == missing else tick * cfg.tick_int


@kernel
def write_snapshot(cfg, st, row, spot, source, flags):
    """Fill the second's snapshot row but for its totals outside the wall range."""
    s = st.scalars[0]
    row.window_s = s.window
    row.best_bid_price_int = _price(cfg, s.best_bid, NO_BID)
    row.best_ask_price_int = _price(cfg, s.best_ask, NO_ASK)
    row.best_bid_qty = _depth_at(st, BID, s.best_bid, NO_BID)
    row.best_ask_qty = _depth_at(st, ASK, s.best_ask, NO_ASK)
    row.last_trade_price_int = _price(cfg, s.last_trade_tick, NULL)
    row.spot_ref_price_int = NULL if source == SPOT_NONE else spot * cfg.tick_int
    row.spot_source = source
    row.trade_count = s.w_trades
    row.trade_qty_buy = s.w_trade_qty_buy
    row.trade_qty_sell = s.w_trade_qty_sell
    row.trade_qty_none = s.w_trade_qty_none
    row.n_records = s.w_records
    row.n_groups = s.w_groups
    row.bid_depth_total = s.depth_bid
    row.ask_depth_total = s.depth_ask
    row.bid_order_count = s.n_orders_bid
    row.ask_order_count = s.n_orders_ask
    row.invalid_flags = flags


@kernel
def _depth_at(st, side, tick, missing):
    if tick == missing:
        return NULL
    offset = tick - st.scalars[0].ladder_low
    if 0 <= offset < LADDER_CELLS:
        return st.depth[side, offset]
    for far in range(st.scalars[0].n_far):
        if st.far_ticks[far] == tick:
            return st.depth[side, LADDER_CELLS + far]
    return np.int64(0)
