"""Sequences of decisions with a planted cause of the outcome, and without one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from spymaster_engine.statistics.claimants.sequences import Sequences

DAYS, PER_DAY, CHANNELS, ROWS, STATIC = 45, 10, 4, 240, 3
TEST_DAYS = 15
SEED = 42
_NOISE_SHARE = 0.25


class Planted(NamedTuple):
    """Decisions with outcomes; the last TEST_DAYS days are for judging."""

    sequences: Sequences
    outcome: NDArray[np.int64]
    strength: NDArray[np.float64]
    weight: NDArray[np.float64]

    @property
    def is_test(self) -> NDArray[np.bool_]:
        return self.sequences.day >= DAYS - TEST_DAYS

    @property
    def is_training(self) -> NDArray[np.bool_]:
        return ~self.is_test


def planted(shuffled: bool = False) -> Planted:
    """A wave in the last 96 rows of channel 1: fast before BREAK, slow before REJECT, else none.

    A quarter of the outcomes is drawn anew. Rows of a twentieth are missing.
    """
    draw = np.random.default_rng(SEED)
    n = DAYS * PER_DAY
    values = draw.normal(size=(n, CHANNELS, ROWS)).astype(np.float32)
    cause = draw.integers(0, 3, n)
    at = np.arange(96)
    for code, period in ((0, 8.0), (1, 24.0)):
        phase = draw.uniform(0.0, 2.0 * np.pi, (n, 1))
        wave = 1.5 * np.sin(2.0 * np.pi * at / period + phase)
        values[cause == code, 1, -96:] += wave[cause == code].astype(np.float32)
    # what is easy for the perceptron, which reads means over time
    values[cause == 0, 2, -24:] += 0.4
    values[cause == 1, 2, -24:] -= 0.4
    values[draw.random(values.shape) < 0.02] = np.nan
    static = draw.normal(size=(n, STATIC)).astype(np.float32)
    static[::7, 1] = np.nan
    outcome = np.where(draw.random(n) < _NOISE_SHARE, draw.integers(0, 3, n), cause)
    if shuffled:
        outcome = draw.permutation(outcome)
    strength = np.array([1.0, -1.0, 0.0])[outcome] + 0.3 * draw.normal(size=n)
    strength[::5] = np.nan
    day = np.repeat(np.arange(DAYS), PER_DAY)
    missing = draw.random((n, ROWS)) < 0.05
    weight = draw.choice([0.5, 1.0], n)
    return Planted(Sequences(values, missing, static, day), outcome, strength, weight)
