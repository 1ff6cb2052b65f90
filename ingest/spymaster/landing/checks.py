"""Checks of record values: what a sound file of a schema never contains.

They find damage that leaves the container intact (one flipped bit in a file without zstd
checksum), so every bound is one the venue or the vendor promises, or so wide that only damage
crosses it. A check sees the chunks of one file in order and raises at the first bad record.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

import databento_dbn
import numpy as np

from spymaster.dbn.layouts import FLAG_SNAPSHOT, KNOWN_FLAGS, UNDEFINED_PRICE, flag_words
from spymaster.dbn.reader import Header
from spymaster.errors import SpymasterError

ACTIONS = "ACFMNRT"
SIDES = "ABN"

# Matching engine and capture clocks are synchronised to well under a second and live records
# are captured within milliseconds; a futures venue accepts orders of some thousand contracts.
_CLOCK_TOLERANCE_NS = 60 * 1_000_000_000
_OLDEST_LIVE_EVENT_NS = 24 * 3600 * 1_000_000_000
_LARGEST_SIZE = 10_000_000

_DEFINITION_TEXTS = (
    "raw_symbol",
    "asset",
    "group",
    "exchange",
    "security_type",
    "underlying",
    "currency",
)

_ADD, _CANCEL, _FILL, _MODIFY, _TRADE = b"ACFMT"
_NO_SIDE = ord("N")
_NO_ORDER = 0


class RecordCheck(ABC):
    """What holds for every schema: times inside the header's range, one publisher per file.

    Args:
        path: file named in errors.
        header: its header.
    """

    ordered = False

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.header = header
        self._seen = 0
        self._last_recv_ns = 0
        self._publisher: int | None = None

    def check(self, records: np.ndarray) -> None:
        """Raise SpymasterError naming the first bad record of the next chunk ``records``."""
        recv = np.ascontiguousarray(records["ts_recv"])
        self._check_times(recv)
        publishers = records["publisher_id"]
        if self._publisher is None:
            self._publisher = int(publishers[0])
        self.fail_at(
            publishers != self._publisher,
            lambda at: (
                f"publisher_id is {publishers[at]}, the records before have {self._publisher}"
            ),
        )
        self.check_values(records, recv)
        self._last_recv_ns = int(recv[-1])
        self._seen += len(records)

    @abstractmethod
    def check_values(self, records: np.ndarray, recv: np.ndarray) -> None:
        """Check the fields of the schema; ``recv`` holds ts_recv in ns, shape (n,)."""

    def fail_at(self, bad: np.ndarray, describe: Callable[[int], str]) -> None:
        """Raise for the first true element of ``bad``, if any."""
        if bad.any():
            at = int(bad.argmax())
            raise SpymasterError(self.path, f"record {self._seen + at}: {describe(at)}")

    def check_letters(self, name: str, values: np.ndarray, allowed: str) -> None:
        """Raise when a byte of ``values`` (uint8) is not one of the letters ``allowed``."""
        known = np.zeros(256, dtype=bool)
        known[list(allowed.encode())] = True
        self.fail_at(
            ~known[values],
            lambda at: f"{name} is byte {values[at]}, known are {', '.join(allowed)}",
        )

    def _check_times(self, recv: np.ndarray) -> None:
        if self.ordered:
            decreasing = np.empty(len(recv), dtype=bool)
            decreasing[0] = recv[0] < self._last_recv_ns
            np.less(recv[1:], recv[:-1], out=decreasing[1:])
            self.fail_at(decreasing, lambda at: "ts_recv is earlier than in the record before")
        latest = np.iinfo(np.int64).max if self.header.end_ns is None else self.header.end_ns - 1
        outside = (recv < self.header.start_ns) | (recv > latest)
        self.fail_at(
            outside, lambda at: f"ts_recv {recv[at]} lies outside the range the header names"
        )


class MarketCheck(RecordCheck):
    """Book and trade records: alphabets, prices, sizes, times of the events."""

    ordered = True

    def check_values(self, records: np.ndarray, recv: np.ndarray) -> None:
        """Check action, side, flags, ts_event, size and price of every record."""
        action = np.ascontiguousarray(records["action"]).view(np.uint8)
        side = np.ascontiguousarray(records["side"]).view(np.uint8)
        flags = np.ascontiguousarray(records["flags"])
        self.check_letters("action", action, ACTIONS)
        self.check_letters("side", side, SIDES)
        self.fail_at(
            (flags & ~np.uint8(KNOWN_FLAGS)) != 0,
            lambda at: f"flags {flags[at]} have an unknown bit ({flag_words(int(flags[at]))})",
        )
        self._check_event_times(records, recv, flags)
        self._check_sizes(records, action)
        self._check_prices(records, action, side)
        self.check_schema(records, action)

    @abstractmethod
    def check_schema(self, records: np.ndarray, action: np.ndarray) -> None:
        """Check what only this schema has; ``action`` holds the letters as uint8."""

    def _check_event_times(self, records: np.ndarray, recv: np.ndarray, flags: np.ndarray) -> None:
        event = np.ascontiguousarray(records["ts_event"])
        self.fail_at(
            event > recv + np.uint64(_CLOCK_TOLERANCE_NS),
            lambda at: f"ts_event {event[at]} is later than ts_recv {recv[at]}",
        )
        # Snapshot orders keep the time they entered the book, days or months ago.
        old = (event < recv - np.uint64(_OLDEST_LIVE_EVENT_NS)) & ((flags & FLAG_SNAPSHOT) == 0)
        self.fail_at(
            old, lambda at: f"ts_event {event[at]} is over a day before ts_recv {recv[at]}"
        )

    def _check_sizes(self, records: np.ndarray, action: np.ndarray) -> None:
        size = np.ascontiguousarray(records["size"])
        self.fail_at(size > _LARGEST_SIZE, lambda at: f"size {size[at]} is not a number of lots")
        self.fail_at((size == 0) & (action == _ADD), lambda at: "an added order has size 0")

    def _check_prices(self, records: np.ndarray, action: np.ndarray, side: np.ndarray) -> None:
        books = (action == _ADD) | (action == _MODIFY)
        self.fail_at(
            books & (side == _NO_SIDE), lambda at: f"action {chr(action[at])} without a side"
        )
        priced = books | (action == _TRADE) | (action == _FILL)
        undefined = records["price"] == UNDEFINED_PRICE
        self.fail_at(priced & undefined, lambda at: f"action {chr(action[at])} without a price")


class MboCheck(MarketCheck):
    """Market by order: records that touch an order name it."""

    def check_schema(self, records: np.ndarray, action: np.ndarray) -> None:
        """Raise when an A, C, M or F record has order id 0."""
        names_order = (
            (action == _ADD) | (action == _CANCEL) | (action == _MODIFY) | (action == _FILL)
        )
        self.fail_at(
            names_order & (records["order_id"] == _NO_ORDER),
            lambda at: f"action {chr(action[at])} without an order id",
        )


class TradesCheck(MarketCheck):
    """Trades: nothing but trades."""

    def check_schema(self, records: np.ndarray, action: np.ndarray) -> None:
        """Raise when a record's action is not T."""
        self.fail_at(action != _TRADE, lambda at: f"action {chr(action[at])} in a file of trades")


class DefinitionCheck(RecordCheck):
    """Instrument definitions: the fields other records are joined and filtered by."""

    def check_values(self, records: np.ndarray, recv: np.ndarray) -> None:
        """Check class, update action, symbol and tick of every definition."""
        for field, letters in (
            ("instrument_class", databento_dbn.InstrumentClass),
            ("security_update_action", databento_dbn.SecurityUpdateAction),
        ):
            values = np.ascontiguousarray(records[field]).view(np.uint8)
            self.check_letters(
                field, values, "".join(str(known.value) for known in letters.variants())
            )
        for field in _DEFINITION_TEXTS:
            self._check_text(field, np.ascontiguousarray(records[field]))
        self.fail_at(records["raw_symbol"] == b"", lambda at: "a definition without raw_symbol")
        outright = (
            records["instrument_class"] == databento_dbn.InstrumentClass.FUTURE.value.encode()
        )
        self.fail_at(
            outright & (records["min_price_increment"] <= 0),
            lambda at: f"the tick of a future is {records['min_price_increment'][at]}",
        )

    def _check_text(self, field: str, texts: np.ndarray) -> None:
        """Raise when a text (fixed-width bytes, NUL-padded) is not printable ASCII."""
        letters = texts.view(np.uint8).reshape(len(texts), -1)
        printable = ((letters >= ord(" ")) & (letters <= ord("~"))) | (letters == 0)
        self.fail_at(
            ~printable.all(axis=1), lambda at: f"{field} {bytes(texts[at])!r} is not printable text"
        )


def check_tick_grid(path: Path, symbol: str, prices: np.ndarray, tick: int) -> None:
    """Raise when a defined price is not a multiple of ``tick``.

    Args:
        path: file named in the error.
        symbol: contract named in the error.
        prices: int64 prices in 1e-9 points, any stride, shape (n,).
        tick: minimum price increment in the same unit.
    """
    prices = np.ascontiguousarray(prices)
    # Division by a constant and one product are several times quicker than numpy's remainder.
    off = (prices // tick) * tick != prices
    off &= prices != UNDEFINED_PRICE
    if off.any():
        price = int(prices[off.argmax()])
        raise SpymasterError(
            path, f"{symbol}: price {price} is not a multiple of the tick {tick} (1e-9 points)"
        )
