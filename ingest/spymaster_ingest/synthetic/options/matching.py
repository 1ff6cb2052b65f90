"""Aggressive orders against resting options, and the trades of a spread in its legs."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.event_records import (
    ACTION_CANCEL,
    ACTION_FILL,
    ACTION_MODIFY,
    ACTION_TRADE,
    SIDE_NONE,
    close_event,
    emit,
    take_order_id,
    venue_side,
)
from spymaster_ingest.synthetic.market_arrays import BID, NONE
from spymaster_ingest.synthetic.options.clock import wake_soon
from spymaster_ingest.synthetic.options.option_arrays import AGGRESSION, OWNER_MAKER, PARTS, SPREAD
from spymaster_ingest.synthetic.options.order_book import (
    begin_event,
    best_price,
    continue_event,
    remove,
    set_size,
)


@kernel
def take(st, i, side, wanted, limit):
    """Match an aggressive order and emit its event; the remainder is cancelled.

    T per price and F per resting order share a packet; their changes of the book, C or M, follow
    in the next packet.

    Args:
        st: OptionMarket.
        i: instrument.
        side: BID for a buyer, ASK for a seller.
        wanted: contracts.
        limit: worst price it accepts, finest ticks.
    """
    resting = 1 - side
    sign = 1 if side == BID else -1
    first = best_price(st, i, resting)
    if first == NONE or (first - limit) * sign > 0:
        return
    begin_event(st, i)
    aggressor_id = take_order_id(st, AGGRESSION)
    resting_side = venue_side(resting)
    price, left, filled, trade = NONE, wanted, 0, 0
    while left > 0 and filled < st.counts[i, resting]:
        order = st.orders[i, resting, filled]
        if (order.price - limit) * sign > 0:
            break
        if order.price != price:
            price = order.price
            trade = emit(st, ACTION_TRADE, venue_side(side), aggressor_id, price, 0)
        quantity = min(left, np.int64(order.size))
        emit(st, ACTION_FILL, resting_side, order.order_id, price, quantity)
        st.out[trade].size += np.uint32(quantity)
        left -= quantity
        filled += 1
    note_trade(st, i, price, np.int64(st.out[trade].size), venue_side(side))
    continue_event(st, i)
    _settle(st, i, resting, wanted - left)
    close_event(st)
    if st.instruments[i].kind == SPREAD:
        _print_legs(st, i, price, wanted - left)


@kernel
def _settle(st, i, side, traded):
    """Take a traded quantity from the front of a side and record the change of its orders."""
    while traded > 0:
        order = st.orders[i, side, 0]
        order_id, price, size = order.order_id, order.price, np.int64(order.size)
        if size <= traded:
            if order.owner == OWNER_MAKER:
                wake_soon(st)
            remove(st, i, side, 0)
            emit(st, ACTION_CANCEL, venue_side(side), order_id, price, size)
        else:
            set_size(st, i, side, 0, size - traded)
            emit(st, ACTION_MODIFY, venue_side(side), order_id, price, size - traded)
        traded -= size


@kernel
def note_trade(st, i, price, size, side):
    """Remember the last trade of an instrument; ``side`` is the venue's code."""
    row = st.instruments[i]
    row.trade_price = price * st.scalars[0].tick_int
    row.trade_size = size
    row.trade_side = side
    row.trade_ns = st.scalars[0].now_ns
    row.is_changed = 1


@kernel
def _print_legs(st, i, price, size):
    """Publish the trades of a spread's legs, without a side or an order.

    The second leg trades at the tick nearest to its theoretical price, the first leg higher by the
    spread's price.
    """
    row = st.instruments[i]
    second_price = max((st.instruments[row.second_leg].theory + PARTS // 2) // PARTS, 1)
    for leg, leg_price in ((row.first_leg, second_price + price), (row.second_leg, second_price)):
        continue_event(st, leg)
        emit(st, ACTION_TRADE, SIDE_NONE, np.uint64(0), leg_price, size)
        note_trade(st, leg, leg_price, size, SIDE_NONE)
        close_event(st)
