"""The market maker of the options: quotes both sides of each theoretical price.

The price follows the future's mid and the surface. A quote stays while the theoretical price is
well inside it; otherwise the maker centres it again and takes customers' orders on the wrong side
of the theoretical price. So the best quotes contain the theoretical price whenever the maker has
caught up with the future.
"""

from __future__ import annotations

import math

from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.market_arrays import ASK, BID, NONE
from spymaster_ingest.synthetic.options.black76 import (
    SECONDS_PER_YEAR,
    SHORTEST_LIFE_S,
    call_value,
    exponential,
    put_value,
)
from spymaster_ingest.synthetic.options.clock import pause
from spymaster_ingest.synthetic.options.matching import take
from spymaster_ingest.synthetic.options.option_arrays import (
    CALL,
    NEVER,
    OWNER_MAKER,
    PARTS,
    QUOTING,
    ROOM,
    SPREAD,
)
from spymaster_ingest.synthetic.options.order_book import best_price, change, enter, withdraw
from spymaster_ingest.synthetic.random_streams import next_choice
from spymaster_ingest.units import NS_PER_S, PRICE_SCALE

_EVERYTHING = 1 << 30
# Width of a cheap option's quote: this share of the premium, with a minimum in ticks and a maximum
# as a multiple of the usual width of an expensive option.
_WIDTH_DIVISOR, _NARROWEST, _WIDEST_FACTOR = 12, 2, 3
# An expensive option's quote widens by half the usual width each time its premium holds this many
# widths, twice at most.
_PREMIUM_DIVISOR, _MOST_STEPS = 75, 2
# A quote is stale when the price is nearer to one of its ends than this share of its width.
_MARGIN_DIVISOR = 6
_SMALLEST_QUOTE, _TYPICAL_FACTOR = 10, 3
# A quote that still fits is refreshed with another size at the first check after this age.
_REFRESHED_AFTER_NS = 15_000_000_000


@kernel
def price_options(st):
    """Write the present theoretical price of every listed contract."""
    s = st.scalars[0]
    s.seen_mid, s.seen_step = s.mid, s.step
    forward = s.mid * s.mid_int / PRICE_SCALE
    unit = s.tick_int / PRICE_SCALE / PARTS
    for i in range(st.instruments.shape[0]):
        row = st.instruments[i]
        if row.is_listed == 0:
            continue
        if row.kind == SPREAD:
            first, second = st.instruments[row.first_leg], st.instruments[row.second_leg]
            row.theory = first.theory - second.theory
            continue
        seconds = max((st.expiration_ns[row.expiry] - s.now_ns) / NS_PER_S, SHORTEST_LIFE_S)
        years = seconds / SECONDS_PER_YEAR
        root_years, discount = math.sqrt(years), exponential(-s.rate * years)
        strike = (s.lowest_strike + row.strike * s.strike_step) / PRICE_SCALE
        sigma = st.sigma[s.step, row.expiry, row.strike]
        if row.kind == CALL:
            value = call_value(forward, strike, sigma, root_years, discount)
        else:
            value = put_value(forward, strike, sigma, root_years, discount)
        row.theory = int(value / unit + 0.5)


@kernel
def requote(st):
    """Check the market once: price everything, and replace the quotes that no longer fit."""
    price_options(st)
    st.scalars[0].wake_ns = NEVER
    for i in range(st.instruments.shape[0]):
        if st.instruments[i].is_listed:
            _mend(st, i)


@kernel
def pull_quotes(st):
    """Cancel every quote of the maker."""
    for i in range(st.instruments.shape[0]):
        for side in (BID, ASK):
            at = _own(st, i, side)
            if at != NONE:
                pause(st)
                withdraw(st, i, side, at, st.orders[i, side, at].size)


@kernel
def _own(st, i, side):
    """Return the position of the maker's order on a side, NONE if it has none."""
    for at in range(st.counts[i, side]):
        if st.orders[i, side, at].owner == OWNER_MAKER:
            return at
    return NONE


@kernel
def coarse_rule(st, i):
    """Return the coarse tick in finest ticks and the premium above which it holds.

    A spread trades in the finest ticks at any price.
    """
    if st.instruments[i].kind == SPREAD:
        return 1, 0
    s = st.scalars[0]
    return s.coarse_ticks, s.coarse_above


@kernel
def _targets(st, i):
    """Return the prices to bid and ask in finest ticks; no bid is 0."""
    coarse, above = coarse_rule(st, i)
    theory = st.instruments[i].theory
    premium = theory // PARTS
    usual = st.scalars[0].usual_width
    if coarse > 1 and premium > above:
        steps = min(premium // (_PREMIUM_DIVISOR * coarse * usual), _MOST_STEPS)
        width = coarse * (usual + steps * usual // 2)
    else:
        width = min(max(premium // _WIDTH_DIVISOR, _NARROWEST), _WIDEST_FACTOR * usual)
    bid = (2 * theory - width * PARTS + PARTS) // (2 * PARTS)
    if coarse > 1 and bid > above:
        bid -= bid % coarse
    bid = max(bid, 0)
    ask = max(bid + width, theory // PARTS + 1)
    if coarse > 1 and ask > above and ask % coarse:
        ask += coarse - ask % coarse
    return bid, ask


@kernel
def _mend(st, i):
    """Bring the maker's quotes of an instrument in line with its theoretical price."""
    theory = st.instruments[i].theory
    bid_at, ask_at = _own(st, i, BID), _own(st, i, ASK)
    bid = st.orders[i, BID, bid_at].price if bid_at != NONE else 0
    ask = st.orders[i, ASK, ask_at].price if ask_at != NONE else 0
    margin = (ask - bid) * PARTS // _MARGIN_DIVISOR
    is_stale = theory < bid * PARTS + margin or theory > ask * PARTS - margin
    new_bid, new_ask = bid, ask
    if is_stale or bid_at == NONE:
        new_bid, new_ask = _targets(st, i)
        # A side that need not move stays, unless the quote would be far too wide.
        if not is_stale:
            new_ask = ask
    if new_bid < bid:
        _quote(st, i, BID, new_bid)
    if new_ask > ask > 0:
        _quote(st, i, ASK, new_ask)
    _take_mispriced(st, i, theory)
    if new_bid != bid or bid_at == NONE:
        _quote(st, i, BID, new_bid)
    _quote(st, i, ASK, new_ask)
    if st.scalars[0].now_ns - st.instruments[i].quoted_ns > _REFRESHED_AFTER_NS:
        _refresh(st, i)


@kernel
def _take_mispriced(st, i, theory):
    """Sell to bids above the theoretical price, buy from asks below it."""
    bid, ask = best_price(st, i, BID), best_price(st, i, ASK)
    if bid != NONE and bid * PARTS > theory:
        pause(st)
        take(st, i, ASK, _EVERYTHING, theory // PARTS + 1)
    if ask != NONE and ask * PARTS < theory:
        pause(st)
        take(st, i, BID, _EVERYTHING, (theory + PARTS - 1) // PARTS - 1)


@kernel
def _quote(st, i, side, price):
    """Bring the maker's order of a side to a price: enter, move or cancel it."""
    at = _own(st, i, side)
    if at == NONE:
        if price > 0 and st.counts[i, side] < ROOM:
            pause(st)
            st.instruments[i].quoted_ns = st.scalars[0].now_ns
            enter(st, i, side, price, _quote_size(st), OWNER_MAKER, QUOTING)
        return
    order = st.orders[i, side, at]
    if price <= 0:
        pause(st)
        withdraw(st, i, side, at, order.size)
    elif order.price != price:
        size = order.size
        if size < _SMALLEST_QUOTE:
            size = _quote_size(st)
        pause(st)
        st.instruments[i].quoted_ns = st.scalars[0].now_ns
        change(st, i, side, at, price, size)


@kernel
def _refresh(st, i):
    """Refresh the bid, or the offer if there is no bid, with another size."""
    side = BID if _own(st, i, BID) != NONE else ASK
    at = _own(st, i, side)
    if at == NONE:
        return
    order = st.orders[i, side, at]
    size = _quote_size(st)
    if size == order.size:
        size += 1
    pause(st)
    st.instruments[i].quoted_ns = st.scalars[0].now_ns
    change(st, i, side, at, order.price, size)


@kernel
def _quote_size(st):
    return _SMALLEST_QUOTE + _TYPICAL_FACTOR * next_choice(st.states, QUOTING, st.order_size)
