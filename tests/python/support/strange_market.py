"""A market that does whatever the venue allows: every state is valid, and few of them are usual."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from naive.model import NS_PER_S

from support.strategies.mbo_records import OPPOSITE, StreamOptions, StreamWriter

# prices of an ordinary book, ticks from the best one, and contracts at each
LADDER_TICKS = range(12)
LADDER_QTY = 5
# beyond any wall of a test
FAR_TICKS = 700
QUIET_S = 20


class StrangeMarket(StreamWriter):
    """Writes an ordinary market, and between its minutes what a market seldom does."""

    def __init__(self, options: StreamOptions, seed: int) -> None:
        super().__init__(options)
        self.rng = np.random.default_rng(seed)

    def write(self, ordinary_s: int) -> np.ndarray:
        """Return the records of ordinary minutes before, between and after the strange states."""
        self._for_seconds(ordinary_s, self._walk)
        for strange in (
            self._only_far_orders,
            self._trades_far_away,
            self._one_contract_a_side,
            self._no_asks,
            self._no_bids,
            self._locked,
            self._huge_orders,
            self._jump,
            self._silence,
            self._trades_without_aggressor,
        ):
            strange()
            self._cancel_all()
            self._for_seconds(QUIET_S, self._walk)
        self._for_seconds(ordinary_s, self._walk)
        return self.finish()

    def _for_seconds(self, seconds: int, step: Callable[[], None]) -> None:
        for _ in range(seconds):
            self.now_ns += NS_PER_S
            step()
            self._end_group()

    def _walk(self) -> None:
        """Move the middle by a tick at most, re-quote around it, and trade a contract."""
        self.centre += int(self.rng.integers(-1, 2))
        self._quote_around()
        self._take("AB"[self.rng.integers(2)], 1)

    def _quote_around(self) -> None:
        wanted = {(side, self._quote(side, n)) for side in "AB" for n in LADDER_TICKS}
        for order_id, order in list(self.orders.items()):
            if (order.side, order.ticks) not in wanted:
                self._cancel_record(order_id, order.qty)
        resting = {(order.side, order.ticks) for order in self.orders.values()}
        for side, ticks in sorted(wanted - resting):
            self._rest(side, ticks, LADDER_QTY)

    def _take(self, side: str, qty: int, aggressor: str | None = None) -> None:
        """An aggressor takes contracts of a side's best order."""
        sign = 1 if side == "A" else -1
        order_id, order = min(
            ((n, order) for n, order in self.orders.items() if order.side == side),
            key=lambda item: sign * item[1].ticks,
        )
        self._emit("T", OPPOSITE[side] if aggressor is None else aggressor, 0, order.ticks, qty)
        self._emit("F", side, order_id, order.ticks, qty)
        self._cancel_record(order_id, qty)

    def _cancel_all(self, sides: str = "AB") -> None:
        for order_id, order in list(self.orders.items()):
            if order.side in sides:
                self._cancel_record(order_id, order.qty)

    def _only_far_orders(self) -> None:
        """All orders leave but two, far from the last trade: the spread is wider than the wall."""
        far = [self._rest(side, self._quote(side, FAR_TICKS), LADDER_QTY) for side in "AB"]
        for order_id, order in list(self.orders.items()):
            if order_id not in far:
                self._cancel_record(order_id, order.qty)
        self._for_seconds(QUIET_S, lambda: None)

    def _trades_far_away(self) -> None:
        """Price jumps from one far order to the other."""
        for side in "AB":
            self._rest(side, self._quote(side, FAR_TICKS), QUIET_S)
        self._cancel_near()
        self._for_seconds(QUIET_S, lambda: self._take("AB"[self.rng.integers(2)], 1))

    def _cancel_near(self) -> None:
        for order_id, order in list(self.orders.items()):
            if abs(order.ticks - self.centre) < FAR_TICKS:
                self._cancel_record(order_id, order.qty)

    def _one_contract_a_side(self) -> None:
        self._cancel_all()
        for side in "AB":
            self._rest(side, self._quote(side, 3), 1)
        self._for_seconds(QUIET_S, lambda: None)

    def _no_asks(self) -> None:
        self._cancel_all("A")
        self._for_seconds(QUIET_S, lambda: None)

    def _no_bids(self) -> None:
        self._cancel_all("B")
        self._for_seconds(QUIET_S, lambda: None)

    def _locked(self) -> None:
        self._rest("B", self._quote("A", 0), LADDER_QTY)
        self._for_seconds(3, lambda: None)

    def _huge_orders(self) -> None:
        for side in "AB":
            self._rest(side, self._quote(side, 1), 1_000_000)
        self._for_seconds(QUIET_S, self._walk)

    def _jump(self) -> None:
        """Price moves by more than any barrier within a second, and on the next one back."""
        for ticks in (60, -120, 60):
            self.centre += ticks
            self._cancel_all()
            self._for_seconds(3, self._walk)

    def _silence(self) -> None:
        self.now_ns += 90 * NS_PER_S

    def _trades_without_aggressor(self) -> None:
        def trade() -> None:
            self._emit("T", "N", 0, self.centre, 7)

        self._for_seconds(QUIET_S, trade)
