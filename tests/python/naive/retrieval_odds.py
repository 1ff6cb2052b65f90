"""Odds of an answer by their definition: reached or not, by distance, and their edge.

An independent view beside `retrieval`, which finds the neighbors. Rows are dictionaries with
`day`, `episode`, `k_ticks` and `labels` by horizon; a label has `outcome_reached`, `reached`,
`x0_ticks` and `exit_x_ticks`. Neighbors are (row, similarity, weight) with weights above 0.

Rules chosen where the specification leaves room:
- p_reached and its base rate count rows with a known `reached` at the horizon, whether or not the
  outcome at the level is known; outcomes at the level count the rows that reached it with one.
- In a base rate each episode has weight 1 among the windows of the rate: the windows of the
distance
  band, and for outcomes at the level the windows among them that reached.
- p_reached is the neighbors' plain share; only outcomes at the level are drawn to the base rate, by
  the answer's n_eff, which also counts neighbors that never reached.
- If no neighbor reached, or no library row of the band, there are no odds of the outcomes.
- The floor is the quantile of the mean similarities that library rows find in the library without
  their own day. Without a floor there are no odds.
- The bound of an edge is one-sided: 5 % of the resamples lie below it. Episodes are drawn, not
  neighbors; an episode brings the weights of all its neighbors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

Row = dict[str, Any]
Neighbor = tuple[Row, float, float]

AT_LEVEL = ("BREAK", "REJECT", "CHOP")
USABLE = (*AT_LEVEL, "NOT_REACHED")
BANDS = {"1-2": (1, 2), "3-4": (3, 4), "5-6": (5, 6)}
FARTHEST_BAND = "7+"


def distance_band(k_ticks: int) -> str | None:
    """Band of the distance between spot and level; None at the level."""
    distance = abs(k_ticks)
    if distance == 0:
        return None
    inside = (band for band, (first, last) in BANDS.items() if first <= distance <= last)
    return next(inside, FARTHEST_BAND)


def effective_episodes(found: Sequence[Neighbor]) -> float:
    """Equivalent number of equally weighted episodes, from weights summed per episode."""
    weights: dict[str, float] = {}
    for row, _, weight in found:
        weights[row["episode"]] = weights.get(row["episode"], 0.0) + weight
    squares = math.fsum(weight**2 for weight in weights.values())
    return math.fsum(weights.values()) ** 2 / squares if squares else 0.0


def usable(rows: Iterable[Row], horizon: str) -> list[Row]:
    """Rows with a known future at the horizon."""
    return [row for row in rows if row["labels"][horizon]["outcome_reached"] in USABLE]


def share_by_episode(rows: Sequence[Row], is_met: Callable[[Row], bool]) -> float | None:
    """Share of rows that meet a condition, every episode with total weight 1."""
    by_episode: dict[str, list[bool]] = {}
    for row in rows:
        by_episode.setdefault(row["episode"], []).append(is_met(row))
    if not by_episode:
        return None
    return math.fsum(sum(met) / len(met) for met in by_episode.values()) / len(by_episode)


def base_rates(library: Iterable[Row], horizon: str, band: str | None = None) -> Row:
    """Rates of a library of earlier days, of one distance band or of all of it."""
    inside = [row for row in library if band is None or distance_band(row["k_ticks"]) == band]
    known = [row for row in inside if row["labels"][horizon]["reached"] is not None]

    def outcome(row: Row) -> str:
        return row["labels"][horizon]["outcome_reached"]

    there = [row for row in inside if outcome(row) in AT_LEVEL]
    rates = {"reached": share_by_episode(known, lambda row: row["labels"][horizon]["reached"])}
    for name in AT_LEVEL:
        rates[name.lower()] = share_by_episode(there, lambda row, name=name: outcome(row) == name)
    return rates


def odds(
    found: Sequence[Neighbor],
    library: Sequence[Row],
    k_ticks: int,
    horizon: str,
    *,
    alpha: float,
    minima: tuple[int, int, int],
    similarity_floor: float | None,
) -> Row:
    """Odds of reaching the level and of the outcomes there.

    Args:
        found: Neighbors with a known `reached` or a known outcome at the level.
        library: All rows of days before the query's.
        k_ticks: Distance of the query's level.
        horizon: Horizon of the answer.
        alpha: Weight of the base rate, in episodes.
        minima: Fewest neighbors, days and episodes.
        similarity_floor: Least mean similarity; None if there is none yet.
    """
    band = distance_band(k_ticks)
    total = math.fsum(weight for *_, weight in found)
    row: Row = {"distance_band": band, "n_eff": effective_episodes(found)}
    row |= {f"base_{name}": rate for name, rate in base_rates(library, horizon, band).items()}
    row |= {f"base_all_{name}": rate for name, rate in base_rates(library, horizon).items()}
    counts = (
        len(found),
        len({neighbor["day"] for neighbor, *_ in found}),
        len({neighbor["episode"] for neighbor, *_ in found}),
    )
    row["neighbors_ok"] = all(n >= least for n, least in zip(counts, minima, strict=True))
    row["mean_similarity"] = math.fsum(s * w for _, s, w in found) / total if total else None
    row["similarity_floor"] = similarity_floor
    row["is_similar"] = None
    if similarity_floor is not None and row["mean_similarity"] is not None:
        row["is_similar"] = row["mean_similarity"] >= similarity_floor
    names = [f"p_{name.lower()}" for name in AT_LEVEL]
    row |= dict.fromkeys(["p_reached", *names, *(f"{name}_raw" for name in names)])
    if not (row["neighbors_ok"] and row["is_similar"]):
        return row
    labels = [(neighbor["labels"][horizon], weight) for neighbor, _, weight in found]
    followed = [(label["reached"], weight) for label, weight in labels]
    followed = [(came, weight) for came, weight in followed if came is not None]
    if followed:
        row["p_reached"] = math.fsum(weight for came, weight in followed if came) / math.fsum(
            weight for _, weight in followed
        )
    weights = {
        name: math.fsum(weight for label, weight in labels if label["outcome_reached"] == name)
        for name in AT_LEVEL
    }
    reached = math.fsum(weights.values())
    if reached == 0 or row["base_break"] is None:
        return row
    for name in AT_LEVEL:
        raw, base = weights[name] / reached, row[f"base_{name.lower()}"]
        row[f"p_{name.lower()}_raw"] = raw
        row[f"p_{name.lower()}"] = (row["n_eff"] * raw + alpha * base) / (row["n_eff"] + alpha)
    return row


def leave_one_out_floor(
    library: Sequence[Row], mean_similarity: Callable[[Row, list[Row]], float | None], share: float
) -> float | None:
    """Mean similarity that all but a share of library rows reach among the other days.

    Args:
        library: Rows of days before the query's.
        mean_similarity: Mean similarity of a row's answer among other rows, or None.
        share: Share of the rows that lie below.
    """
    means = []
    for row in library:
        others = [other for other in library if other["day"] != row["day"]]
        mean = mean_similarity(row, others)
        if mean is not None:
            means.append(mean)
    if not means:
        return None
    return min(v for v in means if sum(mean <= v for mean in means) >= share * len(means))


def adverse_quantile(moves_ticks: Sequence[int], weights: Sequence[float], q: float) -> int | None:
    """Adverse move (at most 0) that a share q of the weight did not exceed."""
    total = math.fsum(weights)
    for move in sorted(set(moves_ticks), reverse=True):
        milder = math.fsum(w for m, w in zip(moves_ticks, weights, strict=True) if m >= move)
        if milder >= q * total:
            return move
    return None


def result_ticks(label: Row, top_class: str) -> int | None:
    """Result of a position opened at the label's own place in the direction of a class."""
    if label["exit_x_ticks"] is None:
        return None
    gained = label["exit_x_ticks"] - label["x0_ticks"]
    return gained if top_class == "BREAK" else -gained


def edge_ticks(
    found: Sequence[Neighbor], horizon: str, top_class: str, cost_ticks: float
) -> float | None:
    """Mean result of the neighbors after cost; None for CHOP or without a result."""
    sums = _results_by_episode(found, horizon, top_class)
    return _mean_result(list(sums.values()), cost_ticks)


def edge_lo(
    found: Sequence[Neighbor], horizon: str, top_class: str, cost_ticks: float, share: float = 0.05
) -> float | None:
    """Exact bound of the bootstrap over episodes, from every possible resample.

    There are n^n resamples of n episodes, so that n must be small.
    """
    sums = list(_results_by_episode(found, horizon, top_class).values())
    if not sums:
        return None
    means = sorted(
        _mean_result([sums[n] for n in draw], cost_ticks)
        for draw in product(range(len(sums)), repeat=len(sums))
    )
    return means[math.ceil(share * len(means)) - 1]


def _results_by_episode(
    found: Sequence[Neighbor], horizon: str, top_class: str
) -> dict[str, tuple[float, float]]:
    """Sum of weighted results and of weights by episode."""
    sums: dict[str, tuple[float, float]] = {}
    for row, _, weight in found:
        result = None if top_class == "CHOP" else result_ticks(row["labels"][horizon], top_class)
        if result is not None:
            gained, weights = sums.get(row["episode"], (0.0, 0.0))
            sums[row["episode"]] = gained + weight * result, weights + weight
    return sums


def _mean_result(sums: Sequence[tuple[float, float]], cost_ticks: float) -> float | None:
    if not sums:
        return None
    gained, weights = (math.fsum(column) for column in zip(*sums, strict=True))
    return gained / weights - cost_ticks
