"""The opening auction: crossed orders match at one price."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.event_records import (
    ACTION_FILL,
    ACTION_TRADE,
    SIDE_NONE,
    close_event,
    emit,
    follow_packet,
    open_packet,
)
from spymaster_ingest.synthetic.fills import MAX_FILLS, emit_changes, note_fill, settle_fill
from spymaster_ingest.synthetic.levels import note_trade_at_levels
from spymaster_ingest.synthetic.market_arrays import (
    ASK,
    BID,
    NONE,
)


@kernel
def auction(st):
    """Match the crossed orders at one price: one T, then F and C or M of both sides.

    As at the venue, T and F of the opening have no side, and T has no order.
    """
    s = st.scalars[0]
    if s.best_bid < s.best_ask:
        return
    price, quantity = _auction_price(st)
    open_packet(st)
    s.n_changes = 0
    emit(st, ACTION_TRADE, SIDE_NONE, np.uint64(0), price, quantity)
    for side in (BID, ASK):
        slot = _first_order(st, side)
        left = quantity
        while left > 0:
            order = st.orders[slot]
            filled = min(left, order.size)
            emit(st, ACTION_FILL, SIDE_NONE, order.order_id, price, filled)
            note_fill(st, slot, filled)
            left -= filled
            slot = _next_order(st, slot)
    for i in range(s.n_changes):
        settle_fill(st, i)
    note_trade_at_levels(st, price, quantity, NONE)
    follow_packet(st)
    emit_changes(st)
    close_event(st)


@kernel
def _auction_price(st):
    """Return the price between the last two orders that match, and the quantity of all."""
    buyer, seller = _first_order(st, BID), _first_order(st, ASK)
    buyer_left, seller_left = st.orders[buyer].size, st.orders[seller].size
    quantity, price, orders = 0, 0, 2
    while st.orders[buyer].level >= st.orders[seller].level:
        price = (st.orders[buyer].level + st.orders[seller].level) // 2
        matched = min(buyer_left, seller_left)
        quantity += matched
        buyer_left -= matched
        seller_left -= matched
        if orders == MAX_FILLS:
            break
        if buyer_left == 0:
            buyer = _next_order(st, buyer)
            buyer_left = st.orders[buyer].size
        else:
            seller = _next_order(st, seller)
            seller_left = st.orders[seller].size
        orders += 1
    return price, quantity


@kernel
def _first_order(st, side):
    s = st.scalars[0]
    return st.levels[side, s.best_bid if side == BID else s.best_ask].first


@kernel
def _next_order(st, slot):
    """Return the order that trades next: behind the given order, or at the next price."""
    order = st.orders[slot]
    if order.behind != NONE:
        return order.behind
    step = -1 if order.side == BID else 1
    level = order.level + step
    while st.levels[order.side, level].count == 0:
        level += step
    return st.levels[order.side, level].first
