"""How the mid moves toward a level: the derivatives of a cubic fitted to its path.

The path is p = (mid - level) in ticks, in the direction of the event, over time in minutes; the
event is at 0. Seconds without a mid are left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.engine_columns import DERIVATIVES

Columns = dict[str, NDArray[np.int64]]
Floats = NDArray[np.float64]

_MINUTE_S = 60
_HALF_TICKS = 2
_DEGREE = 3


def path_derivatives(
    mids: Columns, paths: Columns, *, valid_share_min: float, lag_s: int
) -> dict[str, Floats]:
    """Return derivatives of the path at its end, and the trend of its velocity.

    Args:
        mids: (n_seconds,) int64 each, by the names of ``MIDS``: ``end_s``, rising, of seconds that
            have a mid, and the mid in half ticks.
        paths: (n_paths,) int64 each, by the names of ``PATHS``: ``end_s`` of the last second,
            ``window_min`` minutes back from it, the level in half ticks, and ``direction_sign``, 1
            or -1, of the direction in which the level breaks.
        valid_share_min: Least share of seconds of the window that must be known.
        lag_s: Time over which the trend takes a velocity, s.

    Returns:
        (n_paths,) float64 each, by the names of ``DERIVATIVES``: velocity in ticks per minute,
        acceleration per minute squared and jerk per minute cubed of the least-squares cubic, and
        the least-squares slope of the velocity over ``lag_s``, ticks per minute squared; nan where
        too few seconds are known.
    """
    found = np.full((len(paths["end_s"]), len(DERIVATIVES)), np.nan)
    for row, (end_s, minutes, level, sign) in enumerate(zip(*paths.values(), strict=True)):
        second_s = np.arange(end_s - minutes * _MINUTE_S + 1, end_s + 1)
        minute = (second_s - end_s) / _MINUTE_S
        place = sign * (_mid_at(mids, second_s) - level) / _HALF_TICKS
        before = sign * (_mid_at(mids, second_s - lag_s) - level) / _HALF_TICKS
        velocity = (place - before) * _MINUTE_S / lag_s
        known = ~np.isnan(place)
        if _is_enough(known, valid_share_min):
            found[row, :_DEGREE] = cubic_derivatives(minute[known], place[known])
        known = ~np.isnan(velocity)
        if _is_enough(known, valid_share_min):
            found[row, _DEGREE] = _slope(minute[known], velocity[known])
    return {name: found[:, column] for column, name in enumerate(DERIVATIVES)}


def cubic_derivatives(x: Floats, y: Floats) -> Floats:
    """Return the first three derivatives at x = 0 of the least-squares cubic through points.

    The cubic is a sum of polynomials that are orthogonal over the points [Forsythe], so that no
    ill-conditioned system is solved.

    Args:
        x: (n,) float64, at least four different values.
        y: (n,) float64.
    """
    orders = np.arange(_DEGREE + 1)
    basis, earlier = np.ones_like(x), np.zeros_like(x)
    # value and derivatives of a polynomial at 0
    at_zero, earlier_at_zero = np.eye(_DEGREE + 1)[0], np.zeros(_DEGREE + 1)
    squares, earlier_squares = np.sum(basis * basis), np.inf
    found = at_zero * np.sum(y) / squares
    for _ in range(_DEGREE):
        centre = np.sum(x * basis * basis) / squares
        share = squares / earlier_squares
        basis, earlier = (x - centre) * basis - share * earlier, basis
        lower = np.concatenate([[0], at_zero[:-1]])
        at_zero, earlier_at_zero = (
            orders * lower - centre * at_zero - share * earlier_at_zero,
            at_zero,
        )
        squares, earlier_squares = np.sum(basis * basis), squares
        found = found + at_zero * np.sum(y * basis) / squares
    return found[1:]


def _is_enough(known: NDArray[np.bool_], valid_share_min: float) -> bool:
    """Return whether a cubic has enough points, and its window enough known seconds."""
    return known.sum() > _DEGREE and known.mean() >= valid_share_min


def _mid_at(mids: Columns, second_s: NDArray[np.int64]) -> Floats:
    """Return the mid of consecutive seconds in half ticks, nan where one has none."""
    found = np.full(len(second_s), np.nan)
    first, after = np.searchsorted(mids["end_s"], [second_s[0], second_s[-1] + 1])
    found[mids["end_s"][first:after] - second_s[0]] = mids["mid_half_ticks"][first:after]
    return found


def _slope(x: Floats, y: Floats) -> float:
    """Return the least-squares slope of y on x, which has different values."""
    centred = x - np.mean(x)
    return np.sum(centred * y) / np.sum(centred * centred)
