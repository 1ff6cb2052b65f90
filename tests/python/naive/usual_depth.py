"""Plain usual depth ahead of spot: one second, side and rung at a time."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean, median

# of a second: its spot in ticks, whether it is valid, and depth by (side, tick)
Second = tuple[int, bool, Mapping[tuple[int, int], int]]


def plain_usual_depth(
    seconds: Mapping[int, Second],
    now: int,
    side: int,
    left_out: range,
    *,
    ahead_ticks: int,
    lookback_s: int,
    min_known_s: int,
    reach_ticks: int,
) -> float | None:
    """Return the median over the prices ahead of spot; None without any mean.

    Args:
        seconds: by their number.
        now: the second.
        side: 0 for asks, 1 for bids.
        left_out: prices of a rung, as distances from spot in the direction of the side.
        ahead_ticks: number of prices used.
        lookback_s: seconds of a mean, ``now`` included.
        min_known_s: fewest known seconds of a mean.
        reach_ticks: distance from spot up to which a second's depth is known.
    """
    spot = seconds[now][0]
    means = []
    for distance in range(1, ahead_ticks + 1):
        price = spot + distance if side == 0 else spot - distance
        depths = [
            depth.get((side, price), 0)
            for second, (spot_then, is_valid, depth) in seconds.items()
            if now - lookback_s < second <= now
            and is_valid
            and abs(price - spot_then) <= reach_ticks
        ]
        if distance not in left_out and len(depths) >= min_known_s:
            means.append(fmean(depths))
    return median(means) if means else None
