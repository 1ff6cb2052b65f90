"""Checks of records of orders, trades and prices."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from spymaster_ingest.dbn.layouts import (
    BOOK_LEVELS,
    FLAG_SNAPSHOT,
    KNOWN_FLAGS,
    UNDEFINED_PRICE,
    UNDEFINED_TIMESTAMP,
    flag_words,
)
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.landing.checks import ACTIONS, SIDES, RecordCheck
from spymaster_ingest.units import NS_PER_DAY

# Live records are captured within milliseconds; a futures venue accepts orders of some thousand
# contracts.
_OLDEST_LIVE_EVENT_NS = NS_PER_DAY
_LARGEST_SIZE = 10_000_000

_ADD, _CANCEL, _FILL, _MODIFY, _TRADE = b"ACFMT"
_NO_SIDE = ord("N")
_NO_ORDER = 0


class MarketCheck(RecordCheck):
    """Checks of all these schemas: alphabets of side and flags, sizes a venue accepts."""

    ordered = True

    def check_values(self, records: Records, recv: np.ndarray) -> None:
        """Check side, flags and size of every record, then the fields of its schema."""
        flags = records["flags"]
        self.fail_at(
            (flags & ~np.uint8(KNOWN_FLAGS)) != 0,
            lambda at: f"flags {flags[at]} have an unknown bit ({flag_words(int(flags[at]))})",
        )
        side = records["side"].view(np.uint8)
        self.check_letters("side", side, SIDES)
        size = records["size"]
        self.fail_at(size > _LARGEST_SIZE, lambda at: f"size {size[at]} is not a number of lots")
        self.check_schema(records, recv, side, flags)

    @abstractmethod
    def check_schema(
        self, records: Records, recv: np.ndarray, side: np.ndarray, flags: np.ndarray
    ) -> None:
        """Check the fields that only this schema has.

        Args:
            records: n records.
            recv: ts_recv, ns, shape (n,).
            side: letters as uint8, shape (n,).
            flags: uint8, shape (n,).
        """


class ActionCheck(MarketCheck):
    """Records that carry an action: its alphabet, its time, the price a trade must have."""

    def check_schema(
        self, records: Records, recv: np.ndarray, side: np.ndarray, flags: np.ndarray
    ) -> None:
        """Check action, ts_event and price of every record."""
        action = records["action"].view(np.uint8)
        self.check_letters("action", action, ACTIONS)
        event = records["ts_event"]
        self.check_not_later(event, recv)
        # Snapshot orders keep the time they entered the book, days or months ago.
        old = (event < recv - np.uint64(_OLDEST_LIVE_EVENT_NS)) & ((flags & FLAG_SNAPSHOT) == 0)
        self.fail_at(
            old, lambda at: f"ts_event {event[at]} is over a day before ts_recv {recv[at]}"
        )
        self.check_actions(records, action, side)

    @abstractmethod
    def check_actions(self, records: Records, action: np.ndarray, side: np.ndarray) -> None:
        """Check the fields that each action of this schema needs; letters as uint8, shape (n,)."""

    def check_priced(self, records: Records, action: np.ndarray, priced: np.ndarray) -> None:
        """Raise when a record that is ``priced`` (bool, shape (n,)) has an undefined price."""
        undefined = records["price"] == UNDEFINED_PRICE
        self.fail_at(priced & undefined, lambda at: f"action {chr(action[at])} without a price")


class MboCheck(ActionCheck):
    """Market by order: added orders have side and price, records of an order have its id."""

    def check_actions(self, records: Records, action: np.ndarray, side: np.ndarray) -> None:
        """Raise when size, side, price or order id is missing where the action needs it."""
        size = records["size"]
        self.fail_at((size == 0) & (action == _ADD), lambda at: "an added order has size 0")
        books = (action == _ADD) | (action == _MODIFY)
        self.fail_at(
            books & (side == _NO_SIDE), lambda at: f"action {chr(action[at])} without a side"
        )
        self.check_priced(records, action, books | (action == _TRADE) | (action == _FILL))
        names_order = books | (action == _CANCEL) | (action == _FILL)
        self.fail_at(
            names_order & (records["order_id"] == _NO_ORDER),
            lambda at: f"action {chr(action[at])} without an order id",
        )


class TradesCheck(ActionCheck):
    """Trades: every action is T."""

    def check_actions(self, records: Records, action: np.ndarray, side: np.ndarray) -> None:
        """Raise when a record's action is not T."""
        self.fail_at(action != _TRADE, lambda at: f"action {chr(action[at])} in a file of trades")
        self.check_priced(records, action, action == _TRADE)


class LevelCheck(MarketCheck):
    """Records with the book's best levels after, or before, an event."""

    def check_levels(self, records: Records) -> None:
        """Raise when a level is half empty, has more orders than lots, or is out of order.

        Bids may lie above asks: before the open the book is crossed legitimately.
        """
        levels = [f"{level:02d}" for level in range(BOOK_LEVELS)]
        for side, worse in (("bid", np.less), ("ask", np.greater)):
            before = None
            for level in levels:
                if f"{side}_px_{level}" in records.names:
                    before = self._check_level(records, side, level, worse, before)

    def _check_level(
        self,
        records: Records,
        side: str,
        level: str,
        worse: np.ufunc,
        before: tuple[np.ndarray, np.ndarray] | None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Check one level of one side and return its prices and where it is empty, shape (n,).

        Args:
            records: n records.
            side: bid or ask.
            level: number of the level as the vendor writes it.
            worse: returns whether its first argument is the worse price of the side.
            before: result of the check of the next better level.
        """
        prices, sizes, orders = (records[f"{side}_{what}_{level}"] for what in ("px", "sz", "ct"))
        empty = prices == UNDEFINED_PRICE
        name = f"{side} level {level}"
        self.fail_at((sizes == 0) != empty, lambda at: f"{name} has a price or a size alone")
        self.fail_at(
            (orders > sizes) | ((orders == 0) != empty) | (sizes > _LARGEST_SIZE),
            lambda at: f"{name} has impossible numbers of lots and orders",
        )
        if before is not None:
            better_prices, better_empty = before
            sound = empty | (worse(prices, better_prices) & ~better_empty)
            self.fail_at(~sound, lambda at: f"{name} is not worse than the level before")
        return prices, empty


class MbpCheck(ActionCheck, LevelCheck):
    """Market by price: updates of a level, each with the levels of the book after it."""

    def check_actions(self, records: Records, action: np.ndarray, side: np.ndarray) -> None:
        """Raise when an update of a side, or a trade, has no price, or a level is unsound.

        The vendor writes some updates without a side, snapshots among them.
        """
        updates = (action == _ADD) | (action == _CANCEL) | (action == _MODIFY)
        sided = updates & (side != _NO_SIDE)
        self.check_priced(records, action, sided | (action == _TRADE))
        self.fail_at(records["depth"] >= BOOK_LEVELS, lambda at: f"depth is {records['depth'][at]}")
        self.check_levels(records)


class TbboCheck(TradesCheck, LevelCheck):
    """Trades with the best quotes before each."""

    def check_actions(self, records: Records, action: np.ndarray, side: np.ndarray) -> None:
        """Raise when a record is not a trade, or its quotes are unsound."""
        super().check_actions(records, action, side)
        self.check_levels(records)


class BboCheck(LevelCheck):
    """Best quotes and last trade at the end of an interval; ts_event is the trade's."""

    def check_schema(
        self, records: Records, recv: np.ndarray, side: np.ndarray, flags: np.ndarray
    ) -> None:
        """Check the time of the last trade, if any, and the quotes."""
        event = records["ts_event"]
        known = np.where(event == UNDEFINED_TIMESTAMP, recv, event)
        self.check_not_later(known, recv)
        self.check_within_a_year("ts_event", known, recv)
        self.check_levels(records)
