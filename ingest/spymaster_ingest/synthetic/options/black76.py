"""Black's price of an option on a future, the same to the last bit on every machine.

Black, F.: "The pricing of commodity contracts", Journal of Financial Economics 3 (1976):
call = exp(-rT) (F N(d1) - K N(d2)), put = exp(-rT) (K N(-d2) - F N(-d1)),
d1 = (ln(F/K) + sigma^2 T / 2) / (sigma sqrt(T)), d2 = d1 - sigma sqrt(T),
gamma = exp(-rT) phi(d1) / (F sigma sqrt(T)).

Libraries of different machines differ in the last bit of exp and log, so this module computes both
from additions, multiplications, divisions and square roots, which IEEE 754 defines exactly.
"""

from __future__ import annotations

import math

import numpy as np
from spymaster_ingest.synthetic.compiled import entry, kernel
from spymaster_ingest.units import S_PER_DAY

SECONDS_PER_YEAR = 365 * S_PER_DAY
# An option about to expire has the exposure of an option with a minute left.
SHORTEST_LIFE_S = 60

_ROOT_OF_TWO_PI = 2.5066282746310002
_LN_2 = 0.6931471805599453
_HALVINGS = 10
_TAYLOR_TERMS = 9
_NO_DENSITY_BEYOND = 38.0
_FRACTION_BEYOND = 7.07106781186547

# Coefficients of Hart's rational approximation (Hart: "Computer Approximations", 1968, 5666).
_NUMERATOR = (
    3.52624965998911e-02,
    0.700383064443688,
    6.37396220353165,
    33.912866078383,
    112.079291497871,
    221.213596169931,
    220.206867912376,
)
_DENOMINATOR = (
    8.83883476483184e-02,
    1.75566716318264,
    16.064177579207,
    86.7807322029461,
    296.564248779674,
    637.333633378831,
    793.826512519948,
    440.413735824752,
)


@entry
def exponential(x: float) -> float:
    """Return exp(x) to about 1e-13 relative, for |x| below 700: a Taylor sum squared up."""
    y = x / (1 << _HALVINGS)
    total = 1.0
    for i in range(_TAYLOR_TERMS, 0, -1):
        total = 1.0 + y * total / i
    for _ in range(_HALVINGS):
        total *= total
    return total


@entry
def logarithm(x: float) -> float:
    """Return ln(x) for x > 0, to about 1e-15: halved into [0.7, 1.4], then 2 artanh."""
    halvings = 0
    while x > 1.4:
        x *= 0.5
        halvings += 1
    while x < 0.7:
        x *= 2.0
        halvings -= 1
    z = (x - 1.0) / (x + 1.0)
    square = z * z
    total = 0.0
    for odd in range(21, 0, -2):
        total = total * square + 1.0 / odd
    return 2.0 * z * total + halvings * _LN_2


@entry
def density(x: float) -> float:
    """Return the standard normal density."""
    if abs(x) > _NO_DENSITY_BEYOND:
        return 0.0
    return exponential(-0.5 * x * x) / _ROOT_OF_TWO_PI


@entry
def cumulative(x: float) -> float:
    """Return the standard normal distribution function, to about 1e-14."""
    distance = abs(x)
    if distance > _NO_DENSITY_BEYOND:
        tail = 0.0
    elif distance < _FRACTION_BEYOND:
        above, below = 0.0, 0.0
        for coefficient in _NUMERATOR:
            above = above * distance + coefficient
        for coefficient in _DENOMINATOR:
            below = below * distance + coefficient
        tail = exponential(-0.5 * distance * distance) * above / below
    else:
        fraction = distance + 0.65
        for i in range(4, 0, -1):
            fraction = distance + i / fraction
        tail = density(distance) / fraction
    return 1.0 - tail if x > 0 else tail


@kernel
def standardised(forward, strike, deviation):
    """Return d1; ``deviation`` is sigma sqrt(T)."""
    return logarithm(forward / strike) / deviation + 0.5 * deviation


@entry
def call_value(
    forward: float, strike: float, sigma: float, root_years: float, discount: float
) -> float:
    """Return the price of a call in points.

    Args:
        forward: price of the future, points.
        strike: points.
        sigma: volatility per square root of a year.
        root_years: square root of the time to expiry in years.
        discount: exp(-rT).
    """
    deviation = sigma * root_years
    d1 = standardised(forward, strike, deviation)
    return discount * (forward * cumulative(d1) - strike * cumulative(d1 - deviation))


@entry
def put_value(
    forward: float, strike: float, sigma: float, root_years: float, discount: float
) -> float:
    """Return the price of a put in points; arguments as in :func:`call_value`."""
    deviation = sigma * root_years
    d1 = standardised(forward, strike, deviation)
    return discount * (strike * cumulative(deviation - d1) - forward * cumulative(-d1))


@entry
def gamma_value(
    forward: float, strike: float, sigma: float, root_years: float, discount: float
) -> float:
    """Return gamma of a call or put, per point; arguments as in :func:`call_value`."""
    deviation = sigma * root_years
    return discount * density(standardised(forward, strike, deviation)) / (forward * deviation)


@entry
def fill_values(forward, strike, sigma, years, rate, price_call, price_put, gamma):
    """Write prices and gamma of a grid of options.

    Args:
        forward: shape (times,), float64, points.
        strike: shape (strikes,), float64, points.
        sigma: shape (times, strikes), float64, per square root of a year.
        years: shape (times,), float64.
        rate: continuously compounded, per year.
        price_call: result, shape (times, strikes), float64, points.
        price_put: result, as ``price_call``.
        gamma: result, as ``price_call``, per point.
    """
    for i in range(forward.size):
        root_years, discount = math.sqrt(years[i]), exponential(-rate * years[i])
        for j in range(strike.size):
            terms = (forward[i], strike[j], sigma[i, j], root_years, discount)
            price_call[i, j] = call_value(*terms)
            price_put[i, j] = put_value(*terms)
            gamma[i, j] = gamma_value(*terms)


def years_to_expiry(seconds: np.ndarray) -> np.ndarray:
    """Return times to expiry in years of 365 days, from seconds, a minute at least."""
    return np.maximum(seconds, SHORTEST_LIFE_S) / SECONDS_PER_YEAR
