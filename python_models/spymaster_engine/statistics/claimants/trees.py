"""Trees: boosted trees for whether a move is decided, and, if it is, which way.

Two binary models instead of one of three classes: P(CHOP) and P(BREAK given BREAK or REJECT). A
feature then has a sign, which may be certain, and contributions to the log-odds of BREAK against
REJECT add up [LightGBM, Ke 2017; TreeSHAP, Lundberg 2018]. Each chooses its own size, see
``boosting``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.claimants.artefacts import check
from spymaster_engine.statistics.claimants.boosting import Boosting, TreeSettings, predicted
from spymaster_engine.statistics.claimants.matrices import Matrix
from spymaster_engine.statistics.retrieval.outcomes import BREAK, CHOP, CLASSES

Floats = NDArray[np.float64]

NAME = "trees"
_SETTINGS, _CHOP, _BREAK = "settings.json", "chop.txt", "break.txt"


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
        chop, breaks = (predicted(trees, inputs.values) for trees in (self.chop, self.breaks))
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
    chop = Boosting.of(
        inputs, is_chop, weight, seed, _signs(settings, settings.falls_with_chop, -1)
    )
    decided = ~is_chop
    breaks = Boosting.of(
        inputs.take(decided),
        target[decided] == BREAK,
        weight[decided],
        seed,
        _signs(settings, settings.rises_with_break, 1),
    )
    chosen = {"chop": chop.choose(settings), "break": breaks.choose(settings)}
    return FittedTrees(
        settings.names,
        chosen,
        chop.fitted(*chosen["chop"]),
        breaks.fitted(*chosen["break"]),
    )


def _signs(settings: TreeSettings, certain: frozenset[str], sign: int) -> list[int]:
    return [sign if name in certain else 0 for name in settings.names]
