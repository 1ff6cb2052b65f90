"""Decision windows and `approach_episodes`.

Rules chosen where the specification leaves room:
- A decision is made for every 5 s window whose last second exists and every level row there; the
  window is valid if its five seconds exist and are window_valid.
- Eligible also means active and primary. Nothing limits decisions to a session.
- With `barrier_mode` vol eligibility uses the barrier of `eligibility_horizon_s`, rounded and
clipped
  like a label's; without sigma there is no barrier, and no decision is eligible. Levels farther
  than `approach_max_k_ticks` have no approach in either mode.
- "Gaps of at most 3 windows": consecutive eligible windows are at most three windows apart,
  so an episode is known to be over three windows after its last window.
- `n_windows` and `min_abs_k` count eligible windows only.
- A touch is at the frozen tick of the run's first window, by trades whose group's window starts
  at or after first_window_end_ts and before available_from_ts.
- An episode "ended earlier" if its available_from_ts is not after the new episode's first window
  end, in either direction of the level: only then is its touch known when the new episode begins.
- In ids the direction is `up` or `down` and the number is the first window's end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, sqrt

from naive.approach_course import CourseRow
from naive.levels_model import (
    APPROACHES,
    DIRECTIONS,
    WINDOW_S,
    LevelKey,
    LevelRules,
    Row,
    Second,
    Trade,
    timestamp_of,
    whole_ticks,
)


@dataclass(frozen=True)
class Decision:
    """Values of a level at the end of a 5 s window.

    Attributes:
        course: Row of the course that decides here, with its direction and at its frozen tick; None
            where section 5 decides or nothing does.
    """

    end_s: int
    level_id: str
    is_window_valid: bool
    is_active: bool
    is_primary: bool
    level_tick: int | None
    k_ticks: int | None
    sigma_ticks: float | None
    approach_dir: str
    course: CourseRow | None = None

    @property
    def sign(self) -> int:
        """+1 for price coming up to the level, -1 for down, 0 for neither."""
        return APPROACHES.get(self.approach_dir, 0)

    @property
    def x_ticks(self) -> int | None:
        """Distance of spot past the level in the approach direction: negative before it."""
        return None if self.k_ticks is None or not self.sign else -self.sign * self.k_ticks

    def not_eligible_by(self, rules: LevelRules) -> str | None:
        """First reason why the window is not eligible; None if eligible, primary or not."""
        if self.course is not None:
            return None
        barrier_ticks = barrier(
            rules.barrier_mode, self.sigma_ticks, rules.eligibility_horizon_s, rules
        )
        return self.blocked_by(barrier_ticks)

    def phase(self, rules: LevelRules) -> str | None:
        """Phase of the decision; None where nothing is decided."""
        if self.course is not None:
            return self.course.phase
        return "approaching" if self.is_eligible(rules) else None

    def blocked_by(self, barrier_ticks: int | None) -> str | None:
        """First reason why there is no label with a barrier; None if there can be a label.

        A barrier of None needs a sigma that is missing.
        """
        if not self.is_window_valid:
            return "invalid_window"
        if not self.is_active:
            return "inactive_level"
        if self.x_ticks is None:
            return "no_approach"
        if barrier_ticks is None:
            return "no_sigma"
        if self.course is not None:
            return None if abs(self.x_ticks) < barrier_ticks else "beyond_barrier"
        return None if -barrier_ticks < self.x_ticks < 0 else "beyond_barrier"

    def is_eligible(self, rules: LevelRules) -> bool:
        """Whether the window belongs to an episode."""
        return self.course is None and self.is_primary and self.not_eligible_by(rules) is None


def barrier(kind: str, sigma_ticks: float | None, horizon_s: int, rules: LevelRules) -> int | None:
    """Distance of the barriers from the level, ticks; None without a required sigma."""
    if kind == "fixed":
        return rules.barrier_ticks
    if sigma_ticks is None:
        return None
    rounded = floor(rules.barrier_k * sigma_ticks * sqrt(horizon_s) + 0.5)
    return min(max(rounded, rules.barrier_min_ticks), rules.barrier_max_ticks)


def decisions(
    seconds: Iterable[Second],
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
) -> dict[LevelKey, Decision]:
    """Decisions by (window end in seconds, level_id).

    Args:
        seconds: Rows of `book_snapshot_1s` of the partition.
        levels: Rows of `levels_1s`.
        offsets: Rows of `level_offset_1s` for the same keys.
    """
    is_valid = {second.end_s: second.is_valid for second in seconds}
    found = {}
    for (end_s, level), row in levels.items():
        if end_s % WINDOW_S or end_s not in is_valid:
            continue
        offset = offsets[end_s, level]
        found[end_s, level] = Decision(
            end_s=end_s,
            level_id=level,
            is_window_valid=all(is_valid.get(end_s - back, False) for back in range(WINDOW_S)),
            is_active=row["is_active"],
            is_primary=row["is_primary"],
            level_tick=row["level_tick"],
            k_ticks=offset["k_ticks"],
            sigma_ticks=offset["sigma_1s_ticks"],
            approach_dir=offset["approach_dir"],
        )
    return found


@dataclass
class Episode:
    """A run of eligible windows of one level and direction."""

    windows: list[Decision] = field(default_factory=list)

    @property
    def first(self) -> Decision:
        """First decision of the run."""
        return self.windows[0]

    @property
    def last_s(self) -> int:
        """End of the last window."""
        return self.windows[-1].end_s

    def available_s(self, rules: LevelRules) -> int:
        """Instant from which the run is known to be over."""
        return self.last_s + rules.max_gap_windows * WINDOW_S

    def takes(self, decision: Decision, rules: LevelRules) -> bool:
        """Whether the next eligible window of its level and direction continues the run."""
        gap = (decision.end_s - self.last_s) // WINDOW_S
        jump = abs(decision.level_tick - self.first.level_tick)
        return gap <= rules.max_gap_windows and jump <= rules.level_jump_ticks

    def episode_id(self, rules: LevelRules) -> str:
        """Published id."""
        first = self.first
        parts = (rules.symbol, rules.dt, first.level_id, DIRECTIONS[first.sign], first.end_s)
        return "_".join(str(part) for part in parts)


def episodes(found: Mapping[LevelKey, Decision], rules: LevelRules) -> list[Episode]:
    """Runs of eligible windows, in order of their first window and level."""
    runs: list[Episode] = []
    open_runs: dict[tuple[str, int], Episode] = {}
    for _, decision in sorted(found.items()):
        if not decision.is_eligible(rules):
            continue
        key = decision.level_id, decision.sign
        if key not in open_runs or not open_runs[key].takes(decision, rules):
            open_runs[key] = Episode()
            runs.append(open_runs[key])
        open_runs[key].windows.append(decision)
    return runs


def episode_ids(runs: Iterable[Episode], rules: LevelRules) -> dict[LevelKey, str]:
    """Id of the episode that an eligible window belongs to."""
    return {
        (window.end_s, window.level_id): run.episode_id(rules)
        for run in runs
        for window in run.windows
    }


def approach_episodes(
    found: Mapping[LevelKey, Decision], trades: Iterable[Trade], rules: LevelRules
) -> dict[str, Row]:
    """Rows of `gold.approach_episodes` by episode_id.

    Args:
        found: Decisions of the partition.
        trades: Trades of the contract; those of the partition are used.
        rules: Symbol, date and settings.
    """
    return episode_rows(episodes(found, rules), trades, rules)


def episode_rows(
    runs: Iterable[Episode], trades: Iterable[Trade], rules: LevelRules
) -> dict[str, Row]:
    """Rows of runs of windows, in order of their first window, by episode_id."""
    prints = path_of(trades, rules)
    rows: dict[str, Row] = {}
    for run in runs:
        first, available_s = run.first, run.available_s(rules)
        touch_ns = next(
            (
                trade.ts_event_ns
                for trade in prints
                if first.end_s <= trade.window_s < available_s
                and x_of(trade, first.sign, first.level_tick, rules) >= 0
            ),
            None,
        )
        earlier = [
            row
            for row in rows.values()
            if row["level_id"] == first.level_id
            and row["touched"]
            and row["available_from_ts"] <= timestamp_of(first.end_s)
        ]
        episode_id = run.episode_id(rules)
        rows[episode_id] = {
            "symbol": rules.symbol,
            "dt": rules.dt,
            "level_id": first.level_id,
            "approach_dir": first.approach_dir,
            "episode_id": episode_id,
            "first_window_end_ts": timestamp_of(first.end_s),
            "last_window_end_ts": timestamp_of(run.last_s),
            "n_windows": len(run.windows),
            "touched": touch_ns is not None,
            "touch_ts": touch_ns,
            "attempt_index": 1 + len(earlier),
            "min_abs_k": min(abs(window.k_ticks) for window in run.windows),
            "level_tick_first": first.level_tick,
            "available_from_ts": timestamp_of(available_s),
        }
    return rows


def path_of(trades: Iterable[Trade], rules: LevelRules) -> Sequence[Trade]:
    """Trades of the partition in their order, without trades of size 0."""
    own = [t for t in trades if (t.symbol, t.dt) == (rules.symbol, rules.dt) and t.size > 0]
    return sorted(own, key=lambda trade: trade.ordinal)


def x_of(trade: Trade, sign: int, level_tick: int, rules: LevelRules) -> int:
    """Distance of a trade past the level in the approach direction: 0 at the level."""
    return sign * (whole_ticks(trade.price_int, rules.tick_int) - level_tick)
