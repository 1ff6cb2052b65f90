"""Checks of records with the book's best levels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from spymaster_ingest.dbn.layouts import BOOK_LEVELS, UNDEFINED_PRICE, UNDEFINED_TIMESTAMP
from spymaster_ingest.dbn.reader import Header
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.landing.order_and_trade_checks import (
    ADD,
    CANCEL,
    LARGEST_SIZE,
    MODIFY,
    NO_SIDE,
    TRADE,
    ActionCheck,
    MarketCheck,
    TradesCheck,
)

_LEVELS = [f"{level:02d}" for level in range(BOOK_LEVELS)]
# at a price limit 35 million shares have rested
_LARGEST_SUM = 1_000_000_000


class LevelCheck(MarketCheck):
    """Records with the book's best levels after, or before, an event.

    A venue publishes the number of orders of every level of its records, or of none.
    """

    def __init__(self, path: Path, header: Header) -> None:
        super().__init__(path, header)
        self._counts_orders: bool | None = None

    def check_levels(self, records: Records) -> None:
        """Raise when a level is half empty, has more orders than lots, or is out of order.

        Bids may lie above asks: before the open the book is crossed legitimately.
        """
        self._note_order_counts(records)
        for side, worse in (("bid", np.less), ("ask", np.greater)):
            before = None
            for level in _LEVELS:
                if f"{side}_px_{level}" in records.names:
                    before = self._check_level(records, side, level, worse, before)

    def largest_size(self, records: Records) -> int:
        """Return the largest size; a venue that counts no orders publishes shares."""
        self._note_order_counts(records)
        return _LARGEST_SUM if self._counts_orders is False else LARGEST_SIZE

    def _note_order_counts(self, records: Records) -> None:
        """Note whether the file's first levels with a quantity have a number of orders."""
        if self._counts_orders is not None:
            return
        names = [f"{side}_{{}}_{level}" for level in _LEVELS for side in ("bid", "ask")]
        names = [name for name in names if name.format("sz") in records.names]
        sizes = np.array([records[name.format("sz")] for name in names])
        orders = np.array([records[name.format("ct")] for name in names])
        filled = (sizes > 0).any(axis=0)
        if filled.any():
            at = int(filled.argmax())
            self._counts_orders = bool((orders[:, at] > 0).any())

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
        is_miscounted = (orders == 0) != empty if self._counts_orders else orders > 0
        largest = self.largest_size(records)
        name = f"{side} level {level}"
        self.fail_at((sizes == 0) != empty, lambda at: f"{name} has a price or a size alone")
        self.fail_at(
            (orders > sizes) | is_miscounted | (sizes > largest),
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
        updates = (action == ADD) | (action == CANCEL) | (action == MODIFY)
        sided = updates & (side != NO_SIDE)
        self.check_priced(records, action, sided | (action == TRADE))
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
