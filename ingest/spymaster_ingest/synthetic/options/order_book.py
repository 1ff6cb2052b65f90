"""Order books of the options: per side a short list of orders, by price, then time."""

from __future__ import annotations

from spymaster_ingest.dbn.layouts import UNDEFINED_PRICE
from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.event_records import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_MODIFY,
    close_event,
    emit,
    follow_packet,
    open_packet,
    take_order_id,
    venue_side,
)
from spymaster_ingest.synthetic.market_arrays import ASK, BID, NONE
from spymaster_ingest.synthetic.options.option_arrays import ROOM
from spymaster_ingest.units import NS_PER_S


@kernel
def begin_event(st, i):
    """Start the event of an instrument; first write the quotes of finished seconds."""
    s = st.scalars[0]
    s.instrument_id = st.instruments[i].instrument_id
    open_packet(st)
    _end_interval(st)
    st.instruments[i].sequence = s.sequence


@kernel
def continue_event(st, i):
    """Start another packet of an event, maybe about another instrument."""
    s = st.scalars[0]
    s.instrument_id = st.instruments[i].instrument_id
    follow_packet(st)
    _end_interval(st)
    st.instruments[i].sequence = s.sequence


@kernel
def _end_interval(st):
    s = st.scalars[0]
    if s.ts_recv >= s.interval_end_ns:
        write_quotes(st)
        s.interval_end_ns = (s.ts_recv // NS_PER_S + 1) * NS_PER_S


@kernel
def write_quotes(st):
    """Write the best quotes of every instrument whose quotes have changed."""
    s = st.scalars[0]
    for i in range(st.instruments.shape[0]):
        row = st.instruments[i]
        if row.is_changed == 0:
            continue
        row.is_changed = 0
        quote = st.quotes[s.n_quotes]
        s.n_quotes += 1
        quote.instrument = i
        quote.interval_end_ns = s.interval_end_ns
        quote.trade_price, quote.trade_size = row.trade_price, row.trade_size
        quote.trade_side, quote.trade_ns = row.trade_side, row.trade_ns
        quote.sequence = row.sequence
        quote.bid_price, quote.bid_size, quote.bid_count = _best(st, i, BID)
        quote.ask_price, quote.ask_size, quote.ask_count = _best(st, i, ASK)


@kernel
def _best(st, i, side):
    """Return price (1e-9 points), quantity and number of orders at the best price."""
    n = st.counts[i, side]
    if n == 0:
        return UNDEFINED_PRICE, 0, 0
    price, size, count = st.orders[i, side, 0].price, 0, 0
    for at in range(n):
        order = st.orders[i, side, at]
        if order.price != price:
            break
        size += order.size
        count += 1
    return price * st.scalars[0].tick_int, size, count


@kernel
def best_price(st, i, side):
    """Return the best price of a side in finest ticks, NONE when nothing rests there."""
    return st.orders[i, side, 0].price if st.counts[i, side] > 0 else NONE


@kernel
def insert(st, i, side, price, size, order_id, owner):
    """Rest an order behind all orders of its price; its side has room."""
    at = st.counts[i, side]
    sign = 1 if side == BID else -1
    while at > 0 and (price - st.orders[i, side, at - 1].price) * sign > 0:
        st.orders[i, side, at] = st.orders[i, side, at - 1]
        at -= 1
    order = st.orders[i, side, at]
    order.order_id = order_id
    order.ts_enter = st.scalars[0].now_ns
    order.price = price
    order.size = size
    order.owner = owner
    st.counts[i, side] += 1
    if price == st.orders[i, side, 0].price:
        st.instruments[i].is_changed = 1


@kernel
def remove(st, i, side, at):
    """Remove an order."""
    if st.orders[i, side, at].price == st.orders[i, side, 0].price:
        st.instruments[i].is_changed = 1
    st.counts[i, side] -= 1
    for j in range(at, st.counts[i, side]):
        st.orders[i, side, j] = st.orders[i, side, j + 1]


@kernel
def enter(st, i, side, price, size, owner, stream):
    """Add an order, if there is room for it: a whole event."""
    if st.counts[i, side] == ROOM:
        return
    begin_event(st, i)
    order_id = take_order_id(st, stream)
    insert(st, i, side, price, size, order_id, owner)
    emit(st, ACTION_ADD, venue_side(side), order_id, price, size)
    close_event(st)


@kernel
def withdraw(st, i, side, at, size):
    """Cancel an order, in part or whole: a whole event."""
    begin_event(st, i)
    order = st.orders[i, side, at]
    emit(st, ACTION_CANCEL, venue_side(side), order.order_id, order.price, size)
    if size == order.size:
        remove(st, i, side, at)
    else:
        set_size(st, i, side, at, order.size - size)
    close_event(st)


@kernel
def set_size(st, i, side, at, size):
    """Reduce an order, which keeps its place."""
    order = st.orders[i, side, at]
    order.size = size
    if order.price == st.orders[i, side, 0].price:
        st.instruments[i].is_changed = 1


@kernel
def change(st, i, side, at, price, size):
    """Modify an order: a whole event.

    It keeps its place only if it shrinks at the same price.
    """
    begin_event(st, i)
    order = st.orders[i, side, at]
    order_id, owner = order.order_id, order.owner
    if price == order.price and size < order.size:
        set_size(st, i, side, at, size)
    else:
        remove(st, i, side, at)
        insert(st, i, side, price, size, order_id, owner)
    emit(st, ACTION_MODIFY, venue_side(side), order_id, price, size)
    close_event(st)
