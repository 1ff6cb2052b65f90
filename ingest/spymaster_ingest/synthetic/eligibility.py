"""Which decisions have a label: the mid approaches a primary level and is inside the barriers."""

from __future__ import annotations

import math

from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.levels import BARRIER_TICKS
from spymaster_ingest.synthetic.market_arrays import LEVEL_IDS, NONE

# An approach moves the mid over this time, and not back over the pause at its end.
APPROACH_OVER_S, APPROACH_PAUSE_S = 60, 15
_LEAST_MOVE_TICKS = 3
# The least move is half a standard deviation of a minute's change, derived from single seconds.
_SIGMA_OVER_S, _SIGMA_LEAST_S = 300, 120
_N_LEVELS = len(LEVEL_IDS)


@kernel
def _half_variance(st):
    """Return the variance of the mid's changes from second to second, in half ticks.

    As numerator and denominator, which are integers; the denominator is 0 where too few changes
    are known.
    """
    count, total, squares = 0, 0, 0
    now = st.scalars[0].second
    for second in range(max(now - _SIGMA_OVER_S + 1, 1), now + 1):
        if st.mids[second] != NONE and st.mids[second - 1] != NONE:
            change = st.mids[second] - st.mids[second - 1]
            count += 1
            total += change
            squares += change * change
    if count < _SIGMA_LEAST_S:
        return 0, 0
    return count * squares - total * total, count * (count - 1)


@kernel
def least_move(st):
    """Return the least move of the mid that makes an approach, in ticks."""
    numerator, denominator = _half_variance(st)
    if denominator == 0:
        return float(_LEAST_MOVE_TICKS)
    # The root of IEEE 754 is exact to the last bit.
    move = 0.25 * math.sqrt(APPROACH_OVER_S * numerator / denominator)
    return max(float(_LEAST_MOVE_TICKS), move)


@kernel
def is_eligible(st):
    """Return whether the approached level has a label at the start of this second."""
    row = st.approach[0]
    return -BARRIER_TICKS < row.x0_ticks < 0 and _is_approach(st) and is_primary(st)


@kernel
def _is_approach(st):
    """Return whether the mid moves towards the level; compares integers."""
    second, direction = st.scalars[0].second, st.approach[0].direction
    now = st.mids[second]
    before, pause = st.mids[second - APPROACH_OVER_S], st.mids[second - APPROACH_PAUSE_S]
    if now == NONE or before == NONE or pause == NONE:
        return False
    move = direction * (now - before)
    if move < 2 * _LEAST_MOVE_TICKS or direction * (now - pause) < 0:
        return False
    numerator, denominator = _half_variance(st)
    return 4 * move * move * denominator >= APPROACH_OVER_S * numerator


@kernel
def is_primary(st):
    """Return whether the approached level is first in its stack; the others have no label.

    A stack holds levels within a tick of one another. It can form during an approach, when
    averages move or the opening range ends.
    """
    own = st.approach[0].level
    low = high = st.named[own].tick
    # Every pass but the last adds a level.
    for _ in range(_N_LEVELS):
        for i in range(_N_LEVELS):
            if st.named[i].is_active and low - 1 <= st.named[i].tick <= high + 1:
                if i < own:
                    return False
                low, high = min(low, st.named[i].tick), max(high, st.named[i].tick)
    return True
