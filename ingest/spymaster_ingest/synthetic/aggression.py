"""Matching: aggressive orders against resting ones by price and time, and the opening auction."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.event_records import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_FILL,
    ACTION_MODIFY,
    ACTION_TRADE,
    SIDE_NONE,
    close_event,
    emit,
    follow_packet,
    open_packet,
    take_order_id,
    venue_side,
)
from spymaster_ingest.synthetic.levels import note_trade_at_levels
from spymaster_ingest.synthetic.market_arrays import (
    AGGRESSION,
    ASK,
    BID,
    NONE,
    OWNER_CROWD,
)
from spymaster_ingest.synthetic.order_book import arrive, execute, refill, release
from spymaster_ingest.synthetic.random_streams import next_below, next_choice, next_unit

# Most resting orders that an event fills; the rest of an aggressive order is then cancelled.
MAX_FILLS = 512
# a fill gives an F and a C or M, a price level a T; a remainder may rest, and a record of its own
# may close the event
MAX_EVENT_RECORDS = 3 * MAX_FILLS + 4

_SWEEP_SHARE = 0.10
_LARGEST_SWEEP_TICKS = 4
_RESTING_REMAINDER_SHARE = 0.05
_SECOND_PACKET_SHARE = 0.94
_FEWEST_ORDERS = 20
_EVERYTHING = 1 << 30


@kernel
def market_order(st, side):
    """Send a drawn aggressive order: BID buys, ASK sells; a few ticks deep at most."""
    s = st.scalars[0]
    if min(s.orders_bid, s.orders_ask) < _FEWEST_ORDERS:
        return
    wanted = next_choice(st.states, AGGRESSION, st.trade_size)
    reach = 0
    if next_unit(st.states, AGGRESSION) < _SWEEP_SHARE:
        reach = 1 + next_below(st.states, AGGRESSION, _LARGEST_SWEEP_TICKS)
    rests = next_unit(st.states, AGGRESSION) < _RESTING_REMAINDER_SHARE
    if side == BID:
        limit = min(s.best_ask + reach, s.guard_high)
    else:
        limit = max(s.best_bid - reach, s.guard_low)
    take(st, side, wanted, limit, rests)


@kernel
def sweep(st, side, limit):
    """Take every order up to a limit price, which moves the market there."""
    take(st, side, _EVERYTHING, limit, False)


@kernel
def take(st, side, wanted, limit, rests):
    """Match an aggressive order and emit its event: T, F..., then the book's C, M and A.

    Args:
        st: Market.
        side: BID for a buyer, ASK for a seller.
        wanted: contracts.
        limit: worst level it accepts.
        rests: whether the remainder rests at the limit.
    """
    s = st.scalars[0]
    step = 1 if side == BID else -1
    best = s.best_ask if side == BID else s.best_bid
    if (limit - best) * step < 0:
        return
    aggressor_id = take_order_id(st, AGGRESSION)
    open_packet(st)
    s.n_changes = 0
    left = wanted
    while left > 0 and s.n_changes < MAX_FILLS:
        level = s.best_ask if side == BID else s.best_bid
        if (limit - level) * step < 0 or level < 0 or level >= st.levels.shape[1]:
            break
        left = take_level(st, side, level, left, aggressor_id)
    if next_unit(st.states, AGGRESSION) < _SECOND_PACKET_SHARE:
        follow_packet(st)
    _emit_changes(st)
    best = s.best_ask if side == BID else s.best_bid
    if rests and left > 0 and (best - limit) * step > 0:
        slot = arrive(st, side, limit, left, 0, OWNER_CROWD)
        st.orders[slot].order_id = aggressor_id
        emit(st, ACTION_ADD, venue_side(side), aggressor_id, limit, left)
    close_event(st)


@kernel
def take_level(st, side, level, wanted, aggressor_id):
    """Match against one price and return the remaining quantity.

    Displayed quantity trades first, by time. Hidden quantity trades when none is displayed, as part
    of the same fill, which is then larger than the displayed quantity.
    """
    s = st.scalars[0]
    resting = 1 - side
    resting_side = venue_side(resting)
    trade = emit(st, ACTION_TRADE, venue_side(side), aggressor_id, level, 0)
    first_change, left = s.n_changes, wanted
    slot = st.levels[resting, level].first
    while left > 0 and slot != NONE and s.n_changes < MAX_FILLS:
        order = st.orders[slot]
        quantity = min(left, order.size)
        emit(st, ACTION_FILL, resting_side, order.order_id, level, quantity)
        _note_change(st, slot, quantity)
        left -= quantity
        slot = order.behind
    for i in range(first_change, s.n_changes):
        order = st.orders[st.changes[i].slot]
        hidden = min(left, order.hidden)
        if hidden > 0:
            order.hidden -= hidden
            st.out[trade + 1 + i - first_change].size += np.uint32(hidden)
            left -= hidden
    for i in range(first_change, s.n_changes):
        _settle(st, i)
    st.out[trade].size = wanted - left
    note_trade_at_levels(st, level, wanted - left, side)
    return left


@kernel
def _note_change(st, slot, quantity):
    """Remember a fill; its change of the book follows in the next packet."""
    s = st.scalars[0]
    change = st.changes[s.n_changes]
    order = st.orders[slot]
    change.slot = slot
    change.order_id = order.order_id
    change.level = order.level
    change.side = order.side
    change.size = quantity
    s.n_changes += 1


@kernel
def _settle(st, i):
    """Book a fill: the order shrinks, displays more of its reserve, or leaves."""
    change = st.changes[i]
    slot, quantity = change.slot, change.size
    execute(st, slot, quantity)
    order = st.orders[slot]
    if order.size > 0:
        change.action = ACTION_MODIFY
        change.size = order.size
    elif order.hidden > 0:
        refill(st, slot)
        change.action = ACTION_MODIFY
        change.size = order.size
    else:
        change.action = ACTION_CANCEL
        release(st, slot)


@kernel
def _emit_changes(st):
    for i in range(st.scalars[0].n_changes):
        change = st.changes[i]
        emit(st, change.action, venue_side(change.side), change.order_id, change.level, change.size)


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
            _note_change(st, slot, filled)
            left -= filled
            slot = _next_order(st, slot)
    for i in range(s.n_changes):
        _settle(st, i)
    note_trade_at_levels(st, price, quantity, NONE)
    follow_packet(st)
    _emit_changes(st)
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
