"""Black's model of an option on a future, and its inverse, for many options at once.

Black, F.: "The pricing of commodity contracts", Journal of Financial Economics 3 (1976). With F
the price of the future, K the strike, T the time to expiry in years, r the continuously
compounded rate per year and sigma the volatility per square root of a year,

    d1 = (ln(F/K) + sigma^2 T / 2) / (sigma sqrt(T)),  d2 = d1 - sigma sqrt(T)
    call = exp(-rT) (F N(d1) - K N(d2)),  put = exp(-rT) (K N(-d2) - F N(-d1))
    gamma = exp(-rT) phi(d1) / (F sigma sqrt(T)),  vega = exp(-rT) F phi(d1) sqrt(T)
    delta of a call = exp(-rT) N(d1),  of a put = -exp(-rT) N(-d1)

Prices are points; delta is points per point of the future, gamma that per point again, vega
points per unit of sigma. Results are NaN where an input is not a positive number (the rate may
be negative); an implied volatility is NaN where there is none, with a status that tells why.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spymaster_engine.kernels.compiled import kernel

# status of an implied volatility
SOLVED, BOUNDS, NO_ROOT = 0, 1, 2

CALL, PUT = 1, -1

# where the solver looks for a volatility, and how near to the price it must come, in points
_LOWEST, _HIGHEST = 1e-4, 5.0
_PRICE_TOLERANCE = 1e-8
# Newton's method needs five or six steps; halving the bracket to the last bit needs sixty
_NEWTON_STEPS = 40
_STEPS = 120

_ROOT_OF_TWO = math.sqrt(2.0)
_ROOT_OF_TWO_PI = math.sqrt(2.0 * math.pi)


class Greeks(NamedTuple):
    """Sensitivities of options, (n,) float64 each; gamma and vega are those of either right."""

    gamma: np.ndarray
    delta_call: np.ndarray
    delta_put: np.ndarray
    vega: np.ndarray


@kernel
def _cumulative(x):
    """Return the standard normal distribution function."""
    return 0.5 * math.erfc(-x / _ROOT_OF_TWO)


@kernel
def _density(x):
    """Return the standard normal density."""
    return math.exp(-0.5 * x * x) / _ROOT_OF_TWO_PI


@kernel
def _d1(forward, strike, deviation):
    """Return d1; ``deviation`` is sigma sqrt(T)."""
    return math.log(forward / strike) / deviation + 0.5 * deviation


@kernel
def price_of(sign, forward, strike, deviation, discount):
    """Return the price of a call (sign 1) or put (sign -1); ``discount`` is exp(-rT)."""
    d1 = _d1(forward, strike, deviation)
    in_the_future = forward * _cumulative(sign * d1)
    return discount * sign * (in_the_future - strike * _cumulative(sign * (d1 - deviation)))


@kernel
def gamma_of(forward, strike, deviation, discount):
    """Return gamma of either right; arguments as in ``price_of``."""
    return discount * _density(_d1(forward, strike, deviation)) / (forward * deviation)


@kernel
def _is_usable(forward, strike, years, rate):
    return (
        0.0 < forward < math.inf
        and 0.0 < strike < math.inf
        and 0.0 < years < math.inf
        and -math.inf < rate < math.inf
    )


@kernel
def _solve(sign, forward, strike, root_years, discount, value):
    """Return (sigma, status) of a price strictly inside the bounds.

    Newton's method begins where vega is largest, sigma = sqrt(2 |ln(F/K)| / T), from where it
    comes nearer with every step [Manaster and Koehler: "The calculation of implied variances
    from the Black-Scholes model", Journal of Finance 37 (1982)]. The bracket is kept along the
    way: a step that leaves it, or one too many, is replaced by halving it.
    """
    low, high = _LOWEST, _HIGHEST
    if price_of(sign, forward, strike, low * root_years, discount) - value > _PRICE_TOLERANCE:
        return math.nan, NO_ROOT
    if price_of(sign, forward, strike, high * root_years, discount) - value < -_PRICE_TOLERANCE:
        return math.nan, NO_ROOT
    sigma = math.sqrt(2.0 * abs(math.log(forward / strike))) / root_years
    sigma = min(max(sigma, low), high)
    for step in range(_STEPS):
        deviation = sigma * root_years
        error = price_of(sign, forward, strike, deviation, discount) - value
        if abs(error) < _PRICE_TOLERANCE:
            return sigma, SOLVED
        if error > 0.0:
            high = sigma
        else:
            low = sigma
        vega = discount * forward * _density(_d1(forward, strike, deviation)) * root_years
        following = low
        if step < _NEWTON_STEPS and vega > 0.0:
            following = sigma - error / vega
        sigma = following if low < following < high else 0.5 * (low + high)
    return math.nan, NO_ROOT


@kernel
def _fill_prices(sign, forward, strike, sigma, years, rate, result):
    for i in range(result.shape[0]):
        result[i] = math.nan
        if _is_usable(forward[i], strike[i], years[i], rate[i]) and 0.0 < sigma[i] < math.inf:
            deviation = sigma[i] * math.sqrt(years[i])
            discount = math.exp(-rate[i] * years[i])
            result[i] = price_of(sign[i], forward[i], strike[i], deviation, discount)


@kernel
def _fill_volatilities(sign, forward, strike, value, years, rate, sigma, status):
    for i in range(sigma.shape[0]):
        sigma[i] = math.nan
        status[i] = BOUNDS
        if not _is_usable(forward[i], strike[i], years[i], rate[i]):
            continue
        discount = math.exp(-rate[i] * years[i])
        least = discount * max(0.0, sign[i] * (forward[i] - strike[i]))
        most = discount * (forward[i] if sign[i] > 0 else strike[i])
        if least < value[i] < most:
            sigma[i], status[i] = _solve(
                sign[i], forward[i], strike[i], math.sqrt(years[i]), discount, value[i]
            )


@kernel
def _fill_greeks(forward, strike, sigma, years, rate, gamma, delta_call, delta_put, vega):
    for i in range(gamma.shape[0]):
        gamma[i] = delta_call[i] = delta_put[i] = vega[i] = math.nan
        if _is_usable(forward[i], strike[i], years[i], rate[i]) and 0.0 < sigma[i] < math.inf:
            root_years = math.sqrt(years[i])
            discount = math.exp(-rate[i] * years[i])
            d1 = _d1(forward[i], strike[i], sigma[i] * root_years)
            gamma[i] = gamma_of(forward[i], strike[i], sigma[i] * root_years, discount)
            delta_call[i] = discount * _cumulative(d1)
            delta_put[i] = -discount * _cumulative(-d1)
            vega[i] = discount * forward[i] * _density(d1) * root_years


def price(
    sign: np.ndarray,
    forward: np.ndarray,
    strike: np.ndarray,
    sigma: np.ndarray,
    years: np.ndarray,
    rate: np.ndarray,
) -> np.ndarray:
    """Return the prices of options, (n,) float64, points.

    Args:
        sign: ``CALL`` or ``PUT``; this and all others are (n,) or broadcast to it.
        forward: price of the future, points.
        strike: points.
        sigma: volatility per square root of a year.
        years: time to expiry.
        rate: continuously compounded, per year.
    """
    sign, *terms = _columns(sign, forward, strike, sigma, years, rate)
    result = np.empty(sign.shape[0])
    _fill_prices(sign, *terms, result)
    return result


def implied_volatility(
    sign: np.ndarray,
    forward: np.ndarray,
    strike: np.ndarray,
    value: np.ndarray,
    years: np.ndarray,
    rate: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the volatilities at which options are worth their prices, and statuses.

    Args:
        sign: ``CALL`` or ``PUT``; this and all others are (n,) or broadcast to it.
        forward: price of the future, points.
        strike: points.
        value: price of the option, points.
        years: time to expiry.
        rate: continuously compounded, per year.

    Returns:
        (n,) float64, per square root of a year, NaN for none; (n,) int8: ``SOLVED``;
        ``BOUNDS`` for a price that is not strictly between discounted intrinsic value and
        discounted future (call) or strike (put); ``NO_ROOT`` when no volatility from 1e-4 to 5
        comes within 1e-8 points of the price.
    """
    sign, *terms = _columns(sign, forward, strike, value, years, rate)
    sigma, status = np.empty(sign.shape[0]), np.empty(sign.shape[0], np.int8)
    _fill_volatilities(sign, *terms, sigma, status)
    return sigma, status


def greeks(
    forward: np.ndarray,
    strike: np.ndarray,
    sigma: np.ndarray,
    years: np.ndarray,
    rate: np.ndarray,
) -> Greeks:
    """Return the sensitivities of options; arguments as in :func:`price`."""
    terms = _columns(forward, strike, sigma, years, rate)
    result = Greeks(*(np.empty(terms[0].shape[0]) for _ in Greeks._fields))
    _fill_greeks(*terms, *result)
    return result


@kernel
def _fill_profile(
    strike, sigma, years, rate, weight, option_bounds, forward, forward_bounds, result
):
    for part in range(option_bounds.shape[0] - 1):
        for at in range(forward_bounds[part], forward_bounds[part + 1]):
            total = 0.0
            for i in range(option_bounds[part], option_bounds[part + 1]):
                discount = math.exp(-rate[i] * years[i])
                deviation = sigma[i] * math.sqrt(years[i])
                total += weight[i] * gamma_of(forward[at], strike[i], deviation, discount)
            result[at] = total


def gamma_profile(
    strike: np.ndarray,
    sigma: np.ndarray,
    years: np.ndarray,
    rate: np.ndarray,
    weight: np.ndarray,
    option_bounds: np.ndarray,
    forward: np.ndarray,
    forward_bounds: np.ndarray,
) -> np.ndarray:
    """Return the weighted gamma of many sets of options, each at prices of its own.

    Args:
        strike: (n,) float64, points, the options of a set together; so the next four.
        sigma: volatility per square root of a year.
        years: time to expiry.
        rate: continuously compounded, per year.
        weight: what gamma is multiplied by.
        option_bounds: (sets + 1,) int64, where each set begins, and the end.
        forward: (m,) float64, prices of the future, points.
        forward_bounds: (sets + 1,) int64, which of them belong to each set.

    Returns:
        (m,) float64, the sum over the options of the set; 0 without options.
    """
    result = np.empty(len(forward))
    _fill_profile(
        *_columns(strike, sigma, years, rate, weight),
        option_bounds,
        np.ascontiguousarray(forward, np.float64),
        forward_bounds,
        result,
    )
    return result


def _columns(*columns: np.ndarray) -> list[np.ndarray]:
    """Return columns of one length, float64 and contiguous, as the kernels want them."""
    together = np.broadcast_arrays(*(np.atleast_1d(column) for column in columns))
    return [np.ascontiguousarray(column, np.float64) for column in together]
