"""Hash tables that count; entries of an older stamp are free."""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.compiled import inlined

_KEY_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_TICK_MULTIPLIER = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT = np.uint64(32)


@inlined
def mask_for(table, entries):
    """Return the mask of the smallest table that is at most half full."""
    length = np.int64(2)
    while length < 2 * entries:
        length *= 2
    return min(length, table.shape[0]) - 1


@inlined
def find(lists, stamp, mask, key, tick):
    """Return the place of a pair, or of the free entry where it belongs."""
    mixed = np.uint64(key) * _KEY_MULTIPLIER ^ np.uint64(tick) * _TICK_MULTIPLIER
    place = np.int64((mixed ^ (mixed >> _SHIFT)) & np.uint64(mask))
    while lists.table_stamp[place] == stamp and (
        lists.table_key[place] != key or lists.table_tick[place] != tick
    ):
        place = (place + 1) & mask
    return place


@inlined
def count_one(lists, stamp, mask, key, tick):
    """Count a pair; return its place and whether it is a new one."""
    place = find(lists, stamp, mask, key, tick)
    if lists.table_stamp[place] == stamp:
        lists.table_count[place] += 1
        return place, False
    lists.table_stamp[place] = stamp
    lists.table_key[place] = key
    lists.table_tick[place] = tick
    lists.table_count[place] = 1
    return place, True
