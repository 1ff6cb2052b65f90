"""Fills: what an order loses, and the changes of the book that an event sends after them."""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.event_records import (
    ACTION_CANCEL,
    ACTION_MODIFY,
    emit,
    venue_side,
)
from spymaster_ingest.synthetic.market_arrays import OWNER_AGENT
from spymaster_ingest.synthetic.order_book import execute, refill, release
from spymaster_ingest.synthetic.planted_agents import note_refill

# Most resting orders that an event fills; the rest of an aggressive order is then cancelled.
MAX_FILLS = 512
# a fill gives an F and a C or M, a price level a T; a remainder may rest, and a record of its own
# may close the event
MAX_EVENT_RECORDS = 3 * MAX_FILLS + 4


@kernel
def note_fill(st, slot, quantity):
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
def settle_fill(st, i):
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
        if order.owner == OWNER_AGENT:
            note_refill(st, slot)
        change.action = ACTION_MODIFY
        change.size = order.size
    else:
        change.action = ACTION_CANCEL
        release(st, slot)


@kernel
def emit_changes(st):
    """Send the changes of the book that the fills of an event made."""
    for i in range(st.scalars[0].n_changes):
        change = st.changes[i]
        emit(st, change.action, venue_side(change.side), change.order_id, change.level, change.size)
