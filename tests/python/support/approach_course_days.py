"""Tables of small days of `approach_course_1s`, and the rows an expert expects of them.

Times count from `BASE_S`, a window end; `6.25` is a quarter of a second after second end 6.
`-` is None.

A line of a day is a second: its end, spot, level, approach, eligible window, then in any order
`invalid`, `inactive`, `B=6` (barrier of the window, else 8) and trades `98@5.5` in their order.
A gap is its end and the instant it is known: `5.5@6`.

Rows of a course stand below its line (direction, start, frozen level, barrier). Their columns: end,
elapsed_s, x, phase, reached_ts, max_x, min_x_since_reached, since_reached_s, and how it ends:
`BREAK@7.25` (resolved and its time), or the word of `ended_by`.

A window of section 5: end, valid or invalid, direction, eligible or -, level, x, k, barrier, first
window of its episode; a decision has its phase and course (direction and start) after that.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from naive.approach_course import (
    NS_PER_S,
    CourseGap,
    CourseRow,
    CourseRules,
    CourseSecond,
    CourseTrade,
)
from naive.approach_course_decisions import DecisionWindow

BASE_S = 1_760_000_000
RULES = CourseRules()
SHORT = CourseRules(faded_s=3, unresolved_s=4)
REFLECTED = {"up": "down", "down": "up", None: None}
OUTCOMES = ("BREAK", "REJECT", "FADED", "UNRESOLVED")


class Case(NamedTuple):
    """A small day and the rows expected of it."""

    name: str
    seconds: list[CourseSecond]
    trades: list[CourseTrade]
    gaps: list[CourseGap]
    rows: list[CourseRow]
    rules: CourseRules


class DecisionCase(NamedTuple):
    """Rows of courses, the windows of section 5 and the decisions expected of both."""

    name: str
    rows: list[CourseRow]
    windows: list[DecisionWindow]
    decisions: list[DecisionWindow]


def instant_ns(text: str) -> int:
    """Nanoseconds since 1970 of a time of a case."""
    return BASE_S * NS_PER_S + int(Decimal(text) * NS_PER_S)


def number(text: str) -> int | None:
    """A whole number or None."""
    return None if text == "-" else int(text)


def word(text: str) -> str | None:
    """A word or None."""
    return None if text == "-" else text


def day_of(table: str) -> tuple[list[CourseSecond], list[CourseTrade]]:
    """Seconds and trades of a day's table."""
    seconds, trades = [], []
    for line in table.strip().splitlines():
        end, spot, level, approach, eligible, *rest = line.split()
        end_s = BASE_S + int(end)
        barrier = 8
        for note in rest:
            if note.startswith("B="):
                barrier = int(note.removeprefix("B="))
            elif "@" in note:
                tick, at = note.split("@")
                trades.append(CourseTrade(end_s - 1, int(tick), instant_ns(at)))
        second = CourseSecond(
            end_s=end_s,
            is_valid="invalid" not in rest,
            spot_tick=number(spot),
            level_tick=number(level),
            is_active="inactive" not in rest and level != "-",
            approach=word(approach),
            eligible=word(eligible),
            barrier_ticks=barrier if eligible != "-" else None,
        )
        seconds.append(second)
    return seconds, trades


def rows_of(table: str, rules: CourseRules = RULES) -> list[CourseRow]:
    """Rows of a table of expected rows."""
    rows = []
    for line in table.strip().splitlines():
        if line.split()[0] in REFLECTED:
            direction, start, level, barrier = line.split()
            continue
        end, elapsed, x, phase, reached, max_x, min_x, since, how = line.split()
        started_s = BASE_S + int(start)
        outcome, _, at = how.partition("@")
        names = rules.symbol, rules.dt, rules.level_id, direction, str(started_s)
        row = CourseRow(
            window_end_s=BASE_S + int(end),
            course_id="_".join(names),
            direction=direction,
            level_tick_frozen=int(level),
            barrier_ticks=int(barrier),
            started_s=started_s,
            x=number(x),
            phase=phase,
            reached_ns=None if reached == "-" else instant_ns(reached),
            max_x=int(max_x),
            min_x_since_reached=number(min_x),
            elapsed_s=int(elapsed),
            since_reached_s=number(since),
            resolved=outcome if outcome in OUTCOMES else None,
            resolved_ns=instant_ns(at) if at else None,
            ended_by=None if outcome in OUTCOMES else word(outcome),
        )
        rows.append(row)
    return rows


def windows_of_table(table: str) -> list[DecisionWindow]:
    """Windows or decisions of a table."""
    windows = []
    for line in table.strip().splitlines():
        end, valid, direction, eligible, level, x, k, barrier, first, *rest = line.split()
        phase, course = rest or ("-", "-")
        course_id = None
        if course != "-":
            way, start = course.split("@")
            names = RULES.symbol, RULES.dt, RULES.level_id, way, str(BASE_S + int(start))
            course_id = "_".join(names)
        window = DecisionWindow(
            end_s=BASE_S + int(end),
            is_valid=valid == "valid",
            is_eligible=eligible == "eligible",
            approach_dir=f"approach_{direction}",
            level_tick=number(level),
            x_ticks=number(x),
            k_ticks=number(k),
            barrier_ticks=number(barrier),
            first_window_end_s=None if first == "-" else BASE_S + int(first),
            decision_phase=word(phase),
            course_id=course_id,
        )
        windows.append(window)
    return windows


def case(name: str, day: str, rows: str, gaps: str = "", rules: CourseRules = RULES) -> Case:
    """A case of its tables."""
    seconds, trades = day_of(day)
    pairs = [text.split("@") for text in gaps.split()]
    known = [CourseGap(instant_ns(end), instant_ns(at)) for end, at in pairs]
    return Case(name, seconds, trades, known, rows_of(rows, rules), rules)


def mirrored(
    seconds: list[CourseSecond], trades: list[CourseTrade], about_tick: int = 100
) -> tuple[list[CourseSecond], list[CourseTrade]]:
    """The same day with prices reflected about a tick."""

    def at(tick: int | None) -> int | None:
        return None if tick is None else 2 * about_tick - tick

    return [
        s._replace(
            spot_tick=at(s.spot_tick),
            level_tick=at(s.level_tick),
            approach=REFLECTED[s.approach],
            eligible=REFLECTED[s.eligible],
        )
        for s in seconds
    ], [trade._replace(tick=at(trade.tick)) for trade in trades]


def mirrored_rows(rows: list[CourseRow], about_tick: int = 100) -> list[CourseRow]:
    """Rows expected of a mirrored day."""
    found = []
    for row in rows:
        direction = REFLECTED[row.direction]
        course_id = row.course_id.replace(f"_{row.direction}_", f"_{direction}_")
        level = 2 * about_tick - row.level_tick_frozen
        row = replace(row, direction=direction, course_id=course_id, level_tick_frozen=level)
        found.append(row)
    return found


def translated(
    seconds: list[CourseSecond], trades: list[CourseTrade], by_ticks: int
) -> tuple[list[CourseSecond], list[CourseTrade]]:
    """The same day with prices moved by whole ticks."""

    def at(tick: int | None) -> int | None:
        return None if tick is None else tick + by_ticks

    return [s._replace(spot_tick=at(s.spot_tick), level_tick=at(s.level_tick)) for s in seconds], [
        trade._replace(tick=at(trade.tick)) for trade in trades
    ]
