"""Both sides of a book by one rule: a price becomes a key, greater for a better quote.

A bid's key is its price, an ask's the negative price. The side is an index, so one function serves
both.
"""

from __future__ import annotations

from spymaster_engine.kernels.book.kernel_state import ASK, BID, SIDE_BID
from spymaster_engine.kernels.compiled import inlined, inlined_entry


@inlined
def side_of(letter):
    """Return the index of a record's side."""
    return BID if letter == SIDE_BID else ASK


@inlined_entry
def price_key(side, price):
    """Return the key of a price, and the price of a key."""
    return price if side == BID else -price
