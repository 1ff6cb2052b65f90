"""A drawn market that stays open and two-sided, with wide spreads and holes between its prices."""

from __future__ import annotations

import numpy as np
from naive.model import NS_PER_S

from support.strategies.mbo import MarketCase
from support.strategies.mbo_script import (
    DAY_START_NS,
    SNAPSHOT,
    SNAPSHOT_LAST,
    TICK_INT,
    message,
    script,
    script_config,
)

# ticks from one order to the next one behind it
HOLES = (0, 0, 1, 1, 1, 2, 3, 7)
STEP_NS = 400_000_000


class CalmMarket:
    """Orders around a middle that walks slowly; no event empties a side."""

    def __init__(self, seed: int, orders: int = 24) -> None:
        self.rng = np.random.default_rng(seed)
        self.middle = 19_200
        self.resting: dict[int, tuple[str, int, int]] = {}
        self.messages = [message("R", flags=SNAPSHOT)]
        self.now_ns = 0
        self.next_id = 1
        for side in "BA":
            distance = 1
            for _ in range(orders):
                self.messages.append(self._added(side, distance, SNAPSHOT))
                distance += int(self.rng.choice(HOLES))
        self.messages[-1]["flags"] = SNAPSHOT_LAST

    def _added(self, side: str, distance: int, flags: int = 128) -> np.ndarray:
        ticks = self.middle + distance * (1 if side == "A" else -1)
        order_id, size = self.next_id, int(self.rng.geometric(0.12))
        self.next_id += 1
        self.resting[order_id] = (side, ticks, size)
        return message("A", side, order_id, ticks, size, self.now_ns, flags)

    def _of_side(self, side: str) -> list[int]:
        """Ids of a side's orders, best first."""
        sign = 1 if side == "A" else -1
        ids = [n for n, order in self.resting.items() if order[0] == side]
        return sorted(ids, key=lambda n: sign * self.resting[n][1])

    def step(self) -> None:
        """Let time pass and one event group happen."""
        self.now_ns += int(self.rng.exponential(STEP_NS))
        side = "AB"[self.rng.integers(2)]
        ids = self._of_side(side)
        kind = self.rng.choice(["add", "take", "cancel", "walk"], p=[0.5, 0.2, 0.25, 0.05])
        if kind == "walk":
            self._walk(int(self.rng.choice([-1, 1])))
        elif kind == "add" or len(ids) < 8:
            distance = int(self.rng.geometric(0.08))
            self.messages.append(self._added(side, distance))
        elif kind == "cancel":
            order_id = ids[self.rng.integers(len(ids))]
            _, ticks, size = self.resting.pop(order_id)
            self.messages.append(message("C", side, order_id, ticks, size, self.now_ns))
        else:
            self._take(side, ids[0])

    def _take(self, side: str, order_id: int) -> None:
        """An aggressor takes the best order, whole."""
        _, ticks, size = self.resting.pop(order_id)
        aggressor = "AB"[side == "A"]
        order = (order_id, ticks, size, self.now_ns)
        self.messages += [
            message("T", aggressor, 0, *order[1:], flags=0),
            message("F", side, *order, flags=0),
            message("C", side, *order),
        ]

    def _walk(self, ticks: int) -> None:
        """The middle moves; orders in its way are cancelled first, in one group."""
        middle = self.middle + ticks
        in_the_way = [
            n for n, (side, at, _) in self.resting.items() if (at <= middle) == (side == "A")
        ]
        if any(set(self._of_side(side)) <= set(in_the_way) for side in "AB"):
            return
        self.middle = middle
        for order_id in in_the_way:
            side, at, size = self.resting.pop(order_id)
            self.messages.append(message("C", side, order_id, at, size, self.now_ns))


def calm_case(seed: int, seconds: int) -> MarketCase:
    """Draw some minutes of a calm market from the day's start."""
    market = CalmMarket(seed)
    while market.now_ns < seconds * NS_PER_S:
        market.step()
    start_ns = DAY_START_NS
    window = start_ns + 60 * NS_PER_S, start_ns + (seconds - 30) * NS_PER_S
    config = script_config(surface_window_ns=window, wall_max_ticks=60, tick_int=TICK_INT)
    return MarketCase(script(*market.messages), config)
