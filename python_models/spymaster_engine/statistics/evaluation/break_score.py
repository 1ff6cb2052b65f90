"""Odds of models that see the break score, and of rivals that do not.

Samples hold ``SCORES`` in their context, in that order, and windows of both directions: of an
approach from above, signed rival features are mirrored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation import rival_fits
from spymaster_engine.statistics.evaluation.blocks import Block
from spymaster_engine.statistics.evaluation.break_weights import break_weights
from spymaster_engine.statistics.evaluation.judged_day import Day
from spymaster_engine.statistics.evaluation.judgement import Claim, Judgement
from spymaster_engine.statistics.evaluation.model_odds import MODELS, Model
from spymaster_engine.statistics.evaluation.samples import Samples
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, TOO_FEW
from spymaster_engine.statistics.evaluation.walk_forward import Protocol, walk_forward
from spymaster_engine.statistics.retrieval.outcomes import BREAK, CLASSES, REJECT

Floats = NDArray[np.float64]

SCORES = ("score_smooth", "score_raw", "s_l", "s_h", "s_t")
PARTS_OF_SCORE = [SCORES.index(part) for part in ("s_l", "s_h", "s_t")]
BETTER, WORSE = "better", "worse"

SCORE, SCORE_ALONE, SCORE_IN_CONTEXT = "break_score", "break_score_alone", "break_score_in_context"
HAND_WEIGHTS, FITTED_WEIGHTS = "hand_weights", "fitted_weights"
PARTS = ("liquidity_part", "hedging_part", "tape_part")
# column of SCORES that a model adds to distance
_ADDED = {
    **dict.fromkeys((SCORE, SCORE_ALONE, SCORE_IN_CONTEXT), "score_smooth"),
    HAND_WEIGHTS: "score_raw",
    **dict(zip(PARTS, ("s_l", "s_h", "s_t"), strict=True)),
}
DISTANCE, CONTEXT = "distance", "logistic_context"
# rivals that know distance at most: what the score must beat
DISTANCE_RIVALS = ("base_rate", "base_rate_by_distance", DISTANCE, "first_passage")
RIVALS = (*DISTANCE_RIVALS, CONTEXT, "lightgbm_context")
# rivals of each model
COMPARED: Mapping[str, Sequence[str]] = {
    SCORE: RIVALS,
    SCORE_ALONE: ("base_rate", DISTANCE),
    SCORE_IN_CONTEXT: (CONTEXT, "lightgbm_context"),
    HAND_WEIGHTS: (DISTANCE,),
    FITTED_WEIGHTS: (DISTANCE, HAND_WEIGHTS),
    **dict.fromkeys(PARTS, (DISTANCE,)),
}
# output of the walk beside the odds
_WEIGHTS = "weights"
_DISTANCE_COLUMN = 0
_TEN_POINTS = 10.0


@dataclass(frozen=True)
class ScoreWalk:
    """What was known on each judged day; n rows, NaN where not judged.

    Attributes:
        odds: (n, 3) by model and rival.
        weights: (n, 3) weights of the parts by earlier days, NaN on days without any.
        added: (n,) by model, what it adds to distance, points.
        slope: (n,) by model, change of the log-odds of BREAK against REJECT per ten points.
    """

    odds: Mapping[str, Floats]
    weights: Floats
    added: Mapping[str, Floats]
    slope: Mapping[str, Floats]


def walk_scores(samples: Samples, is_query: NDArray[np.bool_], protocol: Protocol) -> ScoreWalk:
    """Judge each day with maps, weights and rivals of earlier days.

    Args:
        samples: windows with scores, see the module.
        is_query: (n,) windows to judge.
        protocol: how to walk.
    """
    answers = walk_forward(samples, is_query, protocol, _MODELS)
    weights = answers.pop(_WEIGHTS)
    odds = {name: answer[:, : len(CLASSES)] for name, answer in answers.items()}
    slope = {name: answers[name][:, -1] for name in COMPARED}
    scores = samples.context.astype(np.float64)
    by_score = dict(zip(SCORES, scores.T, strict=True))
    added = {name: by_score[score] for name, score in _ADDED.items()}
    added[FITTED_WEIGHTS] = (scores[:, PARTS_OF_SCORE] * weights).sum(axis=1)
    return ScoreWalk(odds, weights, added, slope)


def score_verdict(judgement: Judgement, least_episodes: int, slope: float) -> dict[str, object]:
    """Judge whether the score knows more than the best rival that knows distance at most.

    A map of a score that knows nothing costs a little, so losing to such a rival shows nothing. A
    score is worse than none if it helps only because its map turns it round: it says BREAK where a
    rejection follows. Calibration is that of the map, not of the score, and decides nothing.

    Args:
        judgement: of the model SCORE and its rivals.
        least_episodes: least number for a verdict.
        slope: change of the log-odds of BREAK against REJECT with the score, whose sign counts.

    Returns:
        The rival, the calibration error, what chance makes of it, and the verdict, as columns of
        eval_break_score.
    """
    claim = judgement.claim(SCORE, least_episodes, DISTANCE_RIVALS)
    if claim.skill_lo > 0.0:
        return _said(claim, WORSE if slope < 0.0 else BETTER)
    return _said(claim, NOT_SHOWN)


def weights_verdict(judgement: Judgement, least_episodes: int) -> dict[str, object]:
    """Judge whether fitted weights know more than those made by hand.

    Of two scores that know nothing the one loses less, by chance or because it varies less. The
    one that wins must know more than distance as well.

    Args:
        judgement: of the models with weights and of the rivals that know distance at most.
        least_episodes: least number for a verdict.

    Returns:
        As ``score_verdict``.
    """
    claim = judgement.claim(FITTED_WEIGHTS, least_episodes, (HAND_WEIGHTS,))
    if claim.skill_lo > 0.0 and _knows(judgement, FITTED_WEIGHTS):
        return _said(claim, BETTER)
    is_worse = claim.skill_hi < 0.0 and _knows(judgement, HAND_WEIGHTS)
    return _said(claim, WORSE if is_worse else NOT_SHOWN)


def _knows(judgement: Judgement, model: str) -> bool:
    return judgement.skill(model, judgement.best_of(DISTANCE_RIVALS))[1] > 0.0


def _said(claim: Claim, verdict: str) -> dict[str, object]:
    return {
        "rival": claim.best_baseline,
        "ece": claim.ece,
        "ece_chance_q95": claim.ece_chance_q95,
        "verdict": TOO_FEW if claim.verdict == TOO_FEW else verdict,
    }


def _mapped(name: str, features: Callable[[Samples, Block], Floats]) -> Model:
    """Return a map from features, the score last, to odds and the slope, fitted on the library."""

    def fit(block: Block) -> tuple[rival_fits.FittedModel, float]:
        known = features(block.library, block)
        fitted = rival_fits.logistic(known, block.library.outcome, block.weight)
        # the log-odds are linear in the score, so any window shows the slope
        here = np.stack([known[0], known[0] + _TEN_POINTS * np.eye(known.shape[1])[-1]])
        odds = fitted(here)
        return fitted, float(np.diff(np.log(odds[:, BREAK] / odds[:, REJECT]))[0])

    def model(day: Day) -> Floats:
        fitted, slope = day.block.model(name, fit)
        odds = fitted(features(day.block.samples.take(day.query_rows), day.block))
        return np.column_stack([odds, np.full(len(odds), slope)])

    return model


def _with(name: str, score: str, context: Sequence[int] = (_DISTANCE_COLUMN,)) -> Model:
    """Return a map from rival features and a score."""
    column = SCORES.index(score)
    return _mapped(
        name,
        lambda samples, _: np.column_stack(
            [samples.rival[:, list(context)], samples.context[:, column]]
        ),
    )


def _weights_of(block: Block) -> Floats:
    library = block.library
    return break_weights(
        library.context[:, PARTS_OF_SCORE].astype(np.float64),
        library.rival[:, _DISTANCE_COLUMN],
        library.outcome,
        block.weight,
    )


def _fitted_score(samples: Samples, block: Block) -> Floats:
    """Return distance and the score by the fitted weights; 0 without weights."""
    weights = np.nan_to_num(block.model(_WEIGHTS, _weights_of))
    score = samples.context[:, PARTS_OF_SCORE] @ weights
    return np.column_stack([samples.rival[:, _DISTANCE_COLUMN], score])


_MODELS: dict[str, Model] = {
    SCORE: _with(SCORE, "score_smooth"),
    SCORE_ALONE: _with(SCORE_ALONE, "score_smooth", ()),
    SCORE_IN_CONTEXT: _with(SCORE_IN_CONTEXT, "score_smooth", range(5)),
    HAND_WEIGHTS: _with(HAND_WEIGHTS, "score_raw"),
    FITTED_WEIGHTS: _mapped(FITTED_WEIGHTS, _fitted_score),
    **{part: _with(part, _ADDED[part]) for part in PARTS},
    DISTANCE: _mapped(DISTANCE, lambda samples, _: samples.rival[:, [_DISTANCE_COLUMN]]),
    **{rival: MODELS[rival] for rival in RIVALS if rival != DISTANCE},
    _WEIGHTS: lambda day: np.tile(day.block.model(_WEIGHTS, _weights_of), (len(day.query_rows), 1)),
}
