"""The opening of a synthetic day: its first price, its target price, and its resting orders."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.dbn.layouts import FLAG_LAST, UNDEFINED_PRICE
from spymaster_ingest.synthetic.compiled import allocating, entry
from spymaster_ingest.synthetic.event_records import (
    ACTION_ADD,
    ACTION_CLEAR,
    CHANNEL_ID,
    FLAGS_SNAPSHOT,
    KERNEL_MBO_DTYPE,
    MBO_LENGTH_WORDS,
    PUBLISHER_ID,
    RTYPE_MBO,
    SIDE_ASK,
    SIDE_BID,
    SIDE_NONE,
    announce,
    close_event,
    emit,
    open_packet,
    take_order_id,
)
from spymaster_ingest.synthetic.market_arrays import ASK, BID, OWNER_CROWD, SIZE
from spymaster_ingest.synthetic.order_book import arrive, change_depth, new_order, release, touch
from spymaster_ingest.synthetic.random_streams import (
    next_below,
    next_choice,
    next_exponential,
    next_unit,
)
from spymaster_ingest.units import NS_PER_S

SNAPSHOT_KINDS = ("clear", "adds", "adds_without_last", "none")


@allocating
def draw_resting_orders(
    states: np.ndarray,
    exponential: np.ndarray,
    order_size: np.ndarray,
    usual_orders: np.ndarray,
    stub_orders: int,
    start_level: int,
    levels: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw the orders that rest at midnight, in no particular order.

    Args:
        states: shape (1,), uint64.
        exponential: quantile table of the exponential distribution.
        order_size: quantile table of order sizes, contracts.
        usual_orders: shape (distances,), float64, usual orders of a price by distance.
        stub_orders: orders per side beyond the last distance.
        start_level: best bid; the best ask is one level above.
        levels: size of the ladder.

    Returns:
        side (int8), level (int64), size (int64) and age in nanoseconds (int64), one entry per
        order.
    """
    capacity = int(3 * usual_orders.sum()) * 2 + 4 * stub_orders + 64
    side = np.empty(capacity, np.int8)
    level = np.empty(capacity, np.int64)
    size = np.empty(capacity, np.int64)
    age_ns = np.empty(capacity, np.int64)
    n = 0
    for s in (BID, ASK):
        for distance in range(usual_orders.size + stub_orders):
            if distance < usual_orders.size:
                place = distance
                # Twice as many coin tosses as usual orders; each gives an order half the time.
                coins = 2.0 * usual_orders[distance]
                count = 1 if distance == 0 else 0
                for _ in range(int(coins)):
                    count += next_unit(states, 0) < 0.5
                count += next_unit(states, 0) < 0.5 * (coins - int(coins))
            else:
                place = usual_orders.size + next_below(states, 0, usual_orders.size)
                count = 1
            at = start_level - place if s == BID else start_level + 1 + place
            if at < 1 or at >= levels - 1:
                continue
            # Minutes old at the touch, days old far away.
            mean_ns = 5.0 * NS_PER_S * (1.0 + place) ** 2
            for _ in range(min(count, capacity - n)):
                side[n] = s
                level[n] = at
                size[n] = next_choice(states, 0, order_size)
                drawn_ns = mean_ns * next_exponential(states, 0, exponential)
                # No order is older than the trading week.
                oldest_ns = 4.5e5 * NS_PER_S * (0.2 + 0.8 * next_unit(states, 0))
                age_ns[n] = 1_000 + int(min(drawn_ns, oldest_ns))
                n += 1
    return side[:n], level[:n], size[:n], age_ns[:n]


@entry
def fill_book(st, side, level, size, age_ns, order_id):
    """Rest orders, oldest first, without booking arrivals; write their ids (uint64).

    Their quantity counts as the midnight snapshot: ``reset`` of the first second.
    """
    s = st.scalars[0]
    for i in range(side.size):
        slot = new_order(st, side[i], level[i], size[i], 0, OWNER_CROWD)
        order = st.orders[slot]
        order_id[i] = s.next_order_id
        order.order_id = s.next_order_id
        order.ts_enter = s.midnight_ns - age_ns[i]
        s.next_order_id += np.uint64(1 + next_below(st.states, SIZE, 40))
        touch(st, side[i], level[i]).reset += size[i]


@entry
def clear_book(st):
    """Clear the book as the venue does: one R, and no order rests."""
    s = st.scalars[0]
    open_packet(st)
    position = emit(st, ACTION_CLEAR, SIDE_NONE, np.uint64(0), 0, 0)
    st.out[position].price = UNDEFINED_PRICE
    close_event(st)
    for slot in range(st.orders.shape[0]):
        order = st.orders[slot]
        if order.size > 0:
            touch(st, order.side, order.level).reset -= order.size
            change_depth(st, order.side, order.level, -order.size)
            release(st, slot)
    s.now_ns += 1


@entry
def enter_orders(st, side, level, size):
    """Add orders in sequence, a few microseconds apart."""
    s = st.scalars[0]
    for i in range(side.size):
        slot = arrive(st, side[i], level[i], size[i], 0, OWNER_CROWD)
        st.orders[slot].order_id = take_order_id(st, SIZE)
        announce(st, ACTION_ADD, slot)
        s.now_ns += 1_000 + next_below(st.states, SIZE, 50_000)


def snapshot_records(
    kind: str,
    midnight_ns: int,
    instrument_id: int,
    side: np.ndarray,
    price_int: np.ndarray,
    size: np.ndarray,
    age_ns: np.ndarray,
    order_id: np.ndarray,
) -> np.ndarray:
    """Return the first records of a day's file.

    Args:
        kind: ``clear`` (R, then adds, the last with LAST), ``adds`` (without R),
            ``adds_without_last`` (neither R nor LAST, as in older files) or ``none``.
        midnight_ns: start of the day, nanoseconds since the epoch.
        instrument_id: the contract.
        side: BID or ASK per resting order, in the order of the file.
        price_int: 1e-9 points.
        size: contracts.
        age_ns: time since the order entered the book.
        order_id: uint64.

    Returns:
        KERNEL_MBO_DTYPE records.
    """
    if kind == "none":
        return np.zeros(0, KERNEL_MBO_DTYPE)
    first = 1 if kind == "clear" else 0
    records = np.zeros(first + side.size, KERNEL_MBO_DTYPE)
    adds = records[first:]
    adds["order_id"], adds["price"], adds["size"] = order_id, price_int, size
    adds["action"] = ACTION_ADD
    adds["side"] = np.where(side == BID, SIDE_BID, SIDE_ASK)
    adds["ts_event"] = midnight_ns - age_ns
    adds["sequence"] = 1 + np.arange(side.size) // 3
    if first:
        records[0]["action"], records[0]["side"] = ACTION_CLEAR, SIDE_NONE
        records[0]["price"] = UNDEFINED_PRICE
        records[0]["ts_event"] = adds["ts_event"][0] if side.size else midnight_ns
    records["length"], records["rtype"] = MBO_LENGTH_WORDS, RTYPE_MBO
    records["publisher_id"], records["channel_id"] = PUBLISHER_ID, CHANNEL_ID
    records["instrument_id"] = instrument_id
    records["flags"] = FLAGS_SNAPSHOT
    records["ts_recv"] = midnight_ns
    if kind != "adds_without_last" and records.size:
        records[-1]["flags"] |= FLAG_LAST
    return records
