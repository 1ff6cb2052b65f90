"""`level_events`: one row of features and labels per episode that comes to its level.

Rules chosen where the specification leaves room:
- An episode lasts from its first window end to the instant at which it is known to be over, or to
  the first window end of the next episode of its level and direction, without that instant. The
  event is its first second that is window_valid and has a row of `break_score_1s` in the monitor
  band.
- `direction` is that of the episode; the readings of engines and score are those of the level's row
  at the event, whatever its own direction, and zone and side are that row's.
- `level_price` is the value before it is rounded to the tick.
- Depth then is of the same zone and side, None in a second that does not count; the change is in
  percent, None of no depth.
- `wall_ratio_log` is log1p. `gex_ratio` is None without puts. A strike at the level is neither
  above nor below it; a missing or unknown strike makes its sums None.
- The samples of kinematics and trends end in the last m minutes; a velocity needs valid mids at
  both ends of its 30 s, which may begin before them.
- Order flow imbalance is that of the best quotes of consecutive valid seconds, and near the level
  that of all prices of the zone; positive is buying, whatever the direction; None with fewer than
  `valid_share_min` of the seconds.
- Distances are signed offsets from spot of active levels. Stacking counts the other active levels.
- Force is towards the break; mass is the mean depth of the zone over the seconds that count.
- The approach is that of `level_offset_1s`; its bars are the latest bars of 120 s, each of which
  closed nearer to the break than the one before.
- Prior touches are those of other episodes of the level, known by their trade before the event.
- A cluster is events of one level and direction whose level is at most `cluster_drift_ticks` from
  that of its first, whose event_id names it. Trends are slopes over its earlier events on their
  number.
- Labels have barriers of `threshold_2_ticks`. Strength is favourable plus adverse excursion.
  Times count to the first trade that far from the level, past or before it. A threshold that a cut
  path did not reach is unknown. The future price is the last trade of the horizon, or the entry
  price, None if the path is cut. The label is confirmed by the trade that first hits a barrier of
  the primary horizon; the anchor is spot at the end of its second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from naive.engine_rows import SIGNS, Constants, Wall, by_end, by_level, end_of
from naive.gaps import Gap
from naive.least_squares import slope
from naive.level_event_columns import (
    BARRIER_READINGS,
    COLUMNS,
    LEVEL_KINDS,
    SCORE_READINGS,
    TAPE_READINGS,
    TRENDS,
)
from naive.level_event_features import (
    FORCE_S,
    approach_features,
    barrier_features,
    distance_features,
    gamma_features,
    kinematic_features,
    order_flow_features,
    proxy_features,
)
from naive.level_event_labels import event_labels
from naive.levels_episodes import Decision
from naive.levels_model import (
    CANDLE_S,
    NS_PER_S,
    RTH_OPEN,
    LevelRules,
    Second,
    Trade,
    clock_s,
    new_york_date,
)
from naive.levels_paths import Future
from naive.surfaces import Row, points, second_of, timestamp_of

DIRECTION_OF = {"approach_up": "UP", "approach_down": "DOWN"}


@dataclass(frozen=True)
class EventInputs:
    """Rows of one contract-day, each field those of the relation it names."""

    book_snapshot_1s: list[Row]
    wall_surface_1s: list[Row]
    levels_1s: list[Row]
    level_offset_1s: list[Row]
    contract_trades: list[Row]
    approach_episodes: list[Row]
    barrier_engine_1s: list[Row]
    tape_engine_1s: list[Row]
    fuel_engine_1s: list[Row]
    break_score_1s: list[Row]
    bars: list[Row] = field(default_factory=list)
    gex_surface_1s: list[Row] = field(default_factory=list)
    gex_summary_1s: list[Row] = field(default_factory=list)
    recording_gaps: list[Row] = field(default_factory=list)


def level_events(inputs: EventInputs, constants: Constants) -> list[Row]:
    """Rows of `gold.level_events` of one contract-day, by event_ts, level and direction.

    Args:
        inputs: Rows of one contract-day.
        constants: See `engine_rows`; `approach_over_s` and `cluster_drift_ticks` too.
    """
    day = _Day(inputs, constants)
    moments = sorted(
        (end_s, episode["level_id"], DIRECTION_OF[episode["approach_dir"]], number)
        for number, episode in enumerate(inputs.approach_episodes)
        if (end_s := day.event_end_s(episode)) is not None
    )
    rows: list[Row] = []
    clusters: dict[tuple[str, str], list[Row]] = {}
    for end_s, level, direction, number in moments:
        row = day.event(end_s, inputs.approach_episodes[number])
        cluster = clusters.get((level, direction), [])
        reach_int = constants["cluster_drift_ticks"] * constants["tick_int"]
        if not cluster or abs(row["level_price_int"] - cluster[0]["level_price_int"]) > reach_int:
            cluster = clusters[level, direction] = []
        cluster.append(row)
        row["attempt_cluster_id"] = cluster[0]["event_id"]
        for name, value in TRENDS.items():
            row[name] = trend([earlier[value] for earlier in cluster[:-1]])
        assert set(row) == set(COLUMNS)
        rows.append({name: row[name] for name in COLUMNS})
    return rows


def trend(values: Iterable[float | None]) -> float | None:
    """Slope of the known values on their number; None for fewer than two."""
    known = [(n, value) for n, value in enumerate(values, 1) if value is not None]
    return slope(known) if len(known) > 1 else None


class _Day:
    """The inputs by second and level."""

    def __init__(self, inputs: EventInputs, constants: Constants) -> None:
        self._inputs, self._constants = inputs, constants
        self._seconds = by_end(inputs.book_snapshot_1s)
        self._book = Wall(inputs.book_snapshot_1s, inputs.wall_surface_1s, constants)
        self._levels, self._offsets = by_level(inputs.levels_1s), by_level(inputs.level_offset_1s)
        self._scores = by_level(inputs.break_score_1s)
        self._barrier = by_level(inputs.barrier_engine_1s)
        self._tape, self._fuel = by_level(inputs.tape_engine_1s), by_level(inputs.fuel_engine_1s)
        self._summaries = by_end(inputs.gex_summary_1s)
        self._spots = {end_s: row["spot_ref_price"] for end_s, row in self._seconds.items()}

    def event_end_s(self, episode: Row) -> int | None:
        """Second at which an episode comes to its level; None if it does not."""
        first_s = second_of(episode["first_window_end_ts"])
        over_s = [second_of(episode["available_from_ts"])] + [
            second_of(other["first_window_end_ts"])
            for other in self._inputs.approach_episodes
            if (other["level_id"], other["approach_dir"])
            == (episode["level_id"], episode["approach_dir"])
            and other["first_window_end_ts"] > episode["first_window_end_ts"]
        ]
        for end_s in range(first_s, min(over_s)):
            score = self._scores.get((end_s, episode["level_id"]))
            is_near = score is not None and score["in_monitor_band"]
            if is_near and self._seconds[end_s]["window_valid"]:
                return end_s
        return None

    def event(self, end_s: int, episode: Row) -> Row:
        """Columns of an event, without those that need earlier events."""
        constants = self._constants
        key = end_s, episode["level_id"]
        second, score = self._seconds[end_s], self._scores[key]
        direction = DIRECTION_OF[episode["approach_dir"]]
        sign, level_int = SIGNS[direction], score["level_price_int"]
        level_tick = level_int // constants["tick_int"]
        kinematics = kinematic_features(self._seconds, end_s, sign, level_int, constants)
        decision = Decision(
            end_s,
            score["level_id"],
            is_window_valid=True,
            is_active=True,
            is_primary=True,
            level_tick=level_tick,
            k_ticks=score["k_ticks"],
            sigma_ticks=None,
            approach_dir=episode["approach_dir"],
        )
        return (
            {
                "event_id": f"{second['dt']}_{key[1]}_{level_tick}_{end_s}_{direction}",
                "symbol": second["symbol"],
                "dt": second["dt"],
                "session_date": new_york_date(end_s),
                "event_ts": second["window_end_ts"],
                "level_id": key[1],
                "level_kind": LEVEL_KINDS[key[1]],
                "level_price": self._levels[key]["level_price"],
                "level_price_int": level_int,
                "direction": direction,
                "entry_price": second["spot_ref_price"],
                "zone_width_ticks": 2 * constants["barrier_zone_ticks"] + 1,
                "episode_id": episode["episode_id"],
            }
            | {name: self._barrier[key][reading] for name, reading in BARRIER_READINGS.items()}
            | barrier_features(self._book, end_s, score, self._barrier[key], constants)
            | {name: self._tape[key][reading] for name, reading in TAPE_READINGS.items()}
            | {
                "fuel_effect": self._fuel[key]["effect"],
                "net_dealer_gamma": self._fuel[key]["net_dealer_gamma"],
            }
            | gamma_features(
                [row for row in self._inputs.gex_surface_1s if end_of(row) == end_s],
                self._summaries.get(end_s),
                level_int,
            )
            | kinematics
            | order_flow_features(self._seconds, self._book, end_s, level_int, constants)
            | distance_features(self._levels, self._offsets, end_s, score, constants)
            | proxy_features(
                self._book,
                self._trades(end_s, FORCE_S),
                end_s,
                sign,
                score,
                kinematics["acceleration_1min"],
                constants,
            )
            | self._approach(end_s, episode, sign)
            | {name: score[reading] for name, reading in SCORE_READINGS.items()}
            | event_labels(
                self._future(second),
                decision,
                points(level_int),
                second["spot_ref_price"],
                self._spots,
                constants,
            )
        )

    def _trades(self, end_s: int, n: int) -> list[Row]:
        first, last = timestamp_of(end_s - n), timestamp_of(end_s)
        return [
            trade
            for trade in self._inputs.contract_trades
            if first <= trade["window_start_ts"] < last
        ]

    def _approach(self, end_s: int, episode: Row, sign: int) -> Row:
        level = episode["level_id"]
        bars = [
            row
            for row in self._inputs.bars
            if row["bar_s"] == CANDLE_S and second_of(row["bar_end_ts"]) <= end_s
        ]
        touches = [
            other["touch_ts"]
            for other in self._inputs.approach_episodes
            if other["level_id"] == level
            and other["episode_id"] != episode["episode_id"]
            and other["touch_ts"] is not None
            and other["touch_ts"] < end_s * NS_PER_S
        ]
        since_open_s = end_s - clock_s(new_york_date(end_s), RTH_OPEN)
        over_s = self._constants["approach_over_s"]
        return approach_features(self._offsets[end_s, level], bars, sign, over_s) | {
            "prior_touches": len(touches),
            "minutes_since_open": since_open_s / 60,
            "bars_since_open": since_open_s // CANDLE_S,
            "attempt_index": episode["attempt_index"],
        }

    def _future(self, second: Row) -> Future:
        trades = [
            Trade(
                row["symbol"],
                row["dt"],
                row["rec_ordinal"],
                row["ts_event"],
                second_of(row["window_start_ts"]),
                row["price_int"],
                row["size"],
                row["side"],
            )
            for row in self._inputs.contract_trades
            if row["price_int"] is not None
        ]
        gaps = [
            Gap(row["gap_start_ts"], row["gap_end_ts"], row["cause"])
            for row in self._inputs.recording_gaps
        ]
        rules = LevelRules(second["symbol"], second["dt"], self._constants["tick_int"])
        seconds = [Second.of_row(row) for row in self._inputs.book_snapshot_1s]
        return Future(seconds, trades, rules, gaps)
