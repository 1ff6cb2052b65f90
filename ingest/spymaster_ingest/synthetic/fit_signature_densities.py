"""Fit the densities of the realised excesses to draws of the phase alone.

The market's own kernel draws phases in sequence, without outcomes. Run it again when the order
flow or the signatures change:

    python -m spymaster_ingest.synthetic.fit_signature_densities --draws 50000 --workers 2
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
from spymaster_ingest.synthetic.contract_days import day_pieces
from spymaster_ingest.synthetic.products_and_contracts import load_product
from spymaster_ingest.synthetic.signature_densities import (
    DENSITIES_FILE,
    DIMENSIONS,
    condition_sets,
    densities_fingerprint,
    signature_excesses,
    transformed_excesses,
)
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket

# The window in which approaches are planted when the dense period is long enough.
_LABORATORY_HOURS = 3.08
_LABORATORY_SEED = 900_000
_LABORATORY_DAY = dt.date(2025, 10, 1)
_APPROACHES = 10_000
_DRAWS_PER_DAY = 85
_DIGITS = 9


def fitting_market(market: SyntheticMarket) -> SyntheticMarket:
    """Return a market with the same flow whose approaches end at their decision."""
    signatures = replace(market.signatures, approaches=_APPROACHES, ends_at_decision=True)
    plan = replace(market.plan, hours=_LABORATORY_HOURS, evening_seconds=0, tail_seconds=0)
    return replace(market, signatures=signatures, plan=plan)


def draw_phases(market: SyntheticMarket, seed: int) -> np.ndarray:
    """Return the approaches of one day in the laboratory, APPROACH_ROW."""
    day = replace(fitting_market(market), seed=seed)
    return np.concatenate([p.approaches.copy() for p in day_pieces(day, _LABORATORY_DAY)])


def fit_densities(rows: np.ndarray) -> list[dict[str, object]]:
    """Return one row of numbers per set of conditions, fitted to draws of the phase."""
    x = transformed_excesses(signature_excesses(rows))
    fitted = []
    for conditions, _, _ in condition_sets():
        own = x[rows["conditions"] == conditions]
        covariance = np.cov(own.T)
        fitted.append(
            {
                "conditions": conditions,
                "draws": len(own),
                **{f"mean_{i}": round(v, _DIGITS) for i, v in enumerate(own.mean(axis=0))},
                **{
                    f"covariance_{i}{j}": round(covariance[i, j], _DIGITS)
                    for i, j in zip(*np.triu_indices(DIMENSIONS), strict=True)
                },
            }
        )
    return fitted


def main() -> None:
    """Draw phases of the default market and write the table of signature densities."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=50_000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    market = SyntheticMarket(load_product("ES"))
    seeds = [_LABORATORY_SEED + i for i in range(-(-options.draws // _DRAWS_PER_DAY))]
    with ProcessPoolExecutor(options.workers) as pool:
        days = list(pool.map(draw_phases, [market] * len(seeds), seeds))
    fitted = fit_densities(np.concatenate(days))
    with DENSITIES_FILE.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, ["drawn_from", *fitted[0]])
        writer.writeheader()
        writer.writerows({"drawn_from": densities_fingerprint(market), **row} for row in fitted)


if __name__ == "__main__":
    main()
