"""Smoothed break scores and the signals that follow, a machine per level and direction."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.engine_columns import SCORES, SIGNALS
from spymaster_engine.kernels.compiled import kernel

_BREAK, _REJECT, _CONTESTED, _NEUTRAL = range(len(SIGNALS))
_UNKNOWN = -1
# counters of a level: second and direction of the last score; for how many seconds the score has
# been above the limit of BREAK, and below that of REJECT; whether price touched the level meanwhile
_N_COUNTERS = 5
_SECOND, _DIRECTION, _ABOVE, _BELOW, _TOUCHED = range(_N_COUNTERS)

State = tuple[NDArray[np.int64], NDArray[np.float64]]


def unknown_levels(n_levels: int) -> State:
    """Return the state before the first score of levels."""
    counters = np.zeros((n_levels, _N_COUNTERS), np.int64)
    # two seconds before any other, so that none follows it
    counters[:, _SECOND] = np.iinfo(np.int64).min
    return counters, np.full(n_levels, np.nan)


def signal_states(
    state: State,
    scores: dict[str, NDArray],
    *,
    tau_s: float,
    hold_s: int,
    break_min: float,
    reject_max: float,
    contested: tuple[float, float],
) -> tuple[State, NDArray[np.float64], NDArray[np.int64]]:
    """Return smoothed scores and signals.

    A score is smoothed with ``alpha = 1 - exp(-1 / tau_s)`` [EWMA] and begins anew after a second
    without score and when the direction changes. A day in one call and the same day second by
    second give the same results.

    Args:
        state: What the call before returned, or ``unknown_levels(n)``; not changed.
        scores: (n_rows,) each, by the names of ``SCORES``, by rising second per level:
            ``level_no`` counts the levels of the state; ``direction`` tells two directions apart;
            ``is_touched`` whether price is at the level; ``can_contest`` whether a score between
            the limits would be CONTESTED; ``score_raw`` float64, nan where unknown.
        tau_s: Time constant of the smoothed score, seconds.
        hold_s: Seconds that a score must hold for BREAK and REJECT.
        break_min: A score above it breaks.
        reject_max: A score below it rejects, if price has touched the level since it fell below.
        contested: Lowest and highest score of CONTESTED.

    Returns:
        The state for the next call; (n_rows,) float64 smoothed scores, nan where unknown; (n_rows,)
        int64, places in ``SIGNALS``, -1 where unknown.
    """
    counters, smoothed = state[0].copy(), state[1].copy()
    n_rows = len(scores["score_raw"])
    score, signal = np.empty(n_rows), np.empty(n_rows, np.int64)
    _run(
        *(np.asarray(scores[name], np.int64) for name in SCORES[:-1]),
        np.asarray(scores[SCORES[-1]], np.float64),
        *(-math.expm1(-1 / tau_s), hold_s, float(break_min), float(reject_max)),
        *(float(contested[0]), float(contested[1]), counters, smoothed, score, signal),
    )
    return (counters, smoothed), score, signal


@kernel
def _run(
    second_s,
    level_no,
    direction,
    is_touched,
    can_contest,
    score_raw,
    alpha,
    hold_s,
    break_min,
    reject_max,
    contested_low,
    contested_high,
    counters,
    smoothed,
    score,
    signal,
):
    """Fill ``score`` and ``signal``, and change the state, ``counters`` and ``smoothed``."""
    for row in range(second_s.shape[0]):
        level = level_no[row]
        counter = counters[level]
        raw = score_raw[row]
        if np.isnan(raw):
            score[row], signal[row] = raw, _UNKNOWN
            continue
        if counter[_SECOND] != second_s[row] - 1 or counter[_DIRECTION] != direction[row]:
            counter[_ABOVE] = counter[_BELOW] = counter[_TOUCHED] = 0
            now = raw
        else:
            now = alpha * raw + (1 - alpha) * smoothed[level]
        smoothed[level] = now
        counter[_SECOND], counter[_DIRECTION] = second_s[row], direction[row]
        counter[_ABOVE] = counter[_ABOVE] + 1 if now > break_min else 0
        counter[_BELOW] = counter[_BELOW] + 1 if now < reject_max else 0
        counter[_TOUCHED] = now < reject_max and (counter[_TOUCHED] or is_touched[row])
        score[row] = now
        if counter[_ABOVE] > hold_s:
            signal[row] = _BREAK
        elif counter[_BELOW] > hold_s and counter[_TOUCHED]:
            signal[row] = _REJECT
        elif can_contest[row] and contested_low <= now <= contested_high:
            signal[row] = _CONTESTED
        else:
            signal[row] = _NEUTRAL
