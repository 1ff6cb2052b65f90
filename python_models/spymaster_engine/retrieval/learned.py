"""The learned space: class log-odds of a regularised multinomial logistic model.

Distance between hundreds of raw features is mostly noise. The model is fitted on earlier days
only and reduces a moment to what of it mattered for what followed: two moments are near each
other when the model would have said the same of them. Rows of the library are placed by models
that have not seen their day, otherwise they would stand where their outcome put them.

Of a trigger vector only values count, and no differences: those are six sevenths of its elements
and nearly all noise. A model of few episodes sees the values of one block, others that say nearly
the same of a moment would cost it more than they tell.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from spymaster_engine.retrieval.bands import FOLDS
from spymaster_engine.retrieval.outcomes import CLASSES

Floats = NDArray[np.floating]
Codes = NDArray[np.int64]

# log-odds of an outcome that a model has never seen, against the mean of the others
_ABSENT = -5.0
_TOLERANCE = 1e-3
_MAX_ITERATIONS = 200


class Penalties(NamedTuple):
    """Ridge penalties of the coefficients; the weight of an episode is 1.

    Attributes:
        vector: of the elements of the trigger vector.
        context: of those of the context.
    """

    vector: float
    context: float


# tried in cross-validation: nearly nothing of the vector to most of it, context alike
PENALTIES = tuple(
    Penalties(vector, context)
    for vector in (30.0, 100.0, 1_000.0, 10_000.0)
    for context in (10.0, 100.0, 1_000.0)
)
# neighbours ask for the order of places alone: a boasting model that ranks well is no worse
_FACTORS = (1.0, 0.8, 0.6, 0.4)


@dataclass(frozen=True)
class LearnedSpace:
    """A fitted space.

    Attributes:
        penalties: the chosen ones.
        loss: mean log-loss of the left-out days at each of the penalties tried, the odds drawn
            together as far as helps.
        library: (n, 3) float64, places of the rows it was fitted on, each by a model that has
            not seen its day.
        model: fitted on all rows; places whatever else is asked about.
    """

    penalties: Penalties
    loss: dict[Penalties, float]
    library: NDArray[np.float64]
    model: LogisticRegression

    def place(self, z_vector: Floats, z_context: Floats) -> NDArray[np.float64]:
        """Return where rows lie, (m, 3) float64: log-odds of the classes that sum to 0.

        Args:
            z_vector: (m, d), normalised as the rows of the fit were.
            z_context: (m, c).
        """
        return _places(self.model, _scaled(z_vector, z_context, self.penalties))


def fit_learned_space(
    z_vector: Floats,
    z_context: Floats,
    outcome: Codes,
    day: Codes,
    weight: NDArray[np.float64],
    penalties: Sequence[Penalties] = PENALTIES,
) -> LearnedSpace:
    """Choose the penalties by cross-validation over days and fit the space.

    Args:
        z_vector: (n, d), normalised vectors of earlier days.
        z_context: (n, c), normalised contexts.
        outcome: (n,), codes of CLASSES.
        day: (n,), codes of trading days; days FOLDS apart share a fold.
        weight: (n,), such that every episode has a total of 1.
        penalties: What to choose from; with one, nothing is tried.

    Raises:
        ValueError: All rows have the same outcome or lie in one fold.
    """
    fold = np.unique(day, return_inverse=True)[1] % FOLDS
    places, loss = {}, {}
    for one in penalties:
        places[one] = _out_of_fold(_scaled(z_vector, z_context, one), outcome, fold, weight)
        loss[one] = min(
            float(np.average(_log_loss(places[one] * factor, outcome), weights=weight))
            for factor in _FACTORS
        )
    best = min(loss, key=loss.__getitem__)
    model = _fit(_scaled(z_vector, z_context, best), outcome, weight)
    return LearnedSpace(best, loss, places[best], model)


def _scaled(z_vector: Floats, z_context: Floats, penalties: Penalties) -> NDArray[np.float32]:
    """Put the groups beside each other so that one penalty of 1 acts as theirs do."""
    return np.concatenate(
        [z_vector / np.sqrt(penalties.vector), z_context / np.sqrt(penalties.context)],
        axis=1,
        dtype=np.float32,
        casting="same_kind",
    )


def _out_of_fold(
    rows: NDArray[np.float32], outcome: Codes, fold: Codes, weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    places = np.empty((len(rows), len(CLASSES)))
    for number in np.unique(fold):
        left_out = fold == number
        model = _fit(rows[~left_out], outcome[~left_out], weight[~left_out])
        places[left_out] = _places(model, rows[left_out])
    return places


def _fit(
    rows: NDArray[np.float32], outcome: Codes, weight: NDArray[np.float64]
) -> LogisticRegression:
    model = LogisticRegression(C=1.0, tol=_TOLERANCE, max_iter=_MAX_ITERATIONS)
    # matrices this small lose more to the meeting of threads than they win
    with threadpool_limits(1), warnings.catch_warnings():
        # an unfinished fit of the weakest penalty loses the cross-validation by itself
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(rows, outcome, sample_weight=weight)


def _places(model: LogisticRegression, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    odds = np.full((len(rows), len(CLASSES)), _ABSENT)
    decision = rows @ model.coef_.T + model.intercept_
    if len(model.classes_) == 2:
        decision = np.concatenate([-decision, decision], axis=1) / 2.0
    odds[:, model.classes_] = decision
    return odds - odds.mean(axis=1, keepdims=True)


def _log_loss(places: NDArray[np.float64], outcome: Codes) -> NDArray[np.float64]:
    largest = places.max(axis=1, keepdims=True)
    total = largest[:, 0] + np.log(np.exp(places - largest).sum(axis=1))
    return total - np.take_along_axis(places, outcome[:, None], axis=1)[:, 0]
