"""Order flow in plain Python: every order in a dictionary, every sample counts all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

_SNAPSHOT = 32
_SECOND_NS = 1_000_000_000


@dataclass
class _Order:
    side: str
    price: int
    size: int
    since_ns: int | None
    filled_ns: int | None = None


@dataclass
class PlainFlow:
    """The results of `spymaster.comparison.order_flow.measure`, computed slowly."""

    tick_int: int
    start_ns: int = 0
    end_ns: int = 1 << 62
    ticks: int = 100
    gaps: list[int] = field(default_factory=list)
    ages: list[int] = field(default_factory=list)
    old_cancels: int = 0
    looks: list[tuple[list[int], list[int]]] = field(default_factory=list)
    orders: dict[int, _Order] = field(default_factory=dict)
    event_ns: int | None = None

    def replay(self, records: np.ndarray) -> None:
        names = ("ts_event", "order_id", "price", "size", "flags", "action", "side")
        for row in zip(*(records[name].tolist() for name in names), strict=True):
            self._apply(*row[:-2], row[-2].decode(), row[-1].decode())
        self._look()

    def _apply(
        self, time: int, number: int, price: int, size: int, flags: int, action: str, side: str
    ) -> None:
        is_live = not flags & _SNAPSHOT
        if is_live and (self.event_ns is None or time > self.event_ns):
            self._begin_event(time)
        order = self.orders.get(number)
        if action == "R":
            self.orders.clear()
        elif action == "F" and order and size:
            order.filled_ns = time
        elif action == "C" and order:
            if order.filled_ns != time and self._is_inside(time):
                if order.since_ns is None:
                    self.old_cancels += 1
                else:
                    self.ages.append(time - order.since_ns)
            order.filled_ns = None
            order.size -= size
            if order.size <= 0:
                del self.orders[number]
        elif action in ("A", "M"):
            if size == 0:
                self.orders.pop(number, None)
            elif action == "M" and order:
                if order.price != price:
                    order.since_ns = time
                order.price, order.size, order.filled_ns = price, size, None
            else:
                since = time if is_live and action == "A" else None
                self.orders[number] = _Order(side, price, size, since)

    def _is_inside(self, time: int) -> bool:
        return self.start_ns <= time < self.end_ns

    def _begin_event(self, time: int) -> None:
        if self.event_ns is not None:
            if time // _SECOND_NS > self.event_ns // _SECOND_NS:
                self._look()
            if self._is_inside(self.event_ns) and self._is_inside(time):
                self.gaps.append(time - self.event_ns)
        self.event_ns = time

    def _look(self) -> None:
        if self.event_ns is None or not self._is_inside(self.event_ns):
            return
        sides = {
            side: [o for o in self.orders.values() if (o.side == "B") == (side == "B")]
            for side in "BA"
        }
        if not sides["B"] or not sides["A"]:
            return
        bid, ask = max(o.price for o in sides["B"]), min(o.price for o in sides["A"])
        if bid >= ask:
            return
        for side, touch, away in (("B", bid, -1), ("A", ask, 1)):
            counts, contracts = [0] * self.ticks, [0] * self.ticks
            for order in sides[side]:
                distance = away * (order.price - touch) // self.tick_int
                if distance < self.ticks:
                    counts[distance] += 1
                    contracts[distance] += order.size
            self.looks.append((counts, contracts))
