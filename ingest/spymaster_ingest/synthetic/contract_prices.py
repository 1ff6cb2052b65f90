"""Opening prices of a product's contracts: one market path, plus the carry to each expiry."""

from __future__ import annotations

import datetime as dt

from spymaster_ingest.synthetic.products_and_contracts import contract_of, front_life_left
from spymaster_ingest.synthetic.random_streams import next_unit, stream_states
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket

_REMEMBERED_DAYS = 60

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


def first_tick(seed: int, root: str, day: dt.date, start_tick: int, daily_move_ticks: int) -> int:
    """Return the price, in ticks, at which a day's market opens.

    A sum over the draws of the last days: prices of neighboring days are close, and a day can be
    generated without the days before it.
    """
    total = 0.0
    for days_back in range(_REMEMBERED_DAYS):
        date = day - dt.timedelta(days=days_back)
        total += next_unit(stream_states(seed, root, date, components=("opening",)), 0) - 0.5
    # The difference of neighboring sums is the difference of two draws: variance 1/6.
    return max(start_tick + round(total * daily_move_ticks * 2.45), daily_move_ticks)
