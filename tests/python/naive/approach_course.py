"""`approach_course_1s`: an approach second by second, from its first window to its end.

Every row is computed anew from all that was seen of its course until then, so no row can depend on
what follows it. One call is one level of one contract-day.

Rules chosen where the specification leaves room:
- The seconds are consecutive, and a valid second has a spot; anything else is refused.
- A last row has `resolved` or `ended_by`, never both. A second that is invalid, follows a gap or
  has no active level ends the course before its trades are looked at; a trade that resolves comes
  before a level that moved, and a level that moved before a course that faded or stayed unresolved.
- The phase of a row of resolution is that of spot at its end, like that of any other row.
- A spot at or beyond a barrier resolves nothing; only trades do.
- Price at -2 ticks has reached the level and is more than a tick before it: its phase is `back`.
- A level that fails to be approached for `faded_s` seconds fades at the last of them; being
  approached from the other side does not count as being approached.
- The second in which the level was reached counts as near, wherever price went in it.
- A gap known in the second of the start, or before it, is not looked at.
- An eligible window at the last row of a course begins no course, of whatever direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

NS_PER_S = 1_000_000_000
SIGNS = {"up": 1, "down": -1}


@dataclass(frozen=True)
class CourseRules:
    """Settings: distances in ticks, times in seconds; the names are parts of ids."""

    symbol: str = "ESZ5"
    dt: str = "2025-10-09"
    level_id: str = "pm_high"
    reach_ticks: int = 2
    faded_s: int = 60
    faded_barriers: int = 2
    unresolved_s: int = 240
    max_drift_ticks: int = 4


class CourseSecond(NamedTuple):
    """A second of the day and the level at its end.

    Attributes:
        end_s: Its end, seconds since 1970; the second is [end_s - 1, end_s).
        is_valid: `book_snapshot_1s.window_valid`.
        spot_tick: Spot at its end; None where unknown.
        level_tick: The level's tick; None without a row of `levels_1s`.
        is_active: `levels_1s.is_active`.
        approach: up, down or None, from `level_offset_1s.approach_dir`.
        eligible: Direction of the eligible window that ends here; None without one.
        barrier_ticks: Barrier of that window; None where there is none.
    """

    end_s: int
    is_valid: bool
    spot_tick: int | None
    level_tick: int | None
    is_active: bool
    approach: str | None
    eligible: str | None
    barrier_ticks: int | None


class CourseTrade(NamedTuple):
    """A trade in the order of `trade_no`: the start of its second, its tick and ts_event."""

    start_s: int
    tick: int
    ts_ns: int


class CourseGap(NamedTuple):
    """A recording gap: the instant at which it ends, and the instant at which it is known."""

    end_ns: int
    known_ns: int


@dataclass(frozen=True)
class CourseRow:
    """A row of `approach_course_1s`; `_s` are seconds and `_ns` nanoseconds since 1970."""

    window_end_s: int
    course_id: str
    direction: str
    level_tick_frozen: int
    barrier_ticks: int
    started_s: int
    x: int | None
    phase: str
    reached_ns: int | None
    max_x: int
    min_x_since_reached: int | None
    elapsed_s: int
    since_reached_s: int | None
    resolved: str | None = None
    resolved_ns: int | None = None
    ended_by: str | None = None

    @property
    def is_last(self) -> bool:
        """Whether the course ends with this row."""
        return self.resolved is not None or self.ended_by is not None


class Sight(NamedTuple):
    """A price seen by a course: the end of its second, its time and its distance past the level."""

    end_s: int
    ts_ns: int
    x: int
    is_trade: bool


@dataclass(frozen=True)
class Course:
    """What a course froze when it began, and the day it runs in."""

    start: CourseSecond
    seconds: Mapping[int, CourseSecond]
    trades: Mapping[int, Sequence[CourseTrade]]
    gaps: Sequence[CourseGap]
    rules: CourseRules

    @property
    def started_s(self) -> int:
        """End of its first window."""
        return self.start.end_s

    @property
    def barrier(self) -> int:
        """Barrier of its first window, ticks."""
        return self.start.barrier_ticks

    def x(self, tick: int) -> int:
        """Distance of a price past the frozen level: negative before it."""
        return SIGNS[self.start.eligible] * (tick - self.start.level_tick)

    def spot(self, end_s: int) -> Sight:
        """Spot at the end of a second."""
        second = self.seconds[end_s]
        if second.spot_tick is None:
            raise ValueError(f"second {end_s}: valid but without spot")
        return Sight(end_s, end_s * NS_PER_S, self.x(second.spot_tick), is_trade=False)

    def all_sights(self, until_s: int) -> list[Sight]:
        """Spot at the start, then of every second its trades in order and its spot."""
        seen = [self.spot(self.started_s)]
        for end_s in range(self.started_s + 1, until_s + 1):
            seen.extend(
                Sight(end_s, trade.ts_ns, self.x(trade.tick), is_trade=True)
                for trade in self.trades.get(end_s, ())
            )
            seen.append(self.spot(end_s))
        return seen

    def reached_at(self, seen: Sequence[Sight]) -> int | None:
        """Place of the first price within reach of the level, or past it."""
        for place, sight in enumerate(seen):
            if sight.x >= -self.rules.reach_ticks:
                return place
        return None

    def hit_at(self, seen: Sequence[Sight]) -> int | None:
        """Place of the trade that resolves: the first at a barrier once the level was reached."""
        reached = self.reached_at(seen)
        if reached is None:
            return None
        for place in range(reached, len(seen)):
            if seen[place].is_trade and abs(seen[place].x) >= self.barrier:
                return place
        return None

    def row(self, end_s: int) -> CourseRow:
        """Row of a second that the course lives through, with what resolves or ends it."""
        seen = self.all_sights(end_s)
        hit = self.hit_at(seen)
        if hit is not None:
            # later trades of that second are not looked at; its spot is
            seen = [*seen[: hit + 1], seen[-1]]
        reached = self.reached_at(seen)
        x = seen[-1].x
        row = CourseRow(
            window_end_s=end_s,
            course_id=self.course_id,
            direction=self.start.eligible,
            level_tick_frozen=self.start.level_tick,
            barrier_ticks=self.barrier,
            started_s=self.started_s,
            x=x,
            phase="approaching" if reached is None else phase_of(x),
            reached_ns=None if reached is None else seen[reached].ts_ns,
            max_x=max(sight.x for sight in seen),
            min_x_since_reached=None if reached is None else min(s.x for s in seen[reached:]),
            elapsed_s=end_s - self.started_s,
            since_reached_s=None if reached is None else end_s - seen[reached].end_s,
        )
        if end_s == self.started_s:
            return row
        if hit is not None:
            outcome = "BREAK" if seen[hit].x > 0 else "REJECT"
            return replace(row, resolved=outcome, resolved_ns=seen[hit].ts_ns)
        if self.level_moved(end_s):
            return replace(row, ended_by="level_moved")
        if reached is None and (self.is_far(x) or self.is_forgotten(end_s)):
            return replace(row, resolved="FADED", resolved_ns=end_s * NS_PER_S)
        if reached is not None and self.is_unresolved(seen, reached):
            return replace(row, resolved="UNRESOLVED", resolved_ns=end_s * NS_PER_S)
        return row

    @property
    def course_id(self) -> str:
        """Id: names, direction and first window end."""
        rules = self.rules
        parts = (rules.symbol, rules.dt, rules.level_id, self.start.eligible, self.started_s)
        return "_".join(str(part) for part in parts)

    def cut_by(self, end_s: int) -> str | None:
        """Why a second ends the course whatever its prices; None if it does not."""
        second = self.seconds[end_s]
        if not second.is_valid:
            return "invalid_second"
        for gap in self.gaps:
            is_known_now = (end_s - 1) * NS_PER_S <= gap.known_ns < end_s * NS_PER_S
            if is_known_now and gap.end_ns > self.started_s * NS_PER_S:
                return "recording_gap"
        if second.level_tick is None or not second.is_active:
            return "inactive_level"
        return None

    def level_moved(self, end_s: int) -> bool:
        """Whether the level lies too far from its frozen tick."""
        drift = abs(self.seconds[end_s].level_tick - self.start.level_tick)
        return drift > self.rules.max_drift_ticks

    def is_far(self, x: int) -> bool:
        """Whether price went too far away."""
        return x < -self.rules.faded_barriers * self.barrier

    def is_forgotten(self, end_s: int) -> bool:
        """Whether `faded_s` seconds of the course in a row, this the last, were no approach."""
        first_s = end_s - self.rules.faded_s + 1
        if first_s <= self.started_s:
            return False
        return all(
            self.seconds[second_s].approach != self.start.eligible
            for second_s in range(first_s, end_s + 1)
        )

    def is_unresolved(self, seen: Sequence[Sight], reached: int) -> bool:
        """Whether price has been out of reach for `unresolved_s` seconds."""
        near_s = [sight.end_s for sight in seen if abs(sight.x) <= self.rules.reach_ticks]
        last_near_s = max([seen[reached].end_s, *near_s])
        return seen[-1].end_s - last_near_s >= self.rules.unresolved_s

    def rows(self) -> list[CourseRow]:
        """Rows from the start to the end of the course or of the day."""
        found = [self.row(self.started_s)]
        while not found[-1].is_last and found[-1].window_end_s + 1 in self.seconds:
            end_s = found[-1].window_end_s + 1
            reason = self.cut_by(end_s)
            found.append(self.row(end_s) if reason is None else cut_row(found[-1], reason))
        return found


def phase_of(x: int) -> str:
    """Phase of a price once the level was reached."""
    if x > 1:
        return "through"
    return "back" if x < -1 else "at"


def cut_row(before: CourseRow, reason: str) -> CourseRow:
    """Row of the second after `before`, which ends the course and is not looked into."""
    since_s = before.since_reached_s
    return replace(
        before,
        window_end_s=before.window_end_s + 1,
        x=None,
        elapsed_s=before.elapsed_s + 1,
        since_reached_s=None if since_s is None else since_s + 1,
        ended_by=reason,
    )


def courses(
    seconds: Sequence[CourseSecond],
    trades: Iterable[CourseTrade],
    gaps: Iterable[CourseGap] = (),
    rules: CourseRules | None = None,
) -> list[CourseRow]:
    """Rows of `approach_course_1s` of one level and day, in order of time.

    Args:
        seconds: Consecutive seconds of the day.
        trades: Trades of the contract in order of `trade_no`.
        gaps: Rows of `recording_gaps` of the partition.
        rules: Names and settings.

    Raises:
        ValueError: Seconds are not consecutive, or a valid second of a course has no spot.
    """
    rules = rules or CourseRules()
    for before, after in pairwise(seconds):
        if after.end_s != before.end_s + 1:
            raise ValueError(f"second {after.end_s} follows {before.end_s}: seconds are missing")
    by_end = {second.end_s: second for second in seconds}
    trades_by_end: dict[int, list[CourseTrade]] = {}
    for trade in trades:
        trades_by_end.setdefault(trade.start_s + 1, []).append(trade)
    known_gaps = list(gaps)
    rows: list[CourseRow] = []
    for second in seconds:
        is_taken = bool(rows) and second.end_s <= rows[-1].window_end_s
        if second.eligible is not None and not is_taken:
            rows += Course(second, by_end, trades_by_end, known_gaps, rules).rows()
    return rows


def published(rows: Iterable[CourseRow], rules: CourseRules | None = None) -> list[dict[str, Any]]:
    """The same rows with the published columns: naive UTC datetimes, and ns for TIMESTAMP_NS."""
    rules = rules or CourseRules()
    found = []
    for row in rows:
        columns = dict(vars(row))
        for name in ("window_end", "started"):
            instant = datetime.fromtimestamp(columns.pop(f"{name}_s"), UTC)
            columns[f"{name}_ts"] = instant.replace(tzinfo=None)
        for name in ("reached", "resolved"):
            columns[f"{name}_ts"] = columns.pop(f"{name}_ns")
        keys = {"symbol": rules.symbol, "dt": rules.dt, "level_id": rules.level_id}
        found.append(keys | columns)
    return found
