"""Prices by level and best quotes of a synthetic day, from the same events as its orders.

As a vendor does with a feed by order: keep the orders, add them up by price, and publish every
message that changes one of the ten best prices of its side (``mbp-10``), and the best quotes and
the last trade once a second (``bbo-1s``). A trade comes with the book before it; only the last
record of an event carries LAST.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
from spymaster_ingest.dbn.layouts import (
    BBO_1S,
    FLAG_LAST,
    MBP_10,
    UNDEFINED_PRICE,
    UNDEFINED_TIMESTAMP,
)
from spymaster_ingest.synthetic.contract_days import ContractDay, contract_day, opening_orders
from spymaster_ingest.synthetic.event_records import (
    ACTION_ADD,
    DBN_VERSION,
    FLAGS_SNAPSHOT,
    KERNEL_MBO_DTYPE,
    PUBLISHER_ID,
    SIDE_NONE,
)
from spymaster_ingest.synthetic.market_arrays import NONE
from spymaster_ingest.synthetic.price_book import (
    BBO_DTYPE,
    CELL,
    ENTRY,
    MBP_DTYPE,
    PAIR,
    STATE,
    TABLE_SIZE,
    FeedBook,
    FeedOutput,
    derive,
    empty_output,
    end_interval,
    rest_orders,
)
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket
from spymaster_ingest.units import NS_PER_S, S_PER_DAY


def empty_book(frame: ContractDay, levels: int) -> FeedBook:
    """Return the feed's book of a contract-day before any order; ``levels`` of the ladder."""
    book = FeedBook(np.zeros(TABLE_SIZE, ENTRY), np.zeros((2, levels), CELL), np.zeros(1, STATE))
    state = book.state
    state["best_bid"], state["best_ask"] = NONE, levels
    state["lowest_tick"], state["tick_int"] = frame.lowest_tick, frame.contract.tick_int
    state["last_of_event"] = NONE
    state["interval_end_ns"] = frame.pace.midnight_ns + NS_PER_S
    state["is_changed"] = 1
    state["trade_price"], state["trade_side"] = UNDEFINED_PRICE, SIDE_NONE
    state["trade_ns"] = UNDEFINED_TIMESTAMP
    return book


class PriceFeed:
    """Prices by level and best quotes of one contract-day, piece by piece."""

    def __init__(self, market: SyntheticMarket, day: dt.date, kind: str) -> None:
        frame = contract_day(market, day, kind)
        orders, levels = opening_orders(market, day, kind)
        self._instrument_id = frame.contract.instrument_id
        self._midnight_ns = frame.pace.midnight_ns
        self._book = empty_book(frame, levels)
        self._opening: np.ndarray | None = self._open(orders)

    def add(self, records: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the records of both schemas from the day's next records, whole events.

        Args:
            records: the vendor's MBO dtype, in file order.

        Returns:
            MBP_DTYPE and BBO_DTYPE records.
        """
        output = empty_output(records.size + 1)
        derive(self._book, records.view(KERNEL_MBO_DTYPE), output)
        mbp, bbo = self._take_output(output)
        if self._opening is not None:
            mbp, self._opening = np.concatenate([self._opening, mbp]), None
        return mbp, bbo

    def finish(self) -> np.ndarray:
        """Return the best quotes of the last second with a change (BBO_DTYPE), if any.

        The very last second of the day ends with the file and has no record.
        """
        end_ns = self._midnight_ns + S_PER_DAY * NS_PER_S
        if self._book.state["interval_end_ns"][0] >= end_ns:
            return np.zeros(0, BBO_DTYPE)
        output = empty_output(1)
        end_interval(self._book, output)
        return self._take_output(output)[1]

    def _open(self, orders: np.ndarray) -> np.ndarray:
        """Rest the midnight orders and return the record of the book."""
        output = empty_output(1)
        rest_orders(self._book, orders, output)
        head = output.mbp[0]
        head["ts_event"] = orders["ts_enter"][-1] if orders.size else self._midnight_ns
        head["ts_recv"] = self._midnight_ns
        head["action"], head["side"], head["flags"] = ACTION_ADD, SIDE_NONE, FLAGS_SNAPSHOT
        head["flags"] |= FLAG_LAST
        head["price"] = UNDEFINED_PRICE
        if orders.size:
            tick = self._book.state["lowest_tick"][0] + orders["level"][-1]
            head["price"] = tick * self._book.state["tick_int"][0]
            head["size"] = orders["size"][-1]
        return self._take_output(output)[0]

    def _take_output(self, output: FeedOutput) -> tuple[np.ndarray, np.ndarray]:
        """Return the filled part of the output as records, and empty the output."""
        state = self._book.state
        made = []
        for layout, dtype, count, heads, levels in (
            (MBP_10, MBP_DTYPE, "n_mbp", output.mbp, output.mbp_levels),
            (BBO_1S, BBO_DTYPE, "n_bbo", output.bbo, output.bbo_levels),
        ):
            n = int(state[count][0])
            records = np.zeros(n, dtype)
            parts = records.view([("head", heads.dtype), ("levels", PAIR, (levels.shape[1],))])
            parts["head"], parts["levels"] = heads[:n], levels[:n]
            records["length"], records["rtype"] = layout.length_words(DBN_VERSION), layout.rtype
            records["publisher_id"] = PUBLISHER_ID
            records["instrument_id"] = self._instrument_id
            state[count] = 0
            made.append(records)
        return made[0], made[1]
