"""Scores of models on the same windows: of odds, and of numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from spymaster_engine.statistics.claimants.heads import BASE_RATE, MEAN, NUMBER, Head
from spymaster_engine.statistics.evaluation.bootstrap import (
    LEAST_DAYS,
    RESAMPLES,
    day_counts,
    interval,
    resampled_means,
)
from spymaster_engine.statistics.evaluation.judgement import Judgement
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_engine.statistics.evaluation.rival_fits import library_weights
from spymaster_engine.statistics.evaluation.verdict import RIVALS
from spymaster_engine.statistics.retrieval.outcomes import BREAK, CLASSES, REJECT

from spymaster.evaluation.result_rows import PUBLISHED_MAP, Row, judgement_of

Floats = NDArray[np.float64]

# as odds yes has the place of BREAK, no that of REJECT
_YES, _NO = BREAK, REJECT


def head_scores(
    head: Head, stated: Mapping[str, Floats], chosen: NDArray[np.bool_], protocol: Protocol
) -> list[Row]:
    """Return the scores of every model of a head, in the order of the models.

    Args:
        head: the label.
        stated: (n,) chances or numbers by model.
        chosen: (n,) windows to judge, whose label is known.
        protocol: of the walk.
    """
    there = {name: values for name, values in stated.items() if np.isfinite(values[chosen]).any()}
    if not there:
        return []
    if head.kind == NUMBER:
        return _number_scores(head, there, chosen, protocol.settings.evaluation_seed)
    samples = head.samples.with_columns(
        outcome=np.where(head.known, np.where(head.target == 1.0, _YES, _NO), head.samples.outcome)
    )
    odds = {}
    for name, chance in there.items():
        odds[name] = np.zeros((len(chance), len(CLASSES)))
        odds[name][:, _YES], odds[name][:, _NO] = chance, 1.0 - chance
    return model_scores(judgement_of(samples, odds, chosen, protocol))


def _number_scores(
    head: Head, stated: Mapping[str, Floats], chosen: NDArray[np.bool_], seed: int
) -> list[Row]:
    """Return squared errors, and by how much they are below that of the mean of earlier days."""
    known = chosen & np.logical_and.reduce([np.isfinite(values) for values in stated.values()])
    if not known.any():
        return []
    samples = head.samples.take(known)
    weight = library_weights(samples)
    day = np.unique(samples.day, return_inverse=True)[1]
    n_days = int(day.max()) + 1
    counts = day_counts(n_days, RESAMPLES, seed)
    errors = {name: np.square(each[known] - head.target[known]) for name, each in stated.items()}
    rows = []
    for name, error in errors.items():
        gain = errors[MEAN] - error
        low, high = interval(resampled_means(gain, weight, day, counts))
        enough = n_days >= LEAST_DAYS
        rows.append(
            {
                "model": name,
                "n_days": n_days,
                "n_episodes": len(np.unique(samples.episode)),
                "n_windows": len(samples),
                "squared_error": float(np.average(error, weights=weight)),
                "skill_vs_base_rate": float(np.average(gain, weights=weight)),
                "skill_vs_base_rate_lo": low if enough else None,
                "skill_vs_base_rate_hi": high if enough else None,
            }
        )
    return rows


def model_scores(judgement: Judgement) -> list[Row]:
    """Return log-loss, gains and verdict of every model, in the order of the models.

    Rivals have no verdict; intervals need LEAST_DAYS days.
    """
    if not judgement.n_episodes:
        return []
    enough = judgement.n_days >= LEAST_DAYS
    rows: list[Row] = []
    for model in judgement.odds:
        base = judgement.skill(model, BASE_RATE)
        row: Row = {
            "model": model,
            "n_days": judgement.n_days,
            "n_episodes": judgement.n_episodes,
            "n_windows": len(judgement.outcome),
            "log_loss": judgement.mean_loss(model).value,
            "brier": judgement.mean_brier(model),
            "skill_vs_base_rate": base[0],
            "skill_vs_base_rate_lo": base[1] if enough else None,
            "skill_vs_base_rate_hi": base[2] if enough else None,
        }
        if model.removesuffix(f"_{PUBLISHED_MAP}") not in RIVALS:
            claim = judgement.claim(model)
            row |= {
                "best_rival": claim.best_baseline,
                "skill": claim.skill,
                "skill_lo": claim.skill_lo if enough else None,
                "skill_hi": claim.skill_hi if enough else None,
                "ece": claim.ece,
                "ece_chance_q95": claim.ece_chance_q95,
                "verdict": claim.verdict,
            }
        rows.append(row)
    return rows
