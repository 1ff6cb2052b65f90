"""What market by price publishes in each second, and what was executed at which side and price.

A side is published up to its worst level. A side with fewer levels than the venue publishes is
known as a whole. How many it publishes is the most levels of a side so far, so that no later row
is read. The state in force when a second begins counts for that second.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.book.event_groups import group_ns
from spymaster_engine.kernels.book.kernel_state import (
    BEYOND_DAY,
    CLEAR,
    DONE,
    LAST,
    SIDE_ASK,
    SIDE_BID,
    SNAPSHOT,
    TRADE,
)
from spymaster_engine.kernels.compiled import inlined, inlined_entry, kernel
from spymaster_engine.kernels.market.kernel_state import LEVELS, MOST_SECONDS
from spymaster_engine.published_book_columns import SECONDS

ASK, BID = np.int64(0), np.int64(1)
NO_ASK, NO_BID = np.int64(1 << 62), np.int64(-(1 << 62))
NOT_KNOWN = np.int64(-1)
_NS_PER_MS = 1_000_000
# gaps between states that are longer count as this long
LONGEST_GAP_MS = 600_000

SCALARS = np.dtype(
    [
        (name, np.int64)
        for name in (
            # 1 since the first record, 2 since the first state
            "started",
            "now_ns",
            "second",
            "row",
            "in_group",
            "group_is_snapshot",
            "is_reset",
            # the state in force: which view, and where its sides end
            "current",
            "bid_edge",
            "ask_edge",
            "levels",
            # the running median of the time between states
            "state_ns",
            "n_gaps",
            "median_ms",
            "n_below",
            "n_executions",
        )
    ]
)
ROW = np.dtype([(name, np.int64) for name in SECONDS])


class Published(NamedTuple):
    """What the kernel remembers between chunks.

    ``scalars`` (1,) SCALARS; ``price`` ticks and ``qty`` contracts (2, 2, LEVELS) int64, the state
    in force and the next one, asks first, best first; ``n`` (2, 2) int64 levels in use; ``gaps``
    (LONGEST_GAP_MS + 1,) int64, gaps between states by their length in ms.
    """

    scalars: np.ndarray
    price: np.ndarray
    qty: np.ndarray
    n: np.ndarray
    gaps: np.ndarray


def new_published() -> Published:
    """Return the state before the first record."""
    scalars = np.zeros(1, SCALARS)
    scalars["bid_edge"], scalars["ask_edge"] = NO_BID, NO_ASK
    price, qty = (np.zeros((2, 2, LEVELS), np.int64) for _ in range(2))
    gaps = np.zeros(LONGEST_GAP_MS + 1, np.int64)
    return Published(scalars, price, qty, np.zeros((2, 2), np.int64), gaps)


def new_seconds() -> np.ndarray:
    """Return empty rows for a day."""
    return np.zeros(MOST_SECONDS, ROW)


def ended_seconds(st: Published, rows: np.ndarray) -> np.ndarray:
    """Return copies of the rows of seconds that have ended, and begin with the next row again."""
    n = int(st.scalars["row"][0])
    ended = rows[:n].copy()
    rows[0] = rows[n]
    rows[1 : n + 1] = np.zeros((), ROW)
    st.scalars["row"] = 0
    return ended


@inlined
def _see_state(st, row):
    """Let the state in force count for a second."""
    s, n = st.scalars[0], st.n
    if n[s.current, ASK] > 0:
        row.lowest_ask_tick = min(row.lowest_ask_tick, st.price[s.current, ASK, 0])
    if n[s.current, BID] > 0:
        row.highest_bid_tick = max(row.highest_bid_tick, st.price[s.current, BID, 0])
    row.ask_edge_tick = min(row.ask_edge_tick, s.ask_edge)
    row.bid_edge_tick = max(row.bid_edge_tick, s.bid_edge)


@inlined
def _begin_second(st, rows):
    s = st.scalars[0]
    row = rows[s.row]
    row.second_s = s.second
    row.lowest_ask_tick = row.ask_edge_tick = NO_ASK
    row.highest_bid_tick = row.bid_edge_tick = NO_BID
    if s.started == 2:
        _see_state(st, row)


@inlined_entry
def end_second(st, rows):
    """Write what is known at the end of the current second."""
    s = st.scalars[0]
    row = rows[s.row]
    row.levels_published = s.levels
    row.resolution_ms = s.median_ms if s.n_gaps > 0 else NOT_KNOWN


@inlined_entry
def go_to(st, rows, time_ns):
    """Begin the second of a time, ending those before it."""
    s = st.scalars[0]
    if s.started == 0:
        s.started = 1
        s.now_ns = time_ns
        s.second = time_ns // NS_PER_S
        _begin_second(st, rows)
        return
    s.now_ns = max(s.now_ns, time_ns)
    while s.second < s.now_ns // NS_PER_S:
        end_second(st, rows)
        s.second += 1
        s.row += 1
        _begin_second(st, rows)


@inlined
def _shows(st, side, tick):
    """Return whether the state in force has a level of a side at a price."""
    s = st.scalars[0]
    found = False
    for level in range(st.n[s.current, side]):
        found = found or st.price[s.current, side, level] == tick
    return found


@inlined
def _take_trade(st, row, executions, aggressor, tick, qty):
    """Execute a trade at the side of the book that it took from."""
    s = st.scalars[0]
    if aggressor == SIDE_BID:
        side = ASK
    elif aggressor == SIDE_ASK:
        side = BID
    elif _shows(st, ASK, tick):
        side = ASK
    elif _shows(st, BID, tick):
        side = BID
    else:
        row.unknown_side_qty += qty
        return
    number = s.n_executions
    executions[number, 0] = s.second
    executions[number, 1] = side
    executions[number, 2] = tick
    executions[number, 3] = qty
    s.n_executions += 1


@inlined
def _count_gap(st, gap_ms):
    """Add the time between two states to the running median, the lower one of two."""
    s, gaps = st.scalars[0], st.gaps
    length = min(max(gap_ms, 0), LONGEST_GAP_MS)
    gaps[length] += 1
    s.n_gaps += 1
    if length < s.median_ms:
        s.n_below += 1
    middle = (s.n_gaps - 1) // 2
    while s.n_below > middle:
        s.median_ms -= 1
        s.n_below -= gaps[s.median_ms]
    while s.n_below + gaps[s.median_ms] <= middle:
        s.n_below += gaps[s.median_ms]
        s.median_ms += 1


@inlined
def _read_view(st, which, tick_int, price, qty, row):
    for side in range(2):
        n = 0
        while n < LEVELS and qty[side, n, row] != 0:
            st.price[which, side, n] = price[side, n, row] // tick_int
            st.qty[which, side, n] = qty[side, n, row]
            n += 1
        st.n[which, side] = n


@inlined
def _beyond(st, which, ask_edge, bid_edge):
    """Return the contracts of a view that lie past where another view ends."""
    total = 0
    for level in range(st.n[which, ASK]):
        if st.price[which, ASK, level] > ask_edge:
            total += st.qty[which, ASK, level]
    for level in range(st.n[which, BID]):
        if st.price[which, BID, level] < bid_edge:
            total += st.qty[which, BID, level]
    return total


@inlined
def _take_state(st, row, is_reset):
    """Put the view that was just read in force."""
    s, n = st.scalars[0], st.n
    before, after = s.current, 1 - s.current
    s.levels = max(s.levels, n[after, ASK], n[after, BID])
    ask_edge, bid_edge = NO_ASK, NO_BID
    if n[after, ASK] == s.levels and s.levels > 0:
        ask_edge = st.price[after, ASK, s.levels - 1]
    if n[after, BID] == s.levels and s.levels > 0:
        bid_edge = st.price[after, BID, s.levels - 1]
    if s.started == 2:
        _count_gap(st, (s.now_ns - s.state_ns) // _NS_PER_MS)
        if is_reset:
            row.n_resets += 1
        else:
            row.scrolled_qty += _beyond(st, after, s.ask_edge, s.bid_edge)
            row.scrolled_qty += _beyond(st, before, ask_edge, bid_edge)
    s.started = 2
    s.state_ns = s.now_ns
    s.current, s.ask_edge, s.bid_edge = after, ask_edge, bid_edge
    row.n_states += 1
    if n[after, ASK] == 0 or n[after, BID] == 0:
        row.n_one_sided += 1
    _see_state(st, row)


@inlined_entry
def take_published(st, rows, tick_int, price, qty, i):
    """Take the state that row ``i`` of a chunk publishes, which ends a group."""
    s = st.scalars[0]
    s.in_group = 0
    _read_view(st, 1 - s.current, tick_int, price, qty, i)
    _take_state(st, rows[s.row], s.is_reset)
    s.is_reset = 0


@kernel
def observe_published(
    st,
    rows,
    executions,
    tick_int,
    day_start_ns,
    ts_event,
    ts_recv,
    flags,
    action,
    aggressor,
    trade_price,
    trade_size,
    has_count,
    price,
    qty,
):
    """Take a chunk of rows; return a status.

    Args:
        st: ``Published``, changed in place.
        rows: (MOST_SECONDS,) ROW, filled in place.
        executions: (m, 4) int64 in the order of ``EXECUTIONS``, filled from
            ``scalars.n_executions`` on, with room for every trade of the chunk.
        tick_int: Minimum price increment, 1e-9 units.
        day_start_ns: 00:00 UTC of the day; earlier rows count as of then.
        ts_event: (n,) int64 ns UTC; likewise ts_recv.
        ts_recv: (n,) int64 ns UTC.
        flags: (n,) uint8, the vendor's bits.
        action: (n,) uint8, ASCII code.
        aggressor: (n,) uint8, ASCII code of the row's side.
        trade_price: (n,) int64, 1e-9 units; 0 where undefined.
        trade_size: (n,) uint32 contracts.
        has_count: (n,) bool, whether the row publishes a number of orders.
        price: (2, LEVELS, n) int64, 1e-9 units, asks first; of no meaning where ``qty`` is 0.
        qty: (2, LEVELS, n) uint32 contracts, 0 where a level is empty.
    """
    s = st.scalars[0]
    for i in range(ts_event.shape[0]):
        is_snapshot = flags[i] & SNAPSHOT != 0
        if s.in_group == 0 or (s.group_is_snapshot != 0) != is_snapshot:
            s.in_group = 1
            s.group_is_snapshot = is_snapshot
            begun_ns = max(group_ns(ts_event[i], ts_recv[i], is_snapshot), day_start_ns)
            if begun_ns >= day_start_ns + MOST_SECONDS * NS_PER_S:
                return BEYOND_DAY
            go_to(st, rows, begun_ns)
        row = rows[s.row]
        row.n_records += 1
        row.order_count_rows += has_count[i]
        if action[i] == TRADE and trade_size[i] > 0 and trade_price[i] != 0:
            tick = trade_price[i] // tick_int
            _take_trade(st, row, executions, aggressor[i], tick, trade_size[i])
        if is_snapshot or action[i] == CLEAR:
            s.is_reset = 1
        if flags[i] & LAST != 0 or action[i] == CLEAR:
            take_published(st, rows, tick_int, price, qty, i)
    return DONE
