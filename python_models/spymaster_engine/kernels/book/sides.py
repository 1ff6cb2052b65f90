"""The two sides of a book as one: prices as keys, greater the better a quote is.

A bid's key is its price, an ask's the negative: what holds for the best bid holds for the best
ask, with the side as an index.
"""

from __future__ import annotations

from spymaster_engine.kernels.book.kernel_state import ASK, BID, SIDE_BID
from spymaster_engine.kernels.compiled import inlined


@inlined
def side_of(letter):
    """Return the index of a record's side."""
    return BID if letter == SIDE_BID else ASK


@inlined
def price_key(side, price):
    """Return the key of a price, and the price of a key."""
    return price if side == BID else -price
