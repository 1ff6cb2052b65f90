"""`level_outcomes`: what happened after a decision, from the trades that followed.

Rules chosen where the specification leaves room:
- Every decision of a primary or inactive level has rows, and every decision of a course; an active
  level that is not primary has no others.
- The first reason that holds is published: invalid_window, inactive_level, no_approach,
  beyond_barrier of the eligibility (before it no_sigma, if that barrier needs a sigma), no_sigma,
  beyond_barrier of the row's own barrier. An ineligible decision has no label of either kind.
- A row without label keeps barrier_ticks and horizon_s where they can be computed and x0_ticks
  where there is an approach; everything else, label_end_ts included, is None.
- The path is the trades whose group's window starts in [t, horizon end); `levels_paths` defines its
  cuts and results.
- label_end_ts is the later of the horizon end and, if the level was reached, the
end of the path
  from there; or the instant at which the path is cut, if that is earlier.
- sigma 0 is known: its barrier is the smallest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from naive.gaps import Gap
from naive.levels_episodes import Decision, barrier, episode_ids, episodes
from naive.levels_model import (
    CANDLE_S,
    NS_PER_S,
    LevelKey,
    LevelRules,
    Row,
    Second,
    Trade,
    timestamp_of,
)
from naive.levels_paths import Future, path_label, reached_label, start_of

BARRIER_KINDS = ("fixed", "vol")
OUTCOME_DIRECTIONS = {
    ("BREAK", 1): "BREAK_UP",
    ("BREAK", -1): "BREAK_DOWN",
    ("REJECT", 1): "REJECT_DOWN",
    ("REJECT", -1): "REJECT_UP",
}
LABEL_COLUMNS = (
    "outcome",
    "outcome_dir",
    "touched",
    "touch_ts",
    "outcome_after_touch",
    "reached",
    "reached_ts",
    "outcome_reached",
    "reached_hit_ts",
    "exit_ts",
    "exit_x_ticks",
    "mfe_to_exit_ticks",
    "mae_to_exit_ticks",
    "whipsaw_reached",
    "first_hit_ts",
    "time_to_hit_s",
    "second_hit_ts",
    "whipsaw_flag",
    "mfe_ticks",
    "mae_ticks",
    "adverse_before_hit_ticks",
    "label_end_ts",
    "available_from_ts",
)

OutcomeKey = tuple[int, str, str, str]


def horizon_ends_s(end_s: int, rules: LevelRules) -> dict[str, int]:
    """End of every horizon of a decision by horizon_id."""
    ends = {f"s{seconds}": end_s + seconds for seconds in rules.elapsed_horizons_s}
    bar_end_s = (end_s // CANDLE_S + 1) * CANDLE_S
    return ends | {f"h{n}": bar_end_s + n * CANDLE_S for n in rules.clock_horizons}


def level_outcomes(
    found: Mapping[LevelKey, Decision],
    seconds: Iterable[Second],
    trades: Iterable[Trade],
    rules: LevelRules,
    is_wanted: Callable[[Decision], bool] = lambda _: True,
    gaps: Iterable[Gap] = (),
) -> dict[OutcomeKey, Row]:
    """Rows of `gold.level_outcomes` by (window end, level_id, barrier_kind, horizon_id).

    Args:
        found: Decisions of the partition.
        seconds: Rows of `book_snapshot_1s` of the partition.
        trades: Trades of the contract; those of the partition are used.
        rules: Symbol, date and settings.
        is_wanted: Whether to make a decision's rows; limits a test to a sample.
        gaps: Rows of `recording_gaps` of the partition.
    """
    future = Future(seconds, trades, rules, gaps)
    ids = episode_ids(episodes(found, rules), rules)
    rows: dict[OutcomeKey, Row] = {}
    for (end_s, level), decision in found.items():
        if not has_rows(decision) or not is_wanted(decision):
            continue
        for kind in BARRIER_KINDS:
            for horizon_id, horizon_end_s in horizon_ends_s(end_s, rules).items():
                label = outcome_row(decision, kind, horizon_end_s, future, rules)
                rows[end_s, level, kind, horizon_id] = {
                    "symbol": rules.symbol,
                    "dt": rules.dt,
                    "level_id": level,
                    "window_end_ts": timestamp_of(end_s),
                    "barrier_kind": kind,
                    "horizon_id": horizon_id,
                    "decision_phase": decision.phase(rules),
                    **label,
                    "episode_id": decision.course.course_id
                    if decision.course
                    else ids.get((end_s, level)),
                }
    return rows


def has_rows(decision: Decision) -> bool:
    """Whether a decision has rows of labels."""
    return decision.is_primary or not decision.is_active or decision.course is not None


def outcome_row(
    decision: Decision, kind: str, horizon_end_s: int, future: Future, rules: LevelRules
) -> Row:
    """Label of one decision, barrier and horizon, without its keys."""
    horizon_s = horizon_end_s - decision.end_s
    barrier_ticks = barrier(kind, decision.sigma_ticks, horizon_s, rules)
    row = dict.fromkeys(LABEL_COLUMNS) | {
        "barrier_ticks": barrier_ticks,
        "horizon_s": horizon_s,
        "x0_ticks": decision.x_ticks,
        "label_reason": decision.not_eligible_by(rules) or decision.blocked_by(barrier_ticks),
    }
    if row["label_reason"] is not None:
        return row
    path_end_s = future.path_end_s(decision.end_s)
    path = future.path(decision, min(horizon_end_s, path_end_s))
    is_cut = path_end_s < horizon_end_s
    row |= path_label(path, start_of(decision), barrier_ticks, is_cut=is_cut)
    at_level, wanted_s = reached_label(future, decision, barrier_ticks, horizon_s, rules)
    label_end_s = future.label_end_s(decision.end_s, wanted_s)
    hit_ns = row["first_hit_ts"]
    return (
        row
        | at_level
        | {
            "outcome_dir": OUTCOME_DIRECTIONS.get((row["outcome"], decision.sign), row["outcome"]),
            "time_to_hit_s": None if hit_ns is None else (hit_ns - decision.end_s * NS_PER_S) / 1e9,
            "label_end_ts": timestamp_of(label_end_s),
            "available_from_ts": timestamp_of(label_end_s),
        }
    )
