"""Boosted trees of one target, whose size is chosen on later days than they learn from.

The number of leaves and of trees are those with the least loss (log-loss of yes or no, squared
error of a number) in an inner walk-forward over the training days, so that later days never stop a
fit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.claimants.artefacts import check
from spymaster_engine.statistics.claimants.inner_loss import usable_splits, weighted_loss
from spymaster_engine.statistics.claimants.matrices import Matrix
from spymaster_engine.statistics.evaluation.rival_fits import TREES

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NAME = "boosting"
BINARY, REGRESSION = "binary", "regression"
_SETTINGS, _TREES = "settings.json", "trees.txt"
# larger than the rivals': with as many trees, half of it leaves planted odds too near the shares
_LEARNING_RATE = 0.1
# with fewer features each tree sees all of them
_FEW_FEATURES = 30


@dataclass(frozen=True)
class TreeSettings:
    """Settings of the trees.

    Attributes:
        names: of the features, in their order.
        falls_with_chop: features of which more makes CHOP less likely, for certain.
        rises_with_break: features of which more makes BREAK more likely than REJECT, for certain.
        leaves: candidates for the most leaves of a tree.
        rounds: candidates for the number of trees, ascending.
        default: leaves and rounds with too few days to choose.
    """

    names: tuple[str, ...]
    falls_with_chop: frozenset[str] = frozenset()
    rises_with_break: frozenset[str] = frozenset()
    leaves: tuple[int, ...] = (4, 15)
    rounds: tuple[int, ...] = (5, 10, 20, 40, 80)
    default: tuple[int, int] = (4, 20)


@dataclass(frozen=True)
class Boosting:
    """Rows to learn one target from.

    Attributes:
        inputs: n decisions.
        target: (n,) 1 or 0, or numbers.
        weight: (n,).
        parameters: of LightGBM.
    """

    inputs: Matrix
    target: Floats
    weight: Floats
    parameters: dict[str, Any]

    @classmethod
    def of(
        cls,
        inputs: Matrix,
        target: NDArray,
        weight: Floats,
        seed: int,
        signs: list[int],
        objective: str = BINARY,
    ) -> Boosting:
        """Return the rows with the parameters of a fit.

        Args:
            inputs: n decisions.
            target: (n,) 1 or 0 for BINARY, numbers for REGRESSION.
            weight: (n,) above 0.
            seed: of the draws of rows and features.
            signs: of each feature, 1 or -1 where more of it makes the target larger or smaller for
                certain, else 0.
            objective: BINARY or REGRESSION.
        """
        few = len(signs) <= _FEW_FEATURES
        parameters = {
            **{name: value for name, value in TREES.items() if name != "num_class"},
            "objective": objective,
            "max_bin": 63,
            "learning_rate": _LEARNING_RATE,
            "seed": seed,
            **({"feature_fraction": 1.0} if few else {}),
            **({"monotone_constraints": signs} if any(signs) else {}),
        }
        return cls(inputs, target.astype(np.float64), weight, parameters)

    def fitted(self, leaves: int, rounds: int) -> lightgbm.Booster:
        """Fit so many trees on every row.

        They are those of the artefact, whose last digits may differ from those in memory.
        """
        trees = self._trees(np.ones(len(self.target), np.bool_), leaves, rounds)
        return lightgbm.Booster(model_str=trees.model_to_string())

    def choose(self, settings: TreeSettings) -> tuple[int, int]:
        """Return leaves and rounds with the least loss on later days; a tie goes to fewer."""
        is_binary = self.parameters["objective"] == BINARY
        classes = self.target.astype(np.int64) if is_binary else np.zeros(len(self.target), int)
        splits = usable_splits(self.inputs.day, classes)
        if not splits:
            return settings.default
        best, least = settings.default, np.inf
        for leaves in settings.leaves:
            losses = np.zeros(len(settings.rounds))
            for split in splits:
                trees = self._trees(split.learned, leaves, settings.rounds[-1])
                values, weight = self.inputs.values[split.judged], self.weight[split.judged]
                for place, rounds in enumerate(settings.rounds):
                    stated = predicted(trees, values, rounds)
                    if is_binary:
                        odds = np.stack([1.0 - stated, stated], axis=1)
                        losses[place] += weighted_loss(odds, classes[split.judged], weight)
                    else:
                        error = stated - self.target[split.judged]
                        losses[place] += float((weight * np.square(error)).sum())
            if losses.min() < least:
                least = float(losses.min())
                best = (leaves, settings.rounds[int(np.argmin(losses))])
        return best

    def _trees(self, rows: Bools, leaves: int, rounds: int) -> lightgbm.Booster:
        data = lightgbm.Dataset(
            self.inputs.values[rows],
            self.target[rows].astype(np.float32),
            weight=self.weight[rows],
            params={"verbosity": -1, "max_bin": self.parameters["max_bin"]},
        )
        parameters = self.parameters | {"num_leaves": leaves}
        return lightgbm.train(parameters, data, num_boost_round=rounds)


def predicted(trees: lightgbm.Booster, values: NDArray, rounds: int | None = None) -> Floats:
    """Return chances or numbers of rows, (n,), by the first of the trees, or by all."""
    return np.asarray(trees.predict(values, num_iteration=rounds, num_threads=1))


@dataclass(frozen=True)
class FittedBoosting:
    """Fitted trees of a head.

    Attributes:
        names: of the features.
        objective: BINARY or REGRESSION.
        chosen: leaves and number of trees.
        trees: of the target.
    """

    names: tuple[str, ...]
    objective: str
    chosen: tuple[int, int]
    trees: lightgbm.Booster

    def predict(self, inputs: Matrix) -> Floats:
        """Return the chances of no and yes, (n, 2), or the expected number, (n, 1)."""
        stated = predicted(self.trees, inputs.values)
        columns = [1.0 - stated, stated] if self.objective == BINARY else [stated]
        return np.stack(columns, axis=1)

    def artefact(self) -> dict[str, bytes]:
        """Return the files of the artefact: trees as LightGBM's text, settings as JSON."""
        content = {
            "claimant": NAME,
            "names": self.names,
            "objective": self.objective,
            "chosen": self.chosen,
        }
        return {
            _SETTINGS: (json.dumps(content, sort_keys=True, indent=1) + "\n").encode(),
            _TREES: self.trees.model_to_string().encode(),
        }


def load(artefact: Mapping[str, bytes], sha256: str) -> FittedBoosting:
    """Return the trees of an artefact.

    Raises:
        AlteredArtefactError: the content hash is another one.
    """
    check(artefact, sha256)
    content = json.loads(artefact[_SETTINGS])
    leaves, rounds = content["chosen"]
    trees = lightgbm.Booster(model_str=artefact[_TREES].decode())
    return FittedBoosting(tuple(content["names"]), content["objective"], (leaves, rounds), trees)


def fit_binary(
    inputs: Matrix, target: NDArray, weight: Floats, seed: int, settings: TreeSettings
) -> FittedBoosting:
    """Fit trees of yes or no, (n,) 1 or 0; see ``Boosting.of``. No sign is certain."""
    return _fitted(inputs, target, weight, seed, settings, BINARY)


def fit_number(
    inputs: Matrix, target: NDArray, weight: Floats, seed: int, settings: TreeSettings
) -> FittedBoosting:
    """Fit trees of a number, (n,), by squared error; see ``Boosting.of``. No sign is certain."""
    return _fitted(inputs, target, weight, seed, settings, REGRESSION)


def _fitted(
    inputs: Matrix,
    target: NDArray,
    weight: Floats,
    seed: int,
    settings: TreeSettings,
    objective: str,
) -> FittedBoosting:
    signs = [0] * len(settings.names)
    rows = Boosting.of(inputs, target, weight, seed, signs, objective)
    chosen = rows.choose(settings)
    return FittedBoosting(settings.names, objective, chosen, rows.fitted(*chosen))
