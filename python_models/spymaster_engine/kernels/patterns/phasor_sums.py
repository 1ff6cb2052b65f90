"""Sums of exp(2 pi i f t) over arrivals, at every frequency of the grid.

An arrival would cost a sine and a cosine per frequency. Within a second they are not needed one by
one: frequencies come in rows of 2 * LANES, and with f the middle of a row, d the distance of a
frequency from it and x in [-1, 1] the place of an arrival in the second around c,

    exp(2 pi i (f + d) t) = exp(2 pi i f t) exp(2 pi i d c) exp(i z x),  z = pi d
    exp(i z x) = J_0(z) T_0(x) + 2 sum over m of i^m J_m(z) T_m(x)

[Jacobi-Anger expansion, Abramowitz and Stegun 9.1.44 and 9.1.45]. The first TERMS polynomials give
it to the last digit. Per arrival and row only exp(2 pi i f t) T_m(x) is added up; the frequencies
of the row are made of these sums once per second.
"""

from __future__ import annotations

import math

from spymaster_ingest.units import NS_PER_S

from spymaster_engine.kernels.compiled import inlined, inner
from spymaster_engine.kernels.patterns.kernel_state import LOOKBACK_S
from spymaster_engine.kernels.patterns.period_state import (
    FIRST_K,
    FREQUENCY_ROWS,
    IM,
    LANES,
    PADDED,
    POWER,
    RE,
    TERMS,
)

_MINUTE_NS = LOOKBACK_S * NS_PER_S
_HALF_SECOND_NS = NS_PER_S // 2
# the middle of the first row, in units of k
_FIRST_MIDDLE = FIRST_K + LANES - 0.5


@inlined
def _angle_of(clock, minute):
    """Return the angle at one turn a minute since the start of a minute.

    Middles lie between two frequencies and turn by a half more: clocks of a stretch count from the
    same minute.
    """
    return 2.0 * math.pi * ((clock - minute) / _MINUTE_NS)


@inlined
def _fill_polynomials(values, x):
    """Fill T_m(x), even and odd ones by T_(m+2) = 2 T_2 T_m - T_(m-2)."""
    twice = 4.0 * x * x - 2.0
    even, next_even = 1.0, 0.5 * twice
    odd, next_odd = x, x * (twice - 1.0)
    for m in range(0, TERMS, 4):
        values[m] = even
        values[m + 1] = odd
        values[m + 2] = next_even
        values[m + 3] = next_odd
        even, odd = twice * next_even - even, twice * next_odd - odd
        next_even, next_odd = twice * even - next_even, twice * odd - next_odd


@inlined
def _add_pair(spectra, first, second, weight, center):
    """Add two arrivals by their clocks, the second with a weight of 0 or 1."""
    sums, polynomials = spectra.row_sums, spectra.polynomials
    _fill_polynomials(polynomials[0], (first - center) / _HALF_SECOND_NS)
    _fill_polynomials(polynomials[1], (second - center) / _HALF_SECOND_NS)
    minute = center - center % _MINUTE_NS
    angle, other = _angle_of(first, minute), _angle_of(second, minute)
    step_re, step_im = math.cos(2 * LANES * angle), math.sin(2 * LANES * angle)
    re, im = math.cos(_FIRST_MIDDLE * angle), math.sin(_FIRST_MIDDLE * angle)
    other_step_re, other_step_im = math.cos(2 * LANES * other), math.sin(2 * LANES * other)
    other_re = weight * math.cos(_FIRST_MIDDLE * other)
    other_im = weight * math.sin(_FIRST_MIDDLE * other)
    for row in range(FREQUENCY_ROWS):
        for m in range(TERMS):
            sums[RE, row, m] += re * polynomials[0, m] + other_re * polynomials[1, m]
            sums[IM, row, m] += im * polynomials[0, m] + other_im * polynomials[1, m]
        re, im = re * step_re - im * step_im, re * step_im + im * step_re
        other_re, other_im = (
            other_re * other_step_re - other_im * other_step_im,
            other_re * other_step_im + other_im * other_step_re,
        )


@inlined
def _fill_turns(turns, center):
    """Fill exp(2 pi i d c) of each lane."""
    angle = _angle_of(center, center - center % _MINUTE_NS)
    re, im = math.cos(0.5 * angle), math.sin(0.5 * angle)
    turn_re, turn_im = math.cos(angle), math.sin(angle)
    for lane in range(LANES):
        turns[lane] = re
        turns[LANES + lane] = im
        re, im = re * turn_re - im * turn_im, re * turn_im + im * turn_re


@inlined
def _fill_parts(spectra, row):
    """Fill the real and imaginary sums of the even, then of the odd terms of each lane of a row."""
    parts, weights = spectra.parts, spectra.weights
    parts[:] = 0.0
    for m in range(0, TERMS, 4):
        re, im = spectra.row_sums[RE, row, m : m + 4], spectra.row_sums[IM, row, m : m + 4]
        re_0, re_1, re_2, re_3 = re[0], re[1], re[2], re[3]
        im_0, im_1, im_2, im_3 = im[0], im[1], im[2], im[3]
        for lane in range(LANES):
            at = m * LANES + lane
            even, odd = weights[at], weights[at + LANES]
            next_even, next_odd = weights[at + 2 * LANES], weights[at + 3 * LANES]
            parts[lane] += re_0 * even + re_2 * next_even
            parts[lane + LANES] += im_0 * even + im_2 * next_even
            parts[lane + 2 * LANES] += re_1 * odd + re_3 * next_odd
            parts[lane + 3 * LANES] += im_1 * odd + im_3 * next_odd


@inlined
def _add_row(spectra, row):
    """Add the frequencies of a row, those below its middle and those above."""
    parts, turns, found = spectra.parts, spectra.turns, spectra.second
    for lane in range(LANES):
        below = 2 * LANES * row + lane
        above = below + LANES
        cos, sin = turns[lane], turns[lane + LANES]
        even_re, even_im = parts[lane], parts[lane + LANES]
        odd_re, odd_im = parts[lane + 2 * LANES], parts[lane + 3 * LANES]
        up_re, up_im = even_re - odd_im, even_im + odd_re
        down_re, down_im = even_re + odd_im, even_im - odd_re
        found[above] += up_re * cos - up_im * sin
        found[above + PADDED] += up_re * sin + up_im * cos
        found[below] += down_re * cos + down_im * sin
        found[below + PADDED] += down_im * cos - down_re * sin


@inner
def _end_stretch(spectra, center):
    """Turn the sums of rows into those of frequencies, and begin anew."""
    _fill_turns(spectra.turns, center)
    for row in range(FREQUENCY_ROWS):
        _fill_parts(spectra, row)
        _add_row(spectra, row)
    spectra.row_sums[:] = 0.0


@inner
def add_second(spectra, clocks, n, sums):
    """Add the arrivals of a second, and the squares of their own sums, to those of a window.

    Args:
        spectra: what is being summed.
        clocks: (at least n,) int64 clocks, ns, which never run back.
        n: number of arrivals, above 0.
        sums: (3, PADDED), RE, IM and POWER.
    """
    spectra.second[:] = 0.0
    # a clock may run on beyond the second of its group
    first = 0
    while first < n:
        center = clocks[first] + _HALF_SECOND_NS
        last = first
        while last < n and clocks[last] - center <= _HALF_SECOND_NS:
            last += 1
        for i in range(first, last, 2):
            has_other = i + 1 < last
            other = clocks[i + 1] if has_other else center
            _add_pair(spectra, clocks[i], other, 1.0 if has_other else 0.0, center)
        _end_stretch(spectra, center)
        first = last
    re, im = spectra.second[:PADDED], spectra.second[PADDED:]
    sum_re, sum_im, power = sums[RE], sums[IM], sums[POWER]
    for i in range(re.shape[0]):
        sum_re[i] += re[i]
        sum_im[i] += im[i]
        power[i] += re[i] * re[i] + im[i] * im[i]


@inlined
def place_of(k):
    """Return where a frequency lies: in its row, from the middle down, then from the middle up."""
    row, place = divmod(k - FIRST_K, 2 * LANES)
    return row * 2 * LANES + (place if place >= LANES else LANES - 1 - place)
