"""`mbo_trigger_vectors` and `mbo_trigger_vector_features`, element by element and by name.

Rules chosen where the specification leaves room:
- A vector is made for primary levels and decisions of courses, in windows that start inside
  rth_study.
- The 27 consecutive valid windows are 5 s rows of the level, so the level was active throughout.
- The look-back of a vector is those 27 windows. If a recording gap overlaps it and is known
  at the decision, there is no vector; a gap that is not over yet is unknown.
- candle_id names the 120 s bar that contains the decision instant, as for the horizons h0 ...
- session_date is the New York date of the window's start.
- Context values belong to the decision's last second. A vector may exist without them.
- The corridor lies between price and the level. Where it does not lie ahead in the direction of the
  decision, or price is at the level, its values are None.
- The level's price is that of the second, also where a course has frozen another.
- Names of context values that are formulas: beyond_max_depth_log, beyond_max_rho_share,
  k_ticks_share; from options gex_imbalance_ratio_below, _at, _above and call_wall_distance,
  put_wall_distance, gamma_flip_distance, all None here, where there are no options.
- Set `dedup` keeps the order of set `vector`, which names the elements of the vectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

from naive.gaps import Gap, is_recorded
from naive.levels_episodes import Decision, episode_ids, episodes
from naive.levels_model import (
    DIRECTIONS,
    WINDOW_S,
    LevelKey,
    LevelRules,
    Row,
    candle_id,
    new_york_date,
    timestamp_of,
)
from naive.surfaces import ZONE_TICKS
from naive.surfaces_radar import READ_FROM_ABOVE, READ_FROM_BELOW

FAMILIES = {"down": READ_FROM_ABOVE, "up": READ_FROM_BELOW}
DERIVATIVES = ("", "d1_", "d2_", "d3_")
# number of rows of a block, and its aggregate
BLOCKS = {
    "w0": (1, "mean"),
    "w3_mean": (3, "mean"),
    "w3_delta": (3, "delta"),
    "w9_mean": (9, "mean"),
    "w9_delta": (9, "delta"),
    "w24_mean": (24, "mean"),
    "w24_delta": (24, "delta"),
}
HISTORY_WINDOWS = 27
LINEAR_COMBINATIONS = {"f5_", "f6_", "f7_", "u15_", "u16_", "u17_"}
OPTION_CONTEXT = (
    "gex_imbalance_ratio_below",
    "gex_imbalance_ratio_at",
    "gex_imbalance_ratio_above",
    "call_wall_distance",
    "put_wall_distance",
    "gamma_flip_distance",
)
CONTEXT = (
    "corridor_rel_depth",
    "beyond_rel_depth",
    "beyond_corridor_log",
    "beyond_max_depth_log",
    "beyond_max_rho_share",
    "behind_pull_add_log",
    "above_score",
    "below_score",
    "k_ticks_share",
    "closing_speed_15s",
    *OPTION_CONTEXT,
)


def vector_names(direction: str) -> list[str]:
    """Names of the vector of a direction (`up` or `down`) by index."""
    return [
        f"{block}__{derivative}{feature}"
        for block in BLOCKS
        for feature in FAMILIES[direction]
        for derivative in DERIVATIVES
    ]


def dedup_names(direction: str) -> list[str]:
    """Names of the set `dedup`, which leaves out features that are sums of others."""
    kept = [f for f in FAMILIES[direction] if f.split("_")[0] + "_" not in LINEAR_COMBINATIONS]
    return [
        name
        for name in vector_names(direction)
        if any(name.endswith(f"_{suffix}") for suffix in kept)
    ]


def scale_of(feature: str) -> str:
    """Scale of a feature of a vector or its context, by what its name says it counts."""
    if feature.endswith(("_log", "_log_rest")):
        return "log"
    return "ticks" if feature.endswith("_ticks") or feature == "closing_speed_15s" else "ratio"


def mbo_trigger_vector_features() -> list[Row]:
    """Rows of `gold.mbo_trigger_vector_features`."""
    rows: list[Row] = []
    for direction, features in FAMILIES.items():
        names = iter(vector_names(direction))
        rows += [
            {
                "set": "vector",
                "direction": direction,
                "feature_index": len(DERIVATIVES) * len(features) * b + len(DERIVATIVES) * f + d,
                "feature_name": next(names),
                "block": block,
                "base_feature": feature,
                "scale": scale_of(feature),
            }
            for b, block in enumerate(BLOCKS)
            for f, feature in enumerate(features)
            for d in range(len(DERIVATIVES))
        ]
        named = {row["feature_name"]: row for row in rows if row["direction"] == direction}
        rows += [
            named[name] | {"set": "dedup", "feature_index": index}
            for index, name in enumerate(dedup_names(direction))
        ]
        rows += [
            {
                "set": "context",
                "direction": direction,
                "feature_index": index,
                "feature_name": name,
                "block": "w0",
                "base_feature": name,
                "scale": scale_of(name),
            }
            for index, name in enumerate(CONTEXT)
        ]
    return rows


def vector_elements(direction: str, history: Sequence[Row]) -> dict[str, float]:
    """Elements of a vector by name.

    Args:
        direction: `up` or `down`.
        history: The last 24 rows of `mbo_level_vacuum_5s` of a level, oldest first.
    """
    elements = {}
    for name in vector_names(direction):
        block, column = name.split("__")
        length, kind = BLOCKS[block]
        values = [row[column] for row in history[-length:]]
        if kind == "mean":
            elements[name] = sum(values) / length
        else:
            elements[name] = (values[-1] - values[0]) / (length - 1)
    return elements


def vector_history(vacuum_5s: Mapping[LevelKey, Row], end_s: int, level: str) -> list[Row] | None:
    """The 24 rows of a vector, oldest first; None unless all 27 windows are valid."""
    windows = [
        vacuum_5s.get((end_s - WINDOW_S * back, level)) for back in reversed(range(HISTORY_WINDOWS))
    ]
    if any(row is None or not row["window_valid"] for row in windows):
        return None
    return windows[-24:]


def context_values(
    decision: Decision, corridor: Row | None, bands: Row, offset: Row
) -> dict[str, float | None]:
    """Elements of the context set by name.

    Args:
        decision: Its direction and distance from the level.
        corridor: Row of `level_corridor_1s` at the decision; None without one ahead.
        bands: Row of `physics_bands_1s` at the decision.
        offset: Row of `level_offset_1s` at the decision.
    """
    values = dict.fromkeys(CONTEXT)
    if corridor is not None:
        largest, at_spot = corridor["beyond_max_depth"], corridor["spot_depth_per_tick"]
        values |= {name: corridor[name] for name in CONTEXT if name in corridor}
        values |= {
            "beyond_max_depth_log": log((largest + 1) / (at_spot + 1)),
            "beyond_max_rho_share": corridor["beyond_max_rho"] / ZONE_TICKS,
        }
    speed = offset["speed_15s"]
    values |= {
        "above_score": bands["above_score"],
        "below_score": bands["below_score"],
        "k_ticks_share": decision.k_ticks / ZONE_TICKS,
        "closing_speed_15s": None if speed is None else decision.sign * speed,
    }
    return {name: values[name] for name in CONTEXT}


def mbo_trigger_vectors(
    found: Mapping[LevelKey, Decision],
    vacuum_5s: Mapping[LevelKey, Row],
    corridors: Mapping[LevelKey, Row],
    bands: Mapping[int, Row],
    offsets: Mapping[LevelKey, Row],
    rules: LevelRules,
    gaps: Sequence[Gap] = (),
) -> dict[LevelKey, Row]:
    """Rows of `gold.mbo_trigger_vectors` by (window end in seconds, level_id).

    Args:
        found: Decisions of the partition.
        vacuum_5s: Rows of `mbo_level_vacuum_5s` of every active level.
        corridors: Rows of `level_corridor_1s`.
        bands: Rows of `physics_bands_1s` by second (window start).
        offsets: Rows of `level_offset_1s`.
        rules: Symbol, date and settings.
        gaps: Rows of `recording_gaps` of the partition.
    """
    ids = episode_ids(episodes(found, rules), rules)
    rows = {}
    for (end_s, level), decision in found.items():
        is_study = rules.is_in_session(end_s - WINDOW_S, rules.rth_study)
        is_wanted = decision.is_primary or decision.course is not None
        if not (is_study and is_wanted and decision.sign):
            continue
        history = vector_history(vacuum_5s, end_s, level)
        if history is None or not is_recorded(gaps, end_s - HISTORY_WINDOWS * WINDOW_S, end_s):
            continue
        direction = DIRECTIONS[decision.sign]
        vector = list(vector_elements(direction, history).values())
        offset = offsets[end_s, level]
        corridor = corridors.get((end_s, level))
        if decision.sign * offset["k_ticks"] <= 0:
            corridor = None
        context = context_values(decision, corridor, bands[end_s - 1], offset)
        rows[end_s, level] = {
            "symbol": rules.symbol,
            "dt": rules.dt,
            "level_id": level,
            "window_end_ts": timestamp_of(end_s),
            "vector_id": f"{rules.symbol}_{level}_{direction}_{end_s}",
            "session_date": new_york_date(end_s - WINDOW_S),
            "level_price_int": history[-1]["level_price_int"],
            "k_ticks": decision.k_ticks,
            "approach_dir": decision.approach_dir,
            "decision_phase": decision.phase(rules),
            "episode_id": decision.course.course_id if decision.course else ids.get((end_s, level)),
            "candle_id": candle_id(end_s),
            "vector_dim": len(vector),
            "vector_down": vector if direction == "down" else None,
            "vector_up": vector if direction == "up" else None,
            "context": list(context.values()),
        }
    return rows
