"""Named logistic: a penalised multinomial logistic regression on a few features with names.

Unknown values are the median of the training rows. The penalty is the one with the least log-loss
in an inner walk-forward over the training days.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.claimants.artefacts import check
from spymaster_engine.statistics.claimants.inner_loss import loss_on_later_days
from spymaster_engine.statistics.claimants.matrices import Matrix
from spymaster_engine.statistics.evaluation.rival_fits import logistic_numbers

Floats = NDArray[np.float64]

NAME = "named_logistic"
_SETTINGS, _NUMBERS = "settings.json", "numbers.json"
_ARRAYS = ("median", "mean", "scale", "coefficient", "intercept")


@dataclass(frozen=True)
class LogisticSettings:
    """Settings of the regression.

    Attributes:
        names: of the features, in their order.
        penalties: candidates, ascending.
    """

    names: tuple[str, ...]
    penalties: tuple[float, ...] = (3.0, 30.0, 300.0)


@dataclass(frozen=True)
class FittedLogistic:
    """A fitted claimant.

    Attributes:
        names: of the features.
        penalty: the chosen one.
        median: (features,), stands for unknown values.
        mean: (features,), subtracted.
        scale: (features,), divisor.
        coefficient: (classes, features).
        intercept: (classes,).
    """

    names: tuple[str, ...]
    penalty: float
    median: Floats
    mean: Floats
    scale: Floats
    coefficient: Floats
    intercept: Floats

    def predict(self, inputs: Matrix) -> Floats:
        """Return the odds of the classes, (n, classes)."""
        values = inputs.values.astype(np.float64)
        z = (np.where(np.isnan(values), self.median, values) - self.mean) / self.scale
        # einsum sums in one order, whatever the number of threads
        scores = np.einsum("nf,cf->nc", z, self.coefficient) + self.intercept
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def artefact(self) -> dict[str, bytes]:
        """Return the files of the artefact: numbers as JSON, which keeps them exactly."""
        settings = {"claimant": NAME, "names": self.names, "penalty": self.penalty}
        numbers = {name: getattr(self, name).tolist() for name in _ARRAYS}
        return {
            name: (json.dumps(content, sort_keys=True, indent=1) + "\n").encode()
            for name, content in ((_SETTINGS, settings), (_NUMBERS, numbers))
        }


def load(artefact: Mapping[str, bytes], sha256: str) -> FittedLogistic:
    """Return the claimant of an artefact.

    Raises:
        AlteredArtefactError: the content hash is another one.
    """
    check(artefact, sha256)
    settings, numbers = (json.loads(artefact[name]) for name in (_SETTINGS, _NUMBERS))
    arrays = (np.array(numbers[name]) for name in _ARRAYS)
    return FittedLogistic(tuple(settings["names"]), settings["penalty"], *arrays)


def fit(
    inputs: Matrix, target: NDArray, weight: Floats, seed: int, settings: LogisticSettings
) -> FittedLogistic:
    """Fit on the decisions of earlier days.

    Args:
        inputs: n decisions.
        target: (n,) codes of classes, each of which occurs.
        weight: (n,) above 0.
        seed: of nothing; claimants share their arguments.
        settings: names and candidates.
    """

    def fitted(rows: NDArray[np.bool_], penalty: float) -> FittedLogistic:
        values = inputs.values[rows].astype(np.float64)
        numbers = logistic_numbers(values, target[rows], weight[rows], penalty)
        # sums go along the memory: arrays lie as those of an artefact do
        arrays = (np.array(number, np.float64, order="C") for number in numbers)
        return FittedLogistic(settings.names, penalty, *arrays)

    def loss(penalty: float) -> float:
        return loss_on_later_days(
            inputs.day,
            target,
            weight,
            lambda rows, judged: fitted(rows, penalty).predict(inputs.take(judged)),
        )

    # a tie goes to the larger penalty
    penalty = min(settings.penalties[::-1], key=loss)
    return fitted(np.ones(len(inputs), np.bool_), penalty)
