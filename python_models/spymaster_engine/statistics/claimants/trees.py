"""Trees: boosted trees for whether a move is decided, and, if it is, which way.

Two binary models instead of one of three classes: P(CHOP) and P(BREAK given BREAK or REJECT). A
feature then has a sign, which may be certain, and contributions to the log-odds of BREAK against
REJECT add up [LightGBM, Ke 2017; TreeSHAP, Lundberg 2018]. The number of leaves and of trees of
each are those with the least log-loss in an inner walk-forward over the training days, so that
later days never stop a fit.
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
from spymaster_engine.statistics.retrieval.outcomes import BREAK, CHOP, CLASSES

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NAME = "trees"
_SETTINGS, _CHOP, _BREAK = "settings.json", "chop.txt", "break.txt"
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
class FittedTrees:
    """A fitted claimant.

    Attributes:
        names: of the features.
        chosen: leaves and number of trees, of each model.
        chop: trees for CHOP against a decided move.
        breaks: trees for BREAK against REJECT.
    """

    names: tuple[str, ...]
    chosen: dict[str, tuple[int, int]]
    chop: lightgbm.Booster
    breaks: lightgbm.Booster

    def predict(self, inputs: Matrix) -> Floats:
        """Return the odds of the classes, (n, 3)."""
        chop, breaks = (_stated(trees, inputs.values) for trees in (self.chop, self.breaks))
        odds = np.empty((len(inputs), len(CLASSES)))
        odds[:, CHOP] = chop
        odds[:, BREAK] = (1.0 - chop) * breaks
        odds[:, 1 - BREAK] = (1.0 - chop) * (1.0 - breaks)
        return odds

    def contributions(self, inputs: Matrix) -> Floats:
        """Return what each feature adds to the log-odds of BREAK against REJECT.

        Returns:
            (n, features + 1), of which the last is what holds without any feature; a row sums to
            ``log_odds``.
        """
        return np.asarray(self.breaks.predict(inputs.values, pred_contrib=True, num_threads=1))

    def log_odds(self, inputs: Matrix) -> Floats:
        """Return the log-odds of BREAK against REJECT, (n,)."""
        return np.asarray(self.breaks.predict(inputs.values, raw_score=True, num_threads=1))

    def artefact(self) -> dict[str, bytes]:
        """Return the files of the artefact: trees as LightGBM's text, settings as JSON."""
        content = {"claimant": NAME, "names": self.names, "chosen": self.chosen}
        return {
            _SETTINGS: (json.dumps(content, sort_keys=True, indent=1) + "\n").encode(),
            _CHOP: self.chop.model_to_string().encode(),
            _BREAK: self.breaks.model_to_string().encode(),
        }


def load(artefact: Mapping[str, bytes], sha256: str) -> FittedTrees:
    """Return the claimant of an artefact.

    Raises:
        AlteredArtefactError: the content hash is another one.
    """
    check(artefact, sha256)
    content = json.loads(artefact[_SETTINGS])
    chop, breaks = (lightgbm.Booster(model_str=artefact[name].decode()) for name in (_CHOP, _BREAK))
    chosen = {name: tuple(pair) for name, pair in content["chosen"].items()}
    return FittedTrees(tuple(content["names"]), chosen, chop, breaks)


def fit(
    inputs: Matrix, target: NDArray, weight: Floats, seed: int, settings: TreeSettings
) -> FittedTrees:
    """Fit on the decisions of earlier days.

    Args:
        inputs: n decisions.
        target: (n,) codes of CLASSES, each of which occurs.
        weight: (n,) above 0.
        seed: of the draws of rows and features.
        settings: names, signs and candidates.
    """
    is_chop = target == CHOP
    chop = _Binary.of(inputs, is_chop, weight, seed, _signs(settings, settings.falls_with_chop, -1))
    decided = ~is_chop
    breaks = _Binary.of(
        inputs.take(decided),
        target[decided] == BREAK,
        weight[decided],
        seed,
        _signs(settings, settings.rises_with_break, 1),
    )
    chosen = {"chop": chop.choose(settings), "break": breaks.choose(settings)}
    everything = (np.ones(len(model.hit), np.bool_) for model in (chop, breaks))
    return FittedTrees(
        settings.names,
        chosen,
        _as_written(chop.trees(next(everything), *chosen["chop"])),
        _as_written(breaks.trees(next(everything), *chosen["break"])),
    )


def _as_written(trees: lightgbm.Booster) -> lightgbm.Booster:
    """Return the trees of the artefact, whose last digits may differ from those in memory."""
    return lightgbm.Booster(model_str=trees.model_to_string())


def _signs(settings: TreeSettings, certain: frozenset[str], sign: int) -> list[int]:
    return [sign if name in certain else 0 for name in settings.names]


def _stated(trees: lightgbm.Booster, values: NDArray, rounds: int | None = None) -> Floats:
    return np.asarray(trees.predict(values, num_iteration=rounds, num_threads=1))


@dataclass(frozen=True)
class _Binary:
    """Rows of a binary model.

    Attributes:
        inputs: n decisions.
        hit: (n,) whether it happened.
        weight: (n,).
        parameters: of LightGBM.
    """

    inputs: Matrix
    hit: Bools
    weight: Floats
    parameters: dict[str, Any]

    @classmethod
    def of(cls, inputs: Matrix, hit: Bools, weight: Floats, seed: int, signs: list[int]) -> _Binary:
        few = len(signs) <= _FEW_FEATURES
        parameters = {
            **{name: value for name, value in TREES.items() if name != "num_class"},
            "objective": "binary",
            "max_bin": 63,
            "learning_rate": _LEARNING_RATE,
            "seed": seed,
            **({"feature_fraction": 1.0} if few else {}),
            **({"monotone_constraints": signs} if any(signs) else {}),
        }
        return cls(inputs, hit, weight, parameters)

    def trees(self, rows: Bools, leaves: int, rounds: int) -> lightgbm.Booster:
        """Fit so many trees on some of the rows, (n,)."""
        data = lightgbm.Dataset(
            self.inputs.values[rows],
            self.hit[rows].astype(np.float32),
            weight=self.weight[rows],
            params={"verbosity": -1, "max_bin": self.parameters["max_bin"]},
        )
        parameters = self.parameters | {"num_leaves": leaves}
        return lightgbm.train(parameters, data, num_boost_round=rounds)

    def choose(self, settings: TreeSettings) -> tuple[int, int]:
        """Return leaves and rounds with the least log-loss on later days; a tie goes to fewer."""
        target = self.hit.astype(np.int64)
        splits = usable_splits(self.inputs.day, target)
        if not splits:
            return settings.default
        best, least = settings.default, np.inf
        for leaves in settings.leaves:
            losses = np.zeros(len(settings.rounds))
            for split in splits:
                trees = self.trees(split.learned, leaves, settings.rounds[-1])
                values, weight = self.inputs.values[split.judged], self.weight[split.judged]
                for place, rounds in enumerate(settings.rounds):
                    stated = _stated(trees, values, rounds)
                    odds = np.stack([1.0 - stated, stated], axis=1)
                    losses[place] += weighted_loss(odds, target[split.judged], weight)
            if losses.min() < least:
                least = float(losses.min())
                best = (leaves, settings.rounds[int(np.argmin(losses))])
        return best
