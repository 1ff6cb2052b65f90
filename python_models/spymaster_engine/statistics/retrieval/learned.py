"""The learned space: class log-odds of a regularised multinomial logistic model.

Distance between hundreds of raw features is mostly noise. The model is fitted on earlier days only
and reduces a decision to its predicted odds: two decisions are near each other when their odds are
alike. Models that have not seen a library row's day place the row; otherwise its outcome would
decide its place. All rows of a day are placed in the same way, whether they train a model or not,
and the models of all folds share a centre.

The model reads only the values of a trigger vector, not its differences, which are six sevenths of
its elements and nearly all noise. With few episodes it reads the values of one block: others say
nearly the same and cost more than they add.

Mirrored approaches of the other direction train the model too: they affect the coefficients and are
not placed. An indicator column separates them, so that the frequency of outcomes may differ between
directions.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from spymaster_engine.statistics.retrieval.near_and_far import FOLDS
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

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
        context: of the elements of the context.
    """

    vector: float
    context: float


# tried in cross-validation: nearly nothing of the vector to most of it, context alike
PENALTIES = tuple(
    Penalties(vector, context)
    for vector in (30.0, 100.0, 1_000.0, 10_000.0)
    for context in (10.0, 100.0, 1_000.0)
)
# of a penalty, one per fold
FoldModels = dict[Penalties, list["LogisticRegression"]]
# neighbors depend only on the order of places: an overconfident model that ranks well is no worse
_FACTORS = (1.0, 0.8, 0.6, 0.4)


class Examples(NamedTuple):
    """Normalised decisions with their outcomes.

    Attributes:
        z_vector: (n, d), vectors.
        z_context: (n, c), contexts.
        outcome: (n,) int64, codes of CLASSES.
        day: (n,) int64, codes of trading days; days FOLDS apart share a fold.
        weight: (n,) float64, such that every episode has a total of 1.
    """

    z_vector: Floats
    z_context: Floats
    outcome: Codes
    day: Codes
    weight: NDArray[np.float64]


@dataclass(frozen=True)
class LearnedOdds:
    """A model fitted on all rows.

    Attributes:
        penalties: of its coefficients.
        model: places later rows.
    """

    penalties: Penalties
    model: LogisticRegression

    def place(self, z_vector: Floats, z_context: Floats) -> NDArray[np.float64]:
        """Return places of rows, (m, 3) float64: log-odds of the classes that sum to 0.

        Args:
            z_vector: (m, d), normalised like the training rows.
            z_context: (m, c).
        """
        return _places(self.model, _scaled(z_vector, z_context, self.penalties))


@dataclass(frozen=True)
class LearnedSpace(LearnedOdds):
    """A fitted space, whose penalties are chosen.

    Attributes:
        loss: mean log-loss of the left-out days per penalty, with the odds shrunk as far as helps.
        library: (n, 3) float64, places of the training rows, each by a model that has not seen its
            day.
        fold_models: by fold, fitted on the other folds; they place rows of the fold's days.
        fold_shifts: (FOLDS, 3) float64, added to their places.
        days: of the training rows, ascending, which decide the folds.
    """

    loss: dict[Penalties, float]
    library: NDArray[np.float64]
    fold_models: list[LogisticRegression]
    fold_shifts: NDArray[np.float64]
    days: Codes

    def place_left_out(self, number: int, z_vector: Floats, z_context: Floats) -> NDArray:
        """Return places of rows by the model without a fold, as ``place`` does."""
        rows = _scaled(z_vector, z_context, self.penalties)
        return _places(self.fold_models[number], rows) + self.fold_shifts[number]


def one_thread() -> AbstractContextManager:
    """Return a context in which linear algebra uses one thread.

    Matrices as small as those of a fit lose more to the meeting of threads than they win.
    """
    return _controller().limit(limits=1)


@cache
def _controller() -> ThreadpoolController:
    # finds loaded libraries only; importing loads those of a fit
    import sklearn.linear_model  # noqa: F401

    # looking for the loaded libraries takes as long as some iterations of a fit
    return ThreadpoolController()


def folds_of(day: NDArray[np.integer], days: NDArray[np.integer]) -> Codes:
    """Return the fold of each day; a day not among ``days`` has the fold of the next.

    Args:
        day: (n,).
        days: of the training rows, ascending.
    """
    return np.searchsorted(days, day) % FOLDS


def fit_learned_odds(examples: Examples, penalties: Penalties) -> LearnedOdds:
    """Fit the model alone, for rows of later days only.

    Raises:
        ValueError: All rows have the same outcome.
    """
    rows = _scaled(examples.z_vector, examples.z_context, penalties)
    return LearnedOdds(penalties, _fit(rows, examples.outcome, examples.weight))


def fit_learned_space(
    own: Examples,
    penalties: Sequence[Penalties] = PENALTIES,
    mirrored: Examples | None = None,
    fold_models: FoldModels | None = None,
) -> LearnedSpace:
    """Choose the penalties by cross-validation over days and fit the space.

    Args:
        own: rows to place, of earlier days.
        penalties: Candidates; a single candidate needs no cross-validation.
        mirrored: mirrored approaches of the other direction, normalised among themselves, for
            training only. Their days take the fold of the same or next own day; they do not count
            in the loss.
        fold_models: models that are already fitted on the same rows; gets those that were missing.

    Raises:
        ValueError: All rows have the same outcome or lie in one fold.
    """
    n = len(own.outcome)
    examples = own
    if mirrored is not None:
        examples = Examples._make(map(np.concatenate, zip(own, mirrored, strict=True)))
    is_own = np.arange(len(examples.outcome)) < n
    days = np.unique(own.day)
    fold = folds_of(examples.day, days)

    def rows_at(one: Penalties) -> NDArray[np.float32]:
        rows = _scaled(examples.z_vector, examples.z_context, one)
        # rows of the own direction are 0 in the indicator column
        return rows if is_own.all() else np.column_stack([rows, (~is_own).astype(np.float32)])

    models = {} if fold_models is None else fold_models
    places, loss = {}, {}
    for one in penalties:
        rows = rows_at(one)
        if one not in models:
            models[one] = _fold_models(rows, examples, fold)
        places[one] = _out_of_fold(models[one], rows[:n], fold[:n])
        loss[one] = min(
            float(np.average(_log_loss(places[one] * factor, own.outcome), weights=own.weight))
            for factor in _FACTORS
        )
    best = min(loss, key=loss.__getitem__)
    rows = rows_at(best)
    model = _fit(rows, examples.outcome, examples.weight)
    shifts = _fold_shifts(models[best], model, rows[:n], own.weight)
    return LearnedSpace(
        best, model, loss, places[best] + shifts[fold[:n]], models[best], shifts, days
    )


def _scaled(z_vector: Floats, z_context: Floats, penalties: Penalties) -> NDArray[np.float32]:
    """Join the groups, scaled so that one penalty of 1 acts like theirs."""
    return np.concatenate(
        [z_vector / np.sqrt(penalties.vector), z_context / np.sqrt(penalties.context)],
        axis=1,
        dtype=np.float32,
        casting="same_kind",
    )


def _fold_models(
    rows: NDArray[np.float32], examples: Examples, fold: Codes
) -> list[LogisticRegression]:
    """Return for each fold a model of the rows of the others."""
    return [
        _fit(
            rows[fold != number], examples.outcome[fold != number], examples.weight[fold != number]
        )
        for number in range(FOLDS)
    ]


def _out_of_fold(
    models: Sequence[LogisticRegression], rows: NDArray[np.float32], fold: Codes
) -> NDArray[np.float64]:
    """Return places of rows, each by the model without its fold."""
    places = np.empty((len(rows), len(CLASSES)))
    for number, model in enumerate(models):
        places[fold == number] = _places(model, rows[fold == number])
    return places


def _fold_shifts(
    models: Sequence[LogisticRegression],
    model: LogisticRegression,
    rows: NDArray[np.float32],
    weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the shift of the places of each fold's model, (FOLDS, 3).

    An outcome frequent in a fold is rarer in the others, so their model leans away from it. The
    shift gives every model the same mean over all rows: no place reveals its fold's share of
    outcomes, and queries lie among the rows of every fold.
    """
    middle, *of_folds = (
        np.average(_places(one, rows), axis=0, weights=weight) for one in (model, *models)
    )
    return middle - np.stack(of_folds)


def _fit(
    rows: NDArray[np.float32], outcome: Codes, weight: NDArray[np.float64]
) -> LogisticRegression:
    # imported late: placing rows by a fit that is known needs none of it
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, tol=_TOLERANCE, max_iter=_MAX_ITERATIONS)
    with one_thread(), warnings.catch_warnings():
        # an unfinished fit of the weakest penalty loses the cross-validation by itself
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(rows, outcome, sample_weight=weight)


def _places(model: LogisticRegression, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    odds = np.full((len(rows), len(CLASSES)), _ABSENT)
    # rows of the own direction may omit the indicator column of mirrored rows
    decision = rows @ model.coef_[:, : rows.shape[1]].T + model.intercept_
    if len(model.classes_) == 2:
        decision = np.concatenate([-decision, decision], axis=1) / 2.0
    odds[:, model.classes_] = decision
    return odds - odds.mean(axis=1, keepdims=True)


def _log_loss(places: NDArray[np.float64], outcome: Codes) -> NDArray[np.float64]:
    largest = places.max(axis=1, keepdims=True)
    total = largest[:, 0] + np.log(np.exp(places - largest).sum(axis=1))
    return total - np.take_along_axis(places, outcome[:, None], axis=1)[:, 0]
