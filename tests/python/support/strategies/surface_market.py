"""A small random market of single orders, played second by second.

Depth carries over from second to second, every change is booked where it happened, and what has
rested follows from the orders' ages, so the rows made of it agree with themselves.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

MS_PER_S = 1000
REST_MS = 500

FLAG_NO_BOOK, FLAG_RESET, FLAG_QUOTES, FLAG_NOT_TRADING, FLAG_CANCELS = 1, 2, 8, 16, 32
FLOW_KINDS = ("add", "pull", "pull_rest", "fill", "reprice_in", "reprice_out", "reset")


@dataclass(frozen=True)
class BookShape:
    """What the random market looks like.

    Attributes:
        tick_int: Minimum price increment in 1e-9 points.
        wall_max_ticks: Half width of the wall rows, N.
        first_ticks: Price the market starts at, in ticks.
        levels: Price levels per side the market keeps filled.
        max_qty: Largest order.
        max_events: Most events of an ordinary second.
        calm: Every second is ordinary or quiet, valid and present.
        weights: Relative frequency of the kinds of second.
    """

    tick_int: int = 250_000_000
    wall_max_ticks: int = 30
    first_ticks: int = 20_000
    levels: int = 34
    max_qty: int = 12
    max_events: int = 14
    calm: bool = False
    weights: tuple[tuple[str, int], ...] = (
        ("ordinary", 60),
        ("quiet", 8),
        ("lift", 10),
        ("widen", 6),
        ("jump", 4),
        ("flagged", 4),
        ("reset", 2),
        ("no_spot", 2),
        ("crossed", 3),
        ("gap", 3),
    )


@dataclass
class Order:
    """A resting order; price in ticks, time in ms after the first window."""

    side: str
    ticks: int
    qty: int
    enter_ms: int


@dataclass
class Second:
    """What happened in one second."""

    index: int
    start_depth: dict[tuple[str, int], int]
    flows: dict[tuple[str, int], dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: dict.fromkeys(FLOW_KINDS, 0))
    )
    moves: dict[tuple[str, int, int], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0, 0])
    )
    traded: dict[str, int] = field(default_factory=lambda: dict.fromkeys("BA", 0))
    n_trades: int = 0
    n_events: int = 0
    flags: int = 0
    is_written: bool = True

    def flow_at(self, key: tuple[str, int]) -> dict[str, int]:
        """Flows at (side, ticks), zeros where nothing happened."""
        return self.flows.get(key) or dict.fromkeys(FLOW_KINDS, 0)


class Market:
    """Resting orders and the random events that change them."""

    def __init__(self, random: Random, shape: BookShape) -> None:
        self.random = random
        self.shape = shape
        self.orders: list[Order] = []
        self.last_ticks: int | None = None
        self.second = Second(0, {})
        self.now_ms = 0
        self._fill_around(shape.first_ticks, "reset")
        self.last_ticks = shape.first_ticks

    def depth(self) -> dict[tuple[str, int], int]:
        """Resting contracts by (side, ticks)."""
        depth: dict[tuple[str, int], int] = defaultdict(int)
        for order in self.orders:
            depth[order.side, order.ticks] += order.qty
        return dict(depth)

    def best(self, side: str) -> int | None:
        """Best price of a side in ticks."""
        prices = [order.ticks for order in self.orders if order.side == side]
        if not prices:
            return None
        return max(prices) if side == "B" else min(prices)

    def spot(self) -> tuple[int | None, str | None]:
        """Anchor in ticks and its source: last trade clamped into the quotes."""
        bid, ask = self.best("B"), self.best("A")
        if bid is None or ask is None:
            return None, None
        if bid > ask or self.last_ticks is None:
            return (bid + ask) // 2, "mid"
        if self.last_ticks < bid:
            return bid, "clamped_bid"
        if self.last_ticks > ask:
            return ask, "clamped_ask"
        return self.last_ticks, "trade"

    def play(self, index: int) -> Second:
        """Play one second."""
        self.second = Second(index, self.depth())
        kind = self._kind()
        moments = sorted(self.random.randrange(MS_PER_S) for _ in range(self._n_events(kind)))
        middle = len(moments) // 2
        for place, moment in enumerate(moments):
            self.now_ms = index * MS_PER_S + moment
            if place == middle:
                self._special(kind)
            else:
                self._ordinary_event()
        if kind != "crossed":
            self._remove_crossing_quotes()
        if kind != "no_spot":
            self._keep_two_sides()
        bid, ask = self.best("B"), self.best("A")
        if bid is None or ask is None or bid >= ask:
            self.second.flags |= FLAG_QUOTES
        return self.second

    def _kind(self) -> str:
        if self.second.index == 0:
            return "ordinary"
        if self.best("B") is None or self.best("A") is None:
            return "reset" if self.random.random() < 0.6 else "no_spot"
        if self.shape.calm:
            return "quiet" if self.random.random() < 0.1 else "ordinary"
        kinds, weights = zip(*self.shape.weights, strict=True)
        return self.random.choices(kinds, weights)[0]

    def _n_events(self, kind: str) -> int:
        if kind == "quiet":
            return 0
        return self.random.randint(1, self.shape.max_events)

    def _special(self, kind: str) -> None:
        if kind == "lift":
            self._trade_through(self.random.choice("AB"), self.random.randint(1, 4))
        elif kind == "widen":
            for side in self.random.choice(("A", "B", "AB")):
                self._cancel_nearest(side, self.random.choice((2, 4, 6, 12)))
        elif kind == "jump":
            self._jump(self.random.choice((4, 8, 22, 24, 33, 45, 75)))
        elif kind == "flagged":
            self.second.flags |= self.random.choice((FLAG_NOT_TRADING, FLAG_CANCELS))
        elif kind == "reset":
            self._reset(reload=True)
        elif kind == "no_spot":
            self._reset(reload=False)
        elif kind == "crossed":
            side = self.random.choice("AB")
            best = self.best("B" if side == "A" else "A")
            deeper = self.random.randint(0, 3)
            self._add(side, best - deeper if side == "A" else best + deeper)
        elif kind == "gap":
            self.second.is_written = False

    def _ordinary_event(self) -> None:
        is_full = len(self.orders) > 3 * self.shape.levels
        chance = 1.0 if is_full else self.random.random()
        if chance < 0.40 or not self.orders:
            self._add_near_quote()
        elif chance < 0.62:
            order = self._near_order()
            self._pull(order, self.random.randint(1, order.qty))
        elif chance < 0.80:
            self._reprice(self._near_order())
        elif chance < 0.88:
            self._trade(self.random.choice("AB"))
        else:
            order = self.random.choice(self.orders)
            self._pull(order, order.qty)

    def _flow(self, side: str, ticks: int) -> dict[str, int]:
        self.second.n_events += 1
        return self.second.flows[side, ticks]

    def _is_rested(self, order: Order) -> bool:
        return self.now_ms - order.enter_ms >= REST_MS

    def _near_order(self) -> Order:
        """An order near the quotes, most of the time."""
        centre = self.spot()[0]
        if centre is None:
            return self.random.choice(self.orders)
        picked = self.random.sample(self.orders, min(4, len(self.orders)))
        return min(picked, key=lambda order: abs(order.ticks - centre))

    def _add(self, side: str, ticks: int, kind: str = "add") -> None:
        qty = self.random.randint(1, self.shape.max_qty)
        age_ms = self.random.randrange(2 * MS_PER_S) if kind == "reset" else 0
        self.orders.append(Order(side, ticks, qty, self.now_ms - age_ms))
        self._flow(side, ticks)[kind] += qty

    def _add_near_quote(self) -> None:
        side = self.random.choice("AB")
        best, other = self.best(side), self.best("B" if side == "A" else "A")
        if best is None or other is None:
            return
        distance = int(self.random.expovariate(0.15)) - 1
        ticks = best + distance if side == "A" else best - distance
        if (ticks <= other) if side == "A" else (ticks >= other):
            ticks = best
        self._add(side, ticks)

    def _pull(self, order: Order, qty: int, kind: str = "pull") -> None:
        flow = self._flow(order.side, order.ticks)
        flow[kind] += qty
        if kind == "pull" and self._is_rested(order):
            flow["pull_rest"] += qty
        order.qty -= qty
        if order.qty == 0:
            self.orders = [other for other in self.orders if other is not order]

    def _reprice(self, order: Order) -> None:
        reach = self.random.choice((-9, -4, -2, -1, 1, 2, 4, 9, 17))
        ticks = order.ticks + reach
        other = self.best("B" if order.side == "A" else "A")
        if other is not None and ((ticks <= other) if order.side == "A" else (ticks >= other)):
            ticks = order.ticks + abs(reach) * (1 if order.side == "A" else -1)
        new_qty = max(1, order.qty + self.random.choice((-2, 0, 0, 0, 3)))
        moved = min(order.qty, new_qty)
        leaving = self._flow(order.side, order.ticks)
        arriving = self._flow(order.side, ticks)
        move = self.second.moves[order.side, order.ticks, ticks]
        leaving["pull"] += order.qty
        leaving["reprice_out"] += moved
        if self._is_rested(order):
            leaving["pull_rest"] += order.qty
            move[1] += moved
        arriving["add"] += new_qty
        arriving["reprice_in"] += moved
        move[0] += moved
        move[2] += 1
        order.ticks, order.qty, order.enter_ms = ticks, new_qty, self.now_ms

    def _trade(self, resting_side: str) -> None:
        best = self.best(resting_side)
        if best is None:
            return
        order = self.random.choice(
            [o for o in self.orders if (o.side, o.ticks) == (resting_side, best)]
        )
        self._fill(order, self.random.randint(1, order.qty))

    def _fill(self, order: Order, qty: int) -> None:
        self._pull(order, qty, "fill")
        self.last_ticks = order.ticks
        self.second.n_trades += 1
        self.second.traded["B" if order.side == "A" else "A"] += qty

    def _trade_through(self, resting_side: str, levels: int) -> None:
        """Take whole price levels, and a part of the last or all of it."""
        for _ in range(levels):
            best = self.best(resting_side)
            if best is None:
                return
            for order in [o for o in self.orders if (o.side, o.ticks) == (resting_side, best)]:
                self._fill(order, order.qty)
        if self.random.random() < 0.5:
            self._trade(resting_side)
        if self.random.random() < 0.7:
            self._add("B" if resting_side == "A" else "A", self.last_ticks)

    def _cancel_nearest(self, side: str, ticks: int) -> None:
        best = self.best(side)
        if best is None:
            return
        for order in [o for o in self.orders if o.side == side and abs(o.ticks - best) < ticks]:
            self._pull(order, order.qty)

    def _jump(self, ticks: int) -> None:
        """Trade or cancel all quotes on the way to a far price and quote around it."""
        resting_side = self.random.choice("AB")
        best = self.best(resting_side)
        if best is None:
            return
        sign = 1 if resting_side == "A" else -1
        target = best + sign * ticks
        passed = [
            o for o in self.orders if o.side == resting_side and (target - o.ticks) * sign >= 0
        ]
        for order in sorted(passed, key=lambda o: o.ticks * sign):
            if self.random.random() < 0.5:
                self._fill(order, order.qty)
            else:
                self._pull(order, order.qty)
        self._add(resting_side, target)
        self._trade(resting_side)
        self._fill_around(target, "add")

    def _reset(self, reload: bool) -> None:
        """Clear the book; load a new one unless it stays empty on a side."""
        for order in list(self.orders):
            self._flow(order.side, order.ticks)["reset"] -= order.qty
        self.orders = []
        self.second.flags |= FLAG_RESET
        centre = self.last_ticks + self.random.randint(-6, 6)
        if reload:
            self._fill_around(centre, "reset")
        elif self.random.random() < 0.5:
            self._add("B", centre - 1, "reset")
        else:
            self.second.flags |= FLAG_NO_BOOK

    def _fill_around(self, centre: int, kind: str) -> None:
        """Quote both sides of a price, some levels left empty."""
        gap = self.random.choice((0, 0, 0, 1, 5))
        for distance in range(1, self.shape.levels):
            for side, sign in (("A", 1), ("B", -1)):
                ticks = centre + sign * (distance + gap)
                other = self.best("B" if side == "A" else "A")
                crosses = other is not None and (other - ticks) * sign >= 0
                if self.random.random() < 0.7 and not crosses:
                    self._add(side, ticks, kind)

    def _keep_two_sides(self) -> None:
        """Quote again where a side ran out or drifted away from the other."""
        for side, sign in (("A", 1), ("B", -1)):
            other = self.best("B" if side == "A" else "A")
            best = self.best(side)
            if other is None:
                other = self.last_ticks
            if best is None or abs(best - other) > self.shape.wall_max_ticks // 2:
                self._add(side, other + sign * self.random.randint(1, 7))
        while len(self.orders) < self.shape.levels:
            before = len(self.orders)
            self._add_near_quote()
            assert len(self.orders) > before

    def _remove_crossing_quotes(self) -> None:
        while True:
            bid, ask = self.best("B"), self.best("A")
            if bid is None or ask is None or bid < ask:
                return
            side, ticks = self.random.choice((("A", ask), ("B", bid)))
            for order in [o for o in self.orders if (o.side, o.ticks) == (side, ticks)]:
                self._pull(order, order.qty)
