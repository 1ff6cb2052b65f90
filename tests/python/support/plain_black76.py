"""Black's formula with the functions of the standard library, and its inverse by bisection."""

from __future__ import annotations

import math


def normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def price(
    right: str, forward: float, strike: float, sigma: float, years: float, rate: float
) -> float:
    deviation = sigma * math.sqrt(years)
    d1 = math.log(forward / strike) / deviation + deviation / 2
    sign = 1 if right == "C" else -1
    value = forward * normal(sign * d1) - strike * normal(sign * (d1 - deviation))
    return math.exp(-rate * years) * sign * value


def implied_volatility(
    right: str, forward: float, strike: float, value: float, years: float, rate: float
) -> float:
    """Return the volatility between 1e-4 and 5 at which the option is worth ``value``."""
    low, high = 1e-4, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        if price(right, forward, strike, middle, years, rate) < value:
            low = middle
        else:
            high = middle
    return (low + high) / 2
