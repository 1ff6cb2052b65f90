"""The book that fingerprints are read from: orders, depth, best prices and groups.

It lies in the book engine's ``State``, whose orders are ``PRINT_ORDER``, and follows the engine's
rules of groups, snapshots and fills. What only the rows of the engine need is left out: flows by
price, ages of quantities, counters, the end of seconds.
"""

from __future__ import annotations

import numpy as np
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

from spymaster_engine.kernels.book.fill_matching import wait_for_reduction
from spymaster_engine.kernels.book.kernel_state import (
    ASK,
    BEYOND_DAY,
    BID,
    DAY_END_TOLERANCE_S,
    DONE,
    GROW_FAR,
    GROW_LISTS,
    GROW_ORDERS,
    NO_QUOTE,
    RECENTRE,
    SPOT_NONE,
)
from spymaster_engine.kernels.book.ladder import (
    LADDER_CELLS,
    cell_of,
    depth_at,
    lower_depth,
    raise_depth,
)
from spymaster_engine.kernels.book.order_store import delete_order, insert_order
from spymaster_engine.kernels.book.sides import price_key
from spymaster_engine.kernels.book.windows import spot_of
from spymaster_engine.kernels.compiled import inlined, inner


@inlined
def room_for_record(book):
    """Return DONE when the book has room for whatever a record brings, else what is to grow."""
    s = book.scalars[0]
    if s.n_free == 0:
        return GROW_ORDERS
    if s.n_far == book.far_ticks.shape[0]:
        return GROW_FAR
    if s.n_pending == book.pending.shape[0]:
        return GROW_LISTS
    return DONE


@inner
def spot_in_force(book):
    """Return (whether there is a spot, spot in ticks)."""
    bid, ask = book.sides[BID].best_key, book.sides[ASK].best_key
    has_both = bid != NO_QUOTE and ask != NO_QUOTE
    last = book.scalars[0].last_trade_tick
    spot, source = spot_of(has_both, price_key(BID, bid), price_key(ASK, ask), last)
    return source != SPOT_NONE, spot


@inlined
def second_of_group(cfg, book, begun_ns):
    """Return the second of a group: one that comes late belongs to the current second."""
    second = max(begun_ns // NS_PER_S, cfg.day_start_s)
    if book.scalars[0].started:
        second = max(second, book.scalars[0].window)
    return second


@inner
def go_to_second(cfg, book, second):
    """Go on to another second; return DONE, or why that cannot be done yet."""
    s = book.scalars[0]
    if second >= cfg.day_start_s + S_PER_DAY + DAY_END_TOLERANCE_S:
        return BEYOND_DAY
    has_spot, spot = spot_in_force(book)
    reach = np.int64(cfg.wall_max_ticks)
    if has_spot and not reach <= spot - s.ladder_low < LADDER_CELLS - reach:
        s.recentre_tick = spot
        return RECENTRE
    s.started = 1
    s.window = second
    return DONE


@inlined
def depth_behind(book, side, key, ticks):
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


@inlined
def rest_order(book, instrument_id, order_id, side, tick, size, ts_event):
    """Rest a new order of a size above 0; return its slot."""
    slot = insert_order(book, instrument_id, order_id)
    order, cell = book.orders[slot], cell_of(book, tick)
    order.qty = size
    order.side = side
    order.cell = cell
    order.ts_enter = ts_event
    raise_depth(book, side, cell, size)
    return slot


@inlined
def reduce_order(book, slot, qty):
    """Take a quantity from an order, and the order from the book when nothing is left."""
    order = book.orders[slot]
    lower_depth(book, np.int64(order.side), np.int64(order.cell), qty)
    order.qty -= qty
    order.pending_qty = 0
    if order.qty == 0:
        delete_order(book, slot)


@inlined
def resize_order(book, slot, size):
    """Give an order another size at its price."""
    order = book.orders[slot]
    side, cell = np.int64(order.side), np.int64(order.cell)
    # one net move, so that a refilled best quote is not lost in between
    net = size - order.qty
    if net >= 0:
        raise_depth(book, side, cell, net)
    else:
        lower_depth(book, side, cell, -net)
    order.qty = size
    order.pending_qty = 0
    if size == 0:
        delete_order(book, slot)


@inlined
def move_order(book, slot, side, tick, size, ts_event):
    """Give an order another price or side."""
    order = book.orders[slot]
    lower_depth(book, np.int64(order.side), np.int64(order.cell), order.qty)
    order.qty = size
    order.pending_qty = 0
    if size == 0:
        delete_order(book, slot)
        return
    cell = cell_of(book, tick)
    raise_depth(book, side, cell, size)
    order.side = side
    order.cell = cell
    order.ts_enter = ts_event


@inlined
def fill_order(book, slot, size, ts_event):
    """Keep a filled quantity above 0 on its order until the reduction of the same event."""
    s, order = book.scalars[0], book.orders[slot]
    wait_for_reduction(order, size, ts_event)
    if order.pending_qty == size:
        if s.n_pending == 0 or ts_event < s.pending_min_ts:
            s.pending_min_ts = ts_event
        book.pending[s.n_pending] = slot
        s.n_pending += 1
