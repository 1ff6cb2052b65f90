"""Order book of the synthetic market: price-time priority, and the truth about every change.

Orders live in a pool of slots; the orders of one price and side form a doubly linked
first-in-first-out queue. Prices are levels of a ladder (ticks above its lowest price). Every act of
an agent is booked here at once: an arrival, a cancellation, a fill, a re-price. Other modules write
the records.
"""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.market_arrays import (
    ASK,
    BID,
    NONE,
    OWNER_MAKER,
    OWNER_WALL,
)

# An order is rested when it has been at its price for this long.
REST_NS = 500_000_000


@kernel
def touch(st, side, level):
    """Note that a price changes in this second, and return its row."""
    row = st.levels[side, level]
    if row.is_touched == 0:
        s = st.scalars[0]
        row.is_touched = 1
        row.add = 0
        row.pull = 0
        row.pull_rest = 0
        row.fill = 0
        row.reprice_in = 0
        row.reprice_out = 0
        row.reset = 0
        st.touched[s.n_touched] = side * st.levels.shape[1] + level
        s.n_touched += 1
    return row


@kernel
def change_depth(st, side, level, quantity):
    """Add a signed quantity to the depth of a price."""
    s = st.scalars[0]
    st.levels[side, level].depth += quantity
    if side == BID:
        s.depth_bid += quantity
    else:
        s.depth_ask += quantity


@kernel
def enqueue(st, slot, side, level):
    """Put an order at the end of the queue of a price and keep the best prices."""
    s = st.scalars[0]
    order = st.orders[slot]
    row = st.levels[side, level]
    order.ahead = row.last
    order.behind = NONE
    if row.last == NONE:
        row.first = slot
    else:
        st.orders[row.last].behind = slot
    row.last = slot
    row.count += 1
    order.side = side
    order.level = level
    if side == BID:
        s.orders_bid += 1
        s.best_bid = max(s.best_bid, level)
    else:
        s.orders_ask += 1
        s.best_ask = min(s.best_ask, level)


@kernel
def dequeue(st, slot):
    """Take an order out of its queue and keep the best prices; the order keeps its slot."""
    s = st.scalars[0]
    order = st.orders[slot]
    level = order.level
    row = st.levels[order.side, level]
    if order.ahead == NONE:
        row.first = order.behind
    else:
        st.orders[order.ahead].behind = order.behind
    if order.behind == NONE:
        row.last = order.ahead
    else:
        st.orders[order.behind].ahead = order.ahead
    row.count -= 1
    if order.side == BID:
        s.orders_bid -= 1
        if level == s.best_bid and row.count == 0:
            while level >= 0 and st.levels[BID, level].count == 0:
                level -= 1
            s.best_bid = level
    else:
        s.orders_ask -= 1
        if level == s.best_ask and row.count == 0:
            n_levels = st.levels.shape[1]
            while level < n_levels and st.levels[ASK, level].count == 0:
                level += 1
            s.best_ask = level


@kernel
def new_order(st, side, level, size, hidden, owner):
    """Rest an order at the end of its queue and return its slot; the caller sets its id.

    The driver keeps enough slots free for the events of one call.
    """
    s = st.scalars[0]
    slot = s.free_slot
    order = st.orders[slot]
    s.free_slot = order.behind
    order.ts_enter = s.now_ns
    order.size = size
    order.hidden = hidden
    order.peak = size
    order.owner = owner
    enqueue(st, slot, side, level)
    change_depth(st, side, level, size)
    return slot


@kernel
def arrive(st, side, level, size, hidden, owner):
    """Rest an arriving limit order, book the arrival, return its slot."""
    slot = new_order(st, side, level, size, hidden, owner)
    touch(st, side, level).add += size
    return slot


@kernel
def release(st, slot):
    """Remove an order without quantity from the book and free its slot."""
    s = st.scalars[0]
    dequeue(st, slot)
    order = st.orders[slot]
    if order.owner == OWNER_MAKER:
        if order.side == BID:
            s.maker_bid = NONE
        else:
            s.maker_ask = NONE
    elif order.owner == OWNER_WALL:
        s.wall_orders -= 1
    order.size = 0
    order.behind = s.free_slot
    s.free_slot = slot


@kernel
def is_rested(st, slot):
    """Return whether an order has been at its price for REST_NS."""
    return st.scalars[0].now_ns - st.orders[slot].ts_enter >= REST_NS


@kernel
def _pull(st, slot, quantity):
    order = st.orders[slot]
    row = touch(st, order.side, order.level)
    row.pull += quantity
    if is_rested(st, slot):
        row.pull_rest += quantity
    change_depth(st, order.side, order.level, -quantity)


@kernel
def cancel(st, slot, quantity):
    """Cancel a quantity of an order; the order leaves when nothing remains."""
    _pull(st, slot, quantity)
    order = st.orders[slot]
    if quantity == order.size:
        release(st, slot)
    else:
        order.size -= quantity
        st.scalars[0].w_partial_cancels += 1


@kernel
def execute(st, slot, quantity):
    """Fill a displayed quantity; the order stays in its queue even with nothing left."""
    order = st.orders[slot]
    touch(st, order.side, order.level).fill += quantity
    change_depth(st, order.side, order.level, -quantity)
    order.size -= quantity


@kernel
def refill(st, slot):
    """Show the next part of an iceberg's reserve, at the end of the queue of its price."""
    order = st.orders[slot]
    shown = min(order.peak, order.hidden)
    order.hidden -= shown
    order.size = shown
    side, level = order.side, order.level
    dequeue(st, slot)
    enqueue(st, slot, side, level)
    touch(st, side, level).add += shown
    change_depth(st, side, level, shown)


@kernel
def grow(st, slot, quantity):
    """Raise an order's quantity: it goes to the end of its queue."""
    order = st.orders[slot]
    side, level = order.side, order.level
    order.size += quantity
    order.peak = order.size
    dequeue(st, slot)
    enqueue(st, slot, side, level)
    touch(st, side, level).add += quantity
    change_depth(st, side, level, quantity)


@kernel
def shrink(st, slot, quantity):
    """Lower an order's quantity: it keeps its place."""
    _pull(st, slot, quantity)
    st.orders[slot].size -= quantity


@kernel
def reprice(st, slot, level, size):
    """Move an order to another price, maybe with another size."""
    order = st.orders[slot]
    side, before = order.side, order.size
    moved = min(before, size)
    old = touch(st, side, order.level)
    old.reprice_out += moved
    _pull(st, slot, before)
    dequeue(st, slot)
    order.size = size
    order.peak = size
    order.ts_enter = st.scalars[0].now_ns
    enqueue(st, slot, side, level)
    new = touch(st, side, level)
    new.add += size
    new.reprice_in += moved
    change_depth(st, side, level, size)
