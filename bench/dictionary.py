"""An order book in plain Python dictionaries, as fast as plain Python allows.

It keeps only orders and depth per price and side: no attribution of reductions, no seconds, no
validity. That is less than the engine does, but typical of a script.
"""

from __future__ import annotations

from collections.abc import Iterable

_ADD, _CANCEL, _MODIFY, _CLEAR = (ord(letter) for letter in "ACMR")
_BID = ord("B")


def replay(records: Iterable[tuple[int, int, int, int, int]]) -> tuple[dict, dict]:
    """Apply records and return depth by price of bids and asks.

    Args:
        records: ``(action, side, order_id, price_int, size)`` with letters as ASCII codes.
    """
    orders: dict[int, tuple[dict[int, int], int, int]] = {}
    bids: dict[int, int] = {}
    asks: dict[int, int] = {}
    for action, side, order_id, price, size in records:
        if action == _ADD:
            levels = bids if side == _BID else asks
            orders[order_id] = levels, price, size
            levels[price] = levels.get(price, 0) + size
        elif action in (_CANCEL, _MODIFY):
            known = orders.pop(order_id, None)
            if known is not None:
                levels, old_price, quantity = known
                taken = min(size, quantity) if action == _CANCEL else quantity
                depth = levels[old_price] - taken
                if depth:
                    levels[old_price] = depth
                else:
                    del levels[old_price]
                if taken < quantity:
                    orders[order_id] = levels, old_price, quantity - taken
            if action == _MODIFY and size:
                levels = bids if side == _BID else asks
                orders[order_id] = levels, price, size
                levels[price] = levels.get(price, 0) + size
        elif action == _CLEAR:
            orders.clear()
            bids.clear()
            asks.clear()
    return bids, asks
