"""Checks of records of orders and trades, and what all records of a market share."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from spymaster_ingest.dbn.layouts import (
    FLAG_SNAPSHOT,
    KNOWN_FLAGS,
    UNDEFINED_PRICE,
    flag_words,
)
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.landing.record_check import ACTIONS, SIDES, RecordCheck
from spymaster_ingest.units import NS_PER_DAY

# Live records are captured within milliseconds; a futures venue accepts orders of some thousand
# contracts.
_OLDEST_LIVE_EVENT_NS = NS_PER_DAY
LARGEST_SIZE = 10_000_000

ADD, CANCEL, FILL, MODIFY, TRADE = b"ACFMT"
NO_SIDE = ord("N")
_NO_ORDER = 0


class MarketCheck(RecordCheck):
    """Checks of orders, trades and prices: alphabets of side and flags, sizes a venue accepts."""

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
        largest = self.largest_size(records)
        self.fail_at(size > largest, lambda at: f"size {size[at]} is not a number of lots")
        self.check_schema(records, recv, side, flags)

    def largest_size(self, _: Records) -> int:
        """Return the largest size that the venue of the records may have."""
        return LARGEST_SIZE

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
        self.fail_at((size == 0) & (action == ADD), lambda at: "an added order has size 0")
        books = (action == ADD) | (action == MODIFY)
        self.fail_at(
            books & (side == NO_SIDE), lambda at: f"action {chr(action[at])} without a side"
        )
        self.check_priced(records, action, books | (action == TRADE) | (action == FILL))
        names_order = books | (action == CANCEL) | (action == FILL)
        self.fail_at(
            names_order & (records["order_id"] == _NO_ORDER),
            lambda at: f"action {chr(action[at])} without an order id",
        )


class TradesCheck(ActionCheck):
    """Trades: every action is T."""

    def check_actions(self, records: Records, action: np.ndarray, side: np.ndarray) -> None:
        """Raise when a record's action is not T."""
        self.fail_at(action != TRADE, lambda at: f"action {chr(action[at])} in a file of trades")
        self.check_priced(records, action, action == TRADE)
