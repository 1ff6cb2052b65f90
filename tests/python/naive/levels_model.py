"""The plain level relations: inputs, settings and the clock.

`levels_price`, `levels_episodes`, `levels_outcomes`, `levels_setups`, `levels_book`,
`levels_corridor` and `levels_vectors` turn the rows of one contract-day into the level relations.
Tests compare the SQL models with them, so the two share no code. Rows are
dictionaries with the published column names. Seconds (`_s`) are whole seconds since 1970 UTC;
published TIMESTAMP columns are datetimes without zone, published TIMESTAMP_NS columns are ns.

The docstrings of the modules state the choices that the specification leaves open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from naive.surfaces import PRICE_UNITS, Row, timestamp_of, window_start

__all__ = ["PRICE_UNITS", "LevelRules", "Row", "Second", "Trade", "timestamp_of"]

NEW_YORK = ZoneInfo("America/New_York")
NS_PER_S = 1_000_000_000

CANDLE_S = 120
WINDOW_S = 5
RTH_OPEN = "09:30"

# by priority within a stack
LEVEL_IDS = ("pm_high", "pm_low", "or_high", "or_low", "sma_400", "sma_200", "sma_90")
APPROACHES = {"approach_up": 1, "approach_down": -1}
DIRECTIONS = {1: "up", -1: "down"}

LevelKey = tuple[int, str]


@dataclass(frozen=True)
class Trade:
    """A T record of `bronze.future_mbo`.

    Attributes:
        symbol: Raw symbol of the contract.
        dt: UTC date of the partition.
        ordinal: `rec_ordinal`, the only order within a partition.
        ts_event_ns: Matching-engine time.
        window_s: Start of the one-second window of the record's event group.
        price_int: Price in 1e-9 points.
        size: Contracts.
        side: Aggressor, B buyer, A seller, N none.
    """

    symbol: str
    dt: date
    ordinal: int
    ts_event_ns: int
    window_s: int
    price_int: int
    size: int
    side: str


@dataclass(frozen=True)
class Second:
    """A row of `book_snapshot_1s`; it is known at `end_s`."""

    window_s: int
    spot_price_int: int | None
    mid_price_int: int | None
    invalid_flags: int = 0

    @property
    def end_s(self) -> int:
        """Window end."""
        return self.window_s + 1

    @property
    def is_valid(self) -> bool:
        """`window_valid`."""
        return self.invalid_flags == 0

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Second:
        """Read a row of `book_snapshot_1s`."""
        return cls(
            window_start(row),
            row["spot_ref_price_int"],
            row["mid_price_int"],
            row["invalid_flags"],
        )


@dataclass(frozen=True)
class LevelRules:
    """Settings of the level relations of one contract-day; times are New York local.

    Attributes:
        symbol: Raw symbol of the contract.
        dt: UTC date of the partition.
        tick_int: Minimum price increment in 1e-9 points.
        stack_ticks: Levels that are no farther apart form a stack.
        bar_max_age_s: Bars that ended longer ago do not count in a moving average.
        level_max_k_ticks: Farthest level that has a surface and features.
        approach_max_k_ticks: Farthest level that can be approached.
        approach_over_s: Time over which the mid must have moved toward a level.
        approach_pause_s: Time over which it must not have moved away again.
        approach_min_ticks, approach_sigma: Least move, in ticks and in units of volatility.
        premarket, opening_range, rth_study: Sessions, [from, to).
        barrier_mode: Barrier of eligibility, `fixed` or `vol`.
        barrier_ticks: Fixed barrier B.
        barrier_k, barrier_min_ticks, barrier_max_ticks: Factor, least and greatest barrier of mode
            `vol`.
        eligibility_horizon_s: Horizon of the barrier of eligibility in units of volatility.
        reach_ticks: Price this near has reached the level.
        course_faded_s, course_faded_barriers, course_unresolved_s: When a course fades or stays
            unresolved, see `approach_course`.
        max_gap_windows: Most windows from an eligible window of an episode to the next; this many
            windows after its last window the episode is known to be over.
        level_jump_ticks: A level farther from the episode's first tick starts a new episode.
        elapsed_horizons_s: Horizons s120, ... in seconds from the decision.
        clock_horizons: Horizons h0, h1, ...: bars after the end of the decision's bar.
        retreat_ticks, bars_between: Re-arming of a setup.
        max_setups: Setups per level and day.
        look_back, look_forward: Bars of a setup.
    """

    symbol: str
    dt: date
    tick_int: int
    premarket: tuple[str, str] = ("04:00", "09:30")
    opening_range: tuple[str, str] = ("09:30", "09:45")
    rth_study: tuple[str, str] = ("09:30", "12:30")
    stack_ticks: int = 1
    bar_max_age_s: int = 7 * 24 * 3600
    level_max_k_ticks: int = 100
    approach_max_k_ticks: int = 20
    approach_over_s: int = 60
    approach_pause_s: int = 15
    approach_min_ticks: int = 3
    approach_sigma: float = 0.5
    barrier_mode: str = "fixed"
    barrier_ticks: int = 8
    barrier_k: float = 1.0
    barrier_min_ticks: int = 4
    barrier_max_ticks: int = 40
    eligibility_horizon_s: int = 240
    reach_ticks: int = 2
    course_faded_s: int = 60
    course_faded_barriers: int = 2
    course_unresolved_s: int = 240
    max_gap_windows: int = 3
    level_jump_ticks: int = 4
    elapsed_horizons_s: tuple[int, ...] = (120, 240, 480)
    clock_horizons: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    retreat_ticks: int = 4
    bars_between: int = 3
    max_setups: int = 10
    look_back: int = 6
    look_forward: int = 3

    def clock_s(self, local: str) -> int:
        """Instant of a New York clock time on the partition's date."""
        return clock_s(self.dt, local)

    def is_in_session(self, window_s: int, session: tuple[str, str]) -> bool:
        """Whether a window starts within a session of the partition's date."""
        start, end = session
        return self.clock_s(start) <= window_s < self.clock_s(end)


def clock_s(day: date, local: str) -> int:
    """Instant of a New York clock time `HH:MM` on a New York date."""
    moment = datetime.combine(day, time.fromisoformat(local), tzinfo=NEW_YORK)
    return int(moment.timestamp())


def new_york_date(second: int) -> date:
    """New York calendar date of an instant."""
    return datetime.fromtimestamp(second, NEW_YORK).date()


def candle_id(instant_s: int) -> int:
    """Number of the 120 s bar that contains an instant, from 09:30 of its New York date."""
    return (instant_s - clock_s(new_york_date(instant_s), RTH_OPEN)) // CANDLE_S


def whole_ticks(price_int: int, tick_int: int) -> int:
    """A price in ticks; it must be on the tick grid."""
    ticks, rest = divmod(price_int, tick_int)
    assert rest == 0, f"price {price_int} off the tick grid"
    return ticks
