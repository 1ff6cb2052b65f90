"""What followed the chosen neighbours of many queries at one horizon, query by query.

Neighbours come as (q, k) arrays that are padded with rows of weight 0. Sums run along a row in
the order of rank, so that a query gets the same answer alone and among others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.retrieval.library import Labels
from spymaster_engine.retrieval.neighbours import NOT_CHOSEN
from spymaster_engine.retrieval.outcomes import CHOP, CLASSES
from spymaster_engine.retrieval.settings import RetrievalSettings

Columns = dict[str, NDArray]

SHARES = tuple(f"p_{name.lower()}" for name in CLASSES)
RAW_SHARES = tuple(f"p_{name.lower()}_raw" for name in CLASSES)
BASE_RATES = tuple(f"base_{name.lower()}" for name in CLASSES)
SUPPORT = ("n_neighbors", "n_distinct_days", "n_distinct_episodes", "n_eff", "neighbors_ok")
_HALF, _MOST = 0.5, 0.8
# NULL when the neighbours are too few
ANSWERS = (
    *RAW_SHARES,
    *SHARES,
    "mean_similarity",
    "entropy",
    "time_to_hit_q50_s",
    "mfe_q50_ticks",
    "mfe_q80_ticks",
    "mae_q50_ticks",
    "mae_q80_ticks",
    "risk_q80_ticks",
    "resolve_rate",
    "whipsaw_rate",
)
NO_DAY = -1
NO_CLASS = -1


def summarise(
    rows: NDArray[np.int64],
    similarity: NDArray[np.float64],
    weights: NDArray[np.float64],
    labels: Labels,
    day: NDArray[np.int32],
    episode_code: NDArray[np.int64],
    base: NDArray[np.float64],
    settings: RetrievalSettings,
) -> Columns:
    """Return the support of each query and what followed its neighbours.

    Args:
        rows: (q, k) rows of the library, most similar first, NOT_CHOSEN after the last.
        similarity: (q, k).
        weights: (q, k), 0 where nothing is chosen.
        labels: of the library's rows.
        day: (n,) days of the library's rows.
        episode_code: (n,).
        base: (q, 3) base rates.
        settings: weight of the base rate, and the least support of an answer.

    Returns:
        (q,) arrays by the names of SUPPORT, ANSWERS, ``library_last_day`` (NO_DAY without
        neighbours) and ``top_class`` (NO_CLASS without answer). What is not known is NaN.
    """
    is_chosen = rows != NOT_CHOSEN
    at = np.where(is_chosen, rows, 0)
    columns = _support(is_chosen, weights, day[at], episode_code[at])
    columns["neighbors_ok"] = (
        (columns["n_neighbors"] >= settings.min_neighbours)
        & (columns["n_distinct_days"] >= settings.min_days)
        & (columns["n_distinct_episodes"] >= settings.min_episodes)
        & ~np.isnan(base).any(axis=1)
    )
    columns |= _answers(at, similarity, weights, labels, base, columns["n_eff"], settings)
    for name in ANSWERS:
        columns[name] = np.where(columns["neighbors_ok"], columns[name], np.nan)
    columns["top_class"] = np.where(columns["neighbors_ok"], columns["top_class"], NO_CLASS)
    return columns


def _support(
    is_chosen: NDArray[np.bool_],
    weights: NDArray[np.float64],
    days: NDArray[np.int32],
    episodes: NDArray[np.int64],
) -> Columns:
    total = _row_sums(weights)
    squares = _row_sums(np.square(weights))
    return {
        "n_neighbors": is_chosen.sum(axis=1),
        "n_distinct_days": _distinct(days, is_chosen),
        "n_distinct_episodes": _distinct(episodes, is_chosen),
        "n_eff": _ratio(np.square(total), squares, otherwise=0.0),
        "library_last_day": np.max(np.where(is_chosen, days, NO_DAY), axis=1, initial=NO_DAY),
    }


def _answers(
    at: NDArray[np.int64],
    similarity: NDArray[np.float64],
    weights: NDArray[np.float64],
    labels: Labels,
    base: NDArray[np.float64],
    n_eff: NDArray[np.float64],
    settings: RetrievalSettings,
) -> Columns:
    total = _row_sums(weights)
    classes = labels.class_code[at]
    raw = np.stack(
        [
            _ratio(_row_sums(np.where(classes == code, weights, 0.0)), total)
            for code in range(len(CLASSES))
        ],
        axis=1,
    )
    alpha = settings.base_rate_weight
    shrunk = (n_eff[:, np.newaxis] * raw + alpha * base) / (n_eff[:, np.newaxis] + alpha)
    top = np.argmax(shrunk, axis=1)
    in_top = np.where(classes == top[:, np.newaxis], weights, 0.0)

    columns = {name: raw[:, code] for code, name in enumerate(RAW_SHARES)}
    columns |= {name: shrunk[:, code] for code, name in enumerate(SHARES)}
    columns["top_class"] = top
    columns["mean_similarity"] = _ratio(_row_sums(weights * similarity), total)
    columns["entropy"] = -_row_sums(shrunk * np.log(np.where(shrunk > 0, shrunk, 1.0)))
    [columns["time_to_hit_q50_s"]] = weighted_quantiles(labels.time_to_hit_s[at], weights, (_HALF,))
    for name, values in (("mfe", labels.mfe_ticks[at]), ("mae", labels.mae_ticks[at])):
        half, most = weighted_quantiles(values, weights, (_HALF, _MOST))
        columns[f"{name}_q50_ticks"], columns[f"{name}_q80_ticks"] = half, most
    [columns["risk_q80_ticks"]] = weighted_quantiles(labels.adverse_ticks[at], in_top, (_MOST,))
    columns["resolve_rate"] = _ratio(_row_sums(np.where(classes != CHOP, weights, 0.0)), total)
    columns["whipsaw_rate"] = _ratio(_row_sums(np.where(labels.whipsaw[at], weights, 0.0)), total)
    return columns


def weighted_quantiles(
    values: NDArray[np.float64], weights: NDArray[np.float64], shares: tuple[float, ...]
) -> list[NDArray[np.float64]]:
    """Return per row the smallest values whose cumulative share of the weight reaches each share.

    Args:
        values: (q, k), NaN is left out.
        weights: (q, k), not negative; those of weight 0 are left out.
        shares: each in (0, 1].

    Returns:
        One (q,) float64 per share; NaN for a row of which nothing is left.
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
    """Add along rows one after the other: the same whatever the padding."""
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
