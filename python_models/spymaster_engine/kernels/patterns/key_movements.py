"""Key movements: large moves of the mid within seconds, found one after the other.

From each second the scan looks ahead. A move up counts when the mid rises by the second's threshold
before it falls by a part of it, and down likewise. The scan goes on where the move has ended, so
that movements do not overlap: which second it looks at next depends on all before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.kernels.compiled import kernel
from spymaster_engine.movement_columns import MOVEMENTS, SECONDS

_UP, _DOWN = 1, -1


def key_movements(
    seconds: dict[str, NDArray[np.generic]], within_s: int, against_divisor: float
) -> dict[str, NDArray[np.int64]]:
    """Return the key movements of a contract-day in order of time.

    Args:
        seconds: (n,) each, by the names of ``SECONDS``, by rising second: ``second_s`` int64,
            ``mid_half_ticks`` int64, ``threshold_ticks`` float64, the least move of a movement
            found at the second, nan where unknown. A missing second ends what the scan looks at.
        within_s: Seconds from the scanned second within which the move must be made.
        against_divisor: The move fails once the mid goes threshold / divisor the other way.

    Returns:
        (m,) int64 each, by the names of ``MOVEMENTS``; see there.
    """
    second_s, mid, threshold = (
        np.ascontiguousarray(seconds[name], kind)
        for name, kind in zip(SECONDS, (np.int64, np.int64, np.float64), strict=True)
    )
    # a movement ends at a later second than it starts, where the next may start
    found = np.empty((len(MOVEMENTS), max(len(second_s) - 1, 0)), np.int64)
    n_found = _scan(second_s, mid, threshold, within_s, against_divisor, found)
    return dict(zip(MOVEMENTS, found[:, :n_found], strict=True))


@kernel
def _scan(second_s, mid, threshold, within_s, against_divisor, found):
    """Write the movements into ``found`` (5, n) and return their number."""
    n_found = 0
    scanned = 0
    looked_until_s = second_s[0] if second_s.shape[0] else 0
    while scanned < second_s.shape[0]:
        direction, last, seen_s = _look_ahead(
            second_s, mid, threshold, within_s, against_divisor, scanned
        )
        looked_until_s = max(looked_until_s, seen_s)
        if direction == 0:
            scanned += 1
            continue
        start = scanned
        for second in range(scanned + 1, last + 1):
            # later of equals
            if direction * (mid[second] - mid[start]) <= 0:
                start = second
        found[0, n_found] = second_s[scanned]
        found[1, n_found] = second_s[start]
        found[2, n_found] = second_s[last]
        found[3, n_found] = looked_until_s
        found[4, n_found] = direction
        n_found += 1
        scanned = last
    return n_found


@kernel
def _look_ahead(second_s, mid, threshold, within_s, against_divisor, scanned):
    """Return what is reached first from a second: 1 up, -1 down, 0 nothing.

    Also returns the place of the last second in the path, and the last second looked at: one more
    where the path ends because that second is missing.
    """
    least = threshold[scanned]
    if np.isnan(least):
        return 0, scanned, second_s[scanned]
    against = least / against_divisor
    may_rise = may_fall = True
    last = scanned
    while (may_rise or may_fall) and second_s[last] < second_s[scanned] + within_s:
        following_s = second_s[last] + 1
        if last + 1 == second_s.shape[0] or second_s[last + 1] != following_s:
            return 0, last, following_s
        last += 1
        moved = (mid[last] - mid[scanned]) / 2
        if may_rise and moved >= least:
            return _UP, last, following_s
        if may_fall and -moved >= least:
            return _DOWN, last, following_s
        may_rise = may_rise and moved > -against
        may_fall = may_fall and moved < against
    return 0, last, second_s[last]
