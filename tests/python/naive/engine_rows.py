"""The plain level engines: rows, directions, and depth and flow of zones.

`barrier_engine_1s`, `tape_engine_1s`, `fuel_engine_1s`, `break_score_1s`, `level_signals`,
`level_events` and `signals_production` turn the rows of one contract-day into the relations of the
same names. Tests compare the models with them, so the two share no code. Rows are dictionaries with
the published column names; TIMESTAMP columns are datetimes without zone, TIMESTAMP_NS columns ns
since 1970 UTC. Seconds (`_s`) are whole seconds since 1970 UTC.

Constants are a dictionary: the rows of seed `engine_constants` by name, and `tick_int`,
`point_value` and `strike_step_int` of the product, `wall_max_ticks` and `surface_window_s`, the
half-open range of window starts that have wall rows (None: all).

Rules chosen where the specification leaves room:
- A second counts for a zone when it is window_valid, lies in the surface window, and its wall
  rows show the whole zone. The last W seconds of an instant t end at t - W + 1 ... t.
- A row exists for every second of the surface window and every primary level within
  `engine_max_k_ticks` of spot, also when the second is invalid.
- Where `approach_course_1s` has a row of the level, its last one included, the direction is that of
  the course, wherever spot is.
- Without a course, at k = 0 a level keeps the side of spot of the last earlier second of the
  partition in which it was active, primary or not, valid or not, with another k.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from naive.levels_model import LEVEL_IDS
from naive.surfaces import Row, second_of

Constants = Mapping[str, Any]
LevelKey = tuple[int, str]

KEY_COLUMNS = (
    "symbol",
    "dt",
    "window_start_ts",
    "window_end_ts",
    "level_id",
    "level_price_int",
    "k_ticks",
    "direction",
    "break_direction",
    "in_monitor_band",
)
COURSE_DIRECTIONS = {"up": "RESISTANCE", "down": "SUPPORT"}
BREAK_DIRECTIONS = {"RESISTANCE": "UP", "SUPPORT": "DOWN", None: None}
DEFENDING_SIDES = {"RESISTANCE": "A", "SUPPORT": "B", None: None}
SIGNS = {"UP": 1, "DOWN": -1}


def end_of(row: Row) -> int:
    """Window end of a row in seconds."""
    return second_of(row["window_end_ts"])


def by_end(rows: Iterable[Row]) -> dict[int, Row]:
    """Rows of a relation of one row per second by window end."""
    return {end_of(row): row for row in rows}


def by_level(rows: Iterable[Row]) -> dict[LevelKey, Row]:
    """Rows of a relation of one row per second and level by (window end, level)."""
    return {(end_of(row), row["level_id"]): row for row in rows}


def last_seconds(end_s: int, n: int) -> range:
    """Window ends of the n seconds up to and including one."""
    return range(end_s - n + 1, end_s + 1)


def is_in_surface_window(end_s: int, constants: Constants) -> bool:
    """Whether the second that ends at an instant has wall rows."""
    window_s = constants["surface_window_s"]
    return window_s is None or window_s[0] <= end_s - 1 < window_s[1]


def level_directions(
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    courses: Mapping[LevelKey, Row],
) -> dict[LevelKey, str | None]:
    """Direction of every level and second with an offset; None at k = 0 with nothing before."""
    found: dict[LevelKey, str | None] = {}
    last: dict[str, str] = {}
    for end_s, level in sorted(offsets):
        k_ticks = offsets[end_s, level]["k_ticks"]
        if k_ticks is None:
            continue
        own = "RESISTANCE" if k_ticks > 0 else "SUPPORT" if k_ticks < 0 else last.get(level)
        course = courses.get((end_s, level))
        found[end_s, level] = own if course is None else COURSE_DIRECTIONS[course["direction"]]
        if k_ticks != 0 and levels[end_s, level]["is_active"]:
            last[level] = own
    return found


def engine_keys(
    snapshot: Iterable[Row],
    levels: Iterable[Row],
    offsets: Iterable[Row],
    constants: Constants,
    courses: Iterable[Row] = (),
) -> list[Row]:
    """Keys of the engine relations of one contract-day, by second and priority of the level.

    Args:
        snapshot: Rows of `book_snapshot_1s`.
        levels: Rows of `levels_1s`.
        offsets: Rows of `level_offset_1s` for the same keys.
        constants: See above.
        courses: Rows of `approach_course_1s`.
    """
    seconds, by_key, offset_of = by_end(snapshot), by_level(levels), by_level(offsets)
    directions = level_directions(by_key, offset_of, by_level(courses))
    keys = []
    for end_s, second in sorted(seconds.items()):
        if not is_in_surface_window(end_s, constants):
            continue
        for level in LEVEL_IDS:
            row = by_key.get((end_s, level))
            if row is None or not (row["is_active"] and row["is_primary"]):
                continue
            k_ticks = offset_of[end_s, level]["k_ticks"]
            if k_ticks is None or abs(k_ticks) > constants["engine_max_k_ticks"]:
                continue
            direction = directions[end_s, level]
            keys.append(
                {
                    "symbol": second["symbol"],
                    "dt": second["dt"],
                    "window_start_ts": second["window_start_ts"],
                    "window_end_ts": second["window_end_ts"],
                    "level_id": level,
                    "level_price_int": row["level_price_int"],
                    "k_ticks": k_ticks,
                    "direction": direction,
                    "break_direction": BREAK_DIRECTIONS[direction],
                    "in_monitor_band": abs(k_ticks) <= constants["monitor_band_ticks"],
                }
            )
    return keys


@dataclass(frozen=True)
class Zone:
    """Prices of one side, from the lowest to the highest."""

    side: str
    low_int: int
    high_int: int

    @classmethod
    def around(cls, side: str, centre_int: int, half_ticks: int, tick_int: int) -> Zone:
        """Prices within a distance of a level."""
        return cls(side, centre_int - half_ticks * tick_int, centre_int + half_ticks * tick_int)


class Wall:
    """Rows of `wall_surface_1s` of one contract-day.

    Args:
        snapshot: Rows of `book_snapshot_1s`.
        rows: Rows of `wall_surface_1s`.
        constants: See above.
    """

    def __init__(self, snapshot: Iterable[Row], rows: Iterable[Row], constants: Constants) -> None:
        self._tick_int = constants["tick_int"]
        self._reach_int = constants["wall_max_ticks"] * self._tick_int
        self._valid_share_min = constants["valid_share_min"]
        self._cells: dict[int, dict[tuple[str, int], Row]] = {}
        for row in rows:
            self._cells.setdefault(end_of(row), {})[row["side"], row["price_int"]] = row
        # spot of the valid seconds that have wall rows
        self._spots_int = {
            end_of(row): row["spot_ref_price_int"]
            for row in snapshot
            if row["window_valid"]
            and row["spot_ref_price_int"] is not None
            and is_in_surface_window(end_of(row), constants)
        }
        self._sums: dict[tuple[int, Zone], dict[str, int]] = {}

    def is_valid(self, end_s: int) -> bool:
        """Whether the second that ends at an instant is valid and has wall rows."""
        return end_s in self._spots_int

    def counts(self, end_s: int, zone: Zone) -> bool:
        """Whether a second counts for a zone."""
        spot_int = self._spots_int.get(end_s)
        if spot_int is None:
            return False
        low_int, high_int = spot_int - self._reach_int, spot_int + self._reach_int
        return low_int <= zone.low_int and zone.high_int <= high_int

    def known(self, end_s: int, n: int, zone: Zone) -> list[int] | None:
        """Those of the last n seconds that count, or None if they are too few."""
        seconds = [second for second in last_seconds(end_s, n) if self.counts(second, zone)]
        return seconds if len(seconds) / n >= self._valid_share_min else None

    def quantity(self, end_s: int, side: str, price_int: int, name: str) -> int:
        """A quantity of a second at one price; no row is no quantity."""
        return self._cells.get(end_s, {}).get((side, price_int), {}).get(name, 0)

    def sums(self, end_s: int, zone: Zone) -> dict[str, int]:
        """Depth at the end, arrivals, cancellations and executions of a second in a zone."""
        key = end_s, zone
        if key not in self._sums:
            prices = range(zone.low_int, zone.high_int + 1, self._tick_int)
            self._sums[key] = {
                short: sum(self.quantity(end_s, zone.side, price, name) for price in prices)
                for short, name in (
                    ("depth", "depth_qty_end"),
                    ("added", "add_qty"),
                    ("canceled", "pull_qty_total"),
                    ("filled", "fill_qty"),
                )
            }
        return self._sums[key]
