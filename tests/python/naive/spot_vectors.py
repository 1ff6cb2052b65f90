"""`spot_vectors` and `spot_outcomes`: the book around spot, and what price did next.

Rules chosen where the specification leaves room:
- A 5 s row is anchored at the spot of its last second; its depth at start comes from its first
  second. It is valid if all five seconds are, lie in the surface window, and have a wall that
  reaches the whole zone around that spot.
- Differences compare published features, each anchored at the spot of its own row.
- A vector is made in windows that start inside rth_study, in every direction and in none.
- The look-back of a vector is its 27 windows; no gap known at the decision may overlap it.
- Features come in the order of `radar_vacuum_1s`: f, then u.
- A direction needs the mid of the decision and of `approach_over_s` before, and nothing in between.
  Without sigma the least move counts alone.
- An outcome begins at spot, so it is there at once: x0 is 0 and there is no touch. Its barriers are
  those of labels. A decision without direction has no outcome, and neither has one without the
  sigma that its barrier needs.
- label_end_ts is the horizon's end, also after a hit, or the instant at which an earlier end of the
  path is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from naive.gaps import Gap, is_recorded
from naive.levels_book import anchored_features, is_window_valid, window_book, zone_of
from naive.levels_episodes import Decision, barrier
from naive.levels_model import (
    APPROACHES,
    NS_PER_S,
    WINDOW_S,
    LevelRules,
    Row,
    Second,
    timestamp_of,
    whole_ticks,
)
from naive.levels_paths import Future, path_label, start_of
from naive.levels_price import least_approach_ticks, level_offset_1s
from naive.levels_vectors import BLOCKS, DERIVATIVES, HISTORY_WINDOWS
from naive.surfaces import SurfaceDay, differences
from naive.surfaces_radar import FEATURES

SPOT = "spot"
UNKNOWN = dict.fromkeys(FEATURES)
LABEL_COLUMNS = (
    "outcome",
    "first_hit_ts",
    "time_to_hit_s",
    "mfe_ticks",
    "mae_ticks",
    "label_end_ts",
    "available_from_ts",
)


def spot_vector_names() -> list[str]:
    """Names of the elements by index."""
    return [
        f"{block}__{derivative}{feature}"
        for block in BLOCKS
        for feature in FEATURES
        for derivative in DERIVATIVES
    ]


def radar_5s(day: SurfaceDay, rules: LevelRules) -> dict[int, Row]:
    """Features of 5 s windows anchored at spot, with differences, by window end."""
    features, is_valid = {}, {}
    for second in day.seconds:
        end_s = second + 1
        if end_s % WINDOW_S:
            continue
        spot = day.spot(second)
        is_valid[end_s] = spot is not None and is_window_valid(day, end_s, zone_of(spot, rules))
        features[end_s] = UNKNOWN
        if is_valid[end_s]:
            wall, reprice = window_book(day, end_s)
            features[end_s] = anchored_features(spot, wall, reprice, rules.tick_int)
    rows = {}
    for end_s, values in features.items():
        row: Row = {"window_valid": is_valid[end_s], **values}
        past = [features.get(end_s - n * WINDOW_S, UNKNOWN) for n in range(len(DERIVATIVES))]
        for name in FEATURES:
            changes = differences([moment[name] for moment in past])
            for order, change in enumerate(changes, start=1):
                row[f"d{order}_{name}"] = change
        rows[end_s] = row
    return rows


def spot_vector(
    rows: Mapping[int, Row], end_s: int, gaps: Iterable[Gap] = ()
) -> dict[str, float] | None:
    """Elements of a vector by name; None without 27 valid windows or with a gap in them.

    Args:
        rows: Rows of `radar_5s` by window end.
        end_s: End of the vector's last window.
        gaps: Rows of `recording_gaps`.
    """
    windows = [rows.get(end_s - WINDOW_S * back) for back in reversed(range(HISTORY_WINDOWS))]
    if any(row is None or not row["window_valid"] for row in windows):
        return None
    if not is_recorded(gaps, end_s - HISTORY_WINDOWS * WINDOW_S, end_s):
        return None
    elements = {}
    for name in spot_vector_names():
        block, column = name.split("__")
        length, kind = BLOCKS[block]
        values = [row[column] for row in windows[-length:]]
        if kind == "mean":
            elements[name] = sum(values) / length
        else:
            elements[name] = (values[-1] - values[0]) / (length - 1)
    return elements


def spot_decisions(seconds: Sequence[Second], rules: LevelRules) -> dict[int, Decision]:
    """Direction, spot and sigma at the end of every 5 s window of rth_study."""
    ends = [
        second.end_s
        for second in seconds
        if second.end_s % WINDOW_S == 0
        and rules.is_in_session(second.end_s - WINDOW_S, rules.rth_study)
    ]
    known = level_offset_1s(seconds, {(end_s, SPOT): {"level_tick": None} for end_s in ends}, rules)
    by_end = {second.end_s: second for second in seconds}
    found = {}
    for end_s in ends:
        row, spot_int = known[end_s, SPOT], by_end[end_s].spot_price_int
        five = [by_end.get(end_s - back) for back in range(WINDOW_S)]
        found[end_s] = Decision(
            end_s=end_s,
            level_id=SPOT,
            is_window_valid=all(second is not None and second.is_valid for second in five),
            is_active=True,
            is_primary=True,
            level_tick=None if spot_int is None else whole_ticks(spot_int, rules.tick_int),
            k_ticks=0,
            sigma_ticks=row["sigma_1s_ticks"],
            approach_dir=direction(row["approach_move_ticks"], row["sigma_1s_ticks"], rules),
        )
    return found


def direction(moved_ticks: float | None, sigma_ticks: float | None, rules: LevelRules) -> str:
    """Direction of a move of the mid over `approach_over_s`."""
    if moved_ticks is not None:
        for name, sign in APPROACHES.items():
            if sign * moved_ticks >= least_approach_ticks(sigma_ticks, rules):
                return name
    return "approach_none"


def spot_outcome(
    decision: Decision, kind: str, horizon_end_s: int, future: Future, rules: LevelRules
) -> Row:
    """Which barrier was reached first from spot, without keys."""
    horizon_s = horizon_end_s - decision.end_s
    barrier_ticks = barrier(kind, decision.sigma_ticks, horizon_s, rules)
    row = dict.fromkeys(LABEL_COLUMNS) | {
        "barrier_ticks": barrier_ticks,
        "horizon_s": horizon_s,
        "label_reason": _reason(decision, barrier_ticks),
    }
    if row["label_reason"] is not None:
        return row
    path_end_s = future.path_end_s(decision.end_s)
    path = future.path(decision, min(horizon_end_s, path_end_s))
    start = start_of(decision)._replace(x=0)
    label = path_label(path, start, barrier_ticks, is_cut=path_end_s < horizon_end_s)
    hit_ns = label["first_hit_ts"]
    known_ts = timestamp_of(future.label_end_s(decision.end_s, horizon_end_s))
    return (
        row
        | {name: label[name] for name in LABEL_COLUMNS if name in label}
        | {
            "time_to_hit_s": None if hit_ns is None else (hit_ns - decision.end_s * NS_PER_S) / 1e9,
            "label_end_ts": known_ts,
            "available_from_ts": known_ts,
        }
    )


def _reason(decision: Decision, barrier_ticks: int | None) -> str | None:
    if not decision.is_window_valid:
        return "invalid_window"
    if not decision.sign:
        return "no_approach"
    return "no_sigma" if barrier_ticks is None else None
