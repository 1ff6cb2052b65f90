"""Market by price: takes the ten best levels of every row that ends an event."""

from __future__ import annotations

from spymaster_engine.kernels.book.event_groups import group_ns
from spymaster_engine.kernels.book.kernel_state import (
    BEYOND_DAY,
    CLEAR,
    DONE,
    LAST,
    MAYBE_BAD_BOOK,
    SNAPSHOT,
)
from spymaster_engine.kernels.compiled import inlined, inlined_entry, kernel
from spymaster_engine.kernels.market.kernel_state import LEVELS
from spymaster_engine.kernels.market.seconds import (
    advance,
    begin_seconds,
    is_beyond_day,
    take_state,
)
from spymaster_engine.kernels.market.state_values import calculate_values, sum_bands_of_levels


@inlined_entry
def last_until(st, rows, until_ns):
    """Let the state in force last until a time."""
    s = st.scalars[0]
    if s.is_valid and until_ns > s.now_ns:
        sum_bands_of_levels(st)
        calculate_values(st)
    advance(st, rows, until_ns)


@inlined
def _read_levels(views, which, tick_int, price, qty, count, row):
    """Read the levels of a row into a view; a division only where a price is a new one."""
    for side in range(2):
        n = 0
        while n < LEVELS and qty[side, n, row] != 0:
            price_int = price[side, n, row]
            tick = views.price[1 - which, side, n]
            if tick * tick_int != price_int:
                tick = price_int // tick_int
            views.price[which, side, n] = tick
            views.qty[which, side, n] = qty[side, n, row]
            views.orders[which, side, n] = count[side, n, row]
            n += 1
        views.n[which, side] = n


@inlined_entry
def take_levels(st, rows, tick_int, reach_ticks, flag, action, price, qty, count, row):
    """Take the state that a row publishes, which ends a group; see ``observe_levels``."""
    s = st.scalars[0]
    s.in_group = 0
    is_first = s.started == 1
    s.started = 2
    _read_levels(st.views, 1 - s.current, tick_int, price, qty, count, row)
    is_good = flag & MAYBE_BAD_BOOK == 0
    is_reset = flag & SNAPSHOT != 0 or action == CLEAR
    take_state(st, rows, is_good, is_reset, is_first, reach_ticks)


@kernel
def observe_levels(
    st,
    rows,
    tick_int,
    day_start_ns,
    reach_ticks,
    ts_event,
    ts_recv,
    flags,
    action,
    price,
    qty,
    count,
):
    """Take the states of a chunk of rows; return a status.

    Args:
        st: ``State``, changed in place.
        rows: ``Rows``, filled in place.
        tick_int: Minimum price increment, 1e-9 units.
        day_start_ns: 00:00 UTC of the day; earlier rows count as of then.
        reach_ticks: Reach of the imbalance by price.
        ts_event: (n,) int64 ns UTC; likewise ts_recv.
        ts_recv: (n,) int64 ns UTC.
        flags: (n,) uint8, the vendor's bits.
        action: (n,) uint8, ASCII code.
        price: (2, LEVELS, n) int64, 1e-9 units, asks first; of no meaning where ``qty`` is 0.
        qty: (2, LEVELS, n) uint32 contracts, 0 where a level is empty.
        count: (2, LEVELS, n) uint32 orders.
    """
    s = st.scalars[0]
    for i in range(ts_event.shape[0]):
        flag = flags[i]
        is_snapshot = flag & SNAPSHOT != 0
        # a row of the other kind begins a group; the one before it has no last row, so no state
        if s.in_group == 0 or (s.group_is_snapshot != 0) != is_snapshot:
            s.in_group = 1
            s.group_is_snapshot = is_snapshot
            begun_ns = max(group_ns(ts_event[i], ts_recv[i], is_snapshot), day_start_ns)
            if is_beyond_day(begun_ns, day_start_ns):
                return BEYOND_DAY
            begin_seconds(st, begun_ns)
            last_until(st, rows, max(begun_ns, s.now_ns))
        if flag & LAST != 0 or action[i] == CLEAR:
            take_levels(st, rows, tick_int, reach_ticks, flag, action[i], price, qty, count, i)
    return DONE
