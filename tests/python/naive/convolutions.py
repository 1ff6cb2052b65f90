"""Convolutional features by their definition, one output at a time."""

from __future__ import annotations

import math
from itertools import combinations

KERNELS = list(combinations(range(9), 3))

Series = list[list[float]]


def outputs(series: Series, channels: list[int], kernel: tuple[int, ...], gap: int) -> list[float]:
    """Sum of weight times value nine rows around each row, of some channels; 0 beyond the ends."""
    n_rows = len(series[0])
    result = []
    for at in range(n_rows):
        total = 0.0
        for channel in channels:
            for place in range(9):
                row = at + (place - 4) * gap
                if 0 <= row < n_rows:
                    total += (2 if place in kernel else -1) * series[channel][row]
        result.append(total)
    return result


def counted(values: list[float], number: int, kernel: int, gap: int) -> list[float]:
    """Outputs that count: all of every second combination, else those of nine real rows."""
    if (number + kernel) % 2 == 0:
        return values
    return [one for at, one in enumerate(values) if 4 * gap <= at < len(values) - 4 * gap]


def share_above(values: list[float], bias: float) -> float:
    return sum(value > bias for value in values) / len(values)


def quantile(values: list[float], level: float) -> float:
    """Between the two values next to the level, in proportion."""
    ordered = sorted(values)
    place = level * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def golden_level(number: int) -> float:
    """Level of the feature of a number, counted from 0."""
    return (number + 1) * (math.sqrt(5) + 1) / 2 % 1.0
