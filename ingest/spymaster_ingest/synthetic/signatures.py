"""The agents that leave a signature at a level, and the walls behind it.

During the phase of an approach they answer the crowd: for every contract that arrives in the zone
around the level they pull or re-price a number of rested contracts or, if orders follow the price,
add contracts. The flows of the crowd and of these agents in the zone add up to the realised excess
of the approach. The agents never add orders in answer to flows that grow with the book, such as
cancellations: that would feed on itself.
"""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.event_records import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_MODIFY,
    announce,
    close_event,
    emit,
    open_packet,
    take_order_id,
    venue_side,
)
from spymaster_ingest.synthetic.market_arrays import (
    ASK,
    BID,
    FOLLOW_BEHIND,
    NONE,
    OWNER_CROWD,
    OWNER_WALL,
    PULL_AHEAD,
    PULL_BEHIND,
    RETREAT_AHEAD,
    RETREAT_BEHIND,
    SIGNATURE,
)
from spymaster_ingest.synthetic.order_book import arrive, cancel, is_rested, reprice
from spymaster_ingest.synthetic.random_streams import next_below, next_choice

ZONE_TICKS = 20
WALL_TICKS = 8
_TRIES = 16
_OLDEST = 8
_FOLLOWED_TICKS = 6
# No order follows to a price with this many times its usual orders.
_FULLEST = 3.0
_OUTSIDE, _AHEAD, _BEHIND = range(3)


@kernel
def level_of_approach(st):
    """Return the ladder level of the approached named level."""
    return st.named[st.approach[0].level].tick - st.scalars[0].lowest_tick


@kernel
def side_ahead(st):
    """Return the side that defends the approached level."""
    return ASK if st.approach[0].direction > 0 else BID


@kernel
def _zone(st, side, level):
    """Return whether a price lies in the zone of the approach, ahead of the price or behind it."""
    rho = level - level_of_approach(st)
    if side == BID:
        rho = -rho
    if rho < 0 or rho > ZONE_TICKS:
        return _OUTSIDE
    return _AHEAD if side == side_ahead(st) else _BEHIND


@kernel
def note_arrival(st, side, level, size):
    """Sum up an arrival of the crowd, and let the signature answer."""
    if st.scalars[0].is_phase == 0:
        return
    row, c, p = st.approach[0], st.control[0], st.signature_rates[0]
    zone = _zone(st, side, level)
    if zone == _AHEAD:
        row.add_ahead += size
        if row.conditions & PULL_AHEAD:
            c.pull_credit_ahead += p.pull_ahead * row.gain * size
        if row.conditions & RETREAT_AHEAD:
            c.move_credit_ahead += p.retreat_ahead * row.gain * size
    elif zone == _BEHIND:
        row.add_behind += size
        if row.conditions & PULL_BEHIND:
            c.pull_credit_behind += p.pull_behind * row.gain * size
        if row.conditions & RETREAT_BEHIND:
            c.move_credit_behind += p.retreat_behind * row.gain * size
        if row.conditions & FOLLOW_BEHIND:
            c.follow_credit += p.follow * row.gain * size


@kernel
def note_cancel(st, side, level, size):
    """Sum up a cancellation of the crowd."""
    if st.scalars[0].is_phase == 0:
        return
    row = st.approach[0]
    zone = _zone(st, side, level)
    if zone == _AHEAD:
        row.pull_ahead += size
    elif zone == _BEHIND:
        row.pull_behind += size


@kernel
def note_move(st, side, level, target, size):
    """Sum up a re-price from inside the zone: away from the price counts positive."""
    if st.scalars[0].is_phase == 0:
        return
    row = st.approach[0]
    zone = _zone(st, side, level)
    is_away = target > level if side == ASK else target < level
    signed = size if is_away else -size
    if zone == _AHEAD:
        row.away_ahead += signed
    elif zone == _BEHIND:
        row.away_behind += signed


@kernel
def is_signature_due(st):
    """Return whether a signature or a wall must act."""
    s, c = st.scalars[0], st.control[0]
    if c.walls_to_place > 0 or c.is_wall_leaving > 0:
        return True
    if s.is_phase == 0:
        return False
    return (
        max(
            c.pull_credit_ahead,
            c.pull_credit_behind,
            c.move_credit_ahead,
            c.move_credit_behind,
            c.follow_credit,
        )
        >= 1.0
    )


@kernel
def act_on_signature(st):
    """Take one action of the wall or the signature."""
    c = st.control[0]
    ahead = side_ahead(st)
    if c.walls_to_place > 0:
        _place_wall(st)
    elif c.is_wall_leaving > 0:
        _remove_wall(st)
    elif c.pull_credit_ahead >= 1.0:
        c.pull_credit_ahead = _pull(st, ahead, c.pull_credit_ahead)
    elif c.pull_credit_behind >= 1.0:
        c.pull_credit_behind = _pull(st, 1 - ahead, c.pull_credit_behind)
    elif c.move_credit_ahead >= 1.0:
        c.move_credit_ahead = _retreat(st, ahead, c.move_credit_ahead)
    elif c.move_credit_behind >= 1.0:
        c.move_credit_behind = _retreat(st, 1 - ahead, c.move_credit_behind)
    else:
        c.follow_credit = _follow(st, 1 - ahead, c.follow_credit)


@kernel
def find_rested(st, side, nearest, furthest):
    """Return a rested order of the crowd between two distances beyond the level, or NONE."""
    level = level_of_approach(st)
    for _ in range(_TRIES):
        rho = nearest + next_below(st.states, SIGNATURE, furthest - nearest + 1)
        row = st.levels[side, level + rho if side == ASK else level - rho]
        if row.count == 0:
            continue
        slot = row.first
        for _ in range(next_below(st.states, SIGNATURE, min(row.count, _OLDEST))):
            slot = st.orders[slot].behind
        if st.orders[slot].owner == OWNER_CROWD and is_rested(st, slot):
            return slot
    return NONE


@kernel
def _pull(st, side, credit):
    """Cancel a rested order of the zone; return the remaining credit."""
    slot = find_rested(st, side, 0, ZONE_TICKS)
    if slot == NONE:
        return 0.0
    size = withdraw(st, slot)
    row = st.approach[0]
    if side == side_ahead(st):
        row.pull_ahead += size
    else:
        row.pull_behind += size
    return credit - size


@kernel
def withdraw(st, slot):
    """Cancel an order; return its size."""
    order = st.orders[slot]
    side, size, level, order_id = order.side, order.size, order.level, order.order_id
    cancel(st, slot, size)
    open_packet(st)
    emit(st, ACTION_CANCEL, venue_side(side), order_id, level, size)
    close_event(st)
    return size


@kernel
def _retreat(st, side, credit):
    """Re-price a rested order of the zone away from the price; return the remaining credit."""
    slot = find_rested(st, side, 0, ZONE_TICKS)
    if slot == NONE:
        return 0.0
    order = st.orders[slot]
    steps = 2 + next_below(st.states, SIGNATURE, 9)
    target = order.level + steps if side == ASK else order.level - steps
    size = order.size
    note_move(st, side, order.level, target, size)
    reprice(st, slot, target, size)
    announce(st, ACTION_MODIFY, slot)
    return credit - size


@kernel
def _follow(st, side, credit):
    """Add an order behind the price, inside the zone; return the remaining credit."""
    s = st.scalars[0]
    steps = next_below(st.states, SIGNATURE, _FOLLOWED_TICKS)
    level = s.best_ask + steps if side == ASK else s.best_bid - steps
    size = next_choice(st.states, SIGNATURE, st.order_size)
    if st.levels[side, level].count >= _FULLEST * st.target[steps]:
        return 0.0
    slot = arrive(st, side, level, size, 0, OWNER_CROWD)
    st.orders[slot].order_id = take_order_id(st, SIGNATURE)
    if _zone(st, side, level) == _BEHIND:
        st.approach[0].add_behind += size
    announce(st, ACTION_ADD, slot)
    return credit - size


@kernel
def _place_wall(st):
    c, p = st.control[0], st.signature_rates[0]
    c.walls_to_place -= 1
    size = p.wall_smallest + next_below(st.states, SIGNATURE, p.wall_smallest)
    slot = arrive(st, side_ahead(st), c.wall_level, size, 0, OWNER_WALL)
    st.orders[slot].order_id = take_order_id(st, SIGNATURE)
    st.scalars[0].wall_orders += 1
    announce(st, ACTION_ADD, slot)


@kernel
def _remove_wall(st):
    """Cancel an order of the wall; without orders the wall ends."""
    c = st.control[0]
    side = side_ahead(st)
    slot = st.levels[side, c.wall_level].first
    while slot != NONE and st.orders[slot].owner != OWNER_WALL:
        slot = st.orders[slot].behind
    if slot == NONE:
        c.is_wall_leaving = 0
        return
    withdraw(st, slot)
