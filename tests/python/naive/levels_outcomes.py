"""`level_outcomes`: what happened after a decision, read off the trades that followed.

Rules chosen where the specification leaves room:
- Rows are made for every decision of a level that is primary or inactive; an active level that
  another of its stack stands for has none.
- First reason that holds: invalid_window, inactive_level, no_approach, beyond_barrier (fixed B),
  no_sigma, beyond_barrier (own B).
- A row without label keeps barrier_ticks and horizon_s where they can be computed and x0_ticks
  where there is an approach; everything else, label_end_ts included, is None.
- The path is the trades whose group's window starts in [t, label end).
- A label is cut at the start of the first second from t on that is missing (the partition ends
  with its last row) or carries bits 1, 2, 4 or 16. Cut exactly at the horizon's end is not cut.
- touched and touch_ts look to the end of the label, also past a hit; the trade that touches is
  the first of the path after the touch. `touched` of a censored label is what was seen.
- whipsaw_flag is False where no barrier was hit; adverse_before_hit_ticks is None there, and
  elsewhere is measured from x0.
- sigma 0 is known: its barrier is the smallest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import floor, sqrt

from naive.levels_episodes import Decision, episode_ids, episodes, path_of, x_of
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

CENSORING_FLAGS = 1 | 2 | 4 | 16
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
Path = Sequence[tuple[int, int]]


def horizon_ends_s(end_s: int, rules: LevelRules) -> dict[str, int]:
    """End of every horizon of a decision by horizon_id."""
    ends = {f"s{seconds}": end_s + seconds for seconds in rules.elapsed_horizons_s}
    bar_end_s = (end_s // CANDLE_S + 1) * CANDLE_S
    return ends | {f"h{n}": bar_end_s + n * CANDLE_S for n in rules.clock_horizons}


def barrier(kind: str, sigma_ticks: float | None, horizon_s: int, rules: LevelRules) -> int | None:
    """Distance of the barriers from the level, ticks; None without the sigma it needs."""
    if kind == "fixed":
        return rules.barrier_ticks
    if sigma_ticks is None:
        return None
    rounded = floor(rules.barrier_k * sigma_ticks * sqrt(horizon_s) + 0.5)
    return min(max(rounded, rules.barrier_min_ticks), rules.barrier_max_ticks)


def level_outcomes(
    found: Mapping[LevelKey, Decision],
    seconds: Iterable[Second],
    trades: Iterable[Trade],
    rules: LevelRules,
    is_wanted: Callable[[Decision], bool] = lambda _: True,
) -> dict[OutcomeKey, Row]:
    """Rows of `gold.level_outcomes` by (window end, level_id, barrier_kind, horizon_id).

    Args:
        found: Decisions of the partition.
        seconds: Rows of `book_snapshot_1s` of the partition.
        trades: Trades of the contract; those of the partition are used.
        rules: Symbol, date and settings.
        is_wanted: Whether a decision's rows are made; to look at a few of many.
    """
    future = Future(seconds, trades, rules)
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
                    **label,
                    "episode_id": ids.get((end_s, level)),
                }
    return rows


def has_rows(decision: Decision) -> bool:
    """Whether a decision has rows of labels."""
    return decision.is_primary or not decision.is_active


class Future:
    """Trades of a partition, and until when the market can be followed."""

    def __init__(
        self, seconds: Iterable[Second], trades: Iterable[Trade], rules: LevelRules
    ) -> None:
        self._trades = path_of(trades, rules)
        self._starts_s = [trade.window_s for trade in self._trades]
        assert self._starts_s == sorted(self._starts_s), "windows go back in file order"
        self._followed = {s.window_s for s in seconds if not s.invalid_flags & CENSORING_FLAGS}
        self._rules = rules

    def cut_s(self, end_s: int, horizon_end_s: int) -> int:
        """First instant from which the market cannot be followed, at most the horizon's end."""
        for window_s in range(end_s, horizon_end_s):
            if window_s not in self._followed:
                return window_s
        return horizon_end_s

    def path(self, decision: Decision, until_s: int) -> Path:
        """(ts_event in ns, place in the approach sense) of the trades after a decision."""
        first, last = (bisect_left(self._starts_s, s) for s in (decision.end_s, until_s))
        return [
            (trade.ts_event_ns, x_of(trade, decision.sign, decision.level_tick, self._rules))
            for trade in self._trades[first:last]
        ]


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
        "label_reason": decision.blocked_by(rules.barrier_ticks),
    }
    if row["label_reason"] is None:
        is_unknown = barrier_ticks is None
        row["label_reason"] = "no_sigma" if is_unknown else decision.blocked_by(barrier_ticks)
    if row["label_reason"] is not None:
        return row
    label_end_s = future.cut_s(decision.end_s, horizon_end_s)
    path = future.path(decision, label_end_s)
    is_cut = label_end_s < horizon_end_s
    row |= path_label(path, decision.x_ticks, barrier_ticks, is_cut=is_cut)
    hit_ns = row["first_hit_ts"]
    return row | {
        "outcome_dir": OUTCOME_DIRECTIONS.get((row["outcome"], decision.sign), row["outcome"]),
        "time_to_hit_s": None if hit_ns is None else (hit_ns - decision.end_s * NS_PER_S) / 1e9,
        "label_end_ts": timestamp_of(label_end_s),
        "available_from_ts": timestamp_of(label_end_s),
    }


def first_hit(path: Path, barrier_ticks: int, *, is_cut: bool) -> tuple[str, int | None]:
    """Outcome of a path and the index of the trade that decided it."""
    for index, (_, x) in enumerate(path):
        if x >= barrier_ticks:
            return "BREAK", index
        if x <= -barrier_ticks:
            return "REJECT", index
    return "CENSORED" if is_cut else "CHOP", None


def path_label(path: Path, x0_ticks: int, barrier_ticks: int, *, is_cut: bool) -> Row:
    """What a label says of a path.

    Args:
        path: (ts_event in ns, place in the approach sense) of every trade, in order.
        x0_ticks: Place of spot at the decision.
        barrier_ticks: Distance of both barriers from the level.
        is_cut: Whether the path ends before the horizon does.
    """
    outcome, hit = first_hit(path, barrier_ticks, is_cut=is_cut)
    touch = next((index for index, (_, x) in enumerate(path) if x >= 0), None)
    moves = [0, *(x - x0_ticks for _, x in path)]
    second_ns, adverse = None, None
    if hit is not None:
        sense = 1 if outcome == "BREAK" else -1
        second_ns = next((ns for ns, x in path[hit:] if -sense * x >= barrier_ticks), None)
        # the first move is that of the start, so the moves before the hit end at its index
        adverse = max(-sense * move for move in moves[: hit + 1])
    after_touch = None
    if touch is not None:
        after_touch, _ = first_hit(path[touch:], barrier_ticks, is_cut=is_cut)
    return {
        "outcome": outcome,
        "touched": touch is not None,
        "touch_ts": None if touch is None else path[touch][0],
        "outcome_after_touch": after_touch,
        "first_hit_ts": None if hit is None else path[hit][0],
        "second_hit_ts": second_ns,
        "whipsaw_flag": second_ns is not None,
        "mfe_ticks": max(moves),
        "mae_ticks": min(moves),
        "adverse_before_hit_ticks": adverse,
    }
