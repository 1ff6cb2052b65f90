"""The future's mid price as the option market sees it: every change, from the day's records."""

from __future__ import annotations

import datetime as dt

import numpy as np
from spymaster_ingest.dbn.layouts import FLAG_LAST, FLAG_SNAPSHOT
from spymaster_ingest.synthetic.compiled import entry
from spymaster_ingest.synthetic.contract_days import contract_day, day_pieces, opening_orders
from spymaster_ingest.synthetic.event_records import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_CLEAR,
    ACTION_MODIFY,
    KERNEL_MBO_DTYPE,
)
from spymaster_ingest.synthetic.price_book import (
    apply_message,
    clear_orders,
    empty_output,
    rest_orders,
)
from spymaster_ingest.synthetic.price_feed import empty_book
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket


class UnderlyingPath:
    """Collects the mid price of the front contract, piece by piece.

    Attributes:
        is_complete: whether all pieces of the day were added.
    """

    def __init__(self, market: SyntheticMarket, day: dt.date) -> None:
        self.is_complete = False
        self._market, self._day = market, day
        orders, levels = opening_orders(market, day, "front")
        self._book = empty_book(contract_day(market, day, "front"), levels)
        rest_orders(self._book, orders, empty_output(1))
        self._last = np.zeros(1, np.int64)
        self._changes: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, records: np.ndarray) -> None:
        """Add the next MBO records of the day, whole events."""
        time_ns, mid = np.empty(records.size, np.int64), np.empty(records.size, np.int64)
        kernel_records = records.view(KERNEL_MBO_DTYPE)
        n = note_mids(self._book, kernel_records, self._last, time_ns, mid)
        self._changes.append((time_ns[:n].copy(), mid[:n].copy()))

    def follow(self) -> None:
        """Run the future's day, if no other output did, and add all of it."""
        for piece in day_pieces(self._market, self._day):
            self.add(piece.records)
        self.is_complete = True

    def changes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return times (ns since the epoch) and values (half ticks) of the mid's changes; int64."""
        nothing = np.zeros(0, np.int64)
        pairs = [(nothing, nothing), *self._changes]
        time_ns, mid = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        return time_ns, mid


@entry
def note_mids(book, records, last, time_ns, mid):
    """Apply records, write every change of the mid price and return how many there were.

    Only the book at the end of an event counts, and only if both sides exist and do not cross.

    Args:
        book: FeedBook.
        records: KERNEL_MBO_DTYPE.
        last: shape (1,), int64, the mid so far in half ticks; 0 before the first.
        time_ns: result, int64, as long as ``records``.
        mid: result, as ``time_ns``, half ticks.
    """
    s = book.state[0]
    n, n_levels = 0, book.cells.shape[1]
    for i in range(records.size):
        record = records[i]
        if record.flags & FLAG_SNAPSHOT:
            continue
        action = record.action
        if action == ACTION_CLEAR:
            clear_orders(book)
        elif action in (ACTION_ADD, ACTION_CANCEL, ACTION_MODIFY):
            apply_message(book, record)
        if record.flags & FLAG_LAST and 0 <= s.best_bid < s.best_ask < n_levels:
            now = 2 * s.lowest_tick + s.best_bid + s.best_ask
            if now != last[0]:
                last[0] = now
                time_ns[n] = record.ts_event
                mid[n] = now
                n += 1
    return n
