"""Arrays in which the strongest periods are found. Index 0 of an axis of sides is the ask."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import jv

from spymaster_engine.kernels.book.kernel_state import NULL
from spymaster_engine.kernels.patterns.kernel_state import LOOKBACK_S, WINDOW_S

WINDOWS_BACK = LOOKBACK_S // WINDOW_S

# frequencies k / 60 Hz, from one in five seconds to twenty a second
FIRST_K, LAST_K = 12, 1_200
FREQUENCIES = LAST_K - FIRST_K + 1
# frequencies come in rows, each of LANES pairs about its middle
LANES = 32
FREQUENCY_ROWS = -(-FREQUENCIES // (2 * LANES))
PADDED = FREQUENCY_ROWS * 2 * LANES
# polynomials that give the frequencies of a row to the last digit; a multiple of 4
TERMS = 16

# parts of the sums of a size
RE, IM, POWER = range(3)

# sizes of a side whose sums over earlier windows are kept
SLOTS = 12


class Arrivals(NamedTuple):
    """Arriving orders of the last minute and after it, in file order.

    ``clock``, ``second`` and ``size`` (2, n) by side, the first ``lengths`` (2,) of them in use.
    ``tally_size`` and ``tally_count`` (2, n): from a window's first arrival on, its sizes and how
    often each arrived, ended by a count of 0 or by the window; up to ``n_tallied`` (2,).
    ``clocks`` (n,) is for those of a size within a second. ``table_*`` is a hash table with at
    least ``2 n`` entries, ``distinct`` (n,) the places of its entries, ``stamp`` (1,) the last one
    used.
    """

    clock: np.ndarray
    second: np.ndarray
    size: np.ndarray
    lengths: np.ndarray
    tally_size: np.ndarray
    tally_count: np.ndarray
    n_tallied: np.ndarray
    clocks: np.ndarray
    table_key: np.ndarray
    table_tick: np.ndarray
    table_count: np.ndarray
    table_stamp: np.ndarray
    distinct: np.ndarray
    stamp: np.ndarray


class Spectra(NamedTuple):
    """Sums over the last windows for the sizes in use.

    ``windows`` (2, SLOTS, WINDOWS_BACK, 3, PADDED) by side, slot, window and frequency: RE and IM,
    sums of exp(2 pi i f t) over arrivals, and POWER, sums of the squares of those of each second;
    ``minute`` (2, SLOTS, 3, PADDED) their sums over the windows. ``size`` and ``window``
    (2, SLOTS): which size, and the window after the last one summed; ``is_filled``
    (2, SLOTS, WINDOWS_BACK): which windows have arrivals. ``row_sums`` (2, FREQUENCY_ROWS, TERMS),
    ``polynomials`` (2, TERMS), ``parts`` (4 LANES,), ``turns`` (2 LANES,) and ``second``
    (2 PADDED,) are for the second that is being summed, ``weights`` (TERMS LANES,) those of the
    polynomials, without powers of i; they are flat, which lets the compiler see that they do not
    overlap. ``coherence`` (PADDED) is that of a size; ``chosen`` (2, n)
    the sizes that are compared, and their arrivals.
    """

    size: np.ndarray
    window: np.ndarray
    windows: np.ndarray
    minute: np.ndarray
    is_filled: np.ndarray
    row_sums: np.ndarray
    polynomials: np.ndarray
    parts: np.ndarray
    turns: np.ndarray
    second: np.ndarray
    weights: np.ndarray
    coherence: np.ndarray
    chosen: np.ndarray


def new_arrivals(length: int) -> Arrivals:
    """Return room for a number of arrivals of each side."""
    entries = 1 << (4 * max(length, 1) - 1).bit_length()
    return Arrivals(
        clock=np.zeros((2, length), np.int64),
        second=np.zeros((2, length), np.int64),
        size=np.zeros((2, length), np.int64),
        lengths=np.zeros(2, np.int64),
        tally_size=np.zeros((2, length), np.int64),
        tally_count=np.zeros((2, length), np.int64),
        n_tallied=np.zeros(2, np.int64),
        clocks=np.zeros(length, np.int64),
        table_key=np.zeros(entries, np.int64),
        table_tick=np.zeros(entries, np.int64),
        table_count=np.zeros(entries, np.int64),
        table_stamp=np.zeros(entries, np.int64),
        distinct=np.zeros(length, np.int64),
        stamp=np.zeros(1, np.int64),
    )


def _weights() -> np.ndarray:
    """Return the weights of the polynomials in exp(i z x), z = pi d, for the lanes of a row."""
    distance = (np.arange(LANES) + 0.5) / LOOKBACK_S
    terms = np.arange(TERMS)[:, None]
    sign = np.where(terms // 2 % 2 == 0, 1.0, -1.0)
    return np.where(terms == 0, 1.0, 2.0) * sign * jv(terms, np.pi * distance)


def new_spectra(most_sizes: int) -> Spectra:
    """Return sums without arrivals, for a number of sizes that are compared."""
    slots = max(SLOTS, 2 * most_sizes)
    return Spectra(
        size=np.full((2, slots), -1, np.int64),
        window=np.full((2, slots), NULL, np.int64),
        windows=np.zeros((2, slots, WINDOWS_BACK, 3, PADDED)),
        minute=np.zeros((2, slots, 3, PADDED)),
        is_filled=np.zeros((2, slots, WINDOWS_BACK), np.int64),
        row_sums=np.zeros((2, FREQUENCY_ROWS, TERMS)),
        polynomials=np.zeros((2, TERMS)),
        parts=np.zeros(4 * LANES),
        turns=np.zeros(2 * LANES),
        second=np.zeros(2 * PADDED),
        weights=_weights().ravel(),
        coherence=np.zeros(PADDED),
        chosen=np.zeros((2, most_sizes), np.int64),
    )
