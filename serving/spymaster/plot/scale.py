"""Whole pixels per cell, and the labels of axes."""

from __future__ import annotations

import math

from spymaster_ingest.units import PRICE_SCALE

from spymaster.clock import TimeRange

_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_ROUND_STEPS = (1, 2, 5)
_MINUTE_S = 60
_FARTHEST_LABELS = 10


def cell_pixels(cells: int, target_px: int) -> int:
    """Return the whole pixels per cell that bring a panel closest to a size, at least one.

    Closeness is a ratio: twice the target is as far as half of it.
    """
    exact = target_px / cells
    below = max(1, math.floor(exact))
    return below if exact / below <= (below + 1) / exact else below + 1


def round_number_up(least: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50 ... that is not below ``least``."""
    power = 1
    while True:
        for digit in _ROUND_STEPS:
            if digit * power >= least:
                return digit * power
        power *= 10


def round_number_down(most: float) -> int:
    """Return the largest of 1, 2, 5, 10, 20, 50 ... that is not above ``most``, at least 1."""
    power, best = 1, 1
    while power <= most:
        best = max(digit * power for digit in _ROUND_STEPS if digit * power <= most)
        power *= 10
    return best


def price_step_ticks(tick_int: int, tick_px: int, least_px: int) -> int:
    """Return the distance of price labels: a round number of points in whole ticks.

    Where a tick fits no round number of points (a third, say), it is a round number of ticks.

    Args:
        tick_int: minimum price increment, 1e-9 units.
        tick_px: pixels a tick.
        least_px: least distance of two labels.
    """
    least_ticks = math.ceil(least_px / tick_px)
    least_int = least_ticks * tick_int
    step = round_number_up(least_int)
    while step <= least_int * _FARTHEST_LABELS:
        if step % tick_int == 0:
            return step // tick_int
        step = round_number_up(step + 1)
    return round_number_up(least_ticks)


def price_label(tick: int, tick_int: int) -> str:
    """Return a price in points with as many decimals as the tick needs."""
    decimals, unit = 0, PRICE_SCALE
    while tick_int % unit:
        decimals, unit = decimals + 1, unit // 10
    sign = "-" if tick < 0 else ""
    whole, rest = divmod(abs(tick) * tick_int, PRICE_SCALE)
    fraction = f"{rest:09d}"[:decimals]
    return f"{sign}{whole}.{fraction}" if decimals else f"{sign}{whole}"


def time_ticks(
    seconds: TimeRange, second_px: int, least_px: int
) -> tuple[list[tuple[int, str]], str]:
    """Return the columns of time labels, at round local times, and the labels.

    Returns:
        Pairs of column and label; how the labels are written.
    """
    least_s = math.ceil(least_px / second_px)
    step = next((step for step in _TIME_STEPS_S if step >= least_s), _TIME_STEPS_S[-1])
    first = seconds.local(0)
    of_day = first.hour * 3600 + first.minute * _MINUTE_S + first.second
    form, name = ("%H:%M", "HH:MM") if step >= _MINUTE_S else ("%H:%M:%S", "HH:MM:SS")
    columns = range(-of_day % step, seconds.count + 1, step)
    return [(column, seconds.local(column).strftime(form)) for column in columns], name
