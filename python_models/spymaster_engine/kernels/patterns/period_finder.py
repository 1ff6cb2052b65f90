"""Finds the periods of windows from arrivals that come in portions."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.kernels.patterns.kernel_state import LOOKBACK_S, Limits
from spymaster_engine.kernels.patterns.period_state import Arrivals, new_arrivals, new_spectra
from spymaster_engine.kernels.patterns.periodicity import fill_periods

# of each side: clocks, seconds and sizes of arrivals, (3, n) int64
ArrivalPortion = tuple[NDArray[np.int64], NDArray[np.int64]]

# columns of arrivals by side
_COLUMNS = ("clock", "second", "size", "tally_size", "tally_count")


class PeriodFinder:
    """Keeps the arrivals of the last minute and their sums."""

    SAVED: ClassVar = ("_spectra", "_kept")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._spectra = new_spectra(limits.most_sizes)
        self._arrivals = new_arrivals(0)

    def fill(self, arrivals: ArrivalPortion, rows: np.ndarray) -> None:
        """Fill the periods of rows.

        Args:
            arrivals: those after the portion before, up to the end of the last row at least.
            rows: ROW, windows after those of the portion before.
        """
        self._arrivals = _extended(self._arrivals, arrivals)
        if len(rows):
            fill_periods(self._arrivals, self._spectra, self._limits, rows)
            _drop_before(self._arrivals, int(rows[-1]["window_end_s"]) - LOOKBACK_S)

    @property
    def _kept(self) -> Arrivals:
        """The arrivals, without room for more."""
        return _resized(self._arrivals, int(self._arrivals.lengths.max()))

    @_kept.setter
    def _kept(self, kept: Arrivals) -> None:
        self._arrivals = kept


def _extended(arrivals: Arrivals, fresh: ArrivalPortion) -> Arrivals:
    """Return arrivals with fresh ones behind them."""
    needed = max(int(n) + part.shape[1] for n, part in zip(arrivals.lengths, fresh, strict=True))
    if needed > arrivals.clock.shape[1]:
        arrivals = _resized(arrivals, 2 * needed)
    for side, part in enumerate(fresh):
        n, end = int(arrivals.lengths[side]), int(arrivals.lengths[side]) + part.shape[1]
        columns = (arrivals.clock, arrivals.second, arrivals.size)
        for column, values in zip(columns, part, strict=True):
            column[side, n:end] = values
        arrivals.lengths[side] = end
    return arrivals


def _resized(arrivals: Arrivals, length: int) -> Arrivals:
    """Return the same arrivals with room for so many; nothing waits in the hash table."""
    other = new_arrivals(length)
    for name in (*_COLUMNS, "lengths", "n_tallied"):
        old = getattr(arrivals, name)
        kept = min(old.shape[-1], getattr(other, name).shape[-1])
        getattr(other, name)[..., :kept] = old[..., :kept]
    return other


def _drop_before(arrivals: Arrivals, second: int) -> None:
    """Drop the arrivals before a second, the start of a window."""
    for side, count in enumerate(arrivals.lengths):
        n = int(count)
        old = int(np.searchsorted(arrivals.second[side, :n], second))
        for name in _COLUMNS:
            column = getattr(arrivals, name)[side]
            column[: n - old] = column[old:n]
        arrivals.lengths[side] = n - old
        arrivals.n_tallied[side] = max(0, int(arrivals.n_tallied[side]) - old)
