"""Retrieval by its definition, one query and one neighbor at a time."""

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
    """The unit vector of a decision with the context as another block; None for a zero vector."""
    z = z_of([*vector, *context], statistics)
    n_varying = sum(1 for _, mad, std in statistics[len(vector) :] if mad > 0 or std > 0)
    stretch = math.sqrt(len(vector) / n_blocks / n_varying) if n_varying else 0.0
    joined = z[: len(vector)] + [value * stretch for value in z[len(vector) :]]
    length = math.sqrt(math.fsum(value * value for value in joined))
    return [value / length for value in joined] if length else None


def similarity(one: list[float], other: list[float]) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def neighbors(
    query: list[float] | None,
    library: list[Row],
    horizon: str,
    *,
    k_raw: int,
    k: int,
    per_episode: int,
    power: float,
    whether_reached: bool = False,
    band: str | None = None,
    not_on: object = None,
) -> list[tuple[Row, float, float]]:
    """Rows with similarity and weight; rows hold place, day, episode, band and labels by horizon.

    Only rows with a known outcome at the level, or a known `reached`; optionally of a distance band
    and without a day.
    """
    if query is None:
        return []
    candidates = [(similarity(query, row["place"]), row) for row in library if row["place"]]
    candidates.sort(key=lambda pair: -pair[0])
    chosen, of_episode = [], {}
    for found, row in candidates[:k_raw]:
        if len(chosen) == k:
            break
        label = row["labels"][horizon]
        if whether_reached and label["reached"] is None:
            continue
        if not whether_reached and label["outcome_reached"] not in CLASSES:
            continue
        if band is not None and row["band"] != band:
            continue
        if row["day"] == not_on or max(found, 0.0) ** power == 0:
            continue
        if of_episode.get(row["episode"], 0) == per_episode:
            continue
        of_episode[row["episode"]] = of_episode.get(row["episode"], 0) + 1
        chosen.append((row, found, max(found, 0.0) ** power))
    return chosen


def band_of(k_ticks: int, phase: str = "approaching") -> str | None:
    distance = abs(k_ticks)
    if phase == "at":
        return "0-1" if distance <= 1 else None
    if phase in ("through", "back"):
        return None if distance < 2 else "2-4" if distance <= 4 else "5+"
    if distance == 0:
        return None
    return "1-2" if distance <= 2 else "3-4" if distance <= 4 else "5-6" if distance <= 6 else "7+"


def base_rates(
    library: list[Row],
    horizon: str,
    band: str | None = None,
    least: int = 1,
    *,
    firsts: bool = False,
) -> dict[str, float | None]:
    """Shares of the outcomes at the level, and (REACHED) of decisions that reached it.

    Every episode has the same weight, within the band if given; None with fewer episodes than the
    least. With `firsts`, as at and past a level, an episode is its first row that counts.
    """
    arrived: dict[str, list[str]] = {}
    followed: dict[str, list[bool]] = {}
    for row in library:
        label = row["labels"][horizon]
        if band is not None and row["band"] != band:
            continue
        if label["outcome_reached"] in CLASSES:
            arrived.setdefault(row["episode"], []).append(label["outcome_reached"])
        if label["reached"] is not None:
            followed.setdefault(row["episode"], []).append(label["reached"])
    if firsts:
        arrived = {episode: outcomes[:1] for episode, outcomes in arrived.items()}
        followed = {episode: came[:1] for episode, came in followed.items()}
    rates: dict[str, float | None] = dict.fromkeys((*CLASSES, "REACHED"))
    if len(arrived) >= least:
        for name in CLASSES:
            shares = [outcomes.count(name) / len(outcomes) for outcomes in arrived.values()]
            rates[name] = sum(shares) / len(shares)
    if len(followed) >= least:
        shares = [sum(came) / len(came) for came in followed.values()]
        rates["REACHED"] = sum(shares) / len(shares)
    return rates


def effective(found: list[tuple[Row, float, float]]) -> float:
    """Effective number of episodes: windows of the same episode add no evidence."""
    of_episode: dict[str, float] = {}
    for row, _, weight in found:
        of_episode[row["episode"]] = of_episode.get(row["episode"], 0.0) + weight
    total = sum(of_episode.values())
    return total**2 / sum(weight**2 for weight in of_episode.values()) if of_episode else 0.0


def mean_similarity(found: list[tuple[Row, float, float]]) -> float | None:
    total = sum(weight for _, _, weight in found)
    return sum(s * weight for _, s, weight in found) / total if found else None


def floor_of(means: list[float], share: float) -> float | None:
    """The smallest mean similarity that at least a given share of the means does not exceed."""
    ordered = sorted(means)
    for place, value in enumerate(ordered, 1):
        if place / len(ordered) >= share - 1e-12:
            return value
    return None


def share_that_came(
    found: list[tuple[Row, float, float]], base: dict[str, float], horizon: str, alpha: float
) -> float:
    """Share of similar approaches from the same distance that reached the level."""
    if not found:
        return base["REACHED"]
    n_eff, total = effective(found), sum(weight for _, _, weight in found)
    came = sum(weight for row, _, weight in found if row["labels"][horizon]["reached"])
    return (n_eff * came / total + alpha * base["REACHED"]) / (n_eff + alpha)


def is_enough(found: list[tuple[Row, float, float]], minima: tuple[int, int, int]) -> bool:
    """Whether neighbors, their days and their episodes meet the least counts."""
    days, episodes = ({row[name] for row, _, _ in found} for name in ("day", "episode"))
    return all(
        n >= least for n, least in zip(map(len, (found, days, episodes)), minima, strict=True)
    )


def edge_of(
    found: list[tuple[Row, float, float]],
    top: str,
    horizon: str,
    draws: Sequence[Sequence[float]],
    minima: tuple[int, int, int],
) -> tuple[float, float | None, float] | None:
    """Mean result of following the likely outcome, its lower bound, and the episodes behind it.

    The bound is None for a single episode.

    ``draws`` holds, per position and resample, a number in [0, 1) that selects an episode.
    """
    found = [entry for entry in found if entry[0]["labels"][horizon]["exit_x_ticks"] is not None]
    if top == "CHOP" or not is_enough(found, minima):
        return None
    sense = 1 if top == "BREAK" else -1
    of_episode: dict[str, list[float]] = {}
    for row, _, weight in found:
        label = row["labels"][horizon]
        made = sense * (label["exit_x_ticks"] - label["x0_ticks"])
        sums = of_episode.setdefault(row["episode"], [0.0, 0.0])
        sums[0] += weight * made
        sums[1] += weight
    episodes = list(of_episode.values())
    mean = sum(made for made, _ in episodes) / sum(weight for _, weight in episodes)
    means = []
    for resample in range(len(draws[0])):
        drawn = [
            episodes[int(draws[place][resample] * len(episodes))] for place in range(len(episodes))
        ]
        means.append(sum(made for made, _ in drawn) / sum(weight for _, weight in drawn))
    lower = floor_of(means, 0.025) if len(episodes) > 1 else None
    return mean, lower, effective(found)


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
    base: dict[str, float | None],
    horizon: str,
    *,
    alpha: float,
    minima: tuple[int, int, int],
    floor: float | None,
) -> Row:
    """The row of retrieval_outcomes from neighbors that reached the level, and signal inputs."""
    weights = [weight for _, _, weight in found]
    total = sum(weights)
    result: Row = {
        "n_neighbors": len(found),
        "n_distinct_days": len({row["day"] for row, _, _ in found}),
        "n_distinct_episodes": len({row["episode"] for row, _, _ in found}),
        "n_eff": effective(found),
        "library_last_dt": max((row["day"] for row, _, _ in found), default=None),
    }
    result["neighbors_ok"] = None not in base.values() and is_enough(found, minima)
    for name in (*CLASSES, "REACHED"):
        result[f"base_{name.lower()}"] = base[name]
    result["is_similar"] = False
    if not result["neighbors_ok"]:
        return result
    result["mean_similarity"] = mean_similarity(found)
    result["similarity_floor"] = floor
    result["is_similar"] = result["mean_similarity"] >= floor
    if not result["is_similar"]:
        return result
    labels = [row["labels"][horizon] for row, _, _ in found]
    for name in CLASSES:
        raw = sum(
            w for w, label in zip(weights, labels, strict=True) if label["outcome_reached"] == name
        )
        result[f"p_{name.lower()}_raw"] = raw / total
        result[f"p_{name.lower()}"] = (result["n_eff"] * raw / total + alpha * base[name]) / (
            result["n_eff"] + alpha
        )
    shares = {name: result[f"p_{name.lower()}"] for name in CLASSES}
    top = max(CLASSES, key=shares.__getitem__)
    result["top_class"] = top
    result["entropy"] = -sum(share * math.log(share) for share in shares.values() if share)
    result["time_to_hit_q50_s"] = quantile(
        [label["reached_time_to_hit_s"] for label in labels], weights, 0.5
    )
    for q in (50, 80):
        for_it = [label["mfe_ticks"] for label in labels]
        against_it = [-label["mae_ticks"] for label in labels]
        result[f"mfe_q{q}_ticks"] = quantile(for_it, weights, q / 100)
        result[f"mae_q{q}_ticks"] = -quantile(against_it, weights, q / 100)
    of_top = [
        w if label["outcome_reached"] == top else 0.0
        for w, label in zip(weights, labels, strict=True)
    ]
    result["risk_q80_ticks"] = quantile([against(label) for label in labels], of_top, 0.8)
    pairs = list(zip(weights, labels, strict=True))
    result["resolve_rate"] = (
        sum(w for w, label in pairs if label["outcome_reached"] != "CHOP") / total
    )
    result["whipsaw_rate"] = sum(w for w, label in pairs if label["whipsaw_reached"]) / total
    return result


def against(label: Row) -> float | None:
    """Largest move, up to the exit, against a position in the direction of the outcome."""
    moves = {"BREAK": "mae_to_exit_ticks", "REJECT": "mfe_to_exit_ticks"}
    outcome = label["outcome_reached"]
    return abs(label[moves[outcome]]) if outcome in moves else None
