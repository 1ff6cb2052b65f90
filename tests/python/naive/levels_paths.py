"""Paths of trades after a decision: barriers, touch, and reaching the level.

Rules chosen where the specification leaves room:
- A path is cut at the start of the first second from the decision on that is missing (the
  partition ends with its last row) or carries bits 1, 2, 4 or 16, or that follows the second in
  which a recording gap begins. If the decision lies in a gap, the cut is at the decision. A path
  cut exactly at its own end is not cut.
- A decision at the level or past it has touched it at its own instant.
- touched and touch_ts cover the whole horizon, also past a hit; the trade that touches is the first
  of the path after the touch. `touched` of a censored label covers the path up to the cut.
- Without a hit whipsaw_flag is False and adverse_before_hit_ticks is None; otherwise the latter is
  measured from x0.
- A decision within `reach_ticks`, past the level, or of a course that has come to it has reached
  the level at its own instant, whatever follows.
  Otherwise the path from the level begins with the trade that reaches it, also when that trade
  jumps over the level or its barrier.
- If a path is cut before it reaches the level, `reached` is None, even if the path was almost over.
- A position opened at the decision has its exits at both barriers from the decision on, so also
  before the level is reached, and until the last instant at which outcome_reached could be
  decided. Without such a hit it ends with the last trade of that time (CHOP, NOT_REACHED), or
  without any trade at the decision's own instant and place. It has no exit if the path is cut
  before it. An exit at a barrier has the barrier's price.
- mfe_to_exit_ticks >= 0 and mae_to_exit_ticks <= 0 include the start and the trade of the exit,
  at its own price.
- whipsaw_reached says whether trades reached both barriers between the decision and that last
  instant, or the cut.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from naive.gaps import Gap, cut_known_s, followed_until_s
from naive.levels_episodes import Decision, path_of, x_of
from naive.levels_model import NS_PER_S, LevelRules, Row, Second, Trade

CENSORING_FLAGS = 1 | 2 | 4 | 16


class Step(NamedTuple):
    """A trade of a path: window, time and distance past the level in the approach direction."""

    window_s: int
    ts_event_ns: int
    x: int


Path = Sequence[Step]


class Future:
    """Trades of a partition, and the end of its usable recording."""

    def __init__(
        self,
        seconds: Iterable[Second],
        trades: Iterable[Trade],
        rules: LevelRules,
        gaps: Iterable[Gap] = (),
    ) -> None:
        self._trades = path_of(trades, rules)
        self._starts_s = [trade.window_s for trade in self._trades]
        assert self._starts_s == sorted(self._starts_s), "windows go back in file order"
        followed = {s.window_s for s in seconds if not s.invalid_flags & CENSORING_FLAGS}
        # per usable second, the end of its run of usable seconds
        self._run_end_s: dict[int, int] = {}
        for window_s in sorted(followed, reverse=True):
            self._run_end_s[window_s] = self._run_end_s.get(window_s + 1, window_s + 1)
        self._gaps = tuple(gaps)
        self._rules = rules

    def path_end_s(self, end_s: int) -> int:
        """First instant after a decision without a usable recording."""
        run_end_s = self._run_end_s.get(end_s, end_s)
        gap_s = followed_until_s(self._gaps, end_s)
        return run_end_s if gap_s is None else min(run_end_s, gap_s)

    def label_end_s(self, end_s: int, wanted_s: int) -> int:
        """Instant at which a label is known whose path would last until `wanted_s`.

        A gap is known when it is over, other ends of a path at once.
        """
        path_end_s = self.path_end_s(end_s)
        if wanted_s <= path_end_s:
            return wanted_s
        if path_end_s < self._run_end_s.get(end_s, end_s):
            return cut_known_s(self._gaps, end_s)
        return path_end_s

    def path(self, decision: Decision, until_s: int) -> Path:
        """Trades from a decision to an instant."""
        first, last = (bisect_left(self._starts_s, s) for s in (decision.end_s, until_s))
        return [
            Step(
                trade.window_s,
                trade.ts_event_ns,
                x_of(trade, decision.sign, decision.level_tick, self._rules),
            )
            for trade in self._trades[first:last]
        ]


def start_of(decision: Decision) -> Step:
    """Instant and place of a decision."""
    return Step(decision.end_s, decision.end_s * NS_PER_S, decision.x_ticks)


def first_hit(path: Path, barrier_ticks: int, *, is_cut: bool) -> tuple[str, int | None]:
    """Outcome of a path and the index of the trade that decided it."""
    for index, step in enumerate(path):
        if step.x >= barrier_ticks:
            return "BREAK", index
        if step.x <= -barrier_ticks:
            return "REJECT", index
    return "CENSORED" if is_cut else "CHOP", None


def path_label(path: Path, start: Step, barrier_ticks: int, *, is_cut: bool) -> Row:
    """Label values of the path from the decision to its horizon.

    Args:
        path: Every trade, in order.
        start: Instant and place of the decision.
        barrier_ticks: Distance of both barriers from the level.
        is_cut: Whether the path ends before the horizon does.
    """
    outcome, hit = first_hit(path, barrier_ticks, is_cut=is_cut)
    is_there = start.x >= 0
    touch = next((index for index, step in enumerate(path) if step.x >= 0), None)
    touching = start if is_there else None if touch is None else path[touch]
    moves = [0, *(step.x - start.x for step in path)]
    second_ns, adverse = None, None
    if hit is not None:
        sense = 1 if outcome == "BREAK" else -1
        second_ns = next(
            (step.ts_event_ns for step in path[hit:] if -sense * step.x >= barrier_ticks), None
        )
        # the first move belongs to the start, so the moves before the hit end at its index
        adverse = max(-sense * move for move in moves[: hit + 1])
    after_touch = None
    if touching is not None:
        path_there = path[0 if is_there else touch :]
        after_touch, _ = first_hit(path_there, barrier_ticks, is_cut=is_cut)
    return {
        "outcome": outcome,
        "touched": touching is not None,
        "touch_ts": None if touching is None else touching.ts_event_ns,
        "outcome_after_touch": after_touch,
        "first_hit_ts": None if hit is None else path[hit].ts_event_ns,
        "second_hit_ts": second_ns,
        "whipsaw_flag": second_ns is not None,
        "mfe_ticks": max(moves),
        "mae_ticks": min(moves),
        "adverse_before_hit_ticks": adverse,
    }


def reached_label(
    future: Future, decision: Decision, barrier_ticks: int, horizon_s: int, rules: LevelRules
) -> tuple[Row, int]:
    """Label values from the level on, and the last instant they need.

    Returns:
        reached, reached_ts, outcome_reached, reached_hit_ts, and the columns of `exit_label`; and
        the end in seconds of the longest path it would use.
    """
    start = start_of(decision)
    x0_ticks, start_s = start.x, start.window_s
    path_end_s = future.path_end_s(start_s)
    row: Row = dict.fromkeys(("reached", "reached_ts", "outcome_reached", "reached_hit_ts"))
    approach = future.path(decision, min(start_s + horizon_s, path_end_s))
    is_there = x0_ticks >= -rules.reach_ticks or decision.course is not None
    arrival = next((n for n, step in enumerate(approach) if step.x >= -rules.reach_ticks), None)
    reached = start if is_there else None if arrival is None else approach[arrival]
    wanted_s = (start if reached is None else reached).window_s + horizon_s
    is_cut = path_end_s < wanted_s
    path = future.path(decision, min(wanted_s, path_end_s))
    row |= exit_label(start, path, barrier_ticks, is_cut=is_cut)
    if reached is None:
        if is_cut:
            return row | {"outcome_reached": "CENSORED"}, wanted_s
        return row | {"reached": False, "outcome_reached": "NOT_REACHED"}, wanted_s
    path_there = path[0 if is_there else arrival :]
    outcome, hit = first_hit(path_there, barrier_ticks, is_cut=is_cut)
    row |= {"reached": True, "reached_ts": reached.ts_event_ns, "outcome_reached": outcome}
    if hit is not None:
        row["reached_hit_ts"] = path_there[hit].ts_event_ns
    return row, wanted_s


def exit_label(start: Step, path: Path, barrier_ticks: int, *, is_cut: bool) -> Row:
    """Exit and excursions of a position opened at a decision.

    Args:
        start: Instant and place of the decision.
        path: Every trade from it on until the last instant of the label.
        barrier_ticks: Distance of both barriers from the level.
        is_cut: Whether the path ends before that instant.

    Returns:
        exit_ts, exit_x_ticks, mfe_to_exit_ticks, mae_to_exit_ticks and whipsaw_reached.
    """
    outcome, hit = first_hit(path, barrier_ticks, is_cut=is_cut)
    above, below = (any(sense * step.x >= barrier_ticks for step in path) for sense in (1, -1))
    row: Row = dict.fromkeys(("exit_ts", "exit_x_ticks", "mfe_to_exit_ticks", "mae_to_exit_ticks"))
    row["whipsaw_reached"] = above and below
    if outcome == "CENSORED":
        return row
    held = [start, *(path if hit is None else path[: hit + 1])]
    places = {"BREAK": barrier_ticks, "REJECT": -barrier_ticks}
    return row | {
        "exit_ts": held[-1].ts_event_ns,
        "exit_x_ticks": places.get(outcome, held[-1].x),
        "mfe_to_exit_ticks": max(step.x for step in held) - start.x,
        "mae_to_exit_ticks": min(step.x for step in held) - start.x,
    }
