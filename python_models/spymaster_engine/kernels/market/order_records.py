"""Market by order: replays records and takes the state of the book after every event group."""

from __future__ import annotations

from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.book.event_groups import closes_clear, group_ns
from spymaster_engine.kernels.book.kernel_state import (
    ASK,
    BEYOND_DAY,
    BID,
    CLEAR,
    DONE,
    LAST,
    SNAPSHOT,
)
from spymaster_engine.kernels.book.replay import apply_records
from spymaster_engine.kernels.compiled import inlined, inlined_entry, kernel
from spymaster_engine.kernels.market.seconds import (
    advance,
    begin_seconds,
    is_beyond_day,
    take_state,
)
from spymaster_engine.kernels.market.state_values import calculate_values, sum_bands_of_book
from spymaster_engine.kernels.market.ten_best import read_side


@inlined
def _end_of_group(s, flags, action, start):
    """Return (index after the last record of the group, whether the group ends there)."""
    for i in range(start, flags.shape[0]):
        if (flags[i] & SNAPSHOT != 0) != (s.group_is_snapshot != 0):
            return i, True
        if flags[i] & LAST != 0 or action[i] == CLEAR:
            return i + 1, True
    return flags.shape[0], False


@inlined_entry
def last_until(book, st, rows, until_ns):
    """Let the state in force last until a time; the book is still in that state."""
    s = st.scalars[0]
    if s.is_valid and until_ns > s.now_ns:
        sum_bands_of_book(book, st)
        calculate_values(st)
    advance(st, rows, until_ns)


@inlined_entry
def take_book(book, st, rows, is_clear, reach_ticks):
    """Take the state of the rebuilt book after the group that was read; a clear may end it."""
    s, b = st.scalars[0], book.scalars[0]
    spare = 1 - s.current
    read_side(book, st.views, spare, ASK)
    read_side(book, st.views, spare, BID)
    is_good = b.known != 0 and b.loading == 0 and b.bad_book == 0
    is_first = s.started == 1
    s.started = 2
    s.in_group = 0
    is_reset = is_clear or s.group_is_snapshot != 0
    take_state(st, rows, is_good, is_reset, is_first, reach_ticks)


@kernel
def observe_orders(
    cfg,
    book,
    out,
    st,
    rows,
    reach_ticks,
    ts_event,
    ts_recv,
    instrument_id,
    order_id,
    price,
    size,
    flags,
    action,
    side,
    start,
):
    """Apply records ``start:`` of a chunk to a book and take its state after every group.

    Arguments and result as of ``apply_records``, with the market's ``State`` and ``Rows`` after the
    output, and the reach of the imbalance by price in ticks.
    """
    s = st.scalars[0]
    i = start
    while i < ts_event.shape[0]:
        if s.in_group == 0 and not closes_clear(book.scalars[0], action[i], ts_event[i]):
            is_snapshot = flags[i] & SNAPSHOT != 0
            begun_ns = group_ns(ts_event[i], ts_recv[i], is_snapshot)
            # a group that comes late belongs to the current second
            begun_ns = max(begun_ns, cfg.day_start_s * NS_PER_S, book.scalars[0].window * NS_PER_S)
            if is_beyond_day(begun_ns, cfg.day_start_s * NS_PER_S):
                return i, BEYOND_DAY
            begin_seconds(st, begun_ns)
            last_until(book, st, rows, max(begun_ns, s.now_ns))
            s.in_group = 1
            s.group_is_snapshot = is_snapshot
        end, has_ended = i + 1, False
        if s.in_group:
            end, has_ended = _end_of_group(s, flags, action, i)
        position, status = apply_records(
            cfg,
            book,
            out,
            ts_event,
            ts_recv,
            instrument_id,
            order_id,
            price,
            size,
            flags,
            action,
            side,
            i,
            end,
        )
        if status != DONE:
            return position, status
        is_clear = end > i and action[end - 1] == CLEAR
        i = end
        if has_ended:
            take_book(book, st, rows, is_clear, reach_ticks)
    return i, DONE
