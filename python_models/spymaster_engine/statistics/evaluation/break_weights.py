"""Weights of the parts of the break score, as earlier approaches tell a break from a rejection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from spymaster_engine.statistics.retrieval.outcomes import BREAK, REJECT

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

# of the squared coefficients of standardised columns, as strict as that of the rivals
_PENALTY = 10.0


def break_weights(parts: Floats, distance: Floats, outcome: Codes, weight: Floats) -> Floats:
    """Fit weights, at least 0 and 1 in sum, to resolved windows.

    A logistic regression of BREAK against REJECT on distance and parts, whose coefficients of the
    parts are at least 0: the score says that each part makes a break more likely. The coefficients
    over their sum are the weights.

    Args:
        parts: (n, m), of one unit; a part that never changes gets weight 0.
        distance: (n,) from the level, a covariate.
        outcome: (n,) codes of CLASSES; CHOP does not count.
        weight: (n,).

    Returns:
        (m,) weights; NaN where no part makes a break more likely, or nothing is resolved.
    """
    resolved = np.isin(outcome, (BREAK, REJECT))
    if not resolved.any():
        return np.full(parts.shape[1], np.nan)
    columns = np.column_stack([distance, parts])[resolved].astype(np.float64)
    rows = weight[resolved]
    centred = columns - np.average(columns, axis=0, weights=rows)
    # the mean of equal numbers differs from them in the last digit
    centred[:, np.ptp(columns, axis=0) == 0.0] = 0.0
    spread = np.sqrt(np.average(np.square(centred), axis=0, weights=rows))
    standardised = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0.0)
    raised = _raised(standardised, outcome[resolved] == BREAK, rows)[1:]
    per_point = np.divide(raised, spread[1:], out=np.zeros_like(raised), where=spread[1:] > 0.0)
    total = per_point.sum()
    return per_point / total if total > 0.0 else np.full(parts.shape[1], np.nan)


def _raised(columns: Floats, is_break: NDArray[np.bool_], weight: Floats) -> Floats:
    """Return the coefficients of a logistic regression; all but the first are at least 0."""

    def loss(values: Floats) -> tuple[float, Floats]:
        log_odds = values[0] + columns @ values[1:]
        gap = weight * (expit(log_odds) - is_break)
        lost = weight @ (np.logaddexp(0.0, log_odds) - is_break * log_odds)
        penalty = 0.5 * _PENALTY * values[1:] @ values[1:]
        slope = np.append(gap.sum(), columns.T @ gap + _PENALTY * values[1:])
        return float(lost + penalty), slope

    n_columns = columns.shape[1]
    bounds = [(None, None)] * 2 + [(0.0, None)] * (n_columns - 1)
    start = np.zeros(n_columns + 1)
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x[1:]
