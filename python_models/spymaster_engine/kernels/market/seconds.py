"""Seconds of the market: sums over the time that each state was in force."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.book.kernel_state import ASK, BID
from spymaster_engine.kernels.compiled import inlined
from spymaster_engine.kernels.market.kernel_state import FIRST_BAND_VALUE, MOST_SECONDS, UNKNOWN
from spymaster_engine.kernels.market.order_flow_imbalance import (
    add_rank_imbalance,
    price_imbalance,
)
from spymaster_engine.kernels.market.state_values import ten_level_depth


@inlined
def _add_time(st, rows, duration_ns):
    """Add a time during which the state in force held to the sums of the current second."""
    s = st.scalars[0]
    if duration_ns == 0 or s.is_valid == 0:
        return
    views, which, row = st.views, s.current, s.n_rows
    head = rows.head[row]
    head.valid_ns += duration_ns
    head.depth_l1_ns += (views.qty[which, ASK, 0] + views.qty[which, BID, 0]) * duration_ns
    head.depth_l10_ns += (
        ten_level_depth(views, which, ASK) + ten_level_depth(views, which, BID)
    ) * duration_ns
    values, value_ns = st.values, rows.value_ns[row]
    for i in range(values.shape[0]):
        if not np.isnan(values[i]):
            value_ns[i] += values[i] * duration_ns
    for b in range(st.edges.shape[0]):
        if not np.isnan(values[FIRST_BAND_VALUE + b]):
            rows.imbalance_ns[row, b] += duration_ns
        for side in range(2):
            if st.band[side, b] == UNKNOWN:
                rows.unknown_ns[row, side, b] += duration_ns
            else:
                rows.band_ns[row, side, b] += st.band[side, b] * duration_ns


@inlined
def _end_second(st, rows):
    """Write what the current second looks like at its end, and begin the next one."""
    s = st.scalars[0]
    views, which, row = st.views, s.current, s.n_rows
    head = rows.head[row]
    head.window_s = s.second
    head.is_valid_end = s.is_valid
    for side in range(2):
        for level in range(views.n[which, side]):
            rows.price[row, side, level] = views.price[which, side, level]
            rows.qty[row, side, level] = views.qty[which, side, level]
            rows.orders[row, side, level] = views.orders[which, side, level]
        for b in range(st.edges.shape[0]):
            rows.band[row, side, b] = st.band[side, b] if s.is_valid else UNKNOWN
    s.n_rows += 1
    s.second += 1


@inlined
def is_beyond_day(time_ns, day_start_ns):
    """Return whether a time lies past the last second of ``Rows``."""
    return time_ns >= day_start_ns + MOST_SECONDS * NS_PER_S


@inlined
def begin_seconds(st, time_ns):
    """Begin with the second of the first state."""
    s = st.scalars[0]
    if s.started == 0:
        s.started = 1
        s.now_ns = time_ns
        s.second = time_ns // NS_PER_S


@inlined
def advance(st, rows, until_ns):
    """Let the state in force last until a time, ending the seconds on the way.

    Its ``band`` and ``values`` are those of the state, when it is valid.
    """
    s = st.scalars[0]
    while until_ns >= (s.second + 1) * NS_PER_S:
        end_ns = (s.second + 1) * NS_PER_S
        _add_time(st, rows, end_ns - s.now_ns)
        _end_second(st, rows)
        s.now_ns = end_ns
    _add_time(st, rows, until_ns - s.now_ns)
    s.now_ns = until_ns


@inlined
def _differ(views, side):
    """Return whether the two views differ on a side."""
    n = views.n[0, side]
    if n != views.n[1, side]:
        return True
    for level in range(n):
        if (
            views.price[0, side, level] != views.price[1, side, level]
            or views.qty[0, side, level] != views.qty[1, side, level]
            or views.orders[0, side, level] != views.orders[1, side, level]
        ):
            return True
    return False


@inlined
def _is_two_sided(views, which):
    return views.n[which, ASK] > 0 and views.n[which, BID] > 0


@inlined
def take_state(st, rows, is_good, is_reset, is_first, reach_ticks):
    """Put the view that is not in force, and was just read, in force from now on.

    Args:
        st: ``State``, changed in place.
        rows: ``Rows``, filled in place.
        is_good: Whether the book is known and not marked as perhaps bad.
        is_reset: Whether a snapshot or a clear brought the state about, so that no order flow led
            to it.
        is_first: Whether no state was in force before.
        reach_ticks: Distance from the microprice up to which the imbalance by price counts.
    """
    s, views = st.scalars[0], st.views
    before, after = s.current, 1 - s.current
    is_valid = (
        is_good
        and _is_two_sided(views, after)
        and views.price[after, BID, 0] < views.price[after, ASK, 0]
    )
    if _differ(views, ASK) or _differ(views, BID):
        head = rows.head[s.n_rows]
        head.update_count += 1
        if is_good and s.is_good and not (is_first or is_reset):
            if not (_is_two_sided(views, before) and _is_two_sided(views, after)):
                head.one_sided_count += 1
            elif is_valid and s.is_valid:
                add_rank_imbalance(views, before, after, rows.ofi[s.n_rows])
                head.ofi_price += price_imbalance(views, before, after, reach_ticks)
        s.current = after
    s.is_good = is_good
    s.is_valid = is_valid
