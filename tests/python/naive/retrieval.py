"""Retrieval as its definition reads, one question and one neighbour at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

CLASSES = ("BREAK", "REJECT", "CHOP")

Vector = Sequence[float | None]
Row = dict


def statistics_of(vectors: list[Vector]) -> list[tuple[float, float, float]]:
    """Median, median absolute deviation and population standard deviation of each column."""
    found = []
    for column in zip(*vectors, strict=True):
        values = [value for value in column if value is not None]
        if not values:
            found.append((0.0, 0.0, 0.0))
            continue
        middle = median(values)
        mean = math.fsum(values) / len(values)
        variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
        mad = median(abs(value - middle) for value in values)
        constant = all(value == values[0] for value in values)
        found.append((middle, mad, 0.0 if constant else math.sqrt(variance)))
    return found


def z_of(vector: Vector, statistics: list[tuple[float, float, float]]) -> list[float]:
    z = []
    for value, (middle, mad, std) in zip(vector, statistics, strict=True):
        scale = 1.4826 * mad if mad > 0 else std
        if value is None or scale == 0:
            z.append(0.0)
        else:
            z.append(min(max((value - middle) / (scale + 1e-6), -8.0), 8.0))
    return z


def placed(
    vector: Vector, context: Vector, statistics: list[tuple[float, float, float]], n_blocks: int
) -> list[float] | None:
    """The unit vector of a moment with the context as one more block; None for a zero vector."""
    z = z_of([*vector, *context], statistics)
    n_varying = sum(1 for _, mad, std in statistics[len(vector) :] if mad > 0 or std > 0)
    stretch = math.sqrt(len(vector) / n_blocks / n_varying) if n_varying else 0.0
    joined = z[: len(vector)] + [value * stretch for value in z[len(vector) :]]
    length = math.sqrt(math.fsum(value * value for value in joined))
    return [value / length for value in joined] if length else None


def similarity(one: list[float], other: list[float]) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def neighbours(
    query: list[float] | None,
    library: list[Row],
    horizon: str,
    *,
    k_raw: int,
    k: int,
    per_episode: int,
    power: float,
) -> list[tuple[Row, float, float]]:
    """Rows with similarity and weight; rows hold place, day, episode and labels by horizon."""
    if query is None:
        return []
    candidates = [(similarity(query, row["place"]), row) for row in library if row["place"]]
    candidates.sort(key=lambda pair: -pair[0])
    chosen, of_episode = [], {}
    for found, row in candidates[:k_raw]:
        if len(chosen) == k:
            break
        if row["labels"][horizon]["outcome"] not in CLASSES:
            continue
        if of_episode.get(row["episode"], 0) == per_episode:
            continue
        of_episode[row["episode"]] = of_episode.get(row["episode"], 0) + 1
        chosen.append((row, found, max(found, 0.0) ** power))
    return [one for one in chosen if one[2] > 0]


def base_rates(library: list[Row], horizon: str) -> dict[str, float] | None:
    by_episode: dict[str, list[str]] = {}
    for row in library:
        outcome = row["labels"][horizon]["outcome"]
        if outcome in CLASSES:
            by_episode.setdefault(row["episode"], []).append(outcome)
    if not by_episode:
        return None
    return {
        name: sum(outcomes.count(name) / len(outcomes) for outcomes in by_episode.values())
        / len(by_episode)
        for name in CLASSES
    }


def quantile(values: list[float | None], weights: list[float], q: float) -> float | None:
    """The smallest value whose cumulative share of the weight reaches q."""
    pairs = sorted(
        (value, weight)
        for value, weight in zip(values, weights, strict=True)
        if value is not None and weight > 0
    )
    total = sum(weight for _, weight in pairs)
    reached = 0.0
    for value, weight in pairs:
        reached += weight
        if reached >= q * total:
            return value
    return None


def answer(
    found: list[tuple[Row, float, float]],
    base: dict[str, float] | None,
    horizon: str,
    *,
    alpha: float,
    minima: tuple[int, int, int],
) -> Row:
    """The row of retrieval_outcomes, and what signals take besides."""
    weights = [weight for _, _, weight in found]
    total = sum(weights)
    result: Row = {
        "n_neighbors": len(found),
        "n_distinct_days": len({row["day"] for row, _, _ in found}),
        "n_distinct_episodes": len({row["episode"] for row, _, _ in found}),
        "n_eff": total**2 / sum(weight**2 for weight in weights) if found else 0.0,
        "library_last_dt": max((row["day"] for row, _, _ in found), default=None),
    }
    support = ("n_neighbors", "n_distinct_days", "n_distinct_episodes")
    result["neighbors_ok"] = all(
        result[name] >= least for name, least in zip(support, minima, strict=True)
    )
    for name in CLASSES:
        result[f"base_{name.lower()}"] = base[name] if base else None
    if not result["neighbors_ok"]:
        return result
    labels = [row["labels"][horizon] for row, _, _ in found]
    for name in CLASSES:
        raw = sum(w for w, label in zip(weights, labels, strict=True) if label["outcome"] == name)
        result[f"p_{name.lower()}_raw"] = raw / total
        result[f"p_{name.lower()}"] = (result["n_eff"] * raw / total + alpha * base[name]) / (
            result["n_eff"] + alpha
        )
    shares = {name: result[f"p_{name.lower()}"] for name in CLASSES}
    top = max(CLASSES, key=shares.__getitem__)
    result["top_class"] = top
    result["entropy"] = -sum(share * math.log(share) for share in shares.values() if share)
    result["mean_similarity"] = sum(s * w for _, s, w in found) / total
    result["time_to_hit_q50_s"] = quantile([one["time_to_hit_s"] for one in labels], weights, 0.5)
    for name in ("mfe", "mae"):
        for q in (50, 80):
            values = [one[f"{name}_ticks"] for one in labels]
            result[f"{name}_q{q}_ticks"] = quantile(values, weights, q / 100)
    of_top = [w if one["outcome"] == top else 0.0 for w, one in zip(weights, labels, strict=True)]
    adverse = [one["adverse_before_hit_ticks"] for one in labels]
    result["risk_q80_ticks"] = quantile(adverse, of_top, 0.8)
    pairs = list(zip(weights, labels, strict=True))
    result["resolve_rate"] = sum(w for w, one in pairs if one["outcome"] != "CHOP") / total
    result["whipsaw_rate"] = sum(w for w, one in pairs if one["whipsaw_flag"]) / total
    return result
