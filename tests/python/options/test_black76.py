"""Kernels of Black-76 against py_vollib, and the distribution and root finder of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm
from spymaster_engine.kernels.options import (
    BOUNDS,
    NO_ROOT,
    SOLVED,
    greeks,
    implied_volatility,
    price,
)
from spymaster_engine.kernels.options.black76 import CALL, PUT
from support import plain_black76
from vollib.black import black as vollib_price
from vollib.black.greeks import analytical as vollib_greeks
from vollib.black.implied_volatility import implied_volatility as vollib_implied

MINUTE = 60 / (365 * 86_400)


def random_options(n: int, seed: int = 5) -> dict[str, np.ndarray]:
    """Return options from a minute to a year before expiry, up to four deviations off."""
    draw = np.random.default_rng(seed)
    forward = draw.uniform(50, 7000, n)
    sigma = np.exp(draw.uniform(np.log(0.02), np.log(3), n))
    years = np.exp(draw.uniform(np.log(MINUTE), 0, n))
    return {
        "sign": draw.choice([CALL, PUT], n),
        "forward": forward,
        "strike": forward * np.exp(draw.uniform(-4, 4, n) * sigma * np.sqrt(years)),
        "sigma": sigma,
        "years": years,
        "rate": draw.uniform(-0.01, 0.08, n),
    }


def scipy_price(sign, forward, strike, sigma, years, rate):
    deviation = sigma * np.sqrt(years)
    d1 = np.log(forward / strike) / deviation + deviation / 2
    parts = forward * norm.cdf(sign * d1) - strike * norm.cdf(sign * (d1 - deviation))
    return np.exp(-rate * years) * sign * parts


def with_price(terms: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {**{k: v for k, v in terms.items() if k != "sigma"}, "value": price(**terms)}


def test_prices_are_those_of_the_formula() -> None:
    terms = random_options(20_000)
    assert np.abs(price(**terms) - scipy_price(**terms)).max() < 1e-9
    rows = [dict(zip(terms, row, strict=True)) for row in zip(*terms.values(), strict=True)]
    for row, found in zip(rows[:300], price(**terms), strict=False):
        right = "C" if row.pop("sign") == CALL else "P"
        assert plain_black76.price(right, **row) == pytest.approx(found, abs=1e-9)


def test_a_price_comes_back_from_its_volatility() -> None:
    terms = random_options(50_000)
    quoted = with_price(terms)
    sigma, status = implied_volatility(**quoted)
    is_solved = status == SOLVED
    back = price(**{**terms, "sigma": np.where(is_solved, sigma, 1.0)})
    assert np.abs(back - quoted["value"])[is_solved].max() < 1e-8
    # deep in the money the price rounds to its lower bound
    assert set(status[~is_solved]) <= {BOUNDS}
    assert np.isnan(sigma[~is_solved]).all()
    assert is_solved.mean() > 0.999


def test_volatilities_are_those_of_brentq() -> None:
    terms = random_options(400, seed=8)
    # out of the money, as in the product, where the price determines the volatility
    terms["sign"] = np.where(terms["strike"] >= terms["forward"], CALL, PUT)
    quoted = with_price(terms)
    sigma, status = implied_volatility(**quoted)
    vega = greeks(*(terms[name] for name in ("forward", "strike", "sigma", "years", "rate"))).vega
    compared = 0
    for i in np.flatnonzero((quoted["value"] > 1e-3) & (terms["sigma"] < 4)):
        option = {name: column[i] for name, column in terms.items() if name != "sigma"}
        root = brentq(
            lambda s, option=option, i=i: scipy_price(**option, sigma=s) - quoted["value"][i],
            1e-4,
            5,
            xtol=1e-13,
            rtol=1e-12,
        )
        assert status[i] == SOLVED
        assert abs(sigma[i] - root) < 3e-8 / vega[i] + 1e-10
        compared += 1
    assert compared > 300


def test_prices_volatilities_and_sensitivities_are_those_of_py_vollib() -> None:
    """Imported as vollib, its present name; its vega is per hundredth of sigma."""
    terms = random_options(400, seed=11)
    terms["sign"] = np.where(terms["strike"] >= terms["forward"], CALL, PUT)
    quoted = with_price(terms)
    sigma, status = implied_volatility(**quoted)
    found = greeks(*(terms[name] for name in ("forward", "strike", "sigma", "years", "rate")))
    compared = 0
    for i in range(400):
        flag = "c" if terms["sign"][i] == CALL else "p"
        names = ("forward", "strike", "years", "rate")
        forward, strike, years, rate = (float(terms[name][i]) for name in names)
        true, value = float(terms["sigma"][i]), float(quoted["value"][i])
        model = (flag, forward, strike, years, rate, true)
        assert vollib_price(*model) == pytest.approx(value, abs=1e-9)
        assert vollib_greeks.gamma(*model) == pytest.approx(found.gamma[i], rel=1e-9)
        delta = found.delta_call[i] if flag == "c" else found.delta_put[i]
        assert vollib_greeks.delta(*model) == pytest.approx(delta, abs=1e-9)
        assert vollib_greeks.vega(*model) == pytest.approx(found.vega[i] / 100, rel=1e-9)
        if value > 1e-3:
            implied = vollib_implied(value, forward, strike, rate, years, flag)
            assert status[i] == SOLVED
            assert sigma[i] == pytest.approx(implied, abs=2e-8 / found.vega[i] + 1e-10)
            compared += 1
    assert compared > 200


def test_gamma_delta_and_vega_are_slopes() -> None:
    terms = random_options(2_000, seed=9)
    found = greeks(*(terms[name] for name in ("forward", "strike", "sigma", "years", "rate")))
    near = np.abs(np.log(terms["forward"] / terms["strike"])) < 2 * terms["sigma"] * np.sqrt(
        terms["years"]
    )
    # a step that is small beside a deviation of the price
    step = 2e-3 * terms["forward"] * terms["sigma"] * np.sqrt(terms["years"])
    call, put = {**terms, "sign": CALL}, {**terms, "sign": PUT}

    def moved(option: dict, steps: float) -> np.ndarray:
        return price(**{**option, "forward": terms["forward"] + steps * step})

    # the five-point rules, whose error falls with the fourth power of the step
    for option, delta in ((call, found.delta_call), (put, found.delta_put)):
        slope = (
            moved(option, -2) - 8 * moved(option, -1) + 8 * moved(option, 1) - moved(option, 2)
        ) / (12 * step)
        assert np.abs(slope - delta)[near].max() < 1e-7
    names = ("sigma", "years", "rate")
    rest = [terms[name] for name in names]

    def delta_at(steps: float) -> np.ndarray:
        return greeks(terms["forward"] + steps * step, terms["strike"], *rest).delta_call

    curve = (delta_at(-2) - 8 * delta_at(-1) + 8 * delta_at(1) - delta_at(2)) / (12 * step)
    assert np.abs(curve / found.gamma - 1)[near].max() < 1e-6
    rise = 1e-4 * terms["sigma"]
    up, down = ({**call, "sigma": terms["sigma"] + s * rise} for s in (1, -1))
    assert np.abs((price(**up) - price(**down)) / (2 * rise) / found.vega - 1)[near].max() < 1e-5
    assert (found.gamma[near] > 0).all()


def test_gamma_is_largest_near_the_money() -> None:
    strikes = np.arange(4900.0, 5101.0, 5)
    gamma = greeks(5000.0, strikes, 0.2, 1 / 365, 0.05).gamma
    assert strikes[gamma.argmax()] == 5000
    assert (np.diff(gamma)[strikes[1:] <= 5000] > 0).all()
    assert (np.diff(gamma)[strikes[1:] > 5000] < 0).all()


@pytest.mark.parametrize(
    ("sign", "strike", "value", "status"),
    [
        (CALL, 4900, 100.0, BOUNDS),
        (CALL, 4900, 99.0, BOUNDS),
        (CALL, 5100, 0.0, BOUNDS),
        (CALL, 5100, 5000.0, BOUNDS),
        (PUT, 5100, 100.0, BOUNDS),
        (PUT, 4900, 4900.0, BOUNDS),
        (PUT, 4900, np.nan, BOUNDS),
        (CALL, 5100, 3000.0, NO_ROOT),
        (PUT, 4900, 3000.0, NO_ROOT),
        (CALL, 5000, 1e-6, NO_ROOT),
        (CALL, 5100, 0.05, SOLVED),
        (PUT, 4900, 0.05, SOLVED),
    ],
)
def test_a_price_without_volatility_says_why(
    sign: int, strike: float, value: float, status: int
) -> None:
    sigma, found = implied_volatility(sign, 5000.0, strike, value, 1 / 365, 0.0)
    assert found.tolist() == [status]
    assert np.isnan(sigma[0]) == (status != SOLVED)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("name", ["forward", "strike", "years"])
def test_impossible_terms_give_nan(name: str, bad: float) -> None:
    terms = {"forward": 5000.0, "strike": 5000.0, "years": 0.01, name: bad}
    sigma, status = implied_volatility(CALL, **terms, value=10.0, rate=0.0)
    assert np.isnan(sigma[0])
    assert status[0] == BOUNDS
    assert np.isnan(price(CALL, **terms, sigma=0.2, rate=0.0)[0])
    assert all(np.isnan(part[0]) for part in greeks(**terms, sigma=0.2, rate=0.0))


def test_no_options_give_no_results() -> None:
    none = np.empty(0)
    sigma, status = implied_volatility(none, none, none, none, none, none)
    assert sigma.size == status.size == price(none, none, none, none, none, none).size == 0
