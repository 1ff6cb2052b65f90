"""The order book and the flows of one window, in dictionaries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Order:
    """One resting order; `ts_enter` is when it came to its price, ns."""

    side: str
    price_int: int
    qty: int
    ts_enter: int


class Book:
    """Orders by id, with depth and order count by side and price."""

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.depth: dict[str, dict[int, int]] = {"B": {}, "A": {}}
        self.order_count: dict[str, dict[int, int]] = {"B": {}, "A": {}}
        self.negative_depth_moments = 0
        self.version = 0

    def insert(self, order_id: int, order: Order) -> None:
        """Add a new order."""
        self.orders[order_id] = order
        self._change(order.side, order.price_int, order.qty, 1)

    def reduce(self, order_id: int, qty: int) -> None:
        """Take `qty` from an order and delete it when nothing is left."""
        order = self.orders[order_id]
        order.qty -= qty
        if order.qty == 0:
            del self.orders[order_id]
        self._change(order.side, order.price_int, -qty, -1 if order.qty == 0 else 0)

    def resize(self, order_id: int, qty: int) -> None:
        """Set an order's quantity at its price and delete it at zero."""
        order = self.orders[order_id]
        if qty <= order.qty:
            self.reduce(order_id, order.qty - qty)
            return
        self._change(order.side, order.price_int, qty - order.qty, 0)
        order.qty = qty

    def remove(self, order_id: int) -> None:
        """Delete an order whole."""
        self.reduce(order_id, self.orders[order_id].qty)

    def clear(self) -> dict[tuple[str, int], int]:
        """Empty the book and return its former depth by (side, price)."""
        gone = {
            (side, price_int): qty
            for side, levels in self.depth.items()
            for price_int, qty in levels.items()
        }
        self.orders.clear()
        for side in self.depth:
            self.depth[side].clear()
            self.order_count[side].clear()
        self.version += 1
        return gone

    def best(self, side: str) -> int | None:
        """Best price of a side, None when it is empty."""
        levels = self.depth[side]
        if not levels:
            return None
        return max(levels) if side == "B" else min(levels)

    def _change(self, side: str, price_int: int, qty: int, orders: int) -> None:
        depth, count = self.depth[side], self.order_count[side]
        depth[price_int] = depth.get(price_int, 0) + qty
        count[price_int] = count.get(price_int, 0) + orders
        if depth[price_int] < 0:
            self.negative_depth_moments += 1
        if count[price_int] == 0:
            assert depth[price_int] == 0, "depth is left at a price without orders"
            del depth[price_int], count[price_int]
        self.version += 1


def top_levels(book: Book, n: int) -> dict[str, list[tuple[int, int, int]]]:
    """Best `n` levels of each side as (price_int, contracts, orders), best first."""
    return {
        side: [
            (price_int, book.depth[side][price_int], book.order_count[side][price_int])
            for price_int in sorted(book.depth[side], reverse=side == "B")[:n]
        ]
        for side in ("B", "A")
    }


@dataclass
class Flow:
    """Order flow at one side and price within one window, contracts."""

    add: int = 0
    pull: int = 0
    pull_rest: int = 0
    fill: int = 0
    reprice_in: int = 0
    reprice_out: int = 0
    reset: int = 0

    def any(self) -> bool:
        """Whether something flowed."""
        return any(vars(self).values())

    @property
    def net(self) -> int:
        """Change of depth by the flows."""
        return self.add - self.pull - self.fill + self.reset


@dataclass
class Move:
    """Re-pricing from one price to another within one window."""

    qty: int = 0
    qty_rest: int = 0
    n_orders: int = 0


@dataclass
class Window:
    """What happened in one second, and the depth it started from."""

    start_s: int
    start_depth: dict[str, dict[int, int]]
    start_version: int
    flows: dict[tuple[str, int], Flow] = field(default_factory=lambda: defaultdict(Flow))
    moves: dict[tuple[str, int, int], Move] = field(default_factory=lambda: defaultdict(Move))
    n_records: int = 0
    n_groups: int = 0
    trade_count: int = 0
    trade_qty: dict[str, int] = field(default_factory=lambda: {"B": 0, "A": 0, "N": 0})
    cancels: int = 0
    unknown_cancels: int = 0
    has_reset: bool = False
