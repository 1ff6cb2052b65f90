"""Orders that rest in the options at midnight: bids far below, offers far above their value."""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import entry
from spymaster_ingest.synthetic.event_records import take_order_id
from spymaster_ingest.synthetic.market_arrays import ASK, BID, NONE
from spymaster_ingest.synthetic.options.maker import coarse_rule, price_options
from spymaster_ingest.synthetic.options.option_arrays import OWNER_CROWD, PARTS, SIZE, SPREAD
from spymaster_ingest.synthetic.options.order_book import insert
from spymaster_ingest.synthetic.random_streams import next_below, next_choice, next_unit
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

_MOST_ORDERS = 3
# Bids are this share of the theoretical price; offers a multiple of it.
_LOWEST_BID, _HIGHEST_BID = 0.3, 0.7
_LOWEST_ASK, _HIGHEST_ASK = 1.5, 3.0
_TICKS_ABOVE = 3
_OLDEST_S, _SHORTEST_S = 3 * S_PER_DAY, 3_600


@entry
def rest_at_midnight(st, states):
    """Rest the orders of midnight; ``states`` (1,) uint64 is their random stream."""
    s = st.scalars[0]
    price_options(st)
    s.seen_step = NONE
    for i in range(st.instruments.shape[0]):
        coarse, above = coarse_rule(st, i)
        theory = st.instruments[i].theory / PARTS
        # Within an instrument later orders have higher ids.
        age_s = float(_OLDEST_S)
        for _ in range(next_below(states, 0, 2 * _MOST_ORDERS + 1)):
            side = next_below(states, 0, 2)
            low = _LOWEST_BID if side == BID else _LOWEST_ASK
            high = _HIGHEST_BID if side == BID else _HIGHEST_ASK
            price = int(theory * (low + (high - low) * next_unit(states, 0)))
            if side == ASK:
                price += _TICKS_ABOVE
            if price > above:
                price -= price % coarse
                if side == ASK:
                    price += coarse
            age_s = _SHORTEST_S + (age_s - _SHORTEST_S) * next_unit(states, 0)
            order_id = take_order_id(st, SIZE)
            size = next_choice(states, 0, st.order_size)
            if price < 1 or st.instruments[i].kind == SPREAD:
                continue
            insert(st, i, side, price, size, order_id, OWNER_CROWD)
            for at in range(st.counts[i, side]):
                order = st.orders[i, side, at]
                if order.order_id == order_id:
                    order.ts_enter = s.midnight_ns - int(age_s * NS_PER_S)
