"""The volatility surface: a smile over strikes per expiry, whose level and slope drift slowly.

sigma = level (1 + skew z + smile (sqrt(1 + z^2) - 1)) with z = ln(K / F0) / (usual sigma sqrt(T0)),
a hyperbola with straight wings, where F0 is the price at which the day opens and T0 the time from
the start of the dense period to expiry: strikes keep their volatility when the price moves (sticky
strike). Level and skew are mean-reverting walks of their own random streams, one step every STEP_S
seconds.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
from spymaster_ingest.synthetic.compiled import entry
from spymaster_ingest.synthetic.options.black76 import logarithm, years_to_expiry
from spymaster_ingest.synthetic.options.chain import Chain, opening_price_int
from spymaster_ingest.synthetic.random_streams import next_bell, stream_states
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket
from spymaster_ingest.units import NS_PER_S

STEP_S = 10
# Volatility at the money of the later expiry, relative to that of the day.
_TERM = (1.0, 0.92)
# Share of the distance to the usual value that a step recovers, and its random part relative to
# the usual value.
_REVERSION, _LEVEL_NOISE, _SKEW_NOISE = 0.01, 0.003, 0.01
_DECIMALS = 6


@dataclass(frozen=True)
class Surface:
    """Volatilities of a day.

    Attributes:
        start_s: second of the day at which the first step begins.
        sigma: shape (steps, expiries, strikes), float64, per square root of a year.
    """

    start_s: int
    sigma: np.ndarray


def volatility_surface(market: SyntheticMarket, day: dt.date, chain: Chain) -> Surface:
    """Return the surface of a day, from the start of the dense period to its end."""
    pace, product = market.pace_of(day), chain.product
    steps = (pace.dense_end_s - pace.dense_start_s) // STEP_S + 1
    states = stream_states(
        market.seed, day, chain.future.symbol, "options", components=("level", "skew")
    )
    walks = np.ones((steps, 2))
    fill_walks(walks, states, _REVERSION, np.array([_LEVEL_NOISE, _SKEW_NOISE]))
    # Rounded so that the surface can be stated exactly.
    walks = np.round(walks, _DECIMALS)
    opening = opening_price_int(market, day)
    start_ns = pace.midnight_ns + pace.dense_start_s * NS_PER_S
    sigma = np.empty((steps, len(chain.expirations), len(chain.strikes_int)))
    for e, expiration in enumerate(chain.expirations):
        seconds = int(expiration.timestamp()) - start_ns // NS_PER_S
        level = product.volatility * _TERM[e]
        deviation = level * math.sqrt(years_to_expiry(np.array(seconds)))
        z = np.array([logarithm(strike / opening) / deviation for strike in chain.strikes_int])
        z = np.round(z, _DECIMALS)
        wings = product.smile * (np.sqrt(1.0 + z * z) - 1.0)
        shape = 1.0 + product.skew * walks[:, 1:] * z + wings
        sigma[:, e] = level * walks[:, :1] * shape
    return Surface(pace.dense_start_s, np.round(sigma, _DECIMALS))


@entry
def fill_walks(walks, states, reversion, noise):
    """Write walks that revert to 1.

    Args:
        walks: shape (steps, walks), float64; the first step holds the start values.
        states: shape (walks,), uint64, random streams.
        reversion: share of the distance from 1 that a step recovers.
        noise: shape (walks,), float64, standard deviation of a step.
    """
    for step in range(1, walks.shape[0]):
        for i in range(walks.shape[1]):
            before = walks[step - 1, i]
            walks[step, i] = before + reversion * (1.0 - before) + noise[i] * next_bell(states, i)
