"""A contract-day whose order flow at two levels is planted: its records, and what was planted.

Price rests between a resistance and a support. The day is cut into blocks as long as the window of
the barrier; in each, the orders of either side get a signature, and the tape may get sweeps, on top
of a crowd that adds, cancels and trades a little. Which state the specification gives such a flow
is known before any model reads it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import cycle
from random import Random
from typing import NamedTuple

import numpy as np
from naive.model import NS_PER_S

from support import dbn_files
from support.strategies.mbo_records import OPPOSITE, StreamOptions, StreamWriter

# best bid and best ask, which are levels of the day; prices with orders on either side
CENTRE, BOOK_TICKS, ZONE_TICKS = 20_000, 30, 8
QUOTE = {"A": CENTRE + 1, "B": CENTRE}
LEVEL = {"A": "pm_high", "B": "pm_low"}
AWAY = {"A": 1, "B": -1}
SIDE_OF_SWEEP = {"UP": "A", "DOWN": "B"}
DEPTH, THIN_DEPTH, WALL_QTY, ORDER_QTY = 50, 3, 500, 5
# trades until the levels are known, then blocks: the book is put in order before the window begins
FIRST_BLOCK_S, SETTLE_S, WINDOW_S = 80, 15, 240
BLOCK_S = SETTLE_S + WINDOW_S
# trades outside of sweeps are a slot apart: further than two prints of a sweep
SLOT_NS, JITTER_NS = 200_000_000, 90_000_000
SWEEP_SLOTS, SWEEP_WITHIN_S, SWEEP_EVERY_S = 5, 40, 2
SWEEP_GAPS_NS = (1_000_000, 95_000_000)
# before many sweeps nothing trades for longer than the window of the tape
QUIET_S = 70
# without a record for longer, a second does not count
ALIVE_NS = 5 * NS_PER_S

# state of the barrier that each signature must give
STATE_OF = {
    "none": "NEUTRAL",
    "pulled": "VACUUM",
    "stacked": "WALL",
    "eaten": "CONSUMED",
    "absorbed": "ABSORPTION",
    "busy": "ABSORPTION",
    "thin": "WEAK",
}
TRADED = ("eaten", "absorbed")


class Block(NamedTuple):
    """What is planted in one block: signatures of both sides, sweeps and their direction."""

    asks: str = "none"
    bids: str = "none"
    sweep: str | None = None
    n_sweeps: int = 1

    def of_side(self, side: str) -> str:
        return self.asks if side == "A" else self.bids

    @property
    def pressure(self) -> str:
        """Side of the trades at the levels: BUY, SELL, BOTH or NONE."""
        swept = SIDE_OF_SWEEP[self.sweep] if self.n_sweeps > 1 else None
        found = [
            name
            for side, name in (("A", "BUY"), ("B", "SELL"))
            if self.of_side(side) in TRADED or side == swept
        ]
        return found[0] if len(found) == 1 else "BOTH" if found else "NONE"


def drawn_blocks(seed: int, each: int) -> list[Block]:
    """Return blocks that give either side every signature ``each`` times, some with a sweep."""
    random = Random(seed)
    asks, bids = (random.sample(list(STATE_OF) * each, len(STATE_OF) * each) for _ in "AB")
    blocks = []
    for pair, sweep in zip(zip(asks, bids, strict=True), cycle((None, "UP", "DOWN")), strict=False):
        block = Block(*pair, sweep)
        # few orders cannot take a sweep
        is_thin = sweep is not None and block.of_side(SIDE_OF_SWEEP[sweep]) == "thin"
        blocks.append(block._replace(sweep=None) if is_thin else block)
    return blocks


def block_end(day: dt.date, number: int) -> dt.datetime:
    """Return the end of a block's window, UTC."""
    seconds = FIRST_BLOCK_S + (number + 1) * BLOCK_S
    return dt.datetime.combine(day, dt.time()) + dt.timedelta(seconds=seconds)


class PlantedDay(StreamWriter):
    """Writes the records of a day of blocks.

    Attributes:
        sweep_prints: prints of each sweep of a block, by number of the block.
    """

    def __init__(self, day: dt.date, seed: int) -> None:
        midnight_ns = int(np.datetime64(day, "ns").astype(np.int64))
        super().__init__(StreamOptions(dbn_files.TICK, CENTRE, midnight_ns, snapshot_size=0))
        self.random = Random(seed)
        self.sweep_prints: dict[int, int] = {}
        self._planned: list[tuple[int, int, Callable[..., object], tuple]] = []
        self._n_planned = 0
        self._ids: defaultdict[int, list[int]] = defaultdict(list)

    def write(self, blocks: Sequence[Block]) -> np.ndarray:
        """Return the records of the blocks, shape (records,)."""
        self._open()
        for number, block in enumerate(blocks):
            self._settle(FIRST_BLOCK_S + number * BLOCK_S, block)
            self._plan_block(number, block)
            self._carry_out()
        self._at((FIRST_BLOCK_S + len(blocks) * BLOCK_S + 1) * NS_PER_S, self._add_far)
        self._carry_out()
        return self.finish()

    def _add_far(self) -> None:
        """Add an order out of sight: the feed is alive."""
        self._add("B", CENTRE - 2 * BOOK_TICKS, 1)

    def _at(self, after_ns: int, action: Callable[..., object], *values: object) -> None:
        """Plan an action, ns after the day's start."""
        self._n_planned += 1
        heappush(self._planned, (after_ns, self._n_planned, action, values))

    def _carry_out(self) -> None:
        while self._planned:
            after_ns, _, action, values = heappop(self._planned)
            self.now_ns = self.options.day_start_ns + after_ns
            action(*values)

    # ---- the book

    def _prices(self, side: str, first: int, last: int) -> list[int]:
        """Prices of a side from so many ticks behind its quote to so many."""
        return [QUOTE[side] + AWAY[side] * ticks for ticks in range(first, last + 1)]

    def _orders_at(self, ticks: int) -> list[int]:
        """Orders at a price, the oldest first."""
        found = [order_id for order_id in self._ids[ticks] if order_id in self.orders]
        self._ids[ticks] = list(found)
        return found

    def _rest_at(self, side: str, ticks: int, qty: int) -> int:
        order_id = self._rest(side, ticks, qty)
        self._end_group()
        self._ids[ticks].append(order_id)
        return order_id

    def _add(self, side: str, ticks: int, qty: int) -> None:
        """Add orders of so many contracts together."""
        while qty > 0:
            self._rest_at(side, ticks, min(qty, ORDER_QTY))
            qty -= ORDER_QTY

    def _cancel(self, order_id: int) -> None:
        if order_id in self.orders:
            self._cancel_record(order_id, self.orders[order_id].qty)
            self._end_group()

    def _trade(self, side: str, size: int) -> None:
        """Hit the quote of a side: T, F of every order, then C or M, in one event."""
        self._emit("T", OPPOSITE[side], 0, QUOTE[side], size)
        fills: list[tuple[int, int]] = []
        for order_id in self._orders_at(QUOTE[side]):
            filled = min(size, self.orders[order_id].qty)
            fills.append((order_id, filled))
            size -= filled
            if not size:
                break
        for order_id, filled in fills:
            self._emit("F", side, order_id, QUOTE[side], filled)
        for order_id, filled in fills:
            order = self.orders[order_id]
            if filled == order.qty:
                self._cancel_record(order_id, filled)
            else:
                # what is left keeps its place
                order.qty -= filled
                self._emit("M", side, order_id, order.ticks, order.qty)
        self._end_group()

    def _trade_and_refill(self, side: str, size: int) -> None:
        self._trade(side, size)
        self._add(side, QUOTE[side], size)

    def _visit(self, side: str, stay_ns: int) -> None:
        """Add an order that is cancelled soon."""
        ticks = self.random.choice(self._prices(side, 0, ZONE_TICKS))
        order_id = self._rest_at(side, ticks, self.random.randint(1, 2))
        self._at(self.now_ns - self.options.day_start_ns + stay_ns, self._cancel, order_id)

    # ---- before the blocks, and between them

    def _open(self) -> None:
        for side in "AB":
            for ticks in self._prices(side, 0, BOOK_TICKS):
                self._add(side, ticks, DEPTH)
        # both quotes are traded, which makes them levels
        for second in range(5, FIRST_BLOCK_S):
            self._at(second * NS_PER_S, self._trade_and_refill, "AB"[second % 2], 1)
        self._carry_out()

    def _settle(self, start_s: int, block: Block) -> None:
        """Put the book back in order, with a wall where one is about to be eaten."""
        self.now_ns = self.options.day_start_ns + start_s * NS_PER_S
        for side in "AB":
            signature = block.of_side(side)
            for ticks in self._prices(side, 0, BOOK_TICKS):
                old = self._orders_at(ticks)
                is_thin = signature == "thin" and abs(ticks - QUOTE[side]) <= ZONE_TICKS
                depth = THIN_DEPTH if is_thin else DEPTH
                if sum(self.orders[order_id].qty for order_id in old) != depth:
                    self._add(side, ticks, depth)
                    for order_id in old:
                        self._cancel(order_id)
            if signature == "eaten":
                self._add(side, QUOTE[side], WALL_QTY)

    # ---- what happens in a block

    def _plan_block(self, number: int, block: Block) -> None:
        start_ns = (FIRST_BLOCK_S + number * BLOCK_S + SETTLE_S) * NS_PER_S
        end_ns = start_ns + WINDOW_S * NS_PER_S
        taken = self._plan_sweeps(number, block, end_ns)
        slots = [
            slot_ns
            for slot_ns in range(start_ns + SLOT_NS, end_ns - SLOT_NS, SLOT_NS)
            if not any(first_ns <= slot_ns < last_ns for first_ns, last_ns in taken)
        ]
        self.random.shuffle(slots)
        for at_ns in range(start_ns, end_ns, ALIVE_NS):
            self._at(at_ns, self._add_far)
        for side in "AB":
            signature = block.of_side(side)
            if signature != "thin":
                self._plan_crowd(side, slots, start_ns, end_ns, is_busy=signature == "busy")
            # they last to the end, so that the shorter window of the tape holds their trades
            begin_ns = end_ns - self.random.randint(150, WINDOW_S - 5) * NS_PER_S
            if signature in TRADED:
                self._plan_trades(side, signature, slots, begin_ns)
            elif signature in ("pulled", "stacked"):
                self._plan_orders(side, signature, begin_ns, end_ns - NS_PER_S)

    def _plan_crowd(
        self, side: str, slots: list[int], start_ns: int, end_ns: int, *, is_busy: bool
    ) -> None:
        """Orders that come and go within seconds, and a few trades, which are refilled."""
        for _ in range(self.random.randint(100, 200) if is_busy else self.random.randint(6, 12)):
            at_ns = self.random.randrange(start_ns, end_ns - 10 * NS_PER_S)
            stay_ns = self.random.randrange(NS_PER_S // 10, 8 * NS_PER_S)
            self._at(at_ns, self._visit, side, stay_ns)
        for _ in range(self.random.randint(2, 4)):
            self._at_slot(slots.pop(), self._trade_and_refill, side)

    def _at_slot(self, slot_ns: int, trade: Callable[[str, int], None], side: str) -> None:
        self._at(slot_ns + self.random.randrange(JITTER_NS), trade, side, 1)

    def _plan_trades(self, side: str, signature: str, slots: list[int], begin_ns: int) -> None:
        """Trades of one contract: a wall is eaten and refilled by half, or orders absorb them."""
        count = self.random.randint(300, 400)
        refilled = (0.45, 0.6) if signature == "eaten" else (1.05, 1.2)
        late = [slot_ns for slot_ns in slots if slot_ns >= begin_ns][:count]
        slots[:] = [slot_ns for slot_ns in slots if slot_ns not in set(late)]
        for slot_ns in late:
            self._at_slot(slot_ns, self._trade, side)
        for n in range(int(len(late) * self.random.uniform(*refilled))):
            after_ns = late[n % len(late)] + SLOT_NS // 2
            self._at(after_ns, self._add, side, QUOTE[side], 1)

    def _plan_orders(self, side: str, signature: str, begin_ns: int, end_ns: int) -> None:
        """Orders behind the quote are cancelled one by one, or more and more are added."""
        prices = self._prices(side, 1, ZONE_TICKS)
        resting = [order_id for ticks in prices for order_id in self._orders_at(ticks)]
        for order_id in self.random.sample(resting, self.random.randint(36, 56)):
            at_ns = self.random.randrange(begin_ns, end_ns)
            if signature == "pulled":
                self._at(at_ns, self._cancel, order_id)
            else:
                self._at(at_ns, self._add, side, self.random.choice(prices), ORDER_QTY)

    def _plan_sweeps(self, number: int, block: Block, end_ns: int) -> list[tuple[int, int]]:
        """Sweeps near the block's end, all alike; return the time in which nothing else trades."""
        if block.sweep is None:
            return []
        side = SIDE_OF_SWEEP[block.sweep]
        sizes = [self.random.randint(1, 2) for _ in range(self.random.randint(3, 5))]
        self.sweep_prints[number] = len(sizes)
        first_ns = end_ns - self.random.randint(5, SWEEP_WITHIN_S) * NS_PER_S
        if block.n_sweeps > 1:
            first_ns = end_ns - block.n_sweeps * SWEEP_EVERY_S * NS_PER_S
        starts = [first_ns + n * SWEEP_EVERY_S * NS_PER_S for n in range(block.n_sweeps)]
        for start_ns in starts:
            at_ns = start_ns + SLOT_NS
            for size in sizes:
                self._at(at_ns, self._trade, side, size)
                at_ns += self.random.randint(*SWEEP_GAPS_NS)
            self._at(at_ns, self._add, side, QUOTE[side], sum(sizes))
        if block.n_sweeps > 1:
            # price is at the other side's level when the last trade there leaves the tape
            quiet_ns = first_ns - QUIET_S * NS_PER_S
            self._at(quiet_ns, self._trade_and_refill, OPPOSITE[side], 1)
            return [(quiet_ns, end_ns)]
        return [(first_ns, first_ns + SWEEP_SLOTS * SLOT_NS)]
