"""Odds of a random walk between two barriers: the rival that knows only the distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SMALLEST_TERM = 1e-12
# no class is impossible for a market that is no random walk
FLOOR = 0.01
# beyond this many standard deviations of a step no barrier is reached; the series would need
# thousands of terms
_STILL = 1e-4


def first_passage(
    x_ticks: Floats, barrier_ticks: Floats, horizon_s: Floats, sigma_1s_ticks: Floats
) -> Floats:
    """Return the chances of BREAK, REJECT and CHOP of a driftless Brownian motion.

    It starts at x between barriers at -B and +B and ends at the first barrier or at the horizon.
    With a = x + B and the heat kernel on an interval of length 2B (Cox and Miller 1965, 5.7):

        P(BREAK)  = a/(2B) + sum (2/(n pi)) (-1)^n sin(n pi a/(2B)) exp(-n^2 pi^2 s^2 H/(8 B^2))
        P(REJECT) = 1 - a/(2B) - sum (2/(n pi)) sin(n pi a/(2B)) exp(-n^2 pi^2 s^2 H/(8 B^2))

    Args:
        x_ticks: (n,), start in the approach sense, inside the barriers.
        barrier_ticks: (n,), B.
        horizon_s: (n,), H.
        sigma_1s_ticks: (n,), standard deviation of a second's change; NaN or 0: CHOP.

    Returns:
        (n, 3), every class at least FLOOR before the rows are made to sum to 1.
    """
    share = (x_ticks + barrier_ticks) / (2.0 * barrier_ticks)
    spread = np.square(np.nan_to_num(sigma_1s_ticks)) * horizon_s / np.square(barrier_ticks)
    spread = np.where(spread > _STILL, spread, np.nan)
    through, back = share.copy(), 1.0 - share
    decay = np.pi**2 * spread / 8.0
    n = 1
    while True:
        scale = 2.0 / (n * np.pi) * np.exp(-(n**2) * decay)
        if not np.any(scale > _SMALLEST_TERM):
            break
        term = scale * np.sin(n * np.pi * share)
        through += (-1.0) ** n * term
        back -= term
        n += 1
    still = np.isnan(spread)
    through, back = (np.where(still, 0.0, np.clip(part, 0.0, 1.0)) for part in (through, back))
    chances = np.stack([through, back, np.clip(1.0 - through - back, 0.0, 1.0)], axis=1)
    chances = np.maximum(chances, FLOOR)
    return chances / chances.sum(axis=1, keepdims=True)
