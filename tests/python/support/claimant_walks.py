"""Walks of claimants over a market of random vectors with known odds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from spymaster_engine.statistics.claimants import named_logistic, trees
from spymaster_engine.statistics.claimants.boosting import TreeSettings
from spymaster_engine.statistics.claimants.named_logistic import LogisticSettings
from spymaster_engine.statistics.claimants.walk import Claimant, Features, Walk, walk_claimants
from spymaster_engine.statistics.evaluation.judgement import Judgement
from spymaster_engine.statistics.evaluation.samples import Samples, unit_windows

from support.evaluation_market import ALL_USED, WIDTH, artificial_samples
from support.settings import protocol

PROTOCOL = protocol(used=ALL_USED, evaluation_warm_up_days=12, learned_refit_days=6)
NAMES = tuple(f"v{place}" for place in range(WIDTH))
# the elements that carry the outcome, and some that carry nothing
FEW = NAMES[:6]
# quick to fit
TREES = TreeSettings(NAMES, leaves=(4,), rounds=(10, 40))
LOGISTIC = Claimant("named_logistic", "all", FEW, named_logistic.fit, LogisticSettings(FEW))
TREE = Claimant("trees", "all", NAMES, trees.fit, TREES)
CLAIMANTS = (LOGISTIC, TREE)


def market(strength: float = 1.5, n_days: int = 24, seed: int = 5) -> Samples:
    """Return a market whose first three elements carry the outcome."""
    return artificial_samples(n_days=n_days, strength=strength, seed=seed)[0]


def features_of(samples: Samples) -> Features:
    """Return the elements of the vectors as features."""
    return Features(NAMES, samples.vector)


def walked(
    samples: Samples,
    features: Features | None = None,
    claimants: Sequence[Claimant] = CLAIMANTS,
    purge: bool = True,
) -> Walk:
    """Walk claimants and rivals over the judged windows."""
    return walk_claimants(
        claimants,
        samples,
        features or features_of(samples),
        unit_windows(samples),
        replace(PROTOCOL, purge=purge),
    )


def judged(walk: Walk, samples: Samples) -> Judgement:
    """Judge every model of a walk."""
    units = unit_windows(samples)
    return Judgement.of(
        {name: odds[units] for name, odds in walk.odds.items()},
        samples.outcome[units],
        samples.day[units],
        samples.episode[units],
        7,
    )


def day_rows(samples: Samples, day: int) -> np.ndarray:
    """Return the judged rows of a day."""
    return np.flatnonzero(unit_windows(samples) & (samples.day == day))
