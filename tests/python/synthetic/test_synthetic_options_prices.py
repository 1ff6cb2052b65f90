"""Prices of the synthetic options: Black's formula, the surface, and the chain."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import replace

import numpy as np
import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, load_product
from spymaster_ingest.synthetic.options import black76
from spymaster_ingest.synthetic.options.chain import load_option_product, option_chain
from spymaster_ingest.synthetic.options.option_days import option_day
from support import plain_black76
from support.synthetic_book import CL, DAY, ES

MARKET = SyntheticMarket(ES, seed=5, plan=SessionPlan(hours=0.5))


def test_elementary_functions_match_the_library() -> None:
    draw = random.Random(1)
    for _ in range(2_000):
        x = draw.uniform(-40, 40)
        assert math.isclose(black76.exponential(x), math.exp(x), rel_tol=1e-12)
        y = math.exp(draw.uniform(-6, 6))
        assert math.isclose(black76.logarithm(y), math.log(y), rel_tol=1e-13, abs_tol=1e-15)
        z = draw.uniform(-9, 9)
        assert abs(black76.cumulative(z) - plain_black76.normal(z)) < 1e-13
        assert math.isclose(
            black76.density(z), math.exp(-z * z / 2) / math.sqrt(2 * math.pi), rel_tol=1e-12
        )
    assert black76.cumulative(0.0) == pytest.approx(0.5, abs=1e-15)
    assert (black76.cumulative(-60.0), black76.cumulative(60.0)) == (0.0, 1.0)


def test_prices_follow_black_and_keep_parity() -> None:
    draw = random.Random(2)
    for _ in range(2_000):
        forward = draw.uniform(50, 7_000)
        strike = forward * math.exp(draw.uniform(-0.1, 0.1))
        sigma, years, rate = draw.uniform(0.05, 1), draw.uniform(1e-6, 0.1), draw.uniform(0, 0.06)
        terms = (forward, strike, sigma, math.sqrt(years), math.exp(-rate * years))
        call, put = black76.call_value(*terms), black76.put_value(*terms)
        for right, value in (("C", call), ("P", put)):
            expected = plain_black76.price(right, forward, strike, sigma, years, rate)
            assert value == pytest.approx(expected, abs=1e-9)
        assert call - put == pytest.approx(terms[-1] * (forward - strike), abs=1e-9)


def test_gamma_is_the_second_difference() -> None:
    draw = random.Random(3)
    for _ in range(200):
        forward, sigma = draw.uniform(5_000, 7_000), draw.uniform(0.1, 0.4)
        years = draw.uniform(1e-3, 0.05)
        deviation = sigma * math.sqrt(years)
        strike = forward * math.exp(draw.uniform(-2, 2) * deviation)
        step = 0.01 * forward * deviation

        def value(at: float, rest: tuple = (strike, sigma, math.sqrt(years), 0.999)) -> float:
            return black76.call_value(at, *rest)

        around = [value(forward + n * step) for n in (-2, -1, 0, 1, 2)]
        second = np.dot([-1, 16, -30, 16, -1], around) / 12 / step**2
        gamma = black76.gamma_value(forward, strike, sigma, math.sqrt(years), 0.999)
        assert gamma == pytest.approx(second, rel=1e-6)


def test_the_chain_lists_the_day_and_a_later_expiry_around_the_opening_price() -> None:
    chain = option_chain(MARKET, DAY)
    assert [str(e) for e in chain.expirations] == [
        "2025-10-01 20:00:00+00:00",
        "2025-10-08 20:00:00+00:00",
    ]
    strikes = np.array(chain.strikes_int)
    assert strikes.size == 41
    assert set(np.diff(strikes)) == {5 * 10**9}
    assert len(chain.options) == 2 * 2 * 41
    centre = chain.options[2 * 20]
    assert centre.symbol == f"E1CV5 C{centre.strike_int // 10**9}"
    assert chain.options[-1].symbol == f"E2CV5 P{strikes[-1] // 10**9}"
    assert len({c.instrument_id for c in chain.contracts}) == len(chain.contracts)
    assert len({c.symbol for c in chain.contracts}) == len(chain.contracts)


def test_expiries_follow_the_calendar() -> None:
    # The Thursday a week ahead is Christmas: the option expires the day before, a short day.
    chain = option_chain(MARKET, dt.date(2025, 12, 18))
    assert [str(e) for e in chain.expirations] == [
        "2025-12-18 21:00:00+00:00",
        "2025-12-24 18:15:00+00:00",
    ]
    assert chain.options[-1].symbol.startswith("E4CZ5 P")
    friday = option_chain(MARKET, dt.date(2025, 11, 7))
    assert friday.options[0].symbol.startswith("EW1X5 C")
    # after the clocks went back
    assert friday.expirations[0].hour == 21


def test_an_id_names_another_option_the_next_day() -> None:
    names = [
        {c.instrument_id: c.symbol for c in option_chain(MARKET, day).contracts}
        for day in (DAY, DAY + dt.timedelta(days=1))
    ]
    assert names[0].keys() == names[1].keys()
    assert all(names[0][number] != names[1][number] for number in names[0])


def test_every_product_has_options() -> None:
    for root in ("ES", "NQ", "CL"):
        product = load_option_product(root)
        assert product.strikes >= 25
        chain = option_chain(SyntheticMarket(load_product(root)), DAY)
        assert min(chain.strikes_int) > 0
    with pytest.raises(SpymasterError, match="has no row for ZZ"):
        load_option_product("ZZ")


@pytest.mark.parametrize("product", [ES, CL])
def test_the_surface_moves_slowly_and_has_no_arbitrage(product: object) -> None:
    frame = option_day(replace(MARKET, product=product), DAY)
    sigma = frame.surface.sigma
    assert sigma.shape[0] == 1_800 // 10 + 1
    assert sigma.min() > 0.05
    moves = np.abs(np.diff(np.log(sigma), axis=0))
    assert 0 < np.median(moves) < 0.005
    assert moves.max() < 0.05
    strikes = np.array(frame.chain.strikes_int) / 1e9
    forward = np.array([strikes[strikes.size // 2]])
    for expiry, years in enumerate((6 / 24 / 365, 7.25 / 365)):
        call, put, gamma = (np.empty((1, strikes.size)) for _ in range(3))
        black76.fill_values(
            forward, strikes, sigma[:1, expiry], np.array([years]), 0.04, call, put, gamma
        )
        slope = np.diff(call[0]) / np.diff(strikes)
        assert np.all((slope <= 1e-12) & (slope >= -1))
        assert np.all(np.diff(slope) >= -1e-9), "a butterfly that costs less than nothing"
    # the skew: strikes below have higher volatility than strikes above
    wings = sigma[0, 0, [0, strikes.size // 2, -1]]
    assert wings[0] > wings[1]
    assert wings[0] > wings[2]


def test_random_streams_belong_to_seed_and_day() -> None:
    surfaces = [
        option_day(replace(MARKET, seed=seed), day).surface.sigma
        for seed, day in ((5, DAY), (5, DAY), (6, DAY), (5, DAY + dt.timedelta(days=1)))
    ]
    assert np.array_equal(surfaces[0], surfaces[1])
    assert not np.array_equal(surfaces[0], surfaces[2])
    assert not np.array_equal(surfaces[0], surfaces[3])
