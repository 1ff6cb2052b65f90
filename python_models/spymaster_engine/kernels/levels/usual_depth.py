"""Usual depth ahead of spot: the median over prices of each price's mean depth in the lookback.

A rung is a run of prices. A wall would raise the median that it is compared with, so the median for
a rung leaves out its prices. There is a median for every place at which a rung can begin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.kernels.compiled import kernel
from spymaster_engine.level_book_columns import SIDES, USUAL_CELLS, USUAL_SECONDS

# the median that leaves nothing out comes first, then those of rungs by their distance from spot
EVERY_PRICE = 0


def usual_depth(
    seconds: dict[str, NDArray[np.integer]],
    cells: dict[str, NDArray[np.integer]],
    *,
    ahead_ticks: int,
    rung_ticks: int,
    lookback_s: int,
    min_known_s: int,
    reach_ticks: int,
) -> NDArray[np.float64]:
    """Return the usual depth per price of each second and side, contracts.

    Args:
        seconds: (n_seconds,) int64 each, by the names of ``USUAL_SECONDS``, in order of time.
        cells: (n_cells,) int64 each, by the names of ``USUAL_CELLS``, in any order: a side's
            depth at a price at the end of a second. What has no cell within reach has no depth.
        ahead_ticks: Number of prices, from the one next to spot on.
        rung_ticks: Prices of a rung.
        lookback_s: Seconds of a mean, up to and with the second of the result.
        min_known_s: Known seconds without which a price has no mean.
        reach_ticks: Distance from spot up to which a second's depth is known.

    Returns:
        (n_seconds, 2, 1 + rung_ticks + ahead_ticks - 1) float64, by the order of ``SIDES``, nan
        where no price has a mean: the median of all prices, then that without the rung whose
        nearest price lies 2 - rung_ticks, 3 - rung_ticks ... ahead_ticks from spot.
    """
    second_s, spot_tick, is_valid = (np.asarray(seconds[name], np.int64) for name in USUAL_SECONDS)
    found = np.full((len(second_s), len(SIDES), rung_ticks + ahead_ticks), np.nan)
    if not len(second_s):
        return found
    low, high = spot_tick.min() - ahead_ticks, spot_tick.max() + ahead_ticks
    cell_s, side_no, tick, depth = (np.asarray(cells[name], np.int64) for name in USUAL_CELLS)
    kept = (tick >= low) & (tick <= high)
    order = np.argsort(cell_s[kept], kind="stable")
    cell_s, side_no, tick, depth = (part[kept][order] for part in (cell_s, side_no, tick, depth))
    width = int(high - low) + 1
    _medians(
        *(second_s, spot_tick - low, is_valid, np.searchsorted(cell_s, second_s)),
        *(np.searchsorted(cell_s, second_s, "right"), side_no, tick - low, depth),
        *(ahead_ticks, rung_ticks, lookback_s, min_known_s, reach_ticks),
        *(np.zeros((len(SIDES), width), np.int64), np.zeros(width, np.int64)),
        *(np.empty(ahead_ticks), np.empty(ahead_ticks, np.int64), found),
    )
    return found


@kernel
def _medians(
    second_s,
    spot,
    is_valid,
    first_cell,
    end_cell,
    side_no,
    tick,
    depth,
    ahead_ticks,
    rung_ticks,
    lookback_s,
    min_known_s,
    reach_ticks,
    sums,
    known_s,
    means,
    order,
    found,
):
    """Walk along the seconds: add each to the sums and subtract those that are too old.

    ``sums`` is depth by side and price over the seconds of the lookback, ``known_s`` how many of
    them know the price; ``means`` and ``order`` are scratch.
    """
    oldest = 0
    for now in range(second_s.shape[0]):
        _count(now, 1, spot, is_valid, first_cell, end_cell, side_no, tick, depth, reach_ticks,
               sums, known_s)  # fmt: skip
        while second_s[oldest] <= second_s[now] - lookback_s:
            _count(oldest, -1, spot, is_valid, first_cell, end_cell, side_no, tick, depth,
                   reach_ticks, sums, known_s)  # fmt: skip
            oldest += 1
        for side in range(2):
            n_known = 0
            for distance in range(1, ahead_ticks + 1):
                price = spot[now] + (distance if side == 0 else -distance)
                means[distance - 1] = np.nan
                if known_s[price] >= min_known_s:
                    means[distance - 1] = sums[side, price] / known_s[price]
                    n_known = _insert(order, n_known, means, distance - 1)
            found[now, side, EVERY_PRICE] = _median_without(means, order, n_known, 0, 0)
            for place in range(1, found.shape[2]):
                first = place - rung_ticks
                found[now, side, place] = _median_without(
                    means, order, n_known, first, first + rung_ticks
                )


@kernel
def _count(
    second, sign, spot, is_valid, first_cell, end_cell, side_no, tick, depth, reach_ticks, sums,
    known_s,
):  # fmt: skip
    """Add a second to the sums, or subtract it again."""
    if not is_valid[second]:
        return
    for price in range(
        max(spot[second] - reach_ticks, 0), min(spot[second] + reach_ticks + 1, known_s.shape[0])
    ):
        known_s[price] += sign
    for cell in range(first_cell[second], end_cell[second]):
        sums[side_no[cell], tick[cell]] += sign * depth[cell]


@kernel
def _insert(order, n_known, means, place):
    """Insert a place into those in the order of their means; return how many there are now."""
    at = n_known
    while at > 0 and means[order[at - 1]] > means[place]:
        order[at] = order[at - 1]
        at -= 1
    order[at] = place
    return n_known + 1


@kernel
def _median_without(means, order, n_known, first, end):
    """Return the median of the means without the places from ``first`` up to ``end``."""
    left = n_known
    for place in range(max(first, 0), min(end, means.shape[0])):
        if not np.isnan(means[place]):
            left -= 1
    if left == 0:
        return np.nan
    rank = 0
    lower = 0.0
    for i in range(n_known):
        place = order[i]
        if first <= place < end:
            continue
        if rank == (left - 1) // 2:
            lower = means[place]
        if rank == left // 2:
            return (lower + means[place]) / 2
        rank += 1
    return np.nan
