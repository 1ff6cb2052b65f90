"""The strongest period of arrivals of one size.

Rayleigh statistic over the frequencies k / 60 Hz: R = |sum of exp(2 pi i f t)| over the arrivals of
a minute, and its power R^2 / n. Arrivals come in bursts, which alone have power. *Coherence*
compares seconds with each other: R^2 over the sum of the squares of the seconds' own sums. If each
second is turned by a time of its own, coherence is that of a sum of random phasors: exponential
with mean 1, whatever happens inside the seconds.
"""

from __future__ import annotations

import math

import numpy as np

from spymaster_engine.kernels.book.kernel_state import NULL
from spymaster_engine.kernels.compiled import inlined, inner, kernel
from spymaster_engine.kernels.patterns.counting import count_one, mask_for
from spymaster_engine.kernels.patterns.kernel_state import LOOKBACK_S, WINDOW_S
from spymaster_engine.kernels.patterns.period_state import (
    FIRST_K,
    FREQUENCIES,
    FREQUENCY_ROWS,
    IM,
    LANES,
    LAST_K,
    PADDED,
    POWER,
    RE,
    WINDOWS_BACK,
)
from spymaster_engine.kernels.patterns.phasor_sums import add_second, place_of

# two coherences closer than this are equal but for rounding
_TIE = 1.0 + 1e-9
# a sum of squares below this is rounding
_LEAST_POWER = 1e-9


@inner
def _first_from(arrivals, side, second):
    """Return the number of the first arrival of a side from a second on."""
    low, high = np.int64(0), arrivals.lengths[side]
    while low < high:
        middle = (low + high) // 2
        if arrivals.second[side, middle] < second:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _end_of_window(arrivals, side, first):
    """Return the number after the last arrival of the window of an arrival."""
    return _first_from(arrivals, side, (arrivals.second[side, first] // WINDOW_S + 1) * WINDOW_S)


@inner
def _tally_windows(arrivals, side, last):
    """Count the sizes of each window's arrivals before the last one, as far as not done yet."""
    first = arrivals.n_tallied[side]
    while first < last:
        end = _end_of_window(arrivals, side, first)
        arrivals.stamp[0] += 1
        stamp, mask, n = arrivals.stamp[0], mask_for(arrivals.table_stamp, end - first), 0
        for i in range(first, end):
            place, is_new = count_one(arrivals, stamp, mask, arrivals.size[side, i], np.int64(0))
            if is_new:
                arrivals.distinct[n] = place
                n += 1
        for i in range(n):
            arrivals.tally_size[side, first + i] = arrivals.table_key[arrivals.distinct[i]]
            arrivals.tally_count[side, first + i] = arrivals.table_count[arrivals.distinct[i]]
        if first + n < end:
            arrivals.tally_count[side, first + n] = 0
        first = end
    arrivals.n_tallied[side] = first


@inner
def _count_sizes(arrivals, side, first, last):
    """Count the sizes of whole windows' arrivals in the hash table; return how many there are."""
    _tally_windows(arrivals, side, last)
    arrivals.stamp[0] += 1
    stamp, mask, n = arrivals.stamp[0], mask_for(arrivals.table_stamp, last - first), 0
    while first < last:
        end = _end_of_window(arrivals, side, first)
        while first < end and arrivals.tally_count[side, first] > 0:
            size = arrivals.tally_size[side, first]
            place, is_new = count_one(arrivals, stamp, mask, size, np.int64(0))
            arrivals.table_count[place] += arrivals.tally_count[side, first] - 1
            if is_new:
                arrivals.distinct[n] = place
                n += 1
            first += 1
        first = end
    return n


@inner
def _choose_sizes(arrivals, chosen, limits, side, first, last):
    """Choose the most frequent sizes among whole windows' arrivals; return how many there are."""
    n = _count_sizes(arrivals, side, first, last)
    n_chosen = np.int64(0)
    for i in range(n):
        place = arrivals.distinct[i]
        size, count = arrivals.table_key[place], arrivals.table_count[place]
        if count < limits.min_arrivals:
            continue
        position = n_chosen
        while position > 0 and (
            chosen[1, position - 1] < count
            or (chosen[1, position - 1] == count and chosen[0, position - 1] > size)
        ):
            position -= 1
        if position >= limits.most_sizes:
            continue
        n_chosen = min(n_chosen + 1, limits.most_sizes)
        for later in range(n_chosen - 1, position, -1):
            chosen[0, later] = chosen[0, later - 1]
            chosen[1, later] = chosen[1, later - 1]
        chosen[0, position] = size
        chosen[1, position] = count
    return n_chosen


@inlined
def _end_second(arrivals, spectra, side, slot, second, n):
    """Add the first n clocks, arrivals of a second, to the sums of its window."""
    place = second // WINDOW_S % WINDOWS_BACK
    spectra.is_filled[side, slot, place] = 1
    add_second(spectra, arrivals.clocks, n, spectra.windows[side, slot, place])


@inner
def _sum_windows(arrivals, spectra, side, slot, size, first, last):
    """Sum arrivals of a size, window by window."""
    second, n = NULL, 0
    for i in range(first, last):
        if arrivals.size[side, i] != size:
            continue
        if arrivals.second[side, i] != second:
            if n > 0:
                _end_second(arrivals, spectra, side, slot, second, n)
            second, n = arrivals.second[side, i], 0
        arrivals.clocks[n] = arrivals.clock[side, i]
        n += 1
    if n > 0:
        _end_second(arrivals, spectra, side, slot, second, n)


@inner
def _add_windows(spectra, side, slot, first, window):
    """Add windows from the first one on to the sums of the minute."""
    minute = spectra.minute[side, slot]
    for each in range(first, window + 1):
        place = each % WINDOWS_BACK
        if spectra.is_filled[side, slot, place]:
            sums = spectra.windows[side, slot, place]
            for part in range(3):
                for i in range(PADDED):
                    minute[part, i] += sums[part, i]


@inner
def _drop_windows(spectra, side, slot, first, window):
    """Take the windows of a minute before from the sums, to make room from the first one on."""
    minute = spectra.minute[side, slot]
    for each in range(first, window + 1):
        place = each % WINDOWS_BACK
        if spectra.is_filled[side, slot, place]:
            sums = spectra.windows[side, slot, place]
            for part in range(3):
                for i in range(PADDED):
                    minute[part, i] -= sums[part, i]
                    sums[part, i] = 0.0
            spectra.is_filled[side, slot, place] = 0


@inner
def _slot_of(arrivals, spectra, side, size, window, last):
    """Return the slot of a size with its sums up to and with this window."""
    slot = np.int64(0)
    for i in range(spectra.size.shape[1]):
        if spectra.size[side, i] == size:
            slot = np.int64(i)
            break
        if spectra.window[side, i] < spectra.window[side, slot]:
            slot = np.int64(i)
    oldest = window - WINDOWS_BACK + 1
    first = oldest
    if spectra.size[side, slot] == size:
        first = max(oldest, spectra.window[side, slot])
    _drop_windows(spectra, side, slot, first, window)
    begin = _first_from(arrivals, side, first * WINDOW_S)
    _sum_windows(arrivals, spectra, side, slot, size, begin, last)
    # anew once a minute, so that rounding does not pile up
    if window % WINDOWS_BACK == 0:
        first = oldest
    if first == oldest:
        spectra.minute[side, slot] = 0.0
    _add_windows(spectra, side, slot, first, window)
    spectra.size[side, slot] = size
    spectra.window[side, slot] = window + 1
    return slot


@inlined
def _squared(minute, k):
    re, im = minute[RE, place_of(k)], minute[IM, place_of(k)]
    return re * re + im * im


@inner
def _strongest_of(minute, values):
    """Return (coherence, k) of the most coherent frequency of a size; fill ``values``."""
    re, im, power = minute[RE], minute[IM], minute[POWER]
    for i in range(PADDED):
        values[i] = (re[i] * re[i] + im[i] * im[i]) / max(power[i], _LEAST_POWER)
    best, best_k = 0.0, FIRST_K
    for row in range(FREQUENCY_ROWS):
        n_above, first = 0, FIRST_K + 2 * LANES * row
        for i in range(2 * LANES * row, 2 * LANES * (row + 1)):
            n_above += values[i] > best * _TIE
        if n_above == 0:
            continue
        for k in range(first, min(first + 2 * LANES, LAST_K + 1)):
            value = values[place_of(k)]
            if value > best * _TIE:
                best, best_k = value, k
    return best, best_k


@inner
def _fundamental(minute, k, coherence, limits):
    """Return the slowest frequency of which k is a multiple and that is coherent as well."""
    least = max(limits.fundamental_share * coherence, limits.fundamental_min)
    for divisor in range(k // FIRST_K, 1, -1):
        middle = (2 * k + divisor) // (2 * divisor)
        best, best_k = -1.0, k
        for candidate in range(max(middle - 1, FIRST_K), min(middle + 1, LAST_K, k - 1) + 1):
            power = max(minute[POWER, place_of(candidate)], _LEAST_POWER)
            value = _squared(minute, candidate) / power
            if value > best * _TIE:
                best, best_k = value, candidate
        if best >= least:
            return best_k
    return k


@inner
def _fill_row(arrivals, spectra, limits, row):
    """Fill the period of a row; without sizes it has none."""
    side, window = row.side, row.window_end_s // WINDOW_S - 1
    first = _first_from(arrivals, side, row.window_end_s - LOOKBACK_S)
    last = _first_from(arrivals, side, row.window_end_s)
    n_sizes = _choose_sizes(arrivals, spectra.chosen, limits, side, first, last)
    if n_sizes == 0:
        return
    best, best_k, best_slot, best_place = -1.0, FIRST_K, np.int64(0), np.int64(0)
    for i in range(n_sizes):
        slot = _slot_of(arrivals, spectra, side, spectra.chosen[0, i], window, last)
        coherence, k = _strongest_of(spectra.minute[side, slot], spectra.coherence)
        if coherence > best * _TIE:
            best, best_k, best_slot, best_place = coherence, k, slot, np.int64(i)
    minute = spectra.minute[side, best_slot]
    k = _fundamental(minute, best_k, best, limits)
    n = spectra.chosen[1, best_place]
    row.periodicity_s = LOOKBACK_S / k
    row.periodicity_size = spectra.chosen[0, best_place]
    row.periodicity_n = n
    row.periodicity_power = _squared(minute, k) / n
    row.periodicity_coherence = best
    compared = float(n_sizes * FREQUENCIES)
    row.periodicity_p = 1.0
    if best > 0.0:
        row.periodicity_p = -math.expm1(compared * math.log1p(-math.exp(-best)))


@kernel
def fill_periods(arrivals, spectra, limits, rows):
    """Fill the periods of rows of windows, in order of time, from the arrivals before their end.

    Args:
        arrivals: ``Arrivals`` of the minute before the first row's end and after.
        spectra: ``Spectra``, as the rows before these left them.
        limits: ``Limits``.
        rows: (n,) ROW.
    """
    for i in range(rows.shape[0]):
        _fill_row(arrivals, spectra, limits, rows[i])
