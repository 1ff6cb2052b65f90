"""The crowd: limit orders that arrive, are cancelled and modified, and clustered market orders.

Arrivals fall with distance from the opposite best as a power law; cancellations at a price are
proportional to its resting orders, and faster near the touch. The usual depth of a price is where
the two balance. Market orders excite further ones (Hawkes) and come in runs of one side.
"""

from __future__ import annotations

from spymaster_ingest.synthetic.aggression import market_order
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
    DECISION,
    OWNER_CROWD,
    PREOPEN,
    PRICE,
    SIZE,
)
from spymaster_ingest.synthetic.mechanisms import is_held_back, is_pushing
from spymaster_ingest.synthetic.order_book import arrive, cancel, grow, reprice, shrink
from spymaster_ingest.synthetic.quoting import lean
from spymaster_ingest.synthetic.random_streams import next_below, next_choice, next_unit
from spymaster_ingest.synthetic.signatures import note_arrival, note_cancel, note_move, side_ahead

_TRIES = 64
_TILTED_TICKS = 4
# Up to this many times its usual depth, a price's cancellations grow with its resting orders.
_NEAR_EXCESS, _FAR_EXCESS = 3.0, 8.0
_FAR_TICKS = 400
_LARGEST_GROWN = 60
_OLDEST = 8


@kernel
def crowd_act(st):
    """Take one decision of the crowd."""
    p, s = st.settings[0], st.scalars[0]
    choice = next_unit(st.states, DECISION)
    trade_share = p.trade_share * s.excitement / crowd_pace(st)
    if choice < trade_share:
        market_order(st, _aggressor_side(st))
        s.excitement += _jump(st)
    elif choice < trade_share + p.modify_share:
        _modify(st)
    else:
        _visit(st)


@kernel
def crowd_pace(st):
    """Return how fast the crowd acts now; the average is 1."""
    p = st.settings[0]
    return (1.0 - p.shared_excitement) + p.shared_excitement * st.scalars[0].excitement


@kernel
def _jump(st):
    """Return a market order's addition to the excitement, whose mean is 1 (Hawkes)."""
    p, s = st.settings[0], st.scalars[0]
    per_second = p.trade_share * st.rate[s.second] / p.records_per_decision
    return min(p.branching * p.excitement_decay / per_second, p.largest_jump)


@kernel
def _aggressor_side(st):
    """Return BID for a buyer, ASK for a seller; runs of one side, leaning to the fair price."""
    p, s = st.settings[0], st.scalars[0]
    if is_pushing(st):
        return 1 - side_ahead(st)
    if next_unit(st.states, DECISION) < p.sign_persistence:
        return BID if s.last_sign > 0 else ASK
    leaning = lean(st)
    buys = next_unit(st.states, DECISION) < 0.5 + 0.45 * leaning / (0.6 + abs(leaning))
    s.last_sign = 1.0 if buys else -1.0
    return BID if buys else ASK


@kernel
def _level_at(st, side, distance):
    """Return the level of a side that lies ``distance`` + 1 ticks behind the opposite best."""
    s = st.scalars[0]
    return s.best_ask - 1 - distance if side == BID else s.best_bid + 1 + distance


@kernel
def _usual_orders(st, side, distance):
    """Return the usual resting orders of a price; fewer where price is about to move."""
    usual = st.target[distance]
    if distance < _TILTED_TICKS:
        tilt = lean(st) if side == BID else -lean(st)
        usual *= min(max(1.0 + 0.9 * tilt, 0.05), 1.9)
    return usual


@kernel
def _is_removal(st, orders, usual, distance):
    """Return 1 to remove an order from a price, 0 to add one, -1 to leave it alone.

    The ratio of removals to arrivals equals that of resting to usual orders.
    """
    excess = _NEAR_EXCESS if distance < _FAR_TICKS else _FAR_EXCESS
    draw = next_unit(st.states, PRICE) * (1.0 + excess)
    if draw < 1.0:
        return 0
    return 1 if draw - 1.0 < orders / usual else -1


@kernel
def _pick_order(st, side, level):
    """Return an order of a populated price: often the newest, otherwise among the oldest."""
    row = st.levels[side, level]
    if next_unit(st.states, PRICE) < st.settings[0].newest_cancel_share:
        return row.last
    slot = row.first
    for _ in range(next_below(st.states, PRICE, min(row.count, _OLDEST))):
        slot = st.orders[slot].behind
    return slot


@kernel
def _is_inside(st, level):
    return 1 <= level < st.levels.shape[1] - 1


@kernel
def _join(st, side, level, near):
    """Add a limit order of the crowd."""
    size = next_choice(st.states, SIZE, st.order_size)
    hidden = 0
    if near and next_unit(st.states, SIZE) < st.settings[0].iceberg_share:
        hidden = size * (2 + next_below(st.states, SIZE, 7))
    slot = arrive(st, side, level, size, hidden, OWNER_CROWD)
    st.orders[slot].order_id = take_order_id(st, SIZE)
    note_arrival(st, side, level, size)
    announce(st, ACTION_ADD, slot)


@kernel
def _visit(st):
    """Add an order at a price, or cancel one there."""
    for _ in range(_TRIES):
        distance = next_choice(st.states, PRICE, st.distance)
        side = BID if next_unit(st.states, PRICE) < 0.5 else ASK
        level = _level_at(st, side, distance)
        if not _is_inside(st, level):
            continue
        usual = _usual_orders(st, side, distance)
        orders = st.levels[side, level].count
        removal = _is_removal(st, orders, usual, distance)
        if removal >= 0 and is_held_back(st, side, level, removal == 0):
            continue
        if removal == 0:
            _join(st, side, level, distance < _TILTED_TICKS)
            return
        if removal == 1 and orders > 0:
            slot = _pick_order(st, side, level)
            if st.orders[slot].owner == OWNER_CROWD:
                _leave(st, slot)
                return


@kernel
def _leave(st, slot):
    """Cancel an order, sometimes only in part."""
    order = st.orders[slot]
    size, side, level, order_id = order.size, order.side, order.level, order.order_id
    if size > 1 and next_unit(st.states, SIZE) < st.settings[0].partial_cancel_share:
        size = 1 + next_below(st.states, SIZE, size - 1)
    cancel(st, slot, size)
    note_cancel(st, side, level, size)
    open_packet(st)
    emit(st, ACTION_CANCEL, venue_side(side), order_id, level, size)
    close_event(st)


@kernel
def _modify(st):
    """Modify an order: mostly to another price, sometimes to another size."""
    for _ in range(_TRIES):
        distance = next_choice(st.states, PRICE, st.distance)
        side = BID if next_unit(st.states, PRICE) < 0.5 else ASK
        level = _level_at(st, side, distance)
        if not _is_inside(st, level):
            continue
        orders = st.levels[side, level].count
        removal = _is_removal(st, orders, _usual_orders(st, side, distance), distance)
        if removal != 1 or orders == 0:
            continue
        if is_held_back(st, side, level, False):
            continue
        slot = _pick_order(st, side, level)
        if st.orders[slot].owner == OWNER_CROWD and _change(st, slot, side, level, distance):
            announce(st, ACTION_MODIFY, slot)
            return


@kernel
def _change(st, slot, side, level, distance):
    """Change an order's size or price; return whether anything changed."""
    order = st.orders[slot]
    kind = next_unit(st.states, DECISION)
    if kind < st.settings[0].shrink_share:
        if order.size < 2:
            return False
        less = 1 + next_below(st.states, SIZE, order.size - 1)
        shrink(st, slot, less)
        note_cancel(st, side, level, less)
        return True
    if kind < st.settings[0].shrink_share + st.settings[0].grow_share:
        if order.size > _LARGEST_GROWN or is_held_back(st, side, level, True):
            return False
        more = next_choice(st.states, SIZE, st.order_size)
        grow(st, slot, more)
        note_arrival(st, side, level, more)
        return True
    target = _new_level(st, side, distance)
    if target < 0:
        return False
    note_move(st, side, level, target, order.size)
    reprice(st, slot, target, order.size)
    return True


@kernel
def _new_level(st, side, distance):
    """Return a level to re-price to, a few ticks away or anywhere, or -1 if none fits."""
    if next_unit(st.states, PRICE) < 0.5:
        step = 1 + next_below(st.states, PRICE, 3)
        goal = distance + step if next_unit(st.states, PRICE) < 0.5 else distance - step
    else:
        goal = next_choice(st.states, PRICE, st.distance)
    if goal < 0 or goal == distance or goal >= st.target.shape[0]:
        return -1
    level = _level_at(st, side, goal)
    if not _is_inside(st, level) or is_held_back(st, side, level, True):
        return -1
    orders, usual = st.levels[side, level].count, _usual_orders(st, side, goal)
    # Few orders move to a crowded price.
    return level if next_unit(st.states, PRICE) * (orders + usual) < usual else -1


@kernel
def crowd_act_before_open(st):
    """Take one decision before the open: many orders arrive, some through the market."""
    p, s = st.settings[0], st.scalars[0]
    side = BID if next_unit(st.states, PREOPEN) < 0.5 else ASK
    offset = next_below(st.states, PREOPEN, 2 * p.pre_open_reach) - p.pre_open_reach
    level = s.reference_bid - offset if side == BID else s.reference_bid + 1 + offset
    if next_unit(st.states, PREOPEN) < 0.25:
        row = st.levels[side, level]
        if row.count > 0 and st.orders[row.last].owner == OWNER_CROWD:
            _leave(st, row.last)
        return
    _join(st, side, level, False)
