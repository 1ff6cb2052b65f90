"""The strips of scores below the prices, by hand."""

from __future__ import annotations

import pytest
from spymaster.hud.paint import paint_tables
from spymaster.hud.render import Look, score_strips
from support.hud_tables import END, SIZE, hud_tables

DARK = paint_tables()["themes"]["dark"]
BACKGROUND = tuple(DARK["background"][:3])
# rows of a strip from above
ROOM, SIGNAL, SCORE = slice(0, 2), slice(2, 4), slice(4, 20)
LIMITS = (80.0, 20.0)


def column(
    score: float | None, state: str | None = "WALL", signal: str | None = "NEUTRAL"
) -> list[tuple[int, ...]]:
    """Return the cells of the newest second of a strip, from above."""
    tables = hud_tables(
        {
            "snap": [(END - 1, 100, True), (END, 100, True)],
            "scores": [(END, "pm_high", 104, score, state, signal, *LIMITS)],
        }
    )
    strips = score_strips(tables, END, Look(SIZE))
    assert strips is not None
    assert strips.level_ids == ("pm_high",)
    image = strips.cells[::-1]
    assert image.shape == (20, SIZE.seconds + SIZE.future, 3)
    # nothing is known of the second before, and the future begins with a line
    assert (image[:, SIZE.seconds - 2] == BACKGROUND).all()
    assert (image[:, SIZE.seconds] == DARK["separator"][:3]).all()
    assert (image[:, SIZE.seconds + 1] == BACKGROUND).all()
    return [tuple(cell) for cell in image[:, SIZE.seconds - 1].tolist()]


@pytest.mark.parametrize(
    ("score", "filled"),
    [(0, 0), (3, 0), (3.125, 1), (9.3, 1), (9.375, 2), (84, 13), (97, 16), (100, 16)],
)
def test_bar_has_sixteen_rows_for_a_hundred_points(score: float, filled: int) -> None:
    cells = column(score)[SCORE]
    state = tuple(DARK["barrier_wall"][:3])
    assert [cell == state for cell in cells] == [row >= 16 - filled for row in range(16)]
    assert BACKGROUND not in cells


def test_limits_of_signals_are_lines_above_the_bar() -> None:
    cells = column(0)[SCORE]
    # 80 is 12.8 rows from below, 20 is 3.2
    lines = [row for row in range(16) if cells[row] != cells[0]]
    assert lines == [15 - 13, 15 - 3]
    assert cells[2] == cells[12]


@pytest.mark.parametrize("state", ["VACUUM", "WEAK", "CONSUMED", "NEUTRAL", "ABSORPTION", "WALL"])
def test_bar_has_the_colour_of_the_state(state: str) -> None:
    assert column(50, state)[19] == tuple(DARK[f"barrier_{state.lower()}"][:3])


@pytest.mark.parametrize(
    ("signal", "colour"), [("BREAK", "break"), ("REJECT", "reject"), ("CONTESTED", "contested")]
)
def test_signal_is_marked(signal: str, colour: str) -> None:
    assert column(50, signal=signal)[SIGNAL] == [tuple(DARK[colour][:3])] * 2
    assert column(50)[SIGNAL] == [column(0)[4]] * 2


def test_unknown_score_has_no_cells() -> None:
    assert set(column(None, None, None)) == {BACKGROUND}
    assert set(column(50)[ROOM]) == {BACKGROUND}


def test_the_highest_price_is_on_top_and_the_nearest_levels_are_kept() -> None:
    count = paint_tables()["grid"]["strips"]
    distances = [3 * number * (-1) ** number for number in range(count + 2)]
    rows = [
        (END - number % 2, f"level_{number}", 100 + ticks, 50.0, "WALL", "NEUTRAL", *LIMITS)
        for number, ticks in enumerate(distances)
    ]
    # a level that was far away and came near
    rows.append((END - 2, "level_1", 5_000, 50.0, "WALL", "NEUTRAL", *LIMITS))
    tables = hud_tables({"snap": [(END - back, 100, True) for back in range(3)], "scores": rows})
    strips = score_strips(tables, END, Look(SIZE))
    assert strips is not None
    kept = sorted(range(count), key=lambda number: -distances[number])
    assert strips.level_ids == tuple(f"level_{number}" for number in kept)


def test_scores_of_seconds_that_do_not_exist_are_left_out() -> None:
    scores = [(END - 1, "pm_high", 104, 50.0, "WALL", "NEUTRAL", *LIMITS)]
    tables = hud_tables({"snap": [(END, 100, True)], "scores": scores})
    strips = score_strips(tables, END, Look(SIZE))
    assert strips is not None
    assert strips.level_ids == ()
    assert strips.cells.shape == (0, SIZE.seconds + SIZE.future, 3)
