"""Best prices and spot between two seconds, by the rules of their ends."""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.book.kernel_state import ASK, BID, NO_QUOTE, NULL, State
from spymaster_engine.kernels.book.sides import price_key
from spymaster_engine.kernels.book.windows import spot_of


def quotes_of(bid_int: int, ask_int: int, last_trade: int, tick_int: int) -> dict[str, int | None]:
    """Return best prices and spot by their names in ``book_snapshot_1s``, in 1e-9 units.

    Args:
        bid_int: best bid, 1e-9 units; NULL without one.
        ask_int: best ask, likewise.
        last_trade: price of the last trade, ticks; NULL before the first one.
        tick_int: minimum price increment, 1e-9 units.
    """
    spot_int = NULL
    if bid_int != NULL and ask_int != NULL:
        ticks = (np.int64(x) for x in (bid_int // tick_int, ask_int // tick_int, last_trade))
        spot_int = int(spot_of(True, *ticks)[0]) * tick_int
    found = {
        "best_bid_price_int": bid_int,
        "best_ask_price_int": ask_int,
        "spot_ref_price_int": spot_int,
    }
    return {name: None if price_int == NULL else price_int for name, price_int in found.items()}


def quotes_of_orders(state: State, tick_int: int) -> dict[str, int | None]:
    """Return the same of a book by order.

    Args:
        state: of the kernel.
        tick_int: minimum price increment, 1e-9 units.
    """
    keys = state.sides["best_key"].tolist()
    bid_int, ask_int = (
        NULL if keys[side] == NO_QUOTE else int(price_key(side, keys[side])) * tick_int
        for side in (BID, ASK)
    )
    return quotes_of(bid_int, ask_int, int(state.scalars["last_trade_tick"][0]), tick_int)
