"""Price-time priority order book of the synthetic market, in Numba.

Orders live in a pool of slots; the orders of one price form a doubly linked first-in-first-out
queue. Prices are levels of a ladder (ticks above its lowest price). The book is never crossed,
so a level holds one side only.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np

BID, ASK = 0, 1
NO_ORDER = -1

# Positions in Book.scalars.
BEST_BID, BEST_ASK, FREE_SLOT, BID_ORDERS, ASK_ORDERS = 0, 1, 2, 3, 4


class Book(NamedTuple):
    """Arrays of an order book.

    Per order slot: ``order_id`` uint64; ``level``, ``size`` (displayed), ``hidden`` (iceberg
    reserve), ``peak`` (displayed after a refill), ``ahead``, ``behind`` int32; ``side`` int8.
    Per level: ``first``, ``last`` (slots), ``count`` (orders) int32.
    ``scalars`` int64: best levels, first free slot, resting orders per side.
    """

    order_id: np.ndarray
    level: np.ndarray
    size: np.ndarray
    hidden: np.ndarray
    peak: np.ndarray
    ahead: np.ndarray
    behind: np.ndarray
    side: np.ndarray
    first: np.ndarray
    last: np.ndarray
    count: np.ndarray
    scalars: np.ndarray


def new_book(slots: int, levels: int) -> Book:
    """Return an empty book for at most ``slots`` resting orders on ``levels`` prices."""
    behind = np.arange(1, slots + 1, dtype=np.int32)
    behind[-1] = NO_ORDER
    return Book(
        order_id=np.zeros(slots, np.uint64),
        level=np.zeros(slots, np.int32),
        size=np.zeros(slots, np.int32),
        hidden=np.zeros(slots, np.int32),
        peak=np.zeros(slots, np.int32),
        ahead=np.full(slots, NO_ORDER, np.int32),
        behind=behind,
        side=np.zeros(slots, np.int8),
        first=np.full(levels, NO_ORDER, np.int32),
        last=np.full(levels, NO_ORDER, np.int32),
        count=np.zeros(levels, np.int32),
        scalars=np.array([-1, levels, 0, 0, 0], np.int64),
    )


@nb.njit(cache=True)
def enqueue(book: Book, slot: int, side: int, level: int) -> None:
    """Put an order at the end of the queue of a level and keep the best prices."""
    last = book.last[level]
    book.ahead[slot] = last
    book.behind[slot] = NO_ORDER
    if last == NO_ORDER:
        book.first[level] = slot
    else:
        book.behind[last] = slot
    book.last[level] = slot
    book.count[level] += 1
    book.side[slot] = side
    book.level[slot] = level
    scalars = book.scalars
    if side == BID:
        scalars[BID_ORDERS] += 1
        scalars[BEST_BID] = max(scalars[BEST_BID], level)
    else:
        scalars[ASK_ORDERS] += 1
        scalars[BEST_ASK] = min(scalars[BEST_ASK], level)


@nb.njit(cache=True)
def dequeue(book: Book, slot: int) -> None:
    """Take an order out of its queue and keep the best prices; the slot stays the order's."""
    level = book.level[slot]
    ahead, behind = book.ahead[slot], book.behind[slot]
    if ahead == NO_ORDER:
        book.first[level] = behind
    else:
        book.behind[ahead] = behind
    if behind == NO_ORDER:
        book.last[level] = ahead
    else:
        book.ahead[behind] = ahead
    book.count[level] -= 1
    scalars = book.scalars
    if book.side[slot] == BID:
        scalars[BID_ORDERS] -= 1
        if level == scalars[BEST_BID] and book.count[level] == 0:
            while level >= 0 and book.count[level] == 0:
                level -= 1
            scalars[BEST_BID] = level
    else:
        scalars[ASK_ORDERS] -= 1
        if level == scalars[BEST_ASK] and book.count[level] == 0:
            while level < book.count.size and book.count[level] == 0:
                level += 1
            scalars[BEST_ASK] = level


@nb.njit(cache=True)
def add_order(
    book: Book, order_id: np.uint64, side: int, level: int, size: int, hidden: int
) -> int:
    """Rest a new order at the end of its queue and return its slot.

    Raises:
        MemoryError: when every slot is in use.
    """
    slot = book.scalars[FREE_SLOT]
    if slot == NO_ORDER:
        raise MemoryError("more resting orders than the book has slots for")
    book.scalars[FREE_SLOT] = book.behind[slot]
    book.order_id[slot] = order_id
    book.size[slot] = size
    book.hidden[slot] = hidden
    book.peak[slot] = size
    enqueue(book, slot, side, level)
    return slot


@nb.njit(cache=True)
def remove_order(book: Book, slot: int) -> None:
    """Take an order out of the book and free its slot."""
    dequeue(book, slot)
    book.behind[slot] = book.scalars[FREE_SLOT]
    book.scalars[FREE_SLOT] = slot
