"""Helpers of the synthetic market tests: products, a short day, and a checking book."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

import numpy as np
from spymaster_ingest.synthetic import ProductSpec, SessionPlan

from support.plain_records import Record, plain_records

DAY = dt.date(2025, 10, 1)
ES = ProductSpec(root="ES", tick_int=250_000_000, point_value=50.0, start_price_int=67 * 10**11)
CL = ProductSpec(
    root="CL",
    tick_int=10_000_000,
    point_value=1000.0,
    start_price_int=62 * 10**9,
    contract_months="FGHJKMNQUVXZ",
    expiry_rule="crude_oil",
    carry_ticks=-30,
    spread_tick_divisor=1,
    first_order_id=2**63 + 17,
    has_snapshot=False,
)
# The dense quarter of an hour of a day whose night is almost silent.
SHORT = SessionPlan(hours=0.25, overnight_rate=0.05, premarket_rate=0.1, evening_seconds=0)


class Replay:
    """An order book in plain dictionaries that asserts that every record follows from it."""

    def __init__(self) -> None:
        self.orders: dict[int, tuple[bytes, int, int]] = {}
        self.queues: defaultdict[tuple[bytes, int], dict[int, None]] = defaultdict(dict)
        self.pending: dict[int, int] = {}
        self.complaints: Counter[str] = Counter()
        self.hidden_fills = self.refills = self.spreads_of_one_tick = self.spreads = 0
        self.event_time: int | None = None
        self.traded = 0

    def best(self, side: bytes) -> int | None:
        prices = [price for (s, price), queue in self.queues.items() if queue and s == side]
        if not prices:
            return None
        return max(prices) if side == b"B" else min(prices)

    def leave(self, order_id: int) -> None:
        side, price, _ = self.orders.pop(order_id)
        del self.queues[side, price][order_id]

    def join(self, order_id: int, side: bytes, price: int, size: int) -> None:
        self.orders[order_id] = (side, price, size)
        self.queues[side, price][order_id] = None

    def apply(self, record: Record) -> None:
        action, side, order_id = record["action"], record["side"], record["order_id"]
        price, size, time = record["price"], record["size"], record["ts_event"]
        if self.event_time is not None and time != self.event_time:
            self.complaints["event with two times"] += 1
        self.event_time = None if record["flags"] & 128 else time
        if record["flags"] & 32:
            self.event_time = None
        if action == b"A":
            self.complaints["dup add"] += order_id in self.orders
            self.join(order_id, side, price, size)
        elif action == b"T":
            # In an auction both sides are filled.
            self.traded += 2 * size if side == b"N" else size
        elif action == b"F":
            self.fill(order_id, side, price, size)
        elif action in (b"C", b"M"):
            if order_id not in self.orders:
                self.complaints["unknown order"] += 1
            elif action == b"C":
                self.cancel(order_id, side, price, size)
            else:
                self.modify(order_id, side, price, size)
        if record["flags"] & 128 and self.pending:
            self.complaints["fill without consequence"] += 1

    def fill(self, order_id: int, side: bytes, price: int, size: int) -> None:
        if side == b"N" and order_id in self.orders:
            side, price = self.auctioned(order_id, price)
        if self.orders.get(order_id, (None, None))[:2] != (side, price):
            self.complaints["fill elsewhere"] += 1
            return
        ahead = next(o for o in self.queues[side, price] if o not in self.pending)
        self.complaints["fill out of turn"] += ahead != order_id
        self.hidden_fills += size > self.orders[order_id][2]
        self.pending[order_id] = size
        self.traded -= size

    def auctioned(self, order_id: int, price: int) -> tuple[bytes, int]:
        """Check that an order may trade at an auction's price; return its own side and price."""
        side, own_price, _ = self.orders[order_id]
        worse = own_price < price if side == b"B" else own_price > price
        self.complaints["auction beyond the limit"] += worse
        waiting = [
            p for (s, p), q in self.queues.items() if s == side and set(q) - set(self.pending)
        ]
        self.complaints["auction out of turn"] += own_price != (
            max(waiting) if side == b"B" else min(waiting)
        )
        return side, own_price

    def cancel(self, order_id: int, side: bytes, price: int, size: int) -> None:
        own_side, own_price, remaining = self.orders[order_id]
        self.complaints["cancel elsewhere"] += (own_side, own_price) != (side, price)
        self.complaints["cancel of too much"] += size > remaining
        filled = self.pending.pop(order_id, None)
        self.complaints["cancel differs from its fill"] += filled is not None and filled < size
        if size == remaining:
            self.leave(order_id)
        else:
            self.orders[order_id] = (side, price, remaining - size)

    def modify(self, order_id: int, side: bytes, price: int, size: int) -> None:
        own_side, own_price, remaining = self.orders[order_id]
        self.complaints["modify to another side"] += own_side != side
        filled = self.pending.pop(order_id, None)
        if filled is not None:
            refill = filled >= remaining
            self.refills += refill
            unlike = price != own_price or (not refill and size != remaining - filled)
            self.complaints["modify differs from its fill"] += unlike
            keeps_place = not refill
        else:
            keeps_place = price == own_price and size < remaining
            self.complaints["modify of nothing"] += (price, size) == (own_price, remaining)
        if keeps_place:
            self.orders[order_id] = (side, price, size)
        else:
            self.leave(order_id)
            self.join(order_id, side, price, size)


def replay(records: np.ndarray, sample_every: int = 500) -> Replay:
    book = Replay()
    for number, record in enumerate(plain_records(records)):
        book.apply(record)
        if number % sample_every == 0 and record["flags"] & 128 and not record["flags"] & 32:
            bid, ask = book.best(b"B"), book.best(b"A")
            if bid is None or ask is None:
                continue
            book.complaints["crossed"] += bid >= ask
            book.spreads += 1
            book.spreads_of_one_tick += ask - bid == ES.tick_int
    book.complaints = +book.complaints
    return book


def live(records: np.ndarray) -> np.ndarray:
    return records[(records["flags"] & 32) == 0]
