"""Plain corridor, ladder and wide rows on scripted books."""

from __future__ import annotations

from math import log

import pytest
from naive.levels_corridor import (
    CORRIDOR_COLUMNS,
    level_corridor_1s,
    wide_row,
)
from naive.levels_model import Row
from support.levels_market import (
    RULES,
    TICK_INT,
    Cell,
    at,
    book_day,
    described,
    resting,
    timestamp_of,
)

T = at("10:00:00")
SPOT, LEVEL = 1000, 1006


def corridor_of(cells: list[Cell], level: int = LEVEL, invalid: tuple[int, ...] = ()) -> Row:
    day = book_day({T: (SPOT, cells, [])}, invalid)
    return level_corridor_1s(day, *described(day, {T: level}), RULES)[T, "pm_high"]


def mirrored(cells: list[Cell]) -> list[Cell]:
    swap = {"A": "B", "B": "A"}
    return [(swap[side], 2 * SPOT - ticks, quantities) for side, ticks, quantities in cells]


# corridor 1001 ... 1005, beyond 1006 ... 1026, spot depth 1001 ... 1020, behind 999 ... 980
CELLS = [
    resting("A", 1000, 99),
    resting("A", 1001, 10, add_qty=5, pull_qty_total=10, fill_qty=15),
    resting("A", 1005, 5),
    resting("A", 1006, 21, add_qty=42, pull_qty_total=63, fill_qty=84),
    resting("A", 1020, 4),
    resting("A", 1021, 1),
    resting("A", 1026, 16),
    resting("A", 1027, 77),
    resting("B", 1000, 88, pull_qty_total=50),
    resting("B", 999, 30, add_qty=1, pull_qty_total=7),
    resting("B", 980, 10, add_qty=2),
    resting("B", 979, 66, pull_qty_total=9),
]
BY_HAND = {
    "symbol": "ESZ5",
    "dt": RULES.dt,
    "window_start_ts": timestamp_of(T - 1),
    "window_end_ts": timestamp_of(T),
    "level_id": "pm_high",
    "level_price_int": LEVEL * RULES.tick_int,
    "k_ticks": 6,
    "window_valid": True,
    "corridor_len_ticks": 5,
    "corridor_depth_per_tick": 3.0,
    "corridor_add_per_tick": 1.0,
    "corridor_pull_per_tick": 2.0,
    "corridor_fill_per_tick": 3.0,
    "beyond_depth_per_tick": 2.0,
    "beyond_add_per_tick": 2.0,
    "beyond_pull_per_tick": 3.0,
    "beyond_fill_per_tick": 4.0,
    "spot_depth_per_tick": 2.0,
    "corridor_rel_depth": 1.0,
    "beyond_rel_depth": 2 / 3,
    "beyond_corridor_log": pytest.approx(log(3 / 4)),
    "beyond_max_depth": 21,
    "beyond_max_rho": 0,
    "behind_depth_per_tick": 2.0,
    "behind_pull_add_log": pytest.approx(log(8 / 4)),
    "behind_add_qty": 3,
    "behind_pull_qty": 7,
}


def test_corridor_by_hand() -> None:
    assert corridor_of(CELLS) == BY_HAND


def test_corridor_below_mirrors_the_corridor_above() -> None:
    below = 2 * SPOT - LEVEL
    place = {"level_price_int": below * RULES.tick_int, "k_ticks": -6}
    assert corridor_of(mirrored(CELLS), below) == BY_HAND | place


def test_planted_wall_two_points_past_the_level_is_beyond_and_not_in_the_corridor() -> None:
    plain = [resting("A", ticks, 2) for ticks in range(1001, 1040)]
    planted = [*(cell for cell in plain if cell[1] != 1014), resting("A", 1014, 500)]
    before, after = corridor_of(plain), corridor_of(planted)
    assert (after["beyond_max_depth"], after["beyond_max_rho"]) == (500, 8)
    assert after["beyond_depth_per_tick"] == pytest.approx(2 + 498 / 21)
    assert after["corridor_depth_per_tick"] == before["corridor_depth_per_tick"] == 2.0


@pytest.mark.parametrize(("ticks", "nearest"), [((1008, 1012), 2), ((1026, 1007), 1), ((), 0)])
def test_nearest_of_equal_walls(ticks: tuple[int, ...], nearest: int) -> None:
    row = corridor_of([resting("A", 1001, 1), *(resting("A", tick, 50) for tick in ticks)])
    assert (row["beyond_max_depth"], row["beyond_max_rho"]) == (50 if ticks else 0, nearest)


def test_next_to_the_level_there_is_no_corridor() -> None:
    row = corridor_of(CELLS, SPOT + 1)
    empty = {name for name, value in row.items() if value is None}
    assert empty == {
        "corridor_depth_per_tick",
        "corridor_add_per_tick",
        "corridor_pull_per_tick",
        "corridor_fill_per_tick",
        "corridor_rel_depth",
        "beyond_corridor_log",
    }
    assert row["corridor_len_ticks"] == 0
    # 1001 ... 1021: 10 + 5 + 21 + 4 + 1
    assert row["beyond_depth_per_tick"] == 41 / 21


def test_at_the_level_there_is_no_row() -> None:
    with pytest.raises(KeyError):
        corridor_of(CELLS, SPOT)


def test_invalid_second_has_a_row_without_measures() -> None:
    row = corridor_of(CELLS, invalid=(T,))
    assert {row[name] for name in CORRIDOR_COLUMNS} == {None}
    assert row["corridor_len_ticks"] == 5


# ---------------------------------------------------------------- wide


def test_level_features_get_the_name_of_their_level() -> None:
    by_level = {"pm_high": {"f1": 1.0}, "or_low": {"f1": None}}
    assert wide_row(by_level, {"atm_iv": 0.2}) == {
        "atm_iv": 0.2,
        "pm_high_f1": 1.0,
        "or_low_f1": None,
    }
    with pytest.raises(ValueError, match="f1"):
        wide_row(by_level, {"f1": 0.2})


def test_prices_of_the_scripts_are_on_the_grid() -> None:
    day = book_day({T: (SPOT, CELLS, [])})
    assert {price % TICK_INT for _, price in day.wall[T - 1]} == {0}
