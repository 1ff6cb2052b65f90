"""The plain barrier engine on books made by hand."""

from __future__ import annotations

import pytest
from naive.barrier_engine_1s import COLUMNS, barrier_engine_1s, barrier_state
from naive.engine_rows import KEY_COLUMNS
from naive.surfaces import Row
from support.engine_market import (
    CONSTANTS,
    START_S,
    TICK_INT,
    keys_of,
    level_rows,
    offset_rows,
    quiet_seconds,
    snapshot_row,
    wall_row,
)

SPOT, LEVEL = 1000, 1010
N = 300
T = START_S + N


def state(
    added: int, canceled: int, filled: int, depth: int = 500, ratio: float | None = None
) -> str:
    delta = added - canceled - filled
    ratio = added / (canceled + filled + 1e-6) if ratio is None else ratio
    churn = added + canceled + filled
    return barrier_state(delta, ratio, canceled, filled, churn, depth, CONSTANTS)


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        # ratio below 0.3 and a loss of more than 100
        ((0, 101, 0), "VACUUM"),
        ((0, 100, 0), "NEUTRAL"),
        ((0, 0, 101), "VACUUM"),
        ((30, 131, 0), "VACUUM"),
        # a ratio of 0.3 or more is no vacuum, and without fills nothing else
        ((100, 333, 0), "NEUTRAL"),
        ((100, 334, 0), "VACUUM"),
        # ratio above 1.5 and a gain of more than 100
        ((101, 0, 0), "WALL"),
        ((100, 0, 0), "NEUTRAL"),
        ((304, 203, 0), "NEUTRAL"),
        ((303, 202, 0), "NEUTRAL"),
        ((306, 202, 2), "NEUTRAL"),
        ((307, 202, 2), "WALL"),
        # a loss of more than 100, more of it filled than cancelled
        ((100, 100, 101), "CONSUMED"),
        ((100, 99, 101), "NEUTRAL"),
        ((200, 150, 151), "CONSUMED"),
        ((200, 151, 151), "NEUTRAL"),
        ((200, 151, 150), "NEUTRAL"),
        # a gain, a ratio above 1, and at least 50 contracts eaten
        ((180, 51, 50), "ABSORPTION"),
        ((180, 51, 49), "NEUTRAL"),
        ((161, 99, 1), "NEUTRAL"),
        ((161, 100, 0), "NEUTRAL"),
        # of all that went, at least a quarter
        ((280, 150, 50), "ABSORPTION"),
        ((280, 151, 50), "NEUTRAL"),
        ((281, 151, 51), "ABSORPTION"),
        ((1150, 989, 63), "NEUTRAL"),
    ],
)
def test_state_follows_the_flows(flows: tuple[int, int, int], expected: str) -> None:
    """Every state of flows just inside and just outside its bounds."""
    assert state(*flows) == expected


@pytest.mark.parametrize(
    ("depth", "flows", "expected"),
    [
        (49, (0, 0, 0), "WEAK"),
        (50, (0, 0, 0), "NEUTRAL"),
        (49, (0, 100, 0), "WEAK"),
        # what trades absorb or eat is not weak
        (49, (161, 110, 50), "ABSORPTION"),
        (49, (161, 111, 49), "WEAK"),
        (49, (0, 101, 0), "VACUUM"),
        # balanced turnover comes after weak
        (49, (60, 50, 0), "WEAK"),
        (50, (60, 50, 0), "ABSORPTION"),
    ],
)
def test_weak_depends_on_the_depth(depth: int, flows: tuple[int, ...], expected: str) -> None:
    """Little depth counts only where no flow explains it."""
    assert state(*flows, depth=depth) == expected


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        # turnover of 101 and 100, change of 49 and 50
        ((51, 50, 0), "ABSORPTION"),
        ((50, 50, 0), "NEUTRAL"),
        ((100, 51, 0), "ABSORPTION"),
        ((100, 50, 0), "NEUTRAL"),
        ((51, 100, 0), "ABSORPTION"),
        ((50, 100, 0), "NEUTRAL"),
    ],
)
def test_balanced_turnover_is_absorption(flows: tuple[int, int, int], expected: str) -> None:
    """A change below 50 with a turnover above 100, both exclusive."""
    assert state(*flows) == expected


@pytest.mark.parametrize(
    ("ratio", "delta", "expected"),
    [
        (0.3, -101, "NEUTRAL"),
        (0.2999, -101, "VACUUM"),
        (1.5, 101, "ABSORPTION"),
        (1.5001, 101, "WALL"),
        (1.0, 1, "NEUTRAL"),
        (1.0001, 1, "ABSORPTION"),
        (1.0001, 0, "NEUTRAL"),
    ],
)
def test_bounds_of_the_ratio_are_exclusive(ratio: float, delta: int, expected: str) -> None:
    """A ratio on its bound does not fulfil the condition; fills do not exceed cancels."""
    churn = CONSTANTS["churn_min"]
    assert barrier_state(delta, ratio, 55, 50, churn, 500, CONSTANTS) == expected


def day_of(
    flows: dict[int, tuple[int, int, int]],
    *,
    n: int = N,
    ticks: int = LEVEL,
    level: int = LEVEL,
    side: str = "A",
    start_depth: int = 400,
    flags: dict[int, int] | None = None,
    spots: list[int] | None = None,
) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    """Seconds 1 ... n with depth at one price, changed by (added, canceled, filled) per second."""
    flags = flags or {}
    snapshot, levels, offsets = quiet_seconds(n, SPOT, level, spots=spots or ())
    depth, wall = start_depth, []
    for number, row in enumerate(snapshot, 1):
        added, canceled, filled = flows.get(number, (0, 0, 0))
        before, depth = depth, depth + added - canceled - filled
        row["invalid_flags"] = flags.get(number, 0)
        row["window_valid"] = not flags.get(number)
        end_s = START_S + number
        counts = {
            "depth_qty_start": before,
            "depth_qty_end": depth,
            "add_qty": added,
            "pull_qty_total": canceled,
            "fill_qty": filled,
        }
        wall.append(wall_row(end_s, SPOT, side, ticks, flags.get(number, 0), **counts))
    return snapshot, wall, levels, offsets


def last_row(*day: list[Row]) -> Row:
    return barrier_engine_1s(*day, CONSTANTS)[-1]


def test_row_by_hand() -> None:
    """Flows of the last 240 seconds; depth against its mean over 300."""
    # seconds 61 ... 300 are the window, second 60 lies just before it
    flows = {60: (50, 0, 0), 61: (30, 0, 0), 200: (10, 5, 80), 300: (40, 5, 10)}
    row = last_row(*day_of(flows))
    depths = [400] * 59 + [450] + [480] * 139 + [405] * 100 + [430]
    assert list(row) == [*KEY_COLUMNS, *COLUMNS]
    assert row == keys_of(T) | {
        "level_id": "pm_high",
        "level_price_int": LEVEL * TICK_INT,
        "k_ticks": 10,
        "direction": "RESISTANCE",
        "break_direction": "UP",
        "in_monitor_band": False,
        # 430 - 450 = 80 - 10 - 90
        "state": "ABSORPTION",
        "delta_liq": -20,
        "replenishment_ratio": pytest.approx(80 / (100 + 1e-6), rel=1e-15),
        "added": 80,
        "canceled": 10,
        "filled": 90,
        "churn": 180,
        "depth_in_zone": 430,
        "wall_ratio": pytest.approx(430 / (sum(depths) / 300), rel=1e-15),
        "defending_quote_price_int": (SPOT + 1) * TICK_INT,
        "defending_quote_size": 10,
        "confidence": 180 / 500,
    }


def test_flows_explain_the_change_of_depth() -> None:
    """Added less canceled less filled is the depth now less the depth before the window."""
    flows = {n: (n % 7, n % 3, n % 4) for n in range(1, N + 1)}
    day = day_of(flows)
    before = next(
        row for row in day[1] if row["window_end_ts"] == keys_of(T - 240)["window_end_ts"]
    )
    row = last_row(*day)
    assert row["delta_liq"] == row["added"] - row["canceled"] - row["filled"]
    assert row["delta_liq"] == row["depth_in_zone"] - before["depth_qty_end"]


@pytest.mark.parametrize(
    ("distance", "is_inside"), [(-9, False), (-8, True), (8, True), (9, False)]
)
def test_zone_reaches_eight_ticks_both_ways(distance: int, is_inside: bool) -> None:
    """Prices up to 8 ticks on either side count, beyond spot too."""
    row = last_row(*day_of({300: (7, 0, 0)}, ticks=LEVEL + distance))
    assert row["depth_in_zone"] == (407 if is_inside else 0)
    assert row["added"] == (7 if is_inside else 0)


def test_only_the_defending_side_counts() -> None:
    """Bids around a level above spot are nothing; around one below they are all."""
    assert last_row(*day_of({300: (7, 0, 0)}, side="B"))["depth_in_zone"] == 0
    below = last_row(*day_of({300: (7, 0, 0)}, side="B", level=990, ticks=990))
    assert (below["direction"], below["break_direction"]) == ("SUPPORT", "DOWN")
    assert below["depth_in_zone"] == 407
    assert below["defending_quote_price_int"] == SPOT * TICK_INT


@pytest.mark.parametrize(("n_invalid", "is_known"), [(24, True), (25, False)])
def test_state_needs_nine_tenths_of_the_window(n_invalid: int, is_known: bool) -> None:
    """216 of 240 seconds are enough; flows of invalid seconds do not count."""
    flows = {80: (1000, 0, 0), 290: (3, 2, 0)}
    row = last_row(*day_of(flows, flags=dict.fromkeys(range(70, 70 + n_invalid), 4)))
    assert (row["state"] is not None) == is_known
    assert row["added"] == (3 if is_known else None)
    assert (row["confidence"] is not None) == is_known
    assert row["depth_in_zone"] == 1401


def test_first_state_after_216_seconds() -> None:
    """Seconds before the first row are missing; the ratio to the mean needs 270."""
    rows = barrier_engine_1s(*day_of({}), CONSTANTS)
    assert [row["state"] for row in rows[214:217]] == [None, "NEUTRAL", "NEUTRAL"]
    assert [row["wall_ratio"] for row in rows[268:270]] == [None, 1.0]
    assert rows[0]["depth_in_zone"] == 400


def test_invalid_second_has_no_state() -> None:
    """The row of an invalid second has sums, but neither depth nor state."""
    row = last_row(*day_of({290: (3, 2, 0), 300: (50, 0, 0)}, flags={300: 8}))
    assert (row["k_ticks"], row["added"], row["canceled"], row["churn"]) == (10, 3, 2, 5)
    unknown = ("state", "depth_in_zone", "wall_ratio", "defending_quote_price_int")
    assert [row[name] for name in unknown] == [None] * 4
    assert row["defending_quote_size"] is None


@pytest.mark.parametrize(("reach", "is_seen"), [(18, True), (17, False)])
def test_wall_must_show_the_zone(reach: int, is_seen: bool) -> None:
    """A zone that ends past the wall rows is not known."""
    day = day_of({290: (3, 2, 0)})
    row = barrier_engine_1s(*day, CONSTANTS | {"wall_max_ticks": reach})[-1]
    assert (row["depth_in_zone"], row["added"]) == ((401, 3) if is_seen else (None, None))
    assert (row["state"] is not None) == is_seen


def test_no_mean_depth_no_ratio() -> None:
    """A zone that was always empty has no ratio."""
    row = last_row(*day_of({}, start_depth=0))
    assert (row["depth_in_zone"], row["wall_ratio"], row["state"]) == (0, None, "WEAK")


def test_level_and_side_are_those_of_the_moment() -> None:
    """A level that moves is anchored anew for the whole window back."""
    snapshot, wall, _, _ = day_of({100: (9, 0, 0)})
    ticks = {START_S + n: {"pm_high": LEVEL if n < 300 else LEVEL + 9} for n in range(1, N + 1)}
    levels = level_rows(ticks)
    rows = barrier_engine_1s(snapshot, wall, levels, offset_rows(snapshot, levels), CONSTANTS)
    assert [row["added"] for row in rows[-2:]] == [9, 0]
    # spot rises above the level: the bids defend
    spots = [SPOT] * 299 + [LEVEL + 1]
    row = last_row(*day_of({100: (9, 0, 0)}, spots=spots))
    assert (row["direction"], row["added"]) == ("SUPPORT", 0)


def test_direction_at_the_level() -> None:
    """At the level the last direction is kept; a level at which price began has none."""
    spots = [LEVEL, LEVEL, LEVEL - 2, LEVEL, LEVEL + 1, LEVEL]
    day = day_of({}, n=6, spots=spots)
    rows = barrier_engine_1s(*day, CONSTANTS)
    assert [row["direction"] for row in rows] == [
        None,
        None,
        "RESISTANCE",
        "RESISTANCE",
        "SUPPORT",
        "SUPPORT",
    ]
    assert [rows[0][name] for name in COLUMNS] == [None] * len(COLUMNS)
    assert rows[0]["break_direction"] is None
    assert [row["in_monitor_band"] for row in rows] == [True, True, False, True, True, True]


def test_direction_comes_from_active_seconds() -> None:
    """A running value that is not active yet gives no direction; a level in a stack does."""
    ends = range(START_S + 1, START_S + 4)
    spots = (LEVEL - 2, LEVEL, LEVEL)
    snapshot = [snapshot_row(end_s, spot) for end_s, spot in zip(ends, spots, strict=True)]
    levels = level_rows({end_s: {"pm_high": LEVEL} for end_s in ends})
    offsets = offset_rows(snapshot, levels)
    first = next(row for row in levels if row["level_id"] == "pm_high")
    for active, expected in ((True, "RESISTANCE"), (False, None)):
        first |= {"is_active": active, "is_primary": False}
        rows = barrier_engine_1s(snapshot, [], levels, offsets, CONSTANTS)
        assert [row["direction"] for row in rows] == [expected] * 2


def test_rows_of_primary_levels_within_forty_ticks() -> None:
    """No row for a level that is not primary, not active, too far, or without spot."""
    end_s = START_S + 1
    snapshot = [snapshot_row(end_s, SPOT), snapshot_row(end_s + 1, None)]
    ticks = {
        second: {"pm_high": 1040, "pm_low": 959, "or_high": 1041, "or_low": 960, "sma_90": 1000}
        for second in (end_s, end_s + 1)
    }
    levels = level_rows(ticks, not_primary=["sma_90"])
    offsets = offset_rows(snapshot, levels)
    rows = barrier_engine_1s(snapshot, [], levels, offsets, CONSTANTS)
    assert [(row["level_id"], row["k_ticks"]) for row in rows] == [("pm_high", 40), ("or_low", -40)]
    outside = CONSTANTS | {"surface_window_s": (end_s, end_s + 9)}
    assert barrier_engine_1s(snapshot, [], levels, offsets, outside) == []


@pytest.mark.parametrize(("course", "sign"), [("up", 1), ("down", -1)])
def test_an_approach_keeps_its_direction(course: str, sign: int) -> None:
    """From before the level, at it and past it, until and with its last second."""
    offsets_of = [3, 1, 0, -1, -4, 0, 2, -3, -3, 0]
    # under way from the second to the eighth second
    snapshot, levels, offsets = quiet_seconds(
        len(offsets_of), SPOT, SPOT, spots=[SPOT - sign * k for k in offsets_of]
    )
    courses = [
        {"window_end_ts": second["window_end_ts"], "level_id": "pm_high", "direction": course}
        for second in snapshot[1:8]
    ]
    rows = barrier_engine_1s(snapshot, [], levels, offsets, CONSTANTS, courses)
    own, other = ("RESISTANCE", "SUPPORT")[::sign]
    assert [row["direction"] for row in rows] == [own] * 8 + [other] * 2
    assert {row["break_direction"] for row in rows[:8]} == {course.upper()}
    quote = "best_ask_price_int" if course == "up" else "best_bid_price_int"
    for row, second in zip(rows[:8], snapshot, strict=False):
        assert row["defending_quote_price_int"] == second[quote]
    # the side of spot decides without a course, at the level that of the second before
    sides = [
        row["direction"] for row in barrier_engine_1s(snapshot, [], levels, offsets, CONSTANTS)
    ]
    assert sides == [own] * 3 + [other] * 3 + [own] + [other] * 3


def test_a_course_of_another_level_or_second_counts_nowhere() -> None:
    """A course decides at its own level and in its own seconds alone."""
    snapshot, levels, offsets = quiet_seconds(3, SPOT, SPOT - 2)
    own, before = (keys_of(end_s)["window_end_ts"] for end_s in (START_S + 1, START_S))
    courses = [
        {"window_end_ts": own, "level_id": "pm_low", "direction": "up"},
        {"window_end_ts": before, "level_id": "pm_high", "direction": "up"},
    ]
    rows = barrier_engine_1s(snapshot, [], levels, offsets, CONSTANTS, courses)
    assert {row["direction"] for row in rows} == {"SUPPORT"}


@pytest.mark.parametrize(
    ("name", "value", "column"),
    [
        ("w_barrier_s", 100, "added"),
        ("barrier_zone_ticks", 2, "depth_in_zone"),
        ("w_wall_s", 50, "wall_ratio"),
        ("activity_full", 50, "confidence"),
        ("monitor_band_ticks", 10, "in_monitor_band"),
        ("churn_flat", 10, "state"),
    ],
)
def test_constants_matter(name: str, value: float, column: str) -> None:
    """Every constant of the seed changes what it stands for."""
    flows = {61: (50, 10, 5), 200: (30, 35, 40)}
    day = day_of(flows, ticks=LEVEL + 3)
    own, changed = last_row(*day), barrier_engine_1s(*day, CONSTANTS | {name: value})[-1]
    assert own[column] != changed[column]
