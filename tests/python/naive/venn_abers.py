"""Venn-Abers intervals by their definition: isotonic regression twice for each new case."""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import IsotonicRegression


def interval(
    scores: np.ndarray, hits: np.ndarray, weights: np.ndarray, new: float
) -> tuple[float, float]:
    bounds = []
    for label in (0.0, 1.0):
        steps = IsotonicRegression(increasing=True)
        steps.fit(np.append(scores, new), np.append(hits, label), np.append(weights, 1.0))
        bounds.append(float(steps.predict([new])[0]))
    return bounds[0], bounds[1]
