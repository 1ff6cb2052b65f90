"""Finds the periods of windows from arrivals that come in portions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.kernels.patterns.kernel_state import LOOKBACK_S, Limits
from spymaster_engine.kernels.patterns.period_state import Arrivals, new_arrivals, new_spectra
from spymaster_engine.kernels.patterns.periodicity import fill_periods

# of each side: clocks, seconds and sizes of arrivals, (3, n) int64
ArrivalPortion = tuple[NDArray[np.int64], NDArray[np.int64]]


class PeriodFinder:
    """Keeps the arrivals of the last minute and their sums."""

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


def _extended(arrivals: Arrivals, fresh: ArrivalPortion) -> Arrivals:
    """Return arrivals with fresh ones behind them."""
    needed = max(int(n) + part.shape[1] for n, part in zip(arrivals.lengths, fresh, strict=True))
    target = arrivals
    if needed > arrivals.clock.shape[1]:
        target = new_arrivals(2 * needed)
    for side, part in enumerate(fresh):
        n, end = int(arrivals.lengths[side]), int(arrivals.lengths[side]) + part.shape[1]
        for name, values in zip(("clock", "second", "size"), part, strict=True):
            kept = getattr(arrivals, name)[side, :n]
            getattr(target, name)[side, :n] = kept
            getattr(target, name)[side, n:end] = values
        target.lengths[side] = end
    return target


def _drop_before(arrivals: Arrivals, second: int) -> None:
    for side, count in enumerate(arrivals.lengths):
        n = int(count)
        old = int(np.searchsorted(arrivals.second[side, :n], second))
        for values in (arrivals.clock, arrivals.second, arrivals.size):
            values[side, : n - old] = values[side, old:n].copy()
        arrivals.lengths[side] = n - old
