"""Opening prices of a product's contracts: one market path, plus the carry to each expiry."""

from __future__ import annotations

import datetime as dt

from spymaster_ingest.synthetic.opening import first_tick
from spymaster_ingest.synthetic.plan import SyntheticMarket
from spymaster_ingest.synthetic.products import contract_of, front_life_left

_STEPS = {"expiring": -1, "front": 0, "next": 1}


def opening_tick(market: SyntheticMarket, day: dt.date, kind: str) -> int:
    """Return the price, in ticks, at which a contract's day opens.

    An outright's price is the market's plus a carry that falls to zero at expiry, so that a
    contract's price stays continuous through a roll. The price of a spread is the difference of
    its legs, in its own ticks.

    Raises:
        SpymasterError: when no such contract trades on this day.
    """
    product = market.product
    contract_of(product, day, kind)
    if kind == "spread":
        return product.carry_ticks * product.spread_tick_divisor
    tick = first_tick(
        market.seed,
        product.root,
        day,
        product.start_price_int // product.tick_int,
        product.daily_move_ticks,
    )
    left = front_life_left(product, day)
    carry = round(product.carry_ticks * left) + product.carry_ticks * _STEPS[kind]
    return max(tick + carry, product.daily_move_ticks)
