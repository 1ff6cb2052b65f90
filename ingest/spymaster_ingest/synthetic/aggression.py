"""Matching: aggressive orders against resting orders, by price and time."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.event_records import (
    ACTION_ADD,
    ACTION_FILL,
    ACTION_TRADE,
    close_event,
    emit,
    follow_packet,
    open_packet,
    take_order_id,
    venue_side,
)
from spymaster_ingest.synthetic.fills import MAX_FILLS, emit_changes, note_fill, settle_fill
from spymaster_ingest.synthetic.levels import note_trade_at_levels
from spymaster_ingest.synthetic.market_arrays import (
    AGGRESSION,
    BID,
    NONE,
    OWNER_CROWD,
)
from spymaster_ingest.synthetic.order_book import arrive
from spymaster_ingest.synthetic.planted_agents import note_trade
from spymaster_ingest.synthetic.random_streams import next_below, next_choice, next_unit

_SWEEP_SHARE = 0.10
_LARGEST_SWEEP_TICKS = 4
_RESTING_REMAINDER_SHARE = 0.05
_SECOND_PACKET_SHARE = 0.94
_FEWEST_ORDERS = 20
_EVERYTHING = 1 << 30
# The crowd's largest order while a mechanism works, whose sweeps are larger.
_LARGEST_BESIDE_MECHANISM = 5


@kernel
def market_order(st, side):
    """Send a drawn aggressive order: BID buys, ASK sells; a few ticks deep at most."""
    s = st.scalars[0]
    if min(s.orders_bid, s.orders_ask) < _FEWEST_ORDERS:
        return
    wanted = next_choice(st.states, AGGRESSION, st.trade_size)
    if s.is_mechanism:
        wanted = min(wanted, _LARGEST_BESIDE_MECHANISM)
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
    emit_changes(st)
    best = s.best_ask if side == BID else s.best_bid
    if rests and left > 0 and (best - limit) * step > 0:
        slot = arrive(st, side, limit, left, 0, OWNER_CROWD)
        st.orders[slot].order_id = aggressor_id
        emit(st, ACTION_ADD, venue_side(side), aggressor_id, limit, left)
    close_event(st)
    note_trade(st, 1 - side)


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
        note_fill(st, slot, quantity)
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
        settle_fill(st, i)
    st.out[trade].size = wanted - left
    note_trade_at_levels(st, level, wanted - left, side)
    return left
