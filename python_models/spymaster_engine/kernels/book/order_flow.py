"""Pace, depth and cancellations of one contract, for comparing markets rather than prices.

A lean replay: it tracks where orders rest and since when, and samples the book at the end of every
second with an event.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.book.fill_matching import wait_for_reduction, waiting_fill
from spymaster_engine.kernels.book.kernel_state import (
    ADD,
    ASK,
    BID,
    CANCEL,
    CLEAR,
    FILL,
    MODIFY,
    SNAPSHOT,
)
from spymaster_engine.kernels.book.order_store import (
    delete_order,
    find_order,
    grown_order_arrays,
    insert_order,
    order_arrays,
)
from spymaster_engine.kernels.book.sides import price_key, side_of
from spymaster_engine.kernels.compiled import inlined, kernel

# Distances from the touch at which resting orders are counted.
PROFILE_TICKS = 100
# Prices of the ladder; orders farther away count in its end levels.
_LEVELS = 1 << 17
_ORDERS = 1 << 14
_UNKNOWN = -1

_SCALARS = np.dtype(
    [
        (name, np.int64)
        for name in (
            # the order store's own
            "n_free",
            "lowest_tick",
            # time of the event under way, ns since the epoch
            "event_ns",
            "start_ns",
            "end_ns",
            # findings so far
            "n_gaps",
            "n_ages",
            "n_old_cancels",
            "n_samples",
        )
    ]
)


class FlowState(NamedTuple):
    """What the kernel reads and writes.

    The order store (``orders``, ``free``, ``table``, ``table_keys``); ``scalars`` (1,);
    ``best_keys`` (2,) int64, the best level of each side as a key, see ``sides``; ``counts`` and
    ``contracts`` (2, levels) int64, what rests by side and price; ``profile``
    (PROFILE_TICKS,) int64, orders by ticks from the touch, both sides, summed over
    ``n_samples`` samples of a side; ``depth`` likewise, contracts. Output of a batch: ``gaps``,
    ns from one event to the next, and ``ages``, ns from an order's arrival at its price to a
    cancellation, both int64 with room for a value per record.
    """

    orders: np.ndarray
    free: np.ndarray
    table: np.ndarray
    table_keys: np.ndarray
    scalars: np.ndarray
    best_keys: np.ndarray
    counts: np.ndarray
    contracts: np.ndarray
    profile: np.ndarray
    depth: np.ndarray
    gaps: np.ndarray
    ages: np.ndarray


@inlined
def _rest(st, slot, side, level, qty):
    """Put an order's quantity at a price and keep the best price."""
    order = st.orders[slot]
    order.side, order.cell, order.qty = side, level, qty
    st.counts[side, level] += 1
    st.contracts[side, level] += qty
    st.best_keys[side] = max(st.best_keys[side], price_key(side, level))


@inlined
def _remove_order(st, slot):
    """Take an order's quantity from its price and keep the best price."""
    order = st.orders[slot]
    side, level = np.int64(order.side), order.cell
    st.counts[side, level] -= 1
    st.contracts[side, level] -= order.qty
    best = price_key(side, st.best_keys[side])
    worse = price_key(side, np.int64(-1))
    while 0 <= best < st.counts.shape[1] and st.counts[side, best] == 0:
        best += worse
    st.best_keys[side] = price_key(side, best)


@inlined
def _leave(st, slot):
    _remove_order(st, slot)
    delete_order(st, slot)


@inlined
def _move(st, slot, level, qty, ts_event):
    """Re-price or re-size an order; what stays at its price keeps its age."""
    order = st.orders[slot]
    if order.cell != level:
        order.ts_enter = ts_event
    _remove_order(st, slot)
    _rest(st, slot, np.int64(order.side), level, qty)


@inlined
def _cancel(st, slot, qty, ts_event, is_inside):
    """Reduce an order; without a fill, note the age of the withdrawn quantity."""
    s = st.scalars[0]
    order = st.orders[slot]
    is_filled = waiting_fill(order, ts_event) > 0
    order.pending_qty = 0
    if is_inside and not is_filled:
        if order.ts_enter == _UNKNOWN:
            s.n_old_cancels += 1
        else:
            st.ages[s.n_ages] = ts_event - order.ts_enter
            s.n_ages += 1
    if qty >= order.qty:
        _leave(st, slot)
    else:
        order.qty -= qty
        st.contracts[order.side, order.cell] -= qty


@inlined
def _look(st, until_ns):
    """Count orders by distance from the touch, unless the book is crossed or one-sided."""
    s = st.scalars[0]
    is_new_second = until_ns // NS_PER_S > s.event_ns // NS_PER_S
    is_inside = s.start_ns <= s.event_ns < s.end_ns
    levels = st.counts.shape[1]
    best_bid = price_key(BID, st.best_keys[BID])
    best_ask = price_key(ASK, st.best_keys[ASK])
    if is_new_second and is_inside and 0 <= best_bid < best_ask < levels:
        for side in range(2):
            for ticks in range(PROFILE_TICKS):
                level = price_key(side, st.best_keys[side] - ticks)
                if 0 <= level < levels:
                    st.profile[ticks] += st.counts[side, level]
                    st.depth[ticks] += st.contracts[side, level]
        s.n_samples += 2


@inlined
def _begin_event(st, ts_event):
    """Begin an event: note the time since the last one, and sample the book between them."""
    s = st.scalars[0]
    if s.event_ns != _UNKNOWN:
        _look(st, ts_event)
        if s.start_ns <= s.event_ns and ts_event < s.end_ns:
            st.gaps[s.n_gaps] = ts_event - s.event_ns
            s.n_gaps += 1
    s.event_ns = ts_event


@kernel
def replay_flow(st, first, tick, ts_event, order_id, size, flags, action, side):
    """Replay records from position ``first``; return the first that did not fit any more.

    Args:
        st: FlowState; ``n_gaps`` and ``n_ages`` go on from where they are.
        first: position of the first record.
        tick: shape (n,), int64, price in ticks; other arrays are the vendor's columns.
        ts_event: int64, ns since the epoch. Records of one time are one event.
        order_id: uint64.
        size: uint32, contracts.
        flags: uint8.
        action: uint8, a letter.
        side: uint8, a letter.
    """
    s = st.scalars[0]
    levels = st.counts.shape[1]
    for i in range(first, ts_event.shape[0]):
        what = action[i]
        if s.n_free == 0 and what in (ADD, MODIFY):
            return i
        is_live = flags[i] & SNAPSHOT == 0
        if is_live and ts_event[i] > s.event_ns:
            _begin_event(st, ts_event[i])
        if what == CLEAR:
            for slot in range(st.orders.shape[0]):
                if st.orders[slot].alive:
                    _leave(st, slot)
            continue
        if what not in (ADD, CANCEL, MODIFY, FILL):
            continue
        slot = find_order(st.table, st.table_keys, st.orders, np.uint32(0), order_id[i])
        if what == CANCEL:
            if slot >= 0:
                inside = s.start_ns <= ts_event[i] < s.end_ns
                _cancel(st, slot, size[i], ts_event[i], inside)
        elif what == FILL:
            if slot >= 0 and size[i] > 0:
                wait_for_reduction(st.orders[slot], size[i], ts_event[i])
        elif size[i] == 0:
            if slot >= 0:
                _leave(st, slot)
        else:
            level = min(max(tick[i] - s.lowest_tick, np.int64(0)), levels - 1)
            if what == ADD and slot >= 0:
                _leave(st, slot)
                slot = -1
            if slot >= 0:
                st.orders[slot].pending_qty = 0
                _move(st, slot, level, size[i], ts_event[i])
            else:
                slot = insert_order(st, np.uint32(0), order_id[i])
                # The entry time of an order of a snapshot, or of one never announced, is not known.
                is_known = is_live and what == ADD
                st.orders[slot].ts_enter = ts_event[i] if is_known else _UNKNOWN
                _rest(st, slot, side_of(side[i]), level, size[i])
    return ts_event.shape[0]


def new_flow_state(middle_tick: int, start_ns: int, end_ns: int) -> FlowState:
    """Return the state before the first record.

    Args:
        middle_tick: a price near which the contract trades.
        start_ns: events from here on are measured, ns since the epoch; the book is followed
            from the first record on.
        end_ns: end of the measured events, exclusive.
    """
    scalars = np.zeros(1, _SCALARS)
    scalars["n_free"] = _ORDERS
    scalars["lowest_tick"] = middle_tick - _LEVELS // 2
    scalars["event_ns"] = _UNKNOWN
    scalars["start_ns"], scalars["end_ns"] = start_ns, end_ns
    nothing = np.zeros(0, np.int64)
    return FlowState(
        **order_arrays(_ORDERS),
        scalars=scalars,
        best_keys=np.array([price_key(ASK, _LEVELS), price_key(BID, -1)], np.int64),
        counts=np.zeros((2, _LEVELS), np.int64),
        contracts=np.zeros((2, _LEVELS), np.int64),
        profile=np.zeros(PROFILE_TICKS, np.int64),
        depth=np.zeros(PROFILE_TICKS, np.int64),
        gaps=nothing,
        ages=nothing,
    )


def feed_flow(
    st: FlowState, tick: np.ndarray, columns: tuple[np.ndarray, ...]
) -> tuple[FlowState, np.ndarray, np.ndarray]:
    """Replay a batch of records, with more room for orders when they need it.

    Args:
        st: the state so far, not to be used again.
        tick: as in :func:`replay_flow`.
        columns: its other columns, in order.

    Returns:
        The state after the batch, the gaps and the ages found in it (ns, int64).
    """
    st = st._replace(gaps=np.empty(tick.size, np.int64), ages=np.empty(tick.size, np.int64))
    st.scalars["n_gaps"] = st.scalars["n_ages"] = 0
    done = 0
    while (done := replay_flow(st, done, tick, *columns)) < tick.size:
        store, n_free = grown_order_arrays(st.orders)
        st.scalars["n_free"] = n_free
        st = st._replace(**store)
    s = st.scalars[0]
    return st, st.gaps[: s["n_gaps"]], st.ages[: s["n_ages"]]


def finish_flow(st: FlowState) -> None:
    """Sample the book a last time, after the last event."""
    _last_look(st)


@kernel
def _last_look(st):
    _look(st, st.scalars[0].event_ns + NS_PER_S)
