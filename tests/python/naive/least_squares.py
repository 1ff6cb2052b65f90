"""Least squares: the slope of points, and the derivatives of a cubic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np


def slope(points: Sequence[tuple[Any, Any]]) -> float | None:
    """Slope of y on x, computed exactly; None if all x are equal."""
    exact = [(Fraction(x), Fraction(y)) for x, y in points]
    n = len(exact)
    mean_x = sum(x for x, _ in exact) / n
    mean_y = sum(y for _, y in exact) / n
    spread = sum((x - mean_x) ** 2 for x, _ in exact)
    if spread == 0:
        return None
    return float(sum((x - mean_x) * (y - mean_y) for x, y in exact) / spread)


def cubic_derivatives(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """First, second and third derivative at x = 0 of the cubic through points, at least 4."""
    scale = max(abs(x) for x, _ in points)
    powers = np.array([[(x / scale) ** power for power in range(4)] for x, _ in points])
    values = np.array([float(y) for _, y in points])
    _, first, second, third = np.linalg.lstsq(powers, values, rcond=None)[0].tolist()
    return first / scale, 2 * second / scale**2, 6 * third / scale**3
