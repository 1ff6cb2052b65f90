"""What the break score knows: its odds against rivals, and what followed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.bootstrap import LEAST_DAYS
from spymaster_engine.statistics.evaluation.break_score import (
    COMPARED,
    DISTANCE,
    FITTED_WEIGHTS,
    PARTS,
    SCORE,
    ScoreWalk,
    score_verdict,
    walk_scores,
    weights_verdict,
)
from spymaster_engine.statistics.evaluation.judgement import Judgement
from spymaster_engine.statistics.evaluation.samples import path_codes
from spymaster_engine.statistics.evaluation.walk_forward import Protocol
from spymaster_engine.statistics.retrieval.distance_bands import DistanceBands
from spymaster_engine.statistics.retrieval.learned import one_thread
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

from spymaster.evaluation.conditions import BOTH, DIRECTIONS
from spymaster.evaluation.result_rows import ALL, CLAIMANTS, DECISIONS, Row
from spymaster.evaluation.result_tables import BREAK_SCORE, SCORE_OUTCOMES, table_of
from spymaster.evaluation.score_outcomes import outcome_rows
from spymaster.evaluation.scored_windows import ScoredWindows

Floats = NDArray[np.float64]

RETRIEVAL = CLAIMANTS[0]
_WEIGHTS = ("weight_l", "weight_h", "weight_t")


@dataclass(frozen=True)
class JudgedScores:
    """Windows of a slice with everything that was known before their day.

    Attributes:
        windows: of both directions, n rows.
        judged: (n,) bool.
        walk: odds of models and rivals.
        retrieval: (n, 3) odds of retrieval, NaN where unknown.
        hand_weights: (3,) weights of s_l, s_h and s_t in the score.
        seed: of resamples and draws.
        least_episodes: least number for a verdict.
    """

    windows: ScoredWindows
    judged: NDArray[np.bool_]
    walk: ScoreWalk
    retrieval: Floats
    hand_weights: Floats
    seed: int
    least_episodes: int

    def judgement(self, odds: Mapping[str, Floats], inside: NDArray[np.bool_]) -> Judgement:
        """Judge odds, (n, 3) by model, on the windows inside."""
        samples, chosen = self.windows.samples, inside & self.judged
        return Judgement.of(
            {name: of_model[chosen] for name, of_model in odds.items()},
            samples.outcome[chosen],
            samples.day[chosen],
            samples.episode[chosen],
            self.seed,
            path_codes(samples)[chosen],
        )


def break_score_tables(
    scored: Sequence[ScoredWindows],
    predictions: pa.Table,
    protocol: Protocol,
    settings: Mapping[str, Any],
    hand_weights: Floats,
) -> dict[str, pa.Table]:
    """Return the rows of eval_break_score and eval_break_score_outcomes.

    Args:
        scored: windows of each product and horizon.
        predictions: rows of eval_retrieval_predictions of the same run.
        protocol: rules of the walk.
        settings: the settings of ``built_settings``.
        hand_weights: (3,) weights of s_l, s_h and s_t in the score.
    """
    found: dict[str, list[Row]] = {BREAK_SCORE: [], SCORE_OUTCOMES: []}
    bands = protocol.settings.bands
    seed, least_episodes = settings["evaluation_seed"], settings["condition_min_episodes"]
    # idle threads spin, and sums shared out among them differ in the last digits
    with one_thread():
        for whole in scored:
            for name, windows, unit in _slices(whole):
                judged = unit & (windows.samples.outcome >= 0)
                walk = walk_scores(windows.samples, judged, protocol)
                retrieval = _retrieval_odds(windows, predictions, name)
                of_slice = JudgedScores(
                    windows, judged, walk, retrieval, hand_weights, seed, least_episodes
                )
                scope = {"root": windows.root, "horizon_id": windows.horizon_id, "slice": name}
                found[BREAK_SCORE] += knowledge_rows(scope, of_slice, bands)
                # signals are rare: every window of an episode counts
                counted = unit if name == DECISIONS else np.ones_like(unit)
                found[SCORE_OUTCOMES] += outcome_rows(
                    scope, windows, walk, counted, bands, seed, least_episodes
                )
    return {relation: table_of(relation, rows) for relation, rows in found.items()}


def hand_weights_of(connection: duckdb.DuckDBPyConnection) -> Floats:
    """Return the weights of s_l, s_h and s_t that the lake's score uses, (3,)."""
    rows = connection.execute(
        "select value from reference.engine_constants where name in ('w_l', 'w_h', 'w_t') "
        "order by position(name in 'w_l w_h w_t')"
    ).fetchall()
    return np.array([float(value) for (value,) in rows])


def knowledge_rows(scope: Row, scores: JudgedScores, bands: DistanceBands) -> Iterator[Row]:
    """Yield the models beside their rivals, for each direction and band of distance.

    Args:
        scope: product, horizon and slice as columns.
        scores: judged windows of the slice.
        bands: bands of distance.
    """
    band = bands.codes(scores.windows.samples.x0_ticks)
    for direction in DIRECTIONS:
        own = (scores.windows.direction == direction) | (direction == BOTH)
        for code, name in enumerate((None, *bands.names), start=-1):
            key = {**scope, "approach_dir": direction, "distance_band": name}
            yield from score_rows(key, scores, own if name is None else own & (band == code))


def score_rows(key: Row, scores: JudgedScores, inside: NDArray[np.bool_]) -> Iterator[Row]:
    """Yield the models of a part of the windows, each beside each of its rivals.

    Args:
        key: key columns of the part.
        scores: judged windows of the slice.
        inside: (n,) the part.
    """
    judgement = scores.judgement(scores.walk.odds, inside)
    is_whole = key["approach_dir"] == BOTH and key["distance_band"] is None
    if not judgement.n_episodes:
        if is_whole:
            verdict = score_verdict(judgement, scores.least_episodes, slope=np.nan)
            yield {**key, **_support(judgement), "model": SCORE, **verdict, "rival": DISTANCE}
        return
    claims: dict[tuple[str, str], Row] = {}
    if is_whole:
        slope = _added(SCORE, scores, inside)["break_slope"]
        for model, claim in (
            (SCORE, score_verdict(judgement, scores.least_episodes, slope)),
            (FITTED_WEIGHTS, weights_verdict(judgement, scores.least_episodes)),
        ):
            claims[model, str(claim["rival"])] = claim
    for model, rivals in COMPARED.items():
        of_model = {**key, "model": model, **_added(model, scores, inside)}
        for rival in rivals:
            claim = claims.get((model, rival), {})
            yield {**of_model, "rival": rival, **_compared(judgement, model, rival), **claim}
    odds = {SCORE: scores.walk.odds[SCORE], RETRIEVAL: scores.retrieval}
    judgement = scores.judgement(odds, inside)
    if judgement.n_episodes:
        of_model = {**key, "model": SCORE, **_added(SCORE, scores, inside)}
        yield {**of_model, "rival": RETRIEVAL, **_compared(judgement, SCORE, RETRIEVAL)}


def _slices(
    whole: ScoredWindows,
) -> Iterator[tuple[str, ScoredWindows, NDArray[np.bool_]]]:
    """Yield the windows of every episode, and those of the given decisions' episodes."""
    yield ALL, whole, whole.unit
    if whole.decisions.any():
        chosen = whole.of_decided_episodes()
        yield DECISIONS, chosen, chosen.decisions


def _support(judgement: Judgement) -> Row:
    return {
        "n_days": judgement.n_days,
        "n_episodes": judgement.n_episodes,
        "n_windows": len(judgement.outcome),
    }


def _compared(judgement: Judgement, model: str, rival: str) -> Row:
    """Return the scores of a model and a rival; intervals need LEAST_DAYS days."""
    own, other = (judgement.mean_loss(name).value for name in (model, rival))
    brier, rival_brier = (judgement.mean_brier(name) for name in (model, rival))
    row = {
        **_support(judgement),
        **{"log_loss": own, "rival_log_loss": other, "skill": other - own},
        **{"brier": brier, "rival_brier": rival_brier, "brier_skill": rival_brier - brier},
    }
    if judgement.n_days >= LEAST_DAYS:
        _, row["skill_lo"], row["skill_hi"] = judgement.skill(model, rival)
        _, row["brier_skill_lo"], row["brier_skill_hi"] = judgement.brier_skill(model, rival)
    return row


def _added(model: str, scores: JudgedScores, inside: NDArray[np.bool_]) -> Row:
    """Return the weights of the parts in what a model adds to distance, and how it varies."""
    rows = np.flatnonzero(inside & np.isfinite(scores.walk.odds[model][:, 0]))
    weights = scores.hand_weights
    if model in PARTS:
        weights = np.eye(len(PARTS))[PARTS.index(model)]
    elif model == FITTED_WEIGHTS:
        weights = scores.walk.weights[rows[-1]]
    added = scores.walk.added[model][rows]
    known = added[np.isfinite(added)]
    return {
        **dict(zip(_WEIGHTS, weights.tolist(), strict=True)),
        "score_std": float(known.std()) if known.size else None,
        "break_slope": float(scores.walk.slope[model][rows[-1]]),
    }


def _retrieval_odds(windows: ScoredWindows, predictions: pa.Table, name: str) -> Floats:
    """Return the odds of retrieval for the windows of a slice, (n, 3), NaN where unknown."""
    odds = np.full((len(windows.samples), len(CLASSES)), np.nan)
    columns = [f"p_{outcome.lower()}" for outcome in CLASSES]
    keys = windows.key.append_column("number", pa.array(np.arange(len(windows.key))))
    with duckdb.connect() as connection:
        connection.register("keys", keys)
        connection.register("predictions", predictions)
        rows = connection.execute(
            f"select number, {', '.join(columns)} from keys "  # noqa: S608
            "inner join predictions using (symbol, level_id, window_end_ts) "
            "where model = $model and slice = $slice and horizon_id = $horizon_id",
            {"model": RETRIEVAL, "slice": name, "horizon_id": windows.horizon_id},
        ).fetchnumpy()
    odds[rows["number"]] = np.column_stack([rows[column] for column in columns])
    return odds
