"""What a window of five seconds looks like at its end, and the seconds that lead to it."""

from __future__ import annotations

import math

import numpy as np

from spymaster_engine.kernels.book.kernel_state import NO_QUOTE, NULL
from spymaster_engine.kernels.compiled import inlined, inner, kernel
from spymaster_engine.kernels.patterns.counting import count_one, mask_for
from spymaster_engine.kernels.patterns.kernel_state import (
    CHASE,
    LOOKBACK_S,
    REACT,
    REQUOTE,
    WINDOW_S,
)
from spymaster_engine.kernels.patterns.null_values import (
    binomial_q95,
    null_share,
    null_withdrawal,
    sum_second,
)
from spymaster_engine.kernels.patterns.waiting import forget

_NS_PER_MS = 1e6


@inner
def is_in_surface(limits, second, lead_s):
    """Return whether a second lies in the surface, or at most ``lead_s`` before it."""
    for i in range(limits.surface_start_s.shape[0]):
        if limits.surface_start_s[i] - lead_s <= second < limits.surface_end_s[i]:
            return True
    return False


@inner
def forget_waiting(book, pr):
    """Forget what the book before a clear or a snapshot led to."""
    pr.scalars[0].is_forgotten = 1
    forget(pr.taken)
    forget(pr.emptied)
    for slot in range(book.orders.shape[0]):
        book.orders[slot].filled = NULL
    for side in range(2):
        sd = pr.sides[side]
        sd.best_key = NO_QUOTE
        sd.trade_ns = NULL
        sd.move_ns = NULL
        sd.open_ns = NULL


@inner
def _median_ms(waits, n):
    """Return the median of the first n waits in ms; NaN without any. Their order changes."""
    if n == 0:
        return np.nan
    # quickselect of the upper middle; the lower middle is the largest before it
    middle, low, high = n // 2, 0, n - 1
    while low < high:
        pivot = waits[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while waits[i] < pivot:
                i += 1
            while waits[j] > pivot:
                j -= 1
            if i <= j:
                waits[i], waits[j] = waits[j], waits[i]
                i += 1
                j -= 1
        if middle <= j:
            high = j
        elif middle >= i:
            low = i
        else:
            break
    upper = lower = waits[middle]
    if n % 2 == 0:
        lower = waits[0]
        for i in range(1, middle):
            lower = max(lower, waits[i])
    return (lower + upper) / 2.0 / _NS_PER_MS


@inlined
def _share(part, whole):
    return part / whole if whole > 0 else np.nan


@inner
def _measure_sizes(pr, side, row):
    """Fill the sizes of the window's arrivals and their count over the minute."""
    s, sd, lists = pr.scalars[0], pr.sides[side], pr.lists
    first_of_window = sd.n_arrivals - sd.adds
    first_of_minute = first_of_window
    first_second = s.second - LOOKBACK_S + 1
    while first_of_minute > 0 and lists.arrival_second[side, first_of_minute - 1] >= first_second:
        first_of_minute -= 1
    s.stamp += 1
    mask = mask_for(lists.table_stamp, sd.adds)
    n = 0
    for i in range(first_of_window, sd.n_arrivals):
        place, is_new = count_one(lists, s.stamp, mask, lists.arrival_size[side, i], np.int64(0))
        if is_new:
            lists.distinct[n] = place
            n += 1
    top, top_count, entropy = np.int64(0), np.int64(0), 0.0
    for i in range(n):
        place = lists.distinct[i]
        size, count = lists.table_key[place], lists.table_count[place]
        share = count / sd.adds
        entropy -= share * math.log2(share)
        if count > top_count or (count == top_count and size < top):
            top, top_count = size, count
    row.top_size = top if n > 0 else NULL
    row.add_size_entropy = entropy if n > 0 else np.nan
    row.top_size_share = _share(top_count, sd.adds)
    in_minute = np.int64(0)
    for i in range(first_of_minute, sd.n_arrivals):
        in_minute += lists.arrival_size[side, i] == top
    if n > 0:
        chance = in_minute / (sd.n_arrivals - first_of_minute)
        row.top_size_share_null_q95 = binomial_q95(sd.adds, chance) / sd.adds


@inner
def _write_row(pr, side):
    """Write the row of a side of the window that ends with this second, but for its period."""
    s, sd = pr.scalars[0], pr.sides[side]
    row = pr.rows[s.n_rows]
    s.n_rows += 1
    row.window_end_s = s.second + 1
    row.side = side
    row.add_count = sd.adds
    row.cancel_count = sd.cancels
    row.requote_count = sd.requotes + sd.reprices
    row.requote_pair_count = sd.requotes
    row.approached_qty = sd.approached
    row.withdrawn_qty = sd.withdrawn
    row.n_orders_max_life_ms_10 = sd.short_lives
    row.refill_count = sd.refills
    row.refill_qty = sd.refill_qty
    row.reload_count = sd.reloads
    row.reload_qty = sd.reload_qty
    row.hidden_fill_qty = sd.hidden_qty
    row.top_size_share_null_q95 = np.nan
    _measure_sizes(pr, side, row)
    row.requote_median_ms = _median_ms(pr.lists.waits[side], sd.n_waits)
    row.requote_share = _share(sd.requotes, sd.adds)
    row.requote_share_null_q95 = null_share(pr, side, REQUOTE)
    row.chase_share = _share(sd.chases, row.requote_count)
    row.chase_share_null_q95 = null_share(pr, side, CHASE)
    row.withdraw_on_approach_share = _share(sd.withdrawn, sd.approached)
    row.withdraw_on_approach_share_null_q95 = null_withdrawal(pr, side, sd.approached)
    row.react_1ms = _share(sd.react_0, sd.cancels)
    row.react_5ms = _share(sd.react_1, sd.cancels)
    row.react_20ms = _share(sd.react_2, sd.cancels)
    row.react_1ms_null_q95 = null_share(pr, side, REACT)
    row.react_5ms_null_q95 = null_share(pr, side, REACT + 1)
    row.react_20ms_null_q95 = null_share(pr, side, REACT + 2)
    row.periodicity_size = NULL
    row.periodicity_n = NULL
    row.periodicity_s = np.nan
    row.periodicity_power = np.nan
    row.periodicity_coherence = np.nan
    row.periodicity_p = np.nan


@inlined
def _begin_window(sd):
    sd.n_waits = 0
    sd.adds = 0
    sd.cancels = 0
    sd.requotes = 0
    sd.reprices = 0
    sd.chases = 0
    sd.approached = 0
    sd.withdrawn = 0
    sd.react_0 = 0
    sd.react_1 = 0
    sd.react_2 = 0
    sd.short_lives = 0
    sd.refills = 0
    sd.refill_qty = 0
    sd.reloads = 0
    sd.reload_qty = 0
    sd.hidden_qty = 0


@inner
def end_second(pr, limits):
    """End the current second, and its window where it ends too."""
    s = pr.scalars[0]
    sum_second(pr, limits)
    if s.is_written:
        for i in range(s.n_prices):
            pr.lists.iceberg_rows[s.n_iceberg_rows] = pr.lists.prices[i]
            pr.lists.iceberg_rows[s.n_iceberg_rows].window_s = s.second
            s.n_iceberg_rows += 1
    s.n_prices = 0
    if s.second % WINDOW_S == WINDOW_S - 1:
        for side in range(2):
            if s.is_written:
                _write_row(pr, np.int64(side))
            _begin_window(pr.sides[side])


@kernel
def open_second(pr, limits, second, has_spot, spot_tick):
    """Go on to a second, ending those before it; spot has not changed since the current one."""
    s = pr.scalars[0]
    if s.started == 0:
        s.started = 1
    else:
        while s.second < second:
            end_second(pr, limits)
            s.second += 1
            s.is_counted = is_in_surface(limits, s.second, LOOKBACK_S)
            s.is_written = is_in_surface(limits, s.second, 0)
    s.second = second
    s.is_counted = is_in_surface(limits, second, LOOKBACK_S)
    s.is_written = is_in_surface(limits, second, 0)
    s.has_spot = has_spot
    s.spot_tick = spot_tick
