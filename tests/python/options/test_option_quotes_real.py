"""Volatilities of real quotes of ES options, against an independent computation."""

from __future__ import annotations

from pathlib import Path

import databento
import numpy as np
import pytest
from spymaster_engine.kernels.options import BOUNDS, SOLVED, greeks, implied_volatility, price
from spymaster_engine.kernels.options.black76 import PUT
from support import plain_black76

RATE = 0.0525
TICK = 0.25
YEAR_NS = 365 * 86_400 * 10**9


@pytest.fixture(scope="module")
def quotes(shared_data: Path) -> dict[str, dict[str, np.ndarray]]:
    """Return prices of the puts with the last price of the future before, by option."""
    folder = shared_data / "es_options"

    def records(name: str) -> np.ndarray:
        (path,) = folder.glob(f"*{name}*.dbn.zst")
        return databento.DBNStore.from_file(path).to_ndarray()

    futures, updates = records("futures_bbo-1m"), records("options_mbp-1")
    (number,) = records("futures_definition")["instrument_id"]
    futures = futures[futures["instrument_id"] == number]
    mids = (futures["bid_px_00"] + futures["ask_px_00"]) / 2e9
    found = {}
    for terms in records("options_definition"):
        mine = updates[updates["instrument_id"] == terms["instrument_id"]]
        at = np.searchsorted(futures["ts_recv"], mine["ts_recv"], side="right") - 1
        assert (at >= 0).all()
        found[terms["raw_symbol"].decode()] = {
            "forward": mids[at],
            "strike": np.full(len(mine), terms["strike_price"] / 1e9),
            "years": (terms["expiration"] - mine["ts_event"]).astype(float) / YEAR_NS,
            "bid": mine["bid_px_00"] / 1e9,
            "ask": mine["ask_px_00"] / 1e9,
        }
    assert set(found) == {"ESM4 P5230", "ESM4 P5250"}
    return found


@pytest.mark.parametrize("symbol", ["ESM4 P5230", "ESM4 P5250"])
def test_volatility_of_real_quotes(quotes: dict, symbol: str) -> None:
    option = quotes[symbol]
    terms = (option["forward"], option["strike"])
    mid = (option["bid"] + option["ask"]) / 2
    rest = (option["years"], RATE)
    sigma, status = implied_volatility(PUT, *terms, mid, *rest)
    assert len(mid) > 100
    assert (status == SOLVED).all()
    # an index whose volatility was quoted at 13 percent in these days
    assert ((sigma > 0.08) & (sigma < 0.18)).all()
    low, _ = implied_volatility(PUT, *terms, option["bid"], *rest)
    high, _ = implied_volatility(PUT, *terms, option["ask"], *rest)
    assert ((low < sigma) & (sigma < high)).all()
    assert np.abs(price(PUT, *terms, sigma, *rest) - mid).max() < 1e-8
    for i in range(0, len(mid), 20):
        years = float(option["years"][i])
        plain = plain_black76.implied_volatility(
            "P", float(terms[0][i]), float(terms[1][i]), float(mid[i]), years, RATE
        )
        assert sigma[i] == pytest.approx(plain, abs=1e-8)


def test_lower_strikes_are_dearer_and_both_imply_one_future(quotes: dict) -> None:
    vols, forwards = [], []
    for option in quotes.values():
        mid = (option["bid"] + option["ask"]) / 2
        terms = (option["forward"], option["strike"])
        sigma, _ = implied_volatility(PUT, *terms, mid, option["years"], RATE)
        found = greeks(*terms, sigma, option["years"], RATE)
        assert (found.gamma > 0).all()
        assert ((found.delta_put < -0.5) & (found.delta_put > -0.8)).all()
        vols.append(np.median(sigma))
        forwards.append(np.median(option["forward"]))
    high_strike, low_strike = (
        vols[list(quotes).index(name)] for name in ("ESM4 P5250", "ESM4 P5230")
    )
    assert 0 < low_strike - high_strike < 0.02
    assert abs(forwards[0] - forwards[1]) < 4 * TICK


def test_a_price_below_intrinsic_value_has_none(quotes: dict) -> None:
    option = quotes["ESM4 P5250"]
    intrinsic = np.exp(-RATE * option["years"]) * (option["strike"] - option["forward"])
    _, status = implied_volatility(
        PUT, option["forward"], option["strike"], intrinsic - 0.05, option["years"], RATE
    )
    assert (status == BOUNDS).all()
