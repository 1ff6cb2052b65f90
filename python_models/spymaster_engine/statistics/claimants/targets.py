"""Targets of claimants: classes by code, or numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def one_hot(outcome: NDArray, n_classes: int) -> Floats:
    """Return (n, n_classes) with a one where the outcome is."""
    return np.eye(n_classes)[outcome]


def class_shares(outcome: NDArray, weight: Floats, n_classes: int) -> Floats:
    """Return the weighted share of each class with one row of uniform belief, (n_classes,)."""
    counts = np.bincount(outcome, weight, minlength=n_classes) + 1.0 / n_classes
    return counts / counts.sum()


def softmax(scores: NDArray) -> Floats:
    """Return probabilities in proportion to exp(scores) along the last axis, float64."""
    powers = np.exp(scores.astype(np.float64) - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
