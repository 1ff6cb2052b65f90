"""LOBSTER's files as states of a book.

A message has seconds after midnight in New York, type (1 new, 2 partly cancelled, 3 deleted, 4
executed, 5 hidden order executed, 7 halt), order id, size, price in 1/10,000 dollar and direction.
The row of the same number in the file of books is the book after it: ask price, ask size, bid price
and bid size of every level. A level without orders has a price of +-9,999,999,999.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from support.book_states import State

NS_PER_S = 1_000_000_000
# a cent
TICK_UNITS = 100
_NO_LEVEL = 9_999_999_999


def read_states(messages: Path, books: Path) -> list[State]:
    """Return the state after every message; times are ns after midnight in New York."""
    with messages.open(newline="") as message_file, books.open(newline="") as book_file:
        return [
            state_of(Decimal(time_s), [int(value) for value in book])
            for (time_s, *_), book in zip(
                csv.reader(message_file), csv.reader(book_file), strict=True
            )
        ]


def state_of(time_s: Decimal, book: list[int]) -> State:
    """Return the state of a row of the file of books."""
    asks, bids = [], []
    for level in range(0, len(book), 4):
        ask, ask_size, bid, bid_size = book[level : level + 4]
        for side, price, size in ((asks, ask, ask_size), (bids, bid, bid_size)):
            if abs(price) != _NO_LEVEL:
                assert price % TICK_UNITS == 0
                side.append((price // TICK_UNITS, size))
    return State(int(time_s * NS_PER_S), tuple(bids), tuple(asks))
