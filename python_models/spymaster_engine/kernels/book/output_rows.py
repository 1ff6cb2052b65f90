"""Rows of one second, appended to the output buffers."""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.book.kernel_state import (
    ASK,
    BID,
    NO_QUOTE,
    NULL,
    OUTSIDE,
    REPRICE_QTY,
    REPRICE_QTY_REST,
    REPRICE_ROWS,
    SPOT_NONE,
    WALL_ADD,
    WALL_DEPTH_END,
    WALL_DEPTH_REST,
    WALL_DEPTH_START,
    WALL_FILL,
    WALL_ORDER_COUNT,
    WALL_PULL,
    WALL_PULL_REST,
    WALL_REL_TICKS,
    WALL_REPRICE_IN,
    WALL_REPRICE_OUT,
    WALL_RESET,
    WALL_ROWS,
)
from spymaster_engine.kernels.book.ladder import depth_at
from spymaster_engine.kernels.book.sides import price_key
from spymaster_engine.kernels.compiled import inner

_INT32_MAX = np.iinfo(np.int32).max


@inner
def write_walls(cfg, st, out, side, low, high, spot, is_valid):
    """Append the wall rows of one side; return False when a number does not fit 32 bits."""
    s = st.scalars[0]
    n = out.counts[WALL_ROWS]
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
            wall[WALL_DEPTH_START, n] = c.depth_start
            wall[WALL_ADD, n] = c.add
            wall[WALL_PULL, n] = c.pull
            wall[WALL_PULL_REST, n] = c.pull_rest
            wall[WALL_FILL, n] = c.fill
            wall[WALL_REPRICE_IN, n] = c.reprice_in
            wall[WALL_REPRICE_OUT, n] = c.reprice_out
            wall[WALL_RESET, n] = c.reset
        else:
            if end > _INT32_MAX:
                fits = False
            wall[WALL_DEPTH_START, n] = end
            for column in range(WALL_ADD, WALL_RESET + 1):
                wall[column, n] = 0
        tick = s.ladder_low + cell
        wall[WALL_REL_TICKS, n] = tick - spot
        wall[WALL_DEPTH_END, n] = end
        wall[WALL_DEPTH_REST, n] = end - c.young
        wall[WALL_ORDER_COUNT, n] = c.order_count
        out.wall_window_s[n] = s.window
        out.wall_spot_price_int[n] = spot * cfg.tick_int
        out.wall_price_int[n] = tick * cfg.tick_int
        out.wall_side[n] = side
        out.wall_valid[n] = is_valid
        n += 1
    out.counts[WALL_ROWS] = n
    return fits


@inner
def write_reprices(cfg, st, out, is_valid):
    """Append every re-price of this window; the driver sums them per pair of prices."""
    s = st.scalars[0]
    n = out.counts[REPRICE_ROWS]
    for i in range(s.n_reprice):
        entry = st.reprices[i]
        out.reprice_window_s[n] = s.window
        out.reprice_side[n] = entry.side
        out.reprice_valid[n] = is_valid
        out.reprice_from_price_int[n] = entry.from_tick * cfg.tick_int
        out.reprice_to_price_int[n] = entry.to_tick * cfg.tick_int
        out.reprice[REPRICE_QTY, n] = entry.qty
        out.reprice[REPRICE_QTY_REST, n] = entry.qty_rest
        n += 1
    out.counts[REPRICE_ROWS] = n


@inner
def write_snapshot(cfg, st, row, spot, source, flags):
    """Fill the second's snapshot row."""
    s, bid, ask = st.scalars[0], st.sides[BID], st.sides[ASK]
    row.window_s = s.window
    row.best_bid_price_int, row.best_bid_qty = _best_quote(cfg, st, BID)
    row.best_ask_price_int, row.best_ask_qty = _best_quote(cfg, st, ASK)
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
    row.bid_depth_total = bid.depth
    row.ask_depth_total = ask.depth
    row.bid_order_count = bid.n_orders
    row.ask_order_count = ask.n_orders
    bid_outside = st.totals[BID, OUTSIDE]
    row.bid_outside_depth_start = bid_outside.depth_start
    row.bid_outside_depth_end = bid_outside.depth_end
    row.bid_outside_add = bid_outside.add
    row.bid_outside_pull = bid_outside.pull
    row.bid_outside_fill = bid_outside.fill
    row.bid_outside_reset = bid_outside.reset
    ask_outside = st.totals[ASK, OUTSIDE]
    row.ask_outside_depth_start = ask_outside.depth_start
    row.ask_outside_depth_end = ask_outside.depth_end
    row.ask_outside_add = ask_outside.add
    row.ask_outside_pull = ask_outside.pull
    row.ask_outside_fill = ask_outside.fill
    row.ask_outside_reset = ask_outside.reset
    row.invalid_flags = flags


@inner
def _best_quote(cfg, st, side):
    """Return (price in 1e-9 units, contracts) of a side's best quote, NULL without one."""
    key = st.sides[side].best_key
    if key == NO_QUOTE:
        return NULL, NULL
    tick = price_key(side, key)
    return tick * cfg.tick_int, depth_at(st, side, tick)
