"""Prices by level and best quotes rebuilt from records by order, in plain dictionaries."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import databento_dbn as dbn
import numpy as np

from support.plain_records import Record, plain_records

SECOND_NS = 1_000_000_000
EMPTY = (dbn.UNDEF_PRICE, 0, 0)
Quotes = tuple[tuple[int, int, int], ...]


class PlainPrices:
    """Quantity and number of orders per price; sides are ``B`` and ``A``."""

    def __init__(self) -> None:
        self.orders: dict[int, tuple[bytes, int, int]] = {}
        self.prices: dict[bytes, dict[int, list[int]]] = {b"B": {}, b"A": {}}

    def apply(self, record: Record) -> None:
        action, order_id = record["action"], record["order_id"]
        if action == b"R":
            self.__init__()
        elif action == b"A":
            self.rest(order_id, record["side"], record["price"], record["size"])
        elif action == b"M":
            self.take(order_id)
            self.rest(order_id, record["side"], record["price"], record["size"])
        elif action == b"C":
            side, price, size = self.take(order_id)
            if size > record["size"]:
                self.rest(order_id, side, price, size - record["size"])

    def rest(self, order_id: int, side: bytes, price: int, size: int) -> None:
        self.orders[order_id] = (side, price, size)
        row = self.prices[side].setdefault(price, [0, 0])
        row[0] += size
        row[1] += 1

    def take(self, order_id: int) -> tuple[bytes, int, int]:
        side, price, size = self.orders.pop(order_id)
        row = self.prices[side][price]
        row[0] -= size
        row[1] -= 1
        if row[1] == 0:
            del self.prices[side][price]
        return side, price, size

    def best(self, side: bytes, count: int) -> Quotes:
        """Return price, quantity and orders of the best prices, padded to ``count``."""
        rows = self.prices[side]
        first = heapq.nlargest(count, rows) if side == b"B" else heapq.nsmallest(count, rows)
        levels = tuple((price, *rows[price]) for price in first)
        return levels + (EMPTY,) * (count - len(levels))


def published_levels(record: Record, side: bytes, count: int) -> Quotes:
    """Return a side of a record of prices in the form of :meth:`PlainPrices.best`."""
    name = "bid" if side == b"B" else "ask"
    return tuple(
        tuple(record[f"{name}_{what}_{level:02d}"] for what in ("px", "sz", "ct"))
        for level in range(count)
    )


def quotes_by_second(records: np.ndarray, midnight_ns: int) -> Iterator[tuple]:
    """Yield (end of the second, best bid, best ask, last trade) after each second with a change.

    Seconds follow capture time. The last trade is its time, price, size and side, or None.
    """
    book = PlainPrices()
    last_trade, is_changed, end_ns = None, True, midnight_ns + SECOND_NS
    quotes = (book.best(b"B", 1), book.best(b"A", 1))
    for record in plain_records(records):
        is_opening = bool(record["flags"] & 32)
        if not is_opening and record["ts_recv"] >= end_ns:
            if is_changed:
                yield end_ns, *quotes, last_trade
            is_changed = False
            end_ns = (record["ts_recv"] // SECOND_NS + 1) * SECOND_NS
        if record["action"] == b"T":
            last_trade = tuple(record[name] for name in ("ts_event", "price", "size", "side"))
            is_changed = True
        book.apply(record)
        now = (book.best(b"B", 1), book.best(b"A", 1))
        is_changed |= now != quotes
        quotes = now
    if is_changed and end_ns < midnight_ns + 86_400 * SECOND_NS:
        yield end_ns, *quotes, last_trade
