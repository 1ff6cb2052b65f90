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
from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.book.kernel_state import NULL
from spymaster_engine.kernels.compiled import inlined, kernel
from spymaster_engine.kernels.patterns.kernel_state import (
    FIRST_K,
    FREQUENCIES,
    LANES,
    LAST_K,
    LOOKBACK_S,
    PADDED,
    WINDOW_S,
    WINDOWS_BACK,
)

_MINUTE_NS = LOOKBACK_S * NS_PER_S
# two coherences closer than this are equal but for rounding
_TIE = 1.0 + 1e-9


@inlined
def _add_phasors(spectra, clock):
    """Add exp(2 pi i f t) at every frequency to the sums of a second."""
    re, im, lanes = spectra.block[0], spectra.block[1], spectra.lanes
    angle = 2.0 * math.pi * ((clock % _MINUTE_NS) / _MINUTE_NS)
    for lane in range(LANES):
        lanes[0, lane] = math.cos(lane * angle)
        lanes[1, lane] = math.sin(lane * angle)
    step_re, step_im = math.cos(LANES * angle), math.sin(LANES * angle)
    at_re, at_im = math.cos(FIRST_K * angle), math.sin(FIRST_K * angle)
    for first in range(0, PADDED, LANES):
        for lane in range(LANES):
            re[first + lane] += at_re * lanes[0, lane] - at_im * lanes[1, lane]
            im[first + lane] += at_re * lanes[1, lane] + at_im * lanes[0, lane]
        at_re, at_im = at_re * step_re - at_im * step_im, at_re * step_im + at_im * step_re


@inlined
def _end_block(spectra, side, slot, place):
    """Add the sums of a second to those of its window."""
    re, im = spectra.block[0], spectra.block[1]
    window_re, window_im = spectra.re[side, slot, place], spectra.im[side, slot, place]
    window_power = spectra.power[side, slot, place]
    for i in range(PADDED):
        window_re[i] += re[i]
        window_im[i] += im[i]
        window_power[i] += re[i] * re[i] + im[i] * im[i]
        re[i] = 0.0
        im[i] = 0.0


@kernel
def _sum_windows(pr, side, slot, size, first_second):
    """Sum the arrivals of a size from a second on, window by window."""
    spectra, lists = pr.spectra, pr.lists
    number = pr.sides[side].n_arrivals
    while number > 0 and lists.arrival_second[side, number - 1] >= first_second:
        number -= 1
    second = NULL
    for i in range(number, pr.sides[side].n_arrivals):
        if lists.arrival_size[side, i] != size:
            continue
        if lists.arrival_second[side, i] != second:
            if second != NULL:
                _end_block(spectra, side, slot, second // WINDOW_S % WINDOWS_BACK)
            second = lists.arrival_second[side, i]
        _add_phasors(spectra, lists.arrival_clock[side, i])
    if second != NULL:
        _end_block(spectra, side, slot, second // WINDOW_S % WINDOWS_BACK)


@kernel
def _slot_of(pr, side, size, window):
    """Return the slot of a size with its sums up to and with this window."""
    spectra = pr.spectra
    slot = np.int64(0)
    for i in range(spectra.size.shape[1]):
        if spectra.size[side, i] == size:
            slot = i
            break
        if spectra.window[side, i] < spectra.window[side, slot]:
            slot = i
    first = window
    if spectra.size[side, slot] != size or spectra.window[side, slot] != window:
        first = window - WINDOWS_BACK + 1
    for each in range(first, window + 1):
        place = each % WINDOWS_BACK
        spectra.re[side, slot, place] = 0.0
        spectra.im[side, slot, place] = 0.0
        spectra.power[side, slot, place] = 0.0
    spectra.size[side, slot] = size
    spectra.window[side, slot] = window + 1
    _sum_windows(pr, side, slot, size, first * WINDOW_S)
    return slot


@kernel
def _resultant(spectra, side, slot, k):
    """Return (R^2, sum of the squares of the seconds' sums) at a frequency."""
    re = im = power = 0.0
    for place in range(WINDOWS_BACK):
        re += spectra.re[side, slot, place, k - FIRST_K]
        im += spectra.im[side, slot, place, k - FIRST_K]
        power += spectra.power[side, slot, place, k - FIRST_K]
    return re * re + im * im, power


@inlined
def _coherence(squared, power):
    return squared / power if power > 0.0 else 0.0


@kernel
def _strongest_of(spectra, side, slot):
    """Return (coherence, k) of the most coherent frequency of a size."""
    re, im = spectra.block[0], spectra.block[1]
    for place in range(WINDOWS_BACK):
        window_re, window_im = spectra.re[side, slot, place], spectra.im[side, slot, place]
        for i in range(PADDED):
            re[i] += window_re[i]
            im[i] += window_im[i]
    for i in range(PADDED):
        re[i] = re[i] * re[i] + im[i] * im[i]
        im[i] = 0.0
    for place in range(WINDOWS_BACK):
        window_power = spectra.power[side, slot, place]
        for i in range(PADDED):
            im[i] += window_power[i]
    best, best_k = 0.0, FIRST_K
    for i in range(FREQUENCIES):
        coherence = _coherence(re[i], im[i])
        if coherence > best * _TIE:
            best, best_k = coherence, FIRST_K + i
    re[:] = 0.0
    im[:] = 0.0
    return best, best_k


@kernel
def _fundamental(spectra, side, slot, k, coherence, limits):
    """Return the slowest frequency of which k is a multiple and that is coherent as well."""
    least = max(limits.fundamental_share * coherence, limits.fundamental_min)
    for divisor in range(k // FIRST_K, 1, -1):
        middle = (2 * k + divisor) // (2 * divisor)
        best, best_k = -1.0, k
        for candidate in range(max(middle - 1, FIRST_K), min(middle + 1, LAST_K, k - 1) + 1):
            squared, power = _resultant(spectra, side, slot, candidate)
            value = _coherence(squared, power)
            if value > best * _TIE:
                best, best_k = value, candidate
        if best >= least:
            return best_k
    return k


@kernel
def find_period(pr, limits, side, n_sizes, row):
    """Fill the period of a row from the sizes chosen for it; ``n_sizes`` is above 0."""
    spectra = pr.spectra
    window = pr.scalars[0].second // WINDOW_S
    best, best_k, best_slot, best_place = -1.0, FIRST_K, np.int64(0), np.int64(0)
    for i in range(n_sizes):
        slot = _slot_of(pr, side, spectra.chosen[0, i], window)
        coherence, k = _strongest_of(spectra, side, slot)
        if coherence > best * _TIE:
            best, best_k, best_slot, best_place = coherence, k, slot, np.int64(i)
    k = _fundamental(spectra, side, best_slot, best_k, best, limits)
    squared, _ = _resultant(spectra, side, best_slot, k)
    n = spectra.chosen[1, best_place]
    row.periodicity_s = LOOKBACK_S / k
    row.periodicity_size = spectra.chosen[0, best_place]
    row.periodicity_n = n
    row.periodicity_power = squared / n
    row.periodicity_coherence = best
    compared = float(n_sizes * FREQUENCIES)
    row.periodicity_p = 1.0
    if best > 0.0:
        row.periodicity_p = -math.expm1(compared * math.log1p(-math.exp(-best)))
