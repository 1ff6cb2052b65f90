"""`approaches`: one row for each course of a contract-day, from the rows of its seconds.

Rules chosen where the specification leaves room:
- Seconds by phase count the rows of the course with that phase, its first and its last included.
- A state holds as the conditions say (`held_s`, which begins anew where the level moves or price
  changes sides of it), but what it held before the course came to its phase does not count. Of
  equally long ones the first counts.
- The book names ahead by the side of the level that price is on. A level on the other side than
  the course runs to has been passed, and ahead and behind change places. Where the side is unknown
  nothing changes places.
- The wall is that of the corridor at the start; it counts from the ratio and the size of a wall of
  the ladder on.
- What is left of a wall stands at its prices, on its side, at the end of the last second of the
  course that is known; what trades took of it they took at these prices after the start and until
  then. Half is enough.
- Price is within reach from the second in which the course was reached; it touches in the first
  second whose largest x is 0 or more; the last moment is so many seconds later.
- The larger of break and reject must be above its own base rate; of equal ones neither is larger.
- Labels are those of the barriers of the decision, at the horizon of signals. A position is closed
  where the label says, and costs what the thresholds of its product say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from naive.course_odds import NEW_YORK, SENSES, UTC

Row = dict[str, Any]

PHASES = ("approaching", "at", "through", "back")
PASSED = {"ahead_only": "behind_only", "behind_only": "ahead_only"}
PRICE_SCALE = 1e9
# columns of the last second, of any second and of the answer that are published as they are
OF_LAST = ("reached_ts", "resolved", "resolved_ts", "ended_by", "max_x", "min_x_since_reached")
OF_EVERY = (
    *("course_id", "symbol", "dt", "level_id", "direction", "level_price_int", "barrier_ticks"),
    "started_ts",
)
ODDS = (
    *("p_break", "p_reject", "p_chop", "base_break", "base_reject", "base_chop"),
    *("n_eff", "n_distinct_days", "n_distinct_episodes", "verdict", "no_odds_reason"),
)


@dataclass(frozen=True)
class ApproachRules:
    """Settings: distances in ticks, times in seconds, sizes in contracts."""

    tick_int: int = 250_000_000
    horizon_id: str = "s240"
    cost_ticks: float = 1.4
    after_touch_s: int = 10
    wall_ratio: float = 3
    wall_min_qty: int = 20


@dataclass(frozen=True)
class ApproachInputs:
    """Rows of what `approaches` reads, of one contract-day.

    Attributes:
        odds: `course_odds_1s`.
        conditions: `turn_conditions_1s`.
        corridors: `level_corridor_1s`.
        walls: `wall_surface_1s`.
        decisions: `level_decisions`.
        labels: `level_labels`.
        kinds: kind of each level.
    """

    odds: Sequence[Row] = ()
    conditions: Sequence[Row] = ()
    corridors: Sequence[Row] = ()
    walls: Sequence[Row] = ()
    decisions: Sequence[Row] = ()
    labels: Sequence[Row] = ()
    kinds: dict[str, str] = field(default_factory=dict)


def approaches(inputs: ApproachInputs, rules: ApproachRules | None = None) -> list[Row]:
    """Rows of `approaches` of one contract-day, by start and level."""
    rules = rules or ApproachRules()
    by_course: dict[str, list[Row]] = {}
    for row in sorted(inputs.odds, key=lambda row: row["window_end_ts"]):
        by_course.setdefault(row["course_id"], []).append(row)
    found = [approach(seconds, inputs, rules) for seconds in by_course.values()]
    return sorted(found, key=lambda row: (row["started_ts"], row["level_id"]))


def approach(seconds: Sequence[Row], inputs: ApproachInputs, rules: ApproachRules) -> Row:
    """Row of one course, whose seconds come in order of time."""
    first, last = seconds[0], seconds[-1]
    started = first["started_ts"].replace(tzinfo=UTC)
    row = {name: first[name] for name in OF_EVERY} | {name: last[name] for name in OF_LAST}
    row |= {
        "level_kind": inputs.kinds[first["level_id"]],
        "level_price": first["level_price_int"] / PRICE_SCALE,
        "started_ny": started.astimezone(NEW_YORK).replace(tzinfo=None),
    }
    for phase in PHASES:
        row[f"{phase}_s"] = sum(second["phase"] == phase for second in seconds)
    for phase in ("approaching", "at"):
        state, held_s = longest_state(seconds, phase, inputs.conditions)
        row |= {f"{phase}_state": state, f"{phase}_state_held_s": held_s}
    row["conditions_basis"] = basis_of(seconds, inputs.conditions)
    row |= wall_of(seconds, inputs, rules)
    touch = first_of(seconds, lambda second: second["max_x"] >= 0)
    moments = {
        "start": first,
        "near": first_of(seconds, lambda second: second["since_reached_s"] is not None),
        "touch": touch,
        "after": second_after(seconds, touch, rules.after_touch_s),
    }
    for moment, second in moments.items():
        row |= {f"{moment}_{name}": second and second[name] for name in ODDS}
    label = label_of(first, first["started_ts"], inputs, rules)
    row["outcome_reached"] = label and label["outcome_reached"]
    row["followed_ticks"] = followed(touch, inputs, rules)
    return row


def first_of(seconds: Iterable[Row], is_meant: Callable[[Row], bool]) -> Row | None:
    """The first second that is meant; None without one."""
    return next(filter(is_meant, seconds), None)


def second_after(seconds: Sequence[Row], start: Row | None, after_s: int) -> Row | None:
    """The second so long after another; None if the course ended before."""
    if start is None:
        return None
    end = start["window_end_ts"] + timedelta(seconds=after_s)
    return first_of(seconds, lambda second: second["window_end_ts"] == end)


def longest_state(
    seconds: Sequence[Row], phase: str, conditions: Sequence[Row]
) -> tuple[str | None, int | None]:
    """State that held longest during a phase, and for how long; None where none is known."""
    level_id = seconds[0]["level_id"]
    by_end = {row["window_end_ts"]: row for row in conditions if row["level_id"] == level_id}
    longest: tuple[str | None, int | None] = None, None
    in_phase_s = 0
    for second in seconds:
        in_phase_s = in_phase_s + 1 if second["phase"] == phase else 0
        row = by_end.get(second["window_end_ts"])
        if in_phase_s and row is not None and row["state"] is not None:
            held_s = min(row["held_s"], in_phase_s)
            if held_s > (longest[1] or 0):
                longest = seen_state(row, second["direction"]), held_s
    return longest


def basis_of(seconds: Sequence[Row], conditions: Sequence[Row]) -> str | None:
    """What the conditions of a course come from; None where no state is known."""
    ends = {second["window_end_ts"] for second in seconds}
    found = [
        row["conditions_basis"]
        for row in conditions
        if row["level_id"] == seconds[0]["level_id"]
        and row["window_end_ts"] in ends
        and row["state"] is not None
    ]
    return found[0] if found else None


def seen_state(row: Row, direction: str) -> str:
    """State of a level in a second, where ahead is what the course runs into."""
    is_passed = row["level_side"] == -SENSES[direction]
    return PASSED.get(row["state"], row["state"]) if is_passed else row["state"]


def wall_of(seconds: Sequence[Row], inputs: ApproachInputs, rules: ApproachRules) -> Row:
    """Wall at the level or past it at the start, and what became of it."""
    first = seconds[0]
    nothing = dict.fromkeys(("wall_price", "wall_qty", "wall_ratio", "wall_fate"))
    corridor = first_of(
        inputs.corridors,
        lambda row: (
            (row["level_id"], row["window_end_ts"]) == (first["level_id"], first["started_ts"])
        ),
    )
    if corridor is None or corridor["beyond_wall_ratio"] is None:
        return nothing
    ratio, qty = corridor["beyond_wall_ratio"], corridor["beyond_wall_depth"]
    if ratio < rules.wall_ratio or qty < rules.wall_min_qty:
        return nothing
    sense = SENSES[first["direction"]]
    distances = range(corridor["beyond_wall_from_ticks"], corridor["beyond_wall_to_ticks"] + 1)
    prices = [first["level_price_int"] + sense * ticks * rules.tick_int for ticks in distances]
    known = [second["window_end_ts"] for second in seconds if second["x"] is not None]
    of_wall = [
        row
        for row in inputs.walls
        if row["side"] == ("A" if sense == 1 else "B") and row["price_int"] in prices
    ]
    left = sum(row["depth_qty_end"] for row in of_wall if row["window_end_ts"] == known[-1])
    taken = sum(
        row["fill_qty"]
        for row in of_wall
        if first["started_ts"] < row["window_end_ts"] <= known[-1]
    )
    lost_to = "eaten" if taken * 2 >= qty - left else "pulled"
    return {
        "wall_price": prices[0] / PRICE_SCALE,
        "wall_qty": qty,
        "wall_ratio": ratio,
        "wall_fate": "held" if left * 2 >= qty else lost_to,
    }


def label_of(second: Row, decided: Any, inputs: ApproachInputs, rules: ApproachRules) -> Row | None:
    """Label of the decision at a time, by the barriers it went by; None without decision."""
    place = second["level_id"], decided
    decision = first_of(
        inputs.decisions, lambda row: (row["level_id"], row["window_end_ts"]) == place
    )
    if decision is None:
        return None
    return first_of(
        inputs.labels,
        lambda row: (
            (row["level_id"], row["window_end_ts"]) == place
            and row["barrier_kind"] == decision["barrier_mode"]
            and row["horizon_id"] == rules.horizon_id
        ),
    )


def followed(touch: Row | None, inputs: ApproachInputs, rules: ApproachRules) -> float | None:
    """Result after cost of following the odds that held at the touch, ticks."""
    if touch is None or touch["p_break"] is None or touch["p_break"] == touch["p_reject"]:
        return None
    larger, sign = ("break", 1) if touch["p_break"] > touch["p_reject"] else ("reject", -1)
    base = touch[f"base_{larger}"]
    if base is None or touch[f"p_{larger}"] <= base:
        return None
    label = label_of(touch, touch["odds_ts"], inputs, rules)
    if label is None or label["exit_x_ticks"] is None:
        return None
    return sign * (label["exit_x_ticks"] - label["x0_ticks"]) - rules.cost_ticks
