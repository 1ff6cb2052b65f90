"""Aggressive orders: matching against resting orders by price and time, in Numba."""

from __future__ import annotations

import numba as nb
import numpy as np

from spymaster.synthetic.feed import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_FILL,
    ACTION_MODIFY,
    ACTION_TRADE,
    SIDE_ASK,
    SIDE_BID,
    emit,
    follow_packet,
)
from spymaster.synthetic.matching import (
    ASK,
    ASK_ORDERS,
    BEST_ASK,
    BEST_BID,
    BID,
    BID_ORDERS,
    NO_ORDER,
    Book,
    add_order,
    dequeue,
    enqueue,
    remove_order,
)
from spymaster.synthetic.random_streams import next_below, next_choice, next_unit

# An aggressor takes at most as many contracts as the largest entry of the size table; every
# fill is an F and a C or M, every price level a T, and one remainder may come to rest.
MAX_FILLS = 256
MAX_EVENT_RECORDS = 3 * MAX_FILLS + 2

_SWEEP_SHARE = 0.10
_LARGEST_SWEEP_TICKS = 4
_RESTING_REMAINDER_SHARE = 0.05
_SECOND_PACKET_SHARE = 0.94
_FEWEST_ORDERS = 20


@nb.njit(cache=True)
def take_liquidity(
    book: Book,
    trade_size: np.ndarray,
    exponential: np.ndarray,
    states: np.ndarray,
    next_order_id: np.ndarray,
    writer: np.ndarray,
    side: int,
    stream: int,
    feed_stream: int,
    out: np.ndarray,
) -> None:
    """Match a drawn aggressive order and emit its event: T, F..., then the book's C, M and A.

    Args:
        book: resting orders.
        trade_size: quantile table of the order's size in contracts.
        exponential: quantile table for the feed's latencies.
        states: random streams.
        next_order_id: shape (1,), uint64.
        writer: the feed's state.
        side: BID for a buyer, ASK for a seller.
        stream: random stream of aggressive orders.
        feed_stream: random stream of the feed.
        out: records, KERNEL_MBO_DTYPE.
    """
    if book.scalars[ASK_ORDERS if side == BID else BID_ORDERS] < _FEWEST_ORDERS:
        return
    wanted = next_choice(states, stream, trade_size)
    reach = 0
    if next_unit(states, stream) < _SWEEP_SHARE:
        reach = 1 + next_below(states, stream, _LARGEST_SWEEP_TICKS)
    step = 1 if side == BID else -1
    limit = book.scalars[BEST_ASK if side == BID else BEST_BID] + step * reach
    aggressor_id = next_order_id[0]
    next_order_id[0] += np.uint64(1 + next_below(states, stream, 3))

    # Per fill: what the book's packet says afterwards.
    changed_id = np.empty(MAX_FILLS, np.uint64)
    changed_level = np.empty(MAX_FILLS, np.int64)
    changed_size = np.empty(MAX_FILLS, np.int64)
    changed_action = np.empty(MAX_FILLS, np.int64)
    changes = 0
    left = wanted
    while left > 0:
        level = book.scalars[BEST_ASK if side == BID else BEST_BID]
        if (limit - level) * step < 0 or level < 0 or level >= book.count.size:
            break
        left, changes = _take_level(
            book,
            writer,
            side,
            level,
            left,
            aggressor_id,
            changes,
            changed_id,
            changed_level,
            changed_size,
            changed_action,
            out,
        )
    if next_unit(states, stream) < _SECOND_PACKET_SHARE:
        follow_packet(writer, states, feed_stream, exponential)
    resting_side = SIDE_ASK if side == BID else SIDE_BID
    for i in range(changes):
        emit(
            out,
            writer,
            changed_action[i],
            resting_side,
            changed_id[i],
            changed_level[i],
            changed_size[i],
        )
    if left > 0 and next_unit(states, stream) < _RESTING_REMAINDER_SHARE:
        add_order(book, aggressor_id, side, limit, left, 0)
        own_side = SIDE_BID if side == BID else SIDE_ASK
        emit(out, writer, ACTION_ADD, own_side, aggressor_id, limit, left)


@nb.njit(cache=True)
def _take_level(
    book: Book,
    writer: np.ndarray,
    side: int,
    level: int,
    wanted: int,
    aggressor_id: np.uint64,
    changes: int,
    changed_id: np.ndarray,
    changed_level: np.ndarray,
    changed_size: np.ndarray,
    changed_action: np.ndarray,
    out: np.ndarray,
) -> tuple[int, int]:
    """Match against one price and return what is still wanted and the number of changes.

    Displayed quantity goes first, by time; hidden quantity only when nothing is displayed any
    more, as part of the same fill, which is then larger than what the order displayed.
    """
    aggressor_side, resting_side = SIDE_BID, SIDE_ASK
    if side == ASK:
        aggressor_side, resting_side = SIDE_ASK, SIDE_BID
    trade = emit(out, writer, ACTION_TRADE, aggressor_side, aggressor_id, level, 0)
    first_change, left = changes, wanted
    slots = np.empty(MAX_FILLS, np.int64)
    slot = book.first[level]
    while left > 0 and slot != NO_ORDER:
        quantity = min(left, book.size[slot])
        emit(out, writer, ACTION_FILL, resting_side, book.order_id[slot], level, quantity)
        slots[changes] = slot
        changed_size[changes] = quantity
        left -= quantity
        changes += 1
        slot = book.behind[slot]
    for i in range(first_change, changes):
        hidden = min(left, book.hidden[slots[i]])
        if hidden > 0:
            book.hidden[slots[i]] -= hidden
            out[trade + 1 + i - first_change]["size"] += np.uint32(hidden)
            left -= hidden
    for i in range(first_change, changes):
        slot = slots[i]
        displayed, quantity = book.size[slot], changed_size[i]
        changed_id[i] = book.order_id[slot]
        changed_level[i] = level
        if quantity < displayed:
            book.size[slot] = displayed - quantity
            changed_action[i], changed_size[i] = ACTION_MODIFY, displayed - quantity
        elif book.hidden[slot] > 0:
            # A refill starts again at the end of the queue.
            refill = min(book.peak[slot], book.hidden[slot])
            book.size[slot] = refill
            book.hidden[slot] -= refill
            dequeue(book, slot)
            enqueue(book, slot, side ^ 1, level)
            changed_action[i], changed_size[i] = ACTION_MODIFY, refill
        else:
            changed_action[i], changed_size[i] = ACTION_CANCEL, displayed
            remove_order(book, slot)
    out[trade]["size"] = wanted - left
    return left, changes
