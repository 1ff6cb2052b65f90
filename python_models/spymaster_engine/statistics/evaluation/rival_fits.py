"""Rivals of retrieval: odds of simpler models for the same windows.

Each is fitted on a library (windows of earlier days with all three outcomes) and returns the odds
of BREAK, REJECT and CHOP for the judged windows, (n, 3).
"""

from __future__ import annotations

from collections.abc import Callable

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from spymaster_engine.statistics.evaluation.bootstrap import episode_weights
from spymaster_engine.statistics.evaluation.samples import Samples
from spymaster_engine.statistics.retrieval.distance_bands import DistanceBands
from spymaster_engine.statistics.retrieval.learned import one_thread
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
FittedModel = Callable[[NDArray], Floats]

_CLASSES = len(CLASSES)
# episodes of prior belief in the wider base rate
PRIOR_EPISODES = 10.0
TREES = {
    "objective": "multiclass",
    "num_class": _CLASSES,
    "num_leaves": 7,
    "learning_rate": 0.05,
    "min_data_in_leaf": 40,
    "lambda_l2": 10.0,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "feature_fraction": 0.3,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
_TREE_ROUNDS = 60
_CONTEXT_PENALTY = 10.0


def class_shares(outcome: Codes, weight: Floats) -> Floats:
    """Return the weighted share of each outcome with one episode of uniform belief, (3,)."""
    counts = np.bincount(outcome, weight, minlength=_CLASSES) + 1.0 / _CLASSES
    return counts / counts.sum()


def library_weights(library: Samples) -> Floats:
    """Return weights that give every episode of the library a total of one."""
    return episode_weights(np.unique(library.episode, return_inverse=True)[1])


def base_rate(library: Samples, queries: Samples) -> Floats:
    """Return the shares of the whole library for every window."""
    return np.tile(class_shares(library.outcome, library_weights(library)), (len(queries), 1))


def base_rate_by_kind_and_time(library: Samples, queries: Samples) -> Floats:
    """Return the shares by kind of level and half-hour, drawn towards the library's where few."""
    cells = (
        np.stack([windows.level_kind, windows.half_hour], axis=1).astype(np.int64)
        for windows in (library, queries)
    )
    return _by_cell(library, *cells)


def base_rate_by_distance(library: Samples, queries: Samples, bands: DistanceBands) -> Floats:
    """Return the shares by band of distance, drawn towards the library's where few."""
    cells = (bands.codes(windows.x0_ticks)[:, np.newaxis] for windows in (library, queries))
    return _by_cell(library, *cells)


def _by_cell(library: Samples, cell: Codes, query_cell: Codes) -> Floats:
    """Return the shares of the library's rows in the same cell, (n, m) codes each."""
    weight = library_weights(library)
    base = class_shares(library.outcome, weight)
    result = np.empty((len(query_cell), _CLASSES))
    for codes in np.unique(query_cell, axis=0):
        same = (cell == codes).all(axis=1)
        counts = np.bincount(library.outcome[same], weight[same], minlength=_CLASSES)
        there = (query_cell == codes).all(axis=1)
        result[there] = (counts + PRIOR_EPISODES * base) / (counts.sum() + PRIOR_EPISODES)
    return result


def logistic(features: NDArray, outcome: Codes, weight: Floats) -> FittedModel:
    """Fit a multinomial logistic regression on standardised features.

    Args:
        features: (n, d), NaN where unknown, replaced by the median.
        outcome: (n,).
        weight: (n,).
    """
    return _regression(features, outcome, weight, _CONTEXT_PENALTY).predict_proba


def logistic_numbers(
    features: NDArray, outcome: Codes, weight: Floats, penalty: float
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Fit a multinomial logistic regression and return its numbers.

    Args:
        features: (n, d), NaN where unknown, replaced by the median.
        outcome: (n,).
        weight: (n,).
        penalty: of squared coefficients.

    Returns:
        Median, mean and scale of the features, (d,), coefficients (classes, d) and intercepts
        (classes,). A feature without any value counts as 0.
    """
    imputer, scaler, model = _regression(features, outcome, weight, penalty)
    coefficient, intercept = model.coef_, model.intercept_
    if len(coefficient) == 1:
        # of two classes it is the log-odds of the second against the first
        coefficient = np.concatenate([np.zeros_like(coefficient), coefficient])
        intercept = np.concatenate([np.zeros_like(intercept), intercept])
    return imputer.statistics_, scaler.mean_, scaler.scale_, coefficient, intercept


def _regression(features: NDArray, outcome: Codes, weight: Floats, penalty: float) -> Pipeline:
    model = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=1.0 / penalty, max_iter=500),
    )
    with one_thread():
        model.fit(features, outcome, logisticregression__sample_weight=weight)
    return model


def boosted_trees(features: NDArray, outcome: Codes, weight: Floats, seed: int) -> FittedModel:
    """Fit boosted trees, which handle NaN.

    Args:
        features: (n, d).
        outcome: (n,).
        weight: (n,).
        seed: Of the draws of rows and features.
    """
    data = lightgbm.Dataset(features, outcome, weight=weight, params={"verbosity": -1})
    trees = lightgbm.train(TREES | {"seed": seed}, data, num_boost_round=_TREE_ROUNDS)
    return lambda queries: np.asarray(trees.predict(queries, num_threads=1))
