"""What followed the chosen neighbors of many queries at one horizon, query by query.

Neighbors come as (q, k) arrays that are padded with rows of weight 0. Sums run along a row in
the order of rank, so that a query gets the same answer alone and among others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.base_rates import REACHED
from spymaster_engine.statistics.retrieval.chosen_neighbors import Chosen, Neighbors
from spymaster_engine.statistics.retrieval.episode_sums import bounded_means, effective_episodes
from spymaster_engine.statistics.retrieval.library import Library, LibraryLabels
from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN
from spymaster_engine.statistics.retrieval.outcomes import BREAK, CHOP, CLASSES
from spymaster_engine.statistics.retrieval.settings import RetrievalSettings
from spymaster_engine.statistics.retrieval.similarity_floor import mean_similarity

Columns = dict[str, NDArray]

SHARES = tuple(f"p_{name.lower()}" for name in CLASSES)
RAW_SHARES = tuple(f"p_{name.lower()}_raw" for name in CLASSES)
BASE_RATES = tuple(f"base_{name.lower()}" for name in (*CLASSES, "reached"))
BASE_RATES_OF_ALL = tuple(f"base_all_{name.lower()}" for name in (*CLASSES, "reached"))
SUPPORT = ("n_neighbors", "n_distinct_days", "n_distinct_episodes", "n_eff", "neighbors_ok")
# NULL when the neighbors are too few
LIKENESS = ("mean_similarity", "similarity_floor")
_HALF, _MOST = 0.5, 0.8
# NULL when the neighbors are too few, or too unlike the query
ANSWERS = (
    *RAW_SHARES,
    *SHARES,
    "p_reached",
    "entropy",
    "time_to_hit_q50_s",
    "mfe_q50_ticks",
    "mfe_q80_ticks",
    "mae_q50_ticks",
    "mae_q80_ticks",
    "risk_q80_ticks",
    "resolve_rate",
    "whipsaw_rate",
    "result_ticks",
    "result_lo_ticks",
    "result_n_eff",
)
_RESULTS = ("result_ticks", "result_lo_ticks", "result_n_eff")
NO_DAY = -1
NO_CLASS = -1


def summarise(
    library: Library,
    horizon: str,
    distance_ticks: NDArray[np.integer],
    neighbors: Neighbors,
    settings: RetrievalSettings,
) -> Columns:
    """Return the support of each query and what followed its neighbors.

    Args:
        library: of the neighbors.
        horizon: of what followed.
        distance_ticks: (q,) of the queries from their level.
        neighbors: of q queries.
        settings: weight of the base rate, minimum support, and which results have bounds.

    Returns:
        (q,) arrays by the names of SUPPORT, LIKENESS, ANSWERS, BASE_RATES, BASE_RATES_OF_ALL,
        ``is_similar`` (false also where neighbors are too few), ``distance_band`` (a code),
        ``library_last_day`` (NO_DAY without neighbors) and ``top_class`` (NO_CLASS without
        answer). Unknown values are NaN.
    """
    labels = library.labels[horizon]
    arrived = neighbors.arrived
    columns = _support(library, arrived)
    columns["neighbors_ok"] = _is_enough(columns, settings) & ~np.isnan(neighbors.base).any(axis=1)
    columns["mean_similarity"] = mean_similarity(arrived.similarity, arrived.weights)
    columns["similarity_floor"] = neighbors.floor
    columns["is_similar"] = columns["neighbors_ok"] & (
        columns["mean_similarity"] >= neighbors.floor
    )
    columns |= _shares(labels, arrived, neighbors.base, columns["n_eff"], settings)
    columns["p_reached"] = _share_reached(library, labels, neighbors, settings)
    columns |= _results(library, horizon, distance_ticks, neighbors, columns, settings)
    for name in LIKENESS:
        columns[name] = np.where(columns["neighbors_ok"], columns[name], np.nan)
    for name in ANSWERS:
        columns[name] = np.where(columns["is_similar"], columns[name], np.nan)
    columns["top_class"] = np.where(columns["is_similar"], columns["top_class"], NO_CLASS)
    columns |= {name: neighbors.base[:, code] for code, name in enumerate(BASE_RATES)}
    columns |= {
        name: np.full(len(distance_ticks), neighbors.base_all[code])
        for code, name in enumerate(BASE_RATES_OF_ALL)
    }
    columns["distance_band"] = neighbors.band
    return columns


def _is_enough(support: Columns, settings: RetrievalSettings) -> NDArray[np.bool_]:
    return (
        (support["n_neighbors"] >= settings.min_neighbors)
        & (support["n_distinct_days"] >= settings.min_neighbor_days)
        & (support["n_distinct_episodes"] >= settings.min_neighbor_episodes)
    )


def _support(library: Library, chosen: Chosen) -> Columns:
    is_chosen = chosen.rows != NOT_CHOSEN
    at = np.where(is_chosen, chosen.rows, 0)
    days, episodes = library.day[at], library.episode_code[at]
    return {
        "n_neighbors": is_chosen.sum(axis=1),
        "n_distinct_days": _distinct(days, is_chosen),
        "n_distinct_episodes": _distinct(episodes, is_chosen),
        "n_eff": effective_episodes(episodes, chosen.weights),
        "library_last_day": np.max(np.where(is_chosen, days, NO_DAY), axis=1, initial=NO_DAY),
    }


def _shares(
    labels: LibraryLabels,
    chosen: Chosen,
    base: NDArray[np.float64],
    n_eff: NDArray[np.float64],
    settings: RetrievalSettings,
) -> Columns:
    at = np.where(chosen.rows == NOT_CHOSEN, 0, chosen.rows)
    weights = chosen.weights
    total = _row_sums(weights)
    classes = labels.class_code[at]
    raw = np.stack(
        [
            _ratio(_row_sums(np.where(classes == code, weights, 0.0)), total)
            for code in range(len(CLASSES))
        ],
        axis=1,
    )
    shrunk = drawn_to(raw, base[:, :REACHED], n_eff[:, np.newaxis], settings.base_rate_weight)
    top = np.argmax(shrunk, axis=1)
    in_top = np.where(classes == top[:, np.newaxis], weights, 0.0)

    columns = {name: raw[:, code] for code, name in enumerate(RAW_SHARES)}
    columns |= {name: shrunk[:, code] for code, name in enumerate(SHARES)}
    columns["top_class"] = top
    columns["entropy"] = -_row_sums(shrunk * np.log(np.where(shrunk > 0, shrunk, 1.0)))
    [columns["time_to_hit_q50_s"]] = weighted_quantiles(labels.time_to_hit_s[at], weights, (_HALF,))
    # moves for and against a break; the quantiles of moves against are of their size, so that the
    # upper ones are the bad ones
    for name, sign, values in (("mfe", 1, labels.mfe_ticks), ("mae", -1, labels.mae_ticks)):
        quantiles = weighted_quantiles(sign * values[at], weights, (_HALF, _MOST))
        columns[f"{name}_q50_ticks"], columns[f"{name}_q80_ticks"] = (
            # no minus zero
            sign * quantile + 0.0
            for quantile in quantiles
        )
    [columns["risk_q80_ticks"]] = weighted_quantiles(labels.adverse_ticks[at], in_top, (_MOST,))
    columns["resolve_rate"] = _ratio(_row_sums(np.where(classes != CHOP, weights, 0.0)), total)
    columns["whipsaw_rate"] = _ratio(_row_sums(np.where(labels.whipsaw[at], weights, 0.0)), total)
    return columns


def drawn_to(
    share: NDArray[np.float64],
    base: NDArray[np.float64],
    n_eff: NDArray[np.float64],
    alpha: float,
) -> NDArray[np.float64]:
    """Return shares drawn to the base rate, which counts as ``alpha`` episodes."""
    return (n_eff * share + alpha * base) / (n_eff + alpha)


def _share_reached(
    library: Library, labels: LibraryLabels, neighbors: Neighbors, settings: RetrievalSettings
) -> NDArray[np.float64]:
    """Return the share that came to the level, drawn to the base rate of its distance."""
    chosen = neighbors.approached
    at = np.where(chosen.rows == NOT_CHOSEN, 0, chosen.rows)
    came = np.where(labels.reached[at] == 1.0, chosen.weights, 0.0)
    # without any it is the base rate
    share = _ratio(_row_sums(came), _row_sums(chosen.weights), otherwise=0.0)
    n_eff = effective_episodes(library.episode_code[at], chosen.weights)
    return drawn_to(share, neighbors.base[:, REACHED], n_eff, settings.base_rate_weight)


def _results(
    library: Library,
    horizon: str,
    distance_ticks: NDArray[np.integer],
    neighbors: Neighbors,
    columns: Columns,
    settings: RetrievalSettings,
) -> Columns:
    """Return the result of following the top class, and its lower bound, in ticks.

    Counts approaches from the same distance, including those that never came to the level. Only
    near the level, where BREAK or REJECT leads, at the horizon of signals, with as many known
    results as an answer needs.
    """
    bounds = {name: np.full(len(distance_ticks), np.nan) for name in _RESULTS}
    if horizon != settings.signal_horizon:
        return bounds
    chosen = _with_result(library.labels[horizon], neighbors.approached)
    support = _support(library, chosen)
    rows = np.flatnonzero(
        columns["is_similar"]
        & _is_enough(support, settings)
        & (columns["top_class"] != CHOP)
        & (np.abs(distance_ticks) <= settings.signal_max_ticks)
    )
    at = np.where(chosen.rows == NOT_CHOSEN, 0, chosen.rows)[rows]
    made = library.labels[horizon].result_ticks[at]
    sense = np.where(columns["top_class"][rows] == BREAK, 1.0, -1.0)
    found = bounded_means(
        np.where(np.isnan(made), 0.0, made) * sense[:, np.newaxis],
        library.episode_code[at],
        chosen.weights[rows],
        settings.signal_resamples,
        settings.evaluation_seed,
    )
    for name, values in zip(_RESULTS, (*found, support["n_eff"][rows]), strict=True):
        bounds[name][rows] = values
    return bounds


def _with_result(labels: LibraryLabels, chosen: Chosen) -> Chosen:
    """Return the neighbors with a known result."""
    at = np.where(chosen.rows == NOT_CHOSEN, 0, chosen.rows)
    known = (chosen.rows != NOT_CHOSEN) & ~np.isnan(labels.result_ticks[at])
    return Chosen(
        np.where(known, chosen.rows, NOT_CHOSEN),
        np.where(known, chosen.similarity, 0.0),
        np.where(known, chosen.weights, 0.0),
    )


def weighted_quantiles(
    values: NDArray[np.float64], weights: NDArray[np.float64], shares: tuple[float, ...]
) -> list[NDArray[np.float64]]:
    """Return per row the smallest values whose cumulative share of the weight reaches each share.

    Args:
        values: (q, k), without regard to NaN.
        weights: (q, k), at least 0; 0 leaves a value out.
        shares: each in (0, 1].

    Returns:
        One (q,) float64 per share; NaN for a row without values.
    """
    counts = ~np.isnan(values) & (weights > 0)
    order = np.argsort(np.where(counts, values, np.inf), axis=1, kind="stable")
    ordered = np.take_along_axis(np.where(counts, values, np.nan), order, axis=1)
    reached = np.cumsum(np.take_along_axis(np.where(counts, weights, 0.0), order, axis=1), axis=1)
    if not reached.shape[1]:
        return [np.full(len(values), np.nan) for _ in shares]
    found = []
    for share in shares:
        place = np.sum(reached < share * reached[:, -1:], axis=1, keepdims=True)
        found.append(np.take_along_axis(ordered, place, axis=1)[:, 0])
    return found


def _row_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add along rows sequential sum: padding does not change it."""
    if not values.shape[1]:
        return np.zeros(len(values))
    return np.cumsum(values, axis=1)[:, -1]


def _ratio(
    part: NDArray[np.float64], whole: NDArray[np.float64], otherwise: float = np.nan
) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(len(whole), otherwise), where=whole > 0)


def _distinct(values: NDArray, is_chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the number of distinct values that are chosen in each row; values are >= 0."""
    ordered = np.sort(np.where(is_chosen, values, -1), axis=1)
    changes = np.diff(ordered, axis=1, prepend=-1) != 0
    return changes.sum(axis=1)
