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
    entry = waiting.entries[number & (waiting.entries.shape[0] - 1)]
    bucket = _bucket(side, size)
    entry.before = waiting.heads[bucket]
    waiting.heads[bucket] = number
    entry.clock = clock
    entry.side = side
    entry.size = size
    entry.tick = tick
    entry.direction = direction
    entry.is_taken = 0
    waiting.issued[0] = number + 1


@inlined
def take(waiting, clock, side, size, tick, reach, within_ns):
    """Take the newest entry that fits an order; return its place, or -1.

    It has the order's side and size, lies at most ``reach`` ticks away, and is at most
    ``within_ns`` old.
    """
    length = waiting.entries.shape[0]
    number = waiting.heads[_bucket(side, size)]
    while number >= 0 and number >= waiting.issued[0] - length:
        place = number & (length - 1)
        entry = waiting.entries[place]
        if clock - entry.clock > within_ns:
            break
        if (
            entry.is_taken == 0
            and entry.side == side
            and entry.size == size
            and abs(entry.tick - tick) <= reach
        ):
            entry.is_taken = 1
            return place
        number = entry.before
    return np.int64(-1)


@inlined
def forget(waiting):
    """Let nothing wait any more."""
    waiting.heads[:] = -1
