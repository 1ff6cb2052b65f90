"""Plain wall past a level: rungs count from the level, above and below spot alike."""

from __future__ import annotations

import pytest
from naive.levels_corridor import level_corridor_1s
from naive.levels_ladder import BEYOND_WALL, beyond_walls
from naive.levels_model import Row
from support.levels_market import RULES, Cell, at, book_day, described, resting

T = at("10:00:00")
SPOT, USUAL = 1000, 30
MIRROR = {"A": "B", "B": "A"}


def mirrored(cells: list[Cell]) -> list[Cell]:
    return [(MIRROR[side], 2 * SPOT - ticks, quantities) for side, ticks, quantities in cells]


NOTHING_KNOWN = dict.fromkeys(BEYOND_WALL)


def beyond(planted: dict[int, int], *, sense: int = 1, n_seconds: int = 60, **config: int) -> Row:
    """The wall past a level 6 ticks from spot, with contracts added at ticks past it."""
    ahead = {6 + distance: qty for distance, qty in planted.items()}
    cells = [resting("A", SPOT + n, ahead.get(n, USUAL)) for n in range(1, 46)]
    cells += [resting("B", SPOT - n, USUAL) for n in range(1, 46)]
    if sense < 0:
        cells = mirrored(cells)
    day = book_day({T - back: (SPOT, cells, []) for back in reversed(range(n_seconds))}, **config)
    levels, offsets = described(day, {T: SPOT + sense * 6})
    corridors = level_corridor_1s(day, levels, offsets, RULES)
    return beyond_walls(day, levels, corridors)[T, "pm_high"]


@pytest.mark.parametrize("sense", [1, -1])
@pytest.mark.parametrize(
    ("planted", "rung"),
    [
        ({0: 500}, 0),
        ({3: 500}, 0),
        ({4: 500}, 1),
        ({8: 500}, 2),
        ({15: 500}, 3),
        ({16: 500}, 4),
        ({19: 500}, 4),
        # the nearest of equal walls
        ({8: 500, 12: 500}, 2),
        ({8: 500, 12: 501}, 3),
    ],
)
def test_wall_past_the_level(planted: dict[int, int], rung: int, sense: int) -> None:
    depth = max(planted.values()) + 3 * USUAL
    assert beyond(planted, sense=sense) == {
        "beyond_wall_ratio": pytest.approx(depth / 4 / (USUAL + 1)),
        "beyond_wall_offset": sense * rung,
        "beyond_wall_depth": depth,
        "beyond_wall_from_ticks": 4 * rung,
        "beyond_wall_to_ticks": 4 * rung + 3,
    }


@pytest.mark.parametrize("sense", [1, -1])
@pytest.mark.parametrize("distance", [-1, -3, 20])
def test_depth_before_the_level_or_too_far_past_it_is_no_wall(distance: int, sense: int) -> None:
    plain = beyond({}, sense=sense)
    assert (plain["beyond_wall_offset"], plain["beyond_wall_depth"]) == (0, 4 * USUAL)
    assert beyond({distance: 500}, sense=sense) == plain


@pytest.mark.parametrize("sense", [1, -1])
def test_rungs_partly_outside_the_wall_are_unknown(sense: int) -> None:
    assert beyond({19: 500}, sense=sense, wall_max_ticks=24)["beyond_wall_offset"] == 0
    assert beyond({15: 500}, sense=sense, wall_max_ticks=24)["beyond_wall_offset"] == sense * 3


def test_without_a_usual_depth_there_is_no_wall() -> None:
    assert beyond({8: 500}, n_seconds=10) == NOTHING_KNOWN
