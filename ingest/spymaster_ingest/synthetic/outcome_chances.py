"""Outcome chances of the best possible forecaster of a planted approach.

A forecaster that knows the class and the wall reads the outcome table. A forecaster that sees only
the wall and the realised excesses weighs the classes by their likelihood.
"""

from __future__ import annotations

import numpy as np
from spymaster_ingest.synthetic.market_arrays import NO_SIGNATURE
from spymaster_ingest.synthetic.signature_densities import (
    densities_of,
    signature_excesses,
    signature_likelihoods,
)
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket


def marginal_chances(market: SyntheticMarket) -> np.ndarray:
    """Return the chances of BREAK, REJECT and CHOP without knowledge of the approach."""
    settings = market.signatures
    plain, walled = np.einsum("c,wco->wo", _frequency(market), settings.chances())
    return (1.0 - settings.wall_share) * plain + settings.wall_share * walled


def chances_of_class(market: SyntheticMarket, rows: np.ndarray) -> np.ndarray:
    """Return the chances of each outcome given class and wall: shape (approaches, 3)."""
    if market.null:
        return np.tile(marginal_chances(market), (rows.size, 1))
    return market.signatures.chances()[rows["has_wall"], rows["signature"]]


def chances_of_observation(market: SyntheticMarket, rows: np.ndarray) -> np.ndarray:
    """Return the chances of each outcome given the realised excesses and the wall.

    Args:
        market: the generated market.
        rows: APPROACH_ROW.

    Returns:
        Shape (approaches, 3), float64; NaN if the densities were drawn from another market, and
        for mechanisms, which have none.
    """
    if market.null:
        return np.tile(marginal_chances(market), (rows.size, 1))
    densities = densities_of(market)
    found = np.full((rows.size, 3), np.nan)
    has_density = rows["signature"] <= NO_SIGNATURE
    if densities is None or not has_density.any():
        return found
    rows = rows[has_density]
    weight = signature_likelihoods(densities, signature_excesses(rows))
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    weight *= densities.share * _frequency(market)[densities.signature]
    weight /= weight.sum(axis=1, keepdims=True)
    chances = market.signatures.chances()[rows["has_wall"]][:, densities.signature]
    found[has_density] = np.einsum("as,aso->ao", weight, chances)
    return found


def _frequency(market: SyntheticMarket) -> np.ndarray:
    return np.array(market.signatures.frequency) / np.sum(market.signatures.frequency)
