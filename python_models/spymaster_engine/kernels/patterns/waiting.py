"""Entries that wait for an order of their size near their price, newest first."""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.compiled import inlined
from spymaster_engine.kernels.patterns.kernel_state import BUCKETS


@inlined
def _bucket(side, size):
    return (size * 2 + side) & (BUCKETS - 1)


@inlined
def wait(waiting, clock, side, size, tick, direction):
    """Let an entry wait."""
    number = waiting.issued[0]
    place = number & (waiting.clock.shape[0] - 1)
    bucket = _bucket(side, size)
    waiting.before[place] = waiting.heads[bucket]
    waiting.heads[bucket] = number
    waiting.clock[place] = clock
    waiting.side[place] = side
    waiting.size[place] = size
    waiting.tick[place] = tick
    waiting.direction[place] = direction
    waiting.is_taken[place] = 0
    waiting.issued[0] = number + 1


@inlined
def take(waiting, clock, side, size, tick, reach, within_ns):
    """Take the newest entry that fits an order; return its place, or -1.

    It has the order's side and size, lies at most ``reach`` ticks away, and is at most
    ``within_ns`` old.
    """
    length = waiting.clock.shape[0]
    number = waiting.heads[_bucket(side, size)]
    while number >= 0 and number >= waiting.issued[0] - length:
        place = number & (length - 1)
        if clock - waiting.clock[place] > within_ns:
            break
        if (
            waiting.is_taken[place] == 0
            and waiting.side[place] == side
            and waiting.size[place] == size
            and abs(waiting.tick[place] - tick) <= reach
        ):
            waiting.is_taken[place] = 1
            return place
        number = waiting.before[place]
    return np.int64(-1)


@inlined
def forget(waiting):
    """Let nothing wait any more."""
    waiting.heads[:] = -1
