"""What the best possible forecaster of a planted approach could say.

Who knows the class and the wall reads the outcome table. Who sees only what the signature did
weighs the classes by how well each explains it.
"""

from __future__ import annotations

import numpy as np

from spymaster.synthetic.plan import SyntheticMarket


def excesses(rows: np.ndarray) -> np.ndarray:
    """Return the realised excess per condition of approaches.

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


def marginal_chances(market: SyntheticMarket) -> np.ndarray:
    """Return the chances of BREAK, REJECT and CHOP of an approach nobody knows anything about."""
    settings = market.signatures
    frequency = np.array(settings.frequency) / np.sum(settings.frequency)
    plain, walled = np.einsum("c,wco->wo", frequency, settings.chances())
    return (1.0 - settings.wall_share) * plain + settings.wall_share * walled


def chances_of_class(market: SyntheticMarket, rows: np.ndarray) -> np.ndarray:
    """Return the chances of each outcome given class and wall: shape (approaches, 3)."""
    if market.null:
        return np.tile(marginal_chances(market), (rows.size, 1))
    return market.signatures.chances()[rows["has_wall"], rows["signature"]]


def chances_of_observation(market: SyntheticMarket, rows: np.ndarray) -> np.ndarray:
    """Return the chances of each outcome given the realised excesses and the wall."""
    if market.null:
        return np.tile(marginal_chances(market), (rows.size, 1))
    return np.full((rows.size, 3), np.nan)
