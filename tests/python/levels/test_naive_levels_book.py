"""Plain level-anchored surface and features on scripted and random books."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from math import isclose, log
from typing import Any

import pytest
from naive.levels_book import level_surface_1s, level_vacuum_1s, mbo_level_vacuum_5s, near_levels
from naive.levels_corridor import level_corridor_1s
from naive.levels_model import Row, Second
from naive.surfaces import second_of
from naive.surfaces_radar import FEATURES, radar_vacuum
from support.levels_market import (
    RULES,
    TICK_INT,
    Cell,
    Move,
    at,
    book_day,
    described,
    resting,
    second,
    timestamp_of,
)
from support.strategies.surface_books import Books, day_of, mirrored, random_books, translated
from support.strategies.surface_market import BookShape

T = at("10:00:00")
SPOT, LEVEL = 1000, 1006


def at_level(cells: list[Cell], moves: list[Move] | None = None, level: int = LEVEL) -> Row:
    """Features of one second at a level, the spot at 1000."""
    day = book_day({T: (SPOT, cells, moves or [])})
    return level_vacuum_1s(day, *described(day, {T: level}), RULES)[T, "pm_high"]


# ---------------------------------------------------------------- surface


def test_surface_is_the_wall_around_the_level() -> None:
    """Prices from 986 to 1026 are within 20 ticks of 1006; both sides have rows on both sides."""
    cells = [resting("A", ticks, 1) for ticks in (985, 986, 1003, 1006, 1009, 1026, 1027)]
    cells += [resting("B", ticks, 2) for ticks in (985, 991, 1011)]
    day = book_day({T: (SPOT, cells, [])})
    rows = level_surface_1s(day, *described(day, {T: LEVEL}), RULES)
    assert {
        (key[2], key[3] // TICK_INT): (r["rho_ticks"], r["bucket"]) for key, r in rows.items()
    } == {
        ("A", 986): (-20, "far"),
        ("A", 1003): (-3, "near"),
        ("A", 1006): (0, "at"),
        ("A", 1009): (3, "near"),
        ("A", 1026): (20, "far"),
        ("B", 991): (-15, "far"),
        ("B", 1011): (5, "near"),
    }
    row = rows[T, "pm_high", "A", 1009 * TICK_INT]
    assert (row["rel_ticks"], row["rel_ticks"] - 6) == (9, row["rho_ticks"])
    assert (row["depth_qty_end"], row["level_id"]) == (1, "pm_high")


@pytest.mark.parametrize(
    ("level", "is_near"), [(1100, True), (1101, False), (900, True), (899, False)]
)
def test_levels_within_a_hundred_ticks_have_features(level: int, is_near: bool) -> None:
    day = book_day({T: (SPOT, [resting("A", 1001, 1)], [])})
    assert bool(near_levels(day, *described(day, {T: level}), RULES)) == is_near


def test_levels_not_in_use_have_no_features() -> None:
    day = book_day({T: (SPOT, [resting("A", 1001, 1)], [])})
    assert near_levels(day, *described(day, {T: LEVEL}, is_active=False), RULES) == []
    assert near_levels(day, *described(day, {T: LEVEL}, is_primary=False), RULES) == [
        (T, "pm_high")
    ]
    outside = book_day({T: (SPOT, [], [])}, surface_window_s=(T, T + 1))
    assert near_levels(outside, *described(outside, {T: LEVEL}), RULES) == []


# ---------------------------------------------------------------- features


def test_asks_between_spot_and_level_are_not_counted() -> None:
    """Nor are bids beyond the level."""
    seen = [resting("A", 1006, 5), resting("A", 1010, 7), resting("B", 999, 3)]
    between = [resting("A", 1003, 40, add_qty=9), resting("A", 1027, 8), resting("B", 985, 6)]
    assert at_level(seen) == at_level(seen + between)


def test_features_by_hand_at_a_level_above() -> None:
    """Asks 5 at 0, 7 at 4, 9 at 16 become 3, 7, 9; bids 4 and 8 at 6 and 9 under the level."""
    row = at_level(
        [
            ("A", 1006, {"depth_qty_start": 5, "depth_qty_end": 3, "pull_qty_rest": 2}),
            resting("A", 1010, 7, add_qty=1, pull_qty_total=1),
            resting("A", 1022, 9),
            resting("B", 1000, 4),
            resting("B", 997, 8),
        ]
    )
    start, end = (28 + 144) / 21, (28 + 144) / 19
    assert row["f1_ask_com_disp_log"] == pytest.approx(log((end + 1) / (start + 1)))
    assert row["f1_ask_slope_inner_log"] == pytest.approx(log(8 / 4))
    assert row["f1_ask_at_share_delta"] == pytest.approx(3 / 20 - 5 / 22)
    assert row["f2_ask_pull_add_log_rest"] == pytest.approx(log(3 / 2))
    assert row["f2_ask_at_pull_share_rest"] == pytest.approx(2 / 3)
    assert row["f3_bid_slope_convex_log"] == 0.0
    assert (row["f8_ask_bbo_dist_ticks"], row["f9_bid_bbo_dist_ticks"]) == (0.0, 6.0)
    assert row["u8_bid_com_approach_log"] == 0.0
    assert (row["k_ticks"], row["level_price_int"], row["approach_dir"]) == (
        6,
        LEVEL * TICK_INT,
        "approach_none",
    )


@pytest.mark.parametrize(
    ("side", "left", "entered", "share"),
    [
        ("A", 1010, 1008, 0.0),
        ("A", 1008, 1010, 3 / 4),
        # away from spot, but across the level: toward
        ("A", 1007, 1004, 0.0),
        # from between spot and level: outside the level's asks
        ("A", 1004, 1009, 0.5),
        ("A", 1027, 1028, 0.5),
        ("A", 1026, 1028, 3 / 4),
        ("B", 1000, 998, 3 / 4),
        ("B", 998, 1000, 0.0),
        ("B", 985, 984, 0.5),
    ],
)
def test_reprices_are_measured_against_the_level(
    side: str, left: int, entered: int, share: float
) -> None:
    row = at_level([resting("A", 1010, 1)], [(side, left, entered, 3)])
    name = "f1_ask" if side == "A" else "f3_bid"
    assert row[f"{name}_reprice_away_share_rest"] == share


def test_there_are_49_features_with_three_differences() -> None:
    row = at_level([resting("A", 1010, 1)])
    assert len(row) == 8 + 1 + 4 * 49
    assert {name.split("_")[0] for name in list(row)[9:]} > {"d1", "d2", "d3", "f1", "u19"}


def test_differences_stop_at_seconds_without_features() -> None:
    """Six seconds of growing pulls at the level; the third is invalid or too far away."""

    def rows(invalid: tuple[int, ...] = (), far: int | None = None) -> list[Row]:
        books = {
            T + n: (SPOT, [("A", 1010, {"pull_qty_rest": 2**n, "depth_qty_end": 1})], [])
            for n in range(7)
        }
        day = book_day(books, invalid)
        ticks = {T + n: 1101 if n == far else LEVEL for n in range(7)}
        found = level_vacuum_1s(day, *described(day, ticks), RULES)
        return [found[T + n, "pm_high"] for n in range(7) if (T + n, "pm_high") in found]

    name = "f2_ask_pull_add_log_rest"
    steps = [log((2**n + 1) / (2 ** (n - 1) + 1)) for n in range(1, 7)]
    whole = rows()
    assert [row[f"d1_{name}"] for row in whole] == [None, *map(pytest.approx, steps)]
    assert whole[6][f"d2_{name}"] == pytest.approx(steps[5] - steps[4])
    assert [row[f"d3_{name}"] is None for row in whole] == [True] * 3 + [False] * 4
    broken = rows(invalid=(T + 2,))
    assert [row[name] is None for row in broken] == [False, False, True] + [False] * 4
    assert [row[f"d1_{name}"] is None for row in broken] == [True, False, True, True] + [False] * 3
    assert [row[f"d3_{name}"] is None for row in broken] == [True] * 6 + [False]
    left = rows(far=2)
    assert len(left) == 6
    assert [row[f"d1_{name}"] is None for row in left] == [True, False, True] + [False] * 3


# ---------------------------------------------------------------- five seconds


def five_seconds(invalid: tuple[int, ...] = (), levels: dict[int, int] | None = None) -> list[Row]:
    """Spot runs from 1000 to 1004; an ask of 9 at 1008 is cut to 4, moved, and comes back."""
    cells = [
        [("A", 1008, {"depth_qty_start": 9, "depth_qty_end": 7, "pull_qty_rest": 2})],
        [("A", 1008, {"depth_qty_start": 7, "depth_qty_end": 4, "pull_qty_rest": 3})],
        [("A", 1008, {"depth_qty_start": 4, "pull_qty_rest": 4})],
        [("A", 1012, {"depth_qty_end": 6, "add_qty": 6})],
        [resting("A", 1012, 6), ("A", 1007, {"depth_qty_end": 5, "add_qty": 5})],
    ]
    moves = [[], [], [("A", 1008, 1012, 4)], [], [("A", 1010, 1008, 2)]]
    books = {T - 4 + n: (SPOT + n, cells[n], moves[n]) for n in range(5)}
    day = book_day(books, invalid)
    ticks = levels or dict.fromkeys(books, LEVEL)
    return list(mbo_level_vacuum_5s(day, *described(day, ticks), RULES).values())


def test_five_seconds_by_hand() -> None:
    """Start 9 at 2 ticks; end 5 at 1 and 6 at 6; pulls 9, adds 11; 4 moved away, 2 toward."""
    [row] = five_seconds()
    assert row["window_start_ts"] == timestamp_of(T - 5)
    assert (row["window_valid"], row["k_ticks"]) == (True, 2)
    assert row["f1_ask_com_disp_log"] == pytest.approx(log((41 / 11 + 1) / 3))
    assert row["f1_ask_at_share_delta"] == pytest.approx(5 / 12 - 9 / 10)
    assert row["f2_ask_pull_add_log_rest"] == pytest.approx(log(10 / 12))
    assert row["f2_ask_at_pull_share_rest"] == pytest.approx(9 / 10)
    assert row["f1_ask_reprice_away_share_rest"] == pytest.approx(4 / 7)
    assert row["f8_ask_bbo_dist_ticks"] == 1.0


def test_five_seconds_are_anchored_at_the_last_level() -> None:
    moved = dict.fromkeys(range(T - 4, T), LEVEL - 3) | {T: LEVEL}
    assert five_seconds(levels=moved) == five_seconds()
    # active from the last second on is enough; until the second before it is not
    assert five_seconds(levels={T: LEVEL}) == five_seconds()
    assert five_seconds(levels={T - 1: LEVEL}) == []


@pytest.mark.parametrize("bad", range(5))
def test_five_seconds_must_all_be_valid(bad: int) -> None:
    [row] = five_seconds(invalid=(T - bad,))
    assert row["window_valid"] is False
    assert {row[name] for name in FEATURES} == {None}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("jump", "is_valid"), [(44, True), (45, False)])
def test_five_seconds_must_all_reach_the_zone_of_the_level(
    jump: int, is_valid: bool, sign: int
) -> None:
    """The wall reaches 130 ticks from spot, the zone 20 from the level."""
    spots = [SPOT, SPOT, SPOT - sign * jump, SPOT, SPOT]
    books = {T - 4 + n: (spot, [resting("A", spot, 1)], []) for n, spot in enumerate(spots)}
    day = book_day(books)
    ticks = dict.fromkeys(books, SPOT + sign * 66)
    [row] = mbo_level_vacuum_5s(day, *described(day, ticks), RULES).values()
    assert row["window_valid"] is is_valid
    assert (row["f8_ask_bbo_dist_ticks"] is None) is not is_valid


@pytest.mark.parametrize("invalid", [False, True])
def test_differences_of_five_seconds_use_the_window_before(invalid: bool) -> None:
    """Pulls of 1, 3, 7, 15 in the windows; a bad second in the second window breaks the chain."""
    pulled = {-17: 1, -12: 3, -7: 7, -2: 15}
    books = {
        T + n: (SPOT, [("A", LEVEL, {"pull_qty_rest": pulled.get(n, 0), "add_qty": 0})], [])
        for n in range(-19, 1)
    }
    day = book_day(books, (T - 11,) if invalid else ())
    rows = mbo_level_vacuum_5s(day, *described(day, dict.fromkeys(books, LEVEL)), RULES)
    assert [end_s - T for end_s, _ in rows] == [-15, -10, -5, 0]
    name = "f2_ask_pull_add_log_rest"
    values = [rows[T + n, "pm_high"] for n in (-15, -10, -5, 0)]
    expected = [None, log(2), log(2), log(2)] if not invalid else [None, None, None, log(2)]
    assert [row[f"d1_{name}"] for row in values] == [
        None if step is None else pytest.approx(step) for step in expected
    ]
    assert values[3][f"d2_{name}"] == (None if invalid else pytest.approx(0.0, abs=1e-12))
    assert values[3][f"d3_{name}"] == (None if invalid else pytest.approx(0.0, abs=1e-12))


# ---------------------------------------------------------------- random books

START = datetime(2025, 10, 1, 14, 0)
SHAPE = BookShape(levels=60, wall_max_ticks=140)


@pytest.fixture(scope="module", params=[4, 5])
def books(request: pytest.FixtureRequest) -> Books:
    return random_books(request.param, 90, start=START, shape=SHAPE)


def describe(books: Books, level: int | None = None) -> list[dict[Any, Row]]:
    """Features at 1 s and 5 s and the corridor, at a fixed tick or at spot (None)."""
    day = day_of(books)
    rules = replace(RULES, symbol=books.symbol, dt=books.dt, tick_int=books.tick_int)
    ends = {s + 1: day.spot(s) for s in day.snapshot if day.spot(s) is not None}
    ticks = {e: spot // books.tick_int if level is None else level for e, spot in ends.items()}
    inputs = day, *described(day, ticks, rules), rules
    return [
        function(*inputs) for function in (level_vacuum_1s, mbo_level_vacuum_5s, level_corridor_1s)
    ]


def is_close(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return one == other


def test_a_level_at_spot_has_the_features_of_the_radar(books: Books) -> None:
    radar = radar_vacuum(day_of(books))
    rows, _, corridors = describe(books)
    assert len(rows) > 70
    assert corridors == {}
    names = [p + name for p in ("", "d1_", "d2_", "d3_") for name in FEATURES]
    for (end_s, _), row in rows.items():
        assert {name: row[name] for name in names} == {
            name: radar[end_s - 1][name] for name in names
        }


def test_translation_changes_nothing(books: Books) -> None:
    level = SHAPE.first_ticks + 7
    for one, other in zip(
        describe(books, level), describe(translated(books, 33), level + 33), strict=True
    ):
        assert len(one) > 10
        for key, row in one.items():
            changed = {name for name in row if not is_close(row[name], other[key][name])}
            assert changed <= {"level_price_int"}


def test_mirror_turns_asks_into_bids(books: Books) -> None:
    level, centre = SHAPE.first_ticks + 7, SHAPE.first_ticks
    flipped = mirrored(books, centre * books.tick_int)
    one, other = describe(books, level), describe(flipped, 2 * centre - level)
    names = {n: n.replace("f1_ask", "f3_bid").replace("f2_ask", "f4_bid") for n in FEATURES}
    names = {n: twin for n, twin in names.items() if n != twin}
    assert len(names) == 10
    for rows, twins in zip(one[:2], other[:2], strict=True):
        for key, row in rows.items():
            assert row["k_ticks"] == -twins[key]["k_ticks"]
            for name, twin in names.items():
                assert is_close(row[name], twins[key][twin])
    assert one[2].keys() == other[2].keys()
    for key, row in one[2].items():
        changed = {name for name in row if not is_close(row[name], other[2][key][name])}
        assert changed == {"level_price_int", "k_ticks"}


def test_nothing_at_or_after_an_instant_changes_its_features(books: Books) -> None:
    level, end_s = SHAPE.first_ticks + 7, second_of(START) + 60
    other = random_books(99, 90, start=START, shape=SHAPE)
    spliced = replace(
        books,
        **{
            name: [r for r in getattr(books, name) if second_of(r["window_end_ts"]) <= end_s]
            + [r for r in getattr(other, name) if second_of(r["window_end_ts"]) > end_s]
            for name in ("snapshot", "wall", "reprice")
        },
    )
    for one, two in zip(describe(books, level), describe(spliced, level), strict=True):
        past = {key: row for key, row in one.items() if key[0] <= end_s}
        assert past and past == {key: row for key, row in two.items() if key[0] <= end_s}
        assert one != two


def test_second_helper_matches_the_published_row() -> None:
    row = {
        "window_start_ts": timestamp_of(T - 1),
        "spot_ref_price_int": SPOT * TICK_INT,
        "mid_price_int": SPOT * TICK_INT,
        "invalid_flags": 8,
    }
    assert Second.of_row(row) == second(T, SPOT, flags=8)
