"""The chance that price comes to the level, from neighbors, and its scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.blocks import Band
from spymaster_engine.statistics.evaluation.judged_day import Day
from spymaster_engine.statistics.evaluation.judgement import Metric
from spymaster_engine.statistics.evaluation.measured import measured
from spymaster_engine.statistics.evaluation.samples import Samples
from spymaster_engine.statistics.evaluation.scores import LEAST_PROBABILITY
from spymaster_engine.statistics.evaluation.short_search import (
    ShortSearch,
    short_most_similar,
    short_nearest,
)
from spymaster_engine.statistics.retrieval.base_rates import REACHED
from spymaster_engine.statistics.retrieval.distance_bands import NO_BAND
from spymaster_engine.statistics.retrieval.episode_sums import effective_episodes
from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN
from spymaster_engine.statistics.retrieval.summaries import drawn_to

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

# columns of ``chances_of_reaching``, by the model they are judged under
REACH_MODELS = ("retrieval_learned", "retrieval_robust_z", "base_rate_by_distance")


def chances_of_reaching(day: Day) -> Floats:
    """Return the chance that price comes to the level, (n, 3), a column per REACH_MODELS.

    Neighbors are of the same band of distance, as in the answers.
    """
    base = day.usual(day.query_rows)[:, REACHED]
    return np.stack([_in_learned_space(day), _among_most_similar(day), base], axis=1)


def _in_learned_space(day: Day) -> Floats:
    chances = np.full(len(day.query_rows), np.nan)
    for band in day.block.bands:
        query_rows = band.of(day.query_rows)
        if len(query_rows):
            chances[np.isin(day.query_rows, query_rows)] = _near_in_space(day, band, query_rows)
    return chances


def _near_in_space(day: Day, band: Band, query_rows: Rows) -> Floats:
    block = day.block
    rows = band.few(day.followed)
    queries = band.space.place(block.inputs(query_rows))
    search = short_nearest(band.place(rows), queries, block.settings)
    return _share(day, search, rows, query_rows, day.neighbors)


def _among_most_similar(day: Day) -> Floats:
    settings, rows = day.block.settings, day.followed
    search = short_most_similar(day.block.unit, rows, day.query_rows, day.products, settings)
    return _share(day, search, rows, day.query_rows, settings.retrieval_k)


def _share(day: Day, search: ShortSearch, rows: Rows, query_rows: Rows, k: int) -> Floats:
    """Return the share of neighbors that came, drawn to the base rate of the distance."""
    samples, settings = day.block.samples, day.block.settings
    band = settings.bands.codes(samples.x0_ticks[rows])
    query_band = settings.bands.codes(samples.x0_ticks[query_rows])
    episode = np.unique(samples.episode[rows], return_inverse=True)[1]
    base = day.usual(query_rows)[:, REACHED]
    chances = np.full(len(query_rows), np.nan)
    for code in np.unique(query_band[query_band != NO_BAND]):
        mine = np.flatnonzero(query_band == code)
        chosen = search.choose(mine, band == code, episode, k)
        at = np.where(chosen.rows == NOT_CHOSEN, 0, chosen.rows)
        came = samples.reached[rows[at]] == 1.0
        total = chosen.weights.sum(axis=1)
        share = np.divide(
            np.where(came, chosen.weights, 0.0).sum(axis=1),
            total,
            out=np.zeros(len(total)),
            where=total > 0,
        )
        # without a neighbor it is the base rate
        n_eff = effective_episodes(episode[at], chosen.weights)
        chances[mine] = drawn_to(share, base[mine], n_eff, settings.base_rate_weight)
    return chances


def reaching_metrics(
    chances: Floats, samples: Samples, judged: NDArray[np.bool_], seed: int
) -> list[Metric]:
    """Return scores of the stated chances of coming to the level.

    Log-loss and Brier score of each model, and by how much retrieval is below the base rate of
    the distance, over the same windows. Every episode has the same weight.

    Args:
        chances: (n, 3), of ``chances_of_reaching``, NaN where not judged.
        samples: n windows.
        judged: (n,), judged windows.
        seed: of the resamples of days.
    """
    came = np.where(judged, samples.reached, np.nan)
    came = np.where(np.isfinite(chances).all(axis=1), came, np.nan)
    found = [measured("base_rate", "reached_share", came, samples, seed)]
    losses = {}
    for column, model in enumerate(REACH_MODELS):
        stated = np.clip(chances[:, column], LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)
        losses[model] = -np.where(came == 1.0, np.log(stated), np.log(1.0 - stated))
        losses[model][np.isnan(came)] = np.nan
        found.append(measured(model, "reached_log_loss", losses[model], samples, seed))
        found.append(
            measured(model, "reached_brier", np.square(chances[:, column] - came), samples, seed)
        )
    *retrieval, usual = REACH_MODELS
    for model in retrieval:
        gain = losses[usual] - losses[model]
        found.append(measured(model, f"reached_skill_vs_{usual}", gain, samples, seed))
    return found
