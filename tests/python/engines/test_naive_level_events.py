"""Plain level events: columns, events and clusters on rows made by hand, and no look-ahead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from naive.level_event_columns import COLUMNS, GROUPS, LABELS
from naive.level_events import trend
from naive.surfaces import Row, second_of, timestamp_of
from support.engine_days import EngineDay
from support.engine_market import (
    CONSTANTS,
    DAY,
    NS_PER_S,
    START_S,
    SYMBOL,
    TICK_INT,
    level_rows,
    offset_rows,
    snapshot_row,
    trade_row,
)
from support.engine_twins import ComparedDays, plain_engines, plain_events, plain_signals

LEVEL = 1010
SIZES = {
    "identity": 13,
    "barrier": 20,
    "tape": 7,
    "fuel": 18,
    "kinematics": 19,
    "order flow": 9,
    "distances": 18,
    "proxies": 3,
    "approach": 13,
    "score": 4,
    "labels": 58,
}


def episode(first_n: int, last_n: int, direction: str = "up", **fields: Any) -> Row:
    """An episode of pm_high by the numbers of its first and last window end."""
    first_s, last_s = START_S + first_n, START_S + last_n
    return {
        "episode_id": f"{SYMBOL}_{DAY}_pm_high_{direction}_{first_s}",
        "level_id": "pm_high",
        "approach_dir": f"approach_{direction}",
        "first_window_end_ts": timestamp_of(first_s),
        "last_window_end_ts": timestamp_of(last_s),
        "touched": False,
        "touch_ts": None,
        "attempt_index": 1,
        "available_from_ts": timestamp_of(last_s + 15),
    } | fields


def events_of(
    spots: list[int],
    episodes: list[Row],
    *,
    trades: list[Row] | None = None,
    flags: dict[int, int] | None = None,
    levels: dict[int, int] | None = None,
) -> list[Row]:
    """Events of a day without books and options, level by second from 1."""
    ends = [START_S + n for n in range(1, len(spots) + 1)]
    snapshot = [
        snapshot_row(end_s, spot, flags=(flags or {}).get(end_s - START_S, 0))
        for end_s, spot in zip(ends, spots, strict=True)
    ]
    places = {end_s: {"pm_high": (levels or {}).get(end_s - START_S, LEVEL)} for end_s in ends}
    rows = level_rows(places)
    day = EngineDay(
        **{name: [] for name in EngineDay.__dataclass_fields__}
        | {
            "book_snapshot_1s": snapshot,
            "levels_1s": rows,
            "level_offset_1s": offset_rows(snapshot, rows),
            "contract_trades": trades or [],
            "approach_episodes": episodes,
            "constants": CONSTANTS,
        }
    )
    return plain_events(day, plain_engines(day))


def numbers(rows: list[Row]) -> list[int]:
    """Second of each event."""
    return [second_of(row["event_ts"]) - START_S for row in rows]


def test_columns_are_182() -> None:
    """The groups of the contract, none missing and none double."""
    assert {name: len(columns) for name, columns in GROUPS.items()} == SIZES
    assert len(COLUMNS) == len(set(COLUMNS)) == 182


@pytest.fixture(scope="module")
def drawn(engine_days: ComparedDays) -> tuple[EngineDay, list[Row]]:
    day, engines = engine_days[0]
    return day, plain_events(day, engines)


def test_rows_have_all_columns(drawn: tuple[EngineDay, list[Row]]) -> None:
    """Every row has the 182 columns in their order, and another id."""
    _, rows = drawn
    assert len(rows) > 5
    assert all(tuple(row) == COLUMNS for row in rows)
    assert len({row["event_id"] for row in rows}) == len(rows)


def test_identity_by_hand() -> None:
    """The first second at most one tick from the level."""
    (row,) = events_of([1003, 1005, 1007, 1009, 1010, 1004], [episode(1, 5)])
    end_s = START_S + 4
    assert {name: row[name] for name in GROUPS["identity"]} == {
        "event_id": f"2025-10-01_pm_high_{LEVEL}_{end_s}_UP",
        "symbol": SYMBOL,
        "dt": DAY,
        "session_date": DAY,
        "event_ts": timestamp_of(end_s),
        "level_id": "pm_high",
        "level_kind": 0,
        "level_price": LEVEL / 4,
        "level_price_int": LEVEL * TICK_INT,
        "direction": "UP",
        "entry_price": 1009 / 4,
        "zone_width_ticks": 17,
        "episode_id": episode(1, 5)["episode_id"],
    }
    assert (row["minutes_since_open"], row["bars_since_open"]) == (30 + 4 / 60, 15)
    assert row["dist_to_tested_level_ticks"] == row["dist_to_pm_high_ticks"] == 1


def test_event_lies_in_the_episode() -> None:
    """From the first window's end until the episode is over, without that instant."""
    spots = [1009] + [1003] * 14 + [1009] * 4
    assert numbers(events_of(spots, [episode(2, 2)])) == [16]
    assert numbers(events_of(spots, [episode(1, 1)])) == [1]
    # over at 15, 16 and 17
    assert events_of(spots, [episode(2, 0)]) == []
    assert events_of(spots, [episode(2, 1)]) == []
    assert numbers(events_of(spots, [episode(2, 2)])) == [16]
    assert events_of([1003] * 9, [episode(1, 5)]) == []


def test_invalid_second_is_no_event() -> None:
    """The event is the first valid second near the level."""
    spots = [1003, 1009, 1009, 1009]
    assert numbers(events_of(spots, [episode(1, 1)], flags={2: 8})) == [3]


def test_next_episode_ends_the_one_before() -> None:
    """Two episodes of one direction never share a second; of two directions they may."""
    spots = [1003] * 9 + [1009] * 20
    rows = events_of(spots, [episode(1, 5), episode(8, 12)])
    assert [row["episode_id"][-2:] for row in rows] == [str(START_S + 8)[-2:]]
    rows = events_of(spots, [episode(1, 5), episode(8, 12, "down")])
    assert [(row["direction"], n) for row, n in zip(rows, numbers(rows), strict=True)] == [
        ("DOWN", 10),
        ("UP", 10),
    ]


@pytest.mark.parametrize(("k_ticks", "x0"), [(1, -1), (0, 0), (-1, 1)])
def test_start_of_the_labels(k_ticks: int, x0: int) -> None:
    """x0 is the offset against the direction: a trade at spot moves nothing."""
    trades = [trade_row(1, START_S + 2, LEVEL - k_ticks), trade_row(2, START_S + 3, LEVEL + 2)]
    (row,) = events_of([1003, LEVEL - k_ticks, 1005, 1005, 1005], [episode(1, 2)], trades=trades)
    assert (row["excursion_max_ticks"], row["excursion_min_ticks"]) == (2 - x0, 0)


def test_clusters_and_attempts() -> None:
    """Attempts at one place and in one direction belong together."""
    spots = [1003, 1009] * 8
    episodes = [episode(n, n - 13, attempt_index=a) for a, n in enumerate((1, 3, 5, 7, 9), 1)]
    rows = events_of(spots, episodes)
    assert numbers(rows) == [2, 4, 6, 8, 10]
    assert {row["attempt_cluster_id"] for row in rows} == {rows[0]["event_id"]}
    assert [row["attempt_index"] for row in rows] == [1, 2, 3, 4, 5]
    # 5 ticks further from the fourth attempt on
    spots = [1003, 1009] * 3 + [1010, 1014, 1010, 1014] + [1003] * 6
    moved = dict.fromkeys(range(7, 17), LEVEL + 5)
    rows = events_of(spots, episodes, levels=moved)
    assert numbers(rows) == [2, 4, 6, 8, 10]
    assert [row["attempt_cluster_id"] for row in rows] == [
        rows[0]["event_id"],
        rows[0]["event_id"],
        rows[0]["event_id"],
        rows[3]["event_id"],
        rows[3]["event_id"],
    ]


def test_trend_over_earlier_attempts() -> None:
    """A slope per attempt over the known values; below two there is none."""
    assert trend([1.0, 3.0, 5.0]) == 2.0
    assert trend([1.0, None, 5.0]) == 2.0
    assert trend([1.0]) is trend([]) is trend([None, 4.0]) is None
    spots = [1003, 1009] * 8
    trades = [
        trade_row(n, START_S + n, LEVEL, size=2, side=side)
        for n, side in enumerate("BABABBBBBB", 1)
    ]
    episodes = [episode(n, n - 13) for n in (1, 3, 5, 7)]
    rows = events_of(spots, episodes, trades=trades)
    values = [row["tape_imbalance"] for row in rows]
    assert [row["tape_imbalance_trend"] for row in rows] == [
        None,
        None,
        values[1] - values[0],
        pytest.approx((values[2] - values[0]) / 2),
    ]


def test_prior_touches() -> None:
    """Other episodes of the level whose trade touched it before the event."""
    at_ns = (START_S + 10) * NS_PER_S
    episodes = [
        episode(1, 1, "down", touched=True, touch_ts=at_ns - 1),
        episode(2, 2, "down", touched=True, touch_ts=at_ns),
        episode(3, 9, touched=True, touch_ts=at_ns - 5),
        episode(4, 4, "down"),
        episode(5, 5, "down", touched=True, touch_ts=at_ns - 9) | {"level_id": "or_low"},
    ]
    spots = [1003] * 9 + [1009] * 4
    rows = [row for row in events_of(spots, episodes) if row["direction"] == "UP"]
    assert (numbers(rows), [row["prior_touches"] for row in rows]) == ([10], [1])


def until(rows: list[Row], end_s: int) -> list[Row]:
    """Rows known at an instant."""
    return [row for row in rows if second_of(row["window_end_ts"]) <= end_s]


def as_of(day: EngineDay, end_s: int) -> EngineDay:
    """A day of which nothing after an instant is recorded."""
    by_second = {
        name: until(rows, end_s)
        for name, rows in vars(day).items()
        if name != "constants" and rows and "window_end_ts" in rows[0]
    }
    at_ns = end_s * NS_PER_S
    episodes = [
        row
        if row["available_from_ts"] <= timestamp_of(end_s)
        else row
        | {"available_from_ts": timestamp_of(end_s + 15), "last_window_end_ts": None}
        | ({} if (row["touch_ts"] or at_ns) < at_ns else {"touched": False, "touch_ts": None})
        for row in day.approach_episodes
        if row["first_window_end_ts"] <= timestamp_of(end_s)
    ]
    return replace(
        day,
        **by_second,
        contract_trades=[
            row for row in day.contract_trades if second_of(row["window_start_ts"]) < end_s
        ],
        bars=[row for row in day.bars if second_of(row["bar_end_ts"]) <= end_s],
        option_trades=[row for row in day.option_trades if row["ts_event"] < at_ns],
        recording_gaps=[],
        approach_episodes=episodes,
    )


def test_nothing_after_a_second_changes_it(
    drawn: tuple[EngineDay, list[Row]], engine_days: ComparedDays
) -> None:
    """Engines, scores, payloads and features are the same without what follows them."""
    day, rows = drawn
    _, full = engine_days[0]
    full_signals = plain_signals(day, full)
    features = [name for name in COLUMNS if name not in LABELS]
    for end_s in (START_S + 330, second_of(rows[-1]["event_ts"])):
        past = as_of(day, end_s)
        engines = plain_engines(past)
        for name, found in engines.items():
            assert found == until(full[name], end_s), name
        assert plain_signals(past, engines) == until(full_signals, end_s)
        events = plain_events(past, engines)
        known = [row for row in rows if row["event_ts"] <= timestamp_of(end_s)]
        assert known
        assert [[row[name] for name in features] for row in events] == [
            [row[name] for name in features] for row in known
        ]
