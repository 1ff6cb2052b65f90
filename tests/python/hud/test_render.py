"""The picture of a published file, pixel by pixel, by hand.

The newest second is the last of ``support.hud_lake``. Its spot is 26602, so that price ``tick``
lies in the row ``400 - (tick - 26602)`` from above and second ``s`` in the column
``1799 - (2459 - s)``, whatever spot was then.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from spymaster.hud import render_hud
from spymaster.hud.frame import Size
from spymaster.hud.layers import LAYERS
from spymaster.hud.paint import DepthScale, paint_tables
from spymaster.hud.render import Look
from spymaster_ingest.lake import Lake
from support import hud_lake

LAST = hud_lake.COUNT - 1
SPOT_NOW = 26_602
COLUMNS, FUTURE, ROWS = 1_800, 318, 801
DARK = paint_tables()["themes"]["dark"]
# 48,600 seconds from midnight to the start, and one more at the end of the first window
FIRST_SECOND = 48_601
# pixels of a row in the pictures of lines at the edges of rows: lines of one pixel in all seconds
TICK_PX = 6
SCALE = DepthScale(4, 128)
# place on a ramp from 4 to 128 contracts: of q contracts 32 * log2(q / 4) steps of 160
PLACE_OF_5, PLACE_OF_64, PLACE_OF_9 = 15, 204, 58


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return hud_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))


@pytest.fixture(scope="module")
def drawn(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Return the pixels of each layer alone, of none and of all, (801, 2118, 3)."""
    folder = tmp_path_factory.mktemp("pictures")
    chosen = {"none": (), "all": tuple(LAYERS)} | {name: (name,) for name in LAYERS}
    return {
        name: draw(lake, folder / f"{name}.png", Look(layers=layers, depth_scale=SCALE))
        for name, layers in chosen.items()
    }


@pytest.fixture(scope="module")
def edges(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Return the pixel of levels and of gamma in each row, (801, 2118, 3); others are empty."""
    folder, found = tmp_path_factory.mktemp("edges"), {}
    for name, own in (("levels", 0), ("gex", TICK_PX - 1)):
        image = draw(lake, folder / f"{name}.png", Look(layers=(name,)), TICK_PX)
        pixels = image.reshape(ROWS, TICK_PX, COLUMNS + FUTURE, 3)
        found[name] = pixels[:, own]
        assert (np.delete(pixels, own, axis=1) == DARK["background"][:3]).all()
    return found


def draw(lake: Lake, path: Path, look: Look, tick_px: int = 1) -> np.ndarray:
    of = hud_lake.SYMBOL, hud_lake.DAY
    render_hud(*of, None, path, lake=lake, look=look, tick_px=tick_px)
    return np.asarray(Image.open(path).convert("RGB"))


def over(rgba: list[int], under: list[int]) -> list[int]:
    """Return a colour over another, rounded as the contract says."""
    alpha = rgba[3]
    return [(rgba[i] * alpha + under[i] * (255 - alpha) + 127) // 255 for i in range(3)]


def column_of(second: int) -> int:
    return 1_799 - (LAST - second)


def row_of(tick: int) -> int:
    return 400 - (tick - SPOT_NOW)


def seen(rgba: list[int]) -> list[int]:
    """Return what a colour shows over the background."""
    return over(rgba, DARK["background"])


def depths(second: int) -> dict[int, tuple[int, int]]:
    """Return asks and bids by price within 100 ticks, from the words of ``hud_lake``."""
    spot = hud_lake.spot_tick(second)
    if spot is None:
        return {}
    own = {
        spot - 1: (0, 4 + second % 7),
        spot + 1: (2 + second % 5, 0),
        26_640: (64 + second % 50, 0),
        26_580: (0, 48 + second % 30),
        26_644: (9, 9),
        26_648: (0, 0),
    }
    if second == hud_lake.INVALID:
        own[spot + 1] = (2 + second % 5, 33)
    if second % 10:
        return own
    markers = [tick for tick in range(spot - 100, spot + 101) if tick % 4 == 0 and tick != spot]
    return {tick: (5, 0) if tick > spot else (0, 5) for tick in markers} | own


def test_size_is_that_of_the_screen(drawn: dict[str, np.ndarray]) -> None:
    assert {image.shape for image in drawn.values()} == {(ROWS, COLUMNS + FUTURE, 3)}
    assert (drawn["none"] == DARK["background"][:3]).all()


def test_wall_is_exact_in_every_pixel_within_reach(drawn: dict[str, np.ndarray]) -> None:
    steps = paint_tables()["depth_steps"]
    low, high = (sum(step <= qty for step in steps) for qty in (4, 128))
    colours = {
        (side, qty): seen(
            DARK["ramps"][name][
                min(max((sum(step <= qty for step in steps) - low) * 255 // (high - low), 0), 255)
            ]
        )
        for side, name in enumerate(("ask", "bid"))
        for qty in range(1, 130)
    }
    zero = seen(DARK["zero_depth"])
    for second in range(LAST - 1_799, LAST + 1):
        spot = hud_lake.spot_tick(second)
        column = drawn["wall"][:, column_of(second)]
        if spot is None:
            assert (column == DARK["background"][:3]).all()
            continue
        expected = np.tile(zero, (201, 1))
        for tick, (asks, bids) in depths(second).items():
            if asks or bids:
                side = 0 if asks >= bids else 1
                expected[spot + 100 - tick] = colours[side, max(asks, bids)]
        top = row_of(spot + 100)
        np.testing.assert_array_equal(column[top : top + 201], expected, str(second))
    assert (drawn["wall"][:, COLUMNS:] == DARK["background"][:3]).all()


@pytest.mark.parametrize(
    ("second", "spot", "tick", "x", "y", "side", "place"),
    [
        # markers: above and below spot, now and when it was elsewhere
        (2_450, 26_602, 26_624, 1_790, 378, "ask", PLACE_OF_5),
        (2_450, 26_602, 26_520, 1_790, 482, "bid", PLACE_OF_5),
        (2_060, 26_617, 26_680, 1_400, 322, "ask", PLACE_OF_5),
        (2_060, 26_617, 26_612, 1_400, 390, "bid", PLACE_OF_5),
        (800, 26_600, 26_604, 140, 398, "ask", PLACE_OF_5),
        # the wall of 64 contracts in the seconds divisible by 50, in one row throughout
        (700, 26_605, 26_640, 40, 362, "ask", PLACE_OF_64),
        (1_200, 26_620, 26_640, 540, 362, "ask", PLACE_OF_64),
        (2_450, 26_602, 26_640, 1_790, 362, "ask", PLACE_OF_64),
        # as many bids as asks
        (2_450, 26_602, 26_644, 1_790, 358, "ask", PLACE_OF_9),
    ],
)
def test_marker_is_in_its_pixel(
    drawn: dict[str, np.ndarray],
    second: int,
    spot: int,
    tick: int,
    x: int,
    y: int,
    side: str,
    place: int,
) -> None:
    assert hud_lake.spot_tick(second) == spot
    assert (column_of(second), row_of(tick)) == (x, y)
    assert drawn["wall"][y, x].tolist() == seen(DARK["ramps"][side][place])
    # neither the price above nor the one below holds anything
    assert drawn["wall"][y - 2, x].tolist() == seen(DARK["zero_depth"])
    assert drawn["wall"][y + 2, x].tolist() == seen(DARK["zero_depth"])


def test_markers_are_every_ten_seconds_and_four_ticks(drawn: dict[str, np.ndarray]) -> None:
    marker = seen(DARK["ramps"]["ask"][PLACE_OF_5])
    y, x = np.nonzero((drawn["wall"] == marker).all(axis=2))
    # the touch, which may hold 5 contracts too, is a tick above spot then
    ticks, seconds = SPOT_NOW + 400 - y, x + LAST - 1_799
    touch = np.array([hud_lake.spot_tick(int(second)) + 1 for second in seconds]) == ticks
    assert set(seconds[~touch] % 10) == {0}
    assert set(ticks[~touch] % 4) == {0}
    # about 25 prices above spot in each of 180 seconds, without the walls
    assert 180 * 18 < (~touch).sum() < 180 * 26


def test_spot_line_follows_spot_and_goes_on(drawn: dict[str, np.ndarray]) -> None:
    y, x = np.nonzero((drawn["spot"] == DARK["spot"][:3]).all(axis=2))
    found = dict(zip(x.tolist(), y.tolist(), strict=True))
    expected = {
        column_of(second): row_of(spot)
        for second in range(LAST - 1_799, LAST + 1)
        if (spot := hud_lake.spot_tick(second)) is not None
    } | dict.fromkeys(range(COLUMNS, COLUMNS + FUTURE), 400)
    assert len(x) == len(found)
    assert found == expected
    assert len(set(expected.values())) == 21


def test_missing_second_is_an_empty_column(drawn: dict[str, np.ndarray]) -> None:
    column = column_of(hud_lake.MISSING)
    assert column == 1_440
    alone = drawn["grid"][:, column]
    np.testing.assert_array_equal(drawn["all"][:, column], alone)
    for beside in (column - 1, column + 1):
        assert (drawn["all"][:, beside] != alone).any(axis=1).sum() > 200


def test_grid_lines_are_every_four_ticks_through_the_future(drawn: dict[str, np.ndarray]) -> None:
    lines = (drawn["grid"] == seen(DARK["grid_line"])).all(axis=2)
    assert (lines == lines[:, :1]).all()
    assert np.flatnonzero(lines[:, 0]).tolist() == [
        row for row in range(ROWS) if (SPOT_NOW + 400 - row) % 4 == 0
    ]


def test_null_is_transparent_and_zero_is_not(drawn: dict[str, np.ndarray]) -> None:
    background = DARK["background"][:3]
    unknown = [column_of(second) for second in hud_lake.NULL_SCORES]
    for layer in ("physics", "vacuum"):
        assert (drawn[layer][:, unknown] == background).all()
    # the share of (7 s + 13 ticks) mod 101 hundredths: 0 at 2457, 10 ticks below spot
    second, spot = 2_457, 26_602
    below = next(tick for tick in range(-20, 0) if (7 * second + 13 * tick) % 101 == 0)
    place = row_of(spot + below), column_of(second)
    vacuum = [*DARK["vacuum"][:3], paint_tables()["vacuum_zero_alpha"]]
    assert drawn["vacuum"][place].tolist() == seen(vacuum)
    assert drawn["vacuum"][place].tolist() != background
    assert drawn["physics"][place].tolist() == seen(DARK["ramps"]["ease"][128])
    assert drawn["physics"][place].tolist() != background


def test_scores_reach_twenty_ticks_from_spot_then(drawn: dict[str, np.ndarray]) -> None:
    for second in (700, 1_200, 2_459):
        spot = hud_lake.spot_tick(second)
        for layer in ("physics", "vacuum"):
            shown = (drawn[layer][:, column_of(second)] != DARK["background"][:3]).any(axis=1)
            expected = list(range(row_of(spot + 20), row_of(spot - 20) + 1))
            assert np.flatnonzero(shown).tolist() == expected


def test_invalid_second_is_hatched(drawn: dict[str, np.ndarray]) -> None:
    second = FIRST_SECOND + hud_lake.INVALID
    expected = np.array([DARK["background"][:3]] * ROWS)
    for row in range(ROWS):
        place = (second + SPOT_NOW + 400 - row) % 8
        if place < 2:
            expected[row] = seen(DARK["hatch" if place == 0 else "hatch_dark"])
    column = column_of(hud_lake.INVALID)
    np.testing.assert_array_equal(drawn["quality"][:, column], expected)
    # one without spot is invalid too
    touched = (drawn["quality"] == seen(DARK["hatch"])).all(axis=2).any(axis=0)
    assert np.flatnonzero(touched).tolist() == [column, column_of(hud_lake.NO_SPOT)]


def test_seconds_of_a_recording_gap_are_hatched(drawn: dict[str, np.ndarray]) -> None:
    gap = seen(DARK["gap"])
    # from the middle of 2160 into 2164
    expected = np.zeros((ROWS, COLUMNS + FUTURE), bool)
    for second in range(2_160, 2_165):
        for row in range(ROWS):
            place = (FIRST_SECOND + second - (SPOT_NOW + 400 - row)) % 8
            expected[row, column_of(second)] = place < 2
    np.testing.assert_array_equal((drawn["quality"] == gap).all(axis=2), expected)


def test_strike_off_the_grid_is_rounded_away_from_zero(edges: dict[str, np.ndarray]) -> None:
    """One strike lies at 26630, another half a tick above it."""
    second = 2_459
    column = edges["gex"][:, column_of(second)]
    rows = np.flatnonzero((column != DARK["background"][:3]).any(axis=1))
    known = [26_610 + 20 * place for place in range(-11, 12)] + [26_631]
    assert rows.tolist() == sorted(row_of(tick) for tick in known)
    assert hud_lake.OFF_TICK_STRIKE_INT == 26_630.5 * hud_lake.TICK_INT


def test_strikes_without_exposure_are_lines_but_no_heat(
    drawn: dict[str, np.ndarray], edges: dict[str, np.ndarray]
) -> None:
    """The outermost strikes have no options, so that their gamma is not known."""
    line = seen(DARK["strike_line"])
    future = drawn["strikes"][:, COLUMNS:]
    assert (future == future[:, :1]).all()
    rows = np.flatnonzero((future[:, 0] == line).all(axis=1))
    listed = [26_610 + 20 * place for place in range(-12, 13)] + [26_631]
    assert rows.tolist() == sorted(row_of(tick) for tick in listed)
    for tick in (26_610 - 240, 26_610 + 240):
        assert (edges["gex"][row_of(tick)] == DARK["background"][:3]).all()


def test_exposure_has_the_hue_of_its_larger_part(edges: dict[str, np.ndarray]) -> None:
    # 2459 % 60 = 59 and 2459 % 40 = 19: calls 159 + 3 k, puts 119 - 3 k at strike k
    largest = 100.0 + 59 + 100.0 + 39
    thresholds = paint_tables()["gex_alpha_steps"]
    for place, name in ((-11, "gex_put"), (0, "gex_call"), (11, "gex_call")):
        ratio = (159 + 3 * place + 119 - 3 * place) / largest
        alpha = 40 + sum(step <= ratio for step in thresholds)
        colour = seen([*DARK[name][:3], alpha])
        assert edges["gex"][row_of(26_610 + 20 * place), column_of(2_459)].tolist() == colour
    # a second without gamma
    empty = edges["gex"][:, column_of(hud_lake.NO_GEX)]
    assert (empty == DARK["background"][:3]).all()


def test_levels_are_lines_and_dashed_while_provisional(edges: dict[str, np.ndarray]) -> None:
    line = (edges["levels"] == seen(DARK["level"])).all(axis=2)
    assert line[row_of(26_640)].sum() == COLUMNS + FUTURE - 1
    high = line[row_of(26_622)]
    for second in range(LAST - 1_799, LAST + 1):
        solid = second > hud_lake.PROVISIONAL_UNTIL
        dashed = (FIRST_SECOND + second) % 8 < 4
        expected = second != hud_lake.MISSING and (solid or dashed)
        assert high[column_of(second)] == expected, second
    assert high[COLUMNS:].all()


def test_lines_leave_most_of_a_low_row_alone(drawn: dict[str, np.ndarray]) -> None:
    """In rows of one pixel a level takes two seconds of eight, gamma another one."""
    line = (drawn["levels"] == seen(DARK["level"])).all(axis=2)
    level = np.flatnonzero(line[row_of(26_640)])
    second = FIRST_SECOND + LAST - 1_799 + level
    assert set(second % 8) == {0, 1}
    row = drawn["gex"][row_of(26_610)]
    at = np.flatnonzero((row != DARK["background"][:3]).any(axis=1))
    assert set((FIRST_SECOND + LAST - 1_799 + at) % 8) == {4}
    assert len(at) == pytest.approx(COLUMNS / 8, abs=2)


def test_depth_takes_the_range_of_the_picture(lake: Lake, tmp_path: Path) -> None:
    """Two depths of a hundred lie below the range, two above."""
    seconds = range(LAST - 1_799, LAST + 1)
    found = sorted(
        qty for second in seconds for sides in depths(second).values() for qty in sides if qty
    )
    far = [
        5
        for second in seconds
        if second % 30 == 0 and hud_lake.spot_tick(second) is not None
        for _ in (-150, 150)
    ]
    found = sorted(found + far)
    low, high = (found[int(share * (len(found) - 1))] for share in (0.02, 0.98))
    automatic = draw(lake, tmp_path / "a.png", Look(layers=("wall",)))
    fixed = Look(layers=("wall",), depth_scale=DepthScale(low, high))
    np.testing.assert_array_equal(automatic, draw(lake, tmp_path / "b.png", fixed))
    other = Look(layers=("wall",), depth_scale=DepthScale(low, high + 20))
    assert (automatic != draw(lake, tmp_path / "c.png", other)).any()


def test_trades_have_the_colour_of_the_aggressor(drawn: dict[str, np.ndarray]) -> None:
    """Buyers lift the offer twice, sellers hit the bid once, in every third second."""
    second, spot = 2_457, 26_602
    column = drawn["trades"][:, column_of(second)]
    colours = {
        row_of(spot + 1): DARK["buy"],
        row_of(spot - 1): DARK["sell"],
        row_of(spot + 2): DARK["no_aggressor"],
        row_of(spot): DARK["buy"],
    }
    for row, colour in colours.items():
        assert column[row].tolist() == colour[:3]
    assert (column != DARK["background"][:3]).any(axis=1).sum() == 4
    assert (drawn["trades"][:, column_of(2_458)] == DARK["background"][:3]).all()


def test_separator_is_the_first_column_of_the_future(drawn: dict[str, np.ndarray]) -> None:
    drawn_columns = (drawn["separator"] != DARK["background"][:3]).any(axis=(0, 2))
    assert np.flatnonzero(drawn_columns).tolist() == [COLUMNS]
    assert (drawn["all"][:, COLUMNS] == DARK["separator"][:3]).all()


def test_two_pictures_are_byte_identical(lake: Lake, tmp_path: Path) -> None:
    for name in ("one", "two"):
        draw(lake, tmp_path / f"{name}.png", Look())
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_surfaces_that_the_build_left_out_are_not_drawn(lake: Lake, tmp_path: Path) -> None:
    without = ("silver.gex_surface_1s", "silver.levels_1s")
    smaller = hud_lake.write_lake(Lake(tmp_path / "lake"), count=100, without=without)
    names = ("gex", "strikes", "levels")
    image = draw(smaller, tmp_path / "a.png", Look(layers=names))
    assert (image == DARK["background"][:3]).all()
    assert (draw(smaller, tmp_path / "b.png", Look(layers=tuple(LAYERS))) != image).any()


def test_end_moves_the_picture(lake: Lake, tmp_path: Path) -> None:
    second = 2_060
    end = hud_lake.window_end(second).replace(tzinfo=dt.UTC)
    path = tmp_path / "then.png"
    newest = render_hud(
        hud_lake.SYMBOL,
        hud_lake.DAY,
        int(end.timestamp()),
        path,
        lake=lake,
        look=Look(layers=("wall", "spot"), depth_scale=SCALE),
        second_px=2,
        tick_px=3,
    )
    assert newest == int(end.timestamp())
    image = np.asarray(Image.open(path).convert("RGB"))
    assert image.shape == (3 * ROWS, 2 * (COLUMNS + FUTURE), 3)
    # spot 26617 is in the middle, the wall of asks 23 ticks above it
    block = image[3 * 400 : 3 * 401, 2 * 1_799 : 2 * 1_800]
    assert (block == DARK["spot"][:3]).all()
    qty = 64 + second % 50
    step = sum(step <= qty for step in paint_tables()["depth_steps"])
    colour = seen(DARK["ramps"]["ask"][(step - 65) * 255 // 160])
    assert (image[3 * 377 : 3 * 378, 2 * 1_799 : 2 * 1_800] == colour).all()


def test_trades_are_bubbles_by_size(lake: Lake, tmp_path: Path) -> None:
    """A quarter of the brightest depth reaches a row up and down, pixel by pixel."""
    tick_px, second_px = 6, 3
    of = hud_lake.SYMBOL, hud_lake.DAY, None
    images = {}
    for name, high in (("none", 1_000), ("all", 4)):
        path = tmp_path / f"{name}.png"
        look = Look(Size(40, 7, 20), layers=("trades",), depth_scale=DepthScale(1, high))
        render_hud(*of, path, lake=lake, look=look, second_px=second_px, tick_px=tick_px)
        images[name] = np.asarray(Image.open(path).convert("RGB"))
    expected = images["none"].astype(np.int64)
    # whole rows of cells alone
    cells = expected.reshape(41, tick_px, 47, second_px, 3)
    assert (cells == cells[:, :1, :, :1]).all()
    for at in range(LAST - 39, LAST + 1):
        spot = hud_lake.spot_tick(at)
        if at % 3:
            continue
        sizes = [1 + (at + place) % 5 for place in range(5)]
        trades = {
            spot - 1: (sizes[1], "sell"),
            spot: (sizes[4], "buy"),
            spot + 1: (sizes[0] + sizes[2], "buy"),
            spot + 2: (sizes[3], "no_aggressor"),
        }
        for tick, (qty, colour) in trades.items():
            # contracts times 4 of 4, in rows of six pixels, at most three rows
            radius = min(3 * tick_px, int((qty * tick_px**2) ** 0.5))
            y = (SPOT_NOW + 20 - tick) * tick_px + tick_px // 2
            x = (39 - (LAST - at)) * second_px + second_px // 2
            down, along = np.ogrid[: expected.shape[0], : expected.shape[1]]
            inside = (down - y) ** 2 + (along - x) ** 2 <= radius**2
            over_ = np.array(DARK[colour][:3]) * 110 + expected[inside] * 145
            expected[inside] = (over_ + 127) // 255
    np.testing.assert_array_equal(images["all"], expected)
