"""Customers of the options: they rest orders beside the maker's, cancel, change and trade."""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.market_arrays import ASK, BID, NONE
from spymaster_ingest.synthetic.options.maker import coarse_rule
from spymaster_ingest.synthetic.options.matching import take
from spymaster_ingest.synthetic.options.option_arrays import (
    CALL,
    CHOICE,
    DECISION,
    OWNER_CROWD,
    PUT,
    ROOM,
    SIZE,
)
from spymaster_ingest.synthetic.options.order_book import best_price, change, enter, withdraw
from spymaster_ingest.synthetic.random_streams import next_below, next_choice, next_unit

# Shares of decisions, added up: trade, limit order, cancellation; the rest are changes.
_TRADES, _ARRIVALS, _CANCELLATIONS = 0.38, 0.72, 0.90
_SPREAD_SHARE = 0.02
_FIRST_EXPIRY_SHARE = 0.7
_OUT_OF_THE_MONEY_SHARE = 0.8
_SWEEP_SHARE, _SWEEP_TICKS = 0.1, 3
_FURTHEST_BEHIND = 4
_PARTIAL_SHARE = 0.05


@kernel
def act(st):
    """Take one decision of a customer."""
    i = _choose(st)
    if i == NONE:
        return
    side = next_below(st.states, DECISION, 2)
    kind = next_unit(st.states, DECISION)
    if kind < _TRADES:
        _trade(st, i, side)
    elif kind < _ARRIVALS:
        _arrive(st, i, side)
    elif kind < _CANCELLATIONS:
        _cancel(st, i, side)
    else:
        _change(st, i, side)


@kernel
def _choose(st):
    """Draw an instrument, mostly of the day's expiry and near the money; NONE off the chain."""
    s = st.scalars[0]
    n_strikes = st.sigma.shape[2]
    if next_unit(st.states, CHOICE) < _SPREAD_SHARE:
        i = st.instruments.shape[0] - 1
        return i if st.instruments[i].is_listed else NONE
    expiry = 0 if next_unit(st.states, CHOICE) < _FIRST_EXPIRY_SHARE else st.sigma.shape[1] - 1
    offset = next_choice(st.states, CHOICE, st.distance)
    if next_below(st.states, CHOICE, 2):
        offset = -offset
    price = s.mid * s.mid_int
    strike = (price - s.lowest_strike + s.strike_step // 2) // s.strike_step + offset
    is_usual = next_unit(st.states, CHOICE) < _OUT_OF_THE_MONEY_SHARE
    is_above = s.lowest_strike + strike * s.strike_step > price
    if strike < 0 or strike >= n_strikes:
        return NONE
    right = CALL if is_above == is_usual else PUT
    i = 2 * (expiry * n_strikes + strike) + right
    return i if st.instruments[i].is_listed else NONE


@kernel
def _trade(st, i, side):
    """Take the best quote, sometimes a few ticks more."""
    wanted = next_choice(st.states, SIZE, st.trade_size)
    reach = 0
    if next_unit(st.states, DECISION) < _SWEEP_SHARE:
        reach = 1 + next_below(st.states, DECISION, _SWEEP_TICKS)
    best = best_price(st, i, 1 - side)
    if best == NONE:
        return
    take(st, i, side, wanted, best + reach if side == BID else max(best - reach, 1))


@kernel
def _tick_at(st, i, price, side):
    """Return the increment from a price away from the other side."""
    coarse, above = coarse_rule(st, i)
    if coarse > 1 and (price > above or (side == ASK and price == above)):
        return coarse
    return 1


@kernel
def _behind(st, i, side, price, ticks):
    """Return a price some increments further from the other side, 0 when there is none."""
    for _ in range(ticks):
        step = _tick_at(st, i, price, side)
        price += step if side == ASK else -step
    return max(price, 0)


@kernel
def _arrive(st, i, side):
    """Rest an order at the best price of its side, or a few ticks behind it."""
    best = best_price(st, i, side)
    ticks = next_below(st.states, DECISION, _FURTHEST_BEHIND)
    size = next_choice(st.states, SIZE, st.order_size)
    # The maker always finds room.
    if best == NONE or st.counts[i, side] >= ROOM - 1:
        return
    price = _behind(st, i, side, best, ticks)
    if price > 0:
        enter(st, i, side, price, size, OWNER_CROWD, SIZE)


@kernel
def _pick(st, i, side):
    """Draw an order of a side; NONE when there is none or it is the maker's."""
    n = st.counts[i, side]
    at = next_below(st.states, DECISION, ROOM)
    if n == 0:
        return NONE
    at %= n
    return at if st.orders[i, side, at].owner == OWNER_CROWD else NONE


@kernel
def _cancel(st, i, side):
    at = _pick(st, i, side)
    is_partial = next_unit(st.states, DECISION) < _PARTIAL_SHARE
    if at == NONE:
        return
    size = st.orders[i, side, at].size
    if is_partial and size > 1:
        size = 1 + next_below(st.states, SIZE, size - 1)
    withdraw(st, i, side, at, size)


@kernel
def _change(st, i, side):
    """Reduce an order, increase it, or move it back by a tick."""
    at = _pick(st, i, side)
    kind = next_below(st.states, DECISION, 3)
    if at == NONE:
        return
    order = st.orders[i, side, at]
    if kind == 0 and order.size > 1:
        change(st, i, side, at, order.price, order.size // 2)
    elif kind == 1:
        more = next_choice(st.states, SIZE, st.order_size)
        change(st, i, side, at, order.price, order.size + more)
    elif kind == 2:
        price = _behind(st, i, side, order.price, 1)
        if price > 0:
            change(st, i, side, at, price, order.size)
