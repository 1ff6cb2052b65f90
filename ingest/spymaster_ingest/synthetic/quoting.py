"""The market maker: quotes both sides of a reference that follows the latent fair price.

The reference moves by a tick when the fair price has moved by a tick, so successive moves of the
mid price are as independent as moves of the fair price. The crowd may empty or improve a price for
a moment; the maker, and others who know the fair price, restore the reference, always by orders:
they re-price quotes and take orders on the wrong side of it.
"""

from __future__ import annotations

from spymaster_ingest.synthetic.aggression import sweep
from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.event_records import (
    ACTION_ADD,
    ACTION_MODIFY,
    announce,
    take_order_id,
)
from spymaster_ingest.synthetic.market_arrays import ASK, BID, NONE, OWNER_MAKER, QUOTING
from spymaster_ingest.synthetic.order_book import arrive, reprice
from spymaster_ingest.synthetic.random_streams import next_choice
from spymaster_ingest.units import NS_PER_S

_MOVE_TICKS = 0.65
_QUOTE_LOTS = 4


@kernel
def fair_now(st):
    """Return the fair price at this moment, as a level of the ladder with its fraction."""
    s = st.scalars[0]
    share = 1.0 - (s.second_end_ns - s.now_ns) / NS_PER_S
    return s.fair_start + share * (s.fair_end - s.fair_start)


@kernel
def lean(st):
    """Return fair price minus the reference's mid in ticks."""
    return fair_now(st) - (st.scalars[0].reference_bid + 0.5)


@kernel
def is_quoting_due(st):
    """Move the reference with the fair price; return whether the book disagrees with it."""
    s = st.scalars[0]
    leaning = lean(st)
    if leaning >= _MOVE_TICKS:
        s.reference_bid += 1
    elif leaning <= -_MOVE_TICKS:
        s.reference_bid -= 1
    bid = s.reference_bid
    if s.maker_bid == NONE or s.maker_ask == NONE:
        return True
    return (
        st.orders[s.maker_bid].level != bid
        or st.orders[s.maker_ask].level != bid + 1
        or s.best_ask <= bid
        or s.best_bid > bid
    )


@kernel
def quote(st):
    """Take one step towards quotes at the reference."""
    s = st.scalars[0]
    bid, ask = s.reference_bid, s.reference_bid + 1
    if s.maker_ask != NONE and st.orders[s.maker_ask].level < ask:
        _requote(st, s.maker_ask, ask)
    elif s.maker_bid != NONE and st.orders[s.maker_bid].level > bid:
        _requote(st, s.maker_bid, bid)
    elif s.best_ask <= bid:
        sweep(st, BID, bid)
    elif s.best_bid >= ask:
        sweep(st, ASK, ask)
    elif s.maker_bid == NONE:
        s.maker_bid = _enter(st, BID, bid)
    elif s.maker_ask == NONE:
        s.maker_ask = _enter(st, ASK, ask)
    elif st.orders[s.maker_bid].level < bid:
        _requote(st, s.maker_bid, bid)
    elif st.orders[s.maker_ask].level > ask:
        _requote(st, s.maker_ask, ask)


@kernel
def _enter(st, side, level):
    size = _QUOTE_LOTS + next_choice(st.states, QUOTING, st.order_size)
    slot = arrive(st, side, level, size, 0, OWNER_MAKER)
    st.orders[slot].order_id = take_order_id(st, QUOTING)
    announce(st, ACTION_ADD, slot)
    return slot


@kernel
def _requote(st, slot, level):
    reprice(st, slot, level, st.orders[slot].size)
    announce(st, ACTION_MODIFY, slot)
