"""Distribution of the realised excesses of a signature.

Every set of conditions has a normal distribution over the transformed excesses. The table beside
this file was fitted to draws of the phase alone (see ``fit_densities``).
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from spymaster_ingest.synthetic.market_arrays import (
    BREAK_FULL,
    FOLLOW_BEHIND,
    NO_SIGNATURE,
    PARTIAL,
    PULL_AHEAD,
    PULL_BEHIND,
    REJECT_FULL,
    RETREAT_AHEAD,
    RETREAT_BEHIND,
)
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket

DENSITIES_FILE = Path(__file__).with_name("signature_densities.csv")

_SINGLE = (RETREAT_AHEAD, PULL_AHEAD, RETREAT_BEHIND, PULL_BEHIND)
_PAIRS = tuple(a | b for i, a in enumerate(_SINGLE) for b in _SINGLE[i + 1 :])
DIMENSIONS = 4
# Contracts at which the scale of the re-priced quantity changes from linear to logarithmic.
_REPRICE_SCALE = 30.0
# Settings that a draw of the phase depends on, beside flow and signatures.
_SHAPING_PLAN = ("scale", "dense_rate", "burst_gain", "burst_seconds")
_NOT_SHAPING_SIGNATURES = (
    "approaches",
    "usual_seconds",
    "ends_at_decision",
    "frequency",
    "outcome",
    "wall_share",
    "wall_shift",
    "smallest_break",
)


class Densities(NamedTuple):
    """A normal distribution per set of conditions.

    ``conditions`` (sets,) bits, ``signature`` (sets,) class, ``share`` (sets,) of its class,
    ``mean`` (sets, 4), ``covariance`` (sets, 4, 4) of :func:`transformed_excesses` excesses.
    """

    conditions: np.ndarray
    signature: np.ndarray
    share: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray


def condition_sets() -> list[tuple[int, int, float]]:
    """Return conditions, class and share of the class for every set of conditions."""
    return [
        (RETREAT_AHEAD | PULL_AHEAD | RETREAT_BEHIND | PULL_BEHIND, REJECT_FULL, 1.0),
        (RETREAT_AHEAD | PULL_AHEAD | FOLLOW_BEHIND, BREAK_FULL, 1.0),
        *((condition, PARTIAL, 0.5 / len(_SINGLE)) for condition in _SINGLE),
        *((two, PARTIAL, 0.5 / len(_PAIRS)) for two in _PAIRS),
        (0, NO_SIGNATURE, 1.0),
    ]


def signature_excesses(rows: np.ndarray) -> np.ndarray:
    """Return the excesses whose densities are known, one per condition of approaches.

    Args:
        rows: APPROACH_ROW.

    Returns:
        Shape (approaches, 4), float64: ln((pulled + 1) / (added + 1)) ahead and behind, and
        the net quantity re-priced away from the price ahead and behind, in contracts.
    """
    return np.column_stack(
        [
            np.log((rows["pull_ahead"] + 1.0) / (rows["add_ahead"] + 1.0)),
            np.log((rows["pull_behind"] + 1.0) / (rows["add_behind"] + 1.0)),
            rows["away_ahead"].astype(np.float64),
            rows["away_behind"].astype(np.float64),
        ]
    )


def transformed_excesses(excess: np.ndarray) -> np.ndarray:
    """Return excesses transformed to roughly normal scales, same shape."""
    return np.column_stack([excess[:, :2], np.arcsinh(excess[:, 2:] / _REPRICE_SCALE)])


def signature_likelihoods(densities: Densities, excess: np.ndarray) -> np.ndarray:
    """Return ln p(excess | set of conditions) up to a constant: shape (approaches, sets)."""
    x = transformed_excesses(excess)
    found = np.empty((len(x), densities.share.size))
    for i, (mean, covariance) in enumerate(zip(densities.mean, densities.covariance, strict=True)):
        off = x - mean
        squares = np.einsum("ij,jk,ik->i", off, np.linalg.inv(covariance), off)
        found[:, i] = -0.5 * (squares + np.linalg.slogdet(covariance)[1])
    return found


def densities_fingerprint(market: SyntheticMarket) -> str:
    """Return sha256 (hex) over everything a draw of the phase depends on."""
    signatures = asdict(market.signatures)
    for name in _NOT_SHAPING_SIGNATURES:
        del signatures[name]
    shaping = {
        "flow": asdict(market.flow),
        "signatures": signatures,
        "plan": {name: getattr(market.plan, name) for name in _SHAPING_PLAN},
        "volatility": market.volatility_of("front"),
    }
    return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()


def densities_of(market: SyntheticMarket) -> Densities | None:
    """Return the densities of a market, None when they were drawn from another market."""
    drawn_from, densities = _read()
    return densities if drawn_from == densities_fingerprint(market) else None


@cache
def _read() -> tuple[str, Densities]:
    with DENSITIES_FILE.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    sets = condition_sets()
    upper = np.triu_indices(DIMENSIONS)
    mean = np.array([[float(row[f"mean_{i}"]) for i in range(DIMENSIONS)] for row in rows])
    covariance = np.zeros((len(rows), DIMENSIONS, DIMENSIONS))
    for matrix, row in zip(covariance, rows, strict=True):
        for i, j in zip(*upper, strict=True):
            matrix[i, j] = matrix[j, i] = float(row[f"covariance_{i}{j}"])
    densities = Densities(
        np.array([s[0] for s in sets]),
        np.array([s[1] for s in sets]),
        np.array([s[2] for s in sets]),
        mean,
        covariance,
    )
    return rows[0]["drawn_from"], densities
